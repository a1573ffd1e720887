//! IAM Access Analyzer: what is wrong with a policy.
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_Operations.html>

use http::request::Parts;
use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;
use crate::query::Params;

/// The operation that a method and a path mean; empty if none.
pub(crate) fn operation(head: &Parts) -> &'static str {
    match (head.method.as_str(), head.uri.path()) {
        _ => "",
    }
}

/// Answers one operation.
pub(crate) fn answer(
    _around: &Around<'_>,
    _call: &Call,
    operation: &str,
    _params: &Params,
    _input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        _ => Err(ApiError::new("UnknownOperationException", "").with_status(404)),
    }
}
