//! `GenerateMac` and `VerifyMac`: HMAC as in RFC 2104, with the key's real material.

use aws_lc_rs::hmac;
use serde_json::json;

use super::crypto::{finish_dry_run, refuse_grant_tokens};
use super::key::Secret;
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
    let mac = hmac::sign(&key, &message);
    Ok(json!({ "Mac": base64(mac.as_ref()), "MacAlgorithm": algorithm, "KeyId": at.arn() }))
}

/// `VerifyMac`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html>
pub(super) fn verify_mac(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let message = input.required_blob("Message", 4096)?;
    let mac = input.required_blob("Mac", 6144)?;
    let (at, key, algorithm) = hmac_key(kms, call, "VerifyMac", input)?;
    finish_dry_run(input)?;
    if hmac::verify(&key, &message, &mac).is_err() {
        return Err(ApiError::new(
            "KMSInvalidMacException",
            "The MAC is not valid.",
        ));
    }
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
    refuse_grant_tokens(input)?;
    let word = input
        .choice("MacAlgorithm", &ALGORITHMS)?
        .ok_or_else(|| missing("MacAlgorithm"))?;
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, operation, input)?;
    let (_, offered) = spec::algorithms(key.spec, key.usage);
    let Some(algorithm) = offered
        .iter()
        .find(|known| **known == word && key.spec.is_hmac())
    else {
        return Err(invalid_usage(format!(
            "{} with key usage {} and key spec {} is not valid for {word}.",
            at.arn(),
            key.usage.word(),
            key.spec.word()
        )));
    };
    let digest = match *algorithm {
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
