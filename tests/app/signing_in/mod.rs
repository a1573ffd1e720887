//! Every way of signing in, over the real IPC and the real configuration files, to an AWS on loopback.
//!
//! The environment names the files and belongs to the whole process: each test runs in a process of
//! its own.

mod browser;
mod home;

use std::{cell::Cell, time::SystemTime};

use ownkey_sandbox::{AUDITOR_KEY_ID, EXTERNAL_ID, MFA_USER_KEY_ID, mfa_code};
use serde_json::{Value, json};

use crate::running::connection_draft;
use home::at_home;

const PRODUCTION: &str = "111111111111";
const ANALYTICS: &str = "222222222222";
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
            for wrong in ["not a code", "000000"] {
                let refused = home.answer(&request, wrong).expect_err("a wrong code");
                assert_eq!(refused["field"], "mfaCode", "{refused}");
            }
            assert_eq!(home.requests(), std::slice::from_ref(&request), "it waits");
            home.answer(&request, &mfa_code(SystemTime::now().into()))
                .expect("taken");
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
