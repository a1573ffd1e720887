//! Signing in from below: what is sent to AWS on the way, and what a person is asked for. The
//! network is one that keeps what is sent and answers what it was told to.

mod chain;
mod identity_center;
mod login;
mod mfa;
mod process;
mod renewing;
mod roles;
mod settings;

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};
use bytes::Bytes;
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    Change, Clock, Connection, ConnectionId, ConnectionKind, Result, Role, RoleArn, SignInRequest,
    Timestamp,
};
use tokio::sync::mpsc;

use crate::{Answer, Aws, AwsParts, config::Surroundings, in_process};

pub(super) const SERIAL: &str = "arn:aws:iam::111111111111:mfa/jo";
pub(super) const ROLE: &str = "arn:aws:iam::222222222222:role/Ops";

/// 2027-01-15T08:00:00Z.
pub(super) const BEGAN: i64 = 1_800_000_000;

/// What was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) url: String,
    pub(super) body: String,
    /// The id of the access key that signed it.
    pub(super) signed_by: String,
}

/// A network, a keychain, a clock, AWS's configuration files, and who is told of changes.
pub(super) struct World {
    pub(super) aws: Aws,
    pub(super) clock: Arc<TestClock>,
    pub(super) vault: Arc<TestVault>,
    changes: tokio::sync::Mutex<mpsc::UnboundedReceiver<Change>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl World {
    pub(super) fn new(config: &str, replies: &[(u16, &str)]) -> Self {
        Self::with(config, "", Path::new("/nowhere"), replies)
    }

    pub(super) fn with(
        config: &str,
        credentials: &str,
        home: &Path,
        replies: &[(u16, &str)],
    ) -> Self {
        let home = home.to_str().expect("a name in UTF-8");
        Self::within(&[("HOME", home)], config, credentials, replies)
    }

    /// With the environment's variables.
    pub(super) fn within(
        env: &[(&str, &str)],
        config: &str,
        credentials: &str,
        replies: &[(u16, &str)],
    ) -> Self {
        let (tell, changes) = mpsc::unbounded_channel();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let clock = Arc::new(TestClock(AtomicI64::new(BEGAN)));
        let vault = Arc::new(TestVault::default());
        let answer = network(replies, Arc::clone(&sent));
        let parts = AwsParts {
            sandbox: Some(Arc::clone(&answer)),
            vault: Arc::clone(&vault) as Arc<dyn Vault>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            announce: Arc::new(move |change| tell.send(change).expect("somebody listens")),
        };
        let surroundings = Surroundings {
            env: Env::from_slice(env),
            files: files(&[
                (EnvConfigFileKind::Config, config),
                (EnvConfigFileKind::Credentials, credentials),
            ]),
            credentials_file: files(&[(EnvConfigFileKind::Credentials, credentials)]),
            fs: Fs::real(),
        };
        Self {
            aws: Aws::over(parts, Ok(in_process::http_client(answer)), surroundings),
            clock,
            vault,
            changes: tokio::sync::Mutex::new(changes),
            sent,
        }
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }

    /// The names of what was sent to STS and IAM, in their order.
    pub(super) fn actions(&self) -> Vec<String> {
        let name = |sent: Sent| {
            let action = sent.body.strip_prefix("Action=").unwrap_or_default();
            action.split('&').next().unwrap_or_default().to_owned()
        };
        self.sent().into_iter().map(name).collect()
    }

    /// Waits until a person is asked for something.
    pub(super) async fn asked(&self) -> SignInRequest {
        let mut changes = self.changes.lock().await;
        loop {
            let change = changes.recv().await.expect("a change");
            let open = self.aws.sign_in_requests();
            if change == Change::SignIns
                && let [one] = &open[..]
            {
                return one.clone();
            }
        }
    }
}

fn files(texts: &[(EnvConfigFileKind, &str)]) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder();
    for (kind, text) in texts {
        files = files.with_contents(*kind, *text);
    }
    files.build()
}

/// Answers in order, and the last one from then on.
fn network(replies: &[(u16, &str)], sent: Arc<Mutex<Vec<Sent>>>) -> crate::InProcess {
    let replies: VecDeque<(u16, String)> = replies
        .iter()
        .map(|(status, body)| (*status, (*body).to_owned()))
        .collect();
    let replies = Mutex::new(replies);
    Arc::new(move |request| {
        let authorization = request.headers().get("authorization");
        let authorization = authorization.and_then(|value| value.to_str().ok());
        let credential = authorization.and_then(|text| text.split("Credential=").nth(1));
        let signed_by = credential.and_then(|text| text.split('/').next());
        sent.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Sent {
                url: request.uri().to_string(),
                body: String::from_utf8_lossy(request.body()).into_owned(),
                signed_by: signed_by.unwrap_or_default().to_owned(),
            });
        let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, body) = if replies.len() > 1 {
            replies.pop_front().expect("more than one")
        } else {
            replies.front().cloned().expect("a reply")
        };
        let answer: Answer = Box::pin(async move {
            // Whoever else is ready comes first, as over a real network.
            tokio::task::yield_now().await;
            let code = serde_json::from_str::<serde_json::Value>(&body)
                .ok()
                .and_then(|body| Some(body.get("error_code")?.as_str()?.to_owned()));
            let mut response = http::Response::builder().status(status);
            if let Some(code) = code {
                response = response.header("x-amzn-errortype", code);
            }
            Ok(response.body(Bytes::from(body)).expect("a response"))
        });
        answer
    })
}

/// A clock that is set by hand.
pub(super) struct TestClock(AtomicI64);

impl TestClock {
    pub(super) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0.load(Ordering::Relaxed))
    }
}

/// A keychain in memory.
#[derive(Default)]
pub(super) struct TestVault(pub(super) Mutex<HashMap<String, Vec<u8>>>);

impl Vault for TestVault {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        let mut all = self.0.lock().expect("not poisoned");
        all.insert(entry.to_owned(), secret.expose().to_vec());
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        let all = self.0.lock().expect("not poisoned");
        Ok(all.get(entry).map(|bytes| Secret::new(bytes.clone())))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.0.lock().expect("not poisoned").remove(entry);
        Ok(())
    }
}

pub(super) fn connection(kind: ConnectionKind) -> Connection {
    Connection {
        id: ConnectionId("c-1".into()),
        name: "Ops team".into(),
        kind,
        role: None,
        region: None,
        endpoint_url: None,
        fips: false,
    }
}

pub(super) fn profile(name: &str) -> Connection {
    Connection {
        id: ConnectionId(format!("c-{name}")),
        ..connection(ConnectionKind::Profile {
            profile: name.into(),
        })
    }
}

pub(super) fn role(external_id: Option<&str>) -> Role {
    Role {
        arn: RoleArn::parse(ROLE).expect("an ARN"),
        external_id: external_id.map(str::to_owned),
    }
}

pub(super) fn code(digits: &str) -> Secret {
    Secret::new(digits.as_bytes().to_vec())
}

/// STS's answer to a call that gives credentials, good for an hour from `at` on.
pub(super) fn given(call: &str, id: &str, at: i64) -> String {
    let end = Timestamp::from_unix_seconds(at + 3_600);
    format!(
        r#"<{call}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{call}Result><Credentials>
        <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
        <SessionToken>token-of-{id}</SessionToken><Expiration>{end}</Expiration>
        </Credentials></{call}Result></{call}Response>"#
    )
}

pub(super) fn refused(code: &str, sentence: &str) -> String {
    format!(
        r#"<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
        <Code>{code}</Code><Message>{sentence}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"#
    )
}

pub(super) const CALLER: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/jo</Arn><UserId>AIDA1</UserId>
  <Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#;
