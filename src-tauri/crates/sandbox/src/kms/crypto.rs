//! `Encrypt`, `Decrypt` and `ReEncrypt`, and what all operations that use a key share.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::ciphertext::{self, Header};
use super::custom_key_stores::refuse_out_of_reach;
use super::key::{Key, MaterialId, Secret};
use super::pairs::{LazyPair, Pair};
use super::parse::{Input, base64};
use super::refusals::{
    internal, invalid_ciphertext, invalid_usage, missing, unsupported, validation,
};
use super::spec::KeyUsage;
use super::world::{KeyAddress, World, key_arn};
use super::{Kms, reference, spec, state};
use crate::api::{ApiError, ApiResult, Call};

/// The most a symmetric encryption key takes.
const PLAINTEXT_MAX: usize = 4096;
const CIPHERTEXT_MAX: usize = 6144;

/// The most that an encryption context takes, in characters of its JSON.
const CONTEXT_MAX: usize = 8192;

pub(super) const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

const ALGORITHMS: [&str; 4] = [
    SYMMETRIC_DEFAULT,
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "SM2PKE",
];

/// `Encrypt`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html>
pub(super) async fn encrypt(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let plaintext = input.required_blob("Plaintext", PLAINTEXT_MAX)?;
    let context = encryption_context(input, "EncryptionContext")?;
    let algorithm = algorithm(input, "EncryptionAlgorithm")?;
    let reference = reference::key_id(input)?;
    let sealing = Sealing::found(kms, call, "Encrypt", reference, algorithm)?;
    let blob = sealing.seal(kms, &context, plaintext).await?;
    finish_dry_run(input)?;
    kms.note_use(call, "Encrypt", &sealing.at);
    Ok(json!({
        "CiphertextBlob": base64(&blob),
        "KeyId": sealing.at.arn(),
        "EncryptionAlgorithm": algorithm,
    }))
}

/// `Decrypt`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html>
pub(super) async fn decrypt(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    refuse_recipient(input)?;
    let context = encryption_context(input, "EncryptionContext")?;
    let algorithm = algorithm(input, "EncryptionAlgorithm")?;
    let reference = input.text("KeyId", 1, reference::KEY_ID_MAX)?;
    let blob = blob_to_open(kms, input, reference.is_some())?;
    let Some(blob) = blob else {
        Opening::found(kms, call, "Decrypt", reference, None, algorithm)?;
        return Err(dry_run_is_over());
    };
    let opening = Opening::found(kms, call, "Decrypt", reference, Some(&blob), algorithm)?;
    let plaintext = opening.open(kms, &context, blob).await?;
    finish_dry_run(input)?;
    kms.note_use(call, "Decrypt", &opening.at);
    let mut answer = json!({
        "KeyId": opening.at.arn(),
        "EncryptionAlgorithm": algorithm,
        "Plaintext": base64(&plaintext),
    });
    if let Some(material) = opening.material {
        answer["KeyMaterialId"] = material.hex().into();
    }
    Ok(answer)
}

/// `ReEncrypt`: one key's ciphertext becomes another's, and nobody sees the plaintext.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html>
pub(super) async fn re_encrypt(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let from_context = encryption_context(input, "SourceEncryptionContext")?;
    let to_context = encryption_context(input, "DestinationEncryptionContext")?;
    let from_algorithm = algorithm(input, "SourceEncryptionAlgorithm")?;
    let to_algorithm = algorithm(input, "DestinationEncryptionAlgorithm")?;
    let destination = input.required_text("DestinationKeyId", 1, reference::KEY_ID_MAX)?;
    let source = input.text("SourceKeyId", 1, reference::KEY_ID_MAX)?;
    let blob = blob_to_open(kms, input, source.is_some())?;
    let sealed = blob.as_deref().map(Vec::as_slice);
    let opening = Opening::found(kms, call, "ReEncrypt", source, sealed, from_algorithm)?;
    let sealing = Sealing::found(kms, call, "ReEncrypt", destination, to_algorithm)?;
    let Some(blob) = blob else {
        return Err(dry_run_is_over());
    };
    let plaintext = opening.open(kms, &from_context, blob).await?;
    let blob = sealing.seal(kms, &to_context, plaintext).await?;
    finish_dry_run(input)?;
    for at in [&opening.at, &sealing.at] {
        kms.note_use(call, "ReEncrypt", at);
    }
    let mut answer = json!({
        "CiphertextBlob": base64(&blob),
        "SourceKeyId": opening.at.arn(),
        "KeyId": sealing.at.arn(),
        "SourceEncryptionAlgorithm": from_algorithm,
        "DestinationEncryptionAlgorithm": to_algorithm,
    });
    if let Some(material) = opening.material {
        answer["SourceKeyMaterialId"] = material.hex().into();
    }
    if let Some(material) = sealing.material() {
        answer["DestinationKeyMaterialId"] = material.hex().into();
    }
    Ok(answer)
}

/// A key that is about to encrypt.
pub(super) struct Sealing {
    pub(super) at: KeyAddress,
    pub(super) is_in_custom_key_store: bool,
    algorithm: &'static str,
    current: Option<(MaterialId, Secret)>,
}

impl Sealing {
    /// The key that `reference` names, if it may do this and this algorithm is its own.
    pub(super) fn found(
        kms: &Kms,
        call: &Call,
        operation: &str,
        reference: &str,
        algorithm: &'static str,
    ) -> Result<Self, ApiError> {
        let world = kms.read(call.now);
        let (at, key) = usable(&world, call, operation, reference, |at, key| {
            check_usage(at, key, operation, algorithm)
        })?;
        refuse_out_of_reach(kms, &world, call, &at, key)?;
        let current = key
            .current()
            .and_then(|material| Some((material.id, material.secret.clone()?)));
        Ok(Self {
            at,
            is_in_custom_key_store: key.place.is_some(),
            algorithm,
            current,
        })
    }

    /// The material that encrypts; only symmetric encryption keys tell.
    pub(super) fn material(&self) -> Option<MaterialId> {
        match &self.current {
            Some((id, Secret::Raw(_))) => Some(*id),
            _ => None,
        }
    }

    pub(super) async fn seal(
        &self,
        kms: &Kms,
        context: &BTreeMap<&str, &str>,
        plaintext: Zeroizing<Vec<u8>>,
    ) -> Result<Vec<u8>, ApiError> {
        match &self.current {
            None => Err(internal("The key has no material")),
            Some((material, Secret::Raw(bytes))) => {
                let header = Header {
                    account: &self.at.account,
                    key_id: &self.at.id,
                    material: *material,
                };
                ciphertext::seal(&header, bytes, context, &plaintext)
                    .ok_or_else(|| internal("Encryption failed"))
            }
            Some((_, Secret::Pair(pair))) => {
                refuse_context(context.is_empty())?;
                let sealed = rsa(kms, pair, self.algorithm, plaintext, rsa_encrypt).await?;
                Ok(sealed
                    .ok_or_else(|| {
                        validation("The plaintext is too long for this key and algorithm")
                    })?
                    .to_vec())
            }
        }
    }
}

/// A key that is about to decrypt.
struct Opening {
    at: KeyAddress,
    algorithm: &'static str,
    /// The material of a symmetric encryption key.
    material: Option<MaterialId>,
    secret: Option<Secret>,
}

impl Opening {
    /// The key that `reference` names, or that the blob says it was made with.
    fn found(
        kms: &Kms,
        call: &Call,
        operation: &str,
        reference: Option<&str>,
        blob: Option<&[u8]>,
        algorithm: &'static str,
    ) -> Result<Self, ApiError> {
        let header = blob.and_then(ciphertext::header).map(|(header, _)| header);
        let world = kms.read(call.now);
        let (at, key) = match reference {
            Some(reference) => reference::found(&world, call, operation, reference)?,
            None if algorithm != SYMMETRIC_DEFAULT => return Err(missing("KeyId")),
            None => key_of_blob(&world, call, operation, header.as_ref())?,
        };
        check_usage(&at, key, operation, algorithm)?;
        state::permit(operation, key, &at.arn())?;
        refuse_out_of_reach(kms, &world, call, &at, key)?;
        if !key.spec.is_symmetric_encryption() {
            let secret = key.current().and_then(|material| material.secret.clone());
            return Ok(Self {
                at,
                algorithm,
                material: None,
                secret,
            });
        }
        let is_of_key =
            |header: &Header<'_>| header.key_id == &*at.id && header.account == &*at.account;
        if header.as_ref().is_some_and(|header| !is_of_key(header)) {
            return Err(ApiError::new(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this \
                 operation.",
            ));
        }
        let material = header.map(|header| header.material);
        let secret = material.and_then(|id| key.material(&id)?.secret.clone());
        Ok(Self {
            at,
            algorithm,
            material,
            secret,
        })
    }

    async fn open(
        &self,
        kms: &Kms,
        context: &BTreeMap<&str, &str>,
        blob: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, ApiError> {
        let Some(secret) = &self.secret else {
            return Err(invalid_ciphertext());
        };
        let plaintext = match secret {
            Secret::Raw(bytes) => ciphertext::open(&blob, bytes, context),
            Secret::Pair(pair) => {
                refuse_context(context.is_empty())?;
                rsa(kms, pair, self.algorithm, blob, rsa_decrypt).await?
            }
        };
        plaintext.ok_or_else(invalid_ciphertext)
    }
}

/// The ciphertext; `None` for a dry run that was told to ignore it, which has to name the key.
fn blob_to_open(
    kms: &Kms,
    input: Input<'_>,
    names_key: bool,
) -> Result<Option<Zeroizing<Vec<u8>>>, ApiError> {
    let modifiers = input.texts("DryRunModifiers")?.unwrap_or_default();
    let is_dry_run = input.flag("DryRun")?;
    if kms.strict && !is_dry_run && !modifiers.is_empty() {
        return Err(validation("DryRunModifiers needs DryRun to be true."));
    }
    if is_dry_run && modifiers.contains(&"IGNORE_CIPHERTEXT") {
        return if names_key {
            Ok(None)
        } else {
            Err(validation(
                "The request must name the KMS key if the ciphertext is ignored.",
            ))
        };
    }
    let blob = input.blob("CiphertextBlob", CIPHERTEXT_MAX)?;
    blob.map(Some).ok_or_else(|| missing("CiphertextBlob"))
}

/// An encryption context, which has an upper limit when it is written as JSON.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html>
pub(super) fn encryption_context<'a>(
    input: Input<'a>,
    member: &str,
) -> Result<BTreeMap<&'a str, &'a str>, ApiError> {
    let context = input.pairs(member)?;
    let length = serde_json::to_string(&context).map_or(0, |text| text.chars().count());
    if length > CONTEXT_MAX {
        return Err(validation(format!(
            "{member} must have at most {CONTEXT_MAX} characters."
        )));
    }
    Ok(context)
}

/// The key that `reference` names, if it is of the kind that `fits` wants and its state allows the
/// operation; judged in this order, as AWS does.
pub(super) fn usable<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    reference: &str,
    fits: impl FnOnce(&KeyAddress, &Key) -> Result<(), ApiError>,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    let (at, key) = reference::found(world, call, operation, reference)?;
    fits(&at, key)?;
    state::permit(operation, key, &at.arn())?;
    Ok((at, key))
}

/// No request here comes out of an enclave.
pub(super) fn refuse_recipient(input: Input<'_>) -> Result<(), ApiError> {
    if input.has("Recipient") {
        return Err(unsupported("Recipient is valid only in Nitro enclaves."));
    }
    Ok(())
}

/// The ARN of the key that a request to decrypt means without naming it.
pub(super) fn key_in_blob(call: &Call, input: Input<'_>) -> Option<String> {
    let blob = input.blob("CiphertextBlob", CIPHERTEXT_MAX).ok()??;
    let (header, _) = ciphertext::header(&blob)?;
    Some(key_arn(header.account, &call.region, header.key_id))
}

/// Ends a dry run, after all that could have refused it.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html>
pub(super) fn finish_dry_run(input: Input<'_>) -> Result<(), ApiError> {
    if input.flag("DryRun")? {
        Err(dry_run_is_over())
    } else {
        Ok(())
    }
}

fn dry_run_is_over() -> ApiError {
    let message = "The request would have succeeded, but the DryRun option is set.";
    ApiError::new("DryRunOperationException", message)
}

fn algorithm(input: Input<'_>, member: &str) -> Result<&'static str, ApiError> {
    let word = input.choice(member, &ALGORITHMS)?;
    Ok(word
        .and_then(|word| ALGORITHMS.into_iter().find(|known| *known == word))
        .unwrap_or(SYMMETRIC_DEFAULT))
}

fn check_usage(
    at: &KeyAddress,
    key: &Key,
    operation: &str,
    algorithm: &str,
) -> Result<(), ApiError> {
    require_usage(at, key, operation, KeyUsage::EncryptDecrypt)?;
    require_algorithm(key, algorithm)
}

/// The key is made for this kind of operation.
pub(super) fn require_usage(
    at: &KeyAddress,
    key: &Key,
    operation: &str,
    usage: KeyUsage,
) -> Result<(), ApiError> {
    if key.usage == usage {
        return Ok(());
    }
    Err(invalid_usage(format!(
        "{} key usage is {} which is not valid for {operation}.",
        at.arn(),
        key.usage.word()
    )))
}

/// The algorithm is one of those that `DescribeKey` lists.
pub(super) fn require_algorithm(key: &Key, algorithm: &str) -> Result<(), ApiError> {
    let (_, offered) = spec::algorithms(key.spec, key.usage);
    if offered.contains(&algorithm) {
        return Ok(());
    }
    Err(invalid_usage(format!(
        "Algorithm {algorithm} is incompatible with key spec {}.",
        key.spec.word()
    )))
}

fn key_of_blob<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    header: Option<&Header<'_>>,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    let header = header.ok_or_else(invalid_ciphertext)?;
    let arn = key_arn(header.account, &call.region, header.key_id);
    let (at, key) = reference::found(world, call, operation, &arn).map_err(|_| {
        // AWS does not tell a stranger which of these it is.
        ApiError::new(
            "AccessDeniedException",
            "The ciphertext refers to a customer master key that does not exist, does not exist \
             in this region, or you are not allowed to access.",
        )
    })?;
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
    pair: &Arc<LazyPair>,
    algorithm: &str,
    bytes: Zeroizing<Vec<u8>>,
    step: RsaStep,
) -> Result<Option<Zeroizing<Vec<u8>>>, ApiError> {
    let padding = if algorithm == "RSAES_OAEP_SHA_1" {
        &OAEP_SHA1_MGF1SHA1
    } else {
        &OAEP_SHA256_MGF1SHA256
    };
    kms.with_pair(Arc::clone(pair), move |pair| step(pair, padding, &bytes))
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
mod tests;
