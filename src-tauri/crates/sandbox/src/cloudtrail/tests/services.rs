//! What services of AWS do: by themselves, for somebody, and what they are let do.

use super::*;

const KMS: &str = "kms.amazonaws.com";

/// The events of this name, oldest first.
async fn named(bench: &Bench, name: &str) -> Vec<Value> {
    let found = lookup(bench, attribute("EventName", name)).await;
    found.iter().rev().map(inside).collect()
}

async fn made(bench: &Bench, input: Value) -> (String, String) {
    let made = bench.ask("kms", "CreateKey", input).await;
    let word = |name: &str| made["KeyMetadata"][name].as_str().unwrap().to_owned();
    (word("KeyId"), word("Arn"))
}

#[tokio::test]
async fn what_kms_does_by_itself_is_told_at_its_time() {
    let bench = Bench::new();
    let (imported, _) = made(&bench, json!({"Origin": "EXTERNAL"})).await;
    bench
        .import(&imported, Duration::from_secs(2 * 86_400))
        .await;
    let (native, arn) = made(&bench, json!({})).await;
    let describe = json!({ "KeyId": native });
    let first = bench.ask("kms", "DescribeKey", describe.clone()).await;
    bench.ask("kms", "RotateKeyOnDemand", describe).await;
    let enable = json!({"KeyId": native, "RotationPeriodInDays": 90});
    bench.ask("kms", "EnableKeyRotation", enable).await;
    let (doomed, gone) = made(&bench, json!({})).await;
    let days = json!({"KeyId": doomed, "PendingWindowInDays": 7});
    let scheduled = bench.ask("kms", "ScheduleKeyDeletion", days).await;
    bench.sandbox.advance(Duration::from_secs(91 * 86_400));

    let rotations = named(&bench, "RotateKey").await;
    let kinds: Vec<_> = rotations
        .iter()
        .map(|event| {
            event["serviceEventDetails"]["rotationType"]
                .as_str()
                .unwrap()
        })
        .collect();
    // The one on demand was more than 90 days ago.
    assert_eq!(kinds, ["AUTOMATIC"]);
    let event = &rotations[0];
    let internal = "AWS Internal";
    let who = json!({"accountId": "111111111111", "invokedBy": internal});
    assert_eq!(event["userIdentity"], who);
    assert_eq!(event["sourceIPAddress"], internal);
    assert_eq!(event["eventType"], "AwsServiceEvent");
    assert_eq!(event["readOnly"], false);
    assert_eq!(event["resources"][0]["ARN"], arn);
    assert!(event.get("requestID").is_none());
    let details = &event["serviceEventDetails"];
    assert_eq!(details["keyId"], native);
    assert_ne!(
        details["previousKeyMaterialId"],
        first["KeyMetadata"]["CurrentKeyMaterialId"]
    );

    // Both were longer ago than the rotation, though found out about together.
    let expired = named(&bench, "DeleteExpiredKeyMaterial").await;
    assert_eq!(expired[0]["serviceEventDetails"]["keyId"], imported);
    let deleted = lookup(&bench, attribute("ResourceName", &gone)).await;
    let deleted = deleted
        .iter()
        .find(|event| event["EventName"] == "DeleteKey")
        .unwrap();
    let told = |value: &Value| value.as_f64().unwrap().floor();
    assert_eq!(
        told(&deleted["EventTime"]),
        told(&scheduled["DeletionDate"])
    );
    assert!(deleted.get("Username").is_none());
    let order = lookup(&bench, attribute("EventSource", KMS)).await;
    let order: Vec<_> = order
        .iter()
        .map(|event| event["EventName"].as_str().unwrap())
        .take(3)
        .collect();
    assert_eq!(
        order,
        ["RotateKey", "DeleteKey", "DeleteExpiredKeyMaterial"]
    );
}

#[tokio::test]
async fn what_s3_asks_of_kms_for_somebody_is_told() {
    let bench = Bench::new();
    let (_, arn) = made(&bench, json!({})).await;
    bench.make_bucket("bucket").await;
    let rule = format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{arn}</KMSMasterKeyID>\
         </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>"
    );
    bench.s3("PUT", "/bucket?encryption", rule).await;
    let (status, body) = bench.s3("PUT", "/bucket/a", "hello".to_owned()).await;
    assert_eq!(status, 200, "{body}");
    bench.s3("GET", "/bucket/a", String::new()).await;
    bench
        .ask("kms", "DisableKey", json!({ "KeyId": arn }))
        .await;
    bench.s3("GET", "/bucket/a", String::new()).await;

    let s3 = "fas.s3.amazonaws.com";
    let context = json!({"aws:s3:arn": "arn:aws:s3:::bucket/a"});
    let sealed = &named(&bench, "GenerateDataKey").await[0];
    let opened = named(&bench, "Decrypt").await;
    for event in [sealed, &opened[0], &opened[1]] {
        assert_eq!(event["userIdentity"]["invokedBy"], s3);
        assert_eq!(event["userIdentity"]["userName"], "administrator");
        assert_eq!(event["sourceIPAddress"], s3);
        assert_eq!(event["userAgent"], s3);
        assert_eq!(event["readOnly"], true);
        assert_eq!(event["eventType"], "AwsApiCall");
        assert_eq!(event["requestParameters"]["encryptionContext"], context);
    }
    assert_eq!(sealed["requestParameters"]["keyId"], arn);
    assert_eq!(sealed["resources"][0]["ARN"], arn);
    let material = &sealed["additionalEventData"]["keyMaterialId"];
    assert_eq!(material, &opened[0]["additionalEventData"]["keyMaterialId"]);
    assert!(material.is_string());
    assert_eq!(opened[1]["errorCode"], "DisabledException");
}

#[tokio::test]
async fn a_trail_needs_its_bucket_and_its_key() {
    let bench = Bench::new();
    let (_, arn) = made(&bench, json!({})).await;
    let with = |more: Value| {
        let mut trail = json!({"Name": "all-of-it", "S3BucketName": "bucket"});
        let members = more.as_object().unwrap().clone();
        trail.as_object_mut().unwrap().extend(members);
        trail
    };
    let code =
        async |operation: &str, more: Value| bench.code("cloudtrail", operation, with(more)).await;
    let create = "CreateTrail";
    assert_eq!(
        code(create, json!({})).await,
        "S3BucketDoesNotExistException"
    );
    bench.make_bucket("bucket").await;
    let insufficient = "InsufficientS3BucketPolicyException";
    assert_eq!(code(create, json!({})).await, insufficient);
    let put = bench.s3("PUT", "/bucket?policy", bucket_policy("bucket"));
    assert_eq!(put.await.0, 204);
    assert_eq!(
        code(create, json!({"S3KeyPrefix": "p"})).await,
        insufficient
    );
    assert_eq!(
        code(create, json!({"SnsTopicName": "t"})).await,
        "InsufficientSnsTopicPolicyException"
    );
    assert_eq!(
        code(create, json!({"KmsKeyId": "alias/none"})).await,
        "KmsKeyNotFoundException"
    );
    let key = json!({ "KmsKeyId": arn });
    assert_eq!(
        code(create, key.clone()).await,
        "InsufficientEncryptionPolicyException"
    );
    assert_eq!(code(create, json!({})).await, "ok");
    let root = json!({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"});
    let service = json!({
        "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [root, service]}).to_string();
    let put = json!({"KeyId": arn, "Policy": policy});
    bench.ask("kms", "PutKeyPolicy", put).await;
    assert_eq!(code("UpdateTrail", key.clone()).await, "ok");
    bench
        .ask("kms", "DisableKey", json!({ "KeyId": arn }))
        .await;
    assert_eq!(code("UpdateTrail", key).await, "KmsException");

    let trail = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/all-of-it";
    let tag = |key: &str| json!({"ResourceId": trail, "TagsList": [{"Key": key, "Value": "v"}]});
    for key in ["a", "b"] {
        bench.ask("cloudtrail", "AddTags", tag(key)).await;
    }
    assert_eq!(
        bench.code("cloudtrail", "AddTags", tag("aws:a")).await,
        "InvalidTagParameterException"
    );
    bench.ask("cloudtrail", "RemoveTags", tag("a")).await;
    let list = json!({"ResourceIdList": [trail]});
    let listed = bench.ask("cloudtrail", "ListTags", list).await;
    assert_eq!(
        listed["ResourceTagList"][0]["TagsList"],
        json!([{"Key": "b", "Value": "v"}])
    );
}

#[tokio::test]
async fn what_kms_does_in_another_region_is_told_there() {
    let mut bench = Bench::new();
    let (id, _) = made(&bench, json!({"MultiRegion": true})).await;
    let replicate = json!({"KeyId": id, "ReplicaRegion": "us-west-2"});
    bench.ask("kms", "ReplicateKey", replicate).await;
    let update = json!({"KeyId": id, "PrimaryRegion": "us-west-2"});
    bench.ask("kms", "UpdatePrimaryRegion", update).await;
    let here = named(&bench, "UpdatePrimaryRegion").await;
    bench.region = "us-west-2";
    let arn = format!("arn:aws:kms:us-west-2:111111111111:key/{id}");
    for name in ["CreateKey", "UpdatePrimaryRegion"] {
        let event = &named(&bench, name).await[0];
        assert_eq!(event["userIdentity"]["invokedBy"], "kms.amazonaws.com");
        assert_eq!(event["awsRegion"], "us-west-2");
        assert_eq!(event["resources"][0]["ARN"], arn);
        assert_ne!(event["eventID"], here[0]["eventID"]);
    }
}
