//! What policies decide about one request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use super::account::iam_arn;
use super::caller::Caller;
use super::condition::{Context, Met, arn_like, like};
use super::policy::{Choice, Policy, Principals, Statement};

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
    /// It names the caller's account, which leaves the decision to the caller's own policies.
    Account,
    Denied,
    Nobody,
}

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

    /// What a role's trust policy answers about `caller`.
    pub(crate) fn ask_trust(&self, policy: &Policy, caller: &Caller) -> Trust {
        let mut trust = Trust::Nobody;
        for statement in policy
            .statements
            .iter()
            .filter(|statement| self.concerns(statement))
        {
            let Some(principals) = &statement.principals else {
                continue;
            };
            let named = naming(principals, caller);
            if !statement.allows {
                if (named == Trust::Nobody) == principals.excludes {
                    return Trust::Denied;
                }
            } else if !principals.excludes && (named == Trust::Caller || trust == Trust::Nobody) {
                // `Allow` with `NotPrincipal` is no way to trust anybody.
                trust = named;
            }
        }
        trust
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
        let action = self.action.to_ascii_lowercase();
        let acts = chosen(&statement.actions, |pattern| {
            like(&pattern.to_ascii_lowercase(), &action)
        });
        let reaches = statement.resources.as_ref().is_none_or(|resources| {
            chosen(resources, |pattern| {
                self.context
                    .fill_in(pattern)
                    .is_some_and(|pattern| names_resource(&pattern, self.resource))
            })
        });
        acts && reaches
    }
}

fn chosen(choice: &Choice, matches: impl Fn(&str) -> bool) -> bool {
    choice.patterns.iter().any(|pattern| matches(pattern)) != choice.excludes
}

/// A resource of `*` stands for operations without resource-level permission: only `*` reaches it.
fn names_resource(pattern: &str, resource: &str) -> bool {
    pattern == "*" || (resource != "*" && arn_like(pattern, resource))
}

fn naming(principals: &Principals, caller: &Caller) -> Trust {
    let mut trust = Trust::Nobody;
    let root = iam_arn(caller.partition, &caller.account, "root");
    for name in &principals.aws {
        if name == "*" || *name == caller.arn || *name == caller.principal_arn() {
            return Trust::Caller;
        }
        if *name == caller.account || *name == root {
            trust = Trust::Account;
        }
    }
    trust
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
