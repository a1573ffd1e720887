//! The fields that an error can blame.

use serde::{Deserialize, Serialize};

/// The fields that a form can mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// The id of an access key.
    AccessKeyId,
    /// An account id.
    Account,
    /// An alias.
    Alias,
    /// A key's ARN.
    Arn,
    /// Where backups go.
    BackupFolder,
    /// A connection.
    Connection,
    /// A description.
    Description,
    /// An endpoint URL.
    EndpointUrl,
    /// Other accounts that may use the key.
    ExternalAccounts,
    /// The external id that goes with a role.
    ExternalId,
    /// A filter of the key list.
    Filter,
    /// Users who administer the key.
    KeyAdmins,
    /// Roles that administer the key.
    KeyAdminsRoles,
    /// The kind of key.
    KeySpec,
    /// What the key is for.
    KeyUsage,
    /// Users who use the key.
    KeyUsers,
    /// Roles that use the key.
    KeyUsersRoles,
    /// Where the material comes from.
    Material,
    /// The code that an MFA device shows.
    MfaCode,
    /// An MFA device.
    MfaSerial,
    /// A name.
    Name,
    /// A passphrase.
    Passphrase,
    /// The key policy.
    Policy,
    /// The value of a preference.
    Preference,
    /// A profile of the AWS configuration.
    Profile,
    /// One region.
    Region,
    /// A set of regions.
    Regions,
    /// A registration.
    Registration,
    /// A role's ARN.
    RoleArn,
    /// The secret of an access key.
    SecretAccessKey,
    /// Tags.
    Tags,
    /// An expiry time.
    ValidTo,
}
