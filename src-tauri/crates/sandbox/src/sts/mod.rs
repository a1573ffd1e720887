//! The operations of STS that the sandbox answers. Who may assume a role is in `assume_role`.

mod assume_role;

use std::ops::RangeInclusive;

use time::{Duration, OffsetDateTime};

use crate::api::{ApiError, Call};
use crate::iam::account::iam_arn;
use crate::iam::authorise::{context, decide, refusal};
use crate::iam::caller::{Caller, SessionFacts};
use crate::iam::evaluate::Decision;
use crate::iam::{Iam, Session};
use crate::protocol::seconds;
use crate::query::Params;
use crate::xml::Xml;

/// Answers one operation; `None` if STS has none of this name here.
pub(crate) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    operation: &str,
    params: &Params,
) -> Option<Result<Xml, ApiError>> {
    Some(match operation {
        "AssumeRole" => assume_role::answer(iam, caller, call, params),
        "GetCallerIdentity" => Ok(caller_identity(caller)),
        "GetSessionToken" => session_token(iam, caller, call, params),
        _ => return None,
    })
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
    if caller.session.is_some() {
        return Err(denied(
            "Cannot call GetSessionToken with session credentials",
        ));
    }
    // Needs no permission, but can be denied.
    let action = "sts:GetSessionToken";
    if let (Decision::ExplicitDeny, _) = decide(caller, &context(caller, call), action, "*") {
        let reason = "with an explicit deny in an identity-based policy";
        return Err(refusal(caller, action, "*", reason));
    }
    let duration = duration(params, 900..=129_600, 43_200)?;
    let mfa_at = check_mfa(iam, caller, call, params)?;
    let facts = SessionFacts {
        issued_at: call.now,
        mfa_at,
        policy: None,
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
    let value: u32 = text.parse().map_err(|_| malformed_number())?;
    let constraint = if value < *range.start() {
        format!("greater than or equal to {}", range.start())
    } else if value > *range.end() {
        format!("less than or equal to {}", range.end())
    } else {
        return Ok(Duration::seconds(value.into()));
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
