//! Where an account stands in an organization, and what the service control policies there leave to its
//! users and roles. Which there are is decided in `crate::organizations`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::State;
use super::condition::Context;
use super::evaluate::{Decision, Question};
use super::holders::{Holder, Kind};
use super::policy::Policy;

/// The policies on the way from the root of the organization to an account. Every level has to
/// allow; an account without levels is bound by nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    policies: Arc<[Arc<[Arc<Policy>]>]>,
    home: Option<Home>,
    /// Where each account belongs that is in any organization.
    homes: Arc<BTreeMap<String, Home>>,
}

/// The id of the organization, and the path to the account.
type Home = Arc<(String, String)>;

/// The levels of all accounts, as they were at a version of the organizations.
#[derive(Default)]
pub(super) struct ServiceControl {
    version: u64,
    by_account: BTreeMap<String, Levels>,
    homes: Arc<BTreeMap<String, Home>>,
}

impl Levels {
    /// Those of these policies, in the organization of this id at this path.
    pub(crate) fn new(levels: Vec<Arc<[Arc<Policy>]>>, id: &str, path: String) -> Self {
        Self {
            policies: levels.into(),
            home: Some(Arc::new((id.to_owned(), path))),
            homes: Arc::default(),
        }
    }

    /// Those of these policies, in no organization that anybody knows.
    pub(super) fn of(levels: Vec<Arc<[Arc<Policy>]>>) -> Self {
        Self {
            policies: levels.into(),
            ..Self::default()
        }
    }

    /// Whether the account is a member of an organization.
    pub(super) fn are_somewhere(&self) -> bool {
        self.home.is_some()
    }

    /// How long all documents are together.
    pub(super) fn length(&self) -> usize {
        let policies = self.policies.iter().flat_map(|level| level.iter());
        policies.map(|policy| policy.text.len()).sum()
    }

    /// The same without the policies.
    pub(super) fn unbound(self) -> Self {
        Self {
            policies: Arc::default(),
            ..self
        }
    }

    /// The condition keys that tell of the organization.
    pub(super) fn tell(&self, context: Context) -> Context {
        match self.home.as_deref() {
            None => context,
            Some((id, path)) => context
                .with("aws:PrincipalOrgID", id)
                .with_all("aws:PrincipalOrgPaths", &[path]),
        }
    }

    /// The condition keys that tell whose the resource is.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resource-properties>
    pub(crate) fn tell_of_resource(&self, context: Context, account: &str) -> Context {
        let context = context.with("aws:ResourceAccount", account);
        match self.homes.get(account).map(AsRef::as_ref) {
            None => context
                .without("aws:ResourceOrgID")
                .without("aws:ResourceOrgPaths"),
            Some((id, path)) => context
                .with("aws:ResourceOrgID", id)
                .with_all("aws:ResourceOrgPaths", &[path]),
        }
    }

    pub(super) fn ask(&self, question: &Question<'_>) -> Decision {
        let mut together = Decision::Allowed;
        for level in self.policies.iter() {
            match question.ask(level.iter().map(AsRef::as_ref)) {
                Decision::Allowed => {}
                Decision::ImplicitDeny => together = Decision::ImplicitDeny,
                Decision::ExplicitDeny => return Decision::ExplicitDeny,
            }
        }
        together
    }
}

impl State {
    /// From now on these levels bind, unless newer ones already do.
    pub(crate) fn control(&mut self, version: u64, by_account: BTreeMap<String, Levels>) {
        if version >= self.service_control.version {
            let homes = by_account.iter().filter_map(|(account, levels)| {
                let home = levels.home.as_ref()?;
                Some((account.clone(), Arc::clone(home)))
            });
            self.service_control = ServiceControl {
                version,
                homes: Arc::new(homes.collect()),
                by_account,
            };
        }
    }

    /// What binds a user, group or role. A role linked to a service of AWS is bound by nothing.
    pub(super) fn controls_of(&self, account: &str, holder: &Holder<'_>) -> Levels {
        let levels = self.levels_of(account);
        match holder.kind == Kind::Role && holder.path.starts_with("/aws-service-role/") {
            true => levels.unbound(),
            false => levels,
        }
    }

    pub(super) fn levels_of(&self, account: &str) -> Levels {
        let known = self.service_control.by_account.get(account);
        Levels {
            homes: Arc::clone(&self.service_control.homes),
            ..known.cloned().unwrap_or_default()
        }
    }
}
