//! `ListAnalyzers`: there are none.

use serde_json::json;

use super::{invalid, page_length};
use crate::api::{ApiResult, Call};
use crate::iam::authorise::authorize;
use crate::query::Params;

const TYPES: [&str; 6] = [
    "ACCOUNT",
    "ORGANIZATION",
    "ACCOUNT_UNUSED_ACCESS",
    "ORGANIZATION_UNUSED_ACCESS",
    "ACCOUNT_INTERNAL_ACCESS",
    "ORGANIZATION_INTERNAL_ACCESS",
];

/// <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html>
pub(super) fn list_analyzers(call: &Call, params: &Params) -> ApiResult {
    page_length(params, 1_000)?;
    if params
        .one("type")
        .is_some_and(|kind| !TYPES.contains(&kind))
    {
        return Err(invalid("type is not valid.", "fieldValidationFailed"));
    }
    let word = call.caller.partition.word();
    let all = format!(
        "arn:{word}:access-analyzer:{}:{}:analyzer/*",
        call.region, call.account
    );
    authorize(&call.caller, call, "access-analyzer:ListAnalyzers", &all)?;
    Ok(json!({ "analyzers": [] }))
}
