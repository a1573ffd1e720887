//! What an account contains: users, groups, roles, policies, devices, providers. Pure records and
//! their ARNs; what is done to them is in the files of the operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::instance_profiles::InstanceProfile;
use super::last_accessed::Job;
use super::login_profiles::LoginProfile;
use super::managed::ManagedPolicy;
use super::mfa_devices::MfaDevice;
use super::oidc_providers::OidcProvider;
use super::password_policy::PasswordPolicy;
use super::policy::{self, Policy};
use super::report::Report;
use super::saml_providers::SamlProvider;
use crate::regions::Partition;

/// Keys with values, in the order in which they were given.
pub(crate) type Tags = Vec<(String, String)>;

/// One AWS account.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// The account alias, which the sign-in page shows.
    pub(crate) alias: Option<String>,
    /// Which does not change; accounts of older states are commercial.
    #[serde(default)]
    pub(crate) partition: Partition,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) roles: BTreeMap<String, Role>,
    /// The customer managed policies, by name.
    #[serde(default)]
    pub(crate) policies: BTreeMap<String, ManagedPolicy>,
    /// By name.
    #[serde(default)]
    pub(crate) instance_profiles: BTreeMap<String, InstanceProfile>,
    /// By the resource part of the serial number, such as `mfa/anna`.
    #[serde(default)]
    pub(crate) mfa_devices: BTreeMap<String, MfaDevice>,
    /// By their URL without the scheme.
    #[serde(default)]
    pub(crate) oidc_providers: BTreeMap<String, OidcProvider>,
    /// By name.
    #[serde(default)]
    pub(crate) saml_providers: BTreeMap<String, SamlProvider>,
    #[serde(default)]
    pub(crate) password_policy: Option<PasswordPolicy>,
    /// The credential report that was made last.
    #[serde(default)]
    pub(crate) report: Option<Report>,
    /// Reports about services last accessed, by job id.
    #[serde(default)]
    pub(crate) access_jobs: BTreeMap<String, Job>,
    /// The ids of deletions of service-linked roles.
    #[serde(default)]
    pub(crate) deletions: BTreeSet<String>,
}

/// An IAM user.
#[derive(Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
    pub(crate) policies: Vec<InlinePolicy>,
    /// ARNs of managed policies, sorted.
    #[serde(default)]
    pub(crate) attached: Vec<String>,
    /// The ARN of the managed policy that bounds what the others allow.
    #[serde(default)]
    pub(crate) boundary: Option<String>,
    #[serde(default)]
    pub(crate) tags: Tags,
    /// The console password, if there is one.
    #[serde(default)]
    pub(super) login: Option<LoginProfile>,
    /// The MFA device in states from before devices had records of their own.
    #[serde(default, skip_serializing)]
    pub(super) mfa_device: Option<String>,
}

/// An IAM group.
#[derive(Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
    /// The names of its users.
    #[serde(default)]
    pub(crate) members: BTreeSet<String>,
    #[serde(default)]
    pub(crate) policies: Vec<InlinePolicy>,
    /// ARNs of managed policies, sorted.
    #[serde(default)]
    pub(crate) attached: Vec<String>,
}

/// An IAM role.
#[derive(Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
    pub(crate) description: String,
    #[serde(with = "policy::trust")]
    pub(crate) trust: Arc<Policy>,
    pub(crate) policies: Vec<InlinePolicy>,
    /// ARNs of managed policies, sorted.
    #[serde(default)]
    pub(crate) attached: Vec<String>,
    /// The ARN of the managed policy that bounds what the others allow.
    #[serde(default)]
    pub(crate) boundary: Option<String>,
    /// The longest session in seconds.
    pub(crate) longest_session: u32,
    pub(crate) tags: Tags,
}

/// A policy that belongs to one user, group or role.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct InlinePolicy {
    pub(crate) name: String,
    #[serde(with = "policy::identity")]
    pub(crate) policy: Arc<Policy>,
}

impl Account {
    /// An account without anybody in it.
    pub(crate) fn new(partition: Partition) -> Self {
        Self {
            partition,
            ..Self::default()
        }
    }

    /// The groups of a user, sorted by name.
    pub(crate) fn groups_of(&self, user: &str) -> impl Iterator<Item = &Group> {
        let groups = self.groups.values();
        groups.filter(move |group| group.members.contains(user))
    }
}

impl User {
    /// A user who has nothing yet.
    pub(crate) fn new(name: &str, path: &str, id: String, created: OffsetDateTime) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            id,
            created,
            policies: Vec::new(),
            attached: Vec::new(),
            boundary: None,
            tags: Tags::new(),
            login: None,
            mfa_device: None,
        }
    }

    pub(crate) fn arn(&self, partition: Partition, account: &str) -> String {
        iam_arn(
            partition,
            account,
            &format!("user{}{}", self.path, self.name),
        )
    }
}

impl Group {
    pub(crate) fn arn(&self, partition: Partition, account: &str) -> String {
        iam_arn(
            partition,
            account,
            &format!("group{}{}", self.path, self.name),
        )
    }
}

impl Role {
    pub(crate) fn arn(&self, partition: Partition, account: &str) -> String {
        iam_arn(
            partition,
            account,
            &format!("role{}{}", self.path, self.name),
        )
    }

    pub(crate) fn session_arn(
        &self,
        partition: Partition,
        account: &str,
        session_name: &str,
    ) -> String {
        format!(
            "arn:{}:sts::{account}:assumed-role/{}/{session_name}",
            partition.word(),
            self.name
        )
    }

    /// Whether it belongs to a service of AWS, which alone may change it.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path.starts_with("/aws-service-role/")
    }
}

/// The ARN of something that IAM has, such as `role/x`.
pub(crate) fn iam_arn(partition: Partition, account: &str, resource: &str) -> String {
    format!("arn:{}:iam::{account}:{resource}", partition.word())
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A unique id (`AIDA…`, `AROA…`) that a seed gives the same name every time.
pub(crate) fn stable_id(prefix: &str, account: &str, name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = digest::digest(
        &digest::SHA256,
        format!("{prefix}/{account}/{name}").as_bytes(),
    );
    let tail = hash
        .as_ref()
        .iter()
        .take(17)
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
    prefix.chars().chain(tail).collect()
}
