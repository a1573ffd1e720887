//! The application's own uploads and imports without a window, for peers to look at what arrived:
//! registers the account behind an endpoint, sets up backups, takes a key file, plans and applies.
//!
//! ```text
//! upload_peer --endpoint URL --region R --data-dir DIR --profile NAME JOB
//!
//! JOB   --file KEYFILE --spec SPEC --usage USAGE [--alias A] [--description D] [--tags JSON]
//!       [--policy JSON] [--multi-region]        a new key
//!       --file KEYFILE --into KEY_ARN           a key that is there
//!       with [--reading raw|hex|…] [--valid-to T] [--plan-only]
//! ```
//!
//! The first line of its input is the passphrase for backups, which go to `DIR/backups`. Each line
//! that follows is one more job for the same store: a JSON list of the words of JOB. Every job is
//! answered by one JSON object on a line. Signs in with the profile, from the files that AWS's own
//! variables name.
//!
//! Everything is the program's own, except for the keychain: it is kept in memory, so that no test
//! asks for the computer's own, and what was sealed can be opened for as long as the process lives.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "this program is its own shell: it prints, reads the key file and tells the time"
)]

#[path = "computer/mod.rs"]
mod computer;

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use computer::{ComputerClock, MemoryVault};
use ownkey_aws::{Aws, AwsParts};
use ownkey_material::{Passphrase, Secret, Vault, WorkFactor};
use ownkey_model::{
    AppError, ConnectionDraft, ConnectionKindDraft, Field, FileReading, ImportDraft, KeyArn,
    MaterialChoice, Operation, OperationId, Plan, PolicyDraft, Region, RegistrationDraft,
    RegistrationId, Result, RoleDraft, Tag, UploadDraft,
};
use ownkey_store::Store;
use ownkey_usecases::{
    Context, KeyFile, add_connection, apply_import, apply_upload, drop_file, list_materials,
    plan_import, plan_upload, register_account, set_up_backups, synchronise, take_file,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const REGISTRATION: &str = "peer";

#[tokio::main]
async fn main() -> ExitCode {
    let words = Words(std::env::args().skip(1).collect());
    let mut input = std::io::stdin().lock().lines();
    let Some(Ok(passphrase)) = input.next() else {
        eprintln!("upload_peer: the first line of its input is the passphrase for backups");
        return ExitCode::from(2);
    };
    let peer = match Peer::open(&words, passphrase).await {
        Ok(peer) => peer,
        Err(error) => {
            println!("{}", json!({ "error": error }));
            return ExitCode::FAILURE;
        }
    };
    println!("{}", peer.answer(&words, 0).await);
    for (line, number) in input.map_while(std::result::Result::ok).zip(1..) {
        match serde_json::from_str(&line) {
            Ok(words) => println!("{}", peer.answer(&Words(words), number).await),
            Err(error) => {
                eprintln!("upload_peer: a job is a JSON list of words: {error}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

/// The words of a command line.
struct Words(Vec<String>);

impl Words {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|word| word == name)
    }

    fn after(&self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|word| word == name)?;
        self.0.get(at + 1).cloned()
    }

    fn needed(&self, name: &str) -> Result<String> {
        self.after(name)
            .ok_or_else(|| refused(format!("{name} is missing")))
    }

    fn reading(&self) -> Result<Option<FileReading>> {
        let word = json!(self.after("--reading"));
        serde_json::from_value(word).map_err(|error| refused(format!("--reading: {error}")))
    }

    fn tags(&self) -> Result<Vec<Tag>> {
        let text = self.after("--tags").unwrap_or_else(|| "[]".into());
        serde_json::from_str(&text).map_err(|error| refused(format!("--tags: {error}")))
    }

    fn policy(&self) -> Result<PolicyDraft> {
        let text = self.after("--policy").unwrap_or_else(|| "{}".into());
        serde_json::from_str(&text).map_err(|error| refused(format!("--policy: {error}")))
    }
}

/// The program without its window, with one account registered.
struct Peer {
    cx: Context,
    region: String,
}

impl Peer {
    async fn open(words: &Words, passphrase: String) -> Result<Self> {
        let folder = PathBuf::from(words.needed("--data-dir")?);
        let region = words.needed("--region")?;
        let backups = folder.join("backups").display().to_string();
        let keychain = Arc::<MemoryVault>::default();
        let cx = Context {
            store: Store::open(&folder)?,
            aws: Aws::new(AwsParts {
                sandbox: None,
                vault: Arc::clone(&keychain) as Arc<dyn Vault>,
                clock: Arc::new(ComputerClock),
                announce: Arc::new(|_| {}),
            }),
            keychain,
            clock: Arc::new(ComputerClock),
            announce: Arc::new(|_| {}),
            proposed_backup_folder: backups.clone(),
            backup_work: WorkFactor::REDUCED,
            in_hand: Arc::default(),
            version: env!("CARGO_PKG_VERSION"),
        };
        let connection = ConnectionDraft {
            name: "Peer".into(),
            kind: ConnectionKindDraft::Profile {
                profile: words.needed("--profile")?,
            },
            role: RoleDraft::default(),
            region: String::new(),
            endpoint_url: words.needed("--endpoint")?,
            fips: false,
        };
        let connection = add_connection(&cx, REGISTRATION.into(), &connection).await?;
        let draft = RegistrationDraft {
            name: "Peer".into(),
            connection: connection.id,
            role: RoleDraft::default(),
            regions: vec![Region::parse(&region)?],
        };
        register_account(&cx, REGISTRATION.into(), &draft).await?;
        let passphrase =
            Passphrase::choose(passphrase).map_err(|weakness| AppError::WeakPassphrase {
                reason: weakness.to_string(),
            })?;
        set_up_backups(&cx, backups, Some(passphrase)).await?;
        Ok(Self { cx, region })
    }

    /// Does one job; what is refused before anything is begun is an answer too.
    async fn answer(&self, words: &Words, number: u32) -> Value {
        self.job(words, number)
            .await
            .unwrap_or_else(|error| json!({ "error": error }))
    }

    async fn job(&self, words: &Words, number: u32) -> Result<Value> {
        let id = operation_id(&self.cx, number);
        let material = MaterialChoice::File {
            handle: id.to_string(),
            reading: words.reading()?,
        };
        let file = key_file(Path::new(&words.needed("--file")?))?;
        take_file(&self.cx, id.to_string(), file)?;
        let outcome = match words.after("--into") {
            Some(key) => self.import(words, id.clone(), &key, material).await,
            None => self.upload(words, id.clone(), material).await,
        };
        drop_file(&self.cx, &id.0);
        let (plan, operation) = outcome?;
        self.told(&plan, operation).await
    }

    async fn upload(
        &self,
        words: &Words,
        id: OperationId,
        material: MaterialChoice,
    ) -> Result<(Plan, Option<Operation>)> {
        let valid_to = words.after("--valid-to");
        let draft = UploadDraft {
            registration: RegistrationId(REGISTRATION.into()),
            region: self.region.clone(),
            material,
            spec: words.needed("--spec")?,
            usage: words.needed("--usage")?,
            alias: words.after("--alias").unwrap_or_default(),
            description: words.after("--description").unwrap_or_default(),
            tags: words.tags()?,
            multi_region: words.has("--multi-region"),
            key_expiration: valid_to.is_some(),
            valid_to,
            policy: words.policy()?,
        };
        let plan = plan_upload(&self.cx, id, draft.clone()).await?;
        if words.has("--plan-only") {
            return Ok((plan, None));
        }
        let never = CancellationToken::new();
        let operation = apply_upload(&self.cx, draft, plan.clone(), &|_| {}, &never).await?;
        Ok((plan, Some(operation)))
    }

    async fn import(
        &self,
        words: &Words,
        id: OperationId,
        key: &str,
        material: MaterialChoice,
    ) -> Result<(Plan, Option<Operation>)> {
        let never = CancellationToken::new();
        // The key is chosen from the list, so the list has to know it.
        let registration = RegistrationId(REGISTRATION.into());
        synchronise(&self.cx, registration, &|_| {}, &never).await?;
        let valid_to = words.after("--valid-to");
        let draft = ImportDraft {
            key: KeyArn::parse(key)?,
            material,
            key_expiration: valid_to.is_some(),
            valid_to,
        };
        let plan = plan_import(&self.cx, id, draft.clone()).await?;
        if words.has("--plan-only") {
            return Ok((plan, None));
        }
        let operation = apply_import(&self.cx, draft, plan.clone(), &|_| {}, &never).await?;
        Ok((plan, Some(operation)))
    }

    async fn told(&self, plan: &Plan, operation: Option<Operation>) -> Result<Value> {
        let commands: Vec<&String> = plan.steps.iter().flat_map(|one| &one.commands).collect();
        let mut told = json!({ "commands": commands, "notes": plan.notes });
        let Some(operation) = operation else {
            return Ok(told);
        };
        let stored = list_materials(&self.cx)
            .await?
            .into_iter()
            .find(|one| Some(&one.id) == operation.material.as_ref());
        told["state"] = json!(operation.state);
        told["key"] = json!(operation.key);
        told["error"] = json!(operation.error);
        told["steps"] = json!(operation.steps);
        told["fingerprint"] = json!(stored.as_ref().map(|one| &one.fingerprint));
        told["backup"] = json!(
            stored
                .as_ref()
                .and_then(|one| one.backups.first())
                .map(|one| &one.path)
        );
        Ok(told)
    }
}

/// Another one for every job of every process: a key bears it as a tag while it is made.
fn operation_id(cx: &Context, number: u32) -> OperationId {
    let (process, now) = (std::process::id(), cx.clock.now().unix_seconds());
    OperationId(format!("peer-{process}-{now}-{number}"))
}

fn key_file(path: &Path) -> Result<KeyFile> {
    let bytes = std::fs::read(path).map_err(|error| AppError::FileFailed {
        path: path.display().to_string(),
        cause: error.to_string(),
    })?;
    let name = path.file_name().unwrap_or_default();
    Ok(KeyFile {
        name: name.to_string_lossy().into_owned(),
        path: path.to_owned(),
        bytes: Secret::new(bytes),
    })
}

fn refused(reason: String) -> AppError {
    AppError::invalid(Field::Material, reason)
}
