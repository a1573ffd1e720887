//! Events: written to a stream, and read from it in order.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{
    bad_token, group, group_mut, group_name, group_of, invalid, limit, permit, read, required,
    stream, stream_name,
};
use super::store::{EVENT_OVERHEAD, Event, Place, millis};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Bytes of one request, and of one answer.
pub(super) const BATCH: usize = 1_048_576;
/// Events of one request, and of one answer.
pub(super) const EVENTS: usize = 10_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
    log_events: Option<Vec<Written>>,
}

#[derive(Deserialize)]
struct Written {
    timestamp: Option<i64>,
    message: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
/// Sequence tokens are accepted and mean nothing, as there.
pub(super) fn put_log_events(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Put = read(input)?;
    let name = group_name(asked.log_group_name)?;
    let into = stream_name(asked.log_stream_name)?;
    let events = checked(required("logEvents", asked.log_events)?)?;
    permit(call, "PutLogEvents", &name, &into)?;
    let now = millis(call.now);
    let mut state = around.neighbours.logs.write(around.revision);
    stream(group(&state, call, &name)?, &into)?;
    let group = group_mut(&mut state, call, &name)?;
    let oldest = group.oldest(now);
    // They are in order, so that what is refused is at both ends.
    let expired = events.partition_point(|(at, _)| *at < oldest);
    let old = events.partition_point(|(at, _)| *at < now - 14 * DAY);
    let new = events.partition_point(|(at, _)| *at <= now + 2 * HOUR);
    let mut rejected = Map::new();
    if expired > 0 {
        rejected.insert("expiredLogEventEndIndex".into(), expired.into());
    }
    if old > 0 {
        rejected.insert("tooOldLogEventEndIndex".into(), old.into());
    }
    if new < events.len() {
        rejected.insert("tooNewLogEventStartIndex".into(), new.into());
    }
    let fine = events.into_iter().take(new).skip(expired.max(old));
    let fine: Vec<_> = fine.collect();
    let ends = fine.first().zip(fine.last());
    if ends.is_some_and(|((first, _), (last, _))| last - first > DAY) {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 \
             hours.",
        ));
    }
    let bytes = match fine.is_empty() {
        true => 0,
        false => group.take(&into, now, fine),
    };
    let mut answer = json!({ "nextSequenceToken": format!("{:056}", group.taken) });
    if bytes > 0 {
        state.came(bytes);
    }
    if !rejected.is_empty() {
        answer["rejectedLogEventsInfo"] = rejected.into();
    }
    Ok(answer)
}

fn checked(events: Vec<Written>) -> Result<Vec<(i64, String)>, ApiError> {
    if events.is_empty() || events.len() > EVENTS {
        return Err(invalid(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member \
             must have length between 1 and 10000",
        ));
    }
    let mut read = Vec::with_capacity(events.len());
    for event in events {
        let at = required("logEvents.member.timestamp", event.timestamp)?;
        let message = required("logEvents.member.message", event.message)?;
        if at < 0 || message.is_empty() {
            return Err(invalid(
                "Log event message must not be empty, and its timestamp not negative.",
            ));
        }
        read.push((at, message));
    }
    let bytes: usize = read
        .iter()
        .map(|(_, message)| message.len() + EVENT_OVERHEAD)
        .sum();
    if bytes > BATCH {
        return Err(invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {BATCH}"
        )));
    }
    if !read.is_sorted_by_key(|(at, _)| *at) {
        return Err(invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    Ok(read)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Get {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
/// At either end, the token that was given comes back.
pub(super) fn log_events(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Get = read(input)?;
    let name = group_of(call, asked.log_group_name, asked.log_group_identifier)?;
    let from = stream_name(asked.log_stream_name)?;
    let most = limit(asked.limit, EVENTS)?;
    let token = match asked.next_token {
        Some(token) => Some(read_place(&token).ok_or_else(bad_token)?),
        None => None,
    };
    permit(call, "GetLogEvents", &name, &from)?;
    let state = around.neighbours.logs.read();
    let group = group(&state, call, &name)?;
    let start = asked.start_time.unwrap_or_default();
    let start = start.max(group.oldest(millis(call.now)));
    let end = asked.end_time.unwrap_or(i64::MAX);
    let events = stream(group, &from)?.between(start, end);
    let (events, forward) = match token {
        Some((true, place)) => {
            let behind = events.partition_point(|event| event.place() <= place);
            (events.get(behind..).unwrap_or_default(), true)
        }
        Some((false, place)) => {
            let before = events.partition_point(|event| event.place() < place);
            (events.get(..before).unwrap_or_default(), false)
        }
        None => (events, asked.start_from_head.unwrap_or_default()),
    };
    let count = match forward {
        true => fitting(events.iter(), most),
        false => fitting(events.iter().rev(), most),
    };
    let shown = match forward {
        true => &events[..count],
        false => &events[events.len() - count..],
    };
    let rest = token.map_or((0, 0), |(_, place)| place);
    let first = shown.first().map_or(rest, Event::place);
    let last = shown.last().map_or(rest, Event::place);
    let shown: Vec<Value> = shown
        .iter()
        .map(|event| {
            json!({
                "timestamp": event.at,
                "message": event.message,
                "ingestionTime": event.taken_at,
            })
        })
        .collect();
    Ok(json!({
        "events": shown,
        "nextForwardToken": show_place("f", last),
        "nextBackwardToken": show_place("b", first),
    }))
}

/// How many of these fit into one answer.
pub(super) fn fitting<'e>(events: impl Iterator<Item = &'e Event>, most: usize) -> usize {
    let mut bytes = 0;
    events
        .take(most)
        .take_while(|event| {
            bytes += event.bytes();
            bytes <= BATCH
        })
        .count()
}

/// A place as 56 digits.
pub(super) fn digits((at, turn): Place) -> String {
    format!("{at:020}{turn:036}")
}

fn show_place(way: &str, place: Place) -> String {
    format!("{way}/{}", digits(place))
}

fn read_place(token: &str) -> Option<(bool, Place)> {
    let (way, digits) = token.split_once('/')?;
    if digits.len() != 56 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let place = (digits[..20].parse().ok()?, digits[20..].parse().ok()?);
    match way {
        "f" => Some((true, place)),
        "b" => Some((false, place)),
        _ => None,
    }
}
