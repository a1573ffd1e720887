//! Which policies a user, group or role has in effect: its inline ones, the attached ones, and a
//! user's those of its groups.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::sync::Arc;

use super::account::Account;
use super::holders::{Holder, Kind};
use super::managed::Managed;
use super::policy::{Policy, PolicyKind};

/// One policy in effect, and where it comes from.
pub(super) struct Source {
    /// Its name, or whose place in the request it has.
    pub(super) id: String,
    /// In the words of the simulation: `user`, `group`, `role`, `aws-managed`, `user-managed`,
    /// `resource`, `none`.
    pub(super) kind: &'static str,
    /// The ARN of a managed policy.
    pub(super) arn: Option<String>,
    /// Who has it.
    pub(super) holder: Option<(Kind, String)>,
    pub(super) policy: Arc<Policy>,
}

impl Account {
    /// What a user, group or role has by itself.
    fn own_sources(&self, holder: &Holder<'_>) -> Vec<Source> {
        let owner = Some((holder.kind, holder.name.to_owned()));
        let inline = holder.policies.iter().map(|inline| Source {
            id: inline.name.clone(),
            kind: holder.kind.word(),
            arn: None,
            holder: owner.clone(),
            policy: Arc::clone(&inline.policy),
        });
        let attached = holder.attached.iter().filter_map(|arn| {
            let managed = self.managed(arn)?;
            let kind = match managed {
                Managed::Aws(_) => "aws-managed",
                Managed::Own(_) => "user-managed",
            };
            Some(Source {
                id: managed.name().to_owned(),
                kind,
                arn: Some(arn.clone()),
                holder: owner.clone(),
                policy: Arc::clone(managed.policy()?),
            })
        });
        inline.chain(attached).collect()
    }

    /// What counts for a user, group or role.
    pub(super) fn sources(&self, holder: &Holder<'_>) -> Vec<Source> {
        let mut sources = self.own_sources(holder);
        if holder.kind == Kind::User {
            for group in self.groups_of(holder.name) {
                if let Some(group) = self.holder(Kind::Group, &group.name) {
                    sources.extend(self.own_sources(&group));
                }
            }
        }
        sources
    }

    /// The same as a caller carries it.
    pub(super) fn effective(&self, kind: Kind, name: &str) -> Vec<Arc<Policy>> {
        let holder = self.holder(kind, name);
        let sources = holder.map_or_else(Vec::new, |holder| self.sources(&holder));
        sources.into_iter().map(|source| source.policy).collect()
    }

    /// The boundary that a caller carries.
    pub(super) fn boundary_of(&self, kind: Kind, name: &str) -> Option<Arc<Policy>> {
        self.boundary(&self.holder(kind, name)?)
    }

    /// What bounds a user or role. A boundary that is not there any more allows nothing.
    pub(super) fn boundary(&self, holder: &Holder<'_>) -> Option<Arc<Policy>> {
        let arn = holder.boundary?;
        let known = self
            .managed(arn)
            .and_then(|managed| managed.policy().cloned());
        known.or_else(|| {
            Policy::parse(NOTHING, PolicyKind::Identity)
                .ok()
                .map(Arc::new)
        })
    }
}

const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
