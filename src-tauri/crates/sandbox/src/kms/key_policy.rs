//! The policy of a key: its text as it was put, what that says, and who its principals were then.
//!
//! Which texts are accepted is decided in `policy`, whom they let in in `access`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::Principals;
use crate::iam::evaluate::UniqueIds;
use crate::iam::policy::{Policy, PolicyKind};

/// A key policy. Keys share one where they can; it is read once, when it is first needed.
#[derive(Default, Deserialize)]
#[serde(from = "Kept<String, UniqueIds>")]
pub(crate) struct KeyPolicy {
    text: String,
    /// A user, role or session that is deleted leaves its unique id, and another one of the same name
    /// is not let in.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
    ids: UniqueIds,
    said: OnceLock<Option<Policy>>,
}

/// As it is written down. Older states have only the text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Kept<T, I> {
    Text(T),
    Bound { text: T, ids: I },
}

impl KeyPolicy {
    /// A policy whose principals are known by name only.
    pub(crate) fn new(text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self::from(Kept::Text(text.into())))
    }

    /// A policy that is put now: with the unique ids that its principals have. Do not hold a lock of
    /// KMS: IAM is asked.
    pub(crate) fn bound(text: &str, principals: &dyn Principals) -> Arc<Self> {
        Self::new(text).bound_anew(principals)
    }

    /// The same text as if it were put now.
    pub(super) fn bound_anew(&self, principals: &dyn Principals) -> Arc<Self> {
        let document: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let ids = names_in(&document)
            .filter_map(|name| Some((name.to_owned(), principals.unique_id(name)?)))
            .collect();
        Arc::new(Self {
            text: self.text.clone(),
            ids,
            said: OnceLock::new(),
        })
    }

    /// As it was put.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn ids(&self) -> &UniqueIds {
        &self.ids
    }

    /// What it says; `None` for a text that no longer passes for a policy, which lets nobody in.
    pub(super) fn said(&self) -> Option<&Policy> {
        let said = self
            .said
            .get_or_init(|| Policy::parse(&self.text, PolicyKind::Key).ok());
        said.as_ref()
    }

    /// The text, with unique ids where principals are gone, and their new names where they were renamed.
    /// Do not hold a lock of KMS: IAM is asked.
    pub(super) fn shown(&self, principals: &dyn Principals) -> Cow<'_, str> {
        let ids = self.ids.iter();
        let now: BTreeMap<&str, String> = ids
            .map(|(name, id)| {
                (
                    name.as_str(),
                    principals.arn(id).unwrap_or_else(|| id.clone()),
                )
            })
            .filter(|(name, now)| name != now)
            .collect();
        if now.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        Cow::Owned(replaced(&self.text, &now))
    }
}

impl PartialEq for KeyPolicy {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.ids == other.ids
    }
}

impl From<Kept<String, UniqueIds>> for KeyPolicy {
    fn from(kept: Kept<String, UniqueIds>) -> Self {
        let (text, ids) = match kept {
            Kept::Text(text) => (text, UniqueIds::new()),
            Kept::Bound { text, ids } => (text, ids),
        };
        Self {
            text,
            ids,
            said: OnceLock::new(),
        }
    }
}

impl Serialize for KeyPolicy {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let (text, ids) = (self.text.as_str(), &self.ids);
        if ids.is_empty() {
            Kept::<_, &UniqueIds>::Text(text).serialize(out)
        } else {
            Kept::Bound { text, ids }.serialize(out)
        }
    }
}

/// The AWS principals that the statements of a document name.
pub(super) fn names_in(document: &Value) -> impl Iterator<Item = &str> {
    let statements = one_or_many(&document["Statement"]).iter();
    let named = statements.flat_map(|statement| {
        let elements = ["Principal", "NotPrincipal"];
        elements.into_iter().filter_map(|name| statement.get(name))
    });
    named
        .filter_map(|principal| principal.get("AWS"))
        .flat_map(one_or_many)
        .filter_map(Value::as_str)
}

pub(super) fn one_or_many(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// The JSON `text` with other strings in its `Principal` and `NotPrincipal` elements, and nothing else
/// changed.
fn replaced(text: &str, by: &BTreeMap<&str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // How deep in objects and lists the text is, and where an element with principals began.
    let (mut depth, mut principals) = (0_usize, None);
    while let Some(start) = rest.find(['"', '{', '[', '}', ']', ',']) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match rest.as_bytes()[0] {
            b'"' => {
                let length = string_length(rest);
                let (string, after) = rest.split_at(length);
                let is_name = after.trim_start().starts_with(':');
                let inner = string.trim_matches('"');
                if is_name && matches!(inner, "Principal" | "NotPrincipal") && principals.is_none()
                {
                    principals = Some(depth);
                }
                match by.get(inner).filter(|_| principals.is_some() && !is_name) {
                    Some(id) => out.push_str(&format!("\"{id}\"")),
                    None => out.push_str(string),
                }
                rest = after;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if principals
            .is_some_and(|began| depth < began || (depth == began && rest.starts_with(',')))
        {
            principals = None;
        }
        out.push_str(&rest[..1]);
        rest = &rest[1..];
    }
    out.push_str(rest);
    out
}

/// The length of the JSON string that `text` begins with, with its quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::Partition;

    struct Everybody {
        now: Option<&'static str>,
    }

    impl Principals for Everybody {
        fn exist(&self, _: &str, _: Partition) -> bool {
            true
        }

        fn unique_id(&self, arn: &str) -> Option<String> {
            arn.ends_with("anna").then(|| "AIDAANNA".to_owned())
        }

        fn arn(&self, _: &str) -> Option<String> {
            self.now.map(str::to_owned)
        }
    }

    const ANNA: &str = "arn:aws:iam::111111111111:user/anna";

    #[test]
    fn a_principal_shows_as_what_it_is_now_and_nothing_else_changes() {
        let text = format!(
            r#"{{ "Id":"{ANNA}", "Statement":[ {{"NotPrincipal" : {{"AWS":["{ANNA}", "*"]}},"Condition":{{"x":"{ANNA}"}}}},
              {{"Sid":"a\"]b","Condition":{{"y":"{ANNA}"}},"Principal":{{"AWS":"{ANNA}"}}}}] }}"#
        );
        let policy = KeyPolicy::bound(&text, &Everybody { now: None });
        assert_eq!(policy.ids().len(), 1);
        assert_eq!(policy.shown(&Everybody { now: Some(ANNA) }), text);
        let renamed = "arn:aws:iam::111111111111:user/anne";
        for (now, shown_as) in [(None, "AIDAANNA"), (Some(renamed), renamed)] {
            let expected = text
                .replace(&format!("[\"{ANNA}\""), &format!("[\"{shown_as}\""))
                .replace(
                    &format!("\"AWS\":\"{ANNA}\""),
                    &format!("\"AWS\":\"{shown_as}\""),
                );
            assert_eq!(policy.shown(&Everybody { now }), expected);
        }
    }

    #[test]
    fn the_ids_are_kept() {
        let text = r#"{"Statement":{"Principal":{"AWS":"arn:aws:iam::1:user/anna"}}}"#;
        for policy in [
            KeyPolicy::bound(text, &Everybody { now: None }),
            KeyPolicy::new(text),
        ] {
            let kept = serde_json::to_string(&policy).unwrap();
            let again: Arc<KeyPolicy> = serde_json::from_str(&kept).unwrap();
            assert!(again == policy);
        }
    }
}
