//! Resource Groups Tagging: what bears which tags.
//!
//! The tags themselves lie with what bears them; `resources` finds them, `bearers` changes them.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_Operations.html>

mod bearers;
mod change;
mod input;
mod resources;
mod search;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::iam::authorise::authorize;
use crate::neighbours::Around;
use input::Input;

/// Answers one operation.
pub(crate) async fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked = Asked {
        around,
        call,
        input: Input(input),
    };
    match operation {
        "GetResources" => asked.resources(),
        "GetTagKeys" => asked.keys(),
        "GetTagValues" => asked.values(),
        "TagResources" => asked.tag().await,
        "UntagResources" => asked.untag().await,
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}

/// One authenticated question.
struct Asked<'a> {
    around: &'a Around<'a>,
    call: &'a Call,
    input: Input<'a>,
}

impl Asked<'_> {
    fn allow(&self, operation: &str) -> Result<(), ApiError> {
        let action = format!("tag:{operation}");
        authorize(&self.call.caller, self.call, &action, "*")
    }
}
