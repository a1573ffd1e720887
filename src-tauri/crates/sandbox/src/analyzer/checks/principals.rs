//! `Principal` and `NotPrincipal`.

use super::super::finding::Impact;
use super::super::json::Json;
use super::{Found, Kind, Part, variables};

const KEYS: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Whether the element is there where it has to be, and only there.
pub(super) fn check_presence(found: &mut Found, statement: &Part<'_>, is_there: bool) {
    match (found.kind, is_there) {
        (Kind::Identity, true) => {
            let details = "The policy type IDENTITY_POLICY does not support the Principal \
                           element. Remove the Principal element.";
            found.error("UNSUPPORTED_PRINCIPAL", details, statement);
        }
        (Kind::ServiceControl, true) => {
            let details = "SCPs do not support specifying principals. Remove the Principal or \
                           NotPrincipal element.";
            found.error("SCP_SYNTAX_ERROR_PRINCIPAL", details, statement);
        }
        (Kind::Identity | Kind::ServiceControl, false) | (_, true) => {}
        (_, false) => {
            let details = "Add a Principal element to the policy statement.";
            found.error("MISSING_PRINCIPAL", details, statement);
        }
    }
}

pub(super) fn check(found: &mut Found, statement: &Part<'_>) {
    if matches!(found.kind, Kind::Identity | Kind::ServiceControl) {
        return;
    }
    for name in ["Principal", "NotPrincipal"] {
        if let Some(part) = statement.member(name) {
            element(found, &part);
        }
    }
    let effect = statement.member("Effect");
    let allows = effect.is_some_and(|effect| effect.node.text() == Some("Allow"));
    if let Some(part) = statement.member("NotPrincipal").filter(|_| allows) {
        let details = "Using Allow with NotPrincipal can be overly permissive. We recommend that \
                       you use Principal instead.";
        let places = vec![part.place()];
        found.add(
            Impact::SecurityWarning,
            "ALLOW_WITH_NOT_PRINCIPAL",
            details,
            places,
        );
    }
}

fn element(found: &mut Found, part: &Part<'_>) {
    match &part.node.value {
        Json::Text(text) if text == "*" => {}
        Json::Object(members) if members.is_empty() => {
            let details = "This statement includes no principals and does not affect the policy. \
                           Specify principals.";
            found.suggestion("EMPTY_OBJECT_PRINCIPAL", details, part);
        }
        Json::Object(_) => {
            for (key, names) in part.members() {
                of_kind(found, key, &names);
            }
        }
        _ => {
            let details = "The Principal element contents are not valid. Specify a key-value pair \
                           in the Principal element.";
            found.error("INVALID_PRINCIPAL_FORMAT", details, part);
        }
    }
}

fn of_kind(found: &mut Found, key: &str, names: &Part<'_>) {
    if !KEYS.contains(&key) {
        let details = format!("The principal key {key} is not valid.");
        return found.error("INVALID_PRINCIPAL_KEY", details, names);
    }
    if names.is_empty_list() {
        let details = "This statement includes no principals and does not affect the policy. \
                       Specify principals.";
        return found.suggestion("EMPTY_ARRAY_PRINCIPAL", details, names);
    }
    for (name, part) in names.texts(found) {
        variables::refuse(found, name, &part);
        let is_everybody = name == "*" && matches!(key, "AWS" | "Federated");
        if name.contains(['*', '?']) && !is_everybody {
            let details = format!(
                "Wildcards (*, ?) are not supported with the principal key {key}. Replace the \
                 wildcard with a valid principal value."
            );
            found.error("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", details, &part);
        }
    }
}
