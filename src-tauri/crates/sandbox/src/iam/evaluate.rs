//! What policies decide about one request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::collections::BTreeMap;

use super::account::iam_arn;
use super::caller::Caller;
use super::condition::{Context, Met, like_ignoring_case};
use super::policy::{Choice, Policy, Principals, Statement};
use super::wildcards::Pattern;

/// What a set of policies says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    /// A statement denies it, whatever else allows it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// What a trust policy says about a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It names the caller.
    Caller,
    /// It names the role behind the caller's session. What narrows the session still counts.
    Role,
    /// It names the caller's account, which leaves the decision to the caller's own policies.
    Account,
    Denied,
    Nobody,
}

/// How closely a resource's policy, or a grant, names a caller: the further down, the closer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    Nobody,
    /// The account, which leaves the decision to the caller's own policies.
    Account,
    /// The role behind the caller's session. What narrows the session still counts.
    Role,
    /// The caller itself, or everybody. Nothing but an explicit deny counts beside it.
    Caller,
}

/// What the policy of a resource says about a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Denied,
    /// Whom the closest statement that allows it names.
    Allowed(Naming),
}

/// The unique ids that stood behind the principals of a policy when it was put. A principal with
/// an id is that one and no other of the same name.
pub(crate) type UniqueIds = BTreeMap<String, String>;

/// One question to the policies.
pub(crate) struct Question<'a> {
    pub(crate) action: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) context: &'a Context,
}

impl Question<'_> {
    /// What identity or session policies answer.
    pub(crate) fn ask<'p>(&self, policies: impl IntoIterator<Item = &'p Policy>) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
            if !self.concerns(statement) {
                continue;
            }
            if !statement.allows {
                return Decision::ExplicitDeny;
            }
            decision = Decision::Allowed;
        }
        decision
    }

    /// What the policy of a resource answers about `caller`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    pub(crate) fn ask_resource(
        &self,
        policy: &Policy,
        ids: &UniqueIds,
        caller: &Caller,
    ) -> Verdict {
        let mut closest = Naming::Nobody;
        for statement in &policy.statements {
            let Some(principals) = &statement.principals else {
                continue;
            };
            let naming = match (statement.allows, principals.excludes) {
                (false, true) if is_spared(principals, ids, caller) => continue,
                (false, true) => Naming::Caller,
                // `Allow` with `NotPrincipal` is no way to let anybody in.
                (true, true) => continue,
                (_, false) => closest_of(principals, ids, caller),
            };
            if naming == Naming::Nobody || !self.concerns(statement) {
                continue;
            }
            if !statement.allows {
                return Verdict::Denied;
            }
            closest = closest.max(naming);
        }
        Verdict::Allowed(closest)
    }

    /// What a role's trust policy answers about `caller`.
    pub(crate) fn ask_trust(&self, policy: &Policy, caller: &Caller) -> Trust {
        match self.ask_resource(policy, &UniqueIds::new(), caller) {
            Verdict::Denied => Trust::Denied,
            Verdict::Allowed(Naming::Nobody) => Trust::Nobody,
            Verdict::Allowed(Naming::Account) => Trust::Account,
            Verdict::Allowed(Naming::Role) => Trust::Role,
            Verdict::Allowed(Naming::Caller) => Trust::Caller,
        }
    }

    /// The keys that conditions of statements about this action and resource ask for in vain.
    pub(crate) fn missing_keys<'p>(
        &self,
        policies: impl IntoIterator<Item = &'p Policy>,
    ) -> impl Iterator<Item = &'p str> {
        policies
            .into_iter()
            .flat_map(|policy| &policy.statements)
            .filter(|statement| self.is_about(statement))
            .flat_map(|statement| &statement.conditions)
            .filter_map(|condition| condition.missing_key(self.context))
    }

    fn concerns(&self, statement: &Statement) -> bool {
        self.is_about(statement)
            && statement
                .conditions
                .iter()
                .all(|condition| match condition.met(self.context) {
                    Met::Yes => true,
                    Met::No => false,
                    // What was not understood never grants.
                    Met::Unknown => !statement.allows,
                })
    }

    fn is_about(&self, statement: &Statement) -> bool {
        let acts = chosen(&statement.actions, |pattern| {
            like_ignoring_case(pattern, self.action)
        });
        let reaches = statement.resources.as_ref().is_none_or(|resources| {
            chosen(resources, |pattern| {
                if pattern == "*" {
                    return true;
                }
                let pattern = match statement.variables {
                    true => self.context.pattern(pattern),
                    false => Some(Pattern::Said(pattern)),
                };
                // A resource of `*` stands for operations without resource-level permission: only
                // `*` reaches it.
                self.resource != "*"
                    && pattern.is_some_and(|pattern| pattern.reaches(self.resource))
            })
        });
        acts && reaches
    }
}

impl Caller {
    /// How closely a principal of a policy or a grant names this caller.
    pub(crate) fn naming(&self, principal: &str, id: Option<&str>) -> Naming {
        if principal == "*" {
            return Naming::Caller;
        }
        if principal == self.account || principal == iam_arn(self.partition, &self.account, "root")
        {
            return Naming::Account;
        }
        // What a policy says by id, or was bound to one, is nobody else of the same name.
        let id = id.or_else(|| (!principal.contains(':')).then_some(principal));
        let role_id = self.user_id.split(':').next();
        let (is_caller, is_role) = match id {
            Some(id) => (id == self.user_id, Some(id) == role_id),
            None => (
                principal == self.arn,
                Some(principal) == self.role_arn.as_deref(),
            ),
        };
        if is_caller {
            Naming::Caller
        } else if is_role {
            Naming::Role
        } else {
            Naming::Nobody
        }
    }
}

fn closest_of(principals: &Principals, ids: &UniqueIds, caller: &Caller) -> Naming {
    let id = |name: &String| ids.get(name).map(String::as_str);
    let namings = principals.aws.iter();
    let namings = namings.map(|name| caller.naming(name, id(name)));
    namings.max().unwrap_or(Naming::Nobody)
}

/// A `Deny` with `NotPrincipal` spares only whom it names with the account, for a session also with the
/// role; and nobody who has a permissions boundary.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
fn is_spared(principals: &Principals, ids: &UniqueIds, caller: &Caller) -> bool {
    let id = |name: &String| ids.get(name).map(String::as_str);
    let names = |wanted: Naming| {
        let mut names = principals.aws.iter();
        names.any(|name| name == "*" || caller.naming(name, id(name)) == wanted)
    };
    caller.boundary.is_none()
        && names(Naming::Account)
        && names(Naming::Caller)
        && (caller.role_arn.is_none() || names(Naming::Role))
}

fn chosen(choice: &Choice, matches: impl Fn(&str) -> bool) -> bool {
    choice.patterns.iter().any(|pattern| matches(pattern)) != choice.excludes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::policy::PolicyKind;

    fn decide(statements: &str, action: &str, resource: &str) -> Decision {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        let policy = Policy::parse(&text, PolicyKind::Identity).unwrap();
        let context = Context::default()
            .with("aws:RequestedRegion", "eu-west-1")
            .with("aws:username", "anna");
        Question {
            action,
            resource,
            context: &context,
        }
        .ask([&policy])
    }

    const KEY: &str = "arn:aws:kms:eu-west-1:111111111111:key/abc";

    #[test]
    fn the_table_of_statements() {
        use Decision::{Allowed, ExplicitDeny, ImplicitDeny};
        let allow_all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        for (statements, action, resource, expected) in [
            (allow_all.to_owned(), "kms:ListKeys", "*", Allowed),
            (r#"{"Effect":"Allow","Action":"KMS:list*","Resource":"*"}"#.into(), "kms:ListKeys", "*", Allowed),
            (r#"{"Effect":"Allow","Action":"kms:List*","Resource":"*"}"#.into(), "kms:CreateKey", "*", ImplicitDeny),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#.into(), "kms:CreateKey", "*", Allowed),
            (r#"{"Effect":"Allow","NotAction":"kms:*","Resource":"*"}"#.into(), "kms:CreateKey", "*", ImplicitDeny),
            (r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/*"}"#.into(), "kms:DescribeKey", KEY, Allowed),
            (r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/*"}"#.into(), "kms:ListKeys", "*", ImplicitDeny),
            (r#"{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:us-east-1:*:key/*"}"#.into(), "kms:DescribeKey", KEY, ImplicitDeny),
            (r#"{"Effect":"Allow","Action":"kms:*","NotResource":"arn:aws:kms:*:*:key/abc"}"#.into(), "kms:DescribeKey", KEY, ImplicitDeny),
            (r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::1:user/${aws:username}"}"#.into(), "iam:GetUser", "arn:aws:iam::1:user/anna", Allowed),
            (r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::1:user/${*}nna"}"#.into(), "iam:GetUser", "arn:aws:iam::1:user/anna", ImplicitDeny),
            (r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:username":"${?}nna"}}}"#.into(), "kms:ListKeys", "*", ImplicitDeny),
            (
                format!(r#"{allow_all},{{"Effect":"Deny","Action":"kms:*","Resource":"arn:aws:kms:*"}}"#),
                "kms:DescribeKey", KEY, ExplicitDeny,
            ),
            (r#"{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::1:user/${aws:nonsense}"}"#.into(), "iam:GetUser", "arn:aws:iam::1:user/anna", ImplicitDeny),
            (
                format!(r#"{allow_all},{{"Effect":"Deny","Action":"kms:GetKeyPolicy","Resource":"*"}}"#),
                "kms:GetKeyPolicy", KEY, ExplicitDeny,
            ),
            (
                format!(r#"{allow_all},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"StringEquals":{{"aws:RequestedRegion":"eu-central-1"}}}}}}"#),
                "kms:ListKeys", "*", Allowed,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/x":"y"}}}"#.into(),
                "kms:ListKeys", "*", ImplicitDeny,
            ),
            (
                format!(r#"{allow_all},{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"StringSounds":{{"aws:RequestedRegion":"x"}}}}}}"#),
                "kms:ListKeys", "*", ExplicitDeny,
            ),
        ] {
            assert_eq!(decide(&statements, action, resource), expected, "{statements} {action}");
        }
    }

    #[test]
    fn trust_distinguishes_the_caller_from_its_account() {
        let caller = Caller::for_tests("111111111111", "anna");
        let ask = |principal: &str, effect: &str| {
            let text = format!(
                r#"{{"Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":"sts:AssumeRole"}}]}}"#
            );
            let policy = Policy::parse(&text, PolicyKind::Trust).unwrap();
            let context = Context::default();
            let question = Question {
                action: "sts:AssumeRole",
                resource: "*",
                context: &context,
            };
            question.ask_trust(&policy, &caller)
        };
        let allow = |principal: &str| ask(principal, "Allow");
        assert_eq!(
            allow(r#"{"AWS":"arn:aws:iam::111111111111:user/anna"}"#),
            Trust::Caller
        );
        assert_eq!(
            allow(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#),
            Trust::Account
        );
        assert_eq!(
            allow(r#"{"AWS":["222222222222","111111111111"]}"#),
            Trust::Account
        );
        assert_eq!(allow(r#""*""#), Trust::Caller);
        assert_eq!(
            allow(r#"{"Service":"lambda.amazonaws.com"}"#),
            Trust::Nobody
        );
        assert_eq!(
            allow(r#"{"AWS":"arn:aws:iam::111111111111:user/bob"}"#),
            Trust::Nobody
        );
        assert_eq!(
            ask(r#"{"AWS":"arn:aws:iam::111111111111:user/anna"}"#, "Deny"),
            Trust::Denied
        );
        assert_eq!(ask(r#"{"AWS":"222222222222"}"#, "Deny"), Trust::Nobody);
    }
}
