//! What a connection leads to.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Partition, Refusal, Region, Timestamp};

/// What a test of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionReport {
    /// The account.
    pub account: AccountId,
    /// The account's alias, if it has one and it may be read.
    pub account_alias: Option<String>,
    /// Who signs in.
    pub caller_arn: String,
    /// The partition.
    pub partition: Partition,
    /// The regions that can be used, sorted by code.
    pub regions: Vec<RegionEntry>,
    /// The server that is asked instead of AWS, whoever said so: the connection, the profile or the
    /// environment.
    pub endpoint_url: Option<String>,
    /// When the sign-in has to be renewed; absent if it lasts.
    pub expires_at: Option<Timestamp>,
    /// What the credentials may not do; nothing here was skipped silently.
    pub refused: Vec<Refusal>,
}

/// One region of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegionEntry {
    /// The region.
    pub region: Region,
    /// The registration that already holds it, by name.
    pub held_by: Option<String>,
}
