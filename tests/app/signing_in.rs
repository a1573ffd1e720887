//! Every way of signing in, over the real IPC and the real configuration files, to an AWS on loopback.
//!
//! The environment names the files and belongs to the whole process: each test runs in a process of
//! its own.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use aws_lc_rs::digest::{SHA256, digest};
use ownkey_sandbox::{AUDITOR_KEY_ID, Approval, EXTERNAL_ID, MFA_USER_KEY_ID, START_URL, mfa_code};
use serde_json::{Value, json};

use crate::{
    elsewhere::{Elsewhere, once_more, passed},
    running::{Running, connection_draft},
};

const PRODUCTION: &str = "111111111111";
const ANALYTICS: &str = "222222222222";
/// Made for this test.
const LOGIN_KEY: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEII+QZg2yj1LhG/FHX/CqftkBoGrHkp3BVBDnUVsJ5MlvoAoGCCqGSM49
AwEHoUQDQgAECFAX8IhIA48z+VjQ2F9Ckx2fLRJQuGlMKkaVY2US4WUS/YntwT/b
Vc5gY+meOAA/u+MGOZui6MAwEP7QnLrtaA==
-----END EC PRIVATE KEY-----
";
const MFA_DEVICE: &str = "arn:aws:iam::111111111111:mfa/priya.nair";

#[test]
fn a_profile_with_an_access_key() {
    const THIS: &str = "signing_in::a_profile_with_an_access_key";
    at_home(THIS, |home| {
        home.config("[profile plain]\naws_access_key_id = test\naws_secret_access_key = test\n");
        let report = home.test("plain").expect("signed in");
        assert_eq!(report["account"], PRODUCTION);
        assert_eq!(report["partition"], "aws");
        assert_eq!(report["endpointUrl"], json!(home.elsewhere.url()));
        assert_eq!(report["expiresAt"], Value::Null);
        home.config("[profile plain]\naws_access_key_id = test\naws_secret_access_key = wrong\n");
        assert_eq!(home.refusal("plain")["code"], "credentialsRefused");
    });
}

#[test]
fn a_program_that_prints_credentials() {
    const THIS: &str = "signing_in::a_program_that_prints_credentials";
    at_home(THIS, |home| {
        // Another program each time: what one has given is used until it runs out.
        let count = Cell::new(0);
        let says = |script: &str| {
            count.set(count.get() + 1);
            let path = home.folder.join(format!("credentials-{}.sh", count.get()));
            std::fs::write(&path, script).expect("written");
            home.config(&format!(
                "[profile program]\ncredential_process = sh {}\n",
                path.display()
            ));
        };
        let good = r#"{"Version": 1, "AccessKeyId": "test", "SecretAccessKey": "test"}"#;
        says(&format!("echo '{good}'"));
        assert_eq!(
            home.test("program").expect("signed in")["account"],
            PRODUCTION
        );
        for (script, problem) in [
            ("echo 'the vault is sealed' >&2; exit 1", "failed"),
            ("echo rubbish", "unreadable"),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "test"}'"#,
                "unreadable",
            ),
            (
                r#"echo '{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b", "SessionToken": "c", "Expiration": "2020-01-01T00:00:00Z"}'"#,
                "expired",
            ),
        ] {
            says(script);
            let refused = home.refusal("program");
            assert_eq!(refused["code"], "credentialProcessFailed", "{script}");
            assert_eq!(refused["problem"]["problem"], problem, "{script}");
        }
        says("echo 'the vault is sealed' >&2; exit 1");
        let refused = home.refusal("program");
        assert_eq!(refused["problem"]["status"], 1);
        assert_eq!(refused["problem"]["said"], "the vault is sealed");
    });
}

#[test]
fn a_role_assumed_from_another_profile() {
    const THIS: &str = "signing_in::a_role_assumed_from_another_profile";
    at_home(THIS, |home| {
        let role = format!("arn:aws:iam::{ANALYTICS}:role/OwnKeyAdministrator");
        home.config(&format!(
            "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n\
             [profile right]\nrole_arn = {role}\nsource_profile = base\nexternal_id = {EXTERNAL_ID}\n\
             [profile wrong]\nrole_arn = {role}\nsource_profile = base\nexternal_id = something-else\n\
             [profile without]\nrole_arn = {role}\nsource_profile = base\n\
             [profile first]\nrole_arn = arn:aws:iam::{PRODUCTION}:role/KeyAdministrator\nsource_profile = base\n\
             [profile auditor]\naws_access_key_id = {AUDITOR_KEY_ID}\naws_secret_access_key = test\n\
             [profile refused]\nrole_arn = {role}\nsource_profile = auditor\nexternal_id = {EXTERNAL_ID}\n\
             [profile own]\nrole_arn = {role}\nsource_profile = own\nexternal_id = {EXTERNAL_ID}\n\
             aws_access_key_id = test\naws_secret_access_key = test\n\
             [profile itself]\nrole_arn = {role}\nsource_profile = itself\n\
             [profile circle]\nrole_arn = {role}\nsource_profile = around\n\
             [profile around]\nrole_arn = {role}\nsource_profile = circle\n"
        ));
        let report = home.test("right").expect("assumed");
        assert_eq!(report["account"], ANALYTICS);
        assert!(report["expiresAt"].is_string(), "{report}");
        let arn = report["callerArn"].as_str().expect("text");
        assert!(
            arn.starts_with("arn:aws:sts::222222222222:assumed-role/OwnKeyAdministrator/"),
            "{arn}"
        );
        // With its own keys, a profile may be its own source, as for the `aws` command.
        assert_eq!(home.test("own").expect("assumed")["account"], ANALYTICS);
        assert_eq!(home.test("first").expect("assumed")["account"], PRODUCTION);
        for (profile, external_id_given) in [("wrong", true), ("without", false), ("refused", true)]
        {
            let refused = home.refusal(profile);
            assert_eq!(refused["code"], "roleRefused", "{profile}: {refused}");
            assert_eq!(refused["role"], json!(role), "{profile}");
            assert_eq!(refused["externalIdGiven"], external_id_given, "{profile}");
        }
        for profile in ["itself", "circle"] {
            let refused = home.refusal(profile);
            assert_eq!(refused["code"], "noCredentials", "{profile}: {refused}");
            let profiles = home
                .ownkey
                .call("list_profiles", json!({}))
                .expect("listed");
            let listed = profiles.as_array().expect("a list");
            let told = listed.iter().find(|one| one["name"] == profile);
            assert!(told.expect("listed")["problem"].is_string(), "{profiles}");
        }
    });
}

#[test]
fn a_role_on_top_of_a_profiles_own_role() {
    const THIS: &str = "signing_in::a_role_on_top_of_a_profiles_own_role";
    at_home(THIS, |home| {
        home.config(&format!(
            "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n\
             [profile chained]\nrole_arn = arn:aws:iam::{ANALYTICS}:role/OrganizationAccountAccessRole\nsource_profile = base\n"
        ));
        let mut draft = home.draft("chained");
        draft["role"] = json!({
            "arn": format!("arn:aws:iam::{ANALYTICS}:role/DataEngineer"),
            "externalId": "",
        });
        let arguments = json!({ "draft": draft, "kept": null });
        let report = home
            .ownkey
            .call("test_connection", arguments)
            .expect("assumed");
        let arn = report["callerArn"].as_str().expect("text");
        assert!(arn.contains("assumed-role/DataEngineer/"), "{arn}");
    });
}

#[test]
fn an_mfa_code_is_asked_for_once_for_all_profiles_of_a_device() {
    const THIS: &str = "signing_in::an_mfa_code_is_asked_for_once_for_all_profiles_of_a_device";
    at_home(THIS, |home| {
        let role = |name: &str| {
            format!(
                "role_arn = arn:aws:iam::{PRODUCTION}:role/{name}\nsource_profile = priya\n\
                 mfa_serial = {MFA_DEVICE}\n"
            )
        };
        home.config(&format!(
            "[profile priya]\naws_access_key_id = {MFA_USER_KEY_ID}\naws_secret_access_key = test\n\
             [profile glass]\n{}[profile keys]\n{}",
            role("BreakGlass"),
            role("KeyAdministrator"),
        ));
        std::thread::scope(|scope| {
            let both = ["glass", "keys"].map(|profile| scope.spawn(home.testing(profile)));
            let request = home.wait_for_request();
            assert_eq!(request["wanted"]["what"], "mfaCode");
            assert_eq!(request["wanted"]["serial"], MFA_DEVICE);
            assert_eq!(request["wanted"]["refused"], Value::Null);
            home.answer(&request, "not a code")
                .expect_err("no code at all");
            home.answer(&request, "000000").expect("sent");
            let again = home.wait_until(|request| request["wanted"]["refused"].is_string());
            home.answer(&again, &mfa_code(SystemTime::now().into()))
                .expect("sent");
            for answer in both {
                let report = answer.join().expect("no panic").expect("signed in");
                assert_eq!(report["account"], PRODUCTION);
            }
        });
        assert_eq!(home.requests(), [] as [Value; 0]);
        // Nobody is asked again.
        home.test("glass").expect("signed in");
        let asked = home.done("GetSessionToken");
        assert_eq!(asked, 1, "one code");
    });
}

#[test]
fn an_mfa_code_that_is_not_given_ends_the_sign_in() {
    const THIS: &str = "signing_in::an_mfa_code_that_is_not_given_ends_the_sign_in";
    at_home(THIS, |home| {
        home.config(&format!(
            "[profile priya]\naws_access_key_id = {MFA_USER_KEY_ID}\naws_secret_access_key = test\n\
             mfa_serial = {MFA_DEVICE}\n"
        ));
        std::thread::scope(|scope| {
            let tried = scope.spawn(home.testing("priya"));
            let request = home.wait_for_request();
            home.ownkey
                .call("cancel_sign_in_request", json!({ "id": request["id"] }))
                .expect("given up");
            let refused = tried.join().expect("no panic").expect_err("given up");
            assert_eq!(refused["code"], "signInCancelled");
        });
        assert_eq!(home.requests(), [] as [Value; 0]);
    });
}

#[test]
fn identity_center_from_an_empty_cache() {
    const THIS: &str = "signing_in::identity_center_from_an_empty_cache";
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
    const THIS: &str = "signing_in::identity_center_with_a_sign_in_that_ran_out";
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
    const THIS: &str = "signing_in::identity_center_when_the_page_says_no_or_nobody_looks_at_it";
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
    const THIS: &str = "signing_in::a_console_session_of_aws_login";
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
    const THIS: &str = "signing_in::a_console_session_that_aws_login_left";
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

#[test]
fn an_access_key_that_the_keychain_keeps() {
    const THIS: &str = "signing_in::an_access_key_that_the_keychain_keeps";
    at_home(THIS, |home| {
        let draft = |id: &str, secret: Option<&str>| {
            let kind = json!({
                "kind": "accessKey",
                "accessKeyId": id,
                "secret": secret.map(|secret| home.ownkey.sealed(secret)),
                "mfaSerial": "",
            });
            connection_draft("Kept", kind, "eu-central-1", home.elsewhere.url())
        };
        let entries = || {
            std::fs::read_dir(home.ownkey.desk.keychain())
                .expect("read")
                .count()
        };
        let before = entries();
        let missing = home
            .ownkey
            .call("add_connection", json!({ "draft": draft("test", None) }))
            .expect_err("no secret");
        assert_eq!(missing["field"], "secretAccessKey");
        let added = home
            .ownkey
            .call(
                "add_connection",
                json!({ "draft": draft("test", Some("test")) }),
            )
            .expect("kept");
        assert_eq!(entries(), before + 1);
        let again = home.restarted();
        let arguments = json!({ "connection": added["id"], "role": crate::running::no_role() });
        let report = again
            .ownkey
            .call("read_account", arguments.clone())
            .expect("signed in");
        assert_eq!(report["account"], PRODUCTION);
        // Another key id without its secret is noticed before AWS is asked.
        let other = draft("333333333333", None);
        let refused = again
            .ownkey
            .call(
                "change_connection",
                json!({ "id": added["id"], "draft": other }),
            )
            .expect_err("no secret for it");
        assert_eq!(refused["field"], "secretAccessKey");
        again
            .ownkey
            .call("remove_connection", json!({ "id": added["id"] }))
            .expect("removed");
        let left = std::fs::read_dir(again.ownkey.desk.keychain())
            .expect("read")
            .count();
        assert_eq!(left, before);
    });
}

/// A person's home folder, the AWS on loopback, and OwnKey.
struct Home {
    folder: PathBuf,
    elsewhere: Elsewhere,
    ownkey: Running,
}

/// Runs a test in a process of its own, in a home folder of its own.
fn at_home(test: &str, body: impl FnOnce(&Home)) {
    const CHILD: &str = "OWNKEY_AT_HOME";
    if let Some(folder) = std::env::var_os(CHILD) {
        return body(&Home {
            folder: folder.into(),
            elsewhere: Elsewhere::company(),
            ownkey: Running::start(),
        });
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = once_more(test, folder.path());
    passed(
        command
            .env(CHILD, folder.path())
            .env("HOME", folder.path())
            .env("PATH", "/usr/bin:/bin"),
    );
}

impl Home {
    /// Writes `~/.aws/config`; every profile in it asks the AWS on loopback.
    fn config(&self, text: &str) {
        let settings = format!(
            "region = eu-central-1\nendpoint_url = {}\n",
            self.elsewhere.url()
        );
        let mut lines = String::new();
        for line in text.lines() {
            lines += line.trim_start();
            lines += "\n";
            if line.trim_start().starts_with("[profile ") {
                lines += &settings;
            }
        }
        std::fs::write(self.folder.join("config"), lines).expect("written");
    }

    /// Two profiles of one Identity Center session.
    fn sso(&self) {
        self.config(&format!(
            "[sso-session acme]\nsso_start_url = {START_URL}\nsso_region = eu-central-1\n\
             sso_registration_scopes = sso:account:access\n\
             [profile sso]\nsso_session = acme\nsso_account_id = {PRODUCTION}\nsso_role_name = ReadOnly\n\
             [profile other]\nsso_session = acme\nsso_account_id = {ANALYTICS}\nsso_role_name = ReadOnly\n"
        ));
    }

    /// The same home and AWS, OwnKey started anew on another desk that has the same keychain and data.
    fn restarted(&self) -> Home {
        let desk = crate::running::Desk::new();
        for part in ["data", "keychain"] {
            copy(
                &self.ownkey.desk.data().with_file_name(part),
                &desk.data().with_file_name(part),
            );
        }
        Home {
            folder: self.folder.clone(),
            elsewhere: self.elsewhere.again(),
            ownkey: Running::start_on(desk),
        }
    }

    fn draft(&self, profile: &str) -> Value {
        connection_draft(
            profile,
            json!({ "kind": "profile", "profile": profile }),
            "",
            "",
        )
    }

    fn test(&self, profile: &str) -> Result<Value, Value> {
        self.testing(profile)()
    }

    /// To be done in another thread, while a person is asked.
    fn testing(&self, profile: &str) -> impl FnOnce() -> Result<Value, Value> + Send + 'static {
        let (line, draft) = (self.ownkey.line.clone(), self.draft(profile));
        move || line.call("test_connection", json!({ "draft": draft, "kept": null }))
    }

    fn refusal(&self, profile: &str) -> Value {
        self.test(profile).expect_err("refused")
    }

    fn sign_in(&self, refused: &Value) -> Result<Value, Value> {
        self.signing_in(refused)()
    }

    fn signing_in(
        &self,
        refused: &Value,
    ) -> impl FnOnce() -> Result<Value, Value> + Send + 'static {
        let line = self.ownkey.line.clone();
        let arguments = json!({ "id": refused["signIn"], "task": "sign-in" });
        move || line.call("sign_in", arguments)
    }

    fn requests(&self) -> Vec<Value> {
        let listed = self.ownkey.call("list_sign_in_requests", json!({}));
        listed.expect("listed").as_array().expect("a list").clone()
    }

    fn wait_for_request(&self) -> Value {
        self.wait_until(|_| true)
    }

    /// Waits for a request of a kind. OwnKey works in other threads: there is nothing to wait on but
    /// what the window sees.
    fn wait_until(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..2_000 {
            if let Some(request) = self.requests().into_iter().find(&wanted) {
                return request;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("nobody was asked: {:?}", self.requests());
    }

    fn answer(&self, request: &Value, code: &str) -> Result<Value, Value> {
        let arguments = json!({ "id": request["id"], "code": self.ownkey.sealed(code) });
        self.ownkey.call("answer_mfa_request", arguments)
    }

    fn done(&self, operation: &str) -> usize {
        let calls = self.elsewhere.sandbox.calls().into_iter();
        calls
            .filter(|call| call.operation == operation && call.outcome == "ok")
            .count()
    }

    fn token_file(&self) -> PathBuf {
        let cache = self.folder.join(".aws/sso/cache");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&cache)
            .expect("a cache")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| read_json(path)["accessToken"].is_string())
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    fn cached_token(&self) -> Value {
        read_json(&self.token_file())
    }

    fn cache_token(&self, token: &Value) {
        std::fs::write(self.token_file(), token.to_string()).expect("written");
    }
}

fn read_json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("read") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("named"));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|kind| kind != "lock") {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}
