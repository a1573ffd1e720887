//! Service and resource control policies: made, described, changed, deleted. What they are attached to is in
//! `attachments`.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreatePolicy.html>

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::asked::{Asked, nothing, violation};
use super::input::{invalid, is_policy};
use super::kinds::Kind;
use super::organization::make_id;
use super::policy_types::TYPES;
use super::record::{ControlPolicy, Organization};
use crate::api::{ApiError, ApiResult};
use crate::iam::policy::{Malformed, Policy, Statement};

impl Asked<'_> {
    pub(super) fn create_policy(&self) -> ApiResult {
        let content = self.input.need("Content", usize::MAX)?;
        let description = self.input.text("Description", 0, 512)?;
        let description = description.ok_or_else(|| invalid("INPUT_REQUIRED"))?;
        let name = self.input.need("Name", 128)?;
        let kind = self.policy_type("Type")?;
        let tags = self.input.tags()?.unwrap_or_default();
        self.change("CreatePolicy", None, |organization| {
            let kind = organization.available(kind)?;
            organization.refuse_same_policy(name, None)?;
            check_content(kind, content)?;
            let policies = organization.policies.values();
            if policies.filter(|policy| policy.kind == kind).count() >= kind.most() {
                return Err(violation(
                    "POLICY_NUMBER_LIMIT_EXCEEDED",
                    "You attempted to exceed the number of policies that you can have in an \
                     organization.",
                ));
            }
            let id = make_id("p", 10, self.around.random);
            let policy = ControlPolicy {
                kind,
                name: name.to_owned(),
                description: description.to_owned(),
                content: content.to_owned(),
                read: OnceLock::new(),
            };
            organization.policies.insert(id.clone(), policy);
            if !tags.is_empty() {
                organization.tags.insert(id.clone(), tags);
            }
            organization.show_policy(&id)
        })
    }

    pub(super) fn describe_policy(&self) -> ApiResult {
        let id = self.input.id("PolicyId", is_policy)?;
        self.look("DescribePolicy", Some(id), |organization| {
            organization.show_policy(id)
        })
    }

    pub(super) fn list_policies(&self) -> ApiResult {
        let kind = self.policy_type("Filter")?;
        let page = self.input.page()?;
        self.look("ListPolicies", None, |organization| {
            let kind = Kind::named(kind).filter(|_| organization.all_features);
            let ids = kind.map_or_else(Vec::new, |kind| organization.policies_of(kind));
            organization.page_of_policies(page, ids)
        })
    }

    pub(super) fn update_policy(&self) -> ApiResult {
        let id = self.input.id("PolicyId", is_policy)?;
        let name = self.input.text("Name", 1, 128)?;
        let description = self.input.text("Description", 0, 512)?;
        let content = self.input.text("Content", 1, usize::MAX)?;
        self.change_controls("UpdatePolicy", Some(id), |organization| {
            refuse_that_of_aws(id)?;
            let kind = organization.kind_of(id).ok_or_else(no_policy)?;
            if let Some(name) = name {
                organization.refuse_same_policy(name, Some(id))?;
            }
            if let Some(content) = content {
                check_content(kind, content)?;
            }
            let policy = organization.policies.get_mut(id).ok_or_else(no_policy)?;
            policy.read = OnceLock::new();
            for (new, known) in [
                (name, &mut policy.name),
                (description, &mut policy.description),
                (content, &mut policy.content),
            ] {
                if let Some(new) = new {
                    new.clone_into(known);
                }
            }
            organization.show_policy(id)
        })
    }

    pub(super) fn delete_policy(&self) -> ApiResult {
        let id = self.input.id("PolicyId", is_policy)?;
        self.change("DeletePolicy", Some(id), |organization| {
            refuse_that_of_aws(id)?;
            if !organization.policies.contains_key(id) {
                return Err(no_policy());
            }
            let mut attached = organization.attached.values();
            if attached.any(|policies| policies.contains(id)) {
                return Err(ApiError::new(
                    "PolicyInUseException",
                    "The policy is attached to one or more entities. You must detach it from all \
                     roots, OUs, and accounts before performing this operation.",
                ));
            }
            organization.policies.remove(id);
            organization.tags.remove(id);
            nothing()
        })
    }

    /// A word for a type of policy, which has to be there.
    pub(super) fn policy_type(&self, member: &str) -> Result<&str, ApiError> {
        let kind = self.input.text(member, 0, 100)?;
        let kind = kind.ok_or_else(|| invalid("INPUT_REQUIRED"))?;
        let known = TYPES.contains(&kind);
        known
            .then_some(kind)
            .ok_or_else(|| invalid("INVALID_ENUM_POLICY_TYPE"))
    }
}

impl Organization {
    /// That of AWS, and the others.
    fn policies_of(&self, kind: Kind) -> Vec<&str> {
        let own = self.policies.iter();
        let own = own.filter(|(_, policy)| policy.kind == kind);
        let own = own.map(|(id, _)| id.as_str());
        own.chain([kind.full_access()]).collect()
    }

    pub(super) fn page_of_policies(
        &self,
        page: super::input::Page,
        mut ids: Vec<&str>,
    ) -> ApiResult {
        ids.sort_unstable();
        let shown = ids
            .into_iter()
            .map(|id| Ok((id, self.summary(id)?)))
            .collect::<Result<Vec<_>, ApiError>>()?;
        page.cut("Policies", shown)
    }

    fn show_policy(&self, id: &str) -> ApiResult {
        let summary = self.summary(id)?;
        let content = self.content_of(id);
        Ok(json!({ "Policy": { "PolicySummary": summary, "Content": content } }))
    }

    fn summary(&self, id: &str) -> Result<Value, ApiError> {
        let kind = self.kind_of(id).ok_or_else(no_policy)?;
        let (name, description) = match self.policies.get(id) {
            Some(policy) => (policy.name.as_str(), policy.description.as_str()),
            None => {
                let (name, description, _) = kind.full_access_says();
                (name, description)
            }
        };
        Ok(json!({
            "Id": id,
            "Arn": self.arn_of(id),
            "Name": name,
            "Description": description,
            "Type": kind.word(),
            "AwsManaged": Kind::of_aws(id).is_some(),
        }))
    }

    fn refuse_same_policy(&self, name: &str, but: Option<&str>) -> Result<(), ApiError> {
        let mut others = self
            .policies
            .iter()
            .filter(|(id, _)| Some(id.as_str()) != but);
        let of_aws = Kind::ALL.map(|kind| kind.full_access_says().0);
        if of_aws.contains(&name) || others.any(|(_, policy)| policy.name == name) {
            return Err(ApiError::new(
                "DuplicatePolicyException",
                "A policy with the same name already exists.",
            ));
        }
        Ok(())
    }
}

/// What a service control policy says is said as in a policy of IAM, and what a resource control policy says
/// as in that of a resource.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html>
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html>
fn check_content(kind: Kind, content: &str) -> Result<(), ApiError> {
    if content.chars().count() > kind.longest() {
        return Err(violation(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            "You attempted to create a policy that is larger than the maximum size.",
        ));
    }
    match Policy::parse_new(content, kind.grammar()) {
        Ok(policy) if is_of_2012(content) && is_said_by(kind, &policy, content) => Ok(()),
        Ok(_) | Err(Malformed(_)) => Err(ApiError::new(
            "MalformedPolicyDocumentException",
            "The provided policy document does not meet the requirements of the specified policy \
             type.",
        )),
    }
}

/// Whether a document has the one version that these policies can have.
fn is_of_2012(content: &str) -> bool {
    serde_json::from_str::<Value>(content).is_ok_and(|policy| policy["Version"] == "2012-10-17")
}

/// Whether a policy of this type can say this. One that protects resources denies named actions to everybody.
fn is_said_by(kind: Kind, policy: &Policy, content: &str) -> bool {
    let is_meant_for_all = || {
        let document: Value = serde_json::from_str(content).unwrap_or_default();
        let statements = match &document["Statement"] {
            Value::Array(statements) => statements.as_slice(),
            single => std::slice::from_ref(single),
        };
        statements.iter().all(|one| one["Principal"] == "*")
    };
    let names = |action: &String| {
        let service = action.split(':').next().unwrap_or_default();
        !service.is_empty() && !service.contains(['*', '?'])
    };
    let denies = |statement: &Statement| {
        let actions = &statement.actions;
        !statement.allows && !actions.excludes && actions.patterns.iter().all(names)
    };
    kind == Kind::ServiceControl || policy.statements.iter().all(denies) && is_meant_for_all()
}

fn refuse_that_of_aws(id: &str) -> Result<(), ApiError> {
    if Kind::of_aws(id).is_some() {
        return Err(invalid("IMMUTABLE_POLICY"));
    }
    Ok(())
}

pub(super) fn no_policy() -> ApiError {
    ApiError::new(
        "PolicyNotFoundException",
        "You specified a policy that doesn't exist.",
    )
}
