//! KMS keys as they were last seen.
//!
//! The words are AWS's: <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AppError, Field, Partition, Region, RegistrationId, Timestamp};

/// The ARN of a KMS key.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct KeyArn(String);

impl KeyArn {
    /// Accepts `arn:PARTITION:kms:REGION:ACCOUNT:key/ID`.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let well_formed = matches!(parts.as_slice(), ["arn", partition, "kms", region, account, resource]
            if Partition::parse(partition).is_some()
                && Region::parse(region).is_ok()
                && AccountId::parse(account).is_ok()
                && resource.strip_prefix("key/").is_some_and(is_key_id));
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(AppError::invalid(
                Field::Arn,
                "A key's ARN is arn:aws:kms:REGION:ACCOUNT:key/ID.",
            ))
        }
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key's id: a UUID, or `mrk-` and hexadecimal digits.
    pub fn key_id(&self) -> &str {
        self.part(5).trim_start_matches("key/")
    }

    /// The region.
    pub fn region(&self) -> Region {
        Region::parse(self.part(3)).expect("checked by the constructor")
    }

    /// The account.
    pub fn account(&self) -> AccountId {
        AccountId::parse(self.part(4)).expect("checked by the constructor")
    }

    fn part(&self, index: usize) -> &str {
        self.0
            .splitn(6, ':')
            .nth(index)
            .expect("checked by the constructor")
    }
}

impl std::fmt::Display for KeyArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyArn {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<KeyArn> for String {
    fn from(arn: KeyArn) -> Self {
        arn.0
    }
}

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

/// A key as one row of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyRow {
    /// The ARN.
    pub arn: KeyArn,
    /// The id, for display.
    pub key_id: String,
    /// The registration it was read for.
    pub registration: RegistrationId,
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
    /// The first alias in alphabetical order, with `alias/`.
    pub alias: Option<String>,
    /// How many aliases there are.
    pub alias_count: u32,
    /// The description.
    pub description: String,
    /// The state.
    pub state: KeyState,
    /// Who made the material.
    pub origin: Origin,
    /// The spec.
    pub spec: String,
    /// The usage.
    pub usage: String,
    /// When imported material runs out.
    pub valid_to: Option<Timestamp>,
    /// When the key will be gone.
    pub deletion_at: Option<Timestamp>,
    /// Its part in a multi-Region key.
    pub multi_region: Option<MultiRegionRole>,
    /// Automatic rotation.
    pub rotation: RotationSummary,
    /// Tags; at most the first eight, see `tag_count`.
    pub tags: Vec<Tag>,
    /// How many tags there are; absent if they were not read.
    pub tag_count: Option<u32>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last read from AWS.
    pub synced_at: Timestamp,
    /// When it was first missing from a complete list of its region.
    pub gone_at: Option<Timestamp>,
}

/// A key's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyDetails {
    /// What the list shows of it.
    pub row: KeyRow,
    /// All that AWS said.
    pub key: Key,
    /// All aliases, sorted.
    pub aliases: Vec<String>,
    /// The other keys of the same multi-Region key, the primary first.
    pub related: Vec<Related>,
    /// The one thing that would help this key most.
    pub next_action: NextAction,
    /// The `aws` command that shows the same.
    pub aws_command: String,
    /// The key's page in AWS's console; absent where it has none (the sandbox, other endpoints).
    pub console_url: Option<String>,
}

/// Another key of the same multi-Region key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    /// The ARN.
    pub arn: KeyArn,
    /// Its region.
    pub region: Region,
    /// Its part.
    pub role: MultiRegionRole,
    /// The cached row; absent if the region was not read.
    pub row: Option<KeyRow>,
}

/// What would help a key most, in the order of urgency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum NextAction {
    /// It is no longer in AWS.
    Gone,
    /// It will be deleted: cancel that, or let it happen.
    PendingDeletion,
    /// It waits for its first material.
    ImportMaterial,
    /// Its material ran out or was deleted: import the same bytes again.
    ReimportMaterial,
    /// Its material runs out within [`crate::EXPIRING_WITHIN_DAYS`] days.
    MaterialExpires,
    /// It is disabled.
    Disabled,
    /// Nothing.
    Nothing,
}

impl NextAction {
    /// The rule: what is lost soonest comes first.
    pub fn of(key: &Key, gone: bool, now: Timestamp) -> Self {
        let had_material = key
            .materials
            .known()
            .is_some_and(|materials| materials.iter().any(|one| one.id.is_some()))
            || key.valid_to.is_some();
        match key.state {
            _ if gone => Self::Gone,
            KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => Self::PendingDeletion,
            KeyState::PendingImport if had_material => Self::ReimportMaterial,
            KeyState::PendingImport => Self::ImportMaterial,
            KeyState::Disabled => Self::Disabled,
            _ if expires_soon(key.valid_to, now) => Self::MaterialExpires,
            _ => Self::Nothing,
        }
    }
}

fn expires_soon(valid_to: Option<Timestamp>, now: Timestamp) -> bool {
    valid_to.is_some_and(|at| {
        at.unix_seconds() - now.unix_seconds() <= i64::from(crate::EXPIRING_WITHIN_DAYS) * 86_400
    })
}

fn is_key_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
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

    const ARN: &str =
        "arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn key(state: KeyState, valid_to: Option<&str>) -> Key {
        Key {
            arn: KeyArn::parse(ARN).expect("an ARN"),
            description: String::new(),
            state,
            origin: Origin::External,
            spec: "SYMMETRIC_DEFAULT".into(),
            usage: "ENCRYPT_DECRYPT".into(),
            algorithms: vec![],
            created_at: Timestamp::from_unix_seconds(0),
            deletion_at: None,
            valid_to: valid_to.and_then(Timestamp::parse),
            expiration_model: None,
            multi_region: None,
            custom_key_store_id: None,
            current_material_id: None,
            tags: Reading::Known(vec![]),
            policy: Reading::Known("{}".into()),
            rotation: Reading::Known(None),
            materials: Reading::Known(vec![]),
        }
    }

    #[test]
    fn an_arn_gives_its_parts() {
        let arn = KeyArn::parse(ARN).expect("an ARN");
        assert_eq!(arn.key_id(), "1234abcd-12ab-34cd-56ef-1234567890ab");
        assert_eq!(
            (arn.region().as_str(), arn.account().as_str()),
            ("eu-central-1", "111111111111")
        );
    }

    #[test]
    fn what_is_no_key_arn_is_refused() {
        for bad in [
            "",
            "arn:aws:kms:eu-central-1:111111111111:alias/x",
            "arn:aws:s3:eu-central-1:111111111111:key/x",
            "arn:aws:kms:eu-central-1:1:key/x",
            "arn:aws:kms:eu-central-1:111111111111:key/../x",
            "arn:aws:kms:eu-central-1:111111111111:key/",
        ] {
            assert!(KeyArn::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn words_of_aws_survive_and_new_ones_become_other() {
        for (state, word) in KeyState::ALL {
            assert_eq!((KeyState::parse(word), state.as_str()), (state, word));
        }
        assert_eq!(KeyState::parse("Hibernating"), KeyState::Other);
        assert_eq!(Origin::parse("EXTERNAL"), Origin::External);
        assert_eq!(MaterialState::parse("CURRENT"), MaterialState::Current);
    }

    #[test]
    fn the_next_action_is_the_most_urgent_one() {
        let now = Timestamp::parse("2026-11-21T00:00:00Z").expect("a time");
        let soon = Some("2026-12-01T00:00:00Z");
        let later = Some("2027-06-01T00:00:00Z");
        let of = |state, valid_to, gone| NextAction::of(&key(state, valid_to), gone, now);
        assert_eq!(of(KeyState::Enabled, None, false), NextAction::Nothing);
        assert_eq!(
            of(KeyState::Enabled, soon, false),
            NextAction::MaterialExpires
        );
        assert_eq!(of(KeyState::Enabled, later, false), NextAction::Nothing);
        assert_eq!(of(KeyState::Disabled, soon, false), NextAction::Disabled);
        assert_eq!(
            of(KeyState::PendingImport, None, false),
            NextAction::ImportMaterial
        );
        assert_eq!(
            of(KeyState::PendingImport, soon, false),
            NextAction::ReimportMaterial
        );
        assert_eq!(
            of(KeyState::PendingDeletion, soon, false),
            NextAction::PendingDeletion
        );
        assert_eq!(of(KeyState::Enabled, soon, true), NextAction::Gone);
    }
}
