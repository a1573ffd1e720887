//! Grant tokens: what `CreateGrant` hands out so that a new grant can be used at once.
//!
//! A token names its grant and proves that it was made for it. Every token of a grant is another one, and
//! all are good as long as the grant is.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#grant_token>

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Grant;
use crate::api::ApiError;
use crate::encoding::hex;
use crate::kms::world::{KeyAddress, World};
use crate::random::Random;

const NONCE_BYTES: usize = 16;
const PROOF_BYTES: usize = 32;

/// Longest token of the API.
pub(super) const TOKEN_MAX: usize = 8192;

/// A key for the tokens of a new grant.
pub(super) fn make_key(rng: &Random) -> String {
    hex(&rng.bytes::<32>())
}

/// A new token of a grant.
pub(super) fn make_token(rng: &Random, at: &KeyAddress, id: &str, grant: &Grant) -> String {
    let name = format!("{}/{}/{}/{id}", at.region, at.account, at.id);
    let mut bytes = rng.bytes::<NONCE_BYTES>().to_vec();
    bytes.extend_from_slice(name.as_bytes());
    let proof = hmac::sign(&key(grant), &bytes);
    bytes.extend_from_slice(proof.as_ref());
    STANDARD.encode(bytes)
}

/// The grant of a token.
pub(super) fn find<'w>(
    world: &'w World,
    token: &str,
) -> Result<(KeyAddress, &'w str, &'w Grant), ApiError> {
    read(world, token)
        .ok_or_else(|| ApiError::new("InvalidGrantTokenException", "The grant token is invalid."))
}

fn read<'w>(world: &'w World, token: &str) -> Option<(KeyAddress, &'w str, &'w Grant)> {
    let bytes = STANDARD.decode(token).ok()?;
    let (signed, proof) = bytes.split_at_checked(bytes.len().checked_sub(PROOF_BYTES)?)?;
    let name = std::str::from_utf8(signed.get(NONCE_BYTES..)?).ok()?;
    let mut parts = name.splitn(4, '/');
    let (region, account) = (parts.next()?, parts.next()?);
    let (key_id, id) = (parts.next()?, parts.next()?);
    let at = world.address(account, region, key_id)?;
    let (id, grant) = world.key(&at)?.grants.get_key_value(id)?;
    hmac::verify(&key(grant), signed, proof).ok()?;
    Some((at, &**id, grant))
}

fn key(grant: &Grant) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, grant.token_key.as_bytes())
}
