//! A network that keeps what is sent and answers what it was told to.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use ownkey_aws::{Answer, Aws, AwsParts, InProcess, Kms, NoAnswer, Session};
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    AccountId, AliasName, AppError, Clock, Connection, ConnectionId, ConnectionKind, KeyArn,
    Region, Tag, Timestamp,
};
use serde_json::Value;

pub(crate) const KEY: &str =
    "arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const REQUEST_ID: &str = "7e1d3a2b-0f4c-4c55-9f10-000000000001";

/// How the network answers one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With a status and a body.
    Says(u16, &'static str),
    /// The connection ends.
    EndsEarly,
    /// Nothing ever comes.
    StaysSilent,
}

/// A success.
pub(crate) fn says(body: &'static str) -> Reply {
    Reply::Says(200, body)
}

/// What was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// KMS's name of the call; empty for IAM.
    pub(crate) target: String,
    pub(crate) body: String,
}

impl Sent {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("KMS is sent JSON")
    }
}

/// Answers with the replies in their order, and with the last one from then on.
#[derive(Clone)]
pub(crate) struct Recorder {
    replies: Arc<[Reply]>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Recorder {
    pub(crate) fn new(replies: &[Reply]) -> Self {
        Self {
            replies: replies.into(),
            sent: Arc::default(),
        }
    }

    /// Everything that was sent so far.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }

    /// The only request.
    pub(crate) fn only(&self) -> Sent {
        let [one] = <[Sent; 1]>::try_from(self.sent()).expect("one request");
        one
    }

    pub(crate) async fn session(&self) -> Session {
        let connection = Connection {
            id: ConnectionId("recorder".into()),
            name: "Recorder".into(),
            kind: ConnectionKind::Sandbox,
            role: None,
            region: None,
            endpoint_url: None,
            fips: false,
        };
        let aws = Aws::new(AwsParts {
            sandbox: Some(self.network()),
            vault: Arc::new(Nothing),
            clock: Arc::new(Nothing),
            announce: Arc::new(|_| {}),
        });
        aws.session(&connection, None)
            .await
            .expect("nothing is asked yet")
    }

    pub(crate) async fn kms(&self) -> Kms {
        let account = AccountId::parse("111111111111").expect("an account");
        let region = Region::parse("eu-west-1").expect("a region");
        self.session().await.kms(&account, &region)
    }

    fn network(&self) -> InProcess {
        let recorder = self.clone();
        Arc::new(move |request| {
            let reply = recorder.record(&request);
            let answer: Answer = Box::pin(async move {
                match reply {
                    Reply::Says(status, body) => Ok(http::Response::builder()
                        .status(status)
                        .header("x-amzn-requestid", REQUEST_ID)
                        .body(Bytes::from_static(body.as_bytes()))
                        .expect("a response")),
                    Reply::EndsEarly => Err(NoAnswer),
                    Reply::StaysSilent => std::future::pending().await,
                }
            });
            answer
        })
    }

    fn record(&self, request: &http::Request<Bytes>) -> Reply {
        let target = request.headers().get("x-amz-target");
        let target = target.and_then(|value| value.to_str().ok());
        let target = target.unwrap_or_default();
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(Sent {
            target: target.trim_start_matches("TrentService.").to_owned(),
            body: String::from_utf8_lossy(request.body()).into_owned(),
        });
        let index = sent.len().min(self.replies.len()) - 1;
        self.replies[index].clone()
    }
}

/// No keychain, and a clock that stands still: a sandbox needs neither.
struct Nothing;

impl Vault for Nothing {
    fn keep(&self, _: &str, _: &Secret) -> Result<(), AppError> {
        Ok(())
    }

    fn fetch(&self, _: &str) -> Result<Option<Secret>, AppError> {
        Ok(None)
    }

    fn remove(&self, _: &str) -> Result<(), AppError> {
        Ok(())
    }
}

impl Clock for Nothing {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000)
    }
}

pub(crate) fn key() -> KeyArn {
    KeyArn::parse(KEY).expect("an ARN")
}

pub(crate) fn alias() -> AliasName {
    AliasName::parse("orders").expect("an alias")
}

pub(crate) fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.into(),
        value: value.into(),
    }
}
