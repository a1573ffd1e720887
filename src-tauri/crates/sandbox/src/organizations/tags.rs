//! Tags of the root, of units, accounts and policies.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html>

use serde_json::{Value, json};

use super::asked::{Asked, nothing};
use super::attachments::no_target;
use super::input::{invalid, is_taggable, too_many_tags};
use super::record::Organization;
use crate::api::{ApiError, ApiResult};

impl Asked<'_> {
    pub(super) fn tag(&self) -> ApiResult {
        let id = self.input.id("ResourceId", is_taggable)?;
        let tags = self.input.tags()?;
        let tags = tags.ok_or_else(|| invalid("INPUT_REQUIRED"))?;
        self.change("TagResource", Some(id), |organization| {
            organization.need_taggable(id)?;
            let known = organization.tags.entry(id.to_owned()).or_default();
            let mut changed = known.clone();
            for (key, value) in tags {
                match changed.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = value,
                    None => changed.push((key, value)),
                }
            }
            if changed.len() > 50 {
                return Err(too_many_tags());
            }
            *known = changed;
            nothing()
        })
    }

    pub(super) fn untag(&self) -> ApiResult {
        let id = self.input.id("ResourceId", is_taggable)?;
        let keys = self.input.texts("TagKeys")?;
        let keys = keys.ok_or_else(|| invalid("INPUT_REQUIRED"))?;
        self.change("UntagResource", Some(id), |organization| {
            organization.need_taggable(id)?;
            if let Some(known) = organization.tags.get_mut(id) {
                known.retain(|(key, _)| !keys.contains(&key.as_str()));
            }
            nothing()
        })
    }

    pub(super) fn list_tags(&self) -> ApiResult {
        let id = self.input.id("ResourceId", is_taggable)?;
        self.input.page()?;
        self.look("ListTagsForResource", Some(id), |organization| {
            organization.need_taggable(id)?;
            let tags = organization.tags.get(id).into_iter().flatten();
            let shown: Vec<Value> = tags
                .map(|(key, value)| json!({ "Key": key, "Value": value }))
                .collect();
            Ok(json!({ "Tags": shown }))
        })
    }
}

impl Organization {
    fn need_taggable(&self, id: &str) -> Result<(), ApiError> {
        if self.has_target(id) || self.policies.contains_key(id) {
            return Ok(());
        }
        Err(no_target())
    }
}
