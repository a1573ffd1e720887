//! What kinds of key take imported material, and what they are for.

use serde::{Deserialize, Serialize};

use crate::Partition;

/// A kind of KMS key whose material can be imported. ML-DSA, ML-KEM, Ed25519 and SM2 are not
/// offered: AWS's documentation does not settle how their material is to be brought.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum KeySpec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    SymmetricDefault,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    #[serde(rename = "RSA_3072")]
    Rsa3072,
    #[serde(rename = "RSA_4096")]
    Rsa4096,
    #[serde(rename = "ECC_NIST_P256")]
    EccNistP256,
    #[serde(rename = "ECC_NIST_P384")]
    EccNistP384,
    #[serde(rename = "ECC_NIST_P521")]
    EccNistP521,
    #[serde(rename = "ECC_SECG_P256K1")]
    EccSecgP256K1,
}

impl KeySpec {
    /// Every one, in AWS's order.
    pub const ALL: [Self; 12] = [
        Self::SymmetricDefault,
        Self::Hmac224,
        Self::Hmac256,
        Self::Hmac384,
        Self::Hmac512,
        Self::Rsa2048,
        Self::Rsa3072,
        Self::Rsa4096,
        Self::EccNistP256,
        Self::EccNistP384,
        Self::EccNistP521,
        Self::EccSecgP256K1,
    ];

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
            Self::Hmac224 => "HMAC_224",
            Self::Hmac256 => "HMAC_256",
            Self::Hmac384 => "HMAC_384",
            Self::Hmac512 => "HMAC_512",
            Self::Rsa2048 => "RSA_2048",
            Self::Rsa3072 => "RSA_3072",
            Self::Rsa4096 => "RSA_4096",
            Self::EccNistP256 => "ECC_NIST_P256",
            Self::EccNistP384 => "ECC_NIST_P384",
            Self::EccNistP521 => "ECC_NIST_P521",
            Self::EccSecgP256K1 => "ECC_SECG_P256K1",
        }
    }

    /// From AWS's word; nothing for a kind whose material cannot be imported.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }

    /// How many bytes the material has, if it is plain bytes. China's symmetric keys are AES-128.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html>
    pub fn byte_length(self, partition: Partition) -> Option<usize> {
        match (self, partition) {
            (Self::SymmetricDefault, Partition::AwsCn) => Some(16),
            (Self::SymmetricDefault, Partition::Aws | Partition::AwsUsGov) => Some(32),
            (Self::Hmac224, _) => Some(28),
            (Self::Hmac256, _) => Some(32),
            (Self::Hmac384, _) => Some(48),
            (Self::Hmac512, _) => Some(64),
            _ => None,
        }
    }

    /// What a key of this kind can be for, the usual first.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>
    pub fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage as U;
        match self {
            Self::SymmetricDefault => &[U::EncryptDecrypt],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => {
                &[U::GenerateVerifyMac]
            }
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[U::SignVerify, U::EncryptDecrypt],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => {
                &[U::SignVerify, U::KeyAgreement]
            }
            Self::EccSecgP256K1 => &[U::SignVerify],
        }
    }

    /// Whether a key of this kind can have several materials, which AWS numbers.
    pub fn has_several_materials(self) -> bool {
        self == Self::SymmetricDefault
    }
}

impl std::fmt::Display for KeySpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum KeyUsage {
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
}

impl KeyUsage {
    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Self::SignVerify => "SIGN_VERIFY",
            Self::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Self::KeyAgreement => "KEY_AGREEMENT",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_spec_and_is_the_word_that_crosses() {
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::parse(spec.as_str()), Some(spec));
            let crosses = serde_json::to_value(spec).expect("a word");
            assert_eq!(crosses, spec.as_str());
        }
        assert_eq!(KeySpec::parse("ML_DSA_65"), None);
        assert_eq!(KeySpec::parse("rsa_2048"), None);
    }

    #[test]
    fn only_symmetric_material_is_shorter_in_china() {
        for spec in KeySpec::ALL {
            let (here, china) = (
                spec.byte_length(Partition::Aws),
                spec.byte_length(Partition::AwsCn),
            );
            if spec == KeySpec::SymmetricDefault {
                assert_eq!((here, china), (Some(32), Some(16)));
            } else {
                assert_eq!(here, china);
            }
        }
    }
}
