//! Material wrapped for `ImportKeyMaterial`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html>

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPublicEncryptingKey,
    PublicEncryptingKey,
};
use der::Decode;
use ownkey_model::Partition;
use pkcs1::RsaPublicKeyRef;
use spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use crate::crypto::fill_randomly;
use crate::keys::{RSA_ENCRYPTION, bit_length};
use crate::spec::Shape;
use crate::{CryptoFailure, KeySpec, Material};

/// The size of the wrapping key that `GetParametersForImport` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum WrappingKeySpec {
    Rsa2048,
    Rsa3072,
    /// The largest, and so the one to ask for.
    #[default]
    Rsa4096,
}

impl WrappingKeySpec {
    /// From AWS's word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Rsa2048, Self::Rsa3072, Self::Rsa4096]
            .into_iter()
            .find(|one| one.as_str() == text)
    }

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
        }
    }

    /// The modulus's length in bits.
    pub fn bits(self) -> usize {
        match self {
            Self::Rsa2048 => 2048,
            Self::Rsa3072 => 3072,
            Self::Rsa4096 => 4096,
        }
    }
}

/// How material is wrapped. `RSAES_PKCS1_V1_5` is left out: AWS does not take it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WrappingAlgorithm {
    /// RSA-OAEP with SHA-256, which MGF1 uses too, and an empty label.
    RsaesOaepSha256,
    /// The same with SHA-1: only where a token can do no better.
    RsaesOaepSha1,
    /// A one-time AES-256 key under RSA-OAEP with SHA-256, then the material under that key by
    /// RFC 5649.
    RsaAesKeyWrapSha256,
    /// The same with SHA-1.
    RsaAesKeyWrapSha1,
}

impl WrappingAlgorithm {
    /// From AWS's word.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::RsaesOaepSha256,
            Self::RsaesOaepSha1,
            Self::RsaAesKeyWrapSha256,
            Self::RsaAesKeyWrapSha1,
        ]
        .into_iter()
        .find(|one| one.as_str() == text)
    }

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaesOaepSha256 => "RSAES_OAEP_SHA_256",
            Self::RsaesOaepSha1 => "RSAES_OAEP_SHA_1",
            Self::RsaAesKeyWrapSha256 => "RSA_AES_KEY_WRAP_SHA_256",
            Self::RsaAesKeyWrapSha1 => "RSA_AES_KEY_WRAP_SHA_1",
        }
    }

    /// Whether AWS takes material of this kind so wrapped.
    fn takes(self, spec: KeySpec) -> bool {
        match Shape::of(spec) {
            Shape::Aes | Shape::Hmac => !self.has_one_time_key(),
            Shape::Rsa { .. } => self.has_one_time_key(),
            Shape::Ec(_) => true,
        }
    }

    fn has_one_time_key(self) -> bool {
        matches!(self, Self::RsaAesKeyWrapSha256 | Self::RsaAesKeyWrapSha1)
    }

    fn oaep(self) -> &'static OaepAlgorithm {
        match self {
            Self::RsaesOaepSha256 | Self::RsaAesKeyWrapSha256 => &OAEP_SHA256_MGF1SHA256,
            Self::RsaesOaepSha1 | Self::RsaAesKeyWrapSha1 => &OAEP_SHA1_MGF1SHA1,
        }
    }
}

/// Why material cannot be wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// What should be AWS's wrapping key is no RSA public key in DER.
    #[error("the wrapping key is no RSA public key")]
    NotRsa,
    /// The wrapping key has another size than was asked for.
    #[error("the wrapping key has {found} bits; expected are {expected}")]
    WrongSize {
        /// Its size in bits.
        found: usize,
        /// What was asked for.
        expected: usize,
    },
    /// AWS takes no material of this kind so wrapped.
    #[error("{spec} is not wrapped by {}", algorithm.as_str())]
    NotForSpec {
        /// The kind of key.
        spec: KeySpec,
        /// The way of wrapping.
        algorithm: WrappingAlgorithm,
    },
    /// In this partition there is no way to wrap it: China has no `RSA_AES_KEY_WRAP`, without
    /// which there is no RSA private key.
    #[error("{spec} cannot be imported in this partition")]
    NotInPartition {
        /// The kind of key.
        spec: KeySpec,
    },
    /// Longer than the wrapping key can take at once.
    #[error("{found} bytes; the wrapping key takes {limit} at most")]
    TooLong {
        /// The material's length.
        found: usize,
        /// What fits.
        limit: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

/// The way to wrap material of a kind: `RSAES_OAEP_SHA_256`, but for RSA private keys, which are
/// too long for it. Fits under [`WrappingKeySpec::default`].
pub fn choose_algorithm(
    spec: KeySpec,
    partition: Partition,
) -> Result<WrappingAlgorithm, WrapError> {
    match (Shape::of(spec), partition) {
        (Shape::Aes | Shape::Hmac | Shape::Ec(_), _) => Ok(WrappingAlgorithm::RsaesOaepSha256),
        (Shape::Rsa { .. }, Partition::Aws | Partition::AwsUsGov) => {
            Ok(WrappingAlgorithm::RsaAesKeyWrapSha256)
        }
        (Shape::Rsa { .. }, Partition::AwsCn) => Err(WrapError::NotInPartition { spec }),
    }
}

/// AWS's public key for one import, as `GetParametersForImport` gives it.
#[derive(Clone)]
pub struct WrappingKey {
    spki_der: Vec<u8>,
    spec: WrappingKeySpec,
}

impl WrappingKey {
    /// Accepts an RSA public key of exactly the size that was asked for, with nothing after it.
    pub fn parse(spki_der: Vec<u8>, spec: WrappingKeySpec) -> Result<Self, WrapError> {
        let spki = SubjectPublicKeyInfoRef::from_der(&spki_der).map_err(|_| WrapError::NotRsa)?;
        if spki.algorithm.oid != RSA_ENCRYPTION {
            return Err(WrapError::NotRsa);
        }
        let rsa = RsaPublicKeyRef::from_der(spki.subject_public_key.raw_bytes())
            .map_err(|_| WrapError::NotRsa)?;
        let found = bit_length(&rsa.modulus);
        if found != spec.bits() {
            return Err(WrapError::WrongSize {
                found,
                expected: spec.bits(),
            });
        }
        Ok(Self { spki_der, spec })
    }

    /// Its size.
    pub fn spec(&self) -> WrappingKeySpec {
        self.spec
    }

    fn load(&self) -> Result<OaepPublicEncryptingKey, WrapError> {
        let key = PublicEncryptingKey::from_der(&self.spki_der).map_err(|_| WrapError::NotRsa)?;
        Ok(OaepPublicEncryptingKey::new(key).map_err(|_| CryptoFailure)?)
    }
}

/// Wraps material: the result is `EncryptedKeyMaterial`. Each time it is another one.
pub fn wrap(
    material: &Material,
    wrapping_key: &WrappingKey,
    algorithm: WrappingAlgorithm,
) -> Result<Vec<u8>, WrapError> {
    if !algorithm.takes(material.spec()) {
        return Err(WrapError::NotForSpec {
            spec: material.spec(),
            algorithm,
        });
    }
    let key = wrapping_key.load()?;
    if !algorithm.has_one_time_key() {
        return encrypt(&key, algorithm, material.expose());
    }
    let mut one_time = Zeroizing::new([0; 32]);
    fill_randomly(one_time.as_mut())?;
    let mut blob = encrypt(&key, algorithm, one_time.as_ref())?;
    blob.extend(wrap_with_padding(&one_time, material.expose())?);
    Ok(blob)
}

fn encrypt(
    key: &OaepPublicEncryptingKey,
    algorithm: WrappingAlgorithm,
    plaintext: &[u8],
) -> Result<Vec<u8>, WrapError> {
    let limit = key.max_plaintext_size(algorithm.oaep());
    if plaintext.len() > limit {
        return Err(WrapError::TooLong {
            found: plaintext.len(),
            limit,
        });
    }
    let mut ciphertext = vec![0; key.ciphertext_size()];
    let written = key
        .encrypt(algorithm.oaep(), plaintext, &mut ciphertext, None)
        .map_err(|_| CryptoFailure)?
        .len();
    ciphertext.truncate(written);
    Ok(ciphertext)
}

/// AES key wrap with padding, RFC 5649.
fn wrap_with_padding(key: &[u8; 32], plaintext: &[u8]) -> Result<Vec<u8>, CryptoFailure> {
    // The library asks for room for a whole block of padding, also where none is needed.
    let mut wrapped = vec![0; plaintext.len() + 15];
    let written = AesKek::new(&AES_256, key)
        .and_then(|key| {
            key.wrap_with_padding(plaintext, &mut wrapped)
                .map(|out| out.len())
        })
        .map_err(|_| CryptoFailure)?;
    wrapped.truncate(written);
    Ok(wrapped)
}
