//! Which policies are attached to what.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html>

use serde_json::{Value, json};

use super::asked::{Asked, nothing, violation};
use super::input::{is_policy, is_root, is_target, is_unit};
use super::kinds::Kind;
use super::policies::no_policy;
use super::policy_types::not_enabled;
use super::record::Organization;
use crate::api::{ApiError, ApiResult};

impl Asked<'_> {
    pub(super) fn attach_policy(&self) -> ApiResult {
        let (policy, target) = self.policy_and_target()?;
        self.change_controls("AttachPolicy", Some(policy), |organization| {
            let (kind, attached) = organization.policies_on(policy, target)?;
            if attached.contains(&policy) {
                return Err(ApiError::new(
                    "DuplicatePolicyAttachmentException",
                    "The selected policy is already attached to the specified target.",
                ));
            }
            if attached.len() >= kind.most_attached() {
                return Err(violation(
                    "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                    "You have attached the maximum number of policies to the target.",
                ));
            }
            let attached = organization.attached.entry(target.to_owned()).or_default();
            attached.insert(policy.to_owned());
            nothing()
        })
    }

    pub(super) fn detach_policy(&self) -> ApiResult {
        let (policy, target) = self.policy_and_target()?;
        self.change_controls("DetachPolicy", Some(policy), |organization| {
            let (kind, attached) = organization.policies_on(policy, target)?;
            if !attached.contains(&policy) {
                return Err(ApiError::new(
                    "PolicyNotAttachedException",
                    "The policy isn't attached to the specified target in the specified root.",
                ));
            }
            // Nobody takes away what lets all through to the resources.
            let stays = kind == Kind::ResourceControl && policy == kind.full_access();
            if attached.len() == 1 || stays {
                return Err(violation(
                    "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                    "You cannot remove the last policy attached to the specified target. You must \
                     have at least one attached at all times.",
                ));
            }
            if let Some(attached) = organization.attached.get_mut(target) {
                attached.remove(policy);
            }
            nothing()
        })
    }

    pub(super) fn list_policies_for_target(&self) -> ApiResult {
        let target = self.input.id("TargetId", is_target)?;
        let kind = self.policy_type("Filter")?;
        let page = self.input.page()?;
        self.look("ListPoliciesForTarget", Some(target), |organization| {
            if !organization.has_target(target) {
                return Err(no_target());
            }
            let attached = organization.attached.get(target).into_iter().flatten();
            let attached = attached.filter(|id| {
                let known = organization.kind_of(id);
                known.is_some_and(|known| known.word() == kind)
            });
            organization.page_of_policies(page, attached.map(String::as_str).collect())
        })
    }

    pub(super) fn list_targets(&self) -> ApiResult {
        let policy = self.input.id("PolicyId", is_policy)?;
        let page = self.input.page()?;
        self.look("ListTargetsForPolicy", Some(policy), |organization| {
            organization.kind_of(policy).ok_or_else(no_policy)?;
            let attached = organization.attached.iter();
            let with = attached.filter(|(_, policies)| policies.contains(policy));
            let shown = with.map(|(target, _)| (target, organization.show_target(target)));
            page.cut("Targets", shown)
        })
    }

    fn policy_and_target(&self) -> Result<(&str, &str), ApiError> {
        let policy = self.input.id("PolicyId", is_policy)?;
        Ok((policy, self.input.id("TargetId", is_target)?))
    }
}

impl Organization {
    /// The type of a policy, and those of it where this one is to be attached or detached.
    fn policies_on(&self, policy: &str, target: &str) -> Result<(Kind, Vec<&str>), ApiError> {
        let kind = self.kind_of(policy).ok_or_else(no_policy)?;
        if !self.has_target(target) {
            return Err(no_target());
        }
        if !self.has_enabled(kind) {
            return Err(not_enabled());
        }
        let attached = self.attached.get(target).into_iter().flatten();
        let alike = attached.filter(|id| self.kind_of(id) == Some(kind));
        Ok((kind, alike.map(String::as_str).collect()))
    }

    fn show_target(&self, id: &str) -> Value {
        let (kind, name) = if is_root(id) {
            ("ROOT", Some("Root"))
        } else if is_unit(id) {
            let unit = self.units.get(id).map(|unit| unit.name.as_str());
            ("ORGANIZATIONAL_UNIT", unit)
        } else {
            let member = self.members.get(id).map(|member| member.name.as_str());
            ("ACCOUNT", member)
        };
        json!({
            "TargetId": id,
            "Arn": self.arn_of(id),
            "Name": name.unwrap_or(id),
            "Type": kind,
        })
    }
}

pub(super) fn no_target() -> ApiError {
    ApiError::new(
        "TargetNotFoundException",
        "You specified a target that doesn't exist.",
    )
}
