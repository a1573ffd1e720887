//! The operations of STS that the sandbox answers. Who may assume a role is in `assume_role`.

mod assume_role;
mod federation;
mod identity_tokens;
mod keys;
mod session_policies;
mod session_tags;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use time::{Duration, OffsetDateTime};

use crate::api::{ApiError, Call};
use crate::iam::account::iam_arn;
use crate::iam::authorise::{Reason, context, decide, refusal};
use crate::iam::caller::{Brought, Caller, Identity, SessionFacts};
use crate::iam::evaluate::Decision;
use crate::iam::{Iam, Session};
use crate::protocol::seconds;
use crate::query::Params;
use crate::xml::Xml;
pub(crate) use identity_tokens::refuse as refuse_identity_token;

/// Answers one operation; `None` if STS has none of this name here.
pub(crate) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    operation: &str,
    params: &Params,
) -> Option<Result<Xml, ApiError>> {
    let carry_out: Operation = match operation {
        "AssumeRole" => assume_role::answer,
        "DecodeAuthorizationMessage" => keys::decode_message,
        "GetAccessKeyInfo" => keys::access_key,
        "GetCallerIdentity" => |_, caller, _, _| Ok(caller_identity(caller)),
        "GetFederationToken" => federation::answer,
        "GetSessionToken" => session_token,
        _ => return None,
    };
    let may_ask = session_may_ask(caller, operation);
    Some(may_ask.and_then(|()| carry_out(iam, caller, call, params)))
}

type Operation = fn(&Iam, &Caller, &Call, &Params) -> Result<Xml, ApiError>;

/// What temporary credentials may ask STS depends on the operation that made them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
fn session_may_ask(caller: &Caller, operation: &str) -> Result<(), ApiError> {
    let (may, credentials) = match caller.identity {
        _ if caller.session.is_none() => return Ok(()),
        Identity::User { .. } if caller.is_federated() => {
            (operation == "GetCallerIdentity", "federation token")
        }
        Identity::User { .. } => (
            matches!(operation, "AssumeRole" | "GetCallerIdentity"),
            "session",
        ),
        Identity::Role { .. } => (
            !matches!(operation, "GetFederationToken" | "GetSessionToken"),
            "session",
        ),
    };
    if may {
        return Ok(());
    }
    Err(denied(format!(
        "Cannot call {operation} with {credentials} credentials"
    )))
}

/// Needs no permission; not even an explicit deny takes it away.
fn caller_identity(caller: &Caller) -> Xml {
    Xml::new()
        .text("Arn", &caller.arn)
        .text("UserId", &caller.user_id)
        .text("Account", &caller.account)
}

fn session_token(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    // Needs no permission, but can be denied.
    let action = "sts:GetSessionToken";
    let context = context(caller, call);
    if let (Decision::ExplicitDeny, kind) = decide(caller, &context, action, "*") {
        let reason = Reason::Denied(kind).of(action).to_string();
        return Err(refusal(caller, action, "*", &reason));
    }
    let duration = duration(params, 900..=129_600, 43_200)?;
    let mfa_at = check_mfa(iam, caller, call, params)?;
    let facts = SessionFacts {
        issued_at: call.now,
        mfa_at,
        policy: None,
        brought: Brought::default(),
    };
    let identity = caller.identity.clone();
    let session = iam.start_session(&caller.account, identity, facts, call.now + duration);
    Ok(Xml::new().inside("Credentials", show_credentials(&session)))
}

fn show_credentials(session: &Session) -> Xml {
    Xml::new()
        .text("AccessKeyId", &session.key_id)
        .text("SecretAccessKey", &session.secret)
        .text("SessionToken", &session.token)
        .text("Expiration", seconds(session.expires_at))
}

/// When the MFA code of this request was checked; `None` if it brings none.
fn check_mfa(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Option<OffsetDateTime>, ApiError> {
    if let Some(serial) = params.one("SerialNumber") {
        check_text("serialNumber", serial, 9..=256, "=/:,.@-", "[\\w+=/:,.@-]*")?;
    }
    if let Some(code) = params.one("TokenCode") {
        check_text("tokenCode", code, 6..=6, "", "[\\d]*")?;
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(unfit("tokenCode", code, &mismatch("[\\d]*")));
        }
    }
    let (serial, code) = match (params.one("SerialNumber"), params.one("TokenCode")) {
        (None, None) => return Ok(None),
        (Some(serial), Some(code)) => (serial, code),
        _ => {
            return Err(denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one \
                 time pass code.",
            ));
        }
    };
    let is_own = {
        let state = iam.read();
        let account = state.accounts.get(&caller.account);
        let own = caller.user_name().zip(account);
        own.is_some_and(|(name, account)| {
            let mut devices = account.devices_of(name);
            devices.any(|(device, _)| iam_arn(caller.partition, &caller.account, device) == serial)
        })
    };
    if !is_own {
        return Err(denied(
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your \
             MFA serial number is valid and associated with this user.",
        ));
    }
    if !iam.take_mfa_code(serial, code, OffsetDateTime::now_utc()) {
        return Err(denied(
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        ));
    }
    Ok(Some(call.now))
}

fn duration(
    params: &Params,
    range: RangeInclusive<u32>,
    default: u32,
) -> Result<Duration, ApiError> {
    let Some(text) = params.one("DurationSeconds") else {
        return Ok(Duration::seconds(default.into()));
    };
    let value: i32 = text.parse().map_err(|_| malformed_number())?;
    let fits = u32::try_from(value)
        .ok()
        .filter(|value| range.contains(value));
    if let Some(seconds) = fits {
        return Ok(Duration::seconds(seconds.into()));
    }
    let constraint = if i64::from(value) < i64::from(*range.start()) {
        format!("greater than or equal to {}", range.start())
    } else {
        format!("less than or equal to {}", range.end())
    };
    Err(invalid(format!(
        "1 validation error detected: Value '{value}' at 'durationSeconds' failed to satisfy \
         constraint: Member must have value {constraint}"
    )))
}

fn malformed_number() -> ApiError {
    ApiError::new("MalformedInput", "DurationSeconds is not a number")
}

fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", sentence)
}

fn denied(sentence: impl Into<String>) -> ApiError {
    ApiError::new("AccessDenied", sentence).with_status(403)
}

/// A parameter that has to be there.
fn required<'p>(params: &'p Params, name: &str, member: &str) -> Result<&'p str, ApiError> {
    params.one(name).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

fn check_text(
    member: &str,
    value: &str,
    length: RangeInclusive<usize>,
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
        mismatch(pattern)
    } else {
        return Ok(());
    };
    Err(unfit(member, value, &constraint))
}

fn mismatch(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

fn unfit(member: &str, value: &str, constraint: &str) -> ApiError {
    let shown: String = value.chars().take(200).collect();
    invalid(format!(
        "1 validation error detected: Value '{shown}' at '{member}' failed to satisfy constraint: \
         {constraint}"
    ))
}
