//! What Organizations remembers: pure records, their ARNs and their place in the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::handshake::Handshake;
use super::kinds::Kind;
use crate::iam::account::{Tags, is_account_id};
use crate::iam::policy::Policy;
use crate::regions::Partition;

/// All organizations, by id.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(super) organizations: BTreeMap<String, Organization>,
    /// Invitations by id, until some time after they have ended.
    pub(super) handshakes: BTreeMap<String, Handshake>,
    /// The accounts that were closed, members or not.
    pub(super) closed: BTreeSet<String>,
    /// Grows with every change that can concern what accounts may do.
    pub(super) version: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) partition: Partition,
    /// The management account.
    pub(super) management: String,
    /// Whether it is more than consolidated billing.
    pub(super) all_features: bool,
    /// The id of the root.
    pub(super) root: String,
    /// Whether service control policies are enabled in the root.
    pub(super) controls: bool,
    /// The same for resource control policies.
    #[serde(default)]
    pub(super) resource_controls: bool,
    /// By account id, the management account among them.
    pub(super) members: BTreeMap<String, Member>,
    pub(super) units: BTreeMap<String, Unit>,
    /// Those that are not AWS's.
    pub(super) policies: BTreeMap<String, ControlPolicy>,
    /// The ids of policies by that of what they are attached to.
    pub(super) attached: BTreeMap<String, BTreeSet<String>>,
    /// The requests for accounts.
    pub(super) creations: BTreeMap<String, Creation>,
    /// Services of AWS with access, by principal.
    pub(super) trusted: BTreeMap<String, Trusted>,
    /// By the id of what bears them.
    pub(super) tags: BTreeMap<String, Tags>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) email: String,
    /// The id of the root or of a unit.
    pub(super) parent: String,
    /// Whether it came by an invitation; else the organization has made it.
    pub(super) invited: bool,
    #[serde(with = "rfc3339")]
    pub(super) joined: OffsetDateTime,
    /// When it was closed, if it was.
    #[serde(default, with = "rfc3339::option")]
    pub(super) closed: Option<OffsetDateTime>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) parent: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ControlPolicy {
    #[serde(default)]
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) content: String,
    /// What the content says, once somebody has asked for it.
    #[serde(skip)]
    pub(super) read: OnceLock<Option<Arc<Policy>>>,
}

/// A request for an account.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Creation {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) outcome: Outcome,
    #[serde(with = "rfc3339")]
    pub(super) requested: OffsetDateTime,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    Pending,
    /// The id of the account.
    Made(String),
    /// AWS's word for the reason.
    Failed(String),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Trusted {
    #[serde(with = "rfc3339")]
    pub(super) since: OffsetDateTime,
}

impl State {
    /// The organization that an account belongs to.
    pub(super) fn of(&self, account: &str) -> Option<&Organization> {
        let mut all = self.organizations.values();
        all.find(|organization| organization.members.contains_key(account))
    }

    pub(super) fn of_mut(&mut self, account: &str) -> Option<&mut Organization> {
        let mut all = self.organizations.values_mut();
        all.find(|organization| organization.members.contains_key(account))
    }

    /// Whether an account anywhere has this address, or is about to.
    pub(super) fn has_email(&self, email: &str) -> bool {
        let mut all = self.organizations.values();
        all.any(|organization| {
            let mut members = organization.members.values();
            let mut creations = organization.creations.values();
            members.any(|member| member.email.eq_ignore_ascii_case(email))
                || creations.any(|creation| {
                    matches!(creation.outcome, Outcome::Pending)
                        && creation.email.eq_ignore_ascii_case(email)
                })
        })
    }
}

impl Organization {
    /// One with its management account alone.
    pub(super) fn new(id: String, root: String, management: String, first: Member) -> Self {
        let mut made = Self {
            id,
            partition: Partition::default(),
            management: management.clone(),
            all_features: true,
            root,
            controls: false,
            resource_controls: false,
            members: BTreeMap::from([(management, first)]),
            units: BTreeMap::new(),
            policies: BTreeMap::new(),
            attached: BTreeMap::new(),
            creations: BTreeMap::new(),
            trusted: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        made.enable(Kind::ServiceControl);
        made
    }

    pub(super) fn has_enabled(&self, kind: Kind) -> bool {
        match kind {
            Kind::ServiceControl => self.controls,
            Kind::ResourceControl => self.resource_controls,
        }
    }

    fn set_enabled(&mut self, kind: Kind, enabled: bool) {
        match kind {
            Kind::ServiceControl => self.controls = enabled,
            Kind::ResourceControl => self.resource_controls = enabled,
        }
    }

    /// Policies of a type begin with the one that allows everything, everywhere.
    pub(super) fn enable(&mut self, kind: Kind) {
        self.set_enabled(kind, true);
        let targets = [&self.root]
            .into_iter()
            .chain(self.units.keys())
            .chain(self.members.keys());
        for target in targets {
            let attached = self.attached.entry(target.clone()).or_default();
            attached.insert(kind.full_access().to_owned());
        }
    }

    /// Takes all policies of a type away from everything.
    pub(super) fn disable(&mut self, kind: Kind) {
        self.set_enabled(kind, false);
        let mut attached = std::mem::take(&mut self.attached);
        for policies in attached.values_mut() {
            policies.retain(|id| self.kind_of(id) != Some(kind));
        }
        attached.retain(|_, policies| !policies.is_empty());
        self.attached = attached;
    }

    /// Something new in the tree has the policies that allow everything.
    pub(super) fn begin_controls(&mut self, target: &str) {
        let enabled = Kind::ALL.into_iter().filter(|kind| self.has_enabled(*kind));
        let full: BTreeSet<String> = enabled.map(|kind| kind.full_access().to_owned()).collect();
        if !full.is_empty() {
            self.attached.insert(target.to_owned(), full);
        }
    }

    /// The type of the policy of this id, if there is one.
    pub(super) fn kind_of(&self, id: &str) -> Option<Kind> {
        match self.policies.get(id) {
            Some(policy) => Some(policy.kind),
            None => Kind::of_aws(id).filter(|_| self.all_features),
        }
    }

    /// Whether the tree has a root, unit or account of this id.
    pub(super) fn has_target(&self, id: &str) -> bool {
        self.is_parent(id) || self.members.contains_key(id)
    }

    pub(super) fn is_parent(&self, id: &str) -> bool {
        id == self.root || self.units.contains_key(id)
    }

    pub(super) fn parent_of(&self, id: &str) -> Option<&str> {
        let unit = self.units.get(id).map(|unit| &unit.parent);
        let parent = unit.or_else(|| self.members.get(id).map(|member| &member.parent));
        parent.map(String::as_str)
    }

    /// From the root down to `id` itself.
    pub(super) fn way_to<'a>(&'a self, id: &'a str) -> Vec<&'a str> {
        let mut way = vec![id];
        let mut at = id;
        while let Some(parent) = self.parent_of(at) {
            way.push(parent);
            at = parent;
        }
        way.reverse();
        way
    }

    /// The path as AWS writes it, such as `o-…/r-…/ou-…/`.
    pub(super) fn path_of(&self, id: &str) -> String {
        format!("{}/{}/", self.id, self.way_to(id).join("/"))
    }

    pub(super) fn arn(&self) -> String {
        self.arn_with(&format!("organization/{}", self.id))
    }

    /// The ARN of what has an id in the organization.
    pub(super) fn arn_of(&self, id: &str) -> String {
        let kind = match id.split_once('-').map(|(kind, _)| kind) {
            None if is_account_id(id) => "account",
            Some("r") => "root",
            Some("ou") => "ou",
            Some("p") => {
                let kind = self.kind_of(id).unwrap_or_default();
                let kind = kind.word().to_ascii_lowercase();
                if Kind::of_aws(id).is_some() {
                    let word = self.partition.word();
                    return format!("arn:{word}:organizations::aws:policy/{kind}/{id}");
                }
                return self.arn_with(&format!("policy/{}/{kind}/{id}", self.id));
            }
            _ => return "*".to_owned(),
        };
        self.arn_with(&format!("{kind}/{}/{id}", self.id))
    }

    pub(super) fn arn_with(&self, resource: &str) -> String {
        let word = self.partition.word();
        format!("arn:{word}:organizations::{}:{resource}", self.management)
    }
}
