//! Tags of trails.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input;
use super::trail_form::named;
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Tags of a trail, and trails whose tags one request lists.
const MOST: usize = 50;
const MOST_LISTED: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    resource_id: Option<String>,
    resource_id_list: Option<Vec<String>>,
    tags_list: Option<Vec<Tag>>,
}

/// The tags of a request, each key once.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Tag.html>
pub(super) fn read(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    if tags.len() > MOST {
        return Err(too_many());
    }
    let mut read = BTreeMap::new();
    for Tag { key, value } in tags {
        let value = value.unwrap_or_default();
        let fits = (1..=128).contains(&key.chars().count())
            && value.chars().count() <= 256
            && !key.to_lowercase().starts_with("aws:");
        if !fits || read.insert(key, value).is_some() {
            return Err(ApiError::new(
                "InvalidTagParameterException",
                "A tag's key or value is not valid, or a key is there twice.",
            ));
        }
    }
    Ok(read)
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html>
pub(super) fn add_tags(around: &Around<'_>, call: &Call, input: &Map<String, Value>) -> ApiResult {
    let asked: Asked = input::read(input)?;
    let tags = read(asked.tags_list.unwrap_or_default())?;
    let arn = admitted(call, "AddTags", asked.resource_id.as_deref())?;
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    let trail = state.trails.get_mut(&arn).ok_or_else(|| unknown(&arn))?;
    let known = &trail.tags;
    let fresh = tags.keys().filter(|key| !known.contains_key(*key)).count();
    if known.len() + fresh > MOST {
        return Err(too_many());
    }
    trail.tags.extend(tags);
    Ok(json!({}))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html>
pub(super) fn remove_tags(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = input::read(input)?;
    let arn = admitted(call, "RemoveTags", asked.resource_id.as_deref())?;
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    let trail = state.trails.get_mut(&arn).ok_or_else(|| unknown(&arn))?;
    for tag in asked.tags_list.into_iter().flatten() {
        trail.tags.remove(&tag.key);
    }
    Ok(json!({}))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html>
pub(super) fn list_tags(around: &Around<'_>, call: &Call, input: &Map<String, Value>) -> ApiResult {
    let asked: Asked = input::read(input)?;
    let names = asked.resource_id_list.unwrap_or_default();
    if names.len() > MOST_LISTED {
        return Err(ApiError::new(
            "InvalidParameterException",
            format!("The tags of no more than {MOST_LISTED} trails can be listed."),
        ));
    }
    let arns: Vec<String> = names
        .iter()
        .map(|name| admitted(call, "ListTags", Some(name)))
        .collect::<Result<_, _>>()?;
    let state = around.neighbours.cloudtrail.read();
    let mut shown = Vec::new();
    for arn in arns {
        let trail = state.trails.get(&arn).ok_or_else(|| unknown(&arn))?;
        let tags = trail.tags.iter();
        let tags: Vec<Value> = tags
            .map(|(key, value)| json!({ "Key": key, "Value": value }))
            .collect();
        shown.push(json!({ "ResourceId": arn, "TagsList": tags }));
    }
    Ok(json!({ "ResourceTagList": shown }))
}

/// The ARN of a trail of this region, if the caller may.
fn admitted(call: &Call, operation: &str, arn: Option<&str>) -> Result<String, ApiError> {
    let arn = arn.unwrap_or_default();
    if !arn.starts_with("arn:") {
        return Err(ApiError::new(
            "CloudTrailARNInvalidException",
            format!("The ARN {arn} is not that of a trail."),
        ));
    }
    let (_, home) = named(call, Some(arn))?;
    input::permit(call, operation, arn)?;
    if home == call.region {
        return Ok(arn.to_owned());
    }
    Err(unknown(arn))
}

fn unknown(arn: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("There is no trail {arn} in this region."),
    )
}

fn too_many() -> ApiError {
    ApiError::new(
        "TagsLimitExceededException",
        format!("A trail has no more than {MOST} tags."),
    )
}
