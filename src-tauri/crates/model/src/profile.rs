//! Profiles of the AWS configuration files.

use serde::{Deserialize, Serialize};

/// A profile found in the AWS configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// How it signs in.
    pub sign_in: ProfileSignIn,
    /// Its region, if it names one.
    pub region: Option<String>,
    /// The role it assumes, if any.
    pub role_arn: Option<String>,
    /// The profile whose credentials assume the role, if it names one.
    pub source_profile: Option<String>,
    /// The MFA device whose code is asked for, if any: its own or that of a profile it builds on.
    pub mfa_serial: Option<String>,
    /// Every service is asked there instead of at AWS, if the profile says so.
    pub endpoint_url: Option<String>,
    /// Why it cannot be used; absent if it can.
    pub problem: Option<String>,
}

/// How a profile signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum ProfileSignIn {
    /// An access key in the file.
    StaticKeys,
    /// IAM Identity Center.
    Sso,
    /// A role assumed from another profile's credentials.
    AssumeRole,
    /// A role assumed with a token from a file.
    WebIdentity,
    /// A program that prints credentials.
    CredentialProcess,
    /// `aws login`.
    Login,
    /// No credentials at all.
    Nothing,
}
