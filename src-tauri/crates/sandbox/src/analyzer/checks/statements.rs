//! Statements that say the same.

use std::collections::HashMap;

use super::super::finding::Impact;
use super::super::json::{Json, Node};
use super::{Found, Part};

/// Finds those that differ in nothing but their `Sid`, in the order of what they list, or in whether
/// a single value stands in a list.
pub(super) fn check(found: &mut Found, statements: &[Part<'_>]) {
    let mut turns: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<&Part<'_>>> = Vec::new();
    for part in statements {
        // What has no effect is found already.
        if part.member("Effect").is_none() {
            continue;
        }
        let turn = *turns.entry(meaning(part)).or_insert(groups.len());
        match groups.get_mut(turn) {
            Some(group) => group.push(part),
            None => groups.push(vec![part]),
        }
    }
    for group in groups.iter().filter(|group| group.len() > 1) {
        let details = "The statements are redundant because they provide identical permissions. \
                       Update the policy to remove the redundant statement.";
        let places = group.iter().map(|part| part.place()).collect();
        found.add(Impact::Suggestion, "REDUNDANT_STATEMENT", details, places);
    }
}

fn meaning(statement: &Part<'_>) -> String {
    let mut elements: Vec<String> = statement
        .members()
        .into_iter()
        .filter(|(name, _)| *name != "Sid")
        .map(|(name, part)| {
            let text = canonical(part.node);
            match name {
                // Names of actions have no case.
                "Action" | "NotAction" => format!("{name:?}:{}", text.to_ascii_lowercase()),
                _ => format!("{name:?}:{text}"),
            }
        })
        .collect();
    elements.sort_unstable();
    elements.join(",")
}

/// The same text for values that mean the same.
fn canonical(node: &Node) -> String {
    match &node.value {
        Json::Null => "null".to_owned(),
        Json::Bool(flag) => format!("[\"{flag}\"]"),
        Json::Number(text) | Json::Text(text) => format!("[{text:?}]"),
        Json::List(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|entry| match &entry.value {
                    Json::Bool(flag) => format!("\"{flag}\""),
                    Json::Number(text) | Json::Text(text) => format!("{text:?}"),
                    _ => canonical(entry),
                })
                .collect();
            entries.sort_unstable();
            entries.dedup();
            format!("[{}]", entries.join(","))
        }
        Json::Object(members) => {
            let members = members.iter();
            let mut members: Vec<String> = members
                .map(|(key, node)| format!("{key:?}:{}", canonical(node)))
                .collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
    }
}
