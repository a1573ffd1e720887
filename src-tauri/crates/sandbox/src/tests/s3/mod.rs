//! S3 as its clients meet it: signed requests over the whole way.

mod buckets;
mod objects;
mod permissions;
mod protection;
mod replicas;
mod signatures;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method};
use serde_json::json;

use super::*;

/// What came back.
struct Back {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Back {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Code and status of a refusal; the status alone if it has no body.
    fn code(&self) -> String {
        match self.status {
            200..=299 => "ok".to_owned(),
            status if self.body.is_empty() => status.to_string(),
            status => format!("{} {status}", element(self.text(), "Code")),
        }
    }
}

impl Client {
    /// The same user in another region.
    fn at(&self, region: &'static str) -> Self {
        Self {
            region,
            ..self.clone()
        }
    }

    async fn s3(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Back {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).unwrap())
            .uri(format!("https://s3.{}.amazonaws.com{path}", self.region));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let (head, body) = self.send("s3", request).await.unwrap().into_parts();
        Back {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        }
    }

    async fn get(&self, path: &str) -> Back {
        self.s3("GET", path, &[], "").await
    }

    async fn put(&self, path: &str, body: &str) -> Back {
        self.s3("PUT", path, &[], body.to_owned()).await
    }

    async fn make_bucket(&self, name: &str) {
        let location = match self.region {
            "us-east-1" => String::new(),
            region => location(region),
        };
        let made = self.put(&format!("/{name}"), &location).await;
        assert_eq!(made.code(), "ok", "{}", made.text());
    }

    /// The ARN of a new key.
    async fn make_key(&self, input: &str) -> String {
        let (status, answer) = self.kms("CreateKey", input).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    /// Puts something under a key of KMS.
    async fn put_sealed(&self, path: &str, key: &str, body: &'static str) -> Back {
        let headers = [
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", key),
        ];
        self.s3("PUT", path, &headers, body).await
    }

    async fn iam(&self, form: &str) -> String {
        let (status, xml) = self.query("iam", form).await.unwrap();
        assert_eq!(status, 200, "{xml}");
        xml
    }

    /// A new user with an inline policy of these statements.
    async fn make_user(&self, name: &str, statements: &[Value]) -> Self {
        self.iam(&format!("Action=CreateUser&UserName={name}"))
            .await;
        self.give(name, statements).await;
        let xml = self
            .iam(&format!("Action=CreateAccessKey&UserName={name}"))
            .await;
        Self {
            key_id: element(&xml, "AccessKeyId"),
            secret: element(&xml, "SecretAccessKey"),
            ..self.clone()
        }
    }

    async fn give(&self, user: &str, statements: &[Value]) {
        let policy = percent_encode(policy(statements).as_bytes());
        let form =
            format!("Action=PutUserPolicy&UserName={user}&PolicyName=p&PolicyDocument={policy}");
        self.iam(&form).await;
    }
}

fn policy(statements: &[Value]) -> String {
    let none = json!({"Effect": "Deny", "Action": "none:none", "Resource": "*"});
    let statements = [&[none], statements].concat();
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn location(region: &str) -> String {
    format!(
        "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>\
         </CreateBucketConfiguration>"
    )
}

/// The SHA-256 of a body as its header says it.
fn checksum(body: &[u8]) -> String {
    STANDARD.encode(digest(&SHA256, body))
}

fn empty() -> Client {
    let sandbox = Sandbox::new(Options {
        seed: Seed::Empty,
        ..Options::default()
    });
    Client::new(&sandbox, "test")
}
