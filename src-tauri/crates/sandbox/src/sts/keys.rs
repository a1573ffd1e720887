//! What STS tells about access keys and encoded messages.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>

use super::{check_text, invalid, required};
use crate::api::{ApiError, Call};
use crate::iam::Iam;
use crate::iam::account::is_account_id;
use crate::iam::authorise::authorize;
use crate::iam::caller::Caller;
use crate::query::Params;
use crate::xml::Xml;

/// The account of an access key.
pub(super) fn access_key(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    let id = required(params, "AccessKeyId", "accessKeyId")?;
    // The sandbox's own access key ids may be shorter than those of AWS.
    check_text("accessKeyId", id, 1..=128, "", "[\\w]*")?;
    authorize(caller, call, "sts:GetAccessKeyInfo", "*")?;
    let state = iam.read();
    let account = state.account_of_key(id);
    let account = account.or_else(|| is_account_id(id).then_some(id));
    match account {
        Some(account) => Ok(Xml::new().text("Account", account)),
        None => Err(invalid(format!(
            "The specified value for AccessKeyId is not valid: {id}"
        ))),
    }
}

/// No refusal of the sandbox has an encoded message, and so there is none to decode.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
pub(super) fn decode_message(
    _: &Iam,
    caller: &Caller,
    call: &Call,
    params: &Params,
) -> Result<Xml, ApiError> {
    let message = required(params, "EncodedMessage", "encodedMessage")?;
    if message.chars().count() > 10_240 {
        return Err(invalid(
            "1 validation error detected: Value at 'encodedMessage' failed to satisfy constraint: \
             Member must have length less than or equal to 10240",
        ));
    }
    authorize(caller, call, "sts:DecodeAuthorizationMessage", "*")?;
    Err(ApiError::new(
        "InvalidAuthorizationMessageException",
        "Message is not valid.",
    ))
}
