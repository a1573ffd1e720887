//! Who asks: the authenticated identity behind one request, with the policies it carries.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::Tags;
use super::policy::{self, Policy};
use super::service_control::Levels;
use crate::regions::Partition;

/// An authenticated caller.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) account: String,
    /// That of the account.
    pub(crate) partition: Partition,
    /// The ARN as `GetCallerIdentity` shows it; of a role's session, not of the role.
    pub(crate) arn: String,
    /// The unique id, `aws:userid`.
    pub(crate) user_id: String,
    /// The role behind a role's session.
    pub(crate) role_arn: Option<String>,
    pub(crate) identity: Identity,
    /// Those of the user or role, and of the session, which count before them.
    pub(crate) tags: Tags,
    /// Identity policies as they are now.
    pub(crate) policies: Vec<Arc<Policy>>,
    /// The permissions boundary of the user or role.
    pub(crate) boundary: Option<Arc<Policy>>,
    /// What the account's organization leaves to it.
    pub(crate) controls: Levels,
    /// Present if the credentials are temporary.
    pub(crate) session: Option<SessionFacts>,
}

/// A user, or a session of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Identity {
    User { name: String },
    Role { name: String, session_name: String },
}

/// What was settled when temporary credentials were made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionFacts {
    #[serde(with = "rfc3339")]
    pub(crate) issued_at: OffsetDateTime,
    /// When an MFA code was checked, if one was.
    #[serde(with = "rfc3339::option")]
    pub(crate) mfa_at: Option<OffsetDateTime>,
    /// Narrows what the identity policies allow.
    #[serde(with = "policy::of_session")]
    pub(crate) policy: Option<Arc<Policy>>,
    #[serde(default)]
    pub(crate) brought: Brought,
}

/// What whoever made temporary credentials said about the session.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Brought {
    pub(crate) tags: Tags,
    /// The keys of the tags that go on to the next roles of a chain.
    pub(crate) transitive: Vec<String>,
    pub(crate) source_identity: Option<String>,
    /// The name of a federated user, for whom a user stands.
    pub(crate) federated: Option<String>,
}

/// The tags of a user or role under those of its session.
pub(super) fn with_session_tags(own: &Tags, session: Option<&SessionFacts>) -> Tags {
    let given = session.map_or(&[][..], |session| &session.brought.tags);
    let is_given = |key: &str| {
        let mut keys = given.iter().map(|(given, _)| given);
        keys.any(|given| given.eq_ignore_ascii_case(key))
    };
    let kept = own.iter().filter(|(key, _)| !is_given(key));
    kept.chain(given).cloned().collect()
}

impl Caller {
    /// `aws:PrincipalArn`: the user, or the role behind the session.
    pub(crate) fn principal_arn(&self) -> &str {
        self.role_arn.as_deref().unwrap_or(&self.arn)
    }

    /// The user's name, if it is a user.
    pub(crate) fn user_name(&self) -> Option<&str> {
        match &self.identity {
            Identity::User { name } if !self.is_federated() => Some(name),
            _ => None,
        }
    }

    /// Whether it is a federated user for whom a user stands.
    pub(crate) fn is_federated(&self) -> bool {
        let session = self.session.as_ref();
        session.is_some_and(|session| session.brought.federated.is_some())
    }

    /// Nobody whom AWS knows: who sends a request without a signature. Only policies that name everybody
    /// name it.
    pub(crate) fn anonymous(partition: Partition) -> Self {
        Self {
            account: "anonymous".to_owned(),
            partition,
            arn: String::new(),
            user_id: "anonymous".to_owned(),
            role_arn: None,
            identity: Identity::User {
                name: String::new(),
            },
            tags: Tags::new(),
            policies: Vec::new(),
            boundary: None,
            controls: Levels::default(),
            session: None,
        }
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.arn.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn for_tests(account: &str, name: &str) -> Self {
        Self {
            account: account.to_owned(),
            partition: Partition::Commercial,
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            user_id: "AIDATEST".to_owned(),
            role_arn: None,
            identity: Identity::User {
                name: name.to_owned(),
            },
            tags: Tags::new(),
            policies: Vec::new(),
            boundary: None,
            controls: Levels::default(),
            session: None,
        }
    }
}
