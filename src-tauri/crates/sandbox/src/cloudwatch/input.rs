//! Reads requests, and words the refusals that the operations share.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::{ApiError, Call};
use crate::iam::authorise::authorize;
use crate::regions::Partition;

/// The members of a request in the type that an operation wants; absent ones are `None`.
pub(super) fn read<T: DeserializeOwned>(input: &Map<String, Value>) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(input.clone()))
        .map_err(|problem| ApiError::new("SerializationException", problem.to_string()))
}

/// A text that has to be there.
pub(super) fn text(member: &str, value: Option<String>, most: usize) -> Result<String, ApiError> {
    let value = value.unwrap_or_default();
    if (1..=most).contains(&value.chars().count()) {
        return Ok(value);
    }
    Err(invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must \
         have length between 1 and {most}"
    )))
}

/// `MaxRecords`, or 100.
pub(super) fn length(asked: Option<i64>) -> Result<usize, ApiError> {
    match asked.map(usize::try_from) {
        None => Ok(100),
        Some(Ok(number)) if (1..=100).contains(&number) => Ok(number),
        Some(_) => Err(invalid(
            "1 validation error detected: Value at 'maxRecords' failed to satisfy constraint: Member \
             must have value between 1 and 100",
        )),
    }
}

/// The part of `rows` that the token asks for, and the next token, which is bound to the request.
pub(super) fn page<T>(
    rows: Vec<T>,
    length: usize,
    token: Option<String>,
    bound: &str,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token.filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => read_token(&token, bound).ok_or_else(bad_token)?,
    };
    let end = start.saturating_add(length);
    let next = (end < rows.len()).then(|| URL_SAFE_NO_PAD.encode(format!("{end}\n{bound}")));
    Ok((rows.into_iter().skip(start).take(length).collect(), next))
}

fn read_token(token: &str, bound: &str) -> Option<usize> {
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (start, of) = token.split_once('\n')?;
    (of == bound).then(|| start.parse().ok())?
}

/// Refuses who may not do `operation`.
pub(super) fn permit(call: &Call, operation: &str, resource: &str) -> Result<(), ApiError> {
    authorize(
        &call.caller,
        call,
        &format!("cloudwatch:{operation}"),
        resource,
    )
}

pub(super) fn alarm_arn(call: &Call, name: &str) -> String {
    let partition = Partition::of(&call.region).word();
    let (region, account) = (&call.region, &call.account);
    format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}")
}

pub(super) fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", sentence)
}

/// What the operations on metrics refuse.
pub(super) fn invalid_value(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", sentence)
}

fn bad_token() -> ApiError {
    ApiError::new("InvalidNextToken", "The next token is not valid.")
}
