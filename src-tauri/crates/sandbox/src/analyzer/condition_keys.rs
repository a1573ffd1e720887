//! The condition keys of the services that the sandbox has, with what they are:
//! `condition_keys.txt` has a key and its type a line, or a service that has no key of its own. Of a
//! key that ends in `/` or `:` the name goes on with what a policy asks for, such as a tag.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What an operator compares, and what a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Date,
    Boolean,
    Binary,
    Address,
    Arn,
    /// Whether a key is there.
    Presence,
}

/// What a condition key is, and whether a request has several values of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ConditionKey {
    pub(super) of: Type,
    pub(super) has_many: bool,
}

/// What is known of a key that begins with a service's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    Is(ConditionKey),
    /// The service has no such key.
    IsNot,
    /// The keys of the service are not listed.
    Unlisted,
}

struct Listed {
    services: BTreeSet<&'static str>,
    /// By name in lower case, since keys are compared without case.
    keys: BTreeMap<String, ConditionKey>,
}

static LISTED: LazyLock<Listed> = LazyLock::new(|| {
    let mut listed = Listed {
        services: BTreeSet::new(),
        keys: BTreeMap::new(),
    };
    for line in include_str!("condition_keys.txt").lines() {
        let (name, word) = line.split_once(' ').unwrap_or((line, ""));
        let service = name.split(':').next().unwrap_or_default();
        listed.services.insert(service);
        if let Some(key) = ConditionKey::of_type(word) {
            listed.keys.insert(name.to_ascii_lowercase(), key);
        }
    }
    listed
});

/// Looks a key up that is not a global one.
pub(super) fn known(key: &str) -> Known {
    let key = key.to_ascii_lowercase();
    let service = key.split(':').next().unwrap_or_default();
    if !LISTED.services.contains(service) {
        return Known::Unlisted;
    }
    let begins = |at: usize| (at + 1 < key.len()).then(|| LISTED.keys.get(&key[..=at]))?;
    let mut beginnings = key.match_indices([':', '/']);
    let found = LISTED.keys.get(&key).filter(|_| !key.ends_with([':', '/']));
    let found = found.or_else(|| beginnings.find_map(|(at, _)| begins(at)));
    found.map_or(Known::IsNot, |key| Known::Is(*key))
}

/// Whether a key that goes on with a tag's, such as `aws:ResourceTag/`, does not.
pub(super) fn lacks_tag_key(key: &str) -> bool {
    let name = format!("{}/", key.strip_suffix('/').unwrap_or(key)).to_ascii_lowercase();
    let global = ["aws:principaltag/", "aws:requesttag/", "aws:resourcetag/"];
    global.contains(&name.as_str()) || name.ends_with("tag/") && LISTED.keys.contains_key(&name)
}

impl ConditionKey {
    /// Reads a type as the reference calls it; `None` for what is none.
    fn of_type(word: &str) -> Option<Self> {
        let single = word.strip_prefix("ArrayOf");
        let of = match single.unwrap_or(word) {
            "String" => Type::Text,
            "Numeric" => Type::Number,
            "Date" => Type::Date,
            "Bool" => Type::Boolean,
            "ARN" => Type::Arn,
            "IPAddress" => Type::Address,
            _ => return None,
        };
        let has_many = single.is_some();
        Some(Self { of, has_many })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        for line in include_str!("condition_keys.txt").lines() {
            let Some((name, word)) = line.split_once(' ') else {
                assert!(!line.contains(':'), "{line}");
                continue;
            };
            let expected = ConditionKey::of_type(word).unwrap();
            let asked = match name.ends_with([':', '/']) {
                true => format!("{}some Key", name.to_uppercase()),
                false => name.to_uppercase(),
            };
            assert_eq!(known(&asked), Known::Is(expected), "{line}");
        }
    }

    #[test]
    fn what_is_not_listed() {
        for name in [
            "kms:ViaServise",
            "kms:EncryptionContext:",
            "s3:BucketTag/",
            "tag:x",
        ] {
            assert_eq!(known(name), Known::IsNot, "{name}");
        }
        assert_eq!(known("ec2:InstanceType"), Known::Unlisted);
    }
}
