//! Every command, over Tauri's real IPC and without a window, on the sandbox account.

use std::{collections::BTreeSet, sync::Arc};

use ownkey_lib::{App, Surroundings, ipc};
use ownkey_material::WorkFactor;
use ownkey_model::{Preference, RegistrationId};
use ownkey_store::Store;
use serde_json::{Value, json};
use tauri::{
    WebviewWindow,
    ipc::{CallbackFn, InvokeBody},
    test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder, mock_context, noop_assets},
    webview::InvokeRequest,
};
use tempfile::TempDir;

use crate::desk::{FolderVault, LaidOut};

fn start(folder: &TempDir, desk: &Desk) -> App {
    tauri::async_runtime::block_on(App::start(Surroundings {
        data_folder: folder.path().to_owned(),
        keychain: Arc::new(FolderVault(desk.vault.path().to_owned())),
        dialogs: Arc::new(desk.dialogs.clone()),
        proposed_backup_folder: desk.backups.path().display().to_string(),
        backup_work: WorkFactor::REDUCED,
        announce: Arc::new(|_| {}),
    }))
}

/// What lies on the desk beside OwnKey's own folder: a keychain, a folder for backups, and what
/// the user would pick in dialogs.
pub(crate) struct Desk {
    pub(crate) vault: TempDir,
    pub(crate) backups: TempDir,
    pub(crate) dialogs: LaidOut,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self {
            vault: tempfile::tempdir().expect("a folder"),
            backups: tempfile::tempdir().expect("a folder"),
            dialogs: LaidOut::default(),
        }
    }
}

/// OwnKey, started on a fresh data folder, with a window that only speaks IPC.
pub(crate) struct Running {
    pub(crate) folder: TempDir,
    pub(crate) desk: Desk,
    window: WebviewWindow<MockRuntime>,
    _app: tauri::App<MockRuntime>,
}

impl Running {
    pub(crate) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn start_in(folder: TempDir) -> Self {
        let desk = Desk::new();
        let app = start(&folder, &desk);
        let builder = ipc::builder::<MockRuntime>();
        let tauri = mock_builder()
            .invoke_handler(builder.invoke_handler())
            .manage(app)
            .build(mock_context(noop_assets()))
            .expect("a mock application");
        let window = tauri::WebviewWindowBuilder::new(&tauri, "main", Default::default())
            .build()
            .expect("a mock window");
        Self {
            folder,
            desk,
            window,
            _app: tauri,
        }
    }

    pub(crate) fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
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
        answer.map(|body| body.deserialize().expect("JSON"))
    }

    /// Starts OwnKey and synchronises the sandbox account.
    pub(crate) fn synchronised() -> (Self, Value) {
        let running = Self::start();
        let report = running
            .call(
                "synchronise",
                json!({ "registration": "sandbox", "task": "t", "progress": "__CHANNEL__:7" }),
            )
            .expect("the sandbox answers");
        (running, report)
    }
}

fn query(view: &str) -> Value {
    json!({ "query": {
        "scope": { "registrations": [], "regions": [] },
        "view": view,
        "combine": "and",
        "filters": [],
        "sort": { "by": "alias", "descending": false },
        "skip": 0,
        "limit": 500,
    }})
}

#[test]
fn a_first_start_shows_the_synchronised_sandbox_without_a_question() {
    let (ownkey, report) = Running::synchronised();
    assert_eq!(report["outcome"], "complete", "{report}");
    let registrations = ownkey
        .call("list_registrations", json!({}))
        .expect("listed");
    assert_eq!(registrations[0]["account"], "111111111111");
    assert!(registrations[0]["syncedAt"].is_string());

    let page = ownkey.call("list_keys", query("all")).expect("listed");
    assert_eq!(page["matching"], report["keys"]);
    assert!(page["matching"].as_u64().expect("a number") >= 45, "{page}");
    let expiring = ownkey.call("list_keys", query("expiring")).expect("listed");
    assert!(expiring["matching"].as_u64().expect("a number") >= 4);

    let arn = expiring["rows"][0]["arn"].clone();
    let key = ownkey
        .call("describe_key", json!({ "arn": arn }))
        .expect("described");
    assert_eq!(key["key"]["origin"], "EXTERNAL");
    assert_eq!(key["nextAction"], "materialExpires");
    assert_eq!(key["consoleUrl"], Value::Null);
    let fresh = ownkey
        .call("refresh_key", json!({ "arn": arn }))
        .expect("read anew");
    assert_eq!(fresh["key"], key["key"]);

    let alias = expiring["rows"][0]["alias"].as_str().expect("an alias");
    let hits = ownkey
        .call("find_keys", json!({ "text": alias }))
        .expect("found");
    assert!(
        hits.as_array()
            .expect("a list")
            .iter()
            .any(|hit| hit["arn"] == arn),
        "{hits}"
    );

    let scope = json!({ "registrations": [], "regions": [] });
    let overview = ownkey
        .call("read_overview", json!({ "scope": scope }))
        .expect("read");
    assert_eq!(overview["expiring"], expiring["matching"]);
    let states = ownkey
        .call(
            "suggest_values",
            json!({ "scope": scope, "property": "state", "text": "pend" }),
        )
        .expect("suggested");
    assert!(states.to_string().contains("PendingImport"), "{states}");
}

#[test]
fn a_key_keeps_its_arn_over_a_restart() {
    let (first, _) = Running::synchronised();
    let (second, _) = Running::synchronised();
    let arns = |ownkey: &Running| -> BTreeSet<String> {
        let page = ownkey.call("list_keys", query("all")).expect("listed");
        let rows = page["rows"].as_array().expect("rows").clone();
        rows.iter()
            .map(|row| row["arn"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(arns(&first), arns(&second));
}

#[test]
fn what_was_remembered_and_removed_is_so_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(start(&folder, &Desk::new()));
    let columns = Preference {
        name: "keys.columns".into(),
        value: "[\"alias\"]".into(),
    };
    let store = Store::open(folder.path()).expect("nobody has it open");
    store.remember(&columns).expect("kept");
    store
        .remove_registration(&RegistrationId("sandbox".into()))
        .expect("removed");
    drop(store);

    let ownkey = Running::start_in(folder);
    let kept = ownkey.call("list_preferences", json!({})).expect("listed");
    assert!(
        kept.as_array().expect("a list").contains(&json!(columns)),
        "{kept}"
    );
    // A sandbox that was removed on purpose stays away.
    assert_eq!(ownkey.call("list_registrations", json!({})), Ok(json!([])));
}

#[test]
fn a_connection_is_tried_and_registered() {
    let ownkey = Running::start();
    ownkey
        .call("remove_registration", json!({ "id": "sandbox" }))
        .expect("removed");
    let draft = json!({ "kind": { "kind": "sandbox" }, "region": "", "endpointUrl": "" });
    let report = ownkey
        .call("test_connection", json!({ "draft": draft }))
        .expect("signed in");
    assert_eq!(report["account"], "111111111111");
    assert_eq!(report["accountAlias"], "acme-production");
    assert!(report["regions"].as_array().expect("a list").len() >= 17);

    let registration = json!({ "name": "Two regions", "regions": ["eu-central-1", "us-east-1"] });
    let arguments = json!({ "connection": draft, "registration": registration });
    ownkey
        .call("register_account", arguments.clone())
        .expect("registered");
    assert_eq!(
        ownkey
            .call("register_account", arguments)
            .expect_err("taken")["code"],
        "nameTaken"
    );
    let overlapping = json!({ "name": "Other", "regions": ["us-east-1"] });
    let error = ownkey
        .call(
            "register_account",
            json!({ "connection": draft, "registration": overlapping }),
        )
        .expect_err("taken");
    assert_eq!(
        (&error["code"], &error["regions"], &error["by"]),
        (
            &json!("regionsTaken"),
            &json!(["us-east-1"]),
            &json!("Two regions")
        )
    );
}

#[test]
fn malformed_input_is_answered_with_a_code() {
    let ownkey = Running::start();
    for (command, arguments, field) in [
        ("describe_key", json!({ "arn": "not an arn" }), "arn"),
        (
            "refresh_key",
            json!({ "arn": "arn:aws:s3:::bucket" }),
            "arn",
        ),
        (
            "remember_preference",
            json!({ "preference": { "name": "x", "value": "not json" } }),
            "preference",
        ),
        (
            "test_connection",
            json!({ "draft": { "kind": { "kind": "profile", "profile": "" }, "region": "", "endpointUrl": "" } }),
            "profile",
        ),
        (
            "test_connection",
            json!({ "draft": { "kind": { "kind": "sandbox" }, "region": "", "endpointUrl": "http://evil.example" } }),
            "endpointUrl",
        ),
    ] {
        let error = ownkey.call(command, arguments).expect_err("refused");
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("invalidInput"), &json!(field)),
            "{command}"
        );
    }
}

#[test]
fn every_command_tells_why_ownkey_could_not_start() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("journal.db"), "no database").expect("written");
    let ownkey = Running::start_in(folder);
    for command in [
        "list_registrations",
        "list_preferences",
        "list_profiles",
        "describe_this_computer",
    ] {
        let error = ownkey.call(command, json!({})).expect_err("not started");
        assert_eq!(error["code"], "storageDamaged", "{command}");
    }
}

#[test]
fn every_command_of_the_bindings_is_reachable_and_none_else() {
    let bindings = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/ui/src/api/bindings.ts"
    ))
    .expect("readable");
    let commands: BTreeSet<&str> = bindings
        .split("__TAURI_INVOKE(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(commands.len() >= 17, "{commands:?}");
    let ownkey = Running::start();
    for command in commands {
        // Without arguments a command answers, or misses an argument; it is not unknown.
        if let Err(error) = ownkey.call(command, json!({})) {
            assert!(
                !error.to_string().contains("not found"),
                "{command}: {error}"
            );
        }
    }
    let unknown = ownkey
        .call("no_such_command", json!({}))
        .expect_err("unknown");
    assert!(unknown.to_string().contains("not found"), "{unknown}");
}
