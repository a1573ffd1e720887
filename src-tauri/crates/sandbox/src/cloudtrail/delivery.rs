//! Events on their way to a trail's log group, as its role may send them.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/send-cloudtrail-events-to-cloudwatch-logs.html>

use serde_json::Value;

use super::record::Record;
use super::selectors::select;
use super::trail_form::Trail;
use crate::api::{ApiError, Call};
use crate::iam::authorise::authorize;
use crate::logs::{millis, stream_arn};
use crate::neighbours::Around;

/// The principal of CloudTrail.
pub(super) const SERVICE: &str = "cloudtrail.amazonaws.com";

/// Services whose events are those of no region.
const GLOBAL: [&str; 4] = ["iam", "sts", "organizations", "account"];

/// Delivers the event to the trails of its account that want it.
pub(super) fn deliver(around: &Around<'_>, call: &Call, record: &Record) {
    let wanting: Vec<(String, Trail)> = {
        let state = around.neighbours.cloudtrail.read();
        let trails = state.trails.iter();
        let wanting = trails.filter(|(_, trail)| wants(trail, record));
        wanting
            .map(|(arn, trail)| (arn.clone(), trail.clone()))
            .collect()
    };
    for (arn, trail) in wanting {
        let sent = send(around, call, &trail, record);
        let mut state = around.neighbours.cloudtrail.note();
        if let Some(trail) = state.trails.get_mut(&arn) {
            trail.delivery_error = sent.err().map(str::to_owned);
            if trail.delivery_error.is_none() {
                trail.delivered = Some(call.now);
            }
        }
    }
}

fn wants(trail: &Trail, record: &Record) -> bool {
    trail.logging
        && trail.log_group.is_some()
        && *trail.account == *record.account
        && trail.is_in(&record.region)
        && (trail.global || !GLOBAL.contains(&&*record.service))
        && select(trail, record)
}

fn send(
    around: &Around<'_>,
    call: &Call,
    trail: &Trail,
    record: &Record,
) -> Result<(), &'static str> {
    let group = group_name(trail).ok_or("Log group not found.")?;
    if !may_send(around, call, trail) {
        return Err("Access denied.");
    }
    let mut event = record.event();
    if let Value::Object(event) = &mut event {
        event.retain(|_, value| !value.is_null());
    }
    let stream = stream_name(trail);
    let place = (trail.account.as_str(), trail.home.as_str(), group);
    // What was found out later is written at its own time.
    let now = millis(record.at);
    let mut logs = around.neighbours.logs.note();
    match logs.deliver(place, &stream, now, event.to_string()) {
        true => Ok(()),
        false => Err("Log group not found."),
    }
}

/// Refuses a trail whose log group is not there, or whose role may not send to it.
pub(super) fn check(around: &Around<'_>, call: &Call, trail: &Trail) -> Result<(), ApiError> {
    let known = group_name(trail).is_some_and(|group| {
        let logs = around.neighbours.logs.read();
        logs.has_group(&trail.account, &trail.home, group)
    });
    if !known {
        return Err(ApiError::new(
            "InvalidCloudWatchLogsLogGroupArnException",
            "CloudTrail cannot validate the specified log group ARN.",
        ));
    }
    if !may_send(around, call, trail) {
        return Err(ApiError::new(
            "InvalidCloudWatchLogsRoleArnException",
            "Access denied. Check the permissions for your role.",
        ));
    }
    Ok(())
}

/// The group of the trail's own account and home region; its ARN has to end with `:*`.
fn group_name(trail: &Trail) -> Option<&str> {
    let arn = trail.log_group.as_deref()?;
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    match parts[..] {
        ["arn", _, "logs", region, account, "log-group", name]
            if region == trail.home && account == trail.account =>
        {
            name.strip_suffix(":*")
        }
        _ => None,
    }
}

/// The stream of all regions is named after the trail's own.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-log-group-log-stream-naming-for-cloudtrail.html>
fn stream_name(trail: &Trail) -> String {
    format!("{}_CloudTrail_{}", trail.account, trail.home)
}

/// Whether the role trusts CloudTrail, and may make the stream and write to it.
fn may_send(around: &Around<'_>, call: &Call, trail: &Trail) -> bool {
    let (Some(role), Some(group)) = (&trail.log_role, &trail.log_group) else {
        return false;
    };
    let context = trail.context(around.iam);
    let sender = around
        .iam
        .role_assumed_by(SERVICE, role, "CloudTrail", &context);
    let Some(sender) = sender else { return false };
    let group = group.strip_suffix(":*").unwrap_or(group);
    let stream = stream_arn(group, &stream_name(trail));
    sender.account == trail.account
        && ["logs:CreateLogStream", "logs:PutLogEvents"]
            .iter()
            .all(|action| authorize(&sender, call, action, &stream).is_ok())
}
