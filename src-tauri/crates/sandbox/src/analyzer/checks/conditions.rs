//! `Condition`.

use std::collections::HashSet;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;

use super::super::actions::has_service;
use super::super::condition_keys::{self, ConditionKey, Known, Type};
use super::super::finding::Impact;
use super::super::json::Json;
use super::operators::{Operator, global_key};
use super::{Found, Part, values as known_values, variables};

pub(super) fn check(found: &mut Found, condition: &Part<'_>) {
    let Some(members) = condition.node.members() else {
        return found.mismatch("object", condition);
    };
    if members.is_empty() {
        return empty(found, condition);
    }
    for (name, block) in condition.members() {
        let Some(operator) = Operator::read(name) else {
            let details = format!(
                "The condition operator {name} is not valid. Use a valid condition operator."
            );
            found.error("INVALID_CONDITION_OPERATOR", details, &block);
            continue;
        };
        if operator.compares == Type::Presence && operator.if_exists {
            let details = "The Null condition operator cannot be used with the IfExists suffix. \
                           Update the operator or the suffix.";
            found.error("NULL_WITH_IF_EXISTS", details, &block);
        }
        if block.node.members().is_none() {
            found.mismatch("object", &block);
            continue;
        }
        if block.members().is_empty() {
            empty(found, &block);
        }
        let mut seen = HashSet::new();
        for (key, values) in block.members() {
            if !seen.insert(key.to_ascii_lowercase()) {
                let details = format!(
                    "The condition key {key} appears more than once with different \
                     capitalization in the same condition block. Remove the duplicate condition \
                     keys."
                );
                found.error("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", details, &values);
            }
            of_key(found, &operator, key, &values);
        }
    }
}

fn of_key(found: &mut Found, operator: &Operator<'_>, key: &str, values: &Part<'_>) {
    let known = key_named(found, key, values);
    if values.is_empty_list() {
        let details = format!(
            "There are no values for the condition key {key} and it does not affect the policy. \
             Specify conditions."
        );
        return found.suggestion("EMPTY_ARRAY_CONDITION", details, values);
    }
    if let Some(known) = &known {
        qualified(found, operator, known, key, values);
        typed(found, operator, known, key, values);
    }
    known_values::check(found, operator, key, values);
    for value in values.entries() {
        let text = match &value.node.value {
            Json::Text(text) | Json::Number(text) => text.clone(),
            Json::Bool(flag) => flag.to_string(),
            Json::Null | Json::List(_) | Json::Object(_) => {
                found.mismatch("string", &value);
                continue;
            }
        };
        variables::check(found, &text, &value);
        match (text.contains("${"), operator.compares) {
            (false, _) => fits(found, operator, &text, &value),
            (true, Type::Text | Type::Arn) => {}
            (true, _) if !found.variables => {}
            (true, _) => {
                let details = "Policy variables can only be used with String and ARN operators.";
                found.error("INVALID_VARIABLE_FOR_OPERATOR", details, &value);
            }
        }
    }
}

/// Whether the key exists, and is one that policies should ask for.
fn key_named(found: &mut Found, key: &str, part: &Part<'_>) -> Option<ConditionKey> {
    let Some((service, name)) = key.split_once(':').filter(|(_, name)| !name.is_empty()) else {
        let details = "The condition key format is not valid. Use the format service:keyname.";
        found.error("INVALID_CONDITION_KEY_FORMAT", details, part);
        return None;
    };
    if condition_keys::lacks_tag_key(key) {
        let name = format!("{}/", key.trim_end_matches('/'));
        let details = format!(
            "The condition key {name} must include a tag key to control access based on tags. Use \
             the format {name}tag-key and specify a key name for tag-key."
        );
        found.error("MISSING_TAG_KEY_IN_CONDITION", details, part);
        return None;
    }
    if !service.eq_ignore_ascii_case("aws") {
        return of_service(found, key, service, part);
    }
    if name.eq_ignore_ascii_case("arn") {
        let details = "The condition key aws:ARN is not supported. Use aws:PrincipalArn or \
                       aws:SourceArn instead.";
        found.error("UNSUPPORTED_GLOBAL_CONDITION_KEY", details, part);
        return None;
    }
    let known = global_key(key);
    if known.is_none() {
        let details = format!("The condition key {key} does not exist. Use a valid condition key.");
        found.error("INVALID_GLOBAL_CONDITION_KEY", details, part);
    }
    known
}

/// Whether a service has the key. Identity providers have keys that begin with their host name.
fn of_service(
    found: &mut Found,
    key: &str,
    service: &str,
    part: &Part<'_>,
) -> Option<ConditionKey> {
    match condition_keys::known(key) {
        Known::Is(known) => return Some(known),
        Known::Unlisted if service.contains('.') || has_service(service) => return None,
        Known::Unlisted | Known::IsNot => {}
    }
    let details = format!(
        "The condition key {key} does not exist in the service {service}. Use a valid condition \
         key."
    );
    found.error("INVALID_SERVICE_CONDITION_KEY", details, part);
    None
}

fn qualified(
    found: &mut Found,
    operator: &Operator<'_>,
    known: &ConditionKey,
    key: &str,
    values: &Part<'_>,
) {
    if operator.compares == Type::Presence {
        return;
    }
    if known.has_many && operator.qualifier.is_none() {
        let details = format!(
            "The request context key {key} has multiple values. Use the ForAllValues or \
             ForAnyValue condition key qualifiers in your policy."
        );
        found.error("MISSING_QUALIFIER", details, values);
    }
    if !known.has_many && operator.qualifier == Some("ForAllValues") {
        let details = format!(
            "Using ForAllValues qualifier with the single-valued condition key {key} can be \
             overly permissive. We recommend that you remove ForAllValues:."
        );
        let places = vec![values.place()];
        let code = "FORALLVALUES_WITH_SINGLE_VALUED_KEY";
        found.add(Impact::SecurityWarning, code, details, places);
    }
}

/// Whether the operator compares what the key is.
fn typed(
    found: &mut Found,
    operator: &Operator<'_>,
    known: &ConditionKey,
    key: &str,
    values: &Part<'_>,
) {
    let fits = match (known.of, operator.compares) {
        (_, Type::Presence) | (Type::Arn | Type::Text, Type::Text | Type::Arn) => true,
        // Both are moments, and may be compared as either.
        (Type::Date | Type::Number, Type::Date | Type::Number) => true,
        (known, compares) => known == compares,
    };
    if fits {
        return by_arn(found, operator, known, key, values);
    }
    let allowed = match known.of {
        Type::Text => "String",
        Type::Number => "Numeric",
        Type::Date => "Date",
        Type::Boolean => "Bool",
        Type::Binary => "Binary",
        Type::Address => "IpAddress",
        Type::Arn => "Arn",
        Type::Presence => "Null",
    };
    let details = format!(
        "Use the operator type {allowed} instead of operator {} for the condition key {key}.",
        operator.name
    );
    found.warning("TYPE_MISMATCH", details, values);
}

/// ARNs are better compared as such, since the stars of a text do not stop at a colon.
fn by_arn(
    found: &mut Found,
    operator: &Operator<'_>,
    known: &ConditionKey,
    key: &str,
    values: &Part<'_>,
) {
    if known.of == Type::Arn && operator.name == "StringLike" {
        let details = format!(
            "Use the operator type ArnLike instead of operator StringLike for the condition key \
             {key}."
        );
        let places = vec![values.place()];
        let code = "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS";
        found.add(Impact::SecurityWarning, code, details, places);
    }
}

/// Whether a value is of the operator's type.
fn fits(found: &mut Found, operator: &Operator<'_>, text: &str, part: &Part<'_>) {
    let name = operator.name;
    match operator.compares {
        Type::Boolean | Type::Presence if !is_boolean(text) => {
            let details = format!(
                "Add a valid Boolean value (true or false) for the condition operator {name}."
            );
            found.warning("TYPE_MISMATCH_BOOLEAN", details, part);
        }
        Type::Number if text.parse::<f64>().is_err() => {
            let details = format!("Add a valid numeric value for the condition operator {name}.");
            found.warning("TYPE_MISMATCH_NUMBER", details, part);
        }
        Type::Date if is_epoch(text) => {
            let details = format!(
                "The date {text} might not resolve as expected. We recommend that you use the \
                 YYYY-MM-DD format."
            );
            found.warning("INVALID_DATE_VALUE", details, part);
        }
        Type::Date if !is_date(text) => {
            let details = "The date condition operator is used with an invalid value. Specify a \
                           valid date using YYYY-MM-DD or other ISO 8601 date/time format.";
            found.warning("TYPE_MISMATCH_DATE", details, part);
        }
        Type::Binary if STANDARD.decode(text).is_err() => {
            let details = format!(
                "Add a valid base64-encoded string value for the condition operator {name}."
            );
            found.warning("TYPE_MISMATCH_STRING", details, part);
        }
        Type::Address if !is_address(text) => {
            let details = format!(
                "The condition operator {name} is used with an invalid IP range value. Specify \
                 the IP range in standard CIDR format."
            );
            found.warning("TYPE_MISMATCH_IP_RANGE", details, part);
        }
        Type::Text if text.contains(['*', '?']) && !operator.is_like() => {
            let details = "Your condition value includes a * or ? character. If you meant to use \
                           a wildcard (*, ?), update the condition operator to include Like.";
            found.warning("WILDCARD_WITHOUT_LIKE_OPERATOR", details, part);
        }
        _ => {}
    }
}

fn empty(found: &mut Found, part: &Part<'_>) {
    let details =
        "This condition block is empty and it does not affect the policy. Specify conditions.";
    found.suggestion("EMPTY_OBJECT_CONDITION", details, part);
}

fn is_boolean(text: &str) -> bool {
    ["true", "false"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}

/// Seconds since 1970.
fn is_epoch(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A day, or a moment.
fn is_date(text: &str) -> bool {
    let moment = OffsetDateTime::parse(text, &Iso8601::DEFAULT).is_ok();
    moment || time::Date::parse(text, &Iso8601::DEFAULT).is_ok()
}

/// An address, or the beginning of some.
fn is_address(text: &str) -> bool {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}
