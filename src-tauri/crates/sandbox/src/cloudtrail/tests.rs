mod services;

use std::time::Duration;

use serde_json::{Value, json};

use super::testing::Bench;

async fn lookup(bench: &Bench, input: Value) -> Vec<Value> {
    let answer = bench.ask("cloudtrail", "LookupEvents", input).await;
    answer["Events"].as_array().unwrap().clone()
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

fn inside(event: &Value) -> Value {
    serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn what_was_done_is_found() {
    let bench = Bench::new();
    let made = bench
        .ask("kms", "CreateKey", json!({"Description": "d"}))
        .await;
    let (id, arn) = (&made["KeyMetadata"]["KeyId"], &made["KeyMetadata"]["Arn"]);
    bench
        .ask(
            "kms",
            "Encrypt",
            json!({"KeyId": id, "Plaintext": "c2VjcmV0"}),
        )
        .await;
    bench.ask("kms", "DisableKey", json!({"KeyId": id})).await;
    bench
        .code(
            "kms",
            "Encrypt",
            json!({"KeyId": id, "Plaintext": "c2VjcmV0"}),
        )
        .await;

    let events = lookup(&bench, attribute("EventSource", "kms.amazonaws.com")).await;
    let names: Vec<_> = events
        .iter()
        .map(|event| event["EventName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Encrypt", "DisableKey", "Encrypt", "CreateKey"]);
    assert!(
        !events
            .iter()
            .any(|event| event.to_string().contains("c2VjcmV0"))
    );

    let created = inside(&events[3]);
    assert_eq!(created["requestParameters"], json!({"description": "d"}));
    assert_eq!(created["responseElements"]["keyMetadata"]["keyId"], *id);
    assert_eq!(created["userIdentity"]["userName"], "administrator");
    assert_eq!(created["userIdentity"]["accessKeyId"], "111111111111");
    assert_eq!(created["userAgent"], "bench/1");
    assert_eq!(created["readOnly"], false);
    let resource = json!({"accountId": "111111111111", "type": "AWS::KMS::Key", "ARN": arn});
    assert_eq!(created["resources"], json!([resource]));

    let refused = inside(&events[0]);
    assert_eq!(refused["errorCode"], "DisabledException");
    assert_eq!(refused["responseElements"], Value::Null);
    assert_eq!(refused["resources"], json!([resource]));
    assert_eq!(
        inside(&events[1])["responseElements"],
        json!({"keyId": arn})
    );

    for (key, value, count) in [
        ("EventName", "Encrypt", 2),
        ("ReadOnly", "false", 2),
        ("ResourceName", arn.as_str().unwrap(), 4),
        ("ResourceType", "AWS::KMS::Key", 4),
        ("Username", "nobody", 0),
        ("EventId", events[2]["EventId"].as_str().unwrap(), 1),
    ] {
        assert_eq!(
            lookup(&bench, attribute(key, value)).await.len(),
            count,
            "{key}"
        );
    }
    let other = Bench {
        region: "eu-central-1",
        ..bench
    };
    assert_eq!(lookup(&other, json!({})).await, Vec::<Value>::new());
}

#[tokio::test]
async fn pages_go_on_with_their_own_request() {
    let bench = Bench::new();
    for _ in 0..5 {
        bench.ask("kms", "ListKeys", json!({})).await;
    }
    let mut input = attribute("EventName", "ListKeys");
    input["MaxResults"] = json!(2);
    let mut seen = Vec::new();
    loop {
        let page = bench.ask("cloudtrail", "LookupEvents", input.clone()).await;
        seen.extend(
            page["Events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["EventId"].clone()),
        );
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let token = input["NextToken"].clone();
    for (input, code) in [
        (json!({"NextToken": token}), "InvalidNextTokenException"),
        (json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        (
            json!({"StartTime": 2, "EndTime": 1}),
            "InvalidTimeRangeException",
        ),
        (
            attribute("Colour", "red"),
            "InvalidLookupAttributesException",
        ),
        (
            json!({"EventCategory": "data"}),
            "InvalidEventCategoryException",
        ),
    ] {
        assert_eq!(bench.code("cloudtrail", "LookupEvents", input).await, code);
    }
    bench.sandbox.advance(Duration::from_secs(91 * 86_400));
    assert_eq!(
        lookup(&bench, attribute("EventName", "ListKeys"))
            .await
            .len(),
        0
    );
}

#[tokio::test]
async fn iam_has_its_events_in_one_region() {
    let bench = Bench::new();
    bench
        .query("iam", "Action=CreateUser&UserName=zoe".into())
        .await;
    bench
        .query("iam", "Action=CreateAccessKey&UserName=zoe".into())
        .await;
    bench
        .query("iam", "Action=GetUser&UserName=nobody".into())
        .await;
    assert_eq!(lookup(&bench, json!({})).await.len(), 0);
    let bench = Bench {
        region: "us-east-1",
        ..bench
    };
    let events = lookup(&bench, attribute("EventSource", "iam.amazonaws.com")).await;
    assert_eq!(inside(&events[0])["errorCode"], "NoSuchEntityException");
    let key = &inside(&events[1])["responseElements"]["accessKey"];
    assert!(key["accessKeyId"].is_string() && key.get("secretAccessKey").is_none());
    let user = attribute("ResourceName", "zoe");
    assert_eq!(lookup(&bench, user).await.len(), 2);
}

/// Lets the trail `all-of-it` write.
fn bucket_policy(bucket: &str) -> String {
    let allow = |action: &str, resource: String, conditions: Value| {
        json!({
            "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action, "Resource": resource, "Condition": {"StringEquals": conditions},
        })
    };
    let trail = "arn:aws:cloudtrail:eu-west-1:111111111111:trail/all-of-it";
    let bucket = format!("arn:aws:s3:::{bucket}");
    let files = format!("{bucket}/AWSLogs/111111111111/*");
    let acl = "bucket-owner-full-control";
    let statements = [
        allow("s3:GetBucketAcl", bucket, json!({"aws:SourceArn": trail})),
        allow(
            "s3:PutObject",
            files,
            json!({"aws:SourceArn": trail, "s3:x-amz-acl": acl}),
        ),
    ];
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[tokio::test]
async fn a_trail_delivers_to_a_log_group_as_its_role_may() {
    let bench = Bench::new();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let encoded = crate::encoding::percent_encode(trust.as_bytes());
    bench
        .query(
            "iam",
            format!("Action=CreateRole&RoleName=trail&AssumeRolePolicyDocument={encoded}"),
        )
        .await;
    bench
        .ask("logs", "CreateLogGroup", json!({"logGroupName": "trail"}))
        .await;
    bench.make_bucket("bucket").await;
    let trail = json!({
        "Name": "all-of-it",
        "S3BucketName": "bucket",
        "CloudWatchLogsLogGroupArn": "arn:aws:logs:eu-west-1:111111111111:log-group:trail:*",
        "CloudWatchLogsRoleArn": "arn:aws:iam::111111111111:role/trail",
    });
    let made = async |bench: &Bench| bench.code("cloudtrail", "CreateTrail", trail.clone()).await;
    assert_eq!(made(&bench).await, "InsufficientS3BucketPolicyException");
    let put = bench.s3("PUT", "/bucket?policy", bucket_policy("bucket"));
    assert_eq!(put.await.0, 204);
    assert_eq!(made(&bench).await, "InvalidCloudWatchLogsRoleArnException");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:eu-west-1:111111111111:log-group:trail:log-stream:111111111111_CloudTrail_eu-west-1*"}]}"#;
    let encoded = crate::encoding::percent_encode(policy.as_bytes());
    let put = format!("Action=PutRolePolicy&RoleName=trail&PolicyName=p&PolicyDocument={encoded}");
    bench.query("iam", put).await;
    assert_eq!(made(&bench).await, "ok");
    let name = json!({"Name": "all-of-it"});
    bench.ask("cloudtrail", "StartLogging", name.clone()).await;
    bench.ask("kms", "CreateKey", json!({})).await;
    let filter = json!({
        "logGroupName": "trail",
        "filterPattern": r#"{ ($.eventName = "CreateKey") && ($.errorCode NOT EXISTS) }"#,
    });
    let found = bench.ask("logs", "FilterLogEvents", filter.clone()).await;
    assert_eq!(found["events"].as_array().unwrap().len(), 1);
    assert_eq!(
        found["events"][0]["logStreamName"],
        "111111111111_CloudTrail_eu-west-1"
    );

    let reads_only =
        json!({"TrailName": "all-of-it", "EventSelectors": [{"ReadWriteType": "ReadOnly"}]});
    bench
        .ask("cloudtrail", "PutEventSelectors", reads_only)
        .await;
    bench.ask("kms", "CreateKey", json!({})).await;
    bench
        .query(
            "iam",
            "Action=DeleteRolePolicy&RoleName=trail&PolicyName=p".into(),
        )
        .await;
    bench.ask("kms", "ListKeys", json!({})).await;
    let status = bench
        .ask("cloudtrail", "GetTrailStatus", name.clone())
        .await;
    assert_eq!(
        status["LatestCloudWatchLogsDeliveryError"],
        "Access denied."
    );
    let found = bench.ask("logs", "FilterLogEvents", filter).await;
    assert_eq!(found["events"].as_array().unwrap().len(), 1);
    bench.ask("cloudtrail", "DeleteTrail", name.clone()).await;
    assert_eq!(
        bench.code("cloudtrail", "GetTrail", name).await,
        "TrailNotFoundException"
    );
}
