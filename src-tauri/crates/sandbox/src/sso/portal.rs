//! The portal (`sso`): which accounts and roles a signed-in person has, and their credentials.
//!
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/>

use http::request::Parts;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::directory::{self, Assignment, USER};
use super::{SignIn, Sso, State, unauthorized};
use crate::api::{ApiError, ApiResult};
use crate::iam::caller::{Brought, Identity, SessionFacts};
use crate::protocol::Ask;
use crate::query::Params;

/// How long a permission set's sessions last, unless its administrator says otherwise.
const SESSION: Duration = Duration::hours(1);

const MOST_RESULTS: usize = 100;

pub(super) fn answer(sso: &Sso, ask: &Ask, head: &Parts, now: OffsetDateTime) -> ApiResult {
    let sign_in = bearer(&sso.read(), head, now)?;
    match ask.operation.as_str() {
        "GetRoleCredentials" => role_credentials(sso, &ask.params, now),
        "ListAccounts" => list_accounts(sso, &ask.params),
        "ListAccountRoles" => list_account_roles(sso, &ask.params),
        _ => {
            logout(sso, &sign_in);
            Ok(Value::Null)
        }
    }
}

/// The sign-in whose access token the request brings.
pub(super) fn bearer(state: &State, head: &Parts, now: OffsetDateTime) -> Result<SignIn, ApiError> {
    let token = head.headers.get("x-amz-sso_bearer_token");
    let token = token.ok_or_else(unauthorized)?.as_bytes();
    let valid = |sign_in: &&SignIn| {
        sign_in.access_token.as_bytes() == token && sign_in.expires_at > now && sign_in.opens_portal
    };
    let found = state.sign_ins.iter().find(valid);
    found.cloned().ok_or_else(unauthorized)
}

fn role_credentials(sso: &Sso, params: &Params, now: OffsetDateTime) -> ApiResult {
    let account = required(params, "account_id")?;
    let wanted = required(params, "role_name")?;
    let assigned = assignment(sso, account)?;
    let set = assigned
        .permission_sets
        .iter()
        .find(|set| set.name == wanted)
        .ok_or_else(no_access)?;
    let identity = Identity::Role {
        name: set.role_name(),
        session_name: USER.to_owned(),
    };
    let facts = SessionFacts {
        issued_at: now,
        mfa_at: None,
        policy: None,
        brought: Brought::default(),
    };
    let session = sso
        .iam
        .start_session(account, identity, facts, now + SESSION);
    Ok(json!({ "roleCredentials": {
        "accessKeyId": session.key_id,
        "secretAccessKey": session.secret,
        "sessionToken": session.token,
        // Milliseconds, unlike every other time of this service.
        "expiration": session.expires_at.unix_timestamp() * 1_000,
    }}))
}

fn list_accounts(sso: &Sso, params: &Params) -> ApiResult {
    let accounts = directory::assignments(&sso.iam)
        .into_iter()
        .map(|assignment| {
            json!({
                "accountId": assignment.account,
                "accountName": assignment.name,
                "emailAddress": assignment.email,
            })
        })
        .collect();
    page(params, "accountList", accounts)
}

fn list_account_roles(sso: &Sso, params: &Params) -> ApiResult {
    let account = required(params, "account_id")?;
    let roles = assignment(sso, account)?
        .permission_sets
        .iter()
        .map(|set| json!({ "roleName": set.name, "accountId": account }))
        .collect();
    page(params, "roleList", roles)
}

/// Ends the sign-in with all its tokens. Credentials that it gave out stay good until they run out.
fn logout(sso: &Sso, sign_in: &SignIn) {
    sso.write().sign_ins.retain(|known| known.id != sign_in.id);
}

fn assignment(sso: &Sso, account: &str) -> Result<&'static Assignment, ApiError> {
    directory::assignments(&sso.iam)
        .into_iter()
        .find(|assignment| assignment.account == account)
        .ok_or_else(no_access)
}

/// One page; the token says how many entries came before it.
fn page(params: &Params, name: &str, all: Vec<Value>) -> ApiResult {
    let length = match params.one("max_result").map(str::parse) {
        None => MOST_RESULTS,
        Some(Ok(length @ 1..=MOST_RESULTS)) => length,
        Some(_) => return Err(invalid("max_result must be between 1 and 100")),
    };
    let before: usize = match params.one("next_token").map(str::parse) {
        None => 0,
        Some(Ok(before)) if before <= all.len() => before,
        Some(_) => return Err(invalid("next_token is invalid")),
    };
    let end = all.len().min(before + length);
    let next = (end < all.len()).then(|| end.to_string());
    Ok(json!({ name: all[before..end], "nextToken": next }))
}

fn required<'p>(params: &'p Params, name: &str) -> Result<&'p str, ApiError> {
    params
        .one(name)
        .ok_or_else(|| invalid(&format!("{name} is required")))
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new("InvalidRequestException", sentence)
}

/// AWS's answer for an account or a role that is not assigned; it is in none of its models.
fn no_access() -> ApiError {
    ApiError::new("ForbiddenException", "No access").with_status(403)
}
