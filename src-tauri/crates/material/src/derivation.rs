//! Keys derived from the master key, one for each purpose.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use crate::{CryptoFailure, MasterKey};

/// What a derived key is for. The text goes into the derivation, so that no two purposes share a
/// key; it is never changed, since what was made under it could no longer be opened.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    Sealing,
    Fingerprint,
    SealedBytes,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sealing => "ownkey/material/v1",
            Self::Fingerprint => "ownkey/fingerprint/v1",
            Self::SealedBytes => "ownkey/sealed-bytes/v1",
        }
    }
}

/// HKDF-SHA256 without a salt: the master key is random bytes at full length already.
pub(crate) fn derive_key(
    master: &MasterKey,
    purpose: Purpose,
) -> Result<Zeroizing<[u8; 32]>, CryptoFailure> {
    let mut key = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, &[])
        .extract(master.expose())
        .expand(&[purpose.as_str().as_bytes()], HKDF_SHA256)
        .and_then(|derived| derived.fill(key.as_mut()))
        .map_err(|_| CryptoFailure)?;
    Ok(key)
}
