//! Private keys, checked and brought into canonical PKCS#8.

mod ec;
mod rsa;

pub(crate) use ec::{Curve, EcParts};
pub(crate) use rsa::RSA_ENCRYPTION;

pub(crate) use ec::{ID_EC_PUBLIC_KEY, read_ec};
pub(crate) use rsa::{bit_length, read_rsa};

use crate::Secret;

/// A private key whose parts belong together.
pub(crate) struct PrivateKey {
    /// Canonical PKCS#8 version 1 in DER.
    pub(crate) pkcs8: Secret,
    /// `SubjectPublicKeyInfo` in DER.
    pub(crate) public_key_der: Vec<u8>,
}
