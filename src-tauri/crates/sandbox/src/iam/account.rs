//! What an account contains: users, groups, roles, MFA devices. Pure records and their ARNs.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::policy::{self, Policy};
use crate::regions::Partition;

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
    /// The name of the virtual MFA device, if there is one.
    pub(crate) mfa_device: Option<String>,
}

/// An IAM group. It can be listed; members and policies are not simulated.
#[derive(Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
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
    /// The longest session in seconds.
    pub(crate) longest_session: u32,
    pub(crate) tags: Vec<(String, String)>,
}

/// A policy that belongs to one user or role.
#[derive(Serialize, Deserialize)]
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
}

impl User {
    pub(crate) fn arn(&self, partition: Partition, account: &str) -> String {
        iam_arn(
            partition,
            account,
            &format!("user{}{}", self.path, self.name),
        )
    }

    /// The ARN of the user's MFA device, which AWS calls its serial number.
    pub(crate) fn mfa_serial(&self, partition: Partition, account: &str) -> Option<String> {
        let device = self.mfa_device.as_ref()?;
        Some(iam_arn(partition, account, &format!("mfa/{device}")))
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
