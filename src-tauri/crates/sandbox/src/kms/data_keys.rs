//! `GenerateDataKey` and `GenerateDataKeyWithoutPlaintext`.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::crypto::{
    SYMMETRIC_DEFAULT, Sealing, encryption_context, finish_dry_run, refuse_recipient,
};
use super::parse::{Input, base64};
use super::refusals::validation;
use super::{Kms, reference};
use crate::api::{ApiError, ApiResult, Call};
use crate::random::Random;

/// `GenerateDataKey`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html>
pub(super) async fn generate_data_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_recipient(input)?;
    let (mut answer, plaintext) = generate(kms, call, input, "GenerateDataKey").await?;
    answer["Plaintext"] = base64(&plaintext);
    Ok(answer)
}

/// `GenerateDataKeyWithoutPlaintext`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html>
pub(super) async fn generate_data_key_without_plaintext(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let operation = "GenerateDataKeyWithoutPlaintext";
    let (answer, _) = generate(kms, call, input, operation).await?;
    Ok(answer)
}

async fn generate(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
    operation: &str,
) -> Result<(Value, Zeroizing<Vec<u8>>), ApiError> {
    let length = length(input)?;
    let context = encryption_context(input, "EncryptionContext")?;
    let reference = reference::key_id(input)?;
    let sealing = Sealing::found(kms, call, operation, reference, SYMMETRIC_DEFAULT)?;
    finish_dry_run(input)?;
    // Not from the seeded stream: a data key leaves no trace in the state, so after a restart the
    // stream would give the same one again.
    let mut plaintext = Zeroizing::new(vec![0; length]);
    Random::from_os().fill(&mut plaintext);
    let blob = sealing.seal(kms, &context, plaintext.clone()).await?;
    kms.note_use(call, operation, &sealing.at);
    let mut answer = json!({ "CiphertextBlob": base64(&blob), "KeyId": sealing.at.arn() });
    if let Some(material) = sealing.material() {
        answer["KeyMaterialId"] = material.hex().into();
    }
    Ok((answer, plaintext))
}

fn length(input: Input<'_>) -> Result<usize, ApiError> {
    let spec = input.choice("KeySpec", &["AES_256", "AES_128"])?;
    match (spec, input.whole("NumberOfBytes", 1, 1024)?) {
        (Some("AES_128"), None) => Ok(16),
        (Some(_), None) => Ok(32),
        (None, Some(bytes)) => Ok(bytes as usize),
        _ => Err(validation(
            "Please specify either number of bytes or key spec.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::super::testing::Bench;

    #[tokio::test]
    async fn a_data_key_comes_with_its_ciphertext_and_in_the_length_asked_for() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        for (asked, length) in [
            (json!({"KeySpec": "AES_128"}), 16),
            (json!({"KeySpec": "AES_256"}), 32),
            (json!({"NumberOfBytes": 1024}), 1024),
        ] {
            let mut input = asked;
            input["KeyId"] = json!(key);
            input["EncryptionContext"] = json!({"a": "b"});
            let made = bench.ask("GenerateDataKey", input.clone()).await;
            let plaintext = STANDARD
                .decode(made["Plaintext"].as_str().unwrap())
                .unwrap();
            assert_eq!(plaintext.len(), length);
            let open = |blob: &serde_json::Value| json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
            let opened = bench.ask("Decrypt", open(&made["CiphertextBlob"])).await;
            assert_eq!(opened["Plaintext"], made["Plaintext"]);
            assert_eq!(opened["KeyMaterialId"], made["KeyMaterialId"]);
            let hidden = bench.ask("GenerateDataKeyWithoutPlaintext", input).await;
            assert!(hidden.get("Plaintext").is_none());
            let opened = bench.ask("Decrypt", open(&hidden["CiphertextBlob"])).await;
            assert_ne!(opened["Plaintext"], made["Plaintext"]);
        }
    }

    #[tokio::test]
    async fn what_aws_refuses_is_refused() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let mac = bench
            .create(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}))
            .await;
        let rsa = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
            .await;
        let waiting = bench.external().await;
        let (validation, usage) = ("ValidationException", "InvalidKeyUsageException");
        for (input, code) in [
            (json!({"KeyId": key}), validation),
            (
                json!({"KeyId": key, "KeySpec": "AES_256", "NumberOfBytes": 32}),
                validation,
            ),
            (json!({"KeyId": key, "KeySpec": "AES_192"}), validation),
            (json!({"KeyId": key, "NumberOfBytes": 1025}), validation),
            (json!({"KeyId": mac, "KeySpec": "AES_256"}), usage),
            (json!({"KeyId": rsa, "KeySpec": "AES_256"}), usage),
            (
                json!({"KeyId": waiting, "KeySpec": "AES_256"}),
                "KMSInvalidStateException",
            ),
            (
                json!({"KeyId": key, "KeySpec": "AES_256", "DryRun": true}),
                "DryRunOperationException",
            ),
        ] {
            for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
                assert_eq!(bench.code(operation, input.clone()).await, code, "{input}");
            }
        }
    }
}
