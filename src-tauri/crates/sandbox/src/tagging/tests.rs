//! The search by tags over the whole way, with the keys of the seeded company.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::sigv4::testing::signed;
use crate::{Options, Sandbox};

struct Client(Sandbox);

impl Client {
    fn new() -> Self {
        Self(Sandbox::new(Options {
            randomness: Some(5),
            ..Options::default()
        }))
    }

    async fn ask_as(
        &self,
        key_id: &str,
        service: &str,
        target: &str,
        input: &Value,
    ) -> Result<Value, String> {
        let request = Request::post(format!("https://{service}.us-east-1.amazonaws.com/"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let now = OffsetDateTime::now_utc();
        let request = signed(request, key_id, "test", "us-east-1", service, now);
        let response = self.0.handle(request).await.unwrap();
        let status = response.status();
        let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        if status == 200 {
            return Ok(answer);
        }
        Err(answer["__type"].as_str().unwrap_or_default().to_owned())
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, String> {
        let target = format!("ResourceGroupsTaggingAPI_20170126.{operation}");
        self.ask_as("test", "tagging", &target, &input).await
    }

    async fn s3(&self, path: &str, body: &str) {
        let request = Request::put(format!("https://s3.us-east-1.amazonaws.com{path}"))
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let now = OffsetDateTime::now_utc();
        let request = signed(request, "test", "test", "us-east-1", "s3", now);
        let response = self.0.handle(request).await.unwrap();
        assert!(response.status().is_success(), "{:?}", response.body());
    }

    async fn iam(&self, action: &str) -> String {
        let request = Request::post("https://iam.amazonaws.com/")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("Version=2010-05-08&Action={action}")))
            .unwrap();
        let now = OffsetDateTime::now_utc();
        let request = signed(request, "test", "test", "us-east-1", "iam", now);
        let response = self.0.handle(request).await.unwrap();
        let xml = String::from_utf8(response.body().to_vec()).unwrap();
        assert_eq!(response.status(), 200, "{xml}");
        xml
    }

    async fn make_key(&self, tags: Value) -> String {
        let input = json!({ "Tags": tags });
        let made = self
            .ask_as("test", "kms", "TrentService.CreateKey", &input)
            .await;
        made.unwrap()["KeyMetadata"]["Arn"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn found(&self, input: Value) -> Vec<String> {
        let answer = self.ask("GetResources", input).await.unwrap();
        let list = answer["ResourceTagMappingList"].as_array().unwrap();
        let arns = list.iter().map(|one| one["ResourceARN"].as_str().unwrap());
        arns.map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn keys_are_found_by_their_tags() {
    let client = Client::new();
    let blue = json!([
        { "TagKey": "colour", "TagValue": "blue" }, { "TagKey": "shape", "TagValue": "round" }
    ]);
    let blue = client.make_key(blue).await;
    let red = client
        .make_key(json!([{ "TagKey": "colour", "TagValue": "red" }]))
        .await;
    client.make_key(json!([])).await;
    let filter = |values: Value| json!({ "TagFilters": [{ "Key": "colour", "Values": values }] });
    assert_eq!(
        client.found(filter(json!(["blue"]))).await,
        std::slice::from_ref(&blue)
    );
    assert_eq!(client.found(filter(json!([]))).await.len(), 2);
    assert!(client.found(filter(json!(["BLUE"]))).await.is_empty());
    let both = json!({ "TagFilters": [{ "Key": "colour" }, { "Key": "shape" }] });
    assert_eq!(client.found(both).await, std::slice::from_ref(&blue));
    let typed =
        |kind: &str| json!({ "TagFilters": [{ "Key": "colour" }], "ResourceTypeFilters": [kind] });
    assert_eq!(client.found(typed("kms:key")).await.len(), 2);
    assert_eq!(client.found(typed("kms")).await.len(), 2);
    assert!(client.found(typed("kms:alias")).await.is_empty());
    assert!(client.found(typed("s3")).await.is_empty());
    let named = json!({ "ResourceARNList": [red, "arn:aws:kms:us-east-1:111111111111:key/none"] });
    assert_eq!(client.found(named).await, std::slice::from_ref(&red));
    let keys = client.ask("GetTagKeys", json!({})).await.unwrap();
    assert!(
        keys["TagKeys"]
            .as_array()
            .unwrap()
            .contains(&json!("shape"))
    );
    let values = client
        .ask("GetTagValues", json!({ "Key": "colour" }))
        .await
        .unwrap();
    assert_eq!(values["TagValues"], json!(["blue", "red"]));
}

#[tokio::test]
async fn pages_have_everything_once() {
    let client = Client::new();
    for _ in 0..7 {
        client
            .make_key(json!([{ "TagKey": "batch", "TagValue": "1" }]))
            .await;
    }
    let mut input = json!({ "TagFilters": [{ "Key": "batch" }], "ResourcesPerPage": 3 });
    let mut all = Vec::new();
    loop {
        let page = client.ask("GetResources", input.clone()).await.unwrap();
        let list = page["ResourceTagMappingList"].as_array().unwrap();
        assert!(list.len() <= 3);
        all.extend(list.iter().map(|one| one["ResourceARN"].to_string()));
        match page["PaginationToken"].as_str().unwrap() {
            "" => break,
            token => input["PaginationToken"] = token.into(),
        }
    }
    assert!(all.is_sorted());
    assert_eq!(all.len(), 7);
}

#[tokio::test]
async fn tags_are_changed_by_the_services_of_what_bears_them() {
    let client = Client::new();
    let key = client.make_key(json!([])).await;
    let missing = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-0000-0000-000000000000";
    let other = "arn:aws:sqs:us-east-1:111111111111:queue";
    let input = json!({ "ResourceARNList": [key, missing, other], "Tags": { "team": "blue" } });
    let answer = client.ask("TagResources", input).await.unwrap();
    let failed = answer["FailedResourcesMap"].as_object().unwrap();
    assert_eq!(failed.len(), 2);
    assert_eq!(failed[missing]["ErrorCode"], "InvalidParameterException");
    let filter = json!({ "TagFilters": [{ "Key": "team", "Values": ["blue"] }] });
    assert_eq!(
        client.found(filter.clone()).await,
        std::slice::from_ref(&key)
    );
    let input = json!({ "ResourceARNList": [key], "TagKeys": ["team"] });
    let answer = client.ask("UntagResources", input).await.unwrap();
    assert_eq!(answer["FailedResourcesMap"], json!({}));
    assert!(client.found(filter).await.is_empty());
}

#[tokio::test]
async fn all_that_the_sandbox_has_can_be_tagged_and_but_for_users_and_roles_is_found() {
    let client = Client::new();
    let clusters = "BaldrApiService.DescribeClusters";
    let clusters = client
        .ask_as("test", "cloudhsm", clusters, &json!({}))
        .await;
    let cluster = clusters.unwrap()["Clusters"][0]["ClusterId"].clone();
    let cluster = cluster.as_str().unwrap();
    let group = json!({ "logGroupName": "/app" });
    let create = "Logs_20140328.CreateLogGroup";
    client.ask_as("test", "logs", create, &group).await.unwrap();
    let policy = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::trails", "arn:aws:s3:::trails/*"],
    }});
    client.s3("/trails", "").await;
    client.s3("/trails?policy", &policy.to_string()).await;
    let create = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.CreateTrail";
    let trail = json!({ "Name": "all", "S3BucketName": "trails" });
    let made = client.ask_as("test", "cloudtrail", create, &trail).await;
    let trail = made.unwrap()["TrailARN"].clone();
    for action in [
        "CreateUser&UserName=anna&Path=/team/",
        "CreateInstanceProfile&InstanceProfileName=web",
        "CreateOpenIDConnectProvider&Url=https%3A%2F%2Fid.example.com",
    ] {
        client.iam(action).await;
    }
    let found = [
        &format!("arn:aws:cloudhsm:us-east-1:111111111111:cluster/{cluster}"),
        trail.as_str().unwrap(),
        "arn:aws:iam::111111111111:instance-profile/web",
        "arn:aws:iam::111111111111:oidc-provider/id.example.com",
        "arn:aws:logs:us-east-1:111111111111:log-group:/app",
        "arn:aws:organizations::111111111111:root/o-acme4k7w2p/r-acme",
    ];
    let user = "arn:aws:iam::111111111111:user/team/anna";
    let elsewhere = "arn:aws:iam::111111111111:user/anna";
    let arns = [&found[..], &[user, elsewhere]].concat();
    let input = json!({ "ResourceARNList": arns, "Tags": { "team": "blue" } });
    let answer = client.ask("TagResources", input).await.unwrap();
    let failed = answer["FailedResourcesMap"].as_object().unwrap();
    assert!(
        failed.len() == 1 && failed.contains_key(elsewhere),
        "{answer}"
    );
    let filter = json!({ "TagFilters": [{ "Key": "team", "Values": ["blue"] }] });
    assert_eq!(client.found(filter.clone()).await, found);
    let tags = client.iam("ListUserTags&UserName=anna").await;
    assert!(tags.contains("blue"), "{tags}");
    let input = json!({ "ResourceARNList": arns[..7], "TagKeys": ["team"] });
    let answer = client.ask("UntagResources", input).await.unwrap();
    assert_eq!(answer["FailedResourcesMap"], json!({}));
    assert!(client.found(filter).await.is_empty());
}

#[tokio::test]
async fn what_does_not_fit_and_who_may_not_is_refused() {
    let client = Client::new();
    for (operation, input) in [
        ("GetResources", json!({ "ResourcesPerPage": 101 })),
        ("GetResources", json!({ "ResourcesPerPage": 0 })),
        ("GetResources", json!({ "TagsPerPage": 99 })),
        ("GetResources", json!({ "PaginationToken": "%" })),
        (
            "GetResources",
            json!({ "TagFilters": [{ "Values": ["x"] }] }),
        ),
        (
            "GetResources",
            json!({ "ResourceARNList": ["arn:x"], "ResourcesPerPage": 1 }),
        ),
        ("GetResources", json!({ "ResourceTypeFilters": [":key"] })),
        ("GetResources", json!({ "ExcludeCompliantResources": true })),
        ("GetTagValues", json!({})),
        (
            "TagResources",
            json!({ "ResourceARNList": ["x"], "Tags": { "a": "b" } }),
        ),
        (
            "TagResources",
            json!({ "ResourceARNList": [], "Tags": { "a": "b" } }),
        ),
        (
            "UntagResources",
            json!({ "ResourceARNList": ["arn:aws:kms:us-east-1:1:key/1"] }),
        ),
    ] {
        let refused = client.ask(operation, input.clone()).await.unwrap_err();
        assert_eq!(refused, "InvalidParameterException", "{operation} {input}");
    }
    let target = "ResourceGroupsTaggingAPI_20170126.TagResources";
    let input = json!({
        "ResourceARNList": ["arn:aws:kms:us-east-1:111111111111:key/1"], "Tags": { "a": "b" }
    });
    let auditor = crate::AUDITOR_KEY_ID;
    let refused = client.ask_as(auditor, "tagging", target, &input).await;
    assert_eq!(refused.unwrap_err(), "AccessDeniedException");
}
