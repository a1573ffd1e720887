//! Asymmetric key material: made when first needed, or imported as PKCS#8.
//!
//! An RSA-4096 pair takes seconds, so a native key is created without one, and the caller makes it
//! on a blocking thread, outside every lock.

use std::sync::OnceLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING,
    ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::kept;
use super::spec::KeySpec;

/// A private key and its public half.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// PKCS#8 DER.
    #[serde(with = "kept::bytes")]
    pub(crate) private: Zeroizing<Vec<u8>>,
    /// `SubjectPublicKeyInfo` DER, as `GetPublicKey` answers it.
    #[serde(with = "kept::bytes")]
    pub(crate) public: Vec<u8>,
}

/// A pair that may not have been made yet; all who share it get the same one.
pub(crate) struct LazyPair {
    spec: KeySpec,
    made: OnceLock<Option<Pair>>,
}

impl LazyPair {
    /// Makes nothing yet.
    pub(crate) fn native(spec: KeySpec) -> Self {
        Self {
            spec,
            made: OnceLock::new(),
        }
    }

    /// A pair that came from outside.
    pub(crate) fn imported(spec: KeySpec, pair: Pair) -> Self {
        Self {
            spec,
            made: OnceLock::from(Some(pair)),
        }
    }

    pub(crate) fn spec(&self) -> KeySpec {
        self.spec
    }

    /// The pair, if it was made already.
    pub(crate) fn made(&self) -> Option<&Pair> {
        self.made.get()?.as_ref()
    }

    /// The pair. May take seconds: never call it under a lock or on an async worker.
    /// `None` if the cryptographic library refuses to make one.
    pub(crate) fn pair(&self) -> Option<&Pair> {
        self.made.get_or_init(|| make(self.spec)).as_ref()
    }
}

/// Reads a private key that was imported: PKCS#8 DER of exactly this spec and nothing after it.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html>
pub(crate) fn parse_pkcs8(spec: KeySpec, der: &[u8]) -> Option<Pair> {
    if !is_one_der_sequence(der) {
        return None;
    }
    let public = if let Some(bits) = spec.rsa_bits() {
        let key = PrivateDecryptingKey::from_pkcs8(der).ok()?;
        (key.key_size_bits() == bits).then_some(())?;
        rsa_public(&key)?
    } else {
        let pair = EcdsaKeyPair::from_pkcs8(ecdsa(spec)?, der).ok()?;
        ecdsa_public(&pair)?
    };
    Some(Pair {
        private: Zeroizing::new(der.to_vec()),
        public,
    })
}

/// The `SubjectPublicKeyInfo` of an RSA private key.
pub(crate) fn rsa_public(key: &PrivateDecryptingKey) -> Option<Vec<u8>> {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().ok()?;
    Some(der.as_ref().to_vec())
}

/// The PKCS#8 of an RSA private key.
pub(crate) fn rsa_private(key: &PrivateDecryptingKey) -> Option<Zeroizing<Vec<u8>>> {
    let der: Pkcs8V1Der<'_> = key.as_der().ok()?;
    Some(Zeroizing::new(der.as_ref().to_vec()))
}

fn make(spec: KeySpec) -> Option<Pair> {
    if let Some(size) = rsa_size(spec) {
        let key = PrivateDecryptingKey::generate(size).ok()?;
        return Some(Pair {
            private: rsa_private(&key)?,
            public: rsa_public(&key)?,
        });
    }
    if let Some(algorithm) = ecdsa(spec) {
        let pair = EcdsaKeyPair::generate(algorithm).ok()?;
        let private = Zeroizing::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec());
        return Some(Pair {
            private,
            public: ecdsa_public(&pair)?,
        });
    }
    if let Some(algorithm) = ml_dsa(spec) {
        let pair = PqdsaKeyPair::generate(algorithm).ok()?;
        let private = Zeroizing::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec());
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
        return Some(Pair {
            private,
            public: public.as_ref().to_vec(),
        });
    }
    let pair = Ed25519KeyPair::generate().ok()?;
    let private = Zeroizing::new(pair.to_pkcs8v1().ok()?.as_ref().to_vec());
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    Some(Pair {
        private,
        public: public.as_ref().to_vec(),
    })
}

fn rsa_size(spec: KeySpec) -> Option<KeySize> {
    match spec {
        KeySpec::Rsa2048 => Some(KeySize::Rsa2048),
        KeySpec::Rsa3072 => Some(KeySize::Rsa3072),
        KeySpec::Rsa4096 => Some(KeySize::Rsa4096),
        _ => None,
    }
}

pub(super) fn ecdsa(spec: KeySpec) -> Option<&'static EcdsaSigningAlgorithm> {
    match spec {
        KeySpec::EccNistP256 => Some(&ECDSA_P256_SHA256_ASN1_SIGNING),
        KeySpec::EccNistP384 => Some(&ECDSA_P384_SHA384_ASN1_SIGNING),
        KeySpec::EccNistP521 => Some(&ECDSA_P521_SHA512_ASN1_SIGNING),
        KeySpec::EccSecgP256k1 => Some(&ECDSA_P256K1_SHA256_ASN1_SIGNING),
        _ => None,
    }
}

pub(super) fn ml_dsa(spec: KeySpec) -> Option<&'static PqdsaSigningAlgorithm> {
    match spec {
        KeySpec::MlDsa44 => Some(&ML_DSA_44_SIGNING),
        KeySpec::MlDsa65 => Some(&ML_DSA_65_SIGNING),
        KeySpec::MlDsa87 => Some(&ML_DSA_87_SIGNING),
        _ => None,
    }
}

fn ecdsa_public(pair: &EcdsaKeyPair) -> Option<Vec<u8>> {
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().ok()?;
    Some(der.as_ref().to_vec())
}

/// Whether the bytes are one DER SEQUENCE from the first byte to the last.
fn is_one_der_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else {
        return false;
    };
    let (length, body) = match *first {
        short @ 0..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x83 => {
            let Some((digits, body)) = rest.split_at_checked(usize::from(long & 0x7f)) else {
                return false;
            };
            (
                digits
                    .iter()
                    .fold(0, |sum, digit| sum << 8 | usize::from(*digit)),
                body,
            )
        }
        _ => return false,
    };
    body.len() == length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asymmetric_spec_can_be_made_and_importable_ones_read_back() {
        use KeySpec::*;
        for spec in [
            Rsa2048,
            EccNistP256,
            EccNistP384,
            EccNistP521,
            EccSecgP256k1,
            EccNistEdwards25519,
            MlDsa44,
            MlDsa65,
            MlDsa87,
        ] {
            let lazy = LazyPair::native(spec);
            let pair = lazy.pair().unwrap();
            assert!(!pair.public.is_empty(), "{spec:?}");
            if spec.is_importable() {
                assert_eq!(
                    parse_pkcs8(spec, &pair.private).unwrap().public,
                    pair.public
                );
            }
        }
    }

    #[test]
    fn another_spec_trailing_bytes_and_a_cut_are_refused() {
        let lazy = LazyPair::native(KeySpec::EccNistP256);
        let der = &lazy.pair().unwrap().private;
        assert!(parse_pkcs8(KeySpec::EccNistP384, der).is_none());
        assert!(parse_pkcs8(KeySpec::EccSecgP256k1, der).is_none());
        assert!(parse_pkcs8(KeySpec::Rsa2048, der).is_none());
        let longer: Vec<u8> = der.iter().copied().chain([0]).collect();
        assert!(parse_pkcs8(KeySpec::EccNistP256, &longer).is_none());
        assert!(parse_pkcs8(KeySpec::EccNistP256, &der[..der.len() - 1]).is_none());
        assert!(parse_pkcs8(KeySpec::EccNistP256, b"").is_none());
    }
}
