//! What credentials may do, found out without changing anything.

use serde::{Deserialize, Serialize};

use crate::{AppError, Region};

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct PermissionReport {
    /// Who was asked about.
    pub caller_arn: String,
    /// Where KMS was asked.
    pub region: Region,
    /// What OwnKey does, with the permissions that each needs.
    pub abilities: Vec<Ability>,
    /// Why IAM was not asked to simulate what may not be tried; absent if it was.
    pub not_simulated: Option<NotSimulated>,
}

/// Something that OwnKey does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Ability {
    /// What.
    pub feature: Feature,
    /// The least favourable of its permissions: refused before unknown before allowed.
    pub verdict: Verdict,
    /// What it needs.
    pub permissions: Vec<Permission>,
}

/// What OwnKey does with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Feature {
    /// Reading keys.
    Synchronise,
    /// Making a key and importing material into it.
    UploadKeys,
    /// Importing material again, or deleting it.
    ReimportMaterial,
    /// Taking back an upload.
    UndoUploads,
    /// Proving that AWS holds the same bytes.
    ProveMaterial,
    /// Choosing users and roles for a key policy.
    ChoosePrincipals,
    /// Finding the regions of the account.
    FindRegions,
}

/// One IAM action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// Such as `kms:ListKeys`.
    pub action: String,
    /// Whether it is permitted.
    pub verdict: Verdict,
    /// How that is known.
    pub known_by: KnownBy,
    /// What AWS said, if it refused.
    pub error: Option<AppError>,
}

/// Whether something is permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No.
    Refused,
    /// It was not found out.
    Unknown,
}

/// How a verdict is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum KnownBy {
    /// It was tried: reading changes nothing.
    Tried,
    /// IAM simulated the caller's policies. Key policies were not evaluated.
    Simulated,
    /// It was not found out.
    Nothing,
}

/// Why IAM could not simulate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "reason",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum NotSimulated {
    /// It was asked and refused.
    Refused {
        /// How.
        error: AppError,
    },
    /// IAM simulates users and roles, and the caller is neither.
    NoPolicies,
}
