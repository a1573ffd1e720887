//! Secrets never cross to the window and never lie in a file in clear (SAFETY 9).

use serde_json::json;

use crate::running::Running;

/// The sandbox's own access key is the one secret this program handles so far; planted ones come
/// from the configuration files.
#[test]
fn a_profiles_secret_is_found_nowhere() {
    let secret = "PLANTEDsecretPLANTEDsecretPLANTEDsecret00";
    // The environment belongs to the whole process, so the test runs in a child of its own.
    if std::env::var_os("OWNKEY_PLANTED").is_none() {
        let home = tempfile::tempdir().expect("a folder");
        let credentials = home.path().join("credentials");
        let key_id = "AKIAPLANTED000000000";
        let file =
            format!("[planted]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n");
        std::fs::write(&credentials, file).expect("written");
        let status = std::process::Command::new(std::env::current_exe().expect("this program"))
            .args([
                "never_seen::a_profiles_secret_is_found_nowhere",
                "--exact",
                "--nocapture",
            ])
            .env("OWNKEY_PLANTED", "1")
            .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            .env("AWS_CONFIG_FILE", home.path().join("none"))
            .status()
            .expect("it runs");
        assert!(status.success());
        return;
    }
    let ownkey = Running::start();
    let profiles = ownkey.call("list_profiles", json!({})).expect("listed");
    assert_eq!(profiles[0]["name"], "planted");
    let draft = json!({
        "kind": { "kind": "profile", "profile": "planted" },
        "region": "eu-west-1",
        // Nothing listens there: the refusal must not tell the secret either.
        "endpointUrl": "http://127.0.0.1:9",
    });
    let error = ownkey
        .call("test_connection", json!({ "draft": draft }))
        .expect_err("unreachable");
    assert_eq!(error["code"], "endpointUnreachable", "{error}");

    let crossed = format!("{profiles}{error}");
    assert!(!crossed.contains(secret));
    for entry in std::fs::read_dir(ownkey.desk.data()).expect("readable") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("readable");
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
}
