//! `GenerateMac` and `VerifyMac`: HMAC as in RFC 2104, with the key's real material.

use aws_lc_rs::hmac;
use serde_json::json;

use super::crypto::{finish_dry_run, usable};
use super::key::{Key, Secret};
use super::parse::{Input, base64};
use super::refusals::{internal, invalid_usage, missing};
use super::world::KeyAddress;
use super::{Kms, reference, spec};
use crate::api::{ApiError, ApiResult, Call};

/// `GenerateMac`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html>
pub(super) fn generate_mac(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let message = input.required_blob("Message", 4096)?;
    let (at, key, algorithm) = hmac_key(kms, call, "GenerateMac", input)?;
    finish_dry_run(input)?;
    kms.note_use(call, "GenerateMac", &at);
    let mac = hmac::sign(&key, &message);
    Ok(json!({ "Mac": base64(mac.as_ref()), "MacAlgorithm": algorithm, "KeyId": at.arn() }))
}

/// `VerifyMac`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html>
pub(super) fn verify_mac(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let message = input.required_blob("Message", 4096)?;
    let mac = input.required_blob("Mac", 6144)?;
    let (at, key, algorithm) = hmac_key(kms, call, "VerifyMac", input)?;
    if hmac::verify(&key, &message, &mac).is_err() {
        return Err(ApiError::new(
            "KMSInvalidMacException",
            "The MAC is not valid.",
        ));
    }
    finish_dry_run(input)?;
    kms.note_use(call, "VerifyMac", &at);
    Ok(json!({ "MacValid": true, "MacAlgorithm": algorithm, "KeyId": at.arn() }))
}

const ALGORITHMS: [&str; 4] = [
    "HMAC_SHA_224",
    "HMAC_SHA_256",
    "HMAC_SHA_384",
    "HMAC_SHA_512",
];

fn hmac_key(
    kms: &Kms,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Result<(KeyAddress, hmac::Key, &'static str), ApiError> {
    let word = input
        .choice("MacAlgorithm", &ALGORITHMS)?
        .ok_or_else(|| missing("MacAlgorithm"))?;
    let world = kms.read(call.now);
    let reference = reference::key_id(input)?;
    let mut algorithm = "";
    let (at, key) = usable(&world, call, operation, reference, |at, key| {
        algorithm = offered(key, word).ok_or_else(|| {
            invalid_usage(format!(
                "{} with key usage {} and key spec {} is not valid for {word}.",
                at.arn(),
                key.usage.word(),
                key.spec.word()
            ))
        })?;
        Ok(())
    })?;
    let digest = match algorithm {
        "HMAC_SHA_224" => hmac::HMAC_SHA224,
        "HMAC_SHA_384" => hmac::HMAC_SHA384,
        "HMAC_SHA_512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    match key.current().and_then(|material| material.secret.as_ref()) {
        Some(Secret::Raw(bytes)) => Ok((at, hmac::Key::new(digest, bytes), algorithm)),
        _ => Err(internal("The key has no material")),
    }
}

/// The algorithm of this name, if it is an HMAC key's.
fn offered(key: &Key, word: &str) -> Option<&'static str> {
    let (_, words) = spec::algorithms(key.spec, key.usage);
    let known = words.iter().find(|known| **known == word);
    known.filter(|_| key.spec.is_hmac()).copied()
}
