//! Import tokens: what `GetParametersForImport` hands out and `ImportKeyMaterial` takes back.
//!
//! A token carries all of its set (key, algorithm, end, private wrapping key) sealed under a key that
//! only this simulation has. So any number of sets can be outstanding, and none takes memory.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rsa::PrivateDecryptingKey;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::unwrap::WrappingAlgorithm;
use super::{kept, pairs};
use crate::random::Random;

/// Seals and opens tokens.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct TokenSeal(#[serde(with = "kept::bytes")] Zeroizing<Vec<u8>>);

/// One set of import parameters.
pub(super) struct ImportToken {
    pub(super) key_arn: String,
    pub(super) algorithm: WrappingAlgorithm,
    pub(super) valid_to: OffsetDateTime,
    pub(super) wrapping_key: PrivateDecryptingKey,
}

const PURPOSE: &[u8] = b"ownkey-sandbox import token 1";
const NONCE_BYTES: usize = 12;
const FIXED_BYTES: usize = 16 + 1 + 2;

impl TokenSeal {
    /// A seal of its own for each simulated AWS.
    pub(super) fn new() -> Self {
        let mut bytes = Zeroizing::new(vec![0; 32]);
        Random::from_os().fill(&mut bytes);
        Self(bytes)
    }

    /// `None` if the cryptographic library fails.
    pub(super) fn seal(&self, token: &ImportToken) -> Option<Vec<u8>> {
        let private = pairs::rsa_private(&token.wrapping_key)?;
        // Room for the tag too: a grown vector would leave an unwiped copy of the private key.
        let length = FIXED_BYTES + token.key_arn.len() + private.len();
        let mut body = Zeroizing::new(Vec::with_capacity(length + 16));
        body.extend_from_slice(&token.valid_to.unix_timestamp_nanos().to_be_bytes());
        body.push(token.algorithm as u8);
        body.extend_from_slice(&u16::try_from(token.key_arn.len()).ok()?.to_be_bytes());
        body.extend_from_slice(token.key_arn.as_bytes());
        body.extend_from_slice(&private);
        let nonce = self
            .key()?
            .seal_in_place_append_tag(Aad::from(PURPOSE), &mut *body)
            .ok()?;
        Some([nonce.as_ref().as_slice(), body.as_slice()].concat())
    }

    /// `None` for anything that [`TokenSeal::seal`] of this simulation did not make.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<ImportToken> {
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = Zeroizing::new(body.to_vec());
        let body = self
            .key()?
            .open_in_place(nonce, Aad::from(PURPOSE), &mut body)
            .ok()?;
        let (fixed, rest) = body.split_at_checked(FIXED_BYTES)?;
        let (end, fixed) = fixed.split_first_chunk::<16>()?;
        let [algorithm, high, low] = *fixed else {
            return None;
        };
        let (arn, private) = rest.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
        Some(ImportToken {
            key_arn: String::from_utf8(arn.to_vec()).ok()?,
            algorithm: WrappingAlgorithm::from_number(algorithm)?,
            valid_to: OffsetDateTime::from_unix_timestamp_nanos(i128::from_be_bytes(*end)).ok()?,
            wrapping_key: PrivateDecryptingKey::from_pkcs8(private).ok()?,
        })
    }

    fn key(&self) -> Option<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.0).ok()
    }
}
