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
    /// What a service (a principal, such as `s3.amazonaws.com`) tells wherever its permission is asked:
    /// who it is, and for what of whose it works.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html#cross-service-confused-deputy-prevention>
    pub(crate) fn context_of_service(&self, service: &str, account: &str, arn: &str) -> Context {
        let context = Context::given()
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", service)
            .with("aws:SecureTransport", "true")
            .with("aws:SourceArn", arn);
        let levels = self.read().levels_of(account);
        levels.tell_of_source(context, account)
    }

    /// The session of a role that `service` assumes; `None` if there is no such role, if its trust policy
    /// does not let the service in, or if its organization keeps the service out. `context` is what
    /// [`Self::context_of_service`] says.
    pub(crate) fn role_assumed_by(
        &self,
        service: &str,
        role_arn: &str,
        session_name: &str,
        context: &Context,
    ) -> Option<Caller> {
        let (caller, trust) = self.role_of_service(role_arn, session_name)?;
        // No organization stands in the way of a role that is linked to a service.
        let context = caller
            .controls
            .tell_of_resource(context.clone(), &caller.account);
        let question = Question {
            action: ASSUME,
            resource: role_arn,
            context: &context,
        };
        let allowed = caller.controls.ask_of_resource(&question) == Decision::Allowed
            && allows(service, &trust, PolicyKind::Trust, &question);
        allowed.then_some(caller)
    }

    /// Whether a service may do something with a resource of the account `owner`: the policy of the
    /// resource has to let it, and so has the organization of the owner. Service control policies do not
    /// bind a service.
    /// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_examples.html>
    pub(crate) fn lets(
        &self,
        service: &str,
        owner: &str,
        (kind, text): (PolicyKind, &str),
        question: &Question<'_>,
    ) -> bool {
        let levels = self.read().levels_of(owner);
        let context = levels.tell_of_resource(question.context.clone(), owner);
        let question = &Question {
            context: &context,
            ..*question
        };
        levels.ask_of_resource(question) == Decision::Allowed
            && allows(service, text, kind, question)
    }

    /// The session of a role that a service has assumed, and the text of the role's trust policy,
    /// which has to let it; `None` if there is no such role.
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

/// Whether the policy of a resource, or of a role, lets a service do something. Documents are read for
/// AWS's own principals only, so that the service is looked for in the text.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
fn allows(service: &str, text: &str, kind: PolicyKind, question: &Question<'_>) -> bool {
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
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::Seed;
    use crate::iam::company::PRODUCTION;
    use crate::iam::service_control::{Level, Levels};
    use crate::random::Random;
    use crate::revision::Revision;

    #[test]
    fn an_organization_keeps_services_that_work_for_others_out_of_its_roles() {
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_000);
        let iam = Iam::new(Random::seeded(7), Revision::default(), Seed::Company, now);
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Deny","Action":"sts:*","Resource":"*","Condition":{
                "StringNotEqualsIfExists":{"aws:SourceOrgID":"o-1"},
                "Null":{"aws:SourceAccount":"false"},"Bool":{"aws:PrincipalIsAWSService":"true"}}}]}"#;
        let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
        let level: Level = Arc::from([Arc::new(policy)]);
        let levels = Levels::new(Vec::new(), vec![level], "o-1", "o-1/r-1/".to_owned());
        let levels = BTreeMap::from([(PRODUCTION.to_owned(), levels)]);
        iam.change(|state, _| state.control(1, levels, BTreeSet::new()));
        let replication = "service-role/s3-replication";
        let linked = "aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS";
        for (service, role, source, expected) in [
            ("s3.amazonaws.com", replication, PRODUCTION, true),
            ("s3.amazonaws.com", replication, "999999999999", false),
            ("rds.amazonaws.com", linked, "999999999999", true),
        ] {
            let context = iam.context_of_service(service, source, "arn:aws:s3:::source");
            let role = format!("arn:aws:iam::{PRODUCTION}:role/{role}");
            let caller = iam.role_assumed_by(service, &role, "work", &context);
            assert_eq!(caller.is_some(), expected, "{role} {source}");
        }
    }

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
            let question = Question {
                action: ASSUME,
                resource: "arn:aws:iam::111111111111:role/replication",
                context: &context,
            };
            let trusted = allows("s3.amazonaws.com", &text, PolicyKind::Trust, &question);
            assert_eq!(trusted, expected, "{statements}");
        }
    }
}
