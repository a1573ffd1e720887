//! What kinds of key take imported material.

use ownkey_model::Partition;

use crate::keys::Curve;

/// A kind of KMS key whose material can be imported. ML-DSA, ML-KEM, Ed25519 and SM2 are not
/// offered: AWS's documentation does not settle how their material is to be brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum KeySpec {
    SymmetricDefault,
    Hmac224,
    Hmac256,
    Hmac384,
    Hmac512,
    Rsa2048,
    Rsa3072,
    Rsa4096,
    EccNistP256,
    EccNistP384,
    EccNistP521,
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
        match self.shape() {
            Shape::Aes => Some(match partition {
                Partition::AwsCn => 16,
                Partition::Aws | Partition::AwsUsGov => 32,
            }),
            Shape::Hmac { bytes } => Some(bytes),
            Shape::Rsa { .. } | Shape::Ec(_) => None,
        }
    }

    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::SymmetricDefault => Shape::Aes,
            Self::Hmac224 => Shape::Hmac { bytes: 28 },
            Self::Hmac256 => Shape::Hmac { bytes: 32 },
            Self::Hmac384 => Shape::Hmac { bytes: 48 },
            Self::Hmac512 => Shape::Hmac { bytes: 64 },
            Self::Rsa2048 => Shape::Rsa { bits: 2048 },
            Self::Rsa3072 => Shape::Rsa { bits: 3072 },
            Self::Rsa4096 => Shape::Rsa { bits: 4096 },
            Self::EccNistP256 => Shape::Ec(Curve::P256),
            Self::EccNistP384 => Shape::Ec(Curve::P384),
            Self::EccNistP521 => Shape::Ec(Curve::P521),
            Self::EccSecgP256K1 => Shape::Ec(Curve::P256K1),
        }
    }
}

impl std::fmt::Display for KeySpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the material of a kind of key looks like.
pub(crate) enum Shape {
    Aes,
    Hmac { bytes: usize },
    Rsa { bits: usize },
    Ec(Curve),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_its_spec() {
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::parse(spec.as_str()), Some(spec));
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
