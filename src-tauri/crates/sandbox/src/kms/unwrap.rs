//! Opening wrapped key material with the private wrapping key.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html>

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use zeroize::Zeroizing;

/// How material is wrapped. The numbers are those in import tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum WrappingAlgorithm {
    RsaesOaepSha1 = 1,
    RsaesOaepSha256 = 2,
    RsaAesKeyWrapSha1 = 3,
    RsaAesKeyWrapSha256 = 4,
}

impl WrappingAlgorithm {
    const ALL: [(Self, &'static str); 4] = [
        (Self::RsaesOaepSha1, "RSAES_OAEP_SHA_1"),
        (Self::RsaesOaepSha256, "RSAES_OAEP_SHA_256"),
        (Self::RsaAesKeyWrapSha1, "RSA_AES_KEY_WRAP_SHA_1"),
        (Self::RsaAesKeyWrapSha256, "RSA_AES_KEY_WRAP_SHA_256"),
    ];

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(algorithm, _)| *algorithm)
    }

    pub(super) fn from_number(number: u8) -> Option<Self> {
        Self::ALL
            .iter()
            .map(|(algorithm, _)| *algorithm)
            .find(|known| *known as u8 == number)
    }

    /// Whether a one-time AES key lies between the RSA key and the material.
    pub(super) fn is_hybrid(self) -> bool {
        matches!(self, Self::RsaAesKeyWrapSha1 | Self::RsaAesKeyWrapSha256)
    }
}

/// The material, or `None` if this is not it wrapped in this way for this key.
pub(super) fn unwrap(
    algorithm: WrappingAlgorithm,
    key: &PrivateDecryptingKey,
    wrapped: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    if !algorithm.is_hybrid() {
        return oaep(algorithm, key, wrapped);
    }
    // The wrapped AES key comes first and is as long as the modulus; the rest is RFC 5649.
    let (wrapped_aes, wrapped_material) = wrapped.split_at_checked(key.key_size_bytes())?;
    let aes = oaep(algorithm, key, wrapped_aes)?;
    let kek = AesKek::new(&AES_256, &aes).ok()?;
    let mut out = Zeroizing::new(vec![0; wrapped_material.len()]);
    let length = kek
        .unwrap_with_padding(wrapped_material, &mut out)
        .ok()?
        .len();
    out.truncate(length);
    Some(out)
}

fn oaep(
    algorithm: WrappingAlgorithm,
    key: &PrivateDecryptingKey,
    wrapped: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let padding = match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaAesKeyWrapSha1 => {
            &OAEP_SHA1_MGF1SHA1
        }
        WrappingAlgorithm::RsaesOaepSha256 | WrappingAlgorithm::RsaAesKeyWrapSha256 => {
            &OAEP_SHA256_MGF1SHA256
        }
    };
    let key = OaepPrivateDecryptingKey::new(key.clone()).ok()?;
    let mut out = Zeroizing::new(vec![0; key.min_output_size()]);
    let length = key.decrypt(padding, wrapped, &mut out, None).ok()?.len();
    out.truncate(length);
    Some(out)
}
