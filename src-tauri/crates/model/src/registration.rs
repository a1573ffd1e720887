//! KMS registrations: an account, reached over a connection, with a set of regions.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AppError, Connection, ConnectionId, ConnectionKind, Field, Partition, Region, Role,
    RoleDraft, SignInState, Timestamp, connection::parse_name,
};

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
    /// The role that is assumed over the connection, if any.
    pub role: Option<Role>,
    /// The regions, sorted.
    pub regions: Vec<Region>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its connection or its regions were last changed.
    pub updated_at: Timestamp,
    /// When its keys were last read, if ever.
    pub synced_at: Option<Timestamp>,
}

impl Registration {
    /// Whether this is the account that is built in.
    pub fn is_sandbox(&self) -> bool {
        self.connection.kind == ConnectionKind::Sandbox
    }

    /// `AccountChanged` if another account answers over the connection than the one registered, or
    /// one of another partition.
    pub fn must_be(&self, account: &AccountId, partition: Partition) -> crate::Result<()> {
        if *account == self.account && partition == self.partition {
            return Ok(());
        }
        let named = |account: &AccountId, cloud: Partition| {
            if partition == self.partition {
                account.to_string()
            } else {
                format!("{account} ({})", cloud.as_str())
            }
        };
        Err(AppError::AccountChanged {
            expected: named(&self.account, self.partition),
            found: named(account, partition),
        })
    }
}

/// What a person enters to register an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationDraft {
    /// The name.
    pub name: String,
    /// Over which connection.
    pub connection: ConnectionId,
    /// The role to assume over it.
    pub role: RoleDraft,
    /// The regions to look at.
    pub regions: Vec<Region>,
}

impl RegistrationDraft {
    /// The name without surrounding blanks, the role, and the regions sorted, each once; refused if
    /// there is no name of at most 64 characters or no region.
    pub fn parse(&self) -> crate::Result<(String, Option<Role>, Vec<Region>)> {
        Ok((
            parse_name(&self.name)?,
            self.role.parse()?,
            parse_regions(&self.regions)?,
        ))
    }
}

/// One change of a registration: its connection or its regions, never both at once, as in the
/// reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "part",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum RegistrationChange {
    /// Another way to the same account.
    Connection {
        /// Over which connection.
        connection: ConnectionId,
        /// The role to assume over it.
        role: RoleDraft,
    },
    /// Other regions.
    Regions {
        /// All that are looked at from now on.
        regions: Vec<Region>,
    },
}

/// Which registrations to list, page by page. Texts are looked for anywhere, ignoring case; empty
/// ones mean any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationQuery {
    /// In the id.
    pub id: String,
    /// In the name.
    pub name: String,
    /// In the account id.
    pub account: String,
    /// The partition.
    pub cloud: Option<Partition>,
    /// How many to leave out at the beginning.
    pub skip: u32,
    /// How many to give at most, 1 to 500.
    pub limit: u32,
}

/// A page of registrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationPage {
    /// How many were left out at the beginning.
    pub skip: u32,
    /// How many were given at most.
    pub limit: u32,
    /// How many there are on all pages.
    pub total: u32,
    /// The page, by name.
    pub registrations: Vec<Registration>,
}

/// A registration with what hangs on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct RegistrationDetails {
    /// The registration.
    pub registration: Registration,
    /// How its connection stands.
    pub sign_in: SignInState,
    /// How many keys of it are cached, by region, in the registration's order.
    pub keys: Vec<KeysIn>,
    /// How many operations over it have not ended.
    pub open_operations: u32,
}

/// Cached keys of a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeysIn {
    /// The region.
    pub region: Region,
    /// How many, those that are gone left out.
    pub keys: u32,
}

/// The regions sorted, each once; refused if there are none.
pub fn parse_regions(regions: &[Region]) -> crate::Result<Vec<Region>> {
    if regions.is_empty() {
        return Err(AppError::invalid(
            Field::Regions,
            "Choose at least one region.",
        ));
    }
    let mut regions = regions.to_vec();
    regions.sort();
    regions.dedup();
    Ok(regions)
}
