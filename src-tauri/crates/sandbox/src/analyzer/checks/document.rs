//! The document as a whole, and the elements of its statements.

use std::collections::HashSet;

use super::super::json::Json;
use super::{
    Found, Kind, Part, actions, conditions, principals, resources, security, statements, trust,
    variables,
};

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

pub(super) fn check(found: &mut Found, root: &super::Node) {
    let root = Part::root(root);
    if root.node.members().is_none() {
        return found.mismatch("object", &root);
    }
    for (name, part) in root.members() {
        if !["Version", "Id", "Statement"].contains(&name) {
            invalid_element(found, name, &part);
        }
    }
    if let Some(id) = root.member("Id").filter(|id| id.node.text().is_none()) {
        found.mismatch("string", &id);
    }
    version(found, &root);
    let Some(statements) = root.member("Statement") else {
        return found.error("MISSING_STATEMENT", "Add a statement to the policy", &root);
    };
    if statements.is_empty_list() {
        return found.error(
            "MISSING_STATEMENT",
            "Add a statement to the policy",
            &statements,
        );
    }
    let statements = statements.entries();
    for part in &statements {
        match part.node.value {
            Json::Object(_) => statement(found, part),
            _ => found.mismatch("object", part),
        }
    }
    unique_sids(found, &statements);
    statements::check(found, &statements);
}

fn version(found: &mut Found, root: &Part<'_>) {
    let Some(part) = root.member("Version") else {
        found.variables = false;
        let details = "We recommend that you specify the Version element to help you with \
                       debugging permission issues.";
        return found.warning("MISSING_VERSION", details, root);
    };
    match part.node.text() {
        Some("2012-10-17") => {}
        Some("2008-10-17") => found.variables = false,
        Some(version) => {
            let details = format!(
                "The version {version} is not valid. Use one of the following versions: \
                 [2012-10-17, 2008-10-17]"
            );
            found.error("INVALID_VERSION", details, &part);
        }
        None => found.mismatch("string", &part),
    }
}

fn statement(found: &mut Found, part: &Part<'_>) {
    let mut seen = HashSet::new();
    for (name, element) in part.members() {
        if !seen.insert(name) || !ELEMENTS.contains(&name) {
            invalid_element(found, name, &element);
        }
    }
    sid(found, part);
    effect(found, part);
    for (one, other) in [
        ("Action", "NotAction"),
        ("Resource", "NotResource"),
        ("Principal", "NotPrincipal"),
    ] {
        if seen.contains(one) && seen.contains(other) {
            let details = format!(
                "The policy elements {one} and {other} can not be used in the same statement. \
                 Remove one of these elements."
            );
            found.error("UNSUPPORTED_ELEMENT_COMBINATION", details, part);
        }
    }
    let has = |one: &str, other: &str| seen.contains(one) || seen.contains(other);
    if !has("Action", "NotAction") {
        let details = "Add an Action or NotAction element to the policy statement.";
        found.error("MISSING_ACTION", details, part);
    }
    // A role's trust policy is about the role that has it.
    if !has("Resource", "NotResource") && found.kind != Kind::Trust {
        let details = "Add a Resource or NotResource element to the policy statement.";
        found.error("MISSING_RESOURCE", details, part);
    }
    principals::check_presence(found, part, has("Principal", "NotPrincipal"));
    actions::check(found, part);
    match found.kind {
        Kind::Trust => trust::check(found, part),
        _ => resources::check(found, part),
    }
    principals::check(found, part);
    if let Some(condition) = part.member("Condition") {
        conditions::check(found, &condition);
    }
    security::check(found, part);
}

fn sid(found: &mut Found, statement: &Part<'_>) {
    let Some(part) = statement.member("Sid") else {
        return;
    };
    let Some(sid) = part.node.text() else {
        return found.mismatch("string", &part);
    };
    if sid.is_empty() {
        let details = "Add a value to the empty string in the Sid element.";
        return found.suggestion("EMPTY_SID_VALUE", details, &part);
    }
    variables::refuse(found, sid, &part);
    let is_strict = matches!(
        found.kind,
        Kind::Identity | Kind::Trust | Kind::ServiceControl | Kind::ResourceControl
    );
    if is_strict && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let details = "Update the characters in the Sid element to use one of the following \
                       character types: [a-z, A-Z, 0-9]";
        found.error("UNSUPPORTED_SID", details, &part);
    }
}

fn effect(found: &mut Found, statement: &Part<'_>) {
    let Some(part) = statement.member("Effect") else {
        let details =
            "Add an Effect element to the policy statement with a value of Allow or Deny.";
        return found.error("MISSING_EFFECT", details, statement);
    };
    match part.node.text() {
        Some("Allow" | "Deny") => {}
        Some(effect) => {
            variables::refuse(found, effect, &part);
            let details = format!("The effect {effect} is not valid. Use Allow or Deny.");
            found.error("INVALID_EFFECT", details, &part);
        }
        None => found.mismatch("string", &part),
    }
}

fn unique_sids(found: &mut Found, statements: &[Part<'_>]) {
    let mut seen = HashSet::new();
    for part in statements {
        let Some(sid) = part.member("Sid") else {
            continue;
        };
        let text = sid.node.text().filter(|text| !text.is_empty());
        let Some(text) = text else {
            continue;
        };
        if seen.insert(text) {
            continue;
        }
        match found.kind {
            Kind::Resource => {
                let details = "We recommend that you use statement IDs that are unique to your \
                               policy. Update the Sid value.";
                found.warning("UNIQUE_SIDS_RECOMMENDED", details, &sid);
            }
            _ => {
                let details = "Duplicate statement IDs are not supported for this policy type. \
                               Update the Sid value.";
                found.error("UNIQUE_SIDS_REQUIRED", details, &sid);
            }
        }
    }
}

fn invalid_element(found: &mut Found, name: &str, part: &Part<'_>) {
    let details = format!("The policy element {name} is not valid.");
    found.error("INVALID_POLICY_ELEMENT", details, part);
}
