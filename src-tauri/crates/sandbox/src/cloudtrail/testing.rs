//! Asks a sandbox of its own as a client would, for the tests of CloudTrail and those who use it.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::kms::testing::request;
use crate::sigv4::testing::signed;
use crate::{Options, Sandbox, Seed};

/// An empty sandbox, asked by the administrator of one account.
pub(crate) struct Bench {
    pub(crate) sandbox: Sandbox,
    pub(crate) region: &'static str,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let options = Options {
            seed: Seed::Empty,
            ..Options::default()
        };
        Self {
            sandbox: Sandbox::new(options),
            region: "eu-west-1",
        }
    }

    /// What a service that speaks JSON answers.
    pub(crate) async fn ask(&self, service: &str, operation: &str, input: Value) -> Value {
        let (status, answer) = self.exchange(service, operation, input).await;
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// Its code, or `ok`.
    pub(crate) async fn code(&self, service: &str, operation: &str, input: Value) -> String {
        let (status, answer) = self.exchange(service, operation, input).await;
        match status {
            200 => "ok".to_owned(),
            _ => answer["__type"].as_str().unwrap().to_owned(),
        }
    }

    /// A form to IAM or STS.
    pub(crate) async fn query(&self, service: &str, form: String) -> String {
        let version = if service == "iam" {
            "2010-05-08"
        } else {
            "2011-06-15"
        };
        let request = Request::post(format!("https://{service}.amazonaws.com/"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(format!("Version={version}&{form}")))
            .unwrap();
        let (_, body) = self.send(service, "us-east-1", request).await;
        body
    }

    /// Status and body of what S3 answers.
    pub(crate) async fn s3(&self, method: &str, path: &str, body: String) -> (u16, String) {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://s3.{}.amazonaws.com{path}", self.region))
            .body(Bytes::from(body))
            .unwrap();
        self.send("s3", self.region, request).await
    }

    /// A bucket in this region.
    pub(crate) async fn make_bucket(&self, name: &str) {
        let place = format!(
            "<CreateBucketConfiguration><LocationConstraint>{}</LocationConstraint>\
             </CreateBucketConfiguration>",
            self.region
        );
        let (status, body) = self.s3("PUT", &format!("/{name}"), place).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Imports material that expires after a while.
    pub(crate) async fn import(&self, key: &str, lives: Duration) {
        let how = ("RSAES_OAEP_SHA_256", "RSA_2048");
        let asked = json!({"KeyId": key, "WrappingAlgorithm": how.0, "WrappingKeySpec": how.1});
        let set = self.ask("kms", "GetParametersForImport", asked).await;
        let mut input = request(&set, how.0, &[7; 32]);
        input["ExpirationModel"] = json!("KEY_MATERIAL_EXPIRES");
        input["ValidTo"] = json!((self.sandbox.now() + lives).unix_timestamp());
        self.ask("kms", "ImportKeyMaterial", input).await;
    }

    async fn exchange(&self, service: &str, operation: &str, input: Value) -> (u16, Value) {
        let prefix = match service {
            "kms" => "TrentService",
            "logs" => "Logs_20140328",
            "monitoring" => "GraniteServiceVersion20100801",
            _ => "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101",
        };
        let request = Request::post(format!("https://{service}.amazonaws.com/"))
            .header("content-type", "application/x-amz-json-1.1")
            .header("user-agent", "bench/1")
            .header("x-amz-target", format!("{prefix}.{operation}"))
            .body(Bytes::from(input.to_string()))
            .unwrap();
        let (status, body) = self.send(service, self.region, request).await;
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    async fn send(&self, service: &str, region: &str, request: Request<Bytes>) -> (u16, String) {
        let now = OffsetDateTime::now_utc();
        let request = signed(request, "111111111111", "test", region, service, now);
        let response = self.sandbox.handle(request).await.unwrap();
        let status = response.status().as_u16();
        (
            status,
            String::from_utf8(response.into_body().to_vec()).unwrap(),
        )
    }
}
