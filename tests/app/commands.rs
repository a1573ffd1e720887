//! Every command, over Tauri's real IPC and without a window, on the sandbox account.

use std::collections::BTreeSet;

use ownkey_model::{Preference, RegistrationId};
use ownkey_store::Store;
use serde_json::{Value, json};

use crate::running::{Desk, Running, composed, connection_draft, no_role};

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
    let desk = Desk::new();
    drop(composed(&desk, |_| {}));
    let columns = Preference {
        name: "keys.columns".into(),
        value: "[\"alias\"]".into(),
    };
    let store = Store::open(&desk.data()).expect("nobody has it open");
    store.remember(&columns).expect("kept");
    store
        .remove_registration(&RegistrationId("sandbox".into()))
        .expect("removed");
    drop(store);

    let ownkey = Running::start_on(desk);
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
    let draft = connection_draft("Again", json!({ "kind": "sandbox" }), "", "");
    let report = ownkey
        .call("test_connection", json!({ "draft": draft, "kept": null }))
        .expect("signed in");
    assert_eq!(report["account"], "111111111111");
    assert_eq!(report["accountAlias"], "acme-production");
    assert!(report["regions"].as_array().expect("a list").len() >= 17);

    let connection = ownkey
        .call("add_connection", json!({ "draft": draft }))
        .expect("added");
    let registration = |name: &str, regions: Value| {
        let draft = json!({
            "name": name,
            "connection": connection["id"],
            "role": no_role(),
            "regions": regions,
        });
        ownkey.call("register_account", json!({ "draft": draft }))
    };
    registration("Two regions", json!(["eu-central-1", "us-east-1"])).expect("registered");
    assert_eq!(
        registration("Two regions", json!(["eu-west-1"])).expect_err("taken")["code"],
        "nameTaken"
    );
    let error = registration("Other", json!(["us-east-1"])).expect_err("taken");
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
            json!({ "draft": connection_draft("x", json!({ "kind": "profile", "profile": "" }), "", "") }),
            "profile",
        ),
        (
            "test_connection",
            json!({ "draft": connection_draft("x", json!({ "kind": "sandbox" }), "", "http://evil.example") }),
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
    let desk = Desk::new();
    std::fs::write(desk.data().join("journal.db"), "no database").expect("written");
    let ownkey = Running::start_on(desk);
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
