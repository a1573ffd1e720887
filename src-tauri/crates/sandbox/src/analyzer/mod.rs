//! IAM Access Analyzer: what is wrong with a policy. It has no analyzers, and makes none.
//!
//! The checks are in `checks`; they work on a document whose every part knows where it stands (`json`).
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Operations.html>

mod actions;
mod checks;
mod condition_keys;
mod finding;
mod json;
mod list;
#[cfg(test)]
mod tests;
mod validate;

use http::request::Parts;
use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::query::Params;

/// The operation that a method and a path mean; empty if none.
pub(crate) fn operation(head: &Parts) -> &'static str {
    match (head.method.as_str(), head.uri.path()) {
        ("GET", "/analyzer") => "ListAnalyzers",
        ("POST", "/policy/validation") => "ValidatePolicy",
        _ => "",
    }
}

/// Answers one operation.
pub(crate) fn answer(
    call: &Call,
    operation: &str,
    params: &Params,
    input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        "ListAnalyzers" => list::list_analyzers(call, params),
        "ValidatePolicy" => validate::validate_policy(call, params, input),
        _ => Err(ApiError::new("UnknownOperationException", "").with_status(404)),
    }
}

/// How many entries a page has, if the request says it.
fn page_length(params: &Params, most: usize) -> Result<Option<usize>, ApiError> {
    let Some(text) = params.one("maxResults") else {
        return Ok(None);
    };
    let length = text.parse().ok();
    match length.filter(|length| (1..=most).contains(length)) {
        Some(length) => Ok(Some(length)),
        None => Err(invalid(
            "maxResults is out of range.",
            "fieldValidationFailed",
        )),
    }
}

fn invalid(sentence: &str, reason: &'static str) -> ApiError {
    ApiError::new("ValidationException", sentence).about("reason", reason)
}
