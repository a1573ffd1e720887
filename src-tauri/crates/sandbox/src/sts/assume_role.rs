//! `AssumeRole`: the role's trust policy and the caller's own policies have to agree.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use time::Duration;

use super::federation::{packed, with_tags};
use super::session_policies::{self, Narrowing};
use super::session_tags::SessionTags;
use super::{check_mfa, check_text, duration, invalid, required, show_credentials};
use crate::api::{ApiError, Call};
use crate::iam::Iam;
use crate::iam::account::{Role, is_account_id};
use crate::iam::authorise::{Own, context, refusal};
use crate::iam::caller::{Brought, Caller, Identity, SessionFacts};
use crate::iam::evaluate::{Question, Trust};
use crate::iam::policy::Policy;
use crate::query::Params;
use crate::regions::Partition;
use crate::xml::Xml;

const ACTION: &str = "sts:AssumeRole";
const TAG: &str = "sts:TagSession";
const SET_IDENTITY: &str = "sts:SetSourceIdentity";

/// AWS's limit for a role that another role's session assumes.
const LONGEST_CHAINED: Duration = Duration::hours(1);

pub(super) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    let asked = Asked::read(params, caller)?;
    let mfa_at = check_mfa(iam, caller, call, params)?
        .or_else(|| caller.user_name().and(caller.session.as_ref()?.mfa_at));
    let (longest, role_id, session_arn) = {
        let state = iam.read();
        let role = state.accounts.get(asked.account).and_then(|account| {
            account
                .roles
                .get(asked.role_name)
                .filter(|role| role.arn(caller.partition, asked.account) == asked.arn)
        });
        let may = |action, role: &Role| may(caller, call, &asked, mfa_at.is_some(), action, role);
        let Some(role) = role.filter(|role| may(ACTION, role)) else {
            return Err(refusal(caller, ACTION, asked.arn, ""));
        };
        for action in asked.further_actions() {
            if !may(action, role) {
                return Err(refusal(caller, action, asked.arn, ""));
            }
        }
        let session_arn = role.session_arn(caller.partition, asked.account, asked.session_name);
        (
            Duration::seconds(role.longest_session.into()),
            role.id.clone(),
            session_arn,
        )
    };
    if matches!(caller.identity, Identity::Role { .. }) && asked.duration > LONGEST_CHAINED {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by \
             role chaining.",
        ));
    }
    if asked.duration > longest {
        return Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let narrowing: Narrowing = session_policies::read(params, &iam.read(), asked.account)?;
    let packed = packed(narrowing.size + asked.tags.size())?;
    let source_identity = asked.source_identity.map(str::to_owned);
    let identity = Identity::Role {
        name: asked.role_name.to_owned(),
        session_name: asked.session_name.to_owned(),
    };
    let facts = SessionFacts {
        issued_at: call.now,
        mfa_at,
        policy: narrowing.policy,
        brought: Brought {
            source_identity: source_identity.clone(),
            ..asked.tags.chained(caller)?
        },
    };
    let session = iam.start_session(asked.account, identity, facts, call.now + asked.duration);
    let user = Xml::new()
        .text("AssumedRoleId", format!("{role_id}:{}", asked.session_name))
        .text("Arn", session_arn);
    Ok(Xml::new()
        .inside("Credentials", show_credentials(&session))
        .inside("AssumedRoleUser", user)
        .maybe("PackedPolicySize", packed)
        .maybe("SourceIdentity", source_identity))
}

/// The parameters, checked.
struct Asked<'a> {
    arn: &'a str,
    account: &'a str,
    role_name: &'a str,
    session_name: &'a str,
    external_id: Option<&'a str>,
    duration: Duration,
    tags: SessionTags,
    /// The one that is given, or that of the session that asks, which stays.
    source_identity: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn read(params: &'a Params, caller: &'a Caller) -> Result<Self, ApiError> {
        let arn = required(params, "RoleArn", "roleArn")?;
        let session_name = required(params, "RoleSessionName", "roleSessionName")?;
        let (account, role_name) =
            role_of(arn, caller.partition).ok_or_else(|| invalid(format!("{arn} is invalid")))?;
        check_text(
            "roleSessionName",
            session_name,
            2..=64,
            "=,.@-",
            "[\\w+=,.@-]*",
        )?;
        let external_id = params.one("ExternalId");
        if let Some(id) = external_id {
            check_text("externalId", id, 2..=1224, "=,.@:/-", "[\\w+=,.@:\\/-]*")?;
        }
        // Accepting it and then not honouring it would grant more than was asked for.
        if params.any_below("ProvidedContexts.") {
            return Err(invalid(
                "The sandbox does not know the parameter ProvidedContexts.",
            ));
        }
        let tags = SessionTags::read(params)?;
        let given = params.one("SourceIdentity");
        if let Some(identity) = given {
            check_text("sourceIdentity", identity, 2..=64, "=,.@-", "[\\w+=,.@-]*")?;
        }
        let before = caller.session.as_ref();
        let before = before.and_then(|session| session.brought.source_identity.as_deref());
        if given.is_some() && before.is_some() && given != before {
            return Err(refusal(caller, SET_IDENTITY, arn, ""));
        }
        let duration = duration(params, 900..=43_200, 3_600)?;
        Ok(Self {
            arn,
            account,
            role_name,
            session_name,
            external_id,
            duration,
            tags,
            source_identity: given.or(before),
        })
    }
}

impl Asked<'_> {
    /// What needs a permission of its own beside that to assume the role.
    fn further_actions(&self) -> impl Iterator<Item = &'static str> {
        let tag = (!self.tags.given.is_empty()).then_some(TAG);
        let identity = self.source_identity.map(|_| SET_IDENTITY);
        tag.into_iter().chain(identity)
    }
}

/// Whether both sides agree to what is asked.
fn may(
    caller: &Caller,
    call: &Call,
    asked: &Asked<'_>,
    mfa: bool,
    action: &str,
    role: &Role,
) -> bool {
    let mut context = context(caller, call).with("sts:RoleSessionName", asked.session_name);
    context = caller.controls.tell_of_resource(context, asked.account);
    context = with_tags(context, &asked.tags);
    if let Some(identity) = asked.source_identity {
        context = context.with("sts:SourceIdentity", identity);
    }
    if let Some(id) = asked.external_id {
        context = context.with("sts:ExternalId", id);
    }
    if mfa {
        context = context
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "0");
    }
    let question = Question {
        action,
        resource: asked.arn,
        context: &context,
    };
    agree(caller, asked.account, &role.trust, &question)
}

/// In the caller's own account a trust policy that names the caller is enough, unless the caller is
/// denied it or the organization does not leave it to the account; everywhere else the caller's
/// policies have to allow it too.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>
fn agree(caller: &Caller, account: &str, trust: &Policy, question: &Question<'_>) -> bool {
    let own = Own::of(caller, question);
    let outcome = match question.ask_trust(trust, caller) {
        Trust::Denied | Trust::Nobody => return false,
        _ if account != caller.account => own.outcome(),
        Trust::Account => own.outcome(),
        Trust::Role => own.denied().and_then(|()| own.limited()),
        Trust::Caller => own.denied(),
    };
    outcome.is_ok()
}

/// Account and name of `arn:aws:iam::111111111111:role/path/name`. No partition knows the roles of
/// another one.
fn role_of(arn: &str, partition: Partition) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let head = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
    let fine =
        head == ("arn", partition.word(), "iam", "") && is_account_id(account) && !name.is_empty();
    fine.then_some((account, name))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::iam::condition::Context;
    use crate::iam::policy::PolicyKind;
    use crate::iam::service_control::Levels;

    #[test]
    fn who_is_trusted_by_name_is_still_bound_by_what_only_narrows() {
        const OTHERS: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let context = Context::default();
        let question = Question {
            action: ACTION,
            resource: "arn:aws:iam::111111111111:role/r",
            context: &context,
        };
        let trust = |principal: &str| {
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:*"}}}}"#
            );
            Policy::parse(&text, PolicyKind::Trust).unwrap()
        };
        let agrees = |caller: &Caller, account: &str, principal: &str| {
            agree(caller, account, &trust(principal), &question)
        };
        let (home, role) = ("111111111111", "arn:aws:iam::111111111111:role/own");
        let mut anna = Caller::for_tests(home, "anna");
        let arn = anna.arn.clone();
        assert!(agrees(&anna, home, &arn));
        assert!(!agrees(&anna, home, home));
        assert!(!agrees(&anna, "222222222222", &arn));
        // The boundary of a user does not narrow what names that user, as that of a role does.
        let boundary = Policy::parse(OTHERS, PolicyKind::Identity).unwrap();
        anna.boundary = Some(Arc::new(boundary));
        assert!(agrees(&anna, home, &arn));
        anna.role_arn = Some(role.to_owned());
        assert!(!agrees(&anna, home, role));
        anna.boundary = None;
        assert!(agrees(&anna, home, role));
        let level = [Arc::new(
            Policy::parse(OTHERS, PolicyKind::Identity).unwrap(),
        )];
        anna.controls = Levels::new(vec![Arc::from(level)], Vec::new(), "o-1", String::new());
        assert!(!agrees(&anna, home, role));
        assert!(!agrees(&anna, home, &arn));
    }
}
