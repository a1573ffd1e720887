//! Which permissions an operation needs: on which resources, with which condition keys.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_organizations.html>

use serde_json::Value;

use super::asked::Asked;
use super::kinds::Kind;
use super::record::{Organization, State};
use crate::api::ApiError;
use crate::iam::authorise::{authorize_with, context};
use crate::iam::condition::Context;

/// The condition keys, in lower case, that are absent from a request where it does not bring them.
const UNDERSTOOD: &[&str] = &[
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
    "organizations:",
];

/// One resource that a permission is needed on.
struct Resource<'a> {
    arn: String,
    /// What it is called in the organization, if it is there already.
    id: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Whether the caller may do this, wherever its account belongs. `on` is the id of what it is done to.
    pub(super) fn allow(
        &self,
        state: &State,
        action: &str,
        on: Option<&str>,
    ) -> Result<(), ApiError> {
        let organization = state.of(&self.call.account);
        for resource in self.resources(organization, action, on) {
            self.allow_on(organization, action, on, &resource)?;
        }
        // What is made with tags is tagged.
        let makes = [
            "CreateAccount",
            "CreateOrganizationalUnit",
            "CreatePolicy",
            "InviteAccountToOrganization",
        ];
        let brings_tags = self.request_tags().next().is_some();
        if let Some(organization) = organization.filter(|_| brings_tags && makes.contains(&action))
        {
            let made = Resource {
                arn: organization.arn_of_new(action, self.word("Type")),
                id: None,
            };
            self.allow_on(Some(organization), "TagResource", None, &made)?;
        }
        Ok(())
    }

    /// Whether the caller may do this to what has this ARN, in whichever organization.
    pub(super) fn allow_on_arn(&self, action: &str, arn: String) -> Result<(), ApiError> {
        self.allow_on(None, action, None, &Resource { arn, id: None })
    }

    /// What the permission is needed on: an action is allowed if it is allowed on each.
    fn resources<'i>(
        &self,
        organization: Option<&Organization>,
        action: &str,
        on: Option<&'i str>,
    ) -> Vec<Resource<'i>>
    where
        'a: 'i,
    {
        let Some(organization) = organization else {
            return vec![Resource::any()];
        };
        let more: &[&str] = match action {
            "AttachPolicy" | "DetachPolicy" => &["TargetId"],
            "MoveAccount" => &["SourceParentId", "DestinationParentId"],
            "CreatePolicy" => {
                let arn = organization.arn_of_new(action, self.word("Type"));
                return vec![Resource { arn, id: None }];
            }
            _ => &[],
        };
        let more = more.iter().filter_map(|member| self.word(member));
        let all: Vec<Resource<'i>> = on
            .into_iter()
            .chain(more)
            .map(|id| Resource {
                arn: organization.arn_of(id),
                id: Some(id),
            })
            .collect();
        match all.is_empty() {
            true => vec![Resource::any()],
            false => all,
        }
    }

    fn allow_on(
        &self,
        organization: Option<&Organization>,
        action: &str,
        on: Option<&str>,
        resource: &Resource<'_>,
    ) -> Result<(), ApiError> {
        let caller = &self.call.caller;
        let mut context = context(caller, self.call).understanding(UNDERSTOOD);
        context = self.tell_parameters(context, organization, action, on);
        let tags = organization
            .zip(resource.id)
            .and_then(|(organization, id)| organization.tags.get(id));
        for (key, value) in tags.into_iter().flatten() {
            context = context.with(&format!("aws:ResourceTag/{key}"), value);
        }
        let action = format!("organizations:{action}");
        authorize_with(caller, &context, &action, &resource.arn)
    }

    /// The condition keys that the request's own words bring.
    fn tell_parameters(
        &self,
        mut context: Context,
        organization: Option<&Organization>,
        action: &str,
        on: Option<&str>,
    ) -> Context {
        let mut keys: Vec<&str> = Vec::new();
        for (key, value) in self.request_tags() {
            context = context.with(&format!("aws:RequestTag/{key}"), value);
            keys.push(key);
        }
        let removed = self.input.0.get("TagKeys").and_then(Value::as_array);
        keys.extend(removed.into_iter().flatten().filter_map(Value::as_str));
        if !keys.is_empty() {
            context = context.with_all("aws:TagKeys", &keys);
        }
        if let Some(service) = self.word("ServicePrincipal") {
            context = context.with("organizations:ServicePrincipal", service);
        }
        let named = match action {
            "CreatePolicy" => self.word("Type"),
            "ListPolicies" | "ListPoliciesForTarget" => self.word("Filter"),
            "EnablePolicyType" | "DisablePolicyType" => self.word("PolicyType"),
            _ => {
                let kind = organization
                    .zip(on)
                    .and_then(|(organization, id)| organization.kind_of(id));
                kind.map(Kind::word)
            }
        };
        match named {
            Some(kind) => context.with("organizations:PolicyType", kind),
            None => context,
        }
    }

    /// The tags that the request brings.
    fn request_tags(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let tags = self.input.0.get("Tags").and_then(Value::as_array);
        tags.into_iter()
            .flatten()
            .filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
    }

    fn word(&self, member: &str) -> Option<&'a str> {
        self.input.0.get(member).and_then(Value::as_str)
    }
}

impl Resource<'_> {
    /// Nothing in particular.
    fn any() -> Self {
        Self {
            arn: "*".to_owned(),
            id: None,
        }
    }
}

impl Organization {
    /// Stands for the ARN of what this operation is about to make.
    fn arn_of_new(&self, operation: &str, policy_type: Option<&str>) -> String {
        let kind = match operation {
            "CreateAccount" | "InviteAccountToOrganization" => "account",
            "CreateOrganizationalUnit" => "ou",
            _ => {
                let kind = policy_type.unwrap_or("*").to_ascii_lowercase();
                return self.arn_with(&format!("policy/{}/{kind}/*", self.id));
            }
        };
        self.arn_with(&format!("{kind}/{}/*", self.id))
    }
}
