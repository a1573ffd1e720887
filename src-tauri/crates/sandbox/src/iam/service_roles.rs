//! Roles that services of AWS assume, to do what they were set up for, and what policies of resources
//! let them do.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-service.html>

use serde_json::Value;

use super::Iam;
use super::caller::Caller;
use super::condition::Context;
use super::evaluate::{Decision, Question};
use super::policy::{Policy, PolicyKind};

const ASSUME: &str = "sts:AssumeRole";

impl Iam {
    /// The session of a role that `service` (a principal, such as `s3.amazonaws.com`) assumes; `None` if
    /// there is no such role, or if its trust policy does not let the service in. `context` has what
    /// the service says about whom it works for, such as `aws:SourceArn`.
    pub(crate) fn role_assumed_by(
        &self,
        service: &str,
        role_arn: &str,
        session_name: &str,
        context: &Context,
    ) -> Option<Caller> {
        let (caller, trust) = self.role_of_service(role_arn, session_name)?;
        trusts(service, &trust, context).then_some(caller)
    }

    /// The session of a role that a service has assumed, and the text of the role's trust policy,
    /// which has to let it ([`trusts`]); `None` if there is no such role.
    fn role_of_service(&self, role_arn: &str, session_name: &str) -> Option<(Caller, String)> {
        let parts: Vec<_> = role_arn.splitn(6, ':').collect();
        let &[_, _, _, _, account, resource] = &parts[..] else {
            return None;
        };
        let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
        let state = self.read();
        let caller = state.role_caller(account, name, session_name, None)?;
        let role = state.accounts.get(account)?.roles.get(name)?;
        let found = caller.role_arn.as_deref() == Some(role_arn);
        found.then(|| (caller, role.trust.text.clone()))
    }
}

/// Whether a trust policy lets the service assume its role.
fn trusts(service: &str, trust: &str, context: &Context) -> bool {
    let question = Question {
        action: ASSUME,
        resource: "*",
        context,
    };
    lets(service, trust, PolicyKind::Trust, &question)
}

/// Whether the policy of a resource lets a service do something. Documents are read for AWS's own
/// principals only, so that the service is looked for in the text.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
pub(crate) fn lets(service: &str, text: &str, kind: PolicyKind, question: &Question<'_>) -> bool {
    let Ok(policy) = Policy::parse(text, kind) else {
        return false;
    };
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return false;
    };
    let written = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut allowed = false;
    for (written, statement) in written.iter().zip(policy.statements) {
        if !is_about(written, statement.allows, service) {
            continue;
        }
        let alone = Policy {
            text: String::new(),
            statements: vec![statement],
        };
        match question.ask([&alone]) {
            Decision::Allowed => allowed = true,
            Decision::ExplicitDeny => return false,
            Decision::ImplicitDeny => {}
        }
    }
    allowed
}

fn is_about(written: &Value, allows: bool, service: &str) -> bool {
    match (written.get("NotPrincipal"), allows) {
        // `Allow` with `NotPrincipal` is no way to let anybody in.
        (Some(_), true) => false,
        (Some(spared), false) => !names(spared, service),
        (None, _) => names(&written["Principal"], service),
    }
}

/// Whether it is everybody, services among them, or this service.
fn names(principals: &Value, service: &str) -> bool {
    let has = |names: &Value, wanted: &str| match names {
        Value::Array(names) => names.iter().any(|name| name == wanted),
        name => name == wanted,
    };
    has(principals, "*") || has(&principals["AWS"], "*") || has(&principals["Service"], service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_trusted_as_its_statements_and_their_conditions_say() {
        let context = Context::given().with("aws:SourceAccount", "111111111111");
        let s3 = r#""Principal":{"Service":["s3.amazonaws.com"]},"Action":"sts:AssumeRole""#;
        let of = |account: &str| {
            format!(r#","Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}}}}"#)
        };
        let allow = |rest: &str| format!(r#"{{"Effect":"Allow",{rest}}}"#);
        let deny = |rest: &str| format!(r#"{{"Effect":"Deny",{rest}}}"#);
        let (mine, other) = (of("111111111111"), of("222222222222"));
        for (statements, expected) in [
            (allow(s3), true),
            (allow(&s3.replace("s3.", "ec2.")), false),
            (allow(&s3.replace("AssumeRole", "assume*")), true),
            (allow(&s3.replace("AssumeRole", "TagSession")), false),
            (allow(&format!("{s3}{mine}")), true),
            (allow(&format!("{s3}{other}")), false),
            (
                format!("{},{}", allow(s3), deny(&format!("{s3}{other}"))),
                true,
            ),
            (
                format!("{},{}", allow(s3), deny(&format!("{s3}{mine}"))),
                false,
            ),
            (
                format!(
                    "{},{}",
                    allow(s3),
                    deny(&s3.replace("Principal", "NotPrincipal"))
                ),
                true,
            ),
            (allow(r#""Principal":"*","Action":"sts:*""#), true),
        ] {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
            let trusted = trusts("s3.amazonaws.com", &text, &context);
            assert_eq!(trusted, expected, "{statements}");
        }
    }
}
