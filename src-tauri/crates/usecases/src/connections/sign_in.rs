//! What a person does so that a connection signs in.

use ownkey_model::{
    AppError, Change, Field, Result, SealedText, SignInId, SignInRequest, SignInRequestId, Wanted,
};
use tokio_util::sync::CancellationToken;

use super::secret::open_text;
use crate::Context;

/// Signs in in the browser; ends when that is done. `SignInCancelled` if it was left,
/// `SignInFailed` if the page said no or the time for it ran out.
pub async fn sign_in(
    cx: &Context,
    id: SignInId,
    open_page: &(dyn Fn(&str) -> Result<()> + Send + Sync),
    cancelled: &CancellationToken,
) -> Result<()> {
    let signed_in = tokio::select! {
        () = cancelled.cancelled() => Err(AppError::SignInCancelled),
        outcome = cx.aws.sign_in(&id, open_page) => outcome,
    };
    (cx.announce)(Change::Connections);
    signed_in
}

/// What a person is asked for now, the oldest first.
pub fn list_sign_in_requests(cx: &Context) -> Vec<SignInRequest> {
    cx.aws.sign_in_requests()
}

/// Gives the code that an MFA device shows to everybody who waits for it, and ends when AWS has judged
/// it. `NotFound` if nobody waits; `InvalidInput`, and the request stays open, for a code that AWS
/// refuses.
pub async fn answer_mfa_request(
    cx: &Context,
    id: &SignInRequestId,
    code: &SealedText,
) -> Result<()> {
    let code = open_text(cx, code, Field::MfaCode)?;
    cx.aws.answer_mfa_request(id, code).await
}

/// Gives up: whoever waits is told `SignInCancelled`.
pub fn cancel_sign_in_request(cx: &Context, id: &SignInRequestId) {
    cx.aws.cancel_sign_in_request(id);
}

/// Opens the page of a sign-in in the browser once more.
pub fn open_sign_in_page(
    cx: &Context,
    id: &SignInRequestId,
    open_page: impl FnOnce(&str) -> Result<()>,
) -> Result<()> {
    let request = cx
        .aws
        .sign_in_requests()
        .into_iter()
        .find(|one| one.id == *id);
    match request.map(|request| request.wanted) {
        Some(Wanted::Browser { url, .. }) => open_page(&url),
        _ => Err(AppError::NotFound {
            what: "sign-in page".into(),
        }),
    }
}
