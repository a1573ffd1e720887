//! Carries the control policies of every member to where permissions are decided.
//!
//! They bind the users and roles of member accounts, and protect what is in member accounts; never those of
//! the management account.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::kinds::Kind;
use super::record::{Organization, State};
use crate::iam::Iam;
use crate::iam::policy::Policy;
use crate::iam::service_control::Levels;
use crate::neighbours::Kept;

/// Policies by the id of what they are attached to.
type Attached<'a> = BTreeMap<&'a str, Arc<[Arc<Policy>]>>;

/// From now on IAM decides with the policies as they are.
pub(crate) fn enforce(iam: &Iam, kept: &Kept<State>) {
    let (version, levels, closed) = {
        let state = kept.read();
        let organizations = state.organizations.values();
        let levels: BTreeMap<String, Levels> =
            organizations.flat_map(Organization::levels).collect();
        (state.version, levels, state.closed.clone())
    };
    iam.change(|state, _| state.control(version, levels, closed));
}

impl Organization {
    /// What binds each account: at every level of its way from the root one policy has to allow.
    fn levels(&self) -> Vec<(String, Levels)> {
        let principals = self.read_attached(Kind::ServiceControl);
        let resources = self.read_attached(Kind::ResourceControl);
        let members = self.members.iter();
        members
            .map(|(id, member)| {
                let way = self.way_to(id);
                let on_way = |read: &Attached<'_>, enabled: bool| {
                    let is_bound = enabled && *id != self.management;
                    let way = way.iter().filter(|_| is_bound);
                    way.map(|at| read.get(at).cloned().unwrap_or_default())
                        .collect()
                };
                let levels = Levels::new(
                    on_way(&principals, self.controls),
                    on_way(&resources, self.resource_controls),
                    &self.id,
                    self.path_of(&member.parent),
                );
                (id.clone(), levels)
            })
            .collect()
    }

    fn read_attached(&self, kind: Kind) -> Attached<'_> {
        let attached = self.attached.iter();
        let read = attached.map(|(at, ids)| {
            let ids = ids.iter().filter(|id| self.kind_of(id) == Some(kind));
            (at.as_str(), ids.filter_map(|id| self.policy(id)).collect())
        });
        read.collect()
    }

    /// What a policy says. Each is read once.
    fn policy(&self, id: &str) -> Option<Arc<Policy>> {
        static OF_AWS: [OnceLock<Option<Arc<Policy>>>; 2] = [const { OnceLock::new() }; 2];
        let kind = self.kind_of(id)?;
        let read = match self.policies.get(id) {
            Some(policy) => &policy.read,
            None => &OF_AWS[usize::from(kind == Kind::ResourceControl)],
        };
        let policy = || Policy::parse(self.content_of(id)?, kind.grammar()).ok();
        read.get_or_init(|| policy().map(Arc::new)).clone()
    }

    /// The document of a policy.
    pub(super) fn content_of(&self, id: &str) -> Option<&str> {
        match self.policies.get(id) {
            Some(policy) => Some(&policy.content),
            None => Kind::of_aws(id).map(|kind| kind.full_access_says().2),
        }
    }
}
