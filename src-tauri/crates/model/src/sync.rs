//! Synchronising: reading everything about every key of a registration into the cache.

use serde::{Deserialize, Serialize};

use crate::{AppError, Region, RegistrationId, Timestamp};

/// How far a synchronisation is. Bounded: one entry a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncProgress {
    /// Which registration.
    pub registration: RegistrationId,
    /// Keys listed so far, in all regions.
    pub listed: u32,
    /// Keys read so far, in all regions.
    pub read: u32,
    /// Each region, in the order of their codes.
    pub regions: Vec<RegionProgress>,
}

/// How far one region is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegionProgress {
    /// The region.
    pub region: Region,
    /// The stage.
    pub stage: RegionStage,
    /// Keys listed so far.
    pub listed: u32,
    /// Keys read so far.
    pub read: u32,
    /// What it waits for at present.
    pub waiting: Option<Waiting>,
}

/// The stage of one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum RegionStage {
    /// Not begun.
    Queued,
    /// The list of keys is not complete yet.
    Listing,
    /// The list is complete; keys are being read.
    Reading,
    /// All that may be read was read.
    Done,
    /// The region refused to list its keys.
    Refused,
    /// Stopped on request.
    Cancelled,
}

/// A wait that is no fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// For what.
    pub on: WaitingFor,
    /// Which operation, such as `kms:DescribeKey`.
    pub action: String,
    /// How long from now, in seconds, as far as can be foreseen.
    pub seconds: u32,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum WaitingFor {
    /// OwnKey keeps below AWS's request quota.
    Quota,
    /// AWS throttled a request; it will be repeated.
    Throttled,
}

/// What a synchronisation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct SyncReport {
    /// Which registration.
    pub registration: RegistrationId,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Customer-managed keys read.
    pub keys: u32,
    /// Keys newly marked as gone.
    pub gone: u32,
    /// Each region.
    pub regions: Vec<RegionOutcome>,
    /// What could not be read, alike refusals counted together.
    pub refusals: Vec<Refusal>,
    /// What ended it, if it failed.
    pub error: Option<AppError>,
}

/// How a synchronisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum SyncOutcome {
    /// Everything was read.
    Complete,
    /// Something could not be read; the refusals say what.
    Partial,
    /// Stopped on request; what was read is kept.
    Cancelled,
    /// Ended by something that concerns everything, such as the sign-in; the report's error says what.
    Failed,
}

/// How one region ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegionOutcome {
    /// The region.
    pub region: Region,
    /// `Done`, `Refused` or `Cancelled`.
    pub stage: RegionStage,
    /// Whether the list of keys was complete, so that missing ones are known to be gone.
    pub list_complete: bool,
    /// Keys read.
    pub keys: u32,
    /// Keys newly marked as gone.
    pub gone: u32,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Where; absent for account-wide questions.
    pub region: Option<Region>,
    /// The IAM action, such as `kms:GetKeyPolicy`.
    pub action: String,
    /// The first error of its kind.
    pub error: AppError,
    /// How many times.
    pub times: u32,
}
