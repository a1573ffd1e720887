//! Secrets never cross to the window and never lie in a file in clear (SAFETY 9): some are planted, and
//! then everything that OwnKey wrote or said is searched for them.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use crate::{
    elsewhere::{Elsewhere, PROFILE, backups, once_more, passed},
    running::{Desk, Running, connection_draft, upload_draft},
};

const PASSPHRASE: &str = "planted correct horse battery";
const EXPORT_PASSPHRASE: &str = "planted staple of another horse";

/// Where the process lives that handles the secrets; absent in the process of the test.
const LIVES_IN: &str = "OWNKEY_PLANTED";

/// The sandbox's own access key is the one secret that comes from the configuration files.
#[test]
fn a_profiles_secret_is_found_nowhere() {
    const THIS: &str = "never_seen::a_profiles_secret_is_found_nowhere";
    let secret = "PLANTEDsecretPLANTEDsecretPLANTEDsecret00";
    // The environment belongs to the whole process, so the test runs in a child of its own.
    if std::env::var_os(LIVES_IN).is_none() {
        let home = tempfile::tempdir().expect("a folder");
        let key_id = "AKIAPLANTED000000000";
        let file =
            format!("[planted]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n");
        std::fs::write(home.path().join("credentials"), file).expect("written");
        let said = passed(once_more(THIS, home.path()).env(LIVES_IN, home.path()));
        assert_eq!(Search::of(secret).hits(&said), [""; 0]);
        return;
    }
    let ownkey = Running::start();
    let profiles = ownkey.call("list_profiles", json!({})).expect("listed");
    assert_eq!(profiles[0]["name"], "planted");
    let kind = json!({ "kind": "profile", "profile": "planted" });
    // Nothing listens there: the refusal must not tell the secret either.
    let draft = connection_draft("Planted", kind, "eu-west-1", "http://127.0.0.1:9");
    let error = ownkey
        .call("test_connection", json!({ "draft": draft, "kept": null }))
        .expect_err("unreachable");
    assert_eq!(error["code"], "endpointUnreachable", "{error}");

    let search = Search::of(secret);
    assert_eq!(search.hits(ownkey.heard().as_bytes()), [""; 0]);
    assert_eq!(search.hits_below(&ownkey.desk.data()), BTreeMap::new());
}

/// Key material from a file, key material that OwnKey made, passphrases, and all that the keychain
/// keeps: after everything that is done with them, they are searched for in everything that was said
/// and written, whatever form they might have taken.
#[test]
fn planted_secrets_are_found_nowhere_in_clear() {
    const THIS: &str = "never_seen::planted_secrets_are_found_nowhere_in_clear";
    if let Some(folder) = std::env::var_os(LIVES_IN) {
        return handle_secrets(Path::new(&folder));
    }
    let aws = Elsewhere::empty();
    let home = tempfile::tempdir().expect("a folder");
    aws.write_profile(&home.path().join("aws"), "test", "test");
    let mut child = once_more(THIS, &home.path().join("aws"));
    let said = passed(child.env(LIVES_IN, home.path()));
    std::fs::write(home.path().join("told/printed"), said).expect("written");

    let desk = Desk::at(&home.path().join("desk"));
    let mut secrets: Vec<(String, Search)> = vec![
        ("the key file".into(), Search::of(key_file())),
        ("the passphrase".into(), Search::of(PASSPHRASE)),
        ("the export's".into(), Search::of(EXPORT_PASSPHRASE)),
    ];
    for entry in files_below(&desk.keychain()) {
        let secret = std::fs::read(&entry).expect("readable");
        secrets.push((entry.display().to_string(), Search::of(secret)));
    }
    // The master key, the passphrase for backups and that of the sandbox's.
    assert!(secrets.len() >= 6, "the keychain kept less than expected");
    let backups = backups(&desk.backups(), PASSPHRASE);
    assert_eq!(backups.len(), 2, "one from a file, one made");
    for backup in &backups {
        let name = backup.label.id.to_string();
        secrets.push((name, Search::of(backup.material.expose())));
    }

    // That there is something to search: the traffic in both directions with what was reported while
    // an operation ran, the log at its finest, both
    // databases with what is not yet in them, both folders of backups.
    let holds = |file: &str, word: &str| {
        let bytes = std::fs::read(home.path().join(file)).expect(file);
        assert!(found(&bytes, word.as_bytes()), "{file} has no {word}");
    };
    for word in [
        "apply_upload",
        "ciphertext",
        "fingerprint",
        "\"running\":true",
    ] {
        holds("told/ipc", word);
    }
    holds("told/log", "TRACE");
    holds("told/log", "ImportKeyMaterial");
    holds("told/log", "panicked");
    holds("told/printed", "panicked");
    holds("desk/data/journal.db-wal", "importMaterial");
    holds("desk/data/cache.db", "SQLite format 3");
    for folder in ["desk/backups", "desk/data/sandbox/backups"] {
        let backups = files_below(&home.path().join(folder));
        assert!(!backups.is_empty(), "{folder} is empty");
    }

    let searched = ["told", "desk/data", "desk/backups", "export"];
    for (name, search) in &secrets {
        for folder in searched {
            let hits = search.hits_below(&home.path().join(folder));
            assert_eq!(hits, BTreeMap::new(), "{name}, in {folder}");
        }
    }

    // And a search that finds nothing could find something.
    let planted = home.path().join("planted");
    std::fs::create_dir(&planted).expect("made");
    let file = planted.join("file");
    for (_, search) in &secrets {
        for (form, bytes) in &search.forms {
            let around = [b"before ".as_slice(), bytes, b" after"].concat();
            std::fs::write(&file, around).expect("written");
            let hits = search.hits_below(&planted);
            assert!(hits[&file].contains(&form.as_str()), "{form}");
        }
    }
}

fn key_file() -> Vec<u8> {
    (0..32_u8).map(|n| n.wrapping_mul(37) ^ 0xa5).collect()
}

/// In the process of its own: all that is ever done with secrets, with a log that leaves out nothing.
fn handle_secrets(home: &Path) {
    let told = home.join("told");
    std::fs::create_dir(&told).expect("made");
    let log = File::create(told.join("log")).expect("made");
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log)
        .init();
    let ownkey = Running::start_on(Desk::at(&home.join("desk")));
    ownkey.set_up_backups(PASSPHRASE);
    let registration = ownkey.register(PROFILE);
    let handle = ownkey.picked("key.bin", &key_file());

    let mut draft = upload_draft(&registration, "planted/file");
    draft["material"] = json!({ "from": "file", "handle": handle, "reading": null });
    for part in ["material", "key", "access"] {
        let arguments = json!({ "draft": draft, "part": part });
        ownkey.call("check_upload", arguments).expect("good");
    }
    let from_file = finished(ownkey.upload(&draft));
    let made = upload_draft(&registration, "planted/made");
    finished(ownkey.upload(&made));
    finished(ownkey.upload(&upload_draft(&json!("sandbox"), "planted/sandbox")));
    let once_more = json!({
        "key": from_file["key"],
        "material": { "from": "stored", "id": from_file["material"] },
        "keyExpiration": false,
        "validTo": null,
    });
    finished(ownkey.import(&once_more));

    let id = &from_file["material"];
    let stored = ownkey
        .call("back_up_material", json!({ "id": id }))
        .expect("backed up");
    let path = stored["backups"][0]["path"].as_str().expect("a path");
    ownkey
        .call("verify_backup", json!({ "id": id, "path": path }))
        .expect("verified");
    std::fs::create_dir(home.join("export")).expect("made");
    ownkey.desk.dialogs.lay_out(home.join("export/key.age"));
    let export = json!({
        "id": id,
        "passphrase": ownkey.sealed(EXPORT_PASSPHRASE),
        "repeated": ownkey.sealed(EXPORT_PASSPHRASE),
    });
    ownkey.call("export_material", export).expect("exported");
    for (passphrase, opens) in [(EXPORT_PASSPHRASE, false), (PASSPHRASE, true)] {
        ownkey.desk.dialogs.lay_out(path);
        let picked = ownkey.call("pick_backup_file", json!({})).expect("picked");
        let restore = json!({
            "handle": picked["handle"],
            "passphrase": ownkey.sealed(passphrase),
        });
        let restored = ownkey.call("restore_backup", restore);
        assert_eq!(restored.is_ok(), opens, "{restored:?}");
    }
    ownkey.call("list_materials", json!({})).expect("listed");

    // A use case that panics with a secret in its hands: the keychain cannot write.
    std::fs::create_dir(ownkey.desk.keychain().join("backup.passphrase.new")).expect("made");
    let arguments = json!({
        "folder": ownkey.desk.backups(),
        "passphrase": ownkey.sealed(PASSPHRASE),
        "repeated": ownkey.sealed(PASSPHRASE),
    });
    let panicked = ownkey.call("set_up_backups", arguments);
    assert_eq!(panicked.expect_err("it panicked")["code"], "unexpected");

    std::fs::write(told.join("ipc"), ownkey.heard()).expect("written");
    let environment: Vec<_> = std::env::vars_os().collect();
    let arguments: Vec<_> = std::env::args_os().collect();
    let seen_by_others = format!("{environment:?}{arguments:?}");
    std::fs::write(told.join("environment"), seen_by_others).expect("written");
    if cfg!(target_os = "linux") {
        for name in ["environ", "cmdline"] {
            let bytes = std::fs::read(Path::new("/proc/self").join(name)).expect("readable");
            std::fs::write(told.join(name), bytes).expect("written");
        }
    }
}

fn finished(operation: Result<Value, Value>) -> Value {
    let operation = operation.expect("begun");
    assert_eq!(operation["state"], "finished", "{operation:#}");
    operation
}

/// A secret in all the forms in which it might lie somewhere.
struct Search {
    forms: Vec<(String, Vec<u8>)>,
}

impl Search {
    fn of(secret: impl AsRef<[u8]>) -> Self {
        let secret = secret.as_ref();
        let mut forms = vec![("as it is".to_owned(), secret.to_vec())];
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.push(("hex".into(), hex.clone().into_bytes()));
        forms.push(("HEX".into(), hex.to_uppercase().into_bytes()));
        for between in [",", ", "] {
            let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
            forms.push(("numbers".into(), numbers.join(between).into_bytes()));
        }
        let utf16: Vec<u8> = secret.iter().flat_map(|byte| [*byte, 0]).collect();
        forms.push(("UTF-16".into(), utf16));
        for (name, alphabet) in [("base64", STANDARD_NO_PAD), ("base64url", URL_SAFE_NO_PAD)] {
            for before in 0..3 {
                // Whatever stands before and after shares its first and its last letter.
                let text = alphabet.encode([&[0; 2][..before], secret].concat());
                let first = (before * 8).div_ceil(6);
                let last = (before + secret.len()) * 8 / 6;
                let form = text.as_bytes()[first..last].to_vec();
                forms.push((format!("{name} after {before}"), form));
            }
        }
        Self { forms }
    }

    /// The forms that are found in some bytes.
    fn hits(&self, bytes: &[u8]) -> Vec<&str> {
        let hits = self.forms.iter().filter(|(_, form)| found(bytes, form));
        hits.map(|(name, _)| name.as_str()).collect()
    }

    /// The files below a folder in which something is found.
    fn hits_below(&self, folder: &Path) -> BTreeMap<PathBuf, Vec<&str>> {
        let files = files_below(folder).into_iter();
        let hits = files.map(|path| {
            let hits = self.hits(&std::fs::read(&path).expect("readable"));
            (path, hits)
        });
        hits.filter(|(_, hits)| !hits.is_empty()).collect()
    }
}

/// Skips as far as the last byte allows (Horspool): the log at its finest is large.
fn found(bytes: &[u8], wanted: &[u8]) -> bool {
    let last = wanted.len() - 1;
    let mut skip = [wanted.len(); 256];
    for (at, byte) in wanted[..last].iter().enumerate() {
        skip[usize::from(*byte)] = last - at;
    }
    let mut at = 0;
    while let Some(here) = bytes.get(at..at + wanted.len()) {
        if here == wanted {
            return true;
        }
        at += skip[usize::from(here[last])];
    }
    false
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
