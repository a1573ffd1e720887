//! What the service control policies of an organization leave to the users and roles of an account.
//! Which policies there are is decided in `crate::organizations`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use super::State;
use super::evaluate::{Decision, Question};
use super::policy::{Policy, PolicyKind};

/// The policies on the way from the root of the organization to an account. Every level has to
/// allow; an account without levels is bound by nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels(Arc<[Vec<Policy>]>);

/// The levels of all accounts, as they were at a version of the organizations.
#[derive(Default)]
pub(super) struct ServiceControl {
    version: u64,
    by_account: BTreeMap<String, Levels>,
}

impl Levels {
    /// Those of these documents.
    pub(crate) fn read(levels: &[Vec<&str>]) -> Self {
        let read = |text: &&str| Policy::parse(text, PolicyKind::Identity).ok();
        let levels = levels.iter().map(|texts| texts.iter().filter_map(read));
        Self(levels.map(Iterator::collect).collect())
    }

    pub(super) fn ask(&self, question: &Question<'_>) -> Decision {
        let mut together = Decision::Allowed;
        for level in self.0.iter() {
            match question.ask(level) {
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
