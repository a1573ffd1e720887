//! Which of AWS's request quotas a request counts against. How much they allow is in `crate::quotas`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>

use serde_json::{Map, Value};

use super::ciphertext;
use super::key::Key;
use super::parse::Input;
use super::reference;
use super::spec::KeySpec;
use super::world::{World, key_arn};
use super::{Kms, state};
use crate::api::Call;

/// One request counts this often against one quota of the caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    /// The region, or the custom key store that has a quota of its own.
    pub(crate) place: String,
    pub(crate) quota: String,
    pub(crate) count: u32,
}

impl Kms {
    /// What a request counts as. Keys in other accounts count for the account that asks.
    pub(crate) fn charges(
        &self,
        call: &Call,
        operation: &str,
        input: &Map<String, Value>,
    ) -> Vec<Charge> {
        let text = |member: &str| input.get(member).and_then(Value::as_str);
        let charge = |place: &str, quota: &str, count| Charge {
            place: place.to_owned(),
            quota: quota.to_owned(),
            count,
        };
        let here = |quota: &str| charge(&call.region, quota, 1);
        let own = here(operation);
        match operation {
            // One of the two is a dry run that looks for problems before the key is made.
            "ReplicateKey" => match text("ReplicaRegion") {
                Some(region) => vec![own, charge(region, "CreateKey", 2)],
                None => vec![own],
            },
            "UpdatePrimaryRegion" => match text("PrimaryRegion") {
                Some(region) => vec![own, charge(region, operation, 1)],
                None => vec![own],
            },
            "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
                let spec = text("KeyPairSpec").unwrap_or_default();
                vec![here(&format!("GenerateDataKeyPair ({spec})"))]
            }
            "GenerateRandom" => vec![here(SYMMETRIC)],
            "ReEncrypt" => {
                let world = self.read(call.now);
                let from = key_asked(&world, call, operation, input, "SourceKeyId");
                let to = key_asked(&world, call, operation, input, "DestinationKeyId");
                let (from, to) = (quotas_of(from, &call.region), quotas_of(to, &call.region));
                let others = to.into_iter().filter(|quota| !from.contains(quota));
                let others: Vec<_> = others.collect();
                let all = from.into_iter().chain(others);
                all.map(|(place, quota)| charge(place, quota, 1)).collect()
            }
            operation if state::is_cryptographic(operation) => {
                let world = self.read(call.now);
                let key = key_asked(&world, call, operation, input, "KeyId");
                let quotas = quotas_of(key, &call.region).into_iter();
                quotas
                    .map(|(place, quota)| charge(place, quota, 1))
                    .collect()
            }
            _ => vec![own],
        }
    }
}

const SYMMETRIC: &str = "Cryptographic operations (symmetric)";

/// What one custom key store takes, whatever its account may use.
const CUSTOM_KEY_STORE: &str = "Cryptographic operations (custom key store)";

/// The key that a member, or else the ciphertext, names.
fn key_asked<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
    member: &str,
) -> Option<&'w Key> {
    let named = input.get(member).and_then(Value::as_str);
    let found = match named {
        Some(reference) => reference::found(world, call, operation, reference).ok(),
        None => {
            let blob = Input::new(input).blob("CiphertextBlob", usize::MAX);
            let blob = blob.ok().flatten();
            let header = blob.as_deref().and_then(|blob| ciphertext::header(blob));
            header.and_then(|(header, _)| {
                let arn = key_arn(header.account, &call.region, header.key_id);
                reference::found(world, call, operation, &arn).ok()
            })
        }
    };
    found.map(|(_, key)| key)
}

/// The quotas of a key, each with its place. A key that does not exist, or that the caller may not
/// use, counts as symmetric.
fn quotas_of<'a>(key: Option<&'a Key>, region: &'a str) -> Vec<(&'a str, &'static str)> {
    let shared = key.map_or(SYMMETRIC, |key| quota_of(key.spec));
    let place = key.and_then(|key| key.place.as_ref());
    let own = place.map(|place| (&*place.store, CUSTOM_KEY_STORE));
    [(region, shared)].into_iter().chain(own).collect()
}

fn quota_of(spec: KeySpec) -> &'static str {
    match spec {
        KeySpec::SymmetricDefault
        | KeySpec::Hmac224
        | KeySpec::Hmac256
        | KeySpec::Hmac384
        | KeySpec::Hmac512 => SYMMETRIC,
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => "Cryptographic operations (RSA)",
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256k1
        | KeySpec::EccNistEdwards25519 => "Cryptographic operations (ECC)",
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => {
            "Cryptographic operations (ML-DSA)"
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, base64};
    use super::*;

    #[tokio::test]
    async fn cryptography_shares_a_quota_by_the_kind_of_key() {
        let bench = Bench::new();
        let symmetric = bench.create(json!({})).await;
        let rsa = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
            .await;
        let blob = bench
            .ask(
                "Encrypt",
                json!({"KeyId": symmetric, "Plaintext": base64(b"x")}),
            )
            .await["CiphertextBlob"]
            .clone();
        let told = |operation: &str, input: Value| -> Vec<String> {
            let charges = bench
                .kms
                .charges(&bench.call(), operation, input.as_object().unwrap());
            charges
                .iter()
                .map(|charge| format!("{}*{} {}", charge.count, charge.quota, charge.place))
                .collect()
        };
        let rsa_quota = "1*Cryptographic operations (RSA) eu-west-1";
        let symmetric_quota = "1*Cryptographic operations (symmetric) eu-west-1";
        assert_eq!(told("Encrypt", json!({ "KeyId": rsa })), [rsa_quota]);
        assert_eq!(
            told("Decrypt", json!({ "CiphertextBlob": blob })),
            [symmetric_quota]
        );
        assert_eq!(
            told("GenerateRandom", json!({"NumberOfBytes": 1})),
            [symmetric_quota]
        );
        let move_on = json!({"CiphertextBlob": blob, "DestinationKeyId": rsa});
        assert_eq!(told("ReEncrypt", move_on), [symmetric_quota, rsa_quota]);
        assert_eq!(
            told("GenerateDataKeyPair", json!({"KeyPairSpec": "RSA_4096"})),
            ["1*GenerateDataKeyPair (RSA_4096) eu-west-1"]
        );
        assert_eq!(
            told("ReplicateKey", json!({"ReplicaRegion": "us-west-2"})),
            ["1*ReplicateKey eu-west-1", "2*CreateKey us-west-2"]
        );
        assert_eq!(
            told("UpdatePrimaryRegion", json!({"PrimaryRegion": "us-west-2"})),
            [
                "1*UpdatePrimaryRegion eu-west-1",
                "1*UpdatePrimaryRegion us-west-2"
            ]
        );
        assert_eq!(told("ListKeys", json!({})), ["1*ListKeys eu-west-1"]);
    }
}
