//! `GenerateDataKeyPair` and `GenerateDataKeyPairWithoutPlaintext`.

use std::sync::Arc;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::crypto::{
    SYMMETRIC_DEFAULT, Sealing, encryption_context, finish_dry_run, refuse_recipient,
};
use super::pairs::LazyPair;
use super::parse::{Input, base64};
use super::refusals::unsupported;
use super::spec::KeySpec;
use super::{Kms, reference};
use crate::api::{ApiError, ApiResult, Call};

/// `GenerateDataKeyPair`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html>
pub(super) async fn generate_data_key_pair(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_recipient(input)?;
    let (mut answer, private) = generate(kms, call, input, "GenerateDataKeyPair").await?;
    answer["PrivateKeyPlaintext"] = base64(&private);
    Ok(answer)
}

/// `GenerateDataKeyPairWithoutPlaintext`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html>
pub(super) async fn generate_data_key_pair_without_plaintext(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let operation = "GenerateDataKeyPairWithoutPlaintext";
    let (answer, _) = generate(kms, call, input, operation).await?;
    Ok(answer)
}

/// The answer without the private key, and the private key: PKCS#8 DER.
async fn generate(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
    operation: &str,
) -> Result<(Value, Zeroizing<Vec<u8>>), ApiError> {
    let word = input.required_text("KeyPairSpec", 0, usize::MAX)?;
    let spec = KeySpec::parse(word)?;
    let context = encryption_context(input, "EncryptionContext")?;
    let reference = reference::key_id(input)?;
    let sealing = Sealing::found(kms, call, operation, reference, SYMMETRIC_DEFAULT)?;
    if sealing.is_in_custom_key_store {
        return Err(unsupported(format!(
            "{} is in a custom key store, which is not valid for this operation.",
            sealing.at.arn()
        )));
    }
    finish_dry_run(input)?;
    // The pair belongs to nobody's key: it is made by the library and forgotten.
    let pair = Arc::new(LazyPair::native(spec));
    let pair = kms.with_pair(pair, Clone::clone).await?;
    let blob = sealing.seal(kms, &context, pair.private.clone()).await?;
    kms.note_use(call, operation, &sealing.at);
    let mut answer = json!({
        "PrivateKeyCiphertextBlob": base64(&blob),
        "PublicKey": base64(&pair.public),
        "KeyId": sealing.at.arn(),
        "KeyPairSpec": word,
    });
    if let Some(material) = sealing.material() {
        answer["KeyMaterialId"] = material.hex().into();
    }
    Ok((answer, pair.private))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::super::pairs::parse_pkcs8;
    use super::super::testing::Bench;
    use super::*;

    #[tokio::test]
    async fn the_private_key_comes_sealed_and_belongs_to_the_public_one() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        for spec in [
            "RSA_2048",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "ECC_NIST_EDWARDS25519",
        ] {
            let asked = json!({"KeyId": key, "KeyPairSpec": spec, "EncryptionContext": {"a": "b"}});
            let made = bench.ask("GenerateDataKeyPair", asked.clone()).await;
            assert_eq!(made["KeyPairSpec"], spec);
            let open =
                |blob: &Value| json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
            let opened = bench
                .ask("Decrypt", open(&made["PrivateKeyCiphertextBlob"]))
                .await;
            assert_eq!(opened["Plaintext"], made["PrivateKeyPlaintext"]);
            assert_eq!(opened["KeyMaterialId"], made["KeyMaterialId"]);
            let private = STANDARD
                .decode(made["PrivateKeyPlaintext"].as_str().unwrap())
                .unwrap();
            if spec != "ECC_NIST_EDWARDS25519" {
                let pair = parse_pkcs8(KeySpec::parse(spec).unwrap(), &private).unwrap();
                assert_eq!(base64(&pair.public), made["PublicKey"]);
            }
            let hidden = bench
                .ask("GenerateDataKeyPairWithoutPlaintext", asked)
                .await;
            assert!(hidden.get("PrivateKeyPlaintext").is_none());
            assert_ne!(hidden["PublicKey"], made["PublicKey"]);
        }
    }

    #[tokio::test]
    async fn what_aws_refuses_is_refused() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let rsa = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
            .await;
        let pair = |key: &str, spec: &str| json!({"KeyId": key, "KeyPairSpec": spec});
        let mut dry = pair(&key, "RSA_4096");
        dry["DryRun"] = json!(true);
        for (input, code) in [
            (pair(&key, "HMAC_256"), "ValidationException"),
            (json!({"KeyId": key}), "ValidationException"),
            (pair(&key, "SM2"), "UnsupportedOperationException"),
            (pair(&rsa, "ECC_NIST_P256"), "InvalidKeyUsageException"),
            (dry, "DryRunOperationException"),
        ] {
            for operation in ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] {
                assert_eq!(bench.code(operation, input.clone()).await, code, "{input}");
            }
        }
    }

    #[tokio::test]
    async fn an_external_key_store_makes_neither_pairs_nor_random_bytes() {
        let mut bench = Bench::new();
        let store = json!({
            "CustomKeyStoreName": "x", "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/kms/xks/v1",
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyAuthenticationCredential": {
                "AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "a".repeat(43),
            },
        });
        let made = bench.ask("CreateCustomKeyStore", store).await;
        let store = made["CustomKeyStoreId"].clone();
        bench
            .ask(
                "ConnectCustomKeyStore",
                json!({ "CustomKeyStoreId": store }),
            )
            .await;
        bench.days_pass(1);
        let asked =
            json!({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "1"});
        let key = bench.create(asked).await;
        let unsupported = "UnsupportedOperationException";
        for (operation, input, code) in [
            (
                "GenerateDataKey",
                json!({"KeyId": key, "KeySpec": "AES_256"}),
                "ok",
            ),
            (
                "GenerateDataKeyPair",
                json!({"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}),
                unsupported,
            ),
            ("ListKeyRotations", json!({ "KeyId": key }), unsupported),
            (
                "GenerateRandom",
                json!({"NumberOfBytes": 1, "CustomKeyStoreId": store}),
                unsupported,
            ),
        ] {
            assert_eq!(bench.code(operation, input).await, code, "{operation}");
        }
    }
}
