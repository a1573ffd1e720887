//! Log streams.

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::groups::refuse_if_protected;
use super::input::{
    exists, group, group_mut, group_name, group_of, invalid, limit, no_stream, page, permit, read,
    stream_name,
};
use super::store::{Stream, millis};
use super::{group_arn, stream_arn};
use crate::api::{ApiResult, Call};
use crate::neighbours::Around;

/// Streams on a page; also the most.
const PAGE: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>
pub(super) fn create_log_stream(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Named = read(input)?;
    let name = group_name(asked.log_group_name)?;
    let stream = stream_name(asked.log_stream_name)?;
    permit(call, "CreateLogStream", &name, &stream)?;
    let mut state = around.neighbours.logs.write(around.revision);
    if group(&state, call, &name)?.streams.contains_key(&stream) {
        return Err(exists("log stream"));
    }
    let made = Stream::new(around.random.uuid(), millis(call.now));
    let streams = &mut group_mut(&mut state, call, &name)?.streams;
    streams.insert(stream, made);
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>
pub(super) fn delete_log_stream(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Named = read(input)?;
    let name = group_name(asked.log_group_name)?;
    let stream = stream_name(asked.log_stream_name)?;
    permit(call, "DeleteLogStream", &name, &stream)?;
    let mut state = around.neighbours.logs.write(around.revision);
    refuse_if_protected(group(&state, call, &name)?)?;
    let streams = &mut group_mut(&mut state, call, &name)?.streams;
    streams.remove(&stream).ok_or_else(no_stream)?;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
pub(super) fn describe_log_streams(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Describe = read(input)?;
    let name = group_of(call, asked.log_group_name, asked.log_group_identifier)?;
    let limit = limit(asked.limit, PAGE)?;
    let prefix = asked.log_stream_name_prefix.unwrap_or_default();
    let by_time = match asked.order_by.as_deref() {
        None | Some("LogStreamName") => false,
        Some("LastEventTime") if prefix.is_empty() => true,
        Some("LastEventTime") => {
            return Err(invalid(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
        Some(_) => {
            return Err(invalid(
                "1 validation error detected: Value at 'orderBy' failed to satisfy constraint: \
                 Member must satisfy enum value set: [LogStreamName, LastEventTime]",
            ));
        }
    };
    permit(call, "DescribeLogStreams", &name, "")?;
    let state = around.neighbours.logs.read();
    let streams = &group(&state, call, &name)?.streams;
    let mut rows: Vec<_> = streams
        .iter()
        .filter(|(stream, _)| stream.starts_with(&prefix))
        .map(|row| (row.0.clone(), row))
        .collect();
    let last = |stream: &Stream| stream.events.last().map(|event| event.at);
    match (by_time, asked.descending.unwrap_or_default()) {
        (true, true) => rows.sort_by_key(|(_, (_, stream))| Reverse(last(stream))),
        (true, false) => rows.sort_by_key(|(_, (_, stream))| last(stream)),
        (false, true) => rows.reverse(),
        (false, false) => {}
    }
    let (rows, next) = page(rows, limit, asked.next_token)?;
    let group_arn = group_arn(&call.account, &call.region, &name);
    let shown: Vec<Value> = rows
        .into_iter()
        .map(|(name, stream)| show(&group_arn, name, stream))
        .collect();
    let mut answer = json!({ "logStreams": shown });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

/// AWS shows no size of streams any more.
fn show(group_arn: &str, name: &str, stream: &Stream) -> Value {
    let mut shown = json!({
        "logStreamName": name,
        "creationTime": stream.created,
        "arn": stream_arn(group_arn, name),
        "uploadSequenceToken": stream.id,
        "storedBytes": 0,
    });
    if let (Some(first), Some(last)) = (stream.events.first(), stream.events.last()) {
        shown["firstEventTimestamp"] = first.at.into();
        shown["lastEventTimestamp"] = last.at.into();
    }
    if let Some(at) = stream.last_taken {
        shown["lastIngestionTime"] = at.into();
    }
    shown
}
