//! What the first page and the settings show.

use serde::{Deserialize, Serialize};

use crate::{AppError, KeyRow, SyncReport, Timestamp};

/// What needs a person today, and counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Keys in scope that are still in AWS.
    pub keys: u32,
    /// Of these, with imported material.
    pub byok: u32,
    /// Of these, with material that AWS made.
    pub native: u32,
    /// Of these, expiring.
    pub expiring: u32,
    /// Of these, in state `PendingImport`.
    pub needs_material: u32,
    /// Of these, pending deletion.
    pub pending_deletion: u32,
    /// Of these, disabled.
    pub disabled: u32,
    /// Keys that vanished.
    pub gone: u32,
    /// Regions with at least one key.
    pub regions: u32,
    /// The most urgent expiring keys, at most five, the next to expire first.
    pub next_to_expire: Vec<KeyRow>,
    /// The last synchronisation of each registration in scope.
    pub last_syncs: Vec<SyncReport>,
    /// See [`crate::KeyPage::synced_at`].
    pub synced_at: Option<Timestamp>,
}

/// What the settings say about this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct ThisComputer {
    /// OwnKey's version.
    pub version: String,
    /// Where databases and settings lie.
    pub data_folder: String,
    /// The size of the cache in bytes; a whole number below 2^53.
    #[specta(type = u32)]
    pub cache_bytes: u64,
    /// The operating system's keychain.
    pub keychain: VaultState,
    /// Whether what is changed in the sandbox is still there at the next start.
    pub sandbox_kept: bool,
}

/// Whether the operating system's keychain can keep secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "state",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum VaultState {
    /// A secret of full size was written, read back and removed.
    Works,
    /// It cannot.
    Fails {
        /// Why.
        error: AppError,
    },
}
