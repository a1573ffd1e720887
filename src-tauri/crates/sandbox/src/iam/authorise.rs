//! What the caller's own policies decide: identity policies, permissions boundary, session policies.
//!
//! Actions without a policy on their resource are decided here alone ([`authorize`]). A KMS key has
//! one, and perhaps grants: `crate::kms::access` weighs them against what is answered here. Who may
//! assume a role is decided in `crate::sts`.

use std::fmt;

use time::format_description::well_known::Rfc3339;

use crate::api::{ApiError, Call};
use crate::iam::caller::{Caller, Identity};
use crate::iam::condition::Context;
use crate::iam::evaluate::{Decision, Question};

/// Whether `caller` may do `action` (such as `kms:ListKeys`) on `resource` (an ARN, or `*` where AWS
/// knows no permission on single resources), which has no policy of its own.
pub(crate) fn authorize(
    caller: &Caller,
    call: &Call,
    action: &str,
    resource: &str,
) -> Result<(), ApiError> {
    authorize_with(caller, &context(caller, call), action, resource)
}

/// The same for a request with these condition keys.
pub(crate) fn authorize_with(
    caller: &Caller,
    context: &Context,
    action: &str,
    resource: &str,
) -> Result<(), ApiError> {
    let question = Question {
        action,
        resource,
        context,
    };
    match Own::of(caller, &question).outcome() {
        Ok(()) => Ok(()),
        Err(reason) => {
            let reason = reason.of(action).to_string();
            Err(refusal(caller, action, resource, &reason))
        }
    }
}

/// What the caller's own policies decide together.
pub(crate) fn decide(
    caller: &Caller,
    context: &Context,
    action: &str,
    resource: &str,
) -> (Decision, Kind) {
    let question = Question {
        action,
        resource,
        context,
    };
    match Own::of(caller, &question).outcome() {
        Ok(()) => (Decision::Allowed, Kind::Identity),
        Err(Reason::Denied(kind)) => (Decision::ExplicitDeny, kind),
        Err(Reason::NotAllowed(kind)) => (Decision::ImplicitDeny, kind),
    }
}

/// Kinds of policies, as AWS's refusals call them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Identity,
    Boundary,
    Session,
    Resource,
    ServiceControl,
    ResourceControl,
}

/// Why something is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A statement denies it.
    Denied(Kind),
    /// No statement allows it.
    NotAllowed(Kind),
}

/// A reason in AWS's words.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
pub(crate) struct Sentence<'a>(Reason, &'a str);

/// What each kind of the caller's own policies says about one question. A kind that the caller has not
/// got does not stand in the way.
pub(crate) struct Own {
    identity: Decision,
    boundary: Decision,
    session: Decision,
    controls: Decision,
    /// Of the organization that has the resource.
    resource_controls: Decision,
}

impl Own {
    pub(crate) fn of(caller: &Caller, question: &Question<'_>) -> Self {
        let narrowed = |policy| match policy {
            Some(policy) => question.ask([policy]),
            None => Decision::Allowed,
        };
        let session = caller.session.as_ref();
        Self {
            identity: question.ask(caller.policies.iter().map(AsRef::as_ref)),
            boundary: narrowed(caller.boundary.as_deref()),
            // A federated user has only what the policies of the session allow.
            session: match session.and_then(|session| session.policy.as_deref()) {
                None if caller.is_federated() => Decision::ImplicitDeny,
                policy => narrowed(policy),
            },
            controls: caller.controls.ask(question),
            resource_controls: caller.controls.ask_of_resource(question),
        }
    }

    /// The same about a resource that no organization protects.
    pub(crate) fn unprotected(self) -> Self {
        Self {
            resource_controls: Decision::Allowed,
            ..self
        }
    }

    /// Whether they allow it without anybody's help.
    pub(crate) fn outcome(&self) -> Result<(), Reason> {
        self.denied()?;
        match self.identity {
            Decision::Allowed => self.limited(),
            _ => Err(Reason::NotAllowed(Kind::Identity)),
        }
    }

    /// Refuses what any of them denies, and what the organizations of both sides do not leave to anybody,
    /// whoever else allows it.
    pub(crate) fn denied(&self) -> Result<(), Reason> {
        let kinds = [
            (self.identity, Kind::Identity),
            (self.boundary, Kind::Boundary),
            (self.session, Kind::Session),
            (self.resource_controls, Kind::ResourceControl),
            (self.controls, Kind::ServiceControl),
        ];
        let denying = kinds
            .into_iter()
            .find(|(decision, _)| *decision == Decision::ExplicitDeny);
        if let Some((_, kind)) = denying {
            return Err(Reason::Denied(kind));
        }
        if self.resource_controls != Decision::Allowed {
            return Err(Reason::NotAllowed(Kind::ResourceControl));
        }
        match self.controls {
            Decision::Allowed => Ok(()),
            _ => Err(Reason::NotAllowed(Kind::ServiceControl)),
        }
    }

    /// Refuses what those that only narrow do not allow.
    pub(crate) fn limited(&self) -> Result<(), Reason> {
        if self.boundary != Decision::Allowed {
            return Err(Reason::NotAllowed(Kind::Boundary));
        }
        if self.session != Decision::Allowed {
            return Err(Reason::NotAllowed(Kind::Session));
        }
        Ok(())
    }
}

impl Reason {
    /// The sentence about an action.
    pub(crate) fn of(self, action: &str) -> Sentence<'_> {
        Sentence(self, action)
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (article, kind) = match self.0 {
            Reason::Denied(kind) | Reason::NotAllowed(kind) => match kind {
                Kind::Identity => ("an", "identity-based policy"),
                Kind::Boundary => ("a", "permissions boundary"),
                Kind::Session => ("a", "session policy"),
                Kind::Resource => ("a", "resource-based policy"),
                Kind::ServiceControl => ("a", "service control policy"),
                Kind::ResourceControl => ("a", "resource control policy"),
            },
        };
        match self.0 {
            Reason::Denied(_) => write!(out, "with an explicit deny in {article} {kind}"),
            Reason::NotAllowed(_) => write!(out, "because no {kind} allows the {} action", self.1),
        }
    }
}

/// The condition keys of a request about what belongs to the caller's account. About something else,
/// [`crate::iam::service_control::Levels::tell_of_resource`] says whose it is.
pub(crate) fn context(caller: &Caller, call: &Call) -> Context {
    let now = call.now.format(&Rfc3339).unwrap_or_default();
    let kind = match &caller.identity {
        _ if caller.is_anonymous() => "Anonymous",
        Identity::User { .. } if caller.is_federated() => "FederatedUser",
        Identity::User { .. } => "User",
        Identity::Role { .. } => "AssumedRole",
    };
    let mut context = Context::default()
        .with("aws:CurrentTime", now)
        .with("aws:EpochTime", call.now.unix_timestamp().to_string())
        .with("aws:PrincipalIsAWSService", "false")
        .with("aws:PrincipalType", kind)
        .with("aws:RequestedRegion", &call.region)
        // Loopback stands for TLS: a policy that insists on it is to behave as it does in AWS.
        .with("aws:SecureTransport", "true")
        .with("aws:SourceIp", "127.0.0.1")
        .with("aws:ViaAWSService", call.via.is_some().to_string())
        .with("aws:userid", &caller.user_id);
    if !caller.is_anonymous() {
        context = context
            .with("aws:PrincipalAccount", &caller.account)
            .with("aws:PrincipalArn", caller.principal_arn())
            .with("kms:CallerAccount", &caller.account);
    }
    if let Some(name) = caller.user_name() {
        context = context.with("aws:username", name);
    }
    if let Some(service) = call.via {
        let service = format!("{service}.{}", caller.partition.domain());
        context = context
            .with("aws:CalledViaFirst", &service)
            .with("aws:CalledViaLast", &service)
            .with_all("aws:CalledVia", &[&service]);
    }
    context = caller.controls.tell(context);
    context = caller.controls.tell_of_resource(context, &caller.account);
    for (key, value) in &caller.tags {
        context = context.with(&format!("aws:PrincipalTag/{key}"), value);
    }
    if let Some(session) = &caller.session {
        let issued = session.issued_at.format(&Rfc3339).unwrap_or_default();
        context = context.with("aws:TokenIssueTime", issued).with(
            "aws:MultiFactorAuthPresent",
            session.mfa_at.is_some().to_string(),
        );
        if let Some(identity) = &session.brought.source_identity {
            context = context.with("aws:SourceIdentity", identity);
        }
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
        Some("access-analyzer" | "account") => ApiError::new(
            "AccessDeniedException",
            format!("{who} on resource: {resource}{reason}"),
        )
        .with_status(403),
        _ => ApiError::new(
            "AccessDeniedException",
            format!("{who} on resource: {resource}{reason}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::iam::caller::{Brought, SessionFacts};
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
            caller: Arc::new(Caller::for_tests("111111111111", "anna")),
            via: None,
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
            brought: Brought::default(),
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
    fn a_boundary_only_narrows() {
        let mut caller = Caller::for_tests("111111111111", "anna");
        caller.policies = vec![policy("Allow", "kms:*")];
        caller.boundary = Some(policy("Allow", "*:List*"));
        assert_eq!(authorize(&caller, &call(), "kms:ListKeys", "*"), Ok(()));
        let error = authorize(&caller, &call(), "kms:CreateKey", "*").unwrap_err();
        let sentence = "because no permissions boundary allows the kms:CreateKey action";
        assert!(error.message.ends_with(sentence), "{}", error.message);
        caller.boundary = Some(policy("Deny", "kms:ListKeys"));
        let error = authorize(&caller, &call(), "kms:ListKeys", "*").unwrap_err();
        let sentence = "with an explicit deny in a permissions boundary";
        assert!(error.message.ends_with(sentence), "{}", error.message);
    }
}
