//! Tags of users, roles, policies, MFA devices and identity providers.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html>

use super::account::Tags;
use super::answers::{Asked, limit, with_tags, wrong_input};
use super::holders::Kind;
use super::paging::Page;
use crate::api::ApiError;
use crate::xml::Xml;

/// AWS's limit of tags on anything.
const MOST: usize = 50;

impl Asked<'_> {
    pub(super) fn tag_user(&self) -> Result<Xml, ApiError> {
        self.tag_holder(Kind::User)
    }

    pub(super) fn tag_role(&self) -> Result<Xml, ApiError> {
        self.tag_holder(Kind::Role)
    }

    pub(super) fn untag_user(&self) -> Result<Xml, ApiError> {
        self.untag_holder(Kind::User)
    }

    pub(super) fn untag_role(&self) -> Result<Xml, ApiError> {
        self.untag_holder(Kind::Role)
    }

    pub(super) fn user_tags(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_holder(Kind::User, "iam:ListUserTags", |_, user| {
            Ok(list(&page, user.tags))
        })
    }

    pub(super) fn role_tags(&self) -> Result<Xml, ApiError> {
        let page = self.page()?;
        self.read_holder(Kind::Role, "iam:ListRoleTags", |_, role| {
            Ok(list(&page, role.tags))
        })
    }

    fn tag_holder(&self, kind: Kind) -> Result<Xml, ApiError> {
        let tags = self.new_tags()?;
        let action = format!("iam:Tag{}", kind.title());
        let more = |context| with_tags(context, &tags);
        self.change_holder_with(kind, &action, more, |holder| {
            holder.tags.map_or(Ok(()), |known| add(known, &tags))?;
            Ok(Xml::new())
        })
    }

    fn untag_holder(&self, kind: Kind) -> Result<Xml, ApiError> {
        let action = format!("iam:Untag{}", kind.title());
        self.change_holder(kind, &action, |holder| {
            if let Some(known) = holder.tags {
                self.remove_tags(known);
            }
            Ok(Xml::new())
        })
    }

    /// The tags of the request, no key twice.
    pub(super) fn new_tags(&self) -> Result<Tags, ApiError> {
        let tags = self.params.tags();
        for (turn, (key, _)) in tags.iter().enumerate() {
            let before = &tags[..turn];
            if before
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(key))
            {
                return Err(wrong_input(
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(wrong_input(
                    "The tag key prefix 'aws:' is reserved for use by AWS.",
                ));
            }
        }
        Ok(tags)
    }

    /// Removes the tags whose keys the request names.
    pub(super) fn remove_tags(&self, from: &mut Tags) {
        let keys = self.params.list("TagKeys.member");
        from.retain(|(known, _)| !keys.iter().any(|key| key.eq_ignore_ascii_case(known)));
    }
}

/// Adds tags, in place of those that have the same key but for its case.
pub(super) fn add(known: &mut Tags, tags: &Tags) -> Result<(), ApiError> {
    let replaced = |key: &str| tags.iter().any(|(new, _)| new.eq_ignore_ascii_case(key));
    let mut all: Tags = known
        .iter()
        .filter(|(key, _)| !replaced(key))
        .cloned()
        .collect();
    all.extend(tags.iter().cloned());
    if all.len() > MOST {
        return Err(limit("The number of tags has reached the maximum limit."));
    }
    *known = all;
    Ok(())
}

/// A page of tags.
pub(super) fn list(page: &Page, tags: &[(String, String)]) -> Xml {
    let all = tags.iter().map(|tag| (tag.0.clone(), tag));
    page.cut(all).show("Tags", show_one)
}

/// The element `Tags`, if there are any.
pub(super) fn show(tags: &Tags) -> Xml {
    if tags.is_empty() {
        return Xml::new();
    }
    let members = tags
        .iter()
        .fold(Xml::new(), |list, tag| list.inside("member", show_one(tag)));
    Xml::new().inside("Tags", members)
}

fn show_one((key, value): &(String, String)) -> Xml {
    Xml::new().text("Key", key).text("Value", value)
}
