//! Carries the service control policies of every member to where permissions are decided.
//!
//! They bind the users and roles of member accounts, never those of the management account.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::record::{FULL_ACCESS, Organization, State};
use crate::iam::Iam;
use crate::iam::company::ADMINISTRATOR_ACCESS;
use crate::iam::policy::{Policy, PolicyKind};
use crate::iam::service_control::Levels;
use crate::neighbours::Kept;

/// From now on IAM decides with the policies as they are.
pub(crate) fn enforce(iam: &Iam, kept: &Kept<State>) {
    let (version, levels) = {
        let state = kept.read();
        let organizations = state.organizations.values();
        let levels: BTreeMap<String, Levels> =
            organizations.flat_map(Organization::levels).collect();
        (state.version, levels)
    };
    iam.change(|state, _| state.control(version, levels));
}

impl Organization {
    /// What binds each account: at every level of its way from the root one policy has to allow.
    fn levels(&self) -> Vec<(String, Levels)> {
        let attached = self.attached.iter();
        let read: BTreeMap<&str, Arc<[Arc<Policy>]>> = attached
            .map(|(at, ids)| {
                let policies = ids.iter().filter_map(|id| self.policy(id));
                (at.as_str(), policies.collect())
            })
            .collect();
        let members = self.members.iter();
        members
            .map(|(id, member)| {
                let is_bound = self.controls && *id != self.management;
                let way = match is_bound {
                    true => self.way_to(id),
                    false => Vec::new(),
                };
                let levels = way
                    .into_iter()
                    .map(|at| read.get(at).cloned().unwrap_or_default());
                let path = self.path_of(&member.parent);
                let levels = Levels::new(levels.collect(), &self.id, path);
                (id.clone(), levels)
            })
            .collect()
    }

    /// What a policy says. Each is read once.
    fn policy(&self, id: &str) -> Option<Arc<Policy>> {
        static EVERYTHING: OnceLock<Option<Arc<Policy>>> = OnceLock::new();
        let (read, content) = match self.policies.get(id) {
            Some(policy) => (&policy.read, policy.content.as_str()),
            None => (&EVERYTHING, self.content_of(id)?),
        };
        let policy = || Policy::parse(content, PolicyKind::Identity).ok();
        read.get_or_init(|| policy().map(Arc::new)).clone()
    }

    /// The document of a policy.
    pub(super) fn content_of(&self, id: &str) -> Option<&str> {
        match self.policies.get(id) {
            Some(policy) => Some(&policy.content),
            None => (id == FULL_ACCESS).then_some(ADMINISTRATOR_ACCESS),
        }
    }
}
