//! Where an account stands in an organization, what the service control policies there leave to its users
//! and roles, and what the resource control policies leave to anybody of what is in it. Which there are is
//! decided in `crate::organizations`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html>
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html>

use std::collections::{BTreeMap, BTreeSet};
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
    policies: Arc<[Level]>,
    home: Option<Arc<Home>>,
    /// Where each account belongs that is in any organization.
    homes: Arc<BTreeMap<String, Arc<Home>>>,
    /// The accounts that were closed, in which nobody uses anything.
    closed: Arc<BTreeSet<String>>,
    /// Whether no organization binds the caller, nor protects anything from it.
    is_unbound: bool,
}

/// The policies at one place on the way.
pub(crate) type Level = Arc<[Arc<Policy>]>;

/// The place of an account in an organization.
#[derive(Debug)]
struct Home {
    /// The id of the organization.
    id: String,
    path: String,
    /// The resource control policies on the way.
    protection: Vec<Level>,
}

/// The services whose resources can be protected, of those that are here.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services>
const PROTECTED: &[&str] = &["kms", "logs", "s3", "sts"];

/// The actions of theirs that no resource control policy concerns: who may retire a grant is for the grant
/// to say, and a list of all buckets is asked of no bucket, although it is named by the ARN of all of them.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps>
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-actions-as-permissions>
const UNPROTECTED: &[&str] = &["kms:RetireGrant", "s3:ListAllMyBuckets"];

/// The levels of all accounts, as they were at a version of the organizations.
#[derive(Default)]
pub(super) struct ServiceControl {
    version: u64,
    by_account: BTreeMap<String, Levels>,
    homes: Arc<BTreeMap<String, Arc<Home>>>,
    closed: Arc<BTreeSet<String>>,
}

impl Levels {
    /// Those of these policies, with those that protect the resources of the account, in the organization
    /// of this id at this path.
    pub(crate) fn new(levels: Vec<Level>, protection: Vec<Level>, id: &str, path: String) -> Self {
        let home = Home {
            id: id.to_owned(),
            path,
            protection,
        };
        Self {
            policies: levels.into(),
            home: Some(Arc::new(home)),
            ..Self::default()
        }
    }

    /// Those of these policies, in no organization that anybody knows.
    pub(super) fn of(levels: Vec<Level>) -> Self {
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

    /// The same for who is bound by nothing.
    pub(super) fn unbound(self) -> Self {
        Self {
            policies: Arc::default(),
            is_unbound: true,
            ..self
        }
    }

    /// The condition keys that tell of the organization.
    pub(super) fn tell(&self, context: Context) -> Context {
        match self.home.as_deref() {
            None => context,
            Some(home) => context
                .with("aws:PrincipalOrgID", &home.id)
                .with_all("aws:PrincipalOrgPaths", &[&home.path]),
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
            Some(home) => context
                .with("aws:ResourceOrgID", &home.id)
                .with_all("aws:ResourceOrgPaths", &[&home.path]),
        }
    }

    /// The condition keys that tell for whom a service of AWS works.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceorgid>
    pub(super) fn tell_of_source(&self, context: Context, account: &str) -> Context {
        let context = context.with("aws:SourceAccount", account);
        match self.homes.get(account).map(AsRef::as_ref) {
            None => context,
            Some(home) => context
                .with("aws:SourceOrgID", &home.id)
                .with_all("aws:SourceOrgPaths", &[&home.path]),
        }
    }

    pub(super) fn ask(&self, question: &Question<'_>) -> Decision {
        ask_all(&self.policies, question)
    }

    /// What the organization of the account that has the resource leaves to anybody.
    pub(super) fn ask_of_resource(&self, question: &Question<'_>) -> Decision {
        let service = question.action.split(':').next().unwrap_or_default();
        let is_exempt = self.is_unbound
            || question.resource == "*"
            || UNPROTECTED.contains(&question.action)
            || !PROTECTED.contains(&service);
        let account = question.context.value_of("aws:resourceaccount");
        let is_closed = account.is_some_and(|account| self.closed.contains(account));
        if is_closed && question.resource != "*" {
            return Decision::ImplicitDeny;
        }
        match account.and_then(|account| self.homes.get(account)) {
            Some(home) if !is_exempt => ask_all(&home.protection, question),
            _ => Decision::Allowed,
        }
    }
}

/// Every level has to allow.
fn ask_all(levels: &[Level], question: &Question<'_>) -> Decision {
    let mut together = Decision::Allowed;
    for level in levels {
        match question.ask(level.iter().map(AsRef::as_ref)) {
            Decision::Allowed => {}
            Decision::ImplicitDeny => together = Decision::ImplicitDeny,
            Decision::ExplicitDeny => return Decision::ExplicitDeny,
        }
    }
    together
}

impl State {
    /// From now on these levels bind, unless newer ones already do.
    pub(crate) fn control(
        &mut self,
        version: u64,
        by_account: BTreeMap<String, Levels>,
        closed: BTreeSet<String>,
    ) {
        if version >= self.service_control.version {
            let homes = by_account.iter().filter_map(|(account, levels)| {
                let home = levels.home.as_ref()?;
                Some((account.clone(), Arc::clone(home)))
            });
            self.service_control = ServiceControl {
                version,
                homes: Arc::new(homes.collect()),
                by_account,
                closed: Arc::new(closed),
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

    /// Whether an account was closed: nobody of it may do anything.
    pub(super) fn is_closed(&self, account: &str) -> bool {
        self.service_control.closed.contains(account)
    }

    pub(crate) fn levels_of(&self, account: &str) -> Levels {
        let known = self.service_control.by_account.get(account);
        Levels {
            homes: Arc::clone(&self.service_control.homes),
            closed: Arc::clone(&self.service_control.closed),
            ..known.cloned().unwrap_or_default()
        }
    }
}
