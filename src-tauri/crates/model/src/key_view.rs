//! Keys as the window shows them: a row of the list, a key's page, and what would help a key most.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Key, KeyArn, KeyState, MultiRegionRole, Origin, Region, RegistrationId,
    RotationSummary, Tag, Timestamp,
};

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
    /// The `aws` command that shows the same; absent for the sandbox in this program, which opens no
    /// port for other programs to ask.
    pub aws_command: Option<String>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reading;

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
