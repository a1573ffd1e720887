//! RSA private keys.

use der::Encode;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef};
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::PrivateKey;
use crate::formats::{Found, ReadError};
use crate::spec::Shape;
use crate::{KeySpec, Secret};

/// rsaEncryption, RFC 8017 appendix C.
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

const ALGORITHM: AlgorithmIdentifierRef<'static> = AlgorithmIdentifierRef {
    oid: RSA_ENCRYPTION,
    parameters: Some(AnyRef::NULL),
};

/// Checks that a key is of the wanted length and that its parts belong together.
pub(crate) fn read_rsa(spec: KeySpec, key: &RsaPrivateKeyRef<'_>) -> Result<PrivateKey, ReadError> {
    let Shape::Rsa { bits } = Shape::of(spec) else {
        return Err(ReadError::WrongKind {
            found: Found::RsaPrivateKey,
            expected: spec,
        });
    };
    let found = bit_length(&key.modulus);
    if found != bits {
        return Err(ReadError::WrongSize {
            found,
            expected: spec,
        });
    }
    let unreadable = |_| ReadError::Unreadable { expected: spec };
    let pkcs8 = encode_private(key).map_err(unreadable)?;
    // This multiplies the primes, inverts the exponents and compares: a key with one altered
    // number does not pass.
    aws_lc_rs::rsa::KeyPair::from_pkcs8(pkcs8.expose())
        .map_err(|_| ReadError::Inconsistent { expected: spec })?;
    Ok(PrivateKey {
        pkcs8,
        public_key_der: encode_public(key).map_err(unreadable)?,
    })
}

/// The length of a number in bits.
pub(crate) fn bit_length(number: &UintRef<'_>) -> usize {
    let bytes = number.as_bytes();
    let leading = bytes.first().map_or(0, |first| first.leading_zeros());
    (bytes.len() * 8).saturating_sub(leading as usize)
}

fn encode_private(key: &RsaPrivateKeyRef<'_>) -> der::Result<Secret> {
    let pkcs1 = Secret::new(key.to_der()?);
    let whole = PrivateKeyInfoRef::new(ALGORITHM, OctetStringRef::new(pkcs1.expose())?);
    Ok(Secret::new(whole.to_der()?))
}

fn encode_public(key: &RsaPrivateKeyRef<'_>) -> der::Result<Vec<u8>> {
    let pkcs1 = key.public_key().to_der()?;
    SubjectPublicKeyInfoRef {
        algorithm: ALGORITHM,
        subject_public_key: BitStringRef::from_bytes(&pkcs1)?,
    }
    .to_der()
}
