//! KMS registrations: an account, reached over a connection, with a set of regions.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AppError, Connection, ConnectionKind, Field, Partition, Region, Timestamp};

/// Names a registration for as long as it exists.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, specta::Type,
)]
#[serde(transparent)]
#[specta(transparent)]
pub struct RegistrationId(pub String);

/// An AWS account under a name of its own, with the regions that OwnKey looks at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// Its identity.
    pub id: RegistrationId,
    /// The name people know it by, unique.
    pub name: String,
    /// The account.
    pub account: AccountId,
    /// The account's alias when it was registered.
    pub account_alias: Option<String>,
    /// The partition (`cloud` in the reference).
    pub partition: Partition,
    /// Who signed in when it was registered.
    pub caller_arn: String,
    /// Over which connection.
    pub connection: Connection,
    /// The regions, sorted.
    pub regions: Vec<Region>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its keys were last read, if ever.
    pub synced_at: Option<Timestamp>,
}

impl Registration {
    /// Whether this is the account that is built in.
    pub fn is_sandbox(&self) -> bool {
        self.connection.kind == ConnectionKind::Sandbox
    }

    /// `AccountChanged` if another account answers over the connection than the one registered.
    pub fn must_be(&self, found: &AccountId) -> crate::Result<()> {
        if *found == self.account {
            return Ok(());
        }
        Err(AppError::AccountChanged {
            expected: self.account.to_string(),
            found: found.to_string(),
        })
    }
}

/// What a person enters to register an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationDraft {
    /// The name.
    pub name: String,
    /// The regions to look at.
    pub regions: Vec<Region>,
}

impl RegistrationDraft {
    /// The name without surrounding blanks and the regions sorted, each once; refused if there is
    /// no name of at most 64 characters or no region.
    pub fn parse(&self) -> crate::Result<(String, Vec<Region>)> {
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
            return Err(AppError::invalid(
                Field::Name,
                "A name has 1 to 64 characters.",
            ));
        }
        if self.regions.is_empty() {
            return Err(AppError::invalid(
                Field::Regions,
                "Choose at least one region.",
            ));
        }
        let mut regions = self.regions.clone();
        regions.sort();
        regions.dedup();
        Ok((name.to_owned(), regions))
    }
}
