//! Tags: `TagResource`, `UntagResource`, `ListResourceTags`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html>

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use serde_json::{Value, json};

use super::list::Page;
use super::parse::Input;
use super::refusals::{constraint, missing};
use super::world::key_arn;
use super::{Kms, nothing, reference};
use crate::api::{ApiError, ApiResult, Call};

/// A key has at most this many tags.
const TAGS_MAX: usize = 50;

pub(super) type Tags = BTreeMap<Box<str>, Box<str>>;

/// Sees one key, by its ARN, with its tags, and says whether to go on.
pub(crate) type Visit<'v> = dyn FnMut(&str, &[(&str, &str)]) -> ControlFlow<()> + 'v;

impl Kms {
    /// Shows the tagged keys of the caller's region whose ARN comes after `after`, in order, until
    /// `visit` has seen enough. Who may see them is not asked.
    pub(crate) fn visit_tags(
        &self,
        call: &Call,
        after: &str,
        visit: &mut Visit<'_>,
    ) -> ControlFlow<()> {
        let all = key_arn(&call.account, &call.region, "");
        let start = match after.strip_prefix(&all) {
            Some(id) => Bound::Excluded(id),
            None if after > all.as_str() => return ControlFlow::Continue(()),
            None => Bound::Unbounded,
        };
        let world = self.read(call.now);
        let Some(room) = world.room(&call.account, &call.region) else {
            return ControlFlow::Continue(());
        };
        // A search looks at many keys for each that it shows.
        let (mut arn, mut tags) = (all.clone(), Vec::new());
        for (id, key) in room.keys.range::<str, _>((start, Bound::Unbounded)) {
            if !key.tags.is_empty() {
                arn.truncate(all.len());
                arn.push_str(id);
                tags.clear();
                tags.extend(key.tags.iter().map(|(name, value)| (&**name, &**value)));
                visit(&arn, &tags)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// `TagResource`.
pub(super) fn tag_resource(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let tags = parse(input)?.ok_or_else(|| missing("Tags"))?;
    let mut world = kms.write(call.now);
    let (at, key) = reference::permitted(&world, call, "TagResource", input)?;
    let added = tags
        .keys()
        .filter(|name| !key.tags.contains_key(*name))
        .count();
    if key.tags.len() + added > TAGS_MAX {
        return Err(too_many());
    }
    if let Some(key) = world.key_mut(&at) {
        key.tags.extend(tags);
    }
    nothing()
}

/// `UntagResource`. A tag that is not there is no error.
pub(super) fn untag_resource(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let names = input.texts("TagKeys")?.ok_or_else(|| missing("TagKeys"))?;
    for (place, name) in (1..).zip(&names) {
        check_length(name, &format!("tagKeys.{place}.member"), 1, 128)?;
        check_name(name)?;
    }
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "UntagResource", input)?;
    if let Some(key) = world.key_mut(&at) {
        for name in names {
            key.tags.remove(name);
        }
    }
    nothing()
}

/// `ListResourceTags`.
pub(super) fn list_resource_tags(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, "ListResourceTags", input)?;
    let page = Page::parse(input, &format!("ListResourceTags {}", at.arn()), 50, 50)?;
    let rest = key.tags.range::<str, _>((page.start(), Bound::Unbounded));
    page.answer(
        "Tags",
        rest,
        |(name, _)| name,
        |(name, value)| tag(name, value),
    )
}

/// Reads the member `Tags` of this and other operations.
pub(super) fn parse(input: Input<'_>) -> Result<Option<Tags>, ApiError> {
    let Some(items) = input.list("Tags")? else {
        return Ok(None);
    };
    let mut tags = Tags::new();
    for (place, item) in (1..).zip(items) {
        let members = item
            .as_object()
            .ok_or_else(|| tag_exception("A tag is not an object"))?;
        let item = Input::new(members);
        let name = item.required_text("TagKey", 0, usize::MAX)?;
        let value = item.required_text("TagValue", 0, usize::MAX)?;
        check_length(name, &format!("tags.{place}.member.tagKey"), 1, 128)?;
        check_length(value, &format!("tags.{place}.member.tagValue"), 0, 256)?;
        check_name(name)?;
        check_characters(value)?;
        if tags.insert(name.into(), value.into()).is_some() {
            return Err(tag_exception("Duplicate tag keys"));
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(too_many());
    }
    Ok(Some(tags))
}

/// Tags as an answer lists them.
pub(super) fn render(tags: &Tags) -> Value {
    tags.iter().map(|(name, value)| tag(name, value)).collect()
}

fn tag(name: &str, value: &str) -> Value {
    json!({ "TagKey": name, "TagValue": value })
}

fn check_length(text: &str, member: &str, min: usize, max: usize) -> Result<(), ApiError> {
    let length = text.chars().count();
    if length < min {
        let rule = format!("Member must have length greater than or equal to {min}");
        return Err(constraint(text, member, &rule));
    }
    if length > max {
        let rule = format!("Member must have length less than or equal to {max}");
        return Err(constraint(text, member, &rule));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), ApiError> {
    if name.to_ascii_lowercase().starts_with("aws:") {
        return Err(tag_exception("Tags beginning with aws: are reserved"));
    }
    check_characters(name)
}

/// AWS allows letters, digits and spaces of every script, and `_ . : / = + - @`; no emoji.
fn check_characters(text: &str) -> Result<(), ApiError> {
    let allowed = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
    };
    if text.chars().all(allowed) {
        Ok(())
    } else {
        Err(tag_exception("Tag contains invalid characters"))
    }
}

fn too_many() -> ApiError {
    tag_exception("Too many tags")
}

fn tag_exception(message: &str) -> ApiError {
    ApiError::new("TagException", message)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::Bench;

    fn tags(names: impl IntoIterator<Item = String>) -> Value {
        names
            .into_iter()
            .map(|name| json!({"TagKey": name, "TagValue": "v"}))
            .collect()
    }

    #[tokio::test]
    async fn tags_are_added_replaced_removed_and_paged() {
        let bench = Bench::new();
        let key = bench.create(json!({ "Tags": tags(["a".into()]) })).await;
        let put = json!({"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "2"}, {"TagKey": "b", "TagValue": ""}]});
        bench.ask("TagResource", put).await;
        bench
            .ask(
                "UntagResource",
                json!({"KeyId": key, "TagKeys": ["b", "never"]}),
            )
            .await;
        let listed = bench.ask("ListResourceTags", json!({ "KeyId": key })).await;
        assert_eq!(listed["Tags"], json!([{"TagKey": "a", "TagValue": "2"}]));
        bench
            .ask(
                "TagResource",
                json!({"KeyId": key, "Tags": tags((0..49).map(|n| format!("t{n:02}")))}),
            )
            .await;
        let one_more = json!({"KeyId": key, "Tags": tags(["z".into()])});
        assert_eq!(bench.code("TagResource", one_more).await, "TagException");
        let mut seen = Vec::new();
        let mut input = json!({"KeyId": key, "Limit": 20});
        loop {
            let page = bench.ask("ListResourceTags", input.clone()).await;
            seen.extend(
                page["Tags"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|tag| tag["TagKey"].to_string()),
            );
            if page["Truncated"] == false {
                break;
            }
            input["Marker"] = page["NextMarker"].clone();
        }
        let count = seen.len();
        seen.dedup();
        assert_eq!((count, seen.len()), (50, 50));
    }

    #[tokio::test]
    async fn names_follow_awss_rules() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        for (name, code) in [
            ("aws:mine", "TagException"),
            ("emoji 🔑", "TagException"),
            ("<b>", "TagException"),
            ("", "ValidationException"),
            ("الفريق", "ok"),
            ("担当 1", "ok"),
            ("a.b:c/d=e+f-g@h_i", "ok"),
        ] {
            let input = json!({"KeyId": key, "Tags": tags([name.to_owned()])});
            assert_eq!(bench.code("TagResource", input).await, code, "{name}");
        }
        let twice = tags(["x".into(), "x".into()]);
        let many = tags((0..51).map(|n| format!("t{n:02}")));
        let long_value = json!([{"TagKey": "a", "TagValue": "v".repeat(257)}]);
        for (tags, code, sentence) in [
            (
                tags(["AWS:x".into()]),
                "TagException",
                "Tags beginning with aws: are reserved",
            ),
            (twice, "TagException", "Duplicate tag keys"),
            (many, "TagException", "Too many tags"),
            (
                tags(["a".into(), "k".repeat(129)]),
                "ValidationException",
                "at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length \
                 less than or equal to 128",
            ),
            (
                long_value,
                "ValidationException",
                "at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have \
                 length less than or equal to 256",
            ),
        ] {
            for (operation, input) in [
                ("TagResource", json!({"KeyId": key, "Tags": tags})),
                ("CreateKey", json!({"Tags": tags})),
            ] {
                let refused = bench.try_ask(operation, input).await.unwrap_err();
                assert_eq!(refused.code, code);
                assert!(refused.message.ends_with(sentence), "{}", refused.message);
            }
        }
    }
}
