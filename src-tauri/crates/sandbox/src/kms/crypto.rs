//! `Encrypt` and `Decrypt`, and what all operations that use a key share.

use std::sync::Arc;

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::ciphertext::{self, Header};
use super::key::{Key, Secret};
use super::pairs::{LazyPair, Pair};
use super::parse::{Input, base64};
use super::refusals::{internal, invalid_ciphertext, invalid_usage, unsupported, validation};
use super::spec::KeyUsage;
use super::world::{KeyAddress, World, key_arn};
use super::{Kms, reference, state};
use crate::api::{ApiError, ApiResult, Call};

/// The most a symmetric encryption key takes.
const PLAINTEXT_MAX: usize = 4096;
const CIPHERTEXT_MAX: usize = 6144;

const ALGORITHMS: [&str; 4] = [
    "SYMMETRIC_DEFAULT",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
];

/// `Encrypt`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
pub(super) async fn encrypt(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_grant_tokens(input)?;
    let plaintext = input.required_blob("Plaintext", PLAINTEXT_MAX)?;
    let context = input.pairs("EncryptionContext")?;
    let algorithm = algorithm(input)?;
    let (at, used) = {
        let world = kms.read(call.now);
        let (at, key) = reference::permitted(&world, call, "Encrypt", input)?;
        check_usage(&at, key, algorithm)?;
        let used = key
            .current()
            .and_then(|material| Some((material.id, material.secret.clone()?)));
        (at, used)
    };
    finish_dry_run(input)?;
    let (material, secret) = used.ok_or_else(|| internal("The key has no material"))?;
    let blob = match secret {
        Secret::Raw(bytes) => {
            let header = Header {
                account: &at.account,
                key_id: &at.id,
                material,
            };
            ciphertext::seal(&header, &bytes, &context, &plaintext)
                .ok_or_else(|| internal("Encryption failed"))?
        }
        Secret::Pair(pair) => {
            refuse_context(context.is_empty())?;
            rsa(kms, pair, algorithm, plaintext, rsa_encrypt)
                .await?
                .ok_or_else(|| {
                    validation("The plaintext is too long for this key and encryption algorithm")
                })?
                .to_vec()
        }
    };
    Ok(json!({
        "CiphertextBlob": base64(&blob),
        "KeyId": at.arn(),
        "EncryptionAlgorithm": algorithm,
    }))
}

/// `Decrypt`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
pub(super) async fn decrypt(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_grant_tokens(input)?;
    if input.has("Recipient") {
        return Err(unsupported("Recipient is valid only in Nitro enclaves."));
    }
    let context = input.pairs("EncryptionContext")?;
    let algorithm = algorithm(input)?;
    let without_blob = input.flag("DryRun")?
        && input
            .texts("DryRunModifiers")?
            .unwrap_or_default()
            .contains(&"IGNORE_CIPHERTEXT");
    let blob = match input.blob("CiphertextBlob", CIPHERTEXT_MAX)? {
        Some(blob) => Some(blob),
        None if without_blob => None,
        None => return Err(super::refusals::missing("CiphertextBlob")),
    };
    let header = blob
        .as_deref()
        .and_then(|blob| ciphertext::header(blob))
        .map(|(header, _)| header);
    let (at, secret) = {
        let world = kms.read(call.now);
        let (at, key) = key_for_decryption(&world, call, input, header.as_ref())?;
        check_usage(&at, key, algorithm)?;
        let secret = if key.spec.is_symmetric_encryption() {
            let is_of_key = header
                .as_ref()
                .is_some_and(|h| h.key_id == &*at.id && h.account == &*at.account);
            if header.is_some() && !is_of_key {
                return Err(ApiError::new(
                    "IncorrectKeyException",
                    "The key ID in the request does not identify a CMK that can perform this \
                     operation.",
                ));
            }
            header
                .as_ref()
                .and_then(|h| key.material(&h.material)?.secret.clone())
        } else {
            key.current().and_then(|material| material.secret.clone())
        };
        (at, secret)
    };
    finish_dry_run(input)?;
    let (Some(secret), Some(blob)) = (secret, &blob) else {
        return Err(invalid_ciphertext());
    };
    let mut answer = json!({ "KeyId": at.arn(), "EncryptionAlgorithm": algorithm });
    let plaintext = match secret {
        Secret::Raw(bytes) => {
            if let Some(header) = &header {
                answer["KeyMaterialId"] = header.material.hex().into();
            }
            ciphertext::open(blob, &bytes, &context)
        }
        Secret::Pair(pair) => {
            refuse_context(context.is_empty())?;
            rsa(kms, pair, algorithm, blob.clone(), rsa_decrypt).await?
        }
    };
    answer["Plaintext"] = base64(&plaintext.ok_or_else(invalid_ciphertext)?);
    Ok(answer)
}

/// The ARN of the key that a request to decrypt means without naming it.
pub(super) fn key_in_blob(call: &Call, input: Input<'_>) -> Option<String> {
    let blob = input.blob("CiphertextBlob", CIPHERTEXT_MAX).ok()??;
    let (header, _) = ciphertext::header(&blob)?;
    Some(key_arn(header.account, &call.region, header.key_id))
}

/// No grant was ever made here, so any grant token is unknown.
pub(super) fn refuse_grant_tokens(input: Input<'_>) -> Result<(), ApiError> {
    let Some(tokens) = input.texts("GrantTokens")? else {
        return Ok(());
    };
    if tokens.len() > 10 {
        return Err(validation("GrantTokens must have at most 10 members"));
    }
    if tokens.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidGrantTokenException",
        "The grant token is invalid.",
    ))
}

/// Ends a dry run, after all that could have refused it.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html>
pub(super) fn finish_dry_run(input: Input<'_>) -> Result<(), ApiError> {
    if !input.flag("DryRun")? {
        return Ok(());
    }
    let message = "The request would have succeeded, but the DryRun option is set.";
    Err(ApiError::new("DryRunOperationException", message).with_status(412))
}

fn algorithm(input: Input<'_>) -> Result<&'static str, ApiError> {
    let word = input.choice("EncryptionAlgorithm", &ALGORITHMS)?;
    Ok(word
        .and_then(|word| ALGORITHMS.into_iter().find(|known| *known == word))
        .unwrap_or("SYMMETRIC_DEFAULT"))
}

fn check_usage(at: &KeyAddress, key: &Key, algorithm: &str) -> Result<(), ApiError> {
    if key.usage != KeyUsage::EncryptDecrypt {
        return Err(invalid_usage(format!(
            "{} key usage is {} which is not valid for this operation.",
            at.arn(),
            key.usage.word()
        )));
    }
    if key.spec.is_symmetric_encryption() != (algorithm == "SYMMETRIC_DEFAULT")
        || algorithm == "SM2PKE"
    {
        return Err(invalid_usage(format!(
            "Algorithm {algorithm} is incompatible with key spec {}.",
            key.spec.word()
        )));
    }
    Ok(())
}

fn key_for_decryption<'w>(
    world: &'w World,
    call: &Call,
    input: Input<'_>,
    header: Option<&Header<'_>>,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    if input.has("KeyId") {
        return reference::permitted(world, call, "Decrypt", input);
    }
    let header = header.ok_or_else(invalid_ciphertext)?;
    let arn = key_arn(header.account, &call.region, header.key_id);
    let (at, key) = reference::found(world, call, "Decrypt", &arn).map_err(|_| {
        // AWS does not tell a stranger which of these it is.
        ApiError::new(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist \
             in this region, or you are not allowed to access.",
        )
    })?;
    state::permit(call, "Decrypt", key, &arn)?;
    Ok((at, key))
}

fn refuse_context(is_empty: bool) -> Result<(), ApiError> {
    if is_empty {
        return Ok(());
    }
    Err(validation(
        "EncryptionContext is valid only with a symmetric encryption key",
    ))
}

type RsaStep = fn(&Pair, &'static OaepAlgorithm, &[u8]) -> Option<Zeroizing<Vec<u8>>>;

/// Runs an RSA operation on a blocking thread.
async fn rsa(
    kms: &Kms,
    pair: Arc<LazyPair>,
    algorithm: &str,
    bytes: Zeroizing<Vec<u8>>,
    step: RsaStep,
) -> Result<Option<Zeroizing<Vec<u8>>>, ApiError> {
    let padding = if algorithm == "RSAES_OAEP_SHA_1" {
        &OAEP_SHA1_MGF1SHA1
    } else {
        &OAEP_SHA256_MGF1SHA256
    };
    kms.with_pair(pair, move |pair| step(pair, padding, &bytes))
        .await
}

fn rsa_encrypt(
    pair: &Pair,
    padding: &'static OaepAlgorithm,
    plaintext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = PublicEncryptingKey::from_der(&pair.public).ok()?;
    let key = OaepPublicEncryptingKey::new(key).ok()?;
    let mut out = Zeroizing::new(vec![0; key.ciphertext_size()]);
    let length = key.encrypt(padding, plaintext, &mut out, None).ok()?.len();
    out.truncate(length);
    Some(out)
}

fn rsa_decrypt(
    pair: &Pair,
    padding: &'static OaepAlgorithm,
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = PrivateDecryptingKey::from_pkcs8(&pair.private).ok()?;
    let key = OaepPrivateDecryptingKey::new(key).ok()?;
    let mut out = Zeroizing::new(vec![0; key.min_output_size()]);
    let length = key.decrypt(padding, ciphertext, &mut out, None).ok()?.len();
    out.truncate(length);
    Some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, base64};

    #[tokio::test]
    async fn encryption_context_key_and_dry_run_count() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let other = bench.create(json!({})).await;
        let mut input =
            json!({"KeyId": key, "Plaintext": base64(b"hello"), "EncryptionContext": {"a": "b"}});
        let blob = bench.ask("Encrypt", input.clone()).await["CiphertextBlob"].clone();
        input["DryRun"] = json!(true);
        assert_eq!(
            bench.code("Encrypt", input).await,
            "DryRunOperationException"
        );
        let open = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
        assert_eq!(
            bench.ask("Decrypt", open.clone()).await["Plaintext"],
            base64(b"hello")
        );
        assert_eq!(
            bench
                .code("Decrypt", json!({ "CiphertextBlob": blob }))
                .await,
            "InvalidCiphertextException"
        );
        let mut wrong = open.clone();
        wrong["KeyId"] = json!(other);
        assert_eq!(bench.code("Decrypt", wrong).await, "IncorrectKeyException");
        let mut granted = open;
        granted["GrantTokens"] = json!(["x"]);
        assert_eq!(
            bench.code("Decrypt", granted).await,
            "InvalidGrantTokenException"
        );
    }

    #[tokio::test]
    async fn rsa_keys_encrypt_and_other_usages_are_refused() {
        let bench = Bench::new();
        let key = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
            .await;
        for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] {
            let input = json!({"KeyId": key, "Plaintext": base64(b"hello"), "EncryptionAlgorithm": algorithm});
            let blob = bench.ask("Encrypt", input).await["CiphertextBlob"].clone();
            let open =
                json!({"KeyId": key, "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm});
            assert_eq!(
                bench.ask("Decrypt", open).await["Plaintext"],
                base64(b"hello")
            );
        }
        let usage = "InvalidKeyUsageException";
        assert_eq!(
            bench
                .code("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
                .await,
            usage
        );
        let signing = bench
            .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}))
            .await;
        let input = json!({"KeyId": signing, "Plaintext": base64(b"x"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
        assert_eq!(bench.code("Encrypt", input).await, usage);
    }

    #[tokio::test]
    async fn a_native_replica_opens_what_its_primary_sealed() {
        let mut bench = Bench::new();
        let key = bench.create(json!({ "MultiRegion": true })).await;
        let blob = bench
            .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
            .await;
        bench
            .ask(
                "ReplicateKey",
                json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
            )
            .await;
        let open = json!({ "CiphertextBlob": blob["CiphertextBlob"] });
        bench.region = "us-east-1";
        assert_eq!(
            bench.code("Decrypt", open.clone()).await,
            "AccessDeniedException"
        );
        bench.region = "us-west-2";
        assert_eq!(bench.ask("Decrypt", open).await["Plaintext"], base64(b"x"));
        let replica = bench.describe(&key).await;
        assert_eq!(
            replica["MultiRegionConfiguration"]["MultiRegionKeyType"],
            "REPLICA"
        );
        let again = json!({"KeyId": key, "ReplicaRegion": "us-east-1"});
        assert_eq!(
            bench.code("ReplicateKey", again).await,
            "UnsupportedOperationException"
        );
    }
}
