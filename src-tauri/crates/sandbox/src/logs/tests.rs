use serde_json::{Value, json};

use crate::cloudtrail::testing::Bench;

async fn ask(bench: &Bench, operation: &str, input: Value) -> Value {
    bench.ask("logs", operation, input).await
}

async fn code(bench: &Bench, operation: &str, input: Value) -> String {
    bench.code("logs", operation, input).await
}

#[tokio::test]
async fn groups_are_made_found_and_deleted() {
    let bench = Bench::new();
    for name in ["/a/one", "/a/two", "/b/Three"] {
        ask(
            &bench,
            "CreateLogGroup",
            json!({"logGroupName": name, "tags": {"a": "b"}}),
        )
        .await;
    }
    let again = json!({"logGroupName": "/a/one"});
    assert_eq!(
        code(&bench, "CreateLogGroup", again.clone()).await,
        "ResourceAlreadyExistsException"
    );
    let page = ask(&bench, "DescribeLogGroups", json!({"limit": 2})).await;
    assert_eq!(page["logGroups"][1]["logGroupName"], "/a/two");
    let arn = "arn:aws:logs:eu-west-1:111111111111:log-group:/a/one";
    assert_eq!(page["logGroups"][0]["logGroupArn"], arn);
    assert_eq!(page["logGroups"][0]["arn"], format!("{arn}:*"));
    let next = json!({"limit": 2, "nextToken": page["nextToken"]});
    let page = ask(&bench, "DescribeLogGroups", next).await;
    assert_eq!(page["logGroups"][0]["logGroupName"], "/b/Three");
    assert!(page.get("nextToken").is_none());
    let found = ask(
        &bench,
        "DescribeLogGroups",
        json!({"logGroupNamePattern": "Three"}),
    )
    .await;
    assert_eq!(found["logGroups"].as_array().unwrap().len(), 1);
    assert!(found["logGroups"][0].get("storedBytes").is_none());
    let other = json!({"logGroupNamePattern": "three"});
    let found = ask(&bench, "DescribeLogGroups", other).await;
    assert_eq!(found["logGroups"], json!([]));
    let tags = ask(&bench, "ListTagsForResource", json!({"resourceArn": arn})).await;
    assert_eq!(tags, json!({"tags": {"a": "b"}}));
    let days = |days: i64| json!({"logGroupName": "/a/one", "retentionInDays": days});
    assert_eq!(
        code(&bench, "PutRetentionPolicy", days(2)).await,
        "InvalidParameterException"
    );
    assert_eq!(code(&bench, "PutRetentionPolicy", days(7)).await, "ok");
    let protect = |on: bool| json!({"logGroupIdentifier": arn, "deletionProtectionEnabled": on});
    ask(&bench, "PutLogGroupDeletionProtection", protect(true)).await;
    assert_eq!(
        code(&bench, "DeleteLogGroup", again.clone()).await,
        "ValidationException"
    );
    ask(&bench, "PutLogGroupDeletionProtection", protect(false)).await;
    ask(&bench, "DeleteLogGroup", again.clone()).await;
    assert_eq!(
        code(&bench, "DeleteLogGroup", again).await,
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn events_are_put_paged_and_filtered() {
    let bench = Bench::new();
    let now = super::millis(bench.sandbox.now());
    let place = json!({"logGroupName": "g", "logStreamName": "s"});
    ask(&bench, "CreateLogGroup", json!({"logGroupName": "g"})).await;
    assert_eq!(
        code(
            &bench,
            "CreateLogStream",
            json!({"logGroupName": "h", "logStreamName": "s"})
        )
        .await,
        "ResourceNotFoundException"
    );
    ask(&bench, "CreateLogStream", place.clone()).await;
    let events: Vec<Value> = (0..5)
        .map(|turn| json!({"timestamp": now - 5_000 + turn, "message": format!("event {turn}")}))
        .collect();
    let mut put = place.clone();
    put["logEvents"] = json!(events);
    let answer = ask(&bench, "PutLogEvents", put.clone()).await;
    assert!(answer.get("rejectedLogEventsInfo").is_none());
    put["logEvents"] = json!([events[1], events[0]]);
    assert_eq!(
        code(&bench, "PutLogEvents", put.clone()).await,
        "InvalidParameterException"
    );
    put["logEvents"] = json!([{"timestamp": now - 15 * 86_400_000, "message": "old"}]);
    let answer = ask(&bench, "PutLogEvents", put.clone()).await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooOldLogEventEndIndex": 1})
    );
    put["logEvents"] = json!([{"timestamp": now - 30 * 3_600_000, "message": "a"}, events[0]]);
    assert_eq!(
        code(&bench, "PutLogEvents", put.clone()).await,
        "InvalidParameterException"
    );
    put["logEvents"] = json!([events[0], {"timestamp": now + 3 * 3_600_000, "message": "new"}]);
    let answer = ask(&bench, "PutLogEvents", put).await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooNewLogEventStartIndex": 1})
    );

    let mut input = place.clone();
    input["startFromHead"] = json!(true);
    input["limit"] = json!(4);
    let mut seen = Vec::new();
    loop {
        let page = ask(&bench, "GetLogEvents", input.clone()).await;
        seen.extend(
            page["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["message"].clone()),
        );
        if input.get("nextToken") == Some(&page["nextForwardToken"]) {
            break;
        }
        input["nextToken"] = page["nextForwardToken"].clone();
    }
    let expected = [
        "event 0", "event 0", "event 1", "event 2", "event 3", "event 4",
    ];
    assert_eq!(seen, expected);
    let mut input = place;
    input["limit"] = json!(2);
    let page = ask(&bench, "GetLogEvents", input.clone()).await;
    assert_eq!(page["events"][1]["message"], "event 4");
    input["nextToken"] = page["nextBackwardToken"].clone();
    let page = ask(&bench, "GetLogEvents", input).await;
    assert_eq!(page["events"][1]["message"], "event 2");

    let mut input = json!({"logGroupName": "g", "filterPattern": "event -3", "limit": 3});
    let page = ask(&bench, "FilterLogEvents", input.clone()).await;
    assert_eq!(page["events"].as_array().unwrap().len(), 3);
    input["nextToken"] = page["nextToken"].clone();
    let page = ask(&bench, "FilterLogEvents", input.clone()).await;
    assert_eq!(page["events"][0]["message"], "event 2");
    assert!(page.get("nextToken").is_none());
    input["filterPattern"] = json!("event");
    assert_eq!(
        code(&bench, "FilterLogEvents", input).await,
        "InvalidParameterException"
    );

    let mut input =
        json!({"logGroupName": "g", "startTime": now - 60_000, "limit": 4, "startFromHead": false});
    let mut seen = Vec::new();
    loop {
        let page = ask(&bench, "FilterLogEvents", input.clone()).await;
        let events = page["events"].as_array().unwrap().clone();
        seen.extend(events.iter().map(|event| event["message"].clone()));
        match page.get("nextToken") {
            // It goes on the same way whatever is said beside it.
            Some(token) => input["nextToken"] = token.clone(),
            None => break,
        }
        input.as_object_mut().unwrap().remove("startFromHead");
    }
    assert!(seen.iter().eq(expected.iter().rev()), "{seen:?}");
    let input = json!({"logGroupName": "g", "startFromHead": false});
    assert_eq!(
        code(&bench, "FilterLogEvents", input).await,
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn the_key_of_a_group_has_to_be_one() {
    let bench = Bench::new();
    let key = bench.ask("kms", "CreateKey", json!({})).await["KeyMetadata"]["Arn"].clone();
    let group = |key: &Value| json!({"logGroupName": "g", "kmsKeyId": key});
    assert_eq!(
        code(&bench, "CreateLogGroup", group(&json!("alias/a"))).await,
        "InvalidParameterException"
    );
    assert_eq!(
        code(&bench, "CreateLogGroup", group(&key)).await,
        "InvalidParameterException"
    );
    let root = json!({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"});
    let own = json!({"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111111111111:log-group:g"});
    let service = json!({
        "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
        "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*", "Condition": {"ArnEquals": own},
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [root, service]}).to_string();
    let put = json!({"KeyId": key, "Policy": policy});
    bench.ask("kms", "PutKeyPolicy", put).await;
    let mut other = group(&key);
    other["logGroupName"] = json!("h");
    assert_eq!(
        code(&bench, "CreateLogGroup", other).await,
        "InvalidParameterException"
    );
    ask(&bench, "CreateLogGroup", group(&key)).await;
    let found = ask(&bench, "DescribeLogGroups", json!({})).await;
    assert_eq!(found["logGroups"][0]["kmsKeyId"], key);
    bench.ask("kms", "DisableKey", json!({"KeyId": key})).await;
    assert_eq!(
        code(&bench, "AssociateKmsKey", group(&key)).await,
        "InvalidParameterException"
    );
    ask(&bench, "DisassociateKmsKey", json!({"logGroupName": "g"})).await;
    let found = ask(&bench, "DescribeLogGroups", json!({})).await;
    assert!(found["logGroups"][0].get("kmsKeyId").is_none());
}
