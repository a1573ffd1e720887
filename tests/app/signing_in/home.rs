//! Where a person signs in: a home folder with the AWS configuration files, an AWS on loopback, OwnKey.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use ownkey_sandbox::START_URL;
use serde_json::{Value, json};

use super::{ANALYTICS, PRODUCTION};
use crate::{
    elsewhere::{Elsewhere, once_more, passed},
    running::{Running, connection_draft},
};

/// A person's home folder, the AWS on loopback, and OwnKey.
pub(super) struct Home {
    pub(super) folder: PathBuf,
    pub(super) elsewhere: Elsewhere,
    pub(super) ownkey: Running,
}

/// Runs a test in a process of its own, in a home folder of its own.
pub(super) fn at_home(test: &str, body: impl FnOnce(&Home)) {
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
    pub(super) fn config(&self, text: &str) {
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
    pub(super) fn sso(&self) {
        self.config(&format!(
            "[sso-session acme]\nsso_start_url = {START_URL}\nsso_region = eu-central-1\n\
             sso_registration_scopes = sso:account:access\n\
             [profile sso]\nsso_session = acme\nsso_account_id = {PRODUCTION}\nsso_role_name = ReadOnly\n\
             [profile other]\nsso_session = acme\nsso_account_id = {ANALYTICS}\nsso_role_name = ReadOnly\n"
        ));
    }

    /// The same home and AWS, OwnKey started anew on another desk that has the same keychain and data.
    pub(super) fn restarted(&self) -> Home {
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

    pub(super) fn draft(&self, profile: &str) -> Value {
        connection_draft(
            profile,
            json!({ "kind": "profile", "profile": profile }),
            "",
            "",
        )
    }

    pub(super) fn test(&self, profile: &str) -> Result<Value, Value> {
        self.testing(profile)()
    }

    /// To be done in another thread, while a person is asked.
    pub(super) fn testing(
        &self,
        profile: &str,
    ) -> impl FnOnce() -> Result<Value, Value> + Send + 'static {
        let (line, draft) = (self.ownkey.line.clone(), self.draft(profile));
        move || line.call("test_connection", json!({ "draft": draft, "kept": null }))
    }

    pub(super) fn refusal(&self, profile: &str) -> Value {
        self.test(profile).expect_err("refused")
    }

    pub(super) fn sign_in(&self, refused: &Value) -> Result<Value, Value> {
        self.signing_in(refused)()
    }

    pub(super) fn signing_in(
        &self,
        refused: &Value,
    ) -> impl FnOnce() -> Result<Value, Value> + Send + 'static {
        let line = self.ownkey.line.clone();
        let arguments = json!({ "id": refused["signIn"], "task": "sign-in" });
        move || line.call("sign_in", arguments)
    }

    pub(super) fn requests(&self) -> Vec<Value> {
        let listed = self.ownkey.call("list_sign_in_requests", json!({}));
        listed.expect("listed").as_array().expect("a list").clone()
    }

    /// Waits for a request. OwnKey works in other threads: there is nothing to wait on but what the
    /// window sees.
    pub(super) fn wait_for_request(&self) -> Value {
        for _ in 0..2_000 {
            if let Some(request) = self.requests().into_iter().next() {
                return request;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("nobody was asked: {:?}", self.requests());
    }

    pub(super) fn answer(&self, request: &Value, code: &str) -> Result<Value, Value> {
        let arguments = json!({ "id": request["id"], "code": self.ownkey.sealed(code) });
        self.ownkey.call("answer_mfa_request", arguments)
    }

    pub(super) fn done(&self, operation: &str) -> usize {
        let calls = self.elsewhere.sandbox.calls().into_iter();
        calls
            .filter(|call| call.operation == operation && call.outcome == "ok")
            .count()
    }

    pub(super) fn token_file(&self) -> PathBuf {
        let cache = self.folder.join(".aws/sso/cache");
        let mut files: Vec<PathBuf> = std::fs::read_dir(&cache)
            .expect("a cache")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| read_json(path)["accessToken"].is_string())
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    pub(super) fn cached_token(&self) -> Value {
        read_json(&self.token_file())
    }

    pub(super) fn cache_token(&self, token: &Value) {
        std::fs::write(self.token_file(), token.to_string()).expect("written");
    }
}

pub(super) fn read_json(path: &Path) -> Value {
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
