//! Questions about the cached keys: what the list asks and what it gets.

use serde::{Deserialize, Serialize};

use crate::{KeyArn, KeyRow, Region, RegistrationId, Timestamp};

/// Imported material that runs out within this many days counts as expiring.
pub const EXPIRING_WITHIN_DAYS: u32 = 30;

/// Which part of everything is looked at. An empty list means no restriction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Only these registrations.
    pub registrations: Vec<RegistrationId>,
    /// Only these regions.
    pub regions: Vec<Region>,
}

/// One page of the key list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyQuery {
    /// Where to look.
    pub scope: Scope,
    /// The view.
    pub view: KeyView,
    /// How the filters combine.
    pub combine: Combine,
    /// The filters.
    pub filters: Vec<Filter>,
    /// What to sort by; ties are broken by ARN.
    pub sort: Sort,
    /// How many rows to leave out.
    pub skip: u32,
    /// How many rows to return; at most 500.
    pub limit: u32,
}

/// The views that every user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum KeyView {
    /// Every key that is still in AWS.
    All,
    /// Keys with imported material.
    Byok,
    /// Keys whose material AWS made.
    Native,
    /// Keys whose imported material runs out within [`EXPIRING_WITHIN_DAYS`] days.
    Expiring,
    /// Keys in state `PendingImport`.
    NeedsMaterial,
    /// Keys whose deletion is pending.
    PendingDeletion,
    /// Keys that are disabled.
    Disabled,
    /// Keys that vanished from AWS.
    Gone,
}

/// How filters combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Combine {
    /// All must hold.
    And,
    /// One suffices.
    Or,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// What is looked at; absent: any text of the key (aliases, id, description, tags).
    pub property: Option<KeyProperty>,
    /// How it is compared.
    pub operator: Operator,
    /// With what: text, ignoring case, or a whole number of days.
    pub value: String,
}

/// What can be filtered and sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum KeyProperty {
    /// Any of the aliases; sorted by the first, keys without one last, by id.
    Alias,
    /// The id.
    KeyId,
    /// The account.
    Account,
    /// The region.
    Region,
    /// The state.
    State,
    /// The origin.
    Origin,
    /// The spec.
    Spec,
    /// The usage.
    Usage,
    /// The description.
    Description,
    /// Any tag: `key` or `key=value`.
    Tag,
    /// `PRIMARY`, `REPLICA` or `NO`.
    MultiRegion,
    /// `ON`, `OFF`, `NONE` or `NOT_READ`.
    Rotation,
    /// Days until imported material runs out; keys without expiry never match, and are sorted last.
    ExpiresInDays,
    /// Days since creation.
    AgeInDays,
    /// When it was last read. For sorting only.
    SyncedAt,
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Operator {
    /// Equal, ignoring case.
    Equals,
    /// Not equal.
    NotEquals,
    /// Contains, ignoring case.
    Contains,
    /// Does not contain.
    NotContains,
    /// Begins with, ignoring case.
    StartsWith,
    /// At most; numbers only.
    AtMost,
    /// At least; numbers only.
    AtLeast,
}

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Sort {
    /// The property.
    pub by: KeyProperty,
    /// The largest first.
    pub descending: bool,
}

/// One page of the key list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyPage {
    /// The rows.
    pub rows: Vec<KeyRow>,
    /// How many keys match in all.
    pub matching: u32,
    /// How many keys the scope has, whatever the view and the filters.
    pub in_scope: u32,
    /// The oldest time at which a registration of the scope was last read to the end; absent if
    /// one never was.
    pub synced_at: Option<Timestamp>,
}

/// A value that occurs, for completing what is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// The value.
    pub value: String,
    /// How many keys have it.
    pub keys: u32,
}

/// A key found by the palette.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyHit {
    /// The key.
    pub arn: KeyArn,
    /// What matched: an alias, the id, the ARN, or the description.
    pub label: String,
    /// Its region.
    pub region: Region,
    /// The registration it was read for.
    pub registration: RegistrationId,
}
