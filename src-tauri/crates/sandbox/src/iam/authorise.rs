//! The one place where the sandbox decides whether a caller may do something.
//!
//! Identity and session policies are judged here. Key policies and grants will be judged here too
//! when they are enforced; until then a key's account decides for itself, and another account's
//! key is out of reach.

use time::format_description::well_known::Rfc3339;

use crate::api::{ApiError, Call};
use crate::iam::caller::{Caller, Identity};
use crate::iam::condition::Context;
use crate::iam::evaluate::{Decision, Question};

/// Whether `caller` may do `action` (such as `kms:DescribeKey`) on `resource` (an ARN, or `*`
/// where AWS knows no permission on single resources).
pub(crate) fn authorize(
    caller: &Caller,
    call: &Call,
    action: &str,
    resource: &str,
) -> Result<(), ApiError> {
    let context = context(caller, call);
    let reason = match decide(caller, &context, action, resource) {
        (Decision::Allowed, _) => match foreign_key(call, action, resource) {
            false => return Ok(()),
            true => format!("because no resource-based policy allows the {action} action"),
        },
        (Decision::ExplicitDeny, kind) => {
            format!("with an explicit deny in {} {kind} policy", article(kind))
        }
        (Decision::ImplicitDeny, kind) => {
            format!("because no {kind} policy allows the {action} action")
        }
    };
    Err(refusal(caller, action, resource, &reason))
}

/// What the caller's own policies decide, and which kind of policy decided.
pub(crate) fn decide(
    caller: &Caller,
    context: &Context,
    action: &str,
    resource: &str,
) -> (Decision, &'static str) {
    let question = Question {
        action,
        resource,
        context,
    };
    let by_identity = question.ask(caller.policies.iter().map(AsRef::as_ref));
    let session_policy = caller
        .session
        .as_ref()
        .and_then(|session| session.policy.as_deref());
    let by_session = match session_policy {
        Some(policy) => question.ask([policy]),
        None => Decision::Allowed,
    };
    match (by_identity, by_session) {
        (Decision::ExplicitDeny, _) => (Decision::ExplicitDeny, "identity-based"),
        (_, Decision::ExplicitDeny) => (Decision::ExplicitDeny, "session"),
        (Decision::ImplicitDeny, _) => (Decision::ImplicitDeny, "identity-based"),
        (_, Decision::ImplicitDeny) => (Decision::ImplicitDeny, "session"),
        (Decision::Allowed, Decision::Allowed) => (Decision::Allowed, "identity-based"),
    }
}

/// The condition keys of a request.
pub(crate) fn context(caller: &Caller, call: &Call) -> Context {
    let now = call.now.format(&Rfc3339).unwrap_or_default();
    let kind = match &caller.identity {
        Identity::User { .. } => "User",
        Identity::Role { .. } => "AssumedRole",
    };
    let mut context = Context::default()
        .with("aws:CurrentTime", now)
        .with("aws:EpochTime", call.now.unix_timestamp().to_string())
        .with("aws:PrincipalAccount", &caller.account)
        .with("aws:PrincipalArn", caller.principal_arn())
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:PrincipalType", kind)
        .with("aws:RequestedRegion", &call.region)
        // Loopback stands for TLS: a policy that insists on it is to behave as it does in AWS.
        .with("aws:SecureTransport", "true")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:ViaAWSService", "false")
        .with("aws:userid", &caller.user_id)
        .with("kms:CallerAccount", &caller.account);
    if let Some(name) = caller.user_name() {
        context = context.with("aws:username", name);
    }
    if let Some(session) = &caller.session {
        let issued = session.issued_at.format(&Rfc3339).unwrap_or_default();
        context = context.with("aws:TokenIssueTime", issued).with(
            "aws:MultiFactorAuthPresent",
            session.mfa_at.is_some().to_string(),
        );
        if let Some(mfa_at) = session.mfa_at {
            let age = (call.now - mfa_at).whole_seconds().max(0);
            context = context.with("aws:MultiFactorAuthAge", age.to_string());
        }
    }
    context
}

/// AWS's refusal in the words and with the code of the service that `action` belongs to.
pub(crate) fn refusal(caller: &Caller, action: &str, resource: &str, reason: &str) -> ApiError {
    let who = format!(
        "User: {} is not authorized to perform: {action}",
        caller.arn
    );
    let reason = if reason.is_empty() {
        String::new()
    } else {
        format!(" {reason}")
    };
    match action.split(':').next() {
        Some("ec2") => ApiError::new(
            "UnauthorizedOperation",
            format!("You are not authorized to perform this operation. {who}{reason}"),
        )
        .with_status(403),
        Some("sts" | "iam") => ApiError::new(
            "AccessDenied",
            format!("{who} on resource: {resource}{reason}"),
        )
        .with_status(403),
        _ => ApiError::new(
            "AccessDeniedException",
            format!("{who} on resource: {resource}{reason}"),
        ),
    }
}

/// A key of another account needs that account's consent, which only its key policy could give.
fn foreign_key(call: &Call, action: &str, resource: &str) -> bool {
    action.starts_with("kms:")
        && resource
            .split(':')
            .nth(4)
            .is_some_and(|account| account != call.account)
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with('i') { "an" } else { "a" }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::iam::caller::SessionFacts;
    use crate::iam::policy::{Policy, PolicyKind};

    fn policy(effect: &str, action: &str) -> Arc<Policy> {
        let text = format!(
            r#"{{"Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*"}}]}}"#
        );
        Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap())
    }

    fn call() -> Call {
        Call {
            account: "111111111111".into(),
            region: "eu-west-1".into(),
            principal: "arn:aws:iam::111111111111:user/anna".into(),
            request_id: String::new(),
            now: OffsetDateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_sentences_are_those_of_aws() {
        let mut caller = Caller::for_tests("111111111111", "anna");
        let who = "User: arn:aws:iam::111111111111:user/anna is not authorized to perform:";
        let refused =
            |caller: &Caller, action: &str| authorize(caller, &call(), action, "*").unwrap_err();
        let error = refused(&caller, "kms:ListKeys");
        assert_eq!((error.code, error.status), ("AccessDeniedException", 400));
        assert_eq!(
            error.message,
            format!(
                "{who} kms:ListKeys on resource: * because no identity-based policy allows the \
                 kms:ListKeys action"
            )
        );
        let error = refused(&caller, "ec2:DescribeRegions");
        assert_eq!((error.code, error.status), ("UnauthorizedOperation", 403));

        caller.policies = vec![policy("Allow", "*"), policy("Deny", "iam:*")];
        assert_eq!(authorize(&caller, &call(), "kms:ListKeys", "*"), Ok(()));
        let error = refused(&caller, "iam:ListUsers");
        assert_eq!((error.code, error.status), ("AccessDenied", 403));
        assert_eq!(
            error.message,
            format!(
                "{who} iam:ListUsers on resource: * with an explicit deny in an identity-based \
                 policy"
            )
        );
    }

    #[test]
    fn a_session_policy_only_narrows() {
        let mut caller = Caller::for_tests("111111111111", "anna");
        caller.policies = vec![policy("Allow", "kms:*")];
        caller.session = Some(SessionFacts {
            issued_at: OffsetDateTime::UNIX_EPOCH,
            mfa_at: None,
            policy: Some(policy("Allow", "*:List*")),
        });
        assert_eq!(authorize(&caller, &call(), "kms:ListKeys", "*"), Ok(()));
        let error = authorize(&caller, &call(), "kms:CreateKey", "*").unwrap_err();
        assert!(
            error
                .message
                .ends_with("because no session policy allows the kms:CreateKey action")
        );
        assert!(authorize(&caller, &call(), "iam:ListUsers", "*").is_err());
    }

    #[test]
    fn another_accounts_key_is_out_of_reach() {
        let mut caller = Caller::for_tests("111111111111", "anna");
        caller.policies = vec![policy("Allow", "*")];
        let key = "arn:aws:kms:eu-west-1:222222222222:key/x";
        let error = authorize(&caller, &call(), "kms:DescribeKey", key).unwrap_err();
        assert!(
            error.message.contains("no resource-based policy"),
            "{}",
            error.message
        );
    }
}
