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
use crate::iam::named::{names_in, renamed};
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
        let ids = names_in(&document, "AWS")
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
        Cow::Owned(renamed(&self.text, &now))
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
