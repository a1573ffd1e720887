//! Who sent a request: the one step between what its head says and what its caller may do.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::request::Parts;
use time::OffsetDateTime;

use crate::api::ApiError;
use crate::iam::Iam;
use crate::iam::caller::Caller;
use crate::protocol::Ask;
use crate::query::is_overfull;
use crate::regions::{self, Partition};
use crate::services::{Form, Service};
use crate::sigv4::SignatureProblem;

/// Who sent the request, proved by its signature. A form that was too large to be read is refused before.
pub(crate) fn authenticate(
    iam: &Iam,
    ask: &Ask,
    head: &Parts,
    body: &[u8],
    now: OffsetDateTime,
) -> Result<Caller, ApiError> {
    let service = ask.service;
    if matches!(service.form(), Form::Query { .. }) && is_overfull(body) {
        return Err(service.too_large(&ask.operation, body.len()));
    }
    let authorization = ask
        .authorization
        .as_ref()
        .map_err(|problem| service.unsigned(problem.clone()))?;
    let partition = Partition::of(&authorization.region);
    let credential = iam
        .credential(&authorization.key_id, partition)
        .ok_or_else(|| service.unknown_credentials())?;
    match (&credential.token, authorization.token(head)) {
        (None, None) => {}
        (Some(_), None) => return Err(service.unknown_credentials()),
        (Some(token), Some(given)) if verify_slices_are_equal(token.as_bytes(), given).is_ok() => {}
        (_, Some(_)) => return Err(service.wrong_token()),
    }
    authorization
        .verify(head, body, &credential.secret, OffsetDateTime::now_utc())
        .map_err(|problem| service.unsigned(problem))?;
    if !regions::exists(&authorization.region) {
        let sentence = "Credential should be scoped to a valid region.".to_owned();
        return Err(service.unsigned(SignatureProblem::Mismatch(sentence)));
    }
    if credential.expires_at.is_some_and(|end| end <= now) {
        return Err(service.expired_credentials());
    }
    iam.caller(&credential, partition, now)
        .ok_or_else(|| service.unknown_credentials())
}

/// AWS lets credentials of `GetSessionToken` ask IAM only if an MFA code was given for them.
pub(crate) fn session_may_ask_iam(caller: &Caller) -> Result<(), ApiError> {
    if caller.is_federated() {
        let sentence = "Cannot call IAM operations with federation token credentials";
        return Err(ApiError::new("AccessDenied", sentence).with_status(403));
    }
    match (&caller.session, caller.user_name()) {
        (Some(session), Some(_)) if session.mfa_at.is_none() => {
            Err(Service::Iam.unknown_credentials())
        }
        _ => Ok(()),
    }
}
