//! Resource Groups Tagging: what bears which tags.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_Operations.html>

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Answers one operation.
pub(crate) fn answer(
    _around: &Around<'_>,
    _call: &Call,
    operation: &str,
    _input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}
