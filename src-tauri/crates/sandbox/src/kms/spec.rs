//! Key specs, usages and the algorithms each gives: the tables behind `CreateKey` and `DescribeKey`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>

use serde::{Deserialize, Serialize};

use super::refusals::{constraint, validation};
use crate::api::ApiError;
use crate::regions::Partition;

/// What a key's material is. SM2 exists in China Regions only and ML-KEM is not simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeySpec {
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
    EccSecgP256k1,
    EccNistEdwards25519,
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

/// Every spec with its word on the wire.
const SPECS: [(KeySpec, &str); 16] = [
    (KeySpec::SymmetricDefault, "SYMMETRIC_DEFAULT"),
    (KeySpec::Hmac224, "HMAC_224"),
    (KeySpec::Hmac256, "HMAC_256"),
    (KeySpec::Hmac384, "HMAC_384"),
    (KeySpec::Hmac512, "HMAC_512"),
    (KeySpec::Rsa2048, "RSA_2048"),
    (KeySpec::Rsa3072, "RSA_3072"),
    (KeySpec::Rsa4096, "RSA_4096"),
    (KeySpec::EccNistP256, "ECC_NIST_P256"),
    (KeySpec::EccNistP384, "ECC_NIST_P384"),
    (KeySpec::EccNistP521, "ECC_NIST_P521"),
    (KeySpec::EccSecgP256k1, "ECC_SECG_P256K1"),
    (KeySpec::EccNistEdwards25519, "ECC_NIST_EDWARDS25519"),
    (KeySpec::MlDsa44, "ML_DSA_44"),
    (KeySpec::MlDsa65, "ML_DSA_65"),
    (KeySpec::MlDsa87, "ML_DSA_87"),
];

/// Specs that AWS knows and the sandbox refuses as AWS does where they are not offered.
const ELSEWHERE: [&str; 4] = ["SM2", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"];

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyUsage {
    EncryptDecrypt,
    SignVerify,
    GenerateVerifyMac,
    KeyAgreement,
}

const USAGES: [(KeyUsage, &str); 4] = [
    (KeyUsage::EncryptDecrypt, "ENCRYPT_DECRYPT"),
    (KeyUsage::SignVerify, "SIGN_VERIFY"),
    (KeyUsage::GenerateVerifyMac, "GENERATE_VERIFY_MAC"),
    (KeyUsage::KeyAgreement, "KEY_AGREEMENT"),
];

/// Where a key's material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Origin {
    AwsKms,
    External,
    /// A CloudHSM key store.
    AwsCloudHsm,
    /// An external key store.
    ExternalKeyStore,
}

impl Origin {
    /// Reads the word on the wire, which was seen to be one of AWS's before.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "EXTERNAL" => Self::External,
            "AWS_CLOUDHSM" => Self::AwsCloudHsm,
            "EXTERNAL_KEY_STORE" => Self::ExternalKeyStore,
            _ => Self::AwsKms,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
            Self::AwsCloudHsm => "AWS_CLOUDHSM",
            Self::ExternalKeyStore => "EXTERNAL_KEY_STORE",
        }
    }
}

impl KeySpec {
    /// Reads the word on the wire.
    pub(super) fn parse(word: &str) -> Result<Self, ApiError> {
        if let Some((spec, _)) = SPECS.iter().find(|(_, known)| *known == word) {
            return Ok(*spec);
        }
        if ELSEWHERE.contains(&word) {
            return Err(super::refusals::unsupported(format!(
                "KeySpec {word} is not supported in this Region"
            )));
        }
        let set: Vec<_> = SPECS
            .iter()
            .map(|(_, known)| *known)
            .chain(ELSEWHERE)
            .collect();
        let rule = format!("Member must satisfy enum value set: [{}]", set.join(", "));
        Err(constraint(word, "keySpec", &rule))
    }

    pub(super) fn word(self) -> &'static str {
        SPECS
            .iter()
            .find(|(spec, _)| *spec == self)
            .map_or("", |(_, word)| word)
    }

    /// The same for the member that has an older name, which does not know the newest specs.
    pub(super) fn older_word(self) -> Option<&'static str> {
        match self {
            Self::EccNistEdwards25519 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => None,
            _ => Some(self.word()),
        }
    }

    pub(super) fn is_symmetric_encryption(self) -> bool {
        self == Self::SymmetricDefault
    }

    pub(super) fn is_hmac(self) -> bool {
        matches!(
            self,
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512
        )
    }

    pub(super) fn is_asymmetric(self) -> bool {
        !self.is_symmetric_encryption() && !self.is_hmac()
    }

    /// The modulus of an RSA spec.
    pub(super) fn rsa_bits(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(2048),
            Self::Rsa3072 => Some(3072),
            Self::Rsa4096 => Some(4096),
            _ => None,
        }
    }

    /// Bytes of raw material in a region; `None` where the material is a key pair.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html>
    pub(crate) fn material_length(self, region: &str) -> Option<usize> {
        match self {
            Self::SymmetricDefault if Partition::of(region) == Partition::China => Some(16),
            Self::SymmetricDefault | Self::Hmac256 => Some(32),
            Self::Hmac224 => Some(28),
            Self::Hmac384 => Some(48),
            Self::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// Whether material of this spec can be imported. AWS's pages are unsettled on Ed25519 and
    /// ML-DSA; the sandbox refuses them.
    pub(super) fn is_importable(self) -> bool {
        !matches!(
            self,
            Self::EccNistEdwards25519 | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87
        )
    }

    fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage::{EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify};
        match self {
            Self::SymmetricDefault => &[EncryptDecrypt],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => {
                &[SignVerify, KeyAgreement]
            }
            Self::EccSecgP256k1
            | Self::EccNistEdwards25519
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87 => &[SignVerify],
        }
    }
}

impl KeyUsage {
    /// The words of the wire, for validation.
    pub(super) const WORDS: [&'static str; 5] = [
        "SIGN_VERIFY",
        "ENCRYPT_DECRYPT",
        "GENERATE_VERIFY_MAC",
        "KEY_AGREEMENT",
        "ENCAPSULATE_DECAPSULATE",
    ];

    pub(super) fn word(self) -> &'static str {
        USAGES
            .iter()
            .find(|(usage, _)| *usage == self)
            .map_or("", |(_, word)| word)
    }

    /// The usage of a new key: asked for, or the default of a symmetric encryption key.
    pub(super) fn of_new_key(spec: KeySpec, word: Option<&str>) -> Result<Self, ApiError> {
        let Some(word) = word else {
            return if spec.is_symmetric_encryption() {
                Ok(Self::EncryptDecrypt)
            } else {
                Err(validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric \
                     encryption keys.",
                ))
            };
        };
        let asked = USAGES
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(usage, _)| *usage);
        asked
            .filter(|usage| spec.usages().contains(usage))
            .ok_or_else(|| {
                validation(format!(
                    "KeyUsage {word} is not compatible with KeySpec {}",
                    spec.word()
                ))
            })
    }
}

/// The member of `KeyMetadata` that lists the algorithms of a key, and the list.
pub(super) fn algorithms(
    spec: KeySpec,
    usage: KeyUsage,
) -> (&'static str, &'static [&'static str]) {
    match usage {
        KeyUsage::EncryptDecrypt => (
            "EncryptionAlgorithms",
            if spec.is_symmetric_encryption() {
                &["SYMMETRIC_DEFAULT"]
            } else {
                &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
            },
        ),
        KeyUsage::KeyAgreement => ("KeyAgreementAlgorithms", &["ECDH"]),
        KeyUsage::GenerateVerifyMac => (
            "MacAlgorithms",
            match spec {
                KeySpec::Hmac224 => &["HMAC_SHA_224"],
                KeySpec::Hmac384 => &["HMAC_SHA_384"],
                KeySpec::Hmac512 => &["HMAC_SHA_512"],
                _ => &["HMAC_SHA_256"],
            },
        ),
        KeyUsage::SignVerify => (
            "SigningAlgorithms",
            match spec {
                KeySpec::EccNistP256 | KeySpec::EccSecgP256k1 => &["ECDSA_SHA_256"],
                KeySpec::EccNistP384 => &["ECDSA_SHA_384"],
                KeySpec::EccNistP521 => &["ECDSA_SHA_512"],
                // Signatures of Ed25519ph cannot be made here, so the key does not offer them.
                KeySpec::EccNistEdwards25519 => &["ED25519_SHA_512"],
                KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => &["ML_DSA_SHAKE_256"],
                _ => &[
                    "RSASSA_PKCS1_V1_5_SHA_256",
                    "RSASSA_PKCS1_V1_5_SHA_384",
                    "RSASSA_PKCS1_V1_5_SHA_512",
                    "RSASSA_PSS_SHA_256",
                    "RSASSA_PSS_SHA_384",
                    "RSASSA_PSS_SHA_512",
                ],
            },
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spec_reads_back_its_own_word() {
        for (spec, word) in SPECS {
            assert_eq!(KeySpec::parse(word).unwrap(), spec);
            assert_eq!(spec.word(), word);
        }
        assert_eq!(
            KeySpec::parse("DES").unwrap_err().code,
            "ValidationException"
        );
        assert_eq!(
            KeySpec::parse("SM2").unwrap_err().code,
            "UnsupportedOperationException"
        );
    }

    #[test]
    fn usage_is_optional_for_symmetric_encryption_only() {
        assert_eq!(
            KeyUsage::of_new_key(KeySpec::SymmetricDefault, None).unwrap(),
            KeyUsage::EncryptDecrypt
        );
        assert!(KeyUsage::of_new_key(KeySpec::Hmac256, None).is_err());
        assert!(KeyUsage::of_new_key(KeySpec::Hmac256, Some("ENCRYPT_DECRYPT")).is_err());
        assert!(KeyUsage::of_new_key(KeySpec::EccSecgP256k1, Some("KEY_AGREEMENT")).is_err());
        assert!(KeyUsage::of_new_key(KeySpec::EccNistP384, Some("KEY_AGREEMENT")).is_ok());
    }
}
