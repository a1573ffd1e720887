//! What can go wrong, in the user's terms: what happened and what can be done next.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The result of everything that can be refused.
pub type Result<T> = std::result::Result<T, AppError>;

/// A failure that the UI or a use case acts on. Everything else is `Unexpected`, whose cause is in
/// the log under its reference. No variant carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "code",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum AppError {
    /// One field of the input can be blamed.
    #[error("{field:?}: {reason}")]
    InvalidInput {
        /// Which one.
        field: Field,
        /// A sentence that says what would be accepted.
        reason: String,
    },
    /// Another one already has this name.
    #[error("the name {name} is taken")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Some of the regions already belong to another registration of the same account.
    #[error("regions taken by {by}")]
    RegionsTaken {
        /// The regions' codes.
        regions: Vec<String>,
        /// The registration's name.
        by: String,
    },
    /// The thing is not, or no longer, there.
    #[error("{what} was not found")]
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// No answer from the endpoint: no network, no such host, connection refused, TLS failed.
    #[error("{endpoint} cannot be reached: {cause}")]
    EndpointUnreachable {
        /// Host and port that were tried.
        endpoint: String,
        /// The technical cause.
        cause: String,
    },
    /// The profile is not in the AWS configuration files, or has no credentials OwnKey can use.
    #[error("profile {profile}: {cause}")]
    NoCredentials {
        /// The profile's name.
        profile: String,
        /// Why.
        cause: String,
    },
    /// AWS does not know the access key or refuses the signature.
    #[error("AWS refused the credentials: {cause}")]
    CredentialsRefused {
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// The session ran out.
    #[error("the credentials have expired")]
    CredentialsExpired {
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// Signatures are dated, and this computer's clock is too far off for AWS.
    #[error("this computer's clock is wrong")]
    ClockSkewed {
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// The connection leads to another account than the one that was registered over it.
    #[error("expected account {expected}, found {found}")]
    AccountChanged {
        /// The registered account.
        expected: String,
        /// The account that answers now.
        found: String,
    },
    /// The credentials are good and may not do this.
    #[error("not allowed: {action} on {resource}")]
    AccessDenied {
        /// The IAM action, such as `kms:GetKeyPolicy`.
        action: String,
        /// What it was asked on: an ARN, or `*`.
        resource: String,
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// AWS's quota stayed used up through all patient retries.
    #[error("{action} is throttled")]
    Throttled {
        /// The IAM action.
        action: String,
    },
    /// AWS answered with an error that has no variant of its own.
    #[error("{action}: {aws_code}: {cause}")]
    Aws {
        /// The IAM action.
        action: String,
        /// AWS's error code.
        aws_code: String,
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// The server says that a list goes on and gives no way to ask for the rest.
    #[error("the list was cut short")]
    ListCutShort,
    /// `journal.db` was written by a newer OwnKey. It is left as it is.
    #[error("journal version {found}, this program knows {known}")]
    JournalNewer {
        /// The file's version.
        found: u32,
        /// The highest version this program knows.
        known: u32,
        /// Where the file lies.
        path: String,
    },
    /// A database is damaged or no database at all.
    #[error("{path} cannot be read")]
    StorageDamaged {
        /// Where the file lies.
        path: String,
        /// The technical cause.
        cause: String,
    },
    /// No room left for writing.
    #[error("no space left at {path}")]
    DiskFull {
        /// The file that could not grow.
        path: String,
    },
    /// The data folder cannot be written to.
    #[error("{path} is read-only")]
    FolderReadOnly {
        /// The folder.
        path: String,
    },
    /// Another OwnKey is open on the same data folder.
    #[error("already running on {path}")]
    AlreadyRunning {
        /// The folder.
        path: String,
    },
    /// The operating system has no keychain that answers.
    #[error("no keychain: {cause}")]
    KeychainMissing {
        /// The technical cause.
        cause: String,
    },
    /// The keychain is there and locked, or the user refused the prompt.
    #[error("the keychain is locked")]
    KeychainLocked,
    /// Not foreseen; the log has the cause under the reference.
    #[error("unexpected ({reference})")]
    Unexpected {
        /// What to look for in the log.
        reference: String,
    },
}

impl AppError {
    /// A refusal of one field.
    pub fn invalid(field: Field, reason: impl Into<String>) -> Self {
        Self::InvalidInput {
            field,
            reason: reason.into(),
        }
    }

    /// Whether asking every region again would be refused in the same way: worth stopping for.
    pub fn concerns_all_regions(&self) -> bool {
        matches!(
            self,
            Self::CredentialsExpired { .. } | Self::NoCredentials { .. } | Self::ClockSkewed { .. }
        )
    }

    /// Whether the two would be told in the same words but for what they were asked on.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Aws { aws_code: one, .. },
                Self::Aws {
                    aws_code: another, ..
                },
            ) => one == another,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// A reference for an unforeseen failure: readable over the telephone, unique enough for a log.
    pub fn reference(at: Timestamp, what: &str) -> String {
        format!("{what}-{:x}", at.unix_seconds())
    }
}

/// The fields that a form can mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// An account id.
    Account,
    /// A key's ARN.
    Arn,
    /// A connection.
    Connection,
    /// An endpoint URL.
    EndpointUrl,
    /// A filter of the key list.
    Filter,
    /// A name.
    Name,
    /// The value of a preference.
    Preference,
    /// A profile of the AWS configuration.
    Profile,
    /// One region.
    Region,
    /// A set of regions.
    Regions,
}
