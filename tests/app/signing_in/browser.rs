//! Sign-ins that a person does in the browser: Identity Center, and what `aws login` leaves.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use ownkey_sandbox::{Approval, START_URL};
use serde_json::{Value, json};

use super::{
    ANALYTICS, PRODUCTION,
    home::{at_home, read_json},
};
use crate::{
    elsewhere::{Elsewhere, once_more, passed},
    running::{Running, connection_draft},
};

/// Made for this test.
const LOGIN_KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII+QZg2yj1LhG/FHX/CqftkBoGrHkp3BVBDnUVsJ5MlvoAoGCCqGSM49
AwEHoUQDQgAECFAX8IhIA48z+VjQ2F9Ckx2fLRJQuGlMKkaVY2US4WUS/YntwT/b
Vc5gY+meOAA/u+MGOZui6MAwEP7QnLrtaA==
-----END EC PRIVATE KEY-----
";

#[test]
fn identity_center_from_an_empty_cache() {
    const THIS: &str = "signing_in::browser::identity_center_from_an_empty_cache";
    at_home(THIS, |home| {
        home.sso();
        let refused = home.refusal("sso");
        assert_eq!(refused["code"], "signInNeeded", "{refused}");
        assert_eq!(refused["way"]["way"], "sso");
        assert_eq!(refused["way"]["startUrl"], START_URL);
        home.sign_in(&refused).expect("approved at once");
        let opened = home
            .ownkey
            .desk
            .dialogs
            .pages
            .lock()
            .expect("no panic")
            .clone();
        assert_eq!(opened.len(), 1, "{opened:?}");
        assert!(opened[0].starts_with("https://"), "{opened:?}");
        let report = home.test("sso").expect("signed in");
        assert_eq!(report["account"], PRODUCTION);
        let arn = report["callerArn"].as_str().expect("text");
        assert!(arn.contains("AWSReservedSSO_ReadOnly"), "{arn}");
        // The other profile of the same session needs no sign-in of its own.
        assert_eq!(home.test("other").expect("signed in")["account"], ANALYTICS);
        // And neither does a new start: the cache is the one of the `aws` command.
        let cached = home.cached_token();
        assert_eq!(cached["startUrl"], START_URL);
        assert!(cached["accessToken"].is_string() && cached["refreshToken"].is_string());
    });
}

#[test]
fn identity_center_with_a_sign_in_that_ran_out() {
    const THIS: &str = "signing_in::browser::identity_center_with_a_sign_in_that_ran_out";
    at_home(THIS, |home| {
        home.sso();
        home.sign_in(&home.refusal("sso")).expect("approved");
        home.test("sso").expect("signed in");
        // Near its end, but renewable: nobody is asked.
        let mut token = home.cached_token();
        let before = token["accessToken"].clone();
        token["expiresAt"] = json!("2020-01-01T00:00:00Z");
        home.cache_token(&token);
        let again = home.restarted();
        again.test("sso").expect("renewed");
        let renewed = again.cached_token();
        assert_ne!(renewed["accessToken"], before);
        // Without a way to renew it, its owner is asked.
        token
            .as_object_mut()
            .expect("an object")
            .remove("refreshToken");
        again.cache_token(&token);
        let last = again.restarted();
        assert_eq!(last.refusal("sso")["code"], "signInNeeded");
        // AWS's clock decides, whatever the cache says.
        last.cache_token(&renewed);
        last.elsewhere
            .sandbox
            .advance(Duration::from_secs(200 * 86_400));
        assert_eq!(last.refusal("sso")["code"], "signInNeeded");
    });
}

#[test]
fn identity_center_when_the_page_says_no_or_nobody_looks_at_it() {
    const THIS: &str =
        "signing_in::browser::identity_center_when_the_page_says_no_or_nobody_looks_at_it";
    at_home(THIS, |home| {
        home.sso();
        let refused = home.refusal("sso");
        home.elsewhere.sandbox.approve_sign_ins(Approval::Deny);
        assert_eq!(
            home.sign_in(&refused).expect_err("denied")["code"],
            "signInFailed"
        );
        home.elsewhere.sandbox.approve_sign_ins(Approval::Never);
        std::thread::scope(|scope| {
            let signing_in = scope.spawn(home.signing_in(&refused));
            let request = home.wait_for_request();
            assert_eq!(request["wanted"]["what"], "browser");
            assert!(request["wanted"]["userCode"].is_string());
            home.ownkey
                .call("open_sign_in_page", json!({ "id": request["id"] }))
                .expect("opened once more");
            home.ownkey
                .call("cancel_task", json!({ "task": "sign-in" }))
                .expect("cancelled");
            let left = signing_in.join().expect("no panic").expect_err("cancelled");
            assert_eq!(left["code"], "signInCancelled");
        });
        assert_eq!(home.requests(), [] as [Value; 0]);
    });
}

#[test]
fn a_console_session_of_aws_login() {
    const THIS: &str = "signing_in::browser::a_console_session_of_aws_login";
    at_home(THIS, |home| {
        home.config("[profile console]\nlogin_session = arn:aws:iam::111111111111:user/test\n");
        let refused = home.refusal("console");
        assert_eq!(refused["code"], "signInNeeded", "{refused}");
        assert_eq!(
            refused["way"],
            json!({ "way": "login", "profile": "console" })
        );
        // No `aws` command is on the path of this process.
        let failed = home.sign_in(&refused).expect_err("no such command");
        assert_eq!(failed["code"], "signInFailed", "{failed}");
    });
}

/// The session is one that the command left: OwnKey reads it, renews it, and leaves it for the command.
#[test]
fn a_console_session_that_aws_login_left() {
    const THIS: &str = "signing_in::browser::a_console_session_that_aws_login_left";
    const LIVES_IN: &str = "OWNKEY_LEFT_LOGGED_IN";
    let arn = format!("arn:aws:iam::{PRODUCTION}:user/test");
    if std::env::var_os(LIVES_IN).is_some() {
        let draft = connection_draft(
            "Console",
            json!({ "kind": "profile", "profile": "console" }),
            "",
            "",
        );
        let arguments = json!({ "draft": draft, "kept": null });
        let answer = Running::start().call("test_connection", arguments);
        assert_eq!(answer.expect("signed in")["callerArn"], json!(arn));
        return;
    }
    let elsewhere = Elsewhere::company();
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!("[profile console]\nregion = eu-central-1\nlogin_session = {arn}\n");
    std::fs::write(folder.path().join("config"), config).expect("written");
    let cache = folder.path().join(".aws/login/cache");
    std::fs::create_dir_all(&cache).expect("made");
    let name = digest(&SHA256, arn.as_bytes());
    let name: String = name
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = cache.join(format!("{name}.json"));
    let begun = elsewhere.sandbox.begin_login(&arn).expect("a user");
    let mut token: Value = serde_json::from_str(&begun).expect("JSON");
    token["dpopKey"] = json!(LOGIN_KEY);
    let signs_in = || {
        let mut command = once_more(THIS, folder.path());
        passed(
            command
                .env(LIVES_IN, folder.path())
                .env("HOME", folder.path())
                .env("AWS_ENDPOINT_URL", elsewhere.url()),
        );
    };
    std::fs::write(&path, token.to_string()).expect("written");
    signs_in();
    assert_eq!(read_json(&path), token, "it lasts");
    token["accessToken"]["expiresAt"] = json!("2020-01-01T00:00:00Z");
    std::fs::write(&path, token.to_string()).expect("written");
    signs_in();
    let renewed = read_json(&path);
    assert_ne!(
        renewed["accessToken"]["sessionToken"],
        token["accessToken"]["sessionToken"]
    );
    assert_ne!(renewed["refreshToken"], token["refreshToken"]);
}
