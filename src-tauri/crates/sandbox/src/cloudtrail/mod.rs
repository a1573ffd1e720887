//! AWS CloudTrail: what was done, by whom.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html>

#[cfg(test)]
pub(crate) mod testing;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// What it remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {}

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
