//! What is above and below something in the tree.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListChildren.html>

use serde_json::{Value, json};

use super::asked::Asked;
use super::input::{invalid, is_child, is_parent, is_root};
use crate::api::{ApiError, ApiResult};

const ACCOUNT: &str = "ACCOUNT";
const UNIT: &str = "ORGANIZATIONAL_UNIT";

impl Asked<'_> {
    pub(super) fn list_parents(&self) -> ApiResult {
        let child = self.input.id("ChildId", is_child)?;
        let page = self.input.page()?;
        self.look("ListParents", Some(child), |organization| {
            let parent = organization.parent_of(child).ok_or_else(|| {
                ApiError::new(
                    "ChildNotFoundException",
                    "You specified a child that doesn't exist.",
                )
            })?;
            let kind = if is_root(parent) { "ROOT" } else { UNIT };
            page.cut("Parents", [(parent, entry(parent, kind))])
        })
    }

    pub(super) fn list_children(&self) -> ApiResult {
        let parent = self.input.id("ParentId", is_parent)?;
        let kind = self.input.word("ChildType", &[ACCOUNT, UNIT])?;
        let kind = kind.ok_or_else(|| invalid("INPUT_REQUIRED"))?;
        let page = self.input.page()?;
        self.look("ListChildren", Some(parent), |organization| {
            organization.need_parent(parent)?;
            let ids: Vec<&String> = if kind == ACCOUNT {
                organization.members.keys().collect()
            } else {
                organization.units.keys().collect()
            };
            let children = ids
                .into_iter()
                .filter(|id| organization.parent_of(id) == Some(parent));
            page.cut("Children", children.map(|id| (id, entry(id, kind))))
        })
    }
}

fn entry(id: &str, kind: &str) -> Value {
    json!({ "Id": id, "Type": kind })
}
