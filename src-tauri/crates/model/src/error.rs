//! What can go wrong, in the user's terms: what happened and what can be done next.

mod field;
mod problem;

use serde::{Deserialize, Serialize};

use crate::{KeySpec, SignInId, SignInWay, Timestamp};

pub use field::Field;
pub use problem::{BackupProblem, FileProblem, PossibleReading, ProcessProblem};

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
    /// A person has to sign in in the browser.
    #[error("sign-in needed: {cause}")]
    SignInNeeded {
        /// What to give to the sign-in.
        sign_in: SignInId,
        /// Who signs in.
        way: SignInWay,
        /// Why: there was no sign-in yet, or it ran out.
        cause: String,
    },
    /// The person who was asked gave up, or the request ended otherwise.
    #[error("the sign-in was cancelled")]
    SignInCancelled,
    /// The browser's page said no, or the time for it ran out.
    #[error("the sign-in failed: {cause}")]
    SignInFailed {
        /// What was said.
        cause: String,
    },
    /// The program that a profile gets its credentials from does not give any.
    #[error("credential_process of profile {profile}: {problem:?}")]
    CredentialProcessFailed {
        /// The profile.
        profile: String,
        /// What is wrong.
        problem: ProcessProblem,
    },
    /// AWS does not let the caller assume a role.
    #[error("role {role} cannot be assumed: {cause}")]
    RoleRefused {
        /// The role's ARN.
        role: String,
        /// Who asked: a profile or a connection, by name.
        from: String,
        /// Whether an external id was given.
        external_id_given: bool,
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// The keychain has not the secret of the connection's access key, or that of another key.
    #[error("the keychain has no secret for connection {connection}")]
    AccessKeyMissing {
        /// The connection's name.
        connection: String,
    },
    /// Registrations need the connection: they are moved to another one, or removed, first.
    #[error("connection {connection} is in use")]
    ConnectionInUse {
        /// The connection's name.
        connection: String,
        /// The registrations' names.
        used_by: Vec<String>,
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
    /// The keychain answers, and has not the key under which the stored material was sealed.
    #[error("the keychain has no master key for the stored material")]
    MasterKeyMissing,
    /// A sealed record does not open under the master key.
    #[error("the sealed material {material} does not open")]
    MaterialUnreadable {
        /// Which one.
        material: String,
    },
    /// A key file does not give the material that is wanted.
    #[error("{name}: {problem:?}")]
    FileRefused {
        /// The file's name.
        name: String,
        /// What is wrong with it.
        problem: FileProblem,
        /// The kind of key that it should be for.
        expected: KeySpec,
    },
    /// A file that was picked is no longer known: OwnKey was restarted.
    #[error("the file has to be picked again")]
    FileForgotten,
    /// A file cannot be read or written.
    #[error("{path}: {cause}")]
    FileFailed {
        /// The file.
        path: String,
        /// The technical cause.
        cause: String,
    },
    /// No folder or no passphrase for backups: nothing is imported before.
    #[error("backups are not set up")]
    BackupsNotSetUp,
    /// The passphrase for backups is too weak.
    #[error("weak passphrase: {reason}")]
    WeakPassphrase {
        /// What is wrong with it, as a sentence.
        reason: String,
    },
    /// The two passphrases that were typed differ.
    #[error("the passphrases differ")]
    PassphrasesDiffer,
    /// The backup folder cannot be written to.
    #[error("the backup folder {path} cannot be written to: {cause}")]
    BackupFolderNotWritable {
        /// The folder.
        path: String,
        /// The technical cause.
        cause: String,
    },
    /// A backup does not open, or holds something else.
    #[error("{path}: {problem:?}")]
    BackupUnusable {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: BackupProblem,
    },
    /// Keys in AWS have the material, or had it and take no other, and no backup of it was found good
    /// just now: it cannot be removed.
    #[error("the material is needed")]
    MaterialNeeded {
        /// The keys.
        keys: Vec<String>,
    },
    /// An operation that has not ended uses the material: it cannot be removed.
    #[error("an open operation uses the material")]
    MaterialInUse,
    /// Another key of the region has the alias.
    #[error("{alias} is taken")]
    AliasTaken {
        /// The alias.
        alias: String,
        /// The key that has it, if AWS said so.
        key: Option<String>,
    },
    /// AWS does not take the policy.
    #[error("the policy was refused: {cause}")]
    PolicyRefused {
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// The policy would not let the caller change it afterwards.
    #[error("the policy locks the caller out")]
    PolicyLocksOut {
        /// AWS's sentence.
        cause: String,
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// These are not the bytes that the key had before.
    #[error("other material: expected {expected}, found {found}")]
    OtherMaterial {
        /// The fingerprint of what the key had.
        expected: String,
        /// The fingerprint of what was offered; empty if AWS is the one who noticed.
        found: String,
    },
    /// AWS holds other bytes than were sent.
    #[error("AWS holds other bytes than were sent")]
    MaterialMismatch {
        /// The key.
        key: String,
    },
    /// The key's state does not allow this.
    #[error("{key} is {state}")]
    KeyNotReady {
        /// The key.
        key: String,
        /// Its state, as AWS spells it.
        state: String,
    },
    /// The import token ran out before it was used. Finishing asks for a fresh one.
    #[error("the import token has expired")]
    ImportTokenExpired {
        /// AWS's id of the request.
        request_id: Option<String>,
    },
    /// What was shown is no longer what would be done; nothing was done.
    #[error("the plan has changed")]
    PlanChanged {
        /// What is different now, a sentence each.
        differences: Vec<String>,
    },
    /// The operation is being worked on.
    #[error("the operation is running")]
    OperationRunning,
    /// Operations that have not ended need this registration: they are finished or undone first.
    #[error("{count} operations are open")]
    OperationsOpen {
        /// How many.
        count: u32,
    },
    /// An operation on this key has not ended: it is finished or undone first.
    #[error("an operation on {key} has not ended")]
    KeyInOperation {
        /// The key.
        key: String,
    },
    /// The operation has come to its end.
    #[error("the operation is closed")]
    OperationClosed,
    /// What had to be typed was not.
    #[error("{expected} was not typed")]
    NotConfirmed {
        /// What has to be typed.
        expected: String,
    },
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
            Self::AccessKeyMissing { .. }
                | Self::ClockSkewed { .. }
                | Self::CredentialProcessFailed { .. }
                | Self::CredentialsExpired { .. }
                | Self::KeychainLocked
                | Self::KeychainMissing { .. }
                | Self::NoCredentials { .. }
                | Self::RoleRefused { .. }
                | Self::SignInCancelled
                | Self::SignInFailed { .. }
                | Self::SignInNeeded { .. }
        )
    }

    /// Whether a change that ended like this may have been made all the same: the answer was lost, or
    /// AWS itself does not say. Everything else is a refusal.
    pub fn leaves_doubt(&self) -> bool {
        match self {
            Self::EndpointUnreachable { .. } | Self::Unexpected { .. } => true,
            Self::Aws { aws_code, .. } => [
                "DependencyTimeoutException",
                "InternalFailure",
                "InternalError",
                "InternalServerError",
                "KMSInternalException",
                "MalformedAnswer",
                "ServiceUnavailable",
                "ServiceUnavailableException",
                "Unknown",
            ]
            .contains(&aws_code.as_str()),
            _ => false,
        }
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
