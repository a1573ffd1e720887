//! `AssumeRole`: the role's trust policy and the caller's own policies have to agree.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::sync::Arc;

use time::Duration;

use super::{check_mfa, duration, invalid, show_credentials};
use crate::api::{ApiError, Call};
use crate::iam::Iam;
use crate::iam::account::{Role, is_account_id};
use crate::iam::authorise::{context, decide, refusal};
use crate::iam::caller::{Caller, Identity, SessionFacts};
use crate::iam::evaluate::{Decision, Question, Trust};
use crate::iam::policy::{Policy, PolicyKind};
use crate::query::Params;
use crate::regions::Partition;
use crate::xml::Xml;

const ACTION: &str = "sts:AssumeRole";

/// AWS's limit for a role that another role's session assumes.
const LONGEST_CHAINED: Duration = Duration::hours(1);

pub(super) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    let asked = Asked::read(params, caller.partition)?;
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
        let Some(role) = role.filter(|role| may(caller, call, &asked, mfa_at.is_some(), role))
        else {
            return Err(refusal(caller, ACTION, asked.arn, ""));
        };
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
    let packed = asked
        .policy
        .as_ref()
        .map(|policy| policy.text.len() * 100 / 2_048);
    let identity = Identity::Role {
        name: asked.role_name.to_owned(),
        session_name: asked.session_name.to_owned(),
    };
    let facts = SessionFacts {
        issued_at: call.now,
        mfa_at,
        policy: asked.policy.clone(),
    };
    let session = iam.start_session(asked.account, identity, facts, call.now + asked.duration);
    let user = Xml::new()
        .text("AssumedRoleId", format!("{role_id}:{}", asked.session_name))
        .text("Arn", session_arn);
    Ok(Xml::new()
        .inside("Credentials", show_credentials(&session))
        .inside("AssumedRoleUser", user)
        .maybe("PackedPolicySize", packed))
}

/// The parameters, checked.
struct Asked<'a> {
    arn: &'a str,
    account: &'a str,
    role_name: &'a str,
    session_name: &'a str,
    external_id: Option<&'a str>,
    duration: Duration,
    policy: Option<Arc<Policy>>,
}

impl<'a> Asked<'a> {
    fn read(params: &'a Params, partition: Partition) -> Result<Self, ApiError> {
        let required = |name: &str, member: &str| {
            params.one(name).ok_or_else(|| {
                invalid(format!(
                    "1 validation error detected: Value null at '{member}' failed to satisfy \
                     constraint: Member must not be null"
                ))
            })
        };
        let arn = required("RoleArn", "roleArn")?;
        let session_name = required("RoleSessionName", "roleSessionName")?;
        let (account, role_name) =
            role_of(arn, partition).ok_or_else(|| invalid(format!("{arn} is invalid")))?;
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
        // Accepting these and then not honouring them would grant more than was asked for.
        for prefix in [
            "PolicyArns.",
            "Tags.",
            "TransitiveTagKeys.",
            "SourceIdentity",
            "ProvidedContexts.",
        ] {
            if params.any_below(prefix) {
                let name = prefix.trim_end_matches('.');
                return Err(invalid(format!(
                    "The sandbox does not know the parameter {name}."
                )));
            }
        }
        let policy = match params.one("Policy") {
            None => None,
            Some(text) if text.len() > 2_048 => {
                return Err(ApiError::new(
                    "PackedPolicyTooLarge",
                    "Packed policy consumes more than 100% of allotted space.",
                ));
            }
            Some(text) => {
                let policy = Policy::parse(text, PolicyKind::Identity)
                    .map_err(|wrong| ApiError::new("MalformedPolicyDocument", wrong.0))?;
                Some(Arc::new(policy))
            }
        };
        let duration = duration(params, 900..=43_200, 3_600)?;
        Ok(Self {
            arn,
            account,
            role_name,
            session_name,
            external_id,
            duration,
            policy,
        })
    }
}

/// Whether both sides agree. In the caller's own account a trust policy that names the caller is
/// enough; everywhere else the caller's policies have to allow it too.
fn may(caller: &Caller, call: &Call, asked: &Asked<'_>, mfa: bool, role: &Role) -> bool {
    let mut context = context(caller, call).with("sts:RoleSessionName", asked.session_name);
    if let Some(id) = asked.external_id {
        context = context.with("sts:ExternalId", id);
    }
    if mfa {
        context = context
            .with("aws:MultiFactorAuthPresent", "true")
            .with("aws:MultiFactorAuthAge", "0");
    }
    let question = Question {
        action: ACTION,
        resource: asked.arn,
        context: &context,
    };
    let trust = question.ask_trust(&role.trust, caller);
    let (own, _) = decide(caller, &context, ACTION, asked.arn);
    match (trust, own) {
        (Trust::Denied | Trust::Nobody, _) | (_, Decision::ExplicitDeny) => false,
        (Trust::Caller | Trust::Account, Decision::Allowed) => true,
        (Trust::Caller, Decision::ImplicitDeny) => {
            asked.account == caller.account
                && caller
                    .session
                    .as_ref()
                    .is_none_or(|session| session.policy.is_none())
        }
        (Trust::Account, Decision::ImplicitDeny) => false,
    }
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

fn check_text(
    member: &str,
    value: &str,
    length: std::ops::RangeInclusive<usize>,
    extra: &str,
    pattern: &str,
) -> Result<(), ApiError> {
    let constraint = if value.chars().count() < *length.start() {
        format!(
            "Member must have length greater than or equal to {}",
            length.start()
        )
    } else if value.chars().count() > *length.end() {
        format!(
            "Member must have length less than or equal to {}",
            length.end()
        )
    } else if !value
        .chars()
        .all(|is| is.is_ascii_alphanumeric() || is == '_' || is == '+' || extra.contains(is))
    {
        format!("Member must satisfy regular expression pattern: {pattern}")
    } else {
        return Ok(());
    };
    let shown: String = value.chars().take(200).collect();
    Err(invalid(format!(
        "1 validation error detected: Value '{shown}' at '{member}' failed to satisfy constraint: \
         {constraint}"
    )))
}
