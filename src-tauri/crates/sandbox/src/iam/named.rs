//! The principals that the text of a policy names: finding them, and giving them other names, by which
//! nothing else changes, neither the layout nor the same name in a condition.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use std::collections::BTreeMap;

use serde_json::Value;

/// The principals of a kind (`AWS`, `Service`) that the statements of a document name.
pub(crate) fn names_in<'d>(document: &'d Value, kind: &'d str) -> impl Iterator<Item = &'d str> {
    principals_in(document)
        .filter_map(move |principal| principal.get(kind))
        .flat_map(one_or_many)
        .filter_map(Value::as_str)
}

/// The elements of a document that name principals.
pub(crate) fn principals_in(document: &Value) -> impl Iterator<Item = &Value> {
    let statements = one_or_many(&document["Statement"]).iter();
    statements.flat_map(|statement| {
        let elements = ["Principal", "NotPrincipal"];
        elements.into_iter().filter_map(|name| statement.get(name))
    })
}

pub(crate) fn one_or_many(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// The JSON `text` of a policy, in which the principals have these names by now.
pub(crate) fn renamed(text: &str, by: &BTreeMap<&str, String>) -> String {
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
