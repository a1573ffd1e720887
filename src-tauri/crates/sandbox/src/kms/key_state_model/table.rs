//! AWS's key-state table, cell by cell.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>

use super::steps::{Region, Step};

/// AWS's word for a refusal.
pub(super) type Code = &'static str;

pub(super) const DISABLED: Code = "DisabledException";
pub(super) const STATE: Code = "KMSInvalidStateException";
pub(super) const UNSUPPORTED: Code = "UnsupportedOperationException";
pub(super) const USAGE: Code = "InvalidKeyUsageException";
pub(super) const VALIDATION: Code = "ValidationException";
pub(super) const NOT_FOUND: Code = "NotFoundException";
pub(super) const EXISTS: Code = "AlreadyExistsException";
pub(super) const INCORRECT: Code = "IncorrectKeyMaterialException";

/// The table: `-` succeeds, `D` is footnote 1, `S` stands for footnotes 3, 4, 5 and 8. The columns
/// are `Enabled`, `Disabled`, pending deletion (of either kind), `PendingImport`. Conditions that
/// depend on the kind of key are in [`Model::kind_refuses`].
const TABLE: [(&str, &str); 26] = [
    ("CancelKeyDeletion", "SS-S"),
    ("CreateAlias", "--S-"),
    ("CreateGrant", "-DSS"),
    ("Decrypt", "-DSS"),
    ("DeleteAlias", "----"),
    ("DeleteImportedKeyMaterial", "----"),
    ("DisableKey", "--SS"),
    ("DisableKeyRotation", "-DS-"),
    ("EnableKey", "--SS"),
    ("EnableKeyRotation", "-DS-"),
    ("Encrypt", "-DSS"),
    ("GenerateDataKey", "-DSS"),
    ("GenerateMac", "-DSS"),
    ("GetParametersForImport", "--S-"),
    // The table lets it through while `Disabled`; the operation's own text does not.
    ("ImportKeyMaterial", "-SS-"),
    ("PutKeyPolicy", "----"),
    ("ReplicateKey", "-DSS"),
    ("RevokeGrant", "----"),
    ("RotateKeyOnDemand", "-DSS"),
    ("ScheduleKeyDeletion", "--S-"),
    ("TagResource", "--S-"),
    ("UntagResource", "--S-"),
    // Of the key that the alias shall point to.
    ("UpdateAlias", "--S-"),
    ("UpdateKeyDescription", "--S-"),
    ("UpdatePrimaryRegion", "-DSS"),
    // All that only look: DescribeKey, GetKeyPolicy, GetKeyRotationStatus, the lists.
    ("", "----"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion,
    PendingReplicaDeletion,
}

/// What the table says of the operation in this state.
pub(super) fn state_refuses(operation: &str, state: State) -> Option<Code> {
    let column = match state {
        State::Enabled => 0,
        State::Disabled => 1,
        State::PendingDeletion | State::PendingReplicaDeletion => 2,
        State::PendingImport => 3,
    };
    let row = TABLE
        .iter()
        .find(|(name, _)| *name == operation || name.is_empty());
    match row.map(|(_, cells)| cells.as_bytes()[column]) {
        Some(b'D') => Some(DISABLED),
        Some(b'S') => Some(STATE),
        _ => None,
    }
}

impl Step {
    /// The Region that is asked, and the operation.
    pub(super) fn names(&self) -> (Region, &'static str) {
        match self {
            Self::Simple(at, operation) => (*at, operation),
            Self::Schedule(at, _) => (*at, "ScheduleKeyDeletion"),
            Self::EnableRotation(at, _) => (*at, "EnableKeyRotation"),
            Self::CreateAlias(at, _) => (*at, "CreateAlias"),
            Self::DeleteAlias(at, _) => (*at, "DeleteAlias"),
            Self::Decrypt(at, _) => (*at, "Decrypt"),
            Self::RevokeGrant(at) => (*at, "RevokeGrant"),
            Self::Import(at, _) => (*at, "ImportKeyMaterial"),
            Self::DeleteMaterial(at, _) => (*at, "DeleteImportedKeyMaterial"),
            Self::Replicate(at, _) => (*at, "ReplicateKey"),
            Self::UpdatePrimary(at, _) => (*at, "UpdatePrimaryRegion"),
            Self::Wait(_) | Self::WaitForRotation => (0, ""),
        }
    }
}
