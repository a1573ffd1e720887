//! Reads requests, checks names, pages answers, and words the refusals that the operations share.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::store::{Group, Groups, State, Stream};
use super::{group_arn, stream_arn};
use crate::api::{ApiError, Call};
use crate::iam::authorise::authorize;

/// The members of a request in the type that an operation wants; absent ones are `None`.
pub(super) fn read<T: DeserializeOwned>(input: &Map<String, Value>) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(input.clone()))
        .map_err(|problem| ApiError::new("SerializationException", problem.to_string()))
}

/// The group of `logGroupName`.
pub(super) fn group_name(name: Option<String>) -> Result<String, ApiError> {
    let name = text("logGroupName", name, 512)?;
    check_group_characters("logGroupName", &name)?;
    Ok(name)
}

/// The group of `logGroupName` or of `logGroupIdentifier`, which may be an ARN.
pub(super) fn group_of(
    call: &Call,
    name: Option<String>,
    identifier: Option<String>,
) -> Result<String, ApiError> {
    match (name, identifier) {
        (Some(_), Some(_)) => Err(invalid(
            "You must specify either logGroupName or logGroupIdentifier but not both.",
        )),
        (None, Some(identifier)) => {
            let identifier = text("logGroupIdentifier", Some(identifier), 2_048)?;
            match identifier.strip_prefix("arn:") {
                None => Ok(identifier),
                Some(_) => named_by_arn(call, &identifier)
                    .ok_or_else(|| invalid("Invalid logGroupIdentifier")),
            }
        }
        (name, None) => group_name(name),
    }
}

/// The name in the ARN of a group of the caller's own account and region, with or without `:*`.
pub(super) fn named_by_arn(call: &Call, arn: &str) -> Option<String> {
    let own = group_arn(&call.account, &call.region, "");
    let name = arn.strip_prefix(&own)?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

pub(super) fn stream_name(name: Option<String>) -> Result<String, ApiError> {
    let name = text("logStreamName", name, 512)?;
    if name.contains([':', '*']) {
        return Err(unfit("logStreamName", &name, "[^:*]*"));
    }
    Ok(name)
}

pub(super) fn check_group_characters(member: &str, name: &str) -> Result<(), ApiError> {
    let fits = |is: char| is.is_ascii_alphanumeric() || "._-/#".contains(is);
    if name.chars().all(fits) {
        return Ok(());
    }
    Err(unfit(member, name, r"[\.\-_/#A-Za-z0-9]+"))
}

/// A text that has to be there.
pub(super) fn text(member: &str, value: Option<String>, most: usize) -> Result<String, ApiError> {
    let value = required(member, value)?;
    let length = value.chars().count();
    if length == 0 {
        return Err(constraint(
            member,
            "Member must have length greater than or equal to 1",
        ));
    }
    if length > most {
        let told = format!("Member must have length less than or equal to {most}");
        return Err(constraint(member, &told));
    }
    Ok(value)
}

pub(super) fn required<T>(member: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| constraint(member, "Member must not be null"))
}

/// `limit`, or how many there are on a page otherwise.
pub(super) fn limit(value: Option<i64>, most: usize) -> Result<usize, ApiError> {
    let Some(value) = value else { return Ok(most) };
    match usize::try_from(value) {
        Ok(value) if (1..=most).contains(&value) => Ok(value),
        _ => Err(constraint(
            "limit",
            &format!("Member must have value between 1 and {most}"),
        )),
    }
}

/// The part of `rows` that the token asks for, and the next token. A row's name is its place.
pub(super) fn page<T>(
    rows: Vec<(String, T)>,
    limit: usize,
    token: Option<String>,
) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match token {
        None => 0,
        Some(token) => {
            let name = read_token(&token).ok_or_else(bad_token)?;
            let place = rows.iter().position(|(known, _)| *known == name);
            place.ok_or_else(bad_token)? + 1
        }
    };
    let more = rows.len() > start.saturating_add(limit);
    let mut last = None;
    let mut shown = Vec::new();
    for (name, row) in rows.into_iter().skip(start).take(limit) {
        last = Some(name);
        shown.push(row);
    }
    let next = last.filter(|_| more).map(|name| make_token(&name));
    Ok((shown, next))
}

pub(super) fn make_token(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub(super) fn read_token(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

/// Refuses who may not do `operation` to a group, or to one of its streams.
pub(super) fn permit(
    call: &Call,
    operation: &str,
    group: &str,
    stream: &str,
) -> Result<(), ApiError> {
    let arn = stream_arn(&group_arn(&call.account, &call.region, group), stream);
    authorize(&call.caller, call, &format!("logs:{operation}"), &arn)
}

pub(super) fn group<'s>(state: &'s State, call: &Call, name: &str) -> Result<&'s Group, ApiError> {
    let groups = state.groups(&call.account, &call.region);
    groups
        .and_then(|groups: &Groups| groups.get(name))
        .ok_or_else(no_group)
}

pub(super) fn group_mut<'s>(
    state: &'s mut State,
    call: &Call,
    name: &str,
) -> Result<&'s mut Group, ApiError> {
    if !state.has_group(&call.account, &call.region, name) {
        return Err(no_group());
    }
    let groups = state.groups_mut(&call.account, &call.region);
    groups.get_mut(name).ok_or_else(no_group)
}

pub(super) fn stream<'g>(group: &'g Group, name: &str) -> Result<&'g Stream, ApiError> {
    group.streams.get(name).ok_or_else(no_stream)
}

pub(super) fn invalid(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterException", sentence)
}

pub(super) fn bad_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

pub(super) fn no_group() -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        "The specified log group does not exist.",
    )
}

pub(super) fn no_stream() -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
}

pub(super) fn exists(what: &str) -> ApiError {
    ApiError::new(
        "ResourceAlreadyExistsException",
        format!("The specified {what} already exists"),
    )
}

fn unfit(member: &str, value: &str, pattern: &str) -> ApiError {
    let shown: String = value.chars().take(200).collect();
    invalid(format!(
        "1 validation error detected: Value '{shown}' at '{member}' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: {pattern}"
    ))
}

fn constraint(member: &str, told: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: {told}"
    ))
}
