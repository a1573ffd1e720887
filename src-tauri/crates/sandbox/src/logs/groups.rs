//! Log groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{
    check_group_characters, exists, group, group_mut, group_name, group_of, invalid, limit,
    named_by_arn, no_group, page, permit, read, required, text,
};
use super::store::{Group, millis};
use super::{group_arn, keys, tags};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Groups on a page; also the most.
const PAGE: usize = 50;

/// The days that a retention may have.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTIONS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

/// What is told of groups that are looked for by a part of their names.
const OF_PATTERN: [&str; 3] = ["arn", "creationTime", "logGroupName"];

const CLASSES: [&str; 3] = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Create {
    log_group_name: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
pub(super) fn create_log_group(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Create = read(input)?;
    let name = group_name(asked.log_group_name)?;
    let class = class(asked.log_group_class)?.unwrap_or_else(|| CLASSES[0].to_owned());
    if name.starts_with("aws/") {
        return Err(invalid(
            "Log groups starting with AWS/ are reserved for AWS.",
        ));
    }
    let tags = asked.tags.unwrap_or_default();
    tags::check(&tags)?;
    permit(call, "CreateLogGroup", &name, "")?;
    let key = match asked.kms_key_id {
        Some(key) => Some(keys::check(around, call, &name, &key)?),
        None => None,
    };
    let mut state = around.neighbours.logs.write(around.revision);
    if state.has_group(&call.account, &call.region, &name) {
        return Err(exists("log group"));
    }
    let group = Group {
        created: millis(call.now),
        class,
        protected: asked.deletion_protection_enabled.unwrap_or_default(),
        retention_days: None,
        key,
        tags,
        streams: BTreeMap::new(),
        taken: 0,
    };
    let groups = state.groups_mut(&call.account, &call.region);
    groups.insert(name, group);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: Option<String>,
    retention_in_days: Option<i64>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
pub(super) fn delete_log_group(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let name = group_name(read::<Named>(input)?.log_group_name)?;
    permit(call, "DeleteLogGroup", &name, "")?;
    let mut state = around.neighbours.logs.write(around.revision);
    refuse_if_protected(group(&state, call, &name)?)?;
    let groups = state.groups_mut(&call.account, &call.region);
    groups.remove(&name).ok_or_else(no_group)?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protect {
    log_group_identifier: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogGroupDeletionProtection.html>
pub(super) fn put_log_group_deletion_protection(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Protect = read(input)?;
    let identifier = required("logGroupIdentifier", asked.log_group_identifier)?;
    let name = group_of(call, None, Some(identifier))?;
    let protected = required(
        "deletionProtectionEnabled",
        asked.deletion_protection_enabled,
    )?;
    permit(call, "PutLogGroupDeletionProtection", &name, "")?;
    let mut state = around.neighbours.logs.write(around.revision);
    group_mut(&mut state, call, &name)?.protected = protected;
    Ok(Value::Null)
}

/// Refuses to delete anything of a protected group.
pub(super) fn refuse_if_protected(group: &Group) -> Result<(), ApiError> {
    if !group.protected {
        return Ok(());
    }
    Err(ApiError::new(
        "ValidationException",
        "Log group with deletion protection enabled cannot be deleted.",
    ))
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
pub(super) fn put_retention_policy(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Named = read(input)?;
    let name = group_name(asked.log_group_name)?;
    let days = required("retentionInDays", asked.retention_in_days)?;
    let days = u32::try_from(days)
        .ok()
        .filter(|known| RETENTIONS.contains(&i64::from(*known)))
        .ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy \
                 constraint: Member must satisfy enum value set"
            ))
        })?;
    permit(call, "PutRetentionPolicy", &name, "")?;
    let mut state = around.neighbours.logs.write(around.revision);
    group_mut(&mut state, call, &name)?.retention_days = Some(days);
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html>
pub(super) fn delete_retention_policy(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let name = group_name(read::<Named>(input)?.log_group_name)?;
    permit(call, "DeleteRetentionPolicy", &name, "")?;
    let mut state = around.neighbours.logs.write(around.revision);
    group_mut(&mut state, call, &name)?.retention_days = None;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    account_identifiers: Option<Vec<String>>,
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    log_group_class: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(super) fn describe_log_groups(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Describe = read(input)?;
    let limit = limit(asked.limit, PAGE)?;
    let class = class(asked.log_group_class)?;
    let prefix = match asked.log_group_name_prefix {
        Some(prefix) => Some(text("logGroupNamePrefix", Some(prefix), 512)?),
        None => None,
    };
    let pattern = asked.log_group_name_pattern;
    for (member, part) in [
        ("logGroupNamePrefix", &prefix),
        ("logGroupNamePattern", &pattern),
    ] {
        check_group_characters(member, part.as_deref().unwrap_or_default())?;
    }
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let wanted = asked.log_group_identifiers.map(|names| {
        let name = |name: String| named_by_arn(call, &name).unwrap_or(name);
        names.into_iter().map(name).collect::<Vec<_>>()
    });
    permit(call, "DescribeLogGroups", "", "")?;
    let own = asked
        .account_identifiers
        .is_none_or(|accounts| accounts.is_empty() || accounts.contains(&call.account));
    let state = around.neighbours.logs.read();
    let groups = state.groups(&call.account, &call.region);
    let rows = groups.into_iter().flatten().filter(|(name, group)| {
        own && prefix.as_ref().is_none_or(|start| name.starts_with(start))
            && pattern.as_ref().is_none_or(|part| name.contains(part))
            && wanted.as_ref().is_none_or(|names| names.contains(name))
            && class.as_ref().is_none_or(|class| group.class == *class)
    });
    let rows = rows.map(|row| (row.0.clone(), row)).collect();
    let (rows, next) = page(rows, limit, asked.next_token)?;
    let shown: Vec<Value> = rows
        .into_iter()
        .map(|(name, group)| {
            let mut shown = show(call, name, group);
            if let Value::Object(members) = &mut shown
                && pattern.is_some()
            {
                members.retain(|member, _| OF_PATTERN.contains(&member.as_str()));
            }
            shown
        })
        .collect();
    let mut answer = json!({ "logGroups": shown });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

fn show(call: &Call, name: &str, group: &Group) -> Value {
    let arn = group_arn(&call.account, &call.region, name);
    let mut shown = json!({
        "logGroupName": name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.bytes(),
        "logGroupClass": group.class,
        "deletionProtectionEnabled": group.protected,
    });
    if let Some(days) = group.retention_days {
        shown["retentionInDays"] = days.into();
    }
    if let Some(key) = &group.key {
        shown["kmsKeyId"] = key.as_str().into();
    }
    shown
}

fn class(asked: Option<String>) -> Result<Option<String>, ApiError> {
    match asked {
        Some(class) if !CLASSES.contains(&class.as_str()) => Err(invalid(format!(
            "1 validation error detected: Value '{class}' at 'logGroupClass' failed to satisfy \
             constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]"
        ))),
        class => Ok(class),
    }
}
