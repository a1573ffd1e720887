use std::time::Duration;

use serde_json::{Value, json};

use crate::cloudtrail::testing::Bench;

async fn ask(bench: &Bench, operation: &str, input: Value) -> Value {
    bench.ask("monitoring", operation, input).await
}

fn alarm(dimensions: Value) -> Value {
    json!({
        "AlarmName": "a", "Namespace": "Mine", "MetricName": "m", "Dimensions": dimensions,
        "Statistic": "Minimum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5,
        "ComparisonOperator": "LessThanThreshold",
    })
}

async fn state(bench: &Bench) -> String {
    let found = ask(bench, "DescribeAlarms", json!({"AlarmNamePrefix": "a"})).await;
    found["MetricAlarms"][0]["StateValue"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn an_alarm_follows_its_metric() {
    let bench = Bench::new();
    let dimensions = json!([{"Name": "d", "Value": "1"}]);
    ask(&bench, "PutMetricAlarm", alarm(dimensions.clone())).await;
    assert_eq!(state(&bench).await, "INSUFFICIENT_DATA");
    let put = |value: f64| {
        let datum = json!({"MetricName": "m", "Dimensions": dimensions, "Value": value});
        json!({"Namespace": "Mine", "MetricData": [datum]})
    };
    ask(&bench, "PutMetricData", put(9.0)).await;
    assert_eq!(state(&bench).await, "OK");
    ask(&bench, "PutMetricData", put(4.0)).await;
    assert_eq!(state(&bench).await, "ALARM");
    let set = json!({"AlarmName": "a", "StateValue": "OK", "StateReason": "r"});
    ask(&bench, "SetAlarmState", set).await;
    assert_eq!(state(&bench).await, "OK");
    bench.sandbox.advance(Duration::from_secs(120));
    assert_eq!(state(&bench).await, "INSUFFICIENT_DATA");
    let history = json!({"AlarmName": "a", "HistoryItemType": "StateUpdate"});
    let history = ask(&bench, "DescribeAlarmHistory", history).await;
    let items = history["AlarmHistoryItems"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    assert_eq!(
        items[0]["HistorySummary"],
        "Alarm updated from OK to INSUFFICIENT_DATA"
    );

    let now = bench.sandbox.now().unix_timestamp();
    let asked = |period: i64| {
        json!({
            "Namespace": "Mine", "MetricName": "m", "Dimensions": dimensions, "Period": period,
            "StartTime": now - 3600, "EndTime": now + 60, "Statistics": ["Sum", "SampleCount"],
        })
    };
    let longest = i64::MAX / 60 * 60;
    let answer = ask(&bench, "GetMetricStatistics", asked(longest)).await;
    assert_eq!(answer["Datapoints"].as_array().map(Vec::len), Some(1));
    let answer = ask(&bench, "GetMetricStatistics", asked(3_600)).await;
    let points = answer["Datapoints"].as_array().unwrap();
    let sum: f64 = points
        .iter()
        .map(|point| point["Sum"].as_f64().unwrap())
        .sum();
    assert!((sum - 13.0).abs() < 1e-9);
    let found = ask(&bench, "ListMetrics", json!({"Namespace": "Mine"})).await;
    assert_eq!(found["Metrics"][0]["Dimensions"], dimensions);
    let names = json!({"AlarmNames": ["a", "unknown"]});
    ask(&bench, "DeleteAlarms", names).await;
    let again = json!({"AlarmNames": ["a"]});
    assert_eq!(
        bench.code("monitoring", "DeleteAlarms", again).await,
        "ResourceNotFound"
    );
}

#[tokio::test]
async fn an_alarm_rings_before_material_expires() {
    let bench = Bench::new();
    let made = bench
        .ask("kms", "CreateKey", json!({"Origin": "EXTERNAL"}))
        .await;
    let id = &made["KeyMetadata"]["KeyId"];
    let mut input = alarm(json!([{"Name": "KeyId", "Value": id}]));
    input["Namespace"] = json!("AWS/KMS");
    input["MetricName"] = json!("SecondsUntilKeyMaterialExpiration");
    input["Threshold"] = json!(86_400);
    input["ComparisonOperator"] = json!("LessThanOrEqualToThreshold");
    ask(&bench, "PutMetricAlarm", input).await;
    assert_eq!(state(&bench).await, "INSUFFICIENT_DATA");
    bench
        .import(id.as_str().unwrap(), Duration::from_secs(3 * 86_400))
        .await;
    assert_eq!(state(&bench).await, "OK");
    let found = ask(&bench, "ListMetrics", json!({"Namespace": "AWS/KMS"})).await;
    assert_eq!(
        found["Metrics"][0]["Dimensions"],
        json!([{"Name": "KeyId", "Value": id}])
    );
    bench.sandbox.advance(Duration::from_secs(2 * 86_400 + 60));
    assert_eq!(state(&bench).await, "ALARM");
    bench.sandbox.advance(Duration::from_secs(86_400));
    assert_eq!(state(&bench).await, "INSUFFICIENT_DATA");
}

#[tokio::test]
async fn the_metric_of_a_key_is_known_by_its_id_alone() {
    let bench = Bench::new();
    let made = bench
        .ask("kms", "CreateKey", json!({"Origin": "EXTERNAL"}))
        .await;
    let (id, arn) = (&made["KeyMetadata"]["KeyId"], &made["KeyMetadata"]["Arn"]);
    let alias = json!({"AliasName": "alias/a", "TargetKeyId": id});
    bench.ask("kms", "CreateAlias", alias).await;
    let month = Duration::from_secs(30 * 86_400);
    bench.import(id.as_str().unwrap(), month).await;
    bench.sandbox.advance(Duration::from_secs(86_400));
    let now = bench.sandbox.now().unix_timestamp();
    for (name, known) in [(id, true), (arn, false), (&json!("alias/a"), false)] {
        let asked = json!({
            "Namespace": "AWS/KMS", "MetricName": "SecondsUntilKeyMaterialExpiration",
            "Dimensions": [{"Name": "KeyId", "Value": name}], "Statistics": ["Minimum"],
            "Period": 3600, "StartTime": now - 40 * 86_400, "EndTime": now,
        });
        let answer = ask(&bench, "GetMetricStatistics", asked).await;
        let count = answer["Datapoints"].as_array().unwrap().len();
        // Before it was made there was nothing to measure.
        assert_eq!((24..=26).contains(&count), known, "{name}: {count}");
    }
}

#[tokio::test]
async fn values_are_paged_over_all_queries_of_a_request() {
    let bench = Bench::new();
    let now = bench.sandbox.now().unix_timestamp();
    let points: Vec<Value> = (0..10)
        .map(|turn| json!({"MetricName": "m", "Timestamp": now - 60 * turn, "Value": turn}))
        .collect();
    let put = json!({"Namespace": "Mine", "MetricData": points});
    ask(&bench, "PutMetricData", put).await;
    let query = |id: &str| {
        let metric = json!({"Namespace": "Mine", "MetricName": "m"});
        json!({"Id": id, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}})
    };
    let mut input = json!({
        "MetricDataQueries": [query("a"), query("b")], "MaxDatapoints": 6,
        "StartTime": 0, "EndTime": now + 60,
    });
    let mut pages = Vec::new();
    loop {
        let page = ask(&bench, "GetMetricData", input.clone()).await;
        let results = page["MetricDataResults"].as_array().unwrap().iter();
        let told = |result: &Value| {
            let count = result["Values"].as_array().unwrap().len();
            (result["Id"].clone(), count, result["StatusCode"].clone())
        };
        pages.push(results.map(told).collect::<Vec<_>>());
        match page.get("NextToken") {
            Some(token) => input["NextToken"] = token.clone(),
            None => break,
        }
    }
    let part = |id: &str, count, state: &str| (json!(id), count, json!(state));
    assert_eq!(
        pages,
        [
            vec![part("a", 6, "PartialData")],
            vec![part("a", 4, "Complete"), part("b", 2, "PartialData")],
            vec![part("b", 6, "PartialData")],
            vec![part("b", 2, "Complete")],
        ]
    );
    input["EndTime"] = json!(now);
    let code = bench.code("monitoring", "GetMetricData", input).await;
    assert_eq!(code, "InvalidNextToken");
}

#[tokio::test]
async fn what_is_no_alarm_is_refused() {
    let bench = Bench::new();
    for (member, value) in [
        ("Period", json!(45)),
        ("Statistic", json!("Median")),
        ("ComparisonOperator", json!("About")),
        ("EvaluationPeriods", json!(0)),
        ("EvaluationPeriods", json!(10_000)),
        ("Threshold", Value::Null),
        ("AlarmName", json!("")),
        ("AlarmActions", json!(["no"])),
        ("TreatMissingData", json!("guess")),
    ] {
        let mut input = alarm(json!([]));
        input[member] = value;
        let code = bench.code("monitoring", "PutMetricAlarm", input).await;
        assert_eq!(code, "ValidationError", "{member}");
    }
}
