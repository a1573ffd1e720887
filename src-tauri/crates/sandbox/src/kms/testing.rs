//! What the tests of the operations share: a caller, a clock, and a customer's side of an import.

use std::sync::Arc;

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::{Kms, Principals};
use crate::api::{ApiError, Call};
use crate::iam::caller::Caller;
use crate::iam::policy::{Policy, PolicyKind};
use crate::random::Random;
use crate::regions::Partition;
use crate::revision::Revision;

pub(super) const NOW: OffsetDateTime = datetime!(2026-03-14 09:26:53.589 UTC);

/// One caller in one region at one time: at first the account's administrator.
pub(super) struct Bench {
    pub(super) kms: Kms,
    pub(super) account: &'static str,
    pub(super) region: &'static str,
    pub(super) now: OffsetDateTime,
    /// Who asks, if not the administrator.
    pub(super) caller: Option<Caller>,
}

/// Of users and roles only some exist.
pub(crate) struct Few;

impl Principals for Few {
    fn exist(&self, name: &str, _: Partition) -> bool {
        !name.contains(":user/") && !name.contains(":role/")
            || ["user/test", "user/anna", "user/bert", "role/ops"]
                .iter()
                .any(|known| name.ends_with(known))
    }

    fn unique_id(&self, _: &str) -> Option<String> {
        None
    }

    fn arn(&self, _: &str) -> Option<String> {
        None
    }
}

/// A user whose inline policy has these statements.
pub(crate) fn user(account: &str, name: &str, statements: &[&str]) -> Caller {
    Caller {
        policies: vec![policy(statements)],
        ..Caller::for_tests(account, name)
    }
}

/// An identity policy, session policy or boundary.
pub(crate) fn policy(statements: &[&str]) -> Arc<Policy> {
    let none = r#"{"Effect":"Deny","Action":"none:none","Resource":"*"}"#;
    let statements = [&[none], statements].concat().join(",");
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())
}

/// May do everything that its account can allow.
pub(crate) fn administrator(account: &str) -> Caller {
    let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    user(account, "test", &[everything])
}

impl Bench {
    pub(super) fn new() -> Self {
        Self::among(Arc::new(Few))
    }

    /// One where these principals exist.
    pub(super) fn among(principals: Arc<dyn Principals>) -> Self {
        Self {
            kms: Kms::new(Random::from_os(), Revision::default(), principals),
            account: "111111111111",
            region: "eu-west-1",
            now: NOW,
            caller: None,
        }
    }

    /// From now on a user asks whose policy has these statements.
    pub(super) fn act_as(&mut self, name: &str, statements: &[&str]) {
        self.caller = Some(user(self.account, name, statements));
    }

    pub(super) fn act_as_administrator(&mut self) {
        self.caller = None;
    }

    pub(super) fn days_pass(&mut self, days: i64) {
        self.now += Duration::days(days);
    }

    pub(super) fn call(&self) -> Call {
        let caller = self.caller.clone();
        let caller = caller.unwrap_or_else(|| administrator(self.account));
        Call {
            account: caller.account.clone(),
            region: self.region.to_owned(),
            principal: caller.arn.clone(),
            caller: Arc::new(caller),
            via: None,
            request_id: String::new(),
            now: self.now,
        }
    }

    pub(super) async fn try_ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        self.kms
            .answer(&self.call(), operation, input.as_object().unwrap())
            .await
    }

    pub(super) async fn ask(&self, operation: &str, input: Value) -> Value {
        match self.try_ask(operation, input.clone()).await {
            Ok(answer) => answer,
            Err(error) => panic!("{operation} {input}: {error:?}"),
        }
    }

    /// The code of the refusal; `"ok"` if there was none.
    pub(super) async fn code(&self, operation: &str, input: Value) -> &'static str {
        self.try_ask(operation, input)
            .await
            .map_or_else(|error| error.code, |_| "ok")
    }

    pub(super) async fn create(&self, input: Value) -> String {
        self.ask("CreateKey", input).await["KeyMetadata"]["KeyId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A key for imported symmetric material.
    pub(super) async fn external(&self) -> String {
        self.create(json!({ "Origin": "EXTERNAL" })).await
    }

    pub(super) async fn describe(&self, key: &str) -> Value {
        self.ask("DescribeKey", json!({ "KeyId": key })).await["KeyMetadata"].clone()
    }

    pub(super) async fn state(&self, key: &str) -> String {
        self.describe(key).await["KeyState"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// What `GetParametersForImport` answers.
    pub(super) async fn parameters(&self, key: &str, (algorithm, spec): Wrapping) -> Value {
        let input =
            json!({ "KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec });
        self.ask("GetParametersForImport", input).await
    }

    /// The request that imports `material` for ever, with new parameters.
    pub(super) async fn wrapped(&self, key: &str, how: Wrapping, material: &[u8]) -> Value {
        let set = self.parameters(key, how).await;
        request(&set, how.0, material)
    }

    /// Imports with small keys, and returns the refusal's code or `"ok"`.
    pub(super) async fn import(&self, key: &str, material: &[u8], more: Value) -> &'static str {
        let mut input = self.wrapped(key, QUICK, material).await;
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        self.code("ImportKeyMaterial", input).await
    }
}

/// Wrapping algorithm and wrapping key spec.
pub(super) type Wrapping = (&'static str, &'static str);

/// The cheapest way to wrap.
pub(super) const QUICK: Wrapping = ("RSAES_OAEP_SHA_256", "RSA_2048");

/// The request that imports `material` for ever, with these parameters.
pub(crate) fn request(set: &Value, algorithm: &str, material: &[u8]) -> Value {
    let public = STANDARD.decode(set["PublicKey"].as_str().unwrap()).unwrap();
    json!({
        "KeyId": set["KeyId"],
        "ImportToken": set["ImportToken"],
        "EncryptedKeyMaterial": base64(&wrap(algorithm, &public, material)),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    })
}

/// What the customer does with the public key.
fn wrap(algorithm: &str, public: &[u8], material: &[u8]) -> Vec<u8> {
    let padding = if algorithm.ends_with("SHA_1") {
        &OAEP_SHA1_MGF1SHA1
    } else {
        &OAEP_SHA256_MGF1SHA256
    };
    let key = OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(public).unwrap()).unwrap();
    let oaep = |bytes: &[u8]| {
        let mut out = vec![0; key.ciphertext_size()];
        key.encrypt(padding, bytes, &mut out, None).unwrap();
        out
    };
    if algorithm.starts_with("RSAES") {
        return oaep(material);
    }
    let aes = Random::from_os().bytes::<32>();
    let mut inner = vec![0; material.len().next_multiple_of(8) + 8];
    let kek = AesKek::new(&AES_256, &aes).unwrap();
    let inner = kek.wrap_with_padding(material, &mut inner).unwrap();
    [oaep(&aes).as_slice(), inner].concat()
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
