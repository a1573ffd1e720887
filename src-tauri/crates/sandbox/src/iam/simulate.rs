//! `SimulatePrincipalPolicy`: what the policies of a user, group or role would decide. It is the
//! sandbox's own evaluation, over a request of which only the given context is known.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use std::collections::BTreeSet;
use std::sync::Arc;

use super::account::{Account, InlinePolicy};
use super::answers::{Asked, invalid, required};
use super::authorise::authorize;
use super::condition::Context;
use super::evaluate::{Decision, Question};
use super::policy::Policy;
use crate::api::ApiError;
use crate::xml::Xml;

/// Whose policies are asked.
struct Source {
    kind: &'static str,
    policies: Vec<(String, Arc<Policy>)>,
    context: Context,
}

impl Asked<'_> {
    pub(super) fn simulate(&self) -> Result<Xml, ApiError> {
        let arn = required(self.params, "PolicySourceArn", "policySourceArn")?;
        let actions = self.params.list("ActionNames.member");
        if actions.is_empty() {
            required(self.params, "ActionNames.member.1", "actionNames")?;
        }
        let is_action = |action: &str| {
            let (service, name) = action.split_once(':').unwrap_or_default();
            !service.is_empty() && !name.is_empty()
        };
        if let Some(wrong) = actions.iter().find(|action| !is_action(action)) {
            return Err(input(format!("Invalid Action: {wrong}")));
        }
        // Leaving these out of the answer would say something else than was asked.
        for prefix in [
            "PolicyInputList.",
            "PermissionsBoundaryPolicyInputList.",
            "ResourcePolicy",
            "ResourceOwner",
            "ResourceHandlingOption",
            "CallerArn",
        ] {
            if self.params.any_below(prefix) {
                let name = prefix.trim_end_matches('.');
                let sentence = format!("The sandbox does not know the parameter {name}.");
                return Err(invalid(&sentence));
            }
        }
        let mut resources = self.params.list("ResourceArns.member");
        if resources.is_empty() {
            resources.push("*");
        }
        authorize(self.caller, self.call, "iam:SimulatePrincipalPolicy", arn)?;
        let source = self.source(arn)?;
        let asked: Vec<_> = actions
            .iter()
            .flat_map(|action| resources.iter().map(move |resource| (*action, *resource)))
            .collect();
        let (start, end) = self.window(asked.len())?;
        let mut results = Xml::new();
        for (action, resource) in &asked[start..end] {
            results = results.inside("member", source.evaluated(action, resource));
        }
        let more = end < asked.len();
        Ok(Xml::new()
            .inside("EvaluationResults", results)
            .text("IsTruncated", more)
            .maybe("Marker", more.then_some(end)))
    }

    fn source(&self, arn: &str) -> Result<Source, ApiError> {
        let no_such = || {
            let sentence = format!("The entity with ARN {arn} cannot be found.");
            ApiError::new("NoSuchEntity", sentence).with_status(404)
        };
        let own = self.arn("");
        let resource = arn.strip_prefix(&own);
        let is_entity = |text: &str| {
            ["user/", "group/", "role/"]
                .iter()
                .any(|kind| text.starts_with(kind))
        };
        let Some(resource) = resource.filter(|text| is_entity(text)) else {
            return Err(input(format!(
                "Invalid Entity Arn: {arn} does not clearly define entity type and name."
            )));
        };
        let state = self.iam.read();
        let account = state.accounts.get(&self.call.account).ok_or_else(no_such)?;
        let mut source = find(account, resource).ok_or_else(no_such)?;
        source.context = source
            .context
            .with("aws:PrincipalAccount", &self.call.account)
            .with("aws:PrincipalArn", arn);
        for turn in 1.. {
            let entry = format!("ContextEntries.member.{turn}");
            let Some(key) = self.params.one(&format!("{entry}.ContextKeyName")) else {
                break;
            };
            let values = self
                .params
                .list(&format!("{entry}.ContextKeyValues.member"));
            source.context = source.context.with_all(key, &values);
        }
        Ok(source)
    }

    /// Which of so many results are shown. A marker says how many came before it.
    fn window(&self, all: usize) -> Result<(usize, usize), ApiError> {
        let start = match self.params.one("Marker").map(str::parse) {
            None => 0,
            Some(Ok(start)) if start <= all => start,
            Some(_) => return Err(invalid("Invalid Marker.")),
        };
        Ok((start, all.min(start + self.max_items()?)))
    }
}

impl Source {
    fn evaluated(&self, action: &str, resource: &str) -> Xml {
        let question = Question {
            action,
            resource,
            context: &self.context,
        };
        let policies = || self.policies.iter().map(|(_, policy)| policy.as_ref());
        let decision = match question.ask(policies()) {
            Decision::Allowed => "allowed",
            Decision::ExplicitDeny => "explicitDeny",
            Decision::ImplicitDeny => "implicitDeny",
        };
        let mut matched = Xml::new();
        for (name, policy) in &self.policies {
            if question.ask([policy.as_ref()]) != Decision::ImplicitDeny {
                let shown = Xml::new()
                    .text("SourcePolicyId", name)
                    .text("SourcePolicyType", self.kind);
                matched = matched.inside("member", shown);
            }
        }
        let missing: BTreeSet<_> = question.missing_keys(policies()).collect();
        let missing = missing
            .into_iter()
            .fold(Xml::new(), |list, key| list.text("member", key));
        Xml::new()
            .text("EvalActionName", action)
            .text("EvalResourceName", resource)
            .text("EvalDecision", decision)
            .inside("MatchedStatements", matched)
            .inside("MissingContextValues", missing)
    }
}

fn find(account: &Account, resource: &str) -> Option<Source> {
    let named = |kind: &str, path: &str, name: &str| resource == format!("{kind}{path}{name}");
    let users = &mut account.users.values();
    if let Some(user) = users.find(|user| named("user", &user.path, &user.name)) {
        return Some(Source {
            kind: "user",
            policies: texts(&user.policies),
            context: Context::given()
                .with("aws:username", &user.name)
                .with("aws:userid", &user.id)
                .with("aws:PrincipalType", "User"),
        });
    }
    let roles = &mut account.roles.values();
    if let Some(role) = roles.find(|role| named("role", &role.path, &role.name)) {
        return Some(Source {
            kind: "role",
            policies: texts(&role.policies),
            context: Context::given().with("aws:PrincipalType", "AssumedRole"),
        });
    }
    let groups = &mut account.groups.values();
    groups
        .any(|group| named("group", &group.path, &group.name))
        .then(|| Source {
            // Groups have no policies here.
            kind: "group",
            policies: Vec::new(),
            context: Context::given(),
        })
}

fn texts(policies: &[InlinePolicy]) -> Vec<(String, Arc<Policy>)> {
    policies
        .iter()
        .map(|inline| (inline.name.clone(), Arc::clone(&inline.policy)))
        .collect()
}

fn input(sentence: String) -> ApiError {
    ApiError::new("InvalidInput", sentence)
}
