//! `FilterLogEvents`: the events of a group that fit a pattern, over all its streams.

use std::cmp::Reverse;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::events::{BATCH, EVENTS, digits};
use super::input::{
    bad_token, group, group_of, invalid, limit, make_token, no_stream, permit, read, read_token,
};
use super::pattern::Pattern;
use super::store::{Event, millis};
use crate::api::{ApiResult, Call};
use crate::neighbours::Around;

/// What one request looks at: letters, times the steps that the pattern takes for each. A page may end
/// before it is full, or be empty.
const WORK: usize = 50_000_000;

/// Requests for the latest events first have to begin then, or later: in 2024.
const LATEST_FIRST_SINCE: i64 = 1_704_067_200_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
pub(super) fn filter_log_events(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let name = group_of(call, asked.log_group_name, asked.log_group_identifier)?;
    let most = limit(asked.limit, EVENTS)?;
    let text = asked.filter_pattern.unwrap_or_default();
    let pattern = Some(&text)
        .filter(|text| text.chars().count() <= 1_024)
        .and_then(|text| Pattern::read(text))
        .ok_or_else(|| invalid("Invalid filter pattern"))?;
    let (names, prefix) = (asked.log_stream_names, asked.log_stream_name_prefix);
    if names.is_some() && prefix.is_some() {
        return Err(invalid(
            "logStreamNames and logStreamNamePrefix cannot both be specified.",
        ));
    }
    if names
        .as_ref()
        .is_some_and(|names| !(1..=100).contains(&names.len()))
    {
        return Err(invalid("logStreamNames must have 1 to 100 names."));
    }
    // A token goes on with its own request only, and in its direction.
    let bound = format!("{name}\n{text}\n{names:?}\n{prefix:?}");
    let (after, forward) = match asked.next_token {
        None => (None, asked.start_from_head.unwrap_or(true)),
        Some(token) => {
            let token = read_token(&token).ok_or_else(bad_token)?;
            let (place, of) = token.split_once('\n').ok_or_else(bad_token)?;
            let (way, place) = place.split_once('/').ok_or_else(bad_token)?;
            if of != bound {
                return Err(bad_token());
            }
            (Some(place.to_owned()), way == "f")
        }
    };
    if !forward
        && asked
            .start_time
            .is_none_or(|start| start < LATEST_FIRST_SINCE)
    {
        return Err(invalid(
            "startFromHead can be false only if startTime is on or after 2024-01-01T00:00:00Z.",
        ));
    }
    permit(call, "FilterLogEvents", &name, "")?;
    let state = around.neighbours.logs.read();
    let group = group(&state, call, &name)?;
    let unknown = |name: &String| !group.streams.contains_key(name);
    if names.iter().flatten().any(unknown) {
        return Err(no_stream());
    }
    let start = asked.start_time.unwrap_or_default();
    let start = start.max(group.oldest(millis(call.now)));
    // The end counts here, unlike in GetLogEvents.
    let end = asked.end_time.map_or(i64::MAX, |end| end.saturating_add(1));
    let mut left: Vec<(&str, &Event)> = group
        .streams
        .iter()
        .filter(|(stream, _)| {
            names.as_ref().is_none_or(|names| names.contains(stream))
                && prefix
                    .as_ref()
                    .is_none_or(|start| stream.starts_with(start))
        })
        .flat_map(|(stream, kept)| {
            let events = kept.between(start, end).iter();
            events.map(move |event| (stream.as_str(), event))
        })
        .filter(|(_, event)| match &after {
            None => true,
            Some(after) if forward => digits(event.place()) > *after,
            Some(after) => digits(event.place()) < *after,
        })
        .collect();
    match forward {
        true => left.sort_unstable_by_key(|(_, event)| event.place()),
        false => left.sort_unstable_by_key(|(_, event)| Reverse(event.place())),
    }
    let (found, looked_at) = search(&pattern, &left, most, WORK);
    let shown: Vec<Value> = found
        .into_iter()
        .map(|(stream, event)| {
            json!({
                "logStreamName": stream,
                "timestamp": event.at,
                "message": event.message,
                "ingestionTime": event.taken_at,
                "eventId": digits(event.place()),
            })
        })
        .collect();
    let mut answer = json!({ "events": shown, "searchedLogStreams": [] });
    if looked_at < left.len()
        && let Some((_, last)) = left.get(looked_at.saturating_sub(1))
    {
        let way = if forward { "f" } else { "b" };
        let token = format!("{way}/{}\n{bound}", digits(last.place()));
        answer["nextToken"] = make_token(&token).into();
    }
    Ok(answer)
}

/// The events that fit into one answer, and how many were looked at: one at least.
fn search<'e>(
    pattern: &Pattern,
    left: &[(&'e str, &'e Event)],
    most: usize,
    bearable: usize,
) -> (Vec<(&'e str, &'e Event)>, usize) {
    let steps = pattern.steps() + pattern.texts().max(1);
    let (mut work, mut bytes, mut found) = (0, 0, Vec::new());
    for (looked_at, (stream, event)) in left.iter().enumerate() {
        if found.len() >= most || work >= bearable {
            return (found, looked_at);
        }
        // An empty message is looked at, too.
        work += (event.message.len() + 1) * steps;
        if !pattern.fits(&event.message) {
            continue;
        }
        bytes += event.bytes();
        if bytes > BATCH && !found.is_empty() {
            return (found, looked_at);
        }
        found.push((*stream, *event));
    }
    (found, left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_takes_long_is_gone_on_with_later() {
        let event = |turn: u64| Event {
            at: 0,
            turn,
            taken_at: 0,
            message: "a".repeat(100),
        };
        let events: Vec<Event> = (0..4).map(event).collect();
        let left: Vec<_> = events.iter().map(|event| ("s", event)).collect();
        let looked_at = |pattern: &str, bearable| {
            let pattern = Pattern::read(pattern).unwrap();
            search(&pattern, &left, 10, bearable).1
        };
        assert_eq!(looked_at("b", 1_000), 4);
        assert_eq!(looked_at("%a{10}b%", 2_000), 2);
        assert_eq!(looked_at("%a{10}b%", 1), 1);
        assert_eq!(looked_at("?b ?c ?d ?e", 500), 2);
    }
}
