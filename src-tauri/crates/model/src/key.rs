//! KMS keys as they were last seen.
//!
//! The words are AWS's: <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>.

use serde::{Deserialize, Serialize};

use crate::{AppError, KeyArn, Timestamp};

/// Everything that AWS says about one key, but for its aliases, which AWS lists by region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The ARN; it holds account, region and id.
    pub arn: KeyArn,
    /// The description; any text.
    pub description: String,
    /// The state.
    pub state: KeyState,
    /// Who made the material.
    pub origin: Origin,
    /// What kind of key, as AWS spells it, such as `SYMMETRIC_DEFAULT`.
    pub spec: String,
    /// What it is for, as AWS spells it, such as `ENCRYPT_DECRYPT`.
    pub usage: String,
    /// The algorithms it may be used with.
    pub algorithms: Vec<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it will be gone, while its deletion is pending.
    pub deletion_at: Option<Timestamp>,
    /// When imported material runs out, the earliest if there are several.
    pub valid_to: Option<Timestamp>,
    /// Whether imported material runs out.
    pub expiration_model: Option<ExpirationModel>,
    /// Its part in a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    /// The custom key store it lives in.
    pub custom_key_store_id: Option<String>,
    /// The current material.
    pub current_material_id: Option<String>,
    /// Tags, sorted by key. Absent if they could not be read.
    pub tags: Reading<Vec<Tag>>,
    /// The key policy's JSON text, as AWS returned it.
    pub policy: Reading<String>,
    /// Automatic rotation. `Known(None)`: this kind of key has none.
    pub rotation: Reading<Option<Rotation>>,
    /// The materials of a key with imported material. `Known([])` for all others.
    pub materials: Reading<Vec<Material>>,
}

/// Something that AWS may have refused to show: what was not read is never shown as empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(tag = "reading", content = "value", rename_all = "camelCase")]
pub enum Reading<T> {
    /// AWS's answer.
    Known(T),
    /// Not read, and why.
    Unknown(AppError),
}

impl<T> Reading<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }
}

/// A key's state. <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum KeyState {
    Creating,
    Enabled,
    Disabled,
    PendingDeletion,
    PendingImport,
    PendingReplicaDeletion,
    Unavailable,
    Updating,
    /// A state that AWS introduced after this program was written.
    Other,
}

impl KeyState {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Creating, "Creating"),
        (Self::Enabled, "Enabled"),
        (Self::Disabled, "Disabled"),
        (Self::PendingDeletion, "PendingDeletion"),
        (Self::PendingImport, "PendingImport"),
        (Self::PendingReplicaDeletion, "PendingReplicaDeletion"),
        (Self::Unavailable, "Unavailable"),
        (Self::Updating, "Updating"),
        (Self::Other, "Other"),
    ];

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        word(&Self::ALL, self)
    }

    /// From AWS's word; an unknown one is `Other`.
    pub fn parse(text: &str) -> Self {
        parse_word(&Self::ALL, text).unwrap_or(Self::Other)
    }
}

/// Who made a key's material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Origin {
    /// KMS: a native key.
    AwsKms,
    /// We import it: BYOK.
    External,
    /// A CloudHSM cluster.
    AwsCloudhsm,
    /// An external key store.
    ExternalKeyStore,
    /// An origin that AWS introduced after this program was written.
    Other,
}

impl Origin {
    const ALL: [(Self, &'static str); 5] = [
        (Self::AwsKms, "AWS_KMS"),
        (Self::External, "EXTERNAL"),
        (Self::AwsCloudhsm, "AWS_CLOUDHSM"),
        (Self::ExternalKeyStore, "EXTERNAL_KEY_STORE"),
        (Self::Other, "OTHER"),
    ];

    /// AWS's word.
    pub fn as_str(self) -> &'static str {
        word(&Self::ALL, self)
    }

    /// From AWS's word; an unknown one is `Other`.
    pub fn parse(text: &str) -> Self {
        parse_word(&Self::ALL, text).unwrap_or(Self::Other)
    }
}

/// Whether imported material runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExpirationModel {
    /// At `ValidTo`.
    KeyMaterialExpires,
    /// Never.
    KeyMaterialDoesNotExpire,
}

/// A key's part in a multi-Region key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct MultiRegion {
    /// This key's part.
    pub role: MultiRegionRole,
    /// The primary.
    pub primary: KeyArn,
    /// All replicas.
    pub replicas: Vec<KeyArn>,
}

/// A key's part in a multi-Region key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "AWS's own words")]
pub enum MultiRegionRole {
    Primary,
    Replica,
}

/// A tag. Both parts are any text that AWS accepts: hostile until rendered as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// The tag's key.
    pub key: String,
    /// The tag's value.
    pub value: String,
}

/// Automatic rotation of a native key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Rotation {
    /// On or off.
    pub enabled: bool,
    /// How many days between two rotations.
    pub period_days: Option<u32>,
    /// The next one.
    pub next_at: Option<Timestamp>,
}

/// Automatic rotation in one word, for the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RotationSummary {
    /// The key is rotated every so many days.
    On,
    /// It could be and is not.
    Off,
    /// This kind of key has none.
    None,
    /// AWS did not say; the key's page has the reason.
    NotRead,
}

impl RotationSummary {
    const ALL: [(Self, &'static str); 4] = [
        (Self::On, "ON"),
        (Self::Off, "OFF"),
        (Self::None, "NONE"),
        (Self::NotRead, "NOT_READ"),
    ];

    /// From what AWS said.
    pub fn of(rotation: &Reading<Option<Rotation>>) -> Self {
        match rotation {
            Reading::Known(Some(rotation)) if rotation.enabled => Self::On,
            Reading::Known(Some(_)) => Self::Off,
            Reading::Known(None) => Self::None,
            Reading::Unknown(_) => Self::NotRead,
        }
    }

    /// The word that filters know it by.
    pub fn as_str(self) -> &'static str {
        word(&Self::ALL, self)
    }

    /// From that word; an unknown one is `NotRead`.
    pub fn parse(text: &str) -> Self {
        parse_word(&Self::ALL, text).unwrap_or(Self::NotRead)
    }
}

/// One material of a key with imported material, or one rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    /// AWS's id of the material; absent where AWS gives none.
    pub id: Option<String>,
    /// The description given at import.
    pub description: Option<String>,
    /// Whether AWS holds the bytes now.
    pub imported: bool,
    /// Its place in the key's history.
    pub state: MaterialState,
    /// When the bytes run out.
    pub valid_to: Option<Timestamp>,
    /// When the key was rotated to it.
    pub rotated_at: Option<Timestamp>,
}

/// A material's place in its key's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MaterialState {
    /// Used for new ciphertexts.
    Current,
    /// Kept for old ciphertexts.
    NonCurrent,
    /// Waits for `RotateKeyOnDemand`.
    PendingRotation,
    /// Waits for the replicas, then for `RotateKeyOnDemand`.
    PendingMultiRegionImportAndRotation,
    /// A state that AWS introduced after this program was written.
    Other,
}

impl MaterialState {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Current, "CURRENT"),
        (Self::NonCurrent, "NON_CURRENT"),
        (Self::PendingRotation, "PENDING_ROTATION"),
        (
            Self::PendingMultiRegionImportAndRotation,
            "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
        ),
        (Self::Other, "OTHER"),
    ];

    /// From AWS's word; an unknown one is `Other`.
    pub fn parse(text: &str) -> Self {
        parse_word(&Self::ALL, text).unwrap_or(Self::Other)
    }
}

/// A name of a key, as AWS lists it for a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Alias {
    /// The name with its prefix `alias/`.
    pub name: String,
    /// The id of the key it names; a few of AWS's own aliases name none yet.
    pub target_key_id: Option<String>,
}

fn word<T: Copy + PartialEq>(all: &[(T, &'static str)], value: T) -> &'static str {
    all.iter()
        .find(|(one, _)| *one == value)
        .map(|(_, word)| *word)
        .expect("every variant is listed")
}

fn parse_word<T: Copy>(all: &[(T, &'static str)], text: &str) -> Option<T> {
    all.iter()
        .find(|(_, word)| *word == text)
        .map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_aws_survive_and_new_ones_become_other() {
        for (state, word) in KeyState::ALL {
            assert_eq!((KeyState::parse(word), state.as_str()), (state, word));
        }
        assert_eq!(KeyState::parse("Hibernating"), KeyState::Other);
        assert_eq!(Origin::parse("EXTERNAL"), Origin::External);
        assert_eq!(MaterialState::parse("CURRENT"), MaterialState::Current);
    }
}
