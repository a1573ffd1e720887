//! Where an account stands in an organization, and what the service control policies there leave to its
//! users and roles. Which there are is decided in `crate::organizations`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::State;
use super::condition::Context;
use super::evaluate::{Decision, Question};
use super::policy::Policy;

/// The policies on the way from the root of the organization to an account. Every level has to
/// allow; an account without levels is bound by nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    policies: Arc<[Arc<[Arc<Policy>]>]>,
    /// The id of the organization, and the path to the account.
    home: Option<Arc<(String, String)>>,
}

/// The levels of all accounts, as they were at a version of the organizations.
#[derive(Default)]
pub(super) struct ServiceControl {
    version: u64,
    by_account: BTreeMap<String, Levels>,
}

impl Levels {
    /// Those of these policies, in the organization of this id at this path.
    pub(crate) fn new(levels: Vec<Arc<[Arc<Policy>]>>, id: &str, path: String) -> Self {
        Self {
            policies: levels.into(),
            home: Some(Arc::new((id.to_owned(), path))),
        }
    }

    /// The same without the policies.
    pub(super) fn unbound(self) -> Self {
        Self {
            policies: Arc::default(),
            home: self.home,
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
            self.service_control = ServiceControl {
                version,
                by_account,
            };
        }
    }

    pub(super) fn levels_of(&self, account: &str) -> Levels {
        let known = self.service_control.by_account.get(account);
        known.cloned().unwrap_or_default()
    }
}
