//! Managed policies: those of the customer, and what is listed of AWS's own. Their versions are in
//! `versions`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::{Account, Tags, stable_id};
use super::answers::{Asked, conflict, no_entity, over_quota, wrong_input};
use super::authorise::refusal;
use super::catalogue::{self, AwsPolicy};
use super::policy::{self, Policy};
use super::{documents, tags};
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of customer managed policies in an account.
pub(super) const MOST_POLICIES: usize = 1_500;

/// A customer managed policy.
#[derive(Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) description: String,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(super) updated: OffsetDateTime,
    /// Oldest first; never empty.
    pub(super) versions: Vec<Version>,
    /// The number of the version that counts.
    pub(super) default: u32,
    /// The number of the newest version that there ever was.
    pub(super) newest: u32,
    pub(super) tags: Tags,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) number: u32,
    #[serde(with = "policy::identity")]
    pub(super) policy: Arc<Policy>,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
}

/// A managed policy, whoever manages it.
#[derive(Clone, Copy)]
pub(super) enum Managed<'a> {
    Aws(&'static AwsPolicy),
    Own(&'a ManagedPolicy),
}

/// How many users, groups and roles have a policy, and how many are bounded by it.
#[derive(Default, Clone, Copy)]
pub(super) struct Uses {
    pub(super) attached: usize,
    pub(super) boundary: usize,
}

impl ManagedPolicy {
    /// The document that counts.
    pub(super) fn policy(&self) -> Option<&Arc<Policy>> {
        let version = self.version(self.default)?;
        Some(&version.policy)
    }

    pub(super) fn version(&self, number: u32) -> Option<&Version> {
        let mut versions = self.versions.iter();
        versions.find(|version| version.number == number)
    }
}

impl<'a> Managed<'a> {
    pub(super) fn name(&self) -> &'a str {
        match self {
            Self::Aws(policy) => &policy.name,
            Self::Own(policy) => &policy.name,
        }
    }

    pub(super) fn path(&self) -> &'a str {
        match self {
            Self::Aws(policy) => &policy.path,
            Self::Own(policy) => &policy.path,
        }
    }

    pub(super) fn policy(&self) -> Option<&'a Arc<Policy>> {
        match self {
            Self::Aws(policy) => policy.policy(),
            Self::Own(policy) => policy.policy(),
        }
    }
}

impl Account {
    /// The managed policy that an ARN names which is known to be one of this account or of AWS.
    pub(super) fn managed(&self, arn: &str) -> Option<Managed<'_>> {
        if let Some(policy) = catalogue::find(arn) {
            return Some(Managed::Aws(policy));
        }
        let name = arn.rsplit('/').next()?;
        self.policies.get(name).map(Managed::Own)
    }

    /// What is used how often, by ARN.
    pub(super) fn uses(&self) -> BTreeMap<&str, Uses> {
        let mut uses: BTreeMap<&str, Uses> = BTreeMap::new();
        for holder in self.holders() {
            for arn in holder.attached {
                uses.entry(arn).or_default().attached += 1;
            }
            if let Some(arn) = holder.boundary {
                uses.entry(arn).or_default().boundary += 1;
            }
        }
        uses
    }
}

impl Asked<'_> {
    pub(super) fn create_policy(&self) -> Result<Xml, ApiError> {
        let name = self.need("PolicyName")?;
        let path = self.params.one("Path").unwrap_or("/");
        let text = self.need("PolicyDocument")?;
        let arn = self.arn(&format!("policy{path}{name}"));
        let tags = self.new_tags()?;
        self.allow_with_tags("iam:CreatePolicy", &arn, &tags)?;
        let policy = documents::managed(text, self.caller.partition)?;
        self.change(|account, random| {
            let mut known = account.policies.keys();
            if known.any(|known| known.eq_ignore_ascii_case(name)) {
                return Err(already_there(name));
            }
            if account.policies.len() >= MOST_POLICIES {
                return Err(over_quota("PoliciesPerAccount", MOST_POLICIES));
            }
            let policy = ManagedPolicy {
                name: name.to_owned(),
                path: path.to_owned(),
                id: format!("ANPA{}", random.id(17)),
                description: self
                    .params
                    .one("Description")
                    .unwrap_or_default()
                    .to_owned(),
                created: self.call.now,
                updated: self.call.now,
                versions: vec![Version {
                    number: 1,
                    policy,
                    created: self.call.now,
                }],
                default: 1,
                newest: 1,
                tags,
            };
            let shown = self
                .show_policy(Managed::Own(&policy), Uses::default())
                .append(tags::show(&policy.tags));
            account.policies.insert(name.to_owned(), policy);
            Ok(Xml::new().inside("Policy", shown))
        })
    }

    pub(super) fn policy(&self) -> Result<Xml, ApiError> {
        self.read_policy("iam:GetPolicy", |account, policy, arn| {
            let uses = account.map_or_else(Uses::default, |account| {
                account.uses().get(arn).copied().unwrap_or_default()
            });
            let mut shown = self.show_policy(policy, uses);
            if let Managed::Own(policy) = policy {
                let description = (!policy.description.is_empty()).then_some(&policy.description);
                shown = shown
                    .maybe("Description", description)
                    .append(tags::show(&policy.tags));
            }
            Ok(Xml::new().inside("Policy", shown))
        })
    }

    pub(super) fn delete_policy(&self) -> Result<Xml, ApiError> {
        let arn = self.need("PolicyArn")?;
        let name = self.change_policy("iam:DeletePolicy", |policy| {
            if policy.versions.len() > 1 {
                return Err(conflict(
                    "This policy has more than one version. Before you delete a policy, you must \
                     delete the policy's versions. The default version is deleted with the policy.",
                ));
            }
            Ok(policy.name.clone())
        })?;
        self.change(|account, _| {
            if account.uses().contains_key(arn) {
                return Err(conflict("Cannot delete a policy attached to entities."));
            }
            account.policies.remove(&name);
            Ok(Xml::new())
        })
    }

    pub(super) fn policies(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListPolicies", "*")?;
        let page = self.page()?;
        let scope = self.params.one("Scope").unwrap_or("All");
        let prefix = self.params.one("PathPrefix").unwrap_or("/");
        let only_attached = self.says("OnlyAttached");
        let as_boundary = self.params.one("PolicyUsageFilter");
        let as_boundary = as_boundary.map(|usage| usage == "PermissionsBoundary");
        let nobody = Account::default();
        let state = self.iam.read();
        let account = self.account(&state).unwrap_or(&nobody);
        let uses = account.uses();
        let own = account.policies.values().map(Managed::Own);
        let all = own
            .filter(|_| scope != "AWS")
            .chain(
                catalogue::all()
                    .map(Managed::Aws)
                    .filter(|_| scope != "Local"),
            )
            .filter(|policy| policy.path().starts_with(prefix))
            .map(|policy| (self.policy_arn(policy), policy))
            .filter_map(|(arn, policy)| {
                let uses = uses.get(arn.as_str()).copied().unwrap_or_default();
                let shown = match (as_boundary, only_attached) {
                    (Some(true), _) => uses.boundary > 0,
                    (_, true) => uses.attached > 0,
                    (Some(false), false) => uses.attached > 0 || uses.boundary == 0,
                    (None, false) => true,
                };
                shown.then_some((arn, (policy, uses)))
            });
        let show = |(policy, uses)| self.show_policy(policy, uses);
        Ok(page.cut(all).show("Policies", show))
    }

    pub(super) fn tag_policy(&self) -> Result<Xml, ApiError> {
        let new = self.new_tags()?;
        self.change_policy("iam:TagPolicy", |policy| {
            tags::add(&mut policy.tags, &new)?;
            Ok(Xml::new())
        })
    }

    pub(super) fn untag_policy(&self) -> Result<Xml, ApiError> {
        self.change_policy("iam:UntagPolicy", |policy| {
            self.remove_tags(&mut policy.tags);
            Ok(Xml::new())
        })
    }

    pub(super) fn policy_tags(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_policy("iam:ListPolicyTags", |_, policy, _| {
            Ok(tags::list(
                &page,
                match policy {
                    Managed::Aws(_) => &[],
                    Managed::Own(policy) => &policy.tags,
                },
            ))
        })
    }

    /// Looks at the policy that the request names, if the caller may.
    pub(super) fn read_policy<T>(
        &self,
        action: &str,
        show: impl FnOnce(Option<&Account>, Managed<'_>, &str) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let arn = self.need("PolicyArn")?;
        check_policy_arn(arn)?;
        self.allow(action, arn)?;
        let state = self.iam.read();
        let account = self.account(&state);
        let policy = self
            .find_policy(account, arn)
            .ok_or_else(|| no_entity(format!("Policy {arn} was not found.")))?;
        show(account, policy, arn)
    }

    /// Changes the policy that the request names, if the caller may.
    pub(super) fn change_policy<T>(
        &self,
        action: &str,
        change: impl FnOnce(&mut ManagedPolicy) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let arn = self.need("PolicyArn")?;
        check_policy_arn(arn)?;
        self.allow(action, arn)?;
        if catalogue::find(arn).is_some() {
            // AWS's own policies belong to no account that anybody could ask from.
            return Err(refusal(self.caller, action, arn, ""));
        }
        self.change(|account, _| {
            let known = self.find_policy(Some(account), arn);
            let name = known.map(|policy| policy.name().to_owned());
            let policy = name.and_then(|name| account.policies.get_mut(&name));
            let none = || no_entity(format!("Policy {arn} was not found."));
            change(policy.ok_or_else(none)?)
        })
    }

    /// The policy of exactly this ARN: one of AWS in the caller's partition, or one of the account.
    pub(super) fn find_policy<'s>(
        &self,
        account: Option<&'s Account>,
        arn: &str,
    ) -> Option<Managed<'s>> {
        let found = match catalogue::find(arn) {
            Some(policy) => Managed::Aws(policy),
            None => account?.managed(arn)?,
        };
        (self.policy_arn(found) == arn).then_some(found)
    }

    pub(super) fn policy_arn(&self, policy: Managed<'_>) -> String {
        match policy {
            Managed::Aws(policy) => policy.arn(self.caller.partition),
            Managed::Own(policy) => self.arn(&format!("policy{}{}", policy.path, policy.name)),
        }
    }

    pub(super) fn show_policy(&self, policy: Managed<'_>, uses: Uses) -> Xml {
        let (id, default, created, updated) = match policy {
            Managed::Aws(policy) => (
                stable_id("ANPA", "aws", &policy.name),
                policy.version.clone(),
                policy.created,
                policy.updated,
            ),
            Managed::Own(policy) => (
                policy.id.clone(),
                format!("v{}", policy.default),
                policy.created,
                policy.updated,
            ),
        };
        Xml::new()
            .text("PolicyName", policy.name())
            .text("PolicyId", id)
            .text("Arn", self.policy_arn(policy))
            .text("Path", policy.path())
            .text("DefaultVersionId", default)
            .text("AttachmentCount", uses.attached)
            .text("PermissionsBoundaryUsageCount", uses.boundary)
            .text("IsAttachable", true)
            .text("CreateDate", seconds(created))
            .text("UpdateDate", seconds(updated))
    }
}

/// Refuses what is no ARN of a policy at all.
pub(super) fn check_policy_arn(arn: &str) -> Result<(), ApiError> {
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let fine = matches!(parts[..], ["arn", partition, "iam", "", account, resource]
        if !partition.is_empty() && !account.is_empty() && resource.starts_with("policy/"));
    if fine {
        return Ok(());
    }
    Err(wrong_input(format!("ARN {arn} is not valid.")))
}

fn already_there(name: &str) -> ApiError {
    let sentence =
        format!("A policy called {name} already exists. Duplicate names are not allowed.");
    ApiError::new("EntityAlreadyExists", sentence).with_status(409)
}
