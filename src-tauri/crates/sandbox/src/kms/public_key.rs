//! `GetPublicKey`.

use serde_json::json;

use super::crypto::usable;
use super::key::Secret;
use super::parse::{Input, base64};
use super::refusals::{internal, unsupported};
use super::{Kms, reference, spec};
use crate::api::{ApiResult, Call};

/// `GetPublicKey`, of native and imported key pairs.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>
pub(super) async fn get_public_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let (at, key_spec, usage, secret) = {
        let world = kms.read(call.now);
        let reference = reference::key_id(input)?;
        let (at, key) = usable(&world, call, "GetPublicKey", reference, |at, key| {
            if key.spec.is_asymmetric() {
                return Ok(());
            }
            Err(unsupported(format!(
                "{} is not an asymmetric key.",
                at.arn()
            )))
        })?;
        let secret = key.current().and_then(|material| material.secret.clone());
        (at, key.spec, key.usage, secret)
    };
    let arn = at.arn();
    let Some(Secret::Pair(pair)) = secret else {
        return Err(internal("The key has no material"));
    };
    let public = kms.with_pair(pair, |pair| pair.public.clone()).await?;
    let (member, words) = spec::algorithms(key_spec, usage);
    let mut answer = json!({
        "KeyId": arn,
        "PublicKey": base64(&public),
        "KeySpec": key_spec.word(),
        "KeyUsage": usage.word(),
    });
    answer[member] = words.into();
    if let Some(word) = key_spec.older_word() {
        answer["CustomerMasterKeySpec"] = word.into();
    }
    Ok(answer)
}
