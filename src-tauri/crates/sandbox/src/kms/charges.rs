//! Which of AWS's request quotas a request counts against. How much they allow is in `crate::quotas`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>

use serde_json::{Map, Value};

use super::ciphertext;
use super::parse::Input;
use super::reference;
use super::spec::KeySpec;
use super::world::{World, key_arn};
use super::{Kms, state};
use crate::api::Call;

/// One request counts this often against one quota of the caller's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) region: String,
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
        let charge = |region: &str, quota: &str, count| Charge {
            region: region.to_owned(),
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
                let from = family(&world, call, operation, input, "SourceKeyId");
                let to = family(&world, call, operation, input, "DestinationKeyId");
                let other = Some(to).filter(|to| *to != from);
                [from].into_iter().chain(other).map(here).collect()
            }
            operation if state::is_cryptographic(operation) => {
                let world = self.read(call.now);
                vec![here(family(&world, call, operation, input, "KeyId"))]
            }
            _ => vec![own],
        }
    }
}

const SYMMETRIC: &str = "Cryptographic operations (symmetric)";

/// The shared quota of the key that a member, or else the ciphertext, names. A key that does not
/// exist or may not be used counts as symmetric.
fn family(
    world: &World,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
    member: &str,
) -> &'static str {
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
    found.map_or(SYMMETRIC, |(_, key)| quota_of(key.spec))
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
                .map(|charge| format!("{}*{} {}", charge.count, charge.quota, charge.region))
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
