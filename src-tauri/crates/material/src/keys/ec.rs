//! Private keys on the curves that KMS takes.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair,
};
use der::Encode;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::PrivateKey;
use crate::formats::{Found, ReadError};
use crate::spec::Shape;
use crate::{KeySpec, Secret};

/// id-ecPublicKey, RFC 5480.
pub(crate) const ID_EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A curve that KMS takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    P256K1,
}

impl Curve {
    pub(crate) fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
            Self::P256K1 => "1.3.132.0.10",
        })
    }

    /// The curve's name in a JWK, RFC 7518 and RFC 8812.
    pub(crate) fn jwk_name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::P256K1 => "secp256k1",
        }
    }

    /// How many bytes a scalar or a coordinate has.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::P256 | Self::P256K1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    pub(crate) fn algorithm(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
            Self::P256K1 => &ECDSA_P256K1_SHA256_ASN1_SIGNING,
        }
    }
}

/// A key on a curve as it was found, nothing of it believed.
pub(crate) struct EcParts<'a> {
    /// The private number, big-endian.
    pub(crate) scalar: &'a [u8],
    /// What the file says the curve is, wherever it says so.
    pub(crate) curves: Vec<ObjectIdentifier>,
    /// What the file says the public point is, wherever it says so.
    pub(crate) points: Vec<&'a [u8]>,
}

/// Checks that a key lies on the wanted curve and that its parts belong together. The public point
/// is always computed anew.
pub(crate) fn read_ec(spec: KeySpec, parts: &EcParts<'_>) -> Result<PrivateKey, ReadError> {
    let Shape::Ec(curve) = Shape::of(spec) else {
        return Err(ReadError::WrongKind {
            found: Found::EcPrivateKey,
            expected: spec,
        });
    };
    if parts.curves.iter().any(|found| *found != curve.oid()) {
        return Err(ReadError::WrongCurve { expected: spec });
    }
    let scalar = at_full_length(spec, curve, parts.scalar)?;
    let inconsistent = ReadError::Inconsistent { expected: spec };
    let point = public_point(curve, scalar.expose()).ok_or_else(|| inconsistent.clone())?;
    if !parts.points.iter().all(|found| is_point(found, &point)) {
        return Err(inconsistent);
    }
    let encoded = encode(curve, scalar.expose(), &point);
    encoded.map_err(|_| ReadError::Unreadable { expected: spec })
}

/// Some programs leave leading zeros out, though RFC 5915 wants the scalar at full length.
fn at_full_length(spec: KeySpec, curve: Curve, scalar: &[u8]) -> Result<Secret, ReadError> {
    let missing = curve.length().checked_sub(scalar.len());
    // A file need not name its curve; then the length is all that speaks against it.
    let missing = missing.ok_or(ReadError::WrongCurve { expected: spec })?;
    let mut full = vec![0; curve.length()];
    full[missing..].copy_from_slice(scalar);
    Ok(Secret::new(full))
}

/// The uncompressed point of a scalar; nothing if the scalar is zero or beyond the curve's order.
fn public_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let alone = EcPrivateKey {
        private_key: scalar,
        parameters: Some(EcParameters::NamedCurve(curve.oid())),
        public_key: None,
    };
    let alone = Secret::new(alone.to_der().ok()?);
    let pair = EcdsaKeyPair::from_private_key_der(curve.algorithm(), alone.expose()).ok()?;
    Some(pair.public_key().as_ref().to_vec())
}

/// Whether what was found, compressed or not, is the point.
fn is_point(found: &[u8], point: &[u8]) -> bool {
    let (coordinates, length) = (&point[1..], (point.len() - 1) / 2);
    let is_odd = coordinates.last().is_some_and(|last| last & 1 == 1);
    match found {
        [0x02, x @ ..] => !is_odd && x == &coordinates[..length],
        [0x03, x @ ..] => is_odd && x == &coordinates[..length],
        _ => found == point,
    }
}

/// PKCS#8 as OpenSSL writes it: the curve outside only, the public point inside.
fn encode(curve: Curve, scalar: &[u8], point: &[u8]) -> der::Result<PrivateKey> {
    let oid = curve.oid();
    let algorithm = AlgorithmIdentifierRef {
        oid: ID_EC_PUBLIC_KEY,
        parameters: Some(AnyRef::from(&oid)),
    };
    let inner = EcPrivateKey {
        private_key: scalar,
        parameters: None,
        public_key: Some(point),
    };
    let inner = Secret::new(inner.to_der()?);
    let whole = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(inner.expose())?);
    let public = SubjectPublicKeyInfoRef {
        algorithm,
        subject_public_key: BitStringRef::from_bytes(point)?,
    };
    Ok(PrivateKey {
        pkcs8: Secret::new(whole.to_der()?),
        public_key_der: public.to_der()?,
    })
}
