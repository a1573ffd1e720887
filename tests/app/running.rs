//! OwnKey as it runs: its real composition and its real IPC, without a window and without a person.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use ownkey_lib::{App, Surroundings, ipc};
use ownkey_material::WorkFactor;
use serde_json::{Value, json};
use tauri::{
    WebviewWindow,
    ipc::{CallbackFn, InvokeBody, InvokeResponseBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets},
    webview::InvokeRequest,
};
use tempfile::TempDir;

use crate::desk::{FolderVault, LaidOut};

/// Where the window hears of progress.
const CHANNEL: &str = "__CHANNEL__:7";

/// What OwnKey finds around it: a data folder, a keychain, a folder for backups, and what the user
/// would pick in dialogs. All of it lies in one folder, so that it can be copied.
pub(crate) struct Desk {
    folder: PathBuf,
    pub(crate) dialogs: LaidOut,
    _removed_at_the_end: Option<TempDir>,
}

impl Desk {
    /// One that nobody used yet.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = Self::at(folder.path());
        desk._removed_at_the_end = Some(folder);
        desk
    }

    /// The one that lies in a folder.
    pub(crate) fn at(folder: &Path) -> Self {
        let desk = Self {
            folder: folder.to_owned(),
            dialogs: LaidOut::default(),
            _removed_at_the_end: None,
        };
        for part in [desk.data(), desk.keychain(), desk.backups()] {
            std::fs::create_dir_all(part).expect("made");
        }
        desk
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn keychain(&self) -> PathBuf {
        self.folder.join("keychain")
    }

    pub(crate) fn backups(&self) -> PathBuf {
        self.folder.join("backups")
    }

    pub(crate) fn vault(&self) -> FolderVault {
        FolderVault(self.keychain())
    }

    /// A file with some bytes, which the next dialog picks.
    pub(crate) fn lay_out(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).expect("written");
        self.dialogs.lay_out(&path);
        path
    }
}

/// OwnKey, started, with a window that only speaks IPC.
pub(crate) struct Running {
    pub(crate) desk: Desk,
    pub(crate) line: Line,
    _app: tauri::App<MockRuntime>,
}

/// What the window and the backend speak over, from any thread.
#[derive(Clone)]
pub(crate) struct Line {
    heard: Arc<Mutex<String>>,
    window: WebviewWindow<MockRuntime>,
}

impl Running {
    /// On a desk that nobody used yet.
    pub(crate) fn start() -> Self {
        Self::start_on(Desk::new())
    }

    pub(crate) fn start_on(desk: Desk) -> Self {
        let heard = Arc::<Mutex<String>>::default();
        let (progress, events) = (Arc::clone(&heard), Arc::clone(&heard));
        let app = composed(&desk, move |text| note(&events, &text));
        let builder = ipc::builder::<MockRuntime>();
        let tauri = mock_builder()
            .invoke_handler(builder.invoke_handler())
            .channel_interceptor(move |_, _, _, message| {
                match message {
                    InvokeResponseBody::Json(text) => note(&progress, text),
                    InvokeResponseBody::Raw(bytes) => note(&progress, &format!("{bytes:?}")),
                }
                true
            })
            .manage(app)
            .build(mock_context(noop_assets()))
            .expect("a mock application");
        let window = tauri::WebviewWindowBuilder::new(&tauri, "main", Default::default())
            .build()
            .expect("a mock window");
        Self {
            desk,
            line: Line { heard, window },
            _app: tauri,
        }
    }

    pub(crate) fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.line.call(command, arguments)
    }

    /// Calls a command that reports progress.
    pub(crate) fn carry_out(&self, command: &str, mut arguments: Value) -> Result<Value, Value> {
        arguments["task"] = json!("t");
        arguments["progress"] = json!(CHANNEL);
        self.call(command, arguments)
    }

    /// All that crossed between window and backend, both ways: commands, answers, progress, events.
    pub(crate) fn heard(&self) -> String {
        self.line.heard.lock().expect("no panic").clone()
    }

    /// Starts OwnKey and synchronises the sandbox account.
    pub(crate) fn synchronised() -> (Self, Value) {
        let running = Self::start();
        let report = running
            .carry_out("synchronise", json!({ "registration": "sandbox" }))
            .expect("the sandbox answers");
        (running, report)
    }

    /// A typed secret, sealed as the window seals it: by RSA-OAEP with SHA-256 to a key for once.
    pub(crate) fn sealed(&self, typed: &str) -> Value {
        let made = self.call("make_envelope", json!({})).expect("made");
        let public_key = made["publicKey"].as_str().expect("text");
        let public_key = STANDARD.decode(public_key).expect("base64");
        let public_key = PublicEncryptingKey::from_der(&public_key).expect("a public key");
        let public_key = OaepPublicEncryptingKey::new(public_key).expect("a public key");
        let mut room = vec![0; public_key.ciphertext_size()];
        let sealed = public_key
            .encrypt(&OAEP_SHA256_MGF1SHA256, typed.as_bytes(), &mut room, None)
            .expect("it fits");
        json!({ "envelope": made["envelope"], "ciphertext": STANDARD.encode(sealed) })
    }

    /// Says where backups go, with a passphrase that is typed twice.
    pub(crate) fn set_up_backups(&self, passphrase: &str) -> Value {
        let arguments = json!({
            "folder": self.desk.backups(),
            "passphrase": self.sealed(passphrase),
            "repeated": self.sealed(passphrase),
        });
        self.call("set_up_backups", arguments).expect("kept")
    }

    /// Picks a file with some bytes; gives its handle.
    pub(crate) fn picked(&self, name: &str, bytes: &[u8]) -> Value {
        self.desk.lay_out(name, bytes);
        let picked = self.call("pick_key_file", json!({})).expect("picked");
        picked["handle"].clone()
    }

    /// Plans an upload and does it.
    pub(crate) fn upload(&self, draft: &Value) -> Result<Value, Value> {
        let plan = self.call("plan_upload", json!({ "draft": draft }))?;
        self.carry_out("apply_upload", json!({ "draft": draft, "plan": plan }))
    }

    /// Plans an import and does it.
    pub(crate) fn import(&self, draft: &Value) -> Result<Value, Value> {
        let plan = self.call("plan_import", json!({ "draft": draft }))?;
        self.carry_out("apply_import", json!({ "draft": draft, "plan": plan }))
    }

    /// Registers the account of a profile; gives the registration's id.
    pub(crate) fn register(&self, profile: &str) -> Value {
        self.register_in(profile, "eu-central-1")
    }

    pub(crate) fn register_in(&self, profile: &str, region: &str) -> Value {
        let connection =
            self.add_connection(json!({ "kind": "profile", "profile": profile }), region);
        let draft = json!({
            "name": "Elsewhere",
            "connection": connection,
            "role": no_role(),
            "regions": [region],
        });
        let registered = self
            .call("register_account", json!({ "draft": draft }))
            .expect("registered");
        registered["id"].clone()
    }

    /// Keeps a connection of a kind, under the name `Elsewhere`; gives its id.
    pub(crate) fn add_connection(&self, kind: Value, region: &str) -> Value {
        let draft = connection_draft("Elsewhere", kind, region, "");
        let added = self
            .call("add_connection", json!({ "draft": draft }))
            .expect("added");
        added["id"].clone()
    }
}

impl Line {
    pub(crate) fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        note(&self.heard, &format!("{command} {arguments}"));
        let answer = get_ipc_response(
            &self.window,
            InvokeRequest {
                cmd: command.into(),
                callback: CallbackFn(0),
                error: CallbackFn(1),
                url: "tauri://localhost".parse().expect("a URL"),
                body: InvokeBody::Json(arguments),
                headers: Default::default(),
                invoke_key: INVOKE_KEY.to_string(),
            },
        );
        let answer = answer.map(|body| body.deserialize().expect("JSON"));
        let (Ok(said) | Err(said)) = &answer;
        note(&self.heard, &said.to_string());
        answer
    }
}

/// The draft of a connection, as the form sends it.
pub(crate) fn connection_draft(name: &str, kind: Value, region: &str, endpoint: &str) -> Value {
    json!({
        "name": name,
        "kind": kind,
        "role": no_role(),
        "region": region,
        "endpointUrl": endpoint,
        "fips": false,
    })
}

/// No role to assume.
pub(crate) fn no_role() -> Value {
    json!({ "arn": "", "externalId": "" })
}

/// OwnKey as its composition root makes it, told where a desk lies.
pub(crate) fn composed(desk: &Desk, announce: impl Fn(String) + Send + Sync + 'static) -> App {
    tauri::async_runtime::block_on(App::start(Surroundings {
        data_folder: desk.data(),
        keychain: Arc::new(desk.vault()),
        dialogs: Arc::new(desk.dialogs.clone()),
        proposed_backup_folder: desk.backups().display().to_string(),
        backup_work: WorkFactor::REDUCED,
        announce: Arc::new(move |change| announce(json!(change).to_string())),
    }))
}

/// The draft of a new HMAC key with generated material, as the form sends it.
pub(crate) fn upload_draft(registration: &Value, alias: &str) -> Value {
    json!({
        "registration": registration,
        "region": "eu-central-1",
        "material": { "from": "generate" },
        "spec": "HMAC_256",
        "usage": "GENERATE_VERIFY_MAC",
        "alias": alias,
        "description": "",
        "tags": [],
        "multiRegion": false,
        "keyExpiration": false,
        "validTo": null,
        "policy": { "raw": null, "basic": null, "bypassLockoutCheck": false },
    })
}

fn note(heard: &Mutex<String>, text: &str) {
    let mut heard = heard.lock().expect("no panic");
    heard.push_str(text);
    heard.push('\n');
}
