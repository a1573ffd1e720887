//! Tags of log groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{group, group_mut, invalid, named_by_arn, no_group, read, required, text};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::authorise::authorize;
use crate::neighbours::Around;

/// Tags that one group may have.
const MOST: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    resource_arn: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    tag_keys: Option<Vec<String>>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html>
pub(super) fn tag_resource(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let tags = required("tags", asked.tags)?;
    check(&tags)?;
    let name = admitted(call, "TagResource", asked.resource_arn)?;
    let mut state = around.neighbours.logs.write(around.revision);
    let known = &group(&state, call, &name)?.tags;
    if tags
        .keys()
        .chain(known.keys())
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        > MOST
    {
        return Err(ApiError::new(
            "TooManyTagsException",
            "A resource can have no more than 50 tags.",
        ));
    }
    group_mut(&mut state, call, &name)?.tags.extend(tags);
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html>
pub(super) fn untag_resource(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let keys = required("tagKeys", asked.tag_keys)?;
    let name = admitted(call, "UntagResource", asked.resource_arn)?;
    let mut state = around.neighbours.logs.write(around.revision);
    let group = group_mut(&mut state, call, &name)?;
    group.tags.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html>
pub(super) fn list_tags_for_resource(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let name = admitted(call, "ListTagsForResource", asked.resource_arn)?;
    let state = around.neighbours.logs.read();
    Ok(json!({ "tags": group(&state, call, &name)?.tags }))
}

pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let fits = |is: char| is.is_alphanumeric() || is == ' ' || "_.:/=+-@".contains(is);
    let fit = |text: &str, most| text.chars().count() <= most && text.chars().all(fits);
    for (key, value) in tags {
        if key.is_empty() || key.starts_with("aws:") || !fit(key, 128) || !fit(value, 256) {
            return Err(invalid(format!("The tag '{key}' is not valid.")));
        }
    }
    if tags.len() > MOST {
        return Err(invalid("There can be no more than 50 tags."));
    }
    Ok(())
}

/// The group of the ARN, if the caller may. Tags are asked about by the group's plain ARN.
fn admitted(call: &Call, operation: &str, arn: Option<String>) -> Result<String, ApiError> {
    let arn = text("resourceArn", arn, 1_011)?;
    if !arn.starts_with("arn:") {
        return Err(invalid("The resourceArn is not valid."));
    }
    authorize(&call.caller, call, &format!("logs:{operation}"), &arn)?;
    named_by_arn(call, &arn).ok_or_else(no_group)
}
