//! What can be wrong with an upload or an import, over the real IPC: each contradiction, each refusal
//! of the computer and each refusal of AWS is answered with its code, and what was begun can be ended.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ownkey_model::{KeyArn, KeyState, Timestamp};
use ownkey_sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tauri::async_runtime::block_on;

use crate::{
    elsewhere::{Elsewhere, Held, HeldKey, PROFILE, on_loopback},
    running::{Desk, Running, upload_draft},
};

const PASSPHRASE: &str = "correct horse battery staple";
const FILE: &[u8] = b"Thirty-two bytes of key material";
const OTHER_FILE: &[u8] = b"Some other bytes of key material";
const DAY: u64 = 86_400;

/// A draft with some members replaced; those of the policy are replaced one by one.
fn with(draft: &Value, changes: Value) -> Value {
    let mut draft = draft.clone();
    for (member, value) in changes.as_object().expect("an object") {
        if member == "policy" {
            for (part, value) in value.as_object().expect("an object") {
                draft["policy"][part] = value.clone();
            }
        } else {
            draft[member] = value.clone();
        }
    }
    draft
}

fn in_days(days: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.expect("after 1970").as_secs() + days * DAY;
    let seconds = i64::try_from(seconds).expect("this century");
    let text = json!(Timestamp::from_unix_seconds(seconds));
    text.as_str().expect("text").to_owned()
}

fn refused(ownkey: &Running, draft: &Value) -> Value {
    ownkey
        .call("plan_upload", json!({ "draft": draft }))
        .expect_err("refused")
}

fn nothing_was_begun(ownkey: &Running) {
    let query = json!({ "openOnly": false, "key": null, "skip": 0, "limit": 1 });
    let page = ownkey
        .call("list_operations", json!({ "query": query }))
        .expect("listed");
    assert_eq!(page["total"], 0, "{page}");
}

/// Takes up an operation with what the offer wants to be typed.
fn undone(ownkey: &Running, operation: &Value) -> Value {
    let typed = operation["undo"]["confirmation"].as_str().unwrap_or("");
    let arguments = json!({ "id": operation["id"], "confirmation": typed });
    ownkey
        .carry_out("undo_operation", arguments)
        .expect("taken up")
}

#[test]
fn every_contradiction_of_the_form_is_answered_at_its_field() {
    let ownkey = Running::start();
    let good = upload_draft(&json!("sandbox"), "contradictions");
    let tag = |key: &str, value: &str| json!({ "key": key, "value": value });
    let many: Vec<Value> = (0..51).map(|n| tag(&n.to_string(), "")).collect();
    let policy = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
    let users = |arn: &str| json!({ "basic": { "keyUsers": [arn] } });
    for (what, changes, field) in [
        (
            "two policy modes",
            json!({ "policy": { "raw": policy, "basic": { "keyAdmins": ["anna.berger"] } } }),
            "policy",
        ),
        (
            "an expiry without its time",
            json!({ "keyExpiration": true }),
            "validTo",
        ),
        (
            "a time without an expiry",
            json!({ "validTo": in_days(9) }),
            "validTo",
        ),
        (
            "an expiry in the past",
            json!({ "keyExpiration": true, "validTo": "2001-01-01T00:00:00Z" }),
            "validTo",
        ),
        (
            "an expiry in 366 days",
            json!({ "keyExpiration": true, "validTo": in_days(366) }),
            "validTo",
        ),
        (
            "an expiry that is no time",
            json!({ "keyExpiration": true, "validTo": "tomorrow" }),
            "validTo",
        ),
        (
            "an expiry of nothing",
            json!({ "material": { "from": "later" }, "keyExpiration": true, "validTo": in_days(9) }),
            "validTo",
        ),
        ("an unknown spec", json!({ "spec": "AES_512" }), "keySpec"),
        (
            "an unknown usage",
            json!({ "usage": "DECORATE" }),
            "keyUsage",
        ),
        (
            "the usage of another spec",
            json!({ "usage": "SIGN_VERIFY" }),
            "keyUsage",
        ),
        (
            "a reserved alias",
            json!({ "alias": "alias/aws/s3" }),
            "alias",
        ),
        ("an illegal alias", json!({ "alias": "my key" }), "alias"),
        (
            "an endless alias",
            json!({ "alias": "a".repeat(251) }),
            "alias",
        ),
        (
            "a tag of AWS's",
            json!({ "tags": [tag("aws:x", "")] }),
            "tags",
        ),
        (
            "a tag of OwnKey's",
            json!({ "tags": [tag("ownkey:operation", "x")] }),
            "tags",
        ),
        (
            "a tag twice",
            json!({ "tags": [tag("a", "1"), tag("a", "2")] }),
            "tags",
        ),
        (
            "a tag with a bad character",
            json!({ "tags": [tag("a", "<b>")] }),
            "tags",
        ),
        (
            "a tag without a key",
            json!({ "tags": [tag(" ", "x")] }),
            "tags",
        ),
        ("51 tags", json!({ "tags": many }), "tags"),
        (
            "a policy that is no JSON",
            json!({ "policy": { "raw": "{" } }),
            "policy",
        ),
        (
            "a policy without a statement",
            json!({ "policy": { "raw": policy } }),
            "policy",
        ),
        (
            "a malformed principal",
            json!({ "policy": users("arn:aws:iam::1:user/x") }),
            "keyUsers",
        ),
        (
            "a role among users",
            json!({ "policy": users("arn:aws:iam::111111111111:role/x") }),
            "keyUsers",
        ),
        (
            "an account that is none",
            json!({ "policy": { "basic": { "externalAccounts": ["12"] } } }),
            "externalAccounts",
        ),
        (
            "a region of nobody",
            json!({ "region": "eu-nowhere-9" }),
            "region",
        ),
        (
            "an endless description",
            json!({ "description": "x".repeat(8193) }),
            "description",
        ),
    ] {
        let error = refused(&ownkey, &with(&good, changes));
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("invalidInput"), &json!(field)),
            "{what}: {error}"
        );
        assert!(
            error["reason"]
                .as_str()
                .is_some_and(|reason| reason.ends_with('.')),
            "{what} is not explained: {error}"
        );
    }
    nothing_was_begun(&ownkey);
}

#[test]
fn an_alias_that_is_taken_names_its_key() {
    let (ownkey, _) = Running::synchronised();
    let query = json!({ "query": {
        "scope": { "registrations": [], "regions": ["eu-central-1"] },
        "view": "all",
        "combine": "and",
        "filters": [],
        "sort": { "by": "alias", "descending": true },
        "skip": 0,
        "limit": 1,
    }});
    let page = ownkey.call("list_keys", query).expect("listed");
    let taken = &page["rows"][0];
    let alias = taken["alias"].as_str().expect("the last one has an alias");
    let draft = upload_draft(&json!("sandbox"), alias);
    let error = refused(&ownkey, &draft);
    assert_eq!(
        (&error["code"], &error["key"]),
        (&json!("aliasTaken"), &taken["arn"]),
        "{error}"
    );
    let checked = ownkey.call("check_upload", json!({ "draft": draft, "part": "key" }));
    assert_eq!(checked, Err(error));
    nothing_was_begun(&ownkey);
}

#[test]
fn a_policy_that_locks_out_stops_the_operation_unless_the_check_is_bypassed() {
    let ownkey = Running::start();
    let policy = |actions: Value| {
        let statement = json!({
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::111111111111:user/test" },
            "Action": actions,
            "Resource": "*",
        });
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    // All that the upload needs, but not PutKeyPolicy.
    let raw = policy(json!([
        "kms:Get*",
        "kms:Import*",
        "kms:Describe*",
        "kms:List*",
        "kms:Tag*",
        "kms:Untag*",
        "kms:CreateAlias",
        "kms:GenerateMac",
    ]));
    let draft = with(
        &upload_draft(&json!("sandbox"), "locked-out"),
        json!({ "policy": { "raw": raw } }),
    );
    let stopped = ownkey.upload(&draft).expect("begun");
    assert_eq!(stopped["state"], "open", "{stopped}");
    assert_eq!(stopped["error"]["code"], "policyLocksOut", "{stopped}");
    assert_eq!(stopped["undo"], json!({ "undo": "close" }));
    assert_eq!(undone(&ownkey, &stopped)["state"], "undone");

    let bypassed = with(&draft, json!({ "policy": { "bypassLockoutCheck": true } }));
    let done = ownkey.upload(&bypassed).expect("begun");
    assert_eq!(done["state"], "finished", "{done}");

    let stranger = raw.replace("user/test", "user/nobody.at.all");
    let draft = with(
        &upload_draft(&json!("sandbox"), "stranger"),
        json!({ "policy": { "raw": stranger } }),
    );
    let stopped = ownkey.upload(&draft).expect("begun");
    assert_eq!(stopped["error"]["code"], "policyRefused", "{stopped}");
    assert_eq!(undone(&ownkey, &stopped)["state"], "undone");
}

#[test]
fn each_problem_of_a_key_file_is_told_by_its_name() {
    let ownkey = Running::start();
    let vector = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = folder.join("src-tauri/crates/material/tests/vectors");
        std::fs::read(folder.join(name)).expect("readable")
    };
    let (p256, p256_pem) = (vector("p256.pkcs8.der"), vector("p256.pkcs8.pem"));
    let trailing = [p256.as_slice(), b"and more"].concat();
    let two = [p256_pem.as_slice(), &vector("p384.pkcs8.pem")].concat();
    let hmac = ("HMAC_256", "GENERATE_VERIFY_MAC");
    let p256_spec = ("ECC_NIST_P256", "SIGN_VERIFY");
    let cases: Vec<(Vec<u8>, (&str, &str), Value)> = vec![
        (vec![], hmac, json!({ "problem": "empty" })),
        (
            FILE[..31].to_vec(),
            hmac,
            json!({ "problem": "wrongLength", "reading": "raw", "found": 31, "expected": 32 }),
        ),
        (vec![0; 32], hmac, json!({ "problem": "allZero" })),
        (vec![7; 32], hmac, json!({ "problem": "oneByteRepeated" })),
        (
            b"00112233445566778899aabbccddeeff".to_vec(),
            hmac,
            json!({ "problem": "ambiguous", "readings": [
                { "reading": "hex", "length": 16 },
                { "reading": "base64", "length": 24 },
                { "reading": "raw", "length": 32 },
            ] }),
        ),
        (
            trailing,
            p256_spec,
            json!({ "problem": "trailingBytes", "count": 8 }),
        ),
        (
            p256_pem.clone(),
            ("RSA_2048", "SIGN_VERIFY"),
            json!({ "problem": "wrongKind", "found": "a private key on an elliptic curve" }),
        ),
        (
            p256_pem,
            ("ECC_NIST_P384", "SIGN_VERIFY"),
            json!({ "problem": "wrongCurve" }),
        ),
        (
            vector("rsa_2048.pkcs8.pem"),
            ("RSA_3072", "SIGN_VERIFY"),
            json!({ "problem": "wrongSize", "found": 2048 }),
        ),
        (
            vector("p256.encrypted.pkcs8.pem"),
            p256_spec,
            json!({ "problem": "encrypted" }),
        ),
        (
            two,
            p256_spec,
            json!({ "problem": "severalKeys", "found": 2 }),
        ),
        (
            vector("p256.certificate.pem"),
            p256_spec,
            json!({ "problem": "wrongKind", "found": "a certificate" }),
        ),
    ];
    for (bytes, (spec, usage), problem) in cases {
        let handle = ownkey.picked("material.key", &bytes);
        let draft = with(
            &upload_draft(&json!("sandbox"), "file"),
            json!({
                "material": { "from": "file", "handle": handle, "reading": null },
                "spec": spec,
                "usage": usage,
            }),
        );
        let error = refused(&ownkey, &draft);
        assert_eq!(
            error,
            json!({
                "code": "fileRefused",
                "name": "material.key",
                "problem": problem,
                "expected": spec,
            })
        );
        let checked = ownkey.call(
            "check_upload",
            json!({ "draft": draft, "part": "material" }),
        );
        assert_eq!(checked, Err(error));
    }
    let forgotten = with(
        &upload_draft(&json!("sandbox"), "file"),
        json!({ "material": { "from": "file", "handle": "no such", "reading": null } }),
    );
    assert_eq!(refused(&ownkey, &forgotten)["code"], "fileForgotten");
    let missing = ownkey.desk.data().join("no such file");
    ownkey.desk.dialogs.lay_out(missing);
    let unread = ownkey.call("pick_key_file", json!({})).expect_err("unread");
    assert_eq!(unread["code"], "fileFailed");
    nothing_was_begun(&ownkey);
}

#[test]
fn a_keychain_that_is_locked_or_missing_is_told_before_anything_is_begun() {
    let ownkey = Running::start();
    let draft = upload_draft(&json!("sandbox"), "keychain");
    let plan = ownkey
        .call("plan_upload", json!({ "draft": draft }))
        .expect("planned");
    let apply = || ownkey.carry_out("apply_upload", json!({ "draft": draft, "plan": plan }));
    let lock = ownkey.desk.keychain().join("locked");
    std::fs::write(&lock, "").expect("locked");
    assert_eq!(refused(&ownkey, &draft)["code"], "keychainLocked");
    assert_eq!(apply().expect_err("refused")["code"], "keychainLocked");
    let listed = ownkey.call("list_materials", json!({}));
    assert_eq!(listed.expect_err("refused")["code"], "keychainLocked");
    std::fs::remove_file(lock).expect("unlocked");

    std::fs::remove_dir_all(ownkey.desk.keychain()).expect("removed");
    assert_eq!(refused(&ownkey, &draft)["code"], "keychainMissing");
    assert_eq!(apply().expect_err("refused")["code"], "keychainMissing");
    nothing_was_begun(&ownkey);

    std::fs::create_dir(ownkey.desk.keychain()).expect("made");
    assert_eq!(apply().expect("begun")["state"], "finished");
    // What is sealed is not shown as if it could be opened.
    std::fs::remove_dir_all(ownkey.desk.keychain()).expect("removed");
    std::fs::create_dir(ownkey.desk.keychain()).expect("made");
    let listed = ownkey.call("list_materials", json!({}));
    assert_eq!(listed.expect_err("refused")["code"], "masterKeyMissing");
}

#[test]
fn nothing_is_begun_without_a_folder_for_backups() {
    on_loopback(
        "uploads::nothing_is_begun_without_a_folder_for_backups",
        |aws, _| {
            let ownkey = Running::start();
            let draft = upload_draft(&ownkey.register(PROFILE), "backups");
            let plan = ownkey
                .call("plan_upload", json!({ "draft": draft }))
                .expect("planned");
            assert_eq!(plan["needsBackupSettings"], true);
            let refusal = ownkey
                .carry_out("apply_upload", json!({ "draft": draft, "plan": plan }))
                .expect_err("refused");
            assert_eq!(refusal["code"], "backupsNotSetUp");

            ownkey.set_up_backups(PASSPHRASE);
            let plan = ownkey
                .call("plan_upload", json!({ "draft": draft }))
                .expect("planned");
            let folder = ownkey.desk.backups();
            std::fs::remove_dir_all(&folder).expect("removed");
            std::fs::write(&folder, "a file in the folder's place").expect("written");
            let set_up = json!({ "folder": folder, "passphrase": null, "repeated": null });
            for refusal in [
                ownkey.call("set_up_backups", set_up),
                ownkey.call("plan_upload", json!({ "draft": draft })),
                ownkey.carry_out("apply_upload", json!({ "draft": draft, "plan": plan })),
            ] {
                let error = refusal.expect_err("refused");
                assert_eq!(
                    (&error["code"], &error["path"]),
                    (&json!("backupFolderNotWritable"), &json!(folder)),
                    "{error}"
                );
            }
            nothing_was_begun(&ownkey);
            assert_eq!(Held::of(&aws.sandbox).keys().len(), 0);
        },
    );
}

#[test]
fn who_may_not_create_keys_is_told_so_and_closes_the_operation() {
    on_loopback(
        "uploads::who_may_not_create_keys_is_told_so_and_closes_the_operation",
        |_, folder| {
            let company = Elsewhere::company();
            company.write_profile(&folder, "AKIASANDBOXAUDITOR00", "test");
            let ownkey = Running::start();
            ownkey.set_up_backups(PASSPHRASE);
            // The built-in sandbox is the same company.
            ownkey
                .call("remove_registration", json!({ "id": "sandbox" }))
                .expect("removed");
            let registration = ownkey.register_in(PROFILE, "eu-west-1");
            let draft = with(
                &upload_draft(&registration, "not-allowed"),
                json!({ "region": "eu-west-1" }),
            );
            let stopped = ownkey.upload(&draft).expect("begun");
            assert_eq!(stopped["state"], "open");
            let error = &stopped["error"];
            assert_eq!(error["code"], "accessDenied", "{stopped}");
            assert_eq!(error["action"], "kms:CreateKey");
            assert!(error["requestId"].is_string(), "{error}");
            assert_eq!(stopped["undo"], json!({ "undo": "close" }));
            let closed = undone(&ownkey, &stopped);
            assert_eq!(closed["state"], "undone", "{closed}");
            // The material was made and stays.
            let kept = ownkey.call("list_materials", json!({})).expect("listed");
            assert_eq!(kept.as_array().map(Vec::len), Some(1));
        },
    );
}

#[test]
fn an_import_token_that_ran_out_is_fetched_anew_without_asking() {
    on_loopback(
        "uploads::an_import_token_that_ran_out_is_fetched_anew_without_asking",
        |aws, _| {
            let ownkey = Running::start();
            ownkey.set_up_backups(PASSPHRASE);
            let draft = upload_draft(&ownkey.register(PROFILE), "slow");
            // The first import arrives and waits; while it waits, a day and an hour pass.
            let mut late = Fault::nth("kms", "ImportKeyMaterial", 1, FaultKind::DelayMs);
            late.delay_ms = Some(1_000);
            aws.sandbox.inject(late);
            let sandbox = aws.sandbox.clone();
            let watch = std::thread::spawn(move || {
                let handed_out = |sandbox: &ownkey_sandbox::Sandbox| {
                    let calls = sandbox.calls();
                    calls
                        .iter()
                        .any(|call| call.operation == "GetParametersForImport")
                };
                while !handed_out(&sandbox) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                sandbox.advance(Duration::from_secs(25 * 3_600));
            });
            let done = ownkey.upload(&draft).expect("begun");
            watch.join().expect("no panic");
            assert_eq!(done["state"], "finished", "{done:#}");
            let imports: Vec<_> = aws
                .sandbox
                .calls()
                .into_iter()
                .filter(|call| call.operation.contains("Import"))
                .map(|call| (call.operation, call.outcome))
                .collect();
            let call = |operation: &str, outcome: &str| (operation.to_owned(), outcome.to_owned());
            assert_eq!(
                imports,
                [
                    call("GetParametersForImport", "ok"),
                    call("ImportKeyMaterial", "ExpiredImportTokenException"),
                    call("GetParametersForImport", "ok"),
                    call("ImportKeyMaterial", "ok"),
                ]
            );
        },
    );
}

#[test]
fn a_repeated_request_that_is_refused_is_not_believed_before_it_was_looked_up() {
    on_loopback(
        "uploads::a_repeated_request_that_is_refused_is_not_believed_before_it_was_looked_up",
        |aws, _| {
            let ownkey = Running::start();
            ownkey.set_up_backups(PASSPHRASE);
            let draft = upload_draft(&ownkey.register(PROFILE), "doubtful");
            let plan = ownkey
                .call("plan_upload", json!({ "draft": draft }))
                .expect("planned");
            for (nth, kind) in [(1, FaultKind::Close), (2, FaultKind::AccessDenied)] {
                aws.sandbox
                    .inject(Fault::nth("kms", "CreateAlias", nth, kind));
            }
            // Described are: what has the alias, the key before its import and once it is enabled, what has
            // the alias after the first request was lost; and after the second was refused, three times,
            // as nothing is heard.
            for nth in 5..=7 {
                let close = Fault::nth("kms", "DescribeKey", nth, FaultKind::Close);
                aws.sandbox.inject(close);
            }
            let stopped = ownkey
                .carry_out("apply_upload", json!({ "draft": draft, "plan": plan }))
                .expect("begun");
            aws.sandbox.clear_faults();
            let steps = stopped["steps"].as_array().expect("a list");
            let named = steps
                .iter()
                .find(|one| one["step"]["step"] == "createAlias");
            let named = named.expect("asked for");
            assert_eq!(named["state"], "asked", "{stopped:#}");
            assert_eq!(
                stopped["error"]["code"], "endpointUnreachable",
                "{stopped:#}"
            );
            let done = ownkey.carry_out("finish_operation", json!({ "id": stopped["id"] }));
            assert_eq!(done.expect("taken up")["state"], "finished");
        },
    );
}

/// A key that was uploaded from the file, with the draft of importing the file into it once more.
struct Uploaded {
    ownkey: Running,
    aws: Elsewhere,
    arn: KeyArn,
    draft: Value,
}

impl Uploaded {
    fn new(aws: Elsewhere, changes: Value) -> Self {
        let ownkey = Running::start_on(Desk::new());
        ownkey.set_up_backups(PASSPHRASE);
        let registration = ownkey.register(PROFILE);
        let handle = ownkey.picked("key.bin", FILE);
        let material = json!({ "from": "file", "handle": handle, "reading": "raw" });
        let draft = with(
            &upload_draft(&registration, "again"),
            json!({ "material": material }),
        );
        let done = ownkey.upload(&with(&draft, changes)).expect("begun");
        assert_eq!(done["state"], "finished", "{done:#}");
        let arn = done["key"].as_str().expect("a key");
        Self {
            draft: json!({
                "key": arn,
                "material": material,
                "keyExpiration": false,
                "validTo": null,
            }),
            arn: KeyArn::parse(arn).expect("an ARN"),
            ownkey,
            aws,
        }
    }

    fn key(&self) -> HeldKey {
        let mut keys = Held::of(&self.aws.sandbox).keys();
        assert_eq!(keys.len(), 1);
        keys.remove(0)
    }

    fn state(&self) -> KeyState {
        self.key().key.state
    }

    /// An import that AWS does and whose operation stops right after it.
    fn half_done(&self, draft: &Value) -> Value {
        let plan = self
            .ownkey
            .call("plan_import", json!({ "draft": draft }))
            .expect("planned");
        // The first description is that of looking once more before anything is begun.
        let second = Fault::nth("kms", "DescribeKey", 2, FaultKind::AccessDenied);
        self.aws.sandbox.inject(second);
        let stopped = self
            .ownkey
            .carry_out("apply_import", json!({ "draft": draft, "plan": plan }))
            .expect("begun");
        self.aws.sandbox.clear_faults();
        assert_eq!(stopped["state"], "open", "{stopped:#}");
        assert_eq!(stopped["error"]["code"], "accessDenied", "{stopped:#}");
        stopped
    }

    /// Imports the file, undoing it half-way first: the key waits again.
    fn comes_back(&self) {
        assert_eq!(self.state(), KeyState::PendingImport);
        let stopped = self.half_done(&self.draft);
        assert_eq!(stopped["undo"]["undo"], "removeMaterial", "{stopped:#}");
        assert_eq!(self.state(), KeyState::Enabled);
        let untyped = json!({ "id": stopped["id"], "confirmation": "" });
        let refusal = self.ownkey.carry_out("undo_operation", untyped);
        assert_eq!(refusal.expect_err("refused")["code"], "notConfirmed");
        assert_eq!(undone(&self.ownkey, &stopped)["state"], "undone");
        assert_eq!(self.state(), KeyState::PendingImport);

        let done = self.ownkey.import(&self.draft).expect("begun");
        assert_eq!(done["state"], "finished", "{done:#}");
        assert_eq!(self.state(), KeyState::Enabled);
    }
}

#[test]
fn material_that_was_deleted_is_imported_again_and_nothing_else_is() {
    on_loopback(
        "uploads::material_that_was_deleted_is_imported_again_and_nothing_else_is",
        |aws, _| {
            let key = Uploaded::new(aws, json!({}));
            block_on(
                Held::live(&key.aws.sandbox)
                    .kms()
                    .delete_material(&key.arn, None),
            )
            .expect("deleted");
            let before = key.aws.sandbox.calls().len();
            let handle = key.ownkey.picked("other.bin", OTHER_FILE);
            let other = json!({ "from": "file", "handle": handle, "reading": "raw" });
            let other = with(&key.draft, json!({ "material": other }));
            for command in ["check_import", "plan_import"] {
                let error = key.ownkey.call(command, json!({ "draft": other }));
                let error = error.expect_err("other bytes");
                assert_eq!(error["code"], "otherMaterial", "{error}");
                assert_ne!(error["expected"], error["found"]);
            }
            // Not even with a plan that was made for the right bytes.
            let plan = key
                .ownkey
                .call("plan_import", json!({ "draft": key.draft }));
            let plan = plan.expect("planned");
            let applied = json!({ "draft": other, "plan": plan });
            let error = key.ownkey.carry_out("apply_import", applied);
            assert_eq!(error.expect_err("other bytes")["code"], "otherMaterial");
            let asked = key.aws.sandbox.calls().split_off(before);
            assert!(
                asked.iter().all(|call| !call.operation.contains("Import")),
                "{asked:?}"
            );
            let new = with(&key.draft, json!({ "material": { "from": "generate" } }));
            let error = key.ownkey.call("plan_import", json!({ "draft": new }));
            assert_eq!(error.expect_err("other bytes")["field"], "material");
            let none = with(&key.draft, json!({ "material": { "from": "later" } }));
            let error = key.ownkey.call("plan_import", json!({ "draft": none }));
            assert_eq!(error.expect_err("nothing")["field"], "material");
            key.comes_back();
        },
    );
}

#[test]
fn material_that_ran_out_is_imported_again() {
    on_loopback(
        "uploads::material_that_ran_out_is_imported_again",
        |aws, _| {
            let expiry = json!({ "keyExpiration": true, "validTo": in_days(2) });
            let key = Uploaded::new(aws, expiry);
            assert!(key.key().key.valid_to.is_some());
            key.aws.sandbox.advance(Duration::from_secs(3 * DAY));
            key.comes_back();
            assert_eq!(key.key().key.valid_to, None);
        },
    );
}

#[test]
fn an_expiry_is_changed_by_importing_again_and_undone_by_importing_once_more() {
    on_loopback(
        "uploads::an_expiry_is_changed_by_importing_again_and_undone_by_importing_once_more",
        |aws, _| {
            let key = Uploaded::new(aws, json!({}));
            let soon = in_days(30);
            for (changes, field) in [
                (json!({ "keyExpiration": true }), "validTo"),
                (json!({ "validTo": soon }), "validTo"),
                (
                    json!({ "keyExpiration": true, "validTo": in_days(366) }),
                    "validTo",
                ),
            ] {
                let draft = with(&key.draft, changes);
                for command in ["check_import", "plan_import"] {
                    let error = key.ownkey.call(command, json!({ "draft": draft }));
                    assert_eq!(error.expect_err("refused")["field"], field);
                }
            }
            let expiring = json!({ "keyExpiration": true, "validTo": soon });
            let expiring = with(&key.draft, expiring);
            let stopped = key.half_done(&expiring);
            assert_eq!(
                stopped["undo"],
                json!({ "undo": "restoreExpiry", "expiry": { "expires": "never" } })
            );
            assert_eq!(json!(key.key().key.valid_to), json!(soon));
            assert_eq!(undone(&key.ownkey, &stopped)["state"], "undone");
            assert_eq!(key.key().key.valid_to, None);
            assert_eq!(key.state(), KeyState::Enabled);

            let done = key.ownkey.import(&expiring).expect("begun");
            assert_eq!(done["state"], "finished", "{done:#}");
            assert_eq!(json!(key.key().key.valid_to), json!(soon));
        },
    );
}
