//! `TagResource`, `UntagResource` and `ListTags`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::CloudHsm;
use super::cluster::Room;
use super::clusters::{mark, marked, page_size};
use super::input::{check_id, invalid, not_found, read, required};
use super::permissions::Tagged;
use crate::api::{ApiError, ApiResult, Call};

/// Tags that a cluster can have.
pub(super) const TAGS_MAX: usize = 50;

/// The most that one page holds.
const PAGE_MAX: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    resource_id: Option<String>,
    tag_list: Option<Vec<Tag>>,
    tag_key_list: Option<Vec<String>>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// `TagResource`.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_TagResource.html>
pub(super) fn tag_resource(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let id = resource(asked.resource_id)?;
    let new = checked(required("TagList", asked.tag_list)?)?;
    if new.is_empty() {
        return Err(invalid("TagList needs at least one tag."));
    }
    let tagged = Tagged {
        added: Some(&new),
        removed: &[],
    };
    cloudhsm.allow(call, "TagResource", Some(&id), &tagged)?;
    cloudhsm.with_room_mut(call, |room, _| {
        let tags = tags_mut(room, &id)?;
        let added = new.keys().filter(|key| !tags.contains_key(*key)).count();
        if tags.len() + added > TAGS_MAX {
            return Err(ApiError::new(
                "CloudHsmResourceLimitExceededException",
                format!("{id} can have {TAGS_MAX} tags."),
            ));
        }
        tags.extend(new);
        Ok(json!({}))
    })
}

/// `UntagResource`.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_UntagResource.html>
pub(super) fn untag_resource(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let id = resource(asked.resource_id)?;
    let keys = required("TagKeyList", asked.tag_key_list)?;
    if keys.is_empty() || keys.len() > TAGS_MAX {
        return Err(invalid("TagKeyList needs 1 to 50 keys."));
    }
    let tagged = Tagged {
        added: None,
        removed: &keys,
    };
    cloudhsm.allow(call, "UntagResource", Some(&id), &tagged)?;
    cloudhsm.with_room_mut(call, |room, _| {
        tags_mut(room, &id)?.retain(|key, _| !keys.contains(key));
        Ok(json!({}))
    })
}

/// `ListTags`, sorted by key.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_ListTags.html>
pub(super) fn list_tags(cloudhsm: &CloudHsm, call: &Call, input: &Map<String, Value>) -> ApiResult {
    let asked: Asked = read(input)?;
    let id = resource(asked.resource_id)?;
    let limit = page_size(asked.max_results, PAGE_MAX)?;
    let after = asked.next_token.as_deref().map(marked).transpose()?;
    cloudhsm.allow(call, "ListTags", Some(&id), &Tagged::default())?;
    cloudhsm.with_room(call, |room, now| {
        let cluster = room.cluster(&id, now).ok_or_else(|| not_found(&id))?;
        let is_next = |key: &String| after.as_ref().is_none_or(|after| key > after);
        let rest: BTreeMap<_, _> = cluster
            .tags
            .iter()
            .filter(|(key, _)| is_next(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let page: BTreeMap<_, _> = rest.clone().into_iter().take(limit).collect();
        let mut answer = json!({ "TagList": rendered(&page) });
        if let Some((last, _)) = page.last_key_value().filter(|_| page.len() < rest.len()) {
            answer["NextToken"] = mark(last).into();
        }
        Ok(answer)
    })
}

/// Tags as the API lists them.
pub(super) fn rendered(tags: &BTreeMap<String, String>) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// The tags of a request by key, if each is well formed.
pub(super) fn checked(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut found = BTreeMap::new();
    for tag in tags {
        let key = required("Key", tag.key)?;
        let value = required("Value", tag.value)?;
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid(
                "A tag has a key of 1 to 128 and a value of at most 256 characters.",
            ));
        }
        if key.starts_with("aws:") {
            return Err(ApiError::new(
                "CloudHsmTagException",
                "Tag keys that begin with aws: are reserved.",
            ));
        }
        if found.insert(key, value).is_some() {
            return Err(invalid("A tag key is named twice."));
        }
    }
    Ok(found)
}

/// Clusters have tags, and backups, of which there are none.
fn resource(id: Option<String>) -> Result<String, ApiError> {
    let id = required("ResourceId", id)?;
    let kind = if id.starts_with("backup-") {
        "backup"
    } else {
        "cluster"
    };
    check_id(kind, &id)?;
    Ok(id)
}

fn tags_mut<'a>(
    room: &'a mut Room,
    id: &str,
) -> Result<&'a mut BTreeMap<String, String>, ApiError> {
    let cluster = room.clusters.get_mut(id).ok_or_else(|| not_found(id))?;
    Ok(&mut cluster.tags)
}
