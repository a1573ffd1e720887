//! The types of policies that decide what is done: service control policies, which bind who is in an
//! account, and resource control policies, which protect what is in an account. What AWS calls them, its
//! limits, and its own policy of each.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>

use serde::{Deserialize, Serialize};

use crate::iam::company::ADMINISTRATOR_ACCESS;
use crate::iam::policy::PolicyKind;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    #[default]
    ServiceControl,
    ResourceControl,
}

/// The policy of AWS that lets everybody through to every resource.
const EVERY_RESOURCE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::ServiceControl, Self::ResourceControl];

    /// The one of this name.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The one to which AWS's own policy of this id belongs.
    pub(super) fn of_aws(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.full_access() == id)
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }

    /// The id of AWS's own policy.
    pub(super) fn full_access(self) -> &'static str {
        match self {
            Self::ServiceControl => "p-FullAWSAccess",
            Self::ResourceControl => "p-RCPFullAWSAccess",
        }
    }

    /// Name, description and content of AWS's own policy.
    pub(super) fn full_access_says(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ServiceControl => (
                "FullAWSAccess",
                "Allows access to every operation",
                ADMINISTRATOR_ACCESS,
            ),
            Self::ResourceControl => (
                "RCPFullAWSAccess",
                "Allows access to every resource",
                EVERY_RESOURCE,
            ),
        }
    }

    /// What its documents are read as.
    pub(super) fn grammar(self) -> PolicyKind {
        match self {
            Self::ServiceControl => PolicyKind::Identity,
            // With a principal and a resource.
            Self::ResourceControl => PolicyKind::Bucket,
        }
    }

    /// The most characters of one.
    pub(super) fn longest(self) -> usize {
        match self {
            Self::ServiceControl => 10_240,
            Self::ResourceControl => 5_120,
        }
    }

    /// The most in an organization.
    pub(super) fn most(self) -> usize {
        match self {
            Self::ServiceControl => 10_000,
            Self::ResourceControl => 2_000,
        }
    }

    /// The most on the root, a unit or an account.
    pub(super) fn most_attached(self) -> usize {
        match self {
            Self::ServiceControl => 10,
            Self::ResourceControl => 5,
        }
    }
}
