//! The versions of managed policies.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html>

use std::sync::Arc;

use time::OffsetDateTime;

use super::answers::{Asked, conflict, limit, no_entity};
use super::documents;
use super::managed::{Managed, Version};
use super::policy::Policy;
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of versions that a policy keeps.
pub(super) const MOST_VERSIONS: usize = 5;

impl Asked<'_> {
    pub(super) fn create_policy_version(&self) -> Result<Xml, ApiError> {
        let text = self.need("PolicyDocument")?;
        let becomes_default = self.says("SetAsDefault");
        self.change_policy("iam:CreatePolicyVersion", |policy| {
            let document = documents::managed(text, self.caller.partition)?;
            if policy.versions.len() >= MOST_VERSIONS {
                return Err(limit(format!(
                    "A managed policy can have up to {MOST_VERSIONS} versions. Before you create a \
                     new version, you must delete an existing version."
                )));
            }
            policy.newest += 1;
            policy.versions.push(Version {
                number: policy.newest,
                policy: document,
                created: self.call.now,
            });
            policy.updated = self.call.now;
            if becomes_default {
                policy.default = policy.newest;
            }
            let shown = Xml::new()
                .text("VersionId", format!("v{}", policy.newest))
                .text("IsDefaultVersion", becomes_default)
                .text("CreateDate", seconds(self.call.now));
            Ok(Xml::new().inside("PolicyVersion", shown))
        })
    }

    pub(super) fn policy_version(&self) -> Result<Xml, ApiError> {
        let wanted = self.need("VersionId")?;
        self.read_policy("iam:GetPolicyVersion", |_, policy, arn| {
            let shown = versions(policy)
                .into_iter()
                .find(|(id, ..)| id == wanted)
                .ok_or_else(|| no_version(arn, wanted))?;
            Ok(Xml::new().inside("PolicyVersion", show_version(shown, true)))
        })
    }

    pub(super) fn policy_versions(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_policy("iam:ListPolicyVersions", |_, policy, _| {
            // Newest first, as AWS lists them.
            let all = versions(policy).into_iter().rev().enumerate();
            let all = all.map(|(turn, version)| (format!("{turn:03}"), version));
            let show = |version| show_version(version, false);
            Ok(page.cut(all).show("Versions", show))
        })
    }

    pub(super) fn delete_policy_version(&self) -> Result<Xml, ApiError> {
        let wanted = self.need("VersionId")?;
        let arn = self.need("PolicyArn")?;
        self.change_policy("iam:DeletePolicyVersion", |policy| {
            let number = version_number(wanted).filter(|number| policy.version(*number).is_some());
            let number = number.ok_or_else(|| no_version(arn, wanted))?;
            if number == policy.default {
                return Err(conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.retain(|version| version.number != number);
            policy.updated = self.call.now;
            Ok(Xml::new())
        })
    }

    pub(super) fn set_default_policy_version(&self) -> Result<Xml, ApiError> {
        let wanted = self.need("VersionId")?;
        let arn = self.need("PolicyArn")?;
        self.change_policy("iam:SetDefaultPolicyVersion", |policy| {
            let number = version_number(wanted).filter(|number| policy.version(*number).is_some());
            policy.default = number.ok_or_else(|| no_version(arn, wanted))?;
            policy.updated = self.call.now;
            Ok(Xml::new())
        })
    }
}

/// A version as it is shown: id, whether it is the default, when it was made, its document.
type Shown<'a> = (String, bool, OffsetDateTime, Option<&'a Arc<Policy>>);

/// Oldest first.
pub(super) fn versions(policy: Managed<'_>) -> Vec<Shown<'_>> {
    match policy {
        Managed::Aws(policy) => {
            vec![(
                policy.version.clone(),
                true,
                policy.updated,
                policy.policy(),
            )]
        }
        Managed::Own(policy) => policy
            .versions
            .iter()
            .map(|version| {
                let id = format!("v{}", version.number);
                let is_default = version.number == policy.default;
                (id, is_default, version.created, Some(&version.policy))
            })
            .collect(),
    }
}

pub(super) fn show_version((id, is_default, created, policy): Shown<'_>, whole: bool) -> Xml {
    let document = policy.filter(|_| whole);
    let document = document.map(|policy| percent_encode(policy.text.as_bytes()));
    Xml::new()
        .maybe("Document", document)
        .text("VersionId", id)
        .text("IsDefaultVersion", is_default)
        .text("CreateDate", seconds(created))
}

fn version_number(id: &str) -> Option<u32> {
    id.strip_prefix('v')?.parse().ok()
}

fn no_version(arn: &str, version: &str) -> ApiError {
    no_entity(format!(
        "Policy {arn} version {version} does not exist or is not attachable."
    ))
}
