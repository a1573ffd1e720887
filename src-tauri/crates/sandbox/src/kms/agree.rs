//! `DeriveSharedSecret`: ECDH with the key's real pair.

use aws_lc_rs::agreement::{self, Algorithm, PrivateKey, UnparsedPublicKey};
use serde_json::json;
use zeroize::Zeroizing;

use super::crypto::{finish_dry_run, refuse_recipient, require_algorithm, require_usage, usable};
use super::key::Secret;
use super::parse::{Input, base64};
use super::refusals::{internal, missing, validation};
use super::spec::{KeySpec, KeyUsage};
use super::{Kms, reference};
use crate::api::{ApiResult, Call};

/// `DeriveSharedSecret`: the raw x-coordinate, for the caller to derive keys from.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html>
pub(super) async fn derive_shared_secret(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_recipient(input)?;
    let algorithm = input
        .choice("KeyAgreementAlgorithm", &["ECDH"])?
        .ok_or_else(|| missing("KeyAgreementAlgorithm"))?;
    let peer = input.required_blob("PublicKey", 8192)?;
    let (at, spec, origin, secret) = {
        let operation = "DeriveSharedSecret";
        let world = kms.read(call.now);
        let reference = reference::key_id(input)?;
        let (at, key) = usable(&world, call, operation, reference, |at, key| {
            require_usage(at, key, operation, KeyUsage::KeyAgreement)?;
            require_algorithm(key, algorithm)
        })?;
        let secret = key.current().and_then(|material| material.secret.clone());
        (at, key.spec, key.origin, secret)
    };
    let (Some(curve), Some(Secret::Pair(pair))) = (curve(spec), secret) else {
        return Err(internal("The key has no material"));
    };
    let shared = kms
        .with_pair(pair, move |pair| agree(curve, &pair.private, &peer))
        .await?
        .ok_or_else(|| {
            validation(format!(
                "PublicKey is not the DER of a public key of {}.",
                spec.word()
            ))
        })?;
    finish_dry_run(input)?;
    kms.note_use(call, "DeriveSharedSecret", &at);
    Ok(json!({
        "KeyId": at.arn(),
        "SharedSecret": base64(&shared),
        "KeyAgreementAlgorithm": algorithm,
        "KeyOrigin": origin.word(),
    }))
}

fn curve(spec: KeySpec) -> Option<&'static Algorithm> {
    match spec {
        KeySpec::EccNistP256 => Some(&agreement::ECDH_P256),
        KeySpec::EccNistP384 => Some(&agreement::ECDH_P384),
        KeySpec::EccNistP521 => Some(&agreement::ECDH_P521),
        _ => None,
    }
}

fn agree(curve: &'static Algorithm, private: &[u8], peer: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // The library would take a bare point as well; AWS takes a SubjectPublicKeyInfo only.
    (peer.first() == Some(&0x30)).then_some(())?;
    let private = PrivateKey::from_private_key_der(curve, private).ok()?;
    let peer = UnparsedPublicKey::new(curve, peer);
    agreement::agree(&private, peer, (), |shared| {
        Ok(Zeroizing::new(shared.to_vec()))
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, base64};

    #[tokio::test]
    async fn both_sides_come_to_the_same_secret() {
        let bench = Bench::new();
        let agreement = |spec: &str| json!({"KeySpec": spec, "KeyUsage": "KEY_AGREEMENT"});
        for spec in ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"] {
            let mut secrets = Vec::new();
            let ours = bench.create(agreement(spec)).await;
            let theirs = bench.create(agreement(spec)).await;
            for (own, peer) in [(&ours, &theirs), (&theirs, &ours)] {
                let public =
                    bench.ask("GetPublicKey", json!({"KeyId": peer})).await["PublicKey"].clone();
                let asked =
                    json!({"KeyId": own, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public});
                let answer = bench.ask("DeriveSharedSecret", asked).await;
                assert_eq!(answer["KeyOrigin"], "AWS_KMS");
                secrets.push(answer["SharedSecret"].clone());
            }
            assert_eq!(secrets[0], secrets[1], "{spec}");
        }
    }

    #[tokio::test]
    async fn what_aws_refuses_is_refused() {
        let bench = Bench::new();
        let agreement = |spec: &str| json!({"KeySpec": spec, "KeyUsage": "KEY_AGREEMENT"});
        let key = bench.create(agreement("ECC_NIST_P256")).await;
        let other = bench.create(agreement("ECC_NIST_P384")).await;
        let signing = bench
            .create(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}))
            .await;
        let public = async |key: &str| {
            bench.ask("GetPublicKey", json!({"KeyId": key})).await["PublicKey"].clone()
        };
        let asked = |key: &str, public: Value| json!({"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public});
        let (own, foreign) = (public(&key).await, public(&other).await);
        for (input, code) in [
            (asked(&key, foreign), "ValidationException"),
            (
                asked(&key, json!(base64(b"0garbage"))),
                "ValidationException",
            ),
            (asked(&signing, own.clone()), "InvalidKeyUsageException"),
            (
                json!({"KeyId": key, "PublicKey": own}),
                "ValidationException",
            ),
            (asked(&key, own), "ok"),
        ] {
            assert_eq!(
                bench.code("DeriveSharedSecret", input.clone()).await,
                code,
                "{input}"
            );
        }
    }
}
