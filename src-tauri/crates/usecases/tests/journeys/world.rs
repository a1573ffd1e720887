//! A sandbox, a data folder and a clock that is set by hand.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicI64, Ordering::Relaxed},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use bytes::Bytes;
use ownkey_aws::{Answer, Aws, AwsParts, InProcess, NoAnswer};
use ownkey_material::{Secret, Vault, WorkFactor};
use ownkey_model::{
    AppError, Change, Clock, Combine, KeyPage, KeyProperty, KeyQuery, KeyView, MaterialChoice,
    RegistrationId, Result, Scope, Sort, SyncProgress, SyncReport, Timestamp, VaultState,
};
use ownkey_sandbox::{ACCESS_KEY_ID, Options, SECRET_ACCESS_KEY, Sandbox};
use ownkey_store::Store;
use ownkey_usecases::{
    Context, KeyFile, KeychainProbe, list_keys, open_sandbox, synchronise, take_file,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What is changed in an answer before the SDK sees it.
pub(crate) type Twist = fn(&Sandbox, &str, Bytes) -> Bytes;

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) cx: Context,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) changes: Arc<Mutex<Vec<Change>>>,
    /// Woken by every change that is announced.
    pub(crate) told: Arc<Notify>,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) folder: TempDir,
}

impl World {
    /// The seeded company, registered as at a first start.
    pub(crate) async fn company() -> Self {
        Self::of(Options {
            randomness: Some(1),
            ..Options::default()
        })
        .await
    }

    pub(crate) async fn of(options: Options) -> Self {
        Self::twisted(options, |_, _, body| body).await
    }

    /// With answers that AWS would not give.
    pub(crate) async fn twisted(options: Options, twist: Twist) -> Self {
        let sandbox = Sandbox::new(options);
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(SetClock(AtomicI64::new(sandbox.now().unix_timestamp())));
        let changes = Arc::<Mutex<Vec<Change>>>::default();
        let heard = Arc::clone(&changes);
        let told = Arc::<Notify>::default();
        let tell = Arc::clone(&told);
        let announce: Arc<dyn Fn(Change) + Send + Sync> = Arc::new(move |change| {
            heard.lock().expect("no panic").push(change);
            tell.notify_one();
        });
        let vault = Arc::<MemoryVault>::default();
        let cx = Context {
            store: Store::open(folder.path()).expect("a fresh folder"),
            aws: Aws::new(AwsParts {
                sandbox: Some(in_process(sandbox.clone(), twist)),
                vault: Arc::clone(&vault) as Arc<dyn Vault>,
                clock: Arc::clone(&clock) as Arc<dyn Clock>,
                announce: Arc::clone(&announce),
            }),
            keychain: Arc::clone(&vault) as Arc<dyn KeychainProbe>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            announce,
            proposed_backup_folder: folder.path().join("documents").display().to_string(),
            backup_work: WorkFactor::REDUCED,
            in_hand: Arc::default(),
            version: "0",
        };
        open_sandbox(&cx).await.expect("the sandbox answers");
        Self {
            sandbox,
            cx,
            clock,
            changes,
            told,
            vault,
            folder,
        }
    }

    /// The same data folder on another AWS, or on the same one after a restart.
    pub(crate) fn on(&self, sandbox: Sandbox) -> Context {
        Context {
            aws: Aws::new(AwsParts {
                sandbox: Some(in_process(sandbox, |_, _, body| body)),
                vault: Arc::clone(&self.vault) as Arc<dyn Vault>,
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
                announce: Arc::clone(&self.cx.announce),
            }),
            ..self.cx.clone()
        }
    }

    pub(crate) async fn synchronise(&self) -> Result<SyncReport> {
        self.synchronise_watching(|_| {}).await
    }

    pub(crate) async fn synchronise_watching(
        &self,
        watch: impl Fn(SyncProgress) + Send + Sync,
    ) -> Result<SyncReport> {
        synchronise(&self.cx, sandbox_id(), &watch, &CancellationToken::new()).await
    }

    pub(crate) async fn keys(&self, view: KeyView) -> KeyPage {
        let query = KeyQuery {
            scope: Scope::default(),
            view,
            combine: Combine::And,
            filters: vec![],
            sort: Sort {
                by: KeyProperty::Alias,
                descending: false,
            },
            skip: 0,
            limit: 500,
        };
        list_keys(&self.cx, query).await.expect("the cache answers")
    }

    /// What somebody else asks KMS meanwhile, as the account's administrator; AWS's error code if it
    /// refuses.
    pub(crate) async fn ask(
        &self,
        region: &str,
        operation: &str,
        input: Value,
    ) -> std::result::Result<Value, String> {
        let target = format!("TrentService.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let request = signed("kms", region, &headers, &input.to_string());
        let answer = self.sandbox.handle(request).await.expect("an answer");
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        if answer.status().is_success() {
            Ok(body)
        } else {
            let code = body["__type"].as_str().unwrap_or_default();
            Err(code.rsplit('#').next().unwrap_or_default().to_owned())
        }
    }

    /// What somebody else asks IAM meanwhile, as the account's administrator.
    pub(crate) async fn ask_iam(&self, operation: &str, parameters: &[(&str, &str)]) {
        let mut body = format!("Action={operation}&Version=2010-05-08");
        for (name, value) in parameters {
            body.push_str(&format!("&{name}="));
            for byte in value.bytes() {
                body.push_str(&format!("%{byte:02X}"));
            }
        }
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let request = signed("iam", "us-east-1", &headers, &body);
        let answer = self.sandbox.handle(request).await.expect("an answer");
        assert!(answer.status().is_success(), "{:?}", answer.body());
    }

    /// How often KMS was asked for something, and carried it out.
    pub(crate) fn done(&self, operation: &str) -> usize {
        let calls = self.sandbox.calls().into_iter();
        calls
            .filter(|call| call.operation == operation)
            .filter(|call| ["ok", "dropped"].contains(&call.outcome.as_str()))
            .count()
    }

    /// A key file that was picked.
    pub(crate) fn pick(&self, handle: &str, bytes: &[u8]) -> MaterialChoice {
        self.pick_at(handle, Path::new("key.bin"), bytes)
    }

    /// A file that was picked at a place.
    pub(crate) fn pick_at(&self, handle: &str, path: &Path, bytes: &[u8]) -> MaterialChoice {
        let name = path.file_name().expect("a file").to_string_lossy();
        let file = KeyFile {
            name: name.into_owned(),
            path: path.to_owned(),
            bytes: Secret::new(bytes.to_vec()),
        };
        take_file(&self.cx, handle.to_owned(), file).expect("taken");
        MaterialChoice::File {
            handle: handle.to_owned(),
            reading: None,
        }
    }

    /// Both clocks, the sandbox's and the program's, move on.
    pub(crate) fn advance_days(&self, days: u64) {
        self.advance_minutes(days * 24 * 60);
    }

    /// The same, by minutes.
    pub(crate) fn advance_minutes(&self, minutes: u64) {
        let now = self
            .sandbox
            .advance(std::time::Duration::from_secs(minutes * 60));
        self.clock.0.store(now.unix_timestamp(), Relaxed);
    }
}

pub(crate) fn sandbox_id() -> RegistrationId {
    RegistrationId("sandbox".into())
}

/// A request as the `aws` command would send it.
#[allow(
    clippy::disallowed_methods,
    reason = "signatures are judged by real time"
)]
fn signed(
    service: &str,
    region: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> http::Request<Bytes> {
    let identity = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "test").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(std::time::SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .expect("complete")
        .into();
    let uri = "http://sandbox.invalid/";
    let mut request = http::Request::post(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .expect("well-formed");
    let body = SignableBody::Bytes(body.as_bytes());
    let signable =
        SignableRequest::new("POST", uri, headers.iter().copied(), body).expect("signable");
    let (instructions, _) = sign(signable, &parameters).expect("signed").into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

fn in_process(sandbox: Sandbox, twist: Twist) -> InProcess {
    Arc::new(move |request: http::Request<Bytes>| {
        let sandbox = sandbox.clone();
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|value| value.to_str().ok());
        let target = target.unwrap_or_default().to_owned();
        let answer: Answer = Box::pin(async move {
            let response = sandbox.handle(request).await.map_err(|_| NoAnswer)?;
            Ok(response.map(|body| twist(&sandbox, &target, body)))
        });
        answer
    })
}

pub(crate) struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0.load(Relaxed))
    }
}

/// A keychain in memory, which can be locked, emptied and taken away.
#[derive(Default)]
pub(crate) struct MemoryVault {
    kept: Mutex<HashMap<String, Vec<u8>>>,
    locked: AtomicBool,
    missing: AtomicBool,
}

impl MemoryVault {
    pub(crate) fn lock_up(&self, locked: bool) {
        self.locked.store(locked, Relaxed);
    }

    pub(crate) fn take_away(&self, missing: bool) {
        self.missing.store(missing, Relaxed);
    }

    /// Everything that is kept in it.
    pub(crate) fn kept(&self) -> Vec<Vec<u8>> {
        self.kept
            .lock()
            .expect("no panic")
            .values()
            .cloned()
            .collect()
    }

    pub(crate) fn lose_everything(&self) {
        self.kept.lock().expect("no panic").clear();
    }

    fn opened(&self) -> Result<std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>>> {
        if self.missing.load(Relaxed) {
            return Err(AppError::KeychainMissing {
                cause: "nobody owns org.freedesktop.secrets".into(),
            });
        }
        if self.locked.load(Relaxed) {
            return Err(AppError::KeychainLocked);
        }
        Ok(self.kept.lock().expect("no panic"))
    }
}

impl Vault for MemoryVault {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        let bytes = secret.expose().to_vec();
        self.opened()?.insert(entry.to_owned(), bytes);
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        Ok(self.opened()?.get(entry).cloned().map(Secret::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.opened()?.remove(entry);
        Ok(())
    }
}

impl KeychainProbe for MemoryVault {
    fn probe(&self) -> VaultState {
        VaultState::Works
    }
}
