//! `FilterLogEvents`: the events of a group that fit a pattern, over all its streams.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::events::{EVENTS, digits, fitting};
use super::input::{
    bad_token, group, group_of, invalid, limit, make_token, no_stream, permit, read, read_token,
};
use super::pattern::Pattern;
use super::store::{Event, millis};
use crate::api::{ApiResult, Call};
use crate::neighbours::Around;

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
    // A token goes on with its own request only.
    let bound = format!("{name}\n{text}\n{names:?}\n{prefix:?}");
    let after = match asked.next_token {
        None => None,
        Some(token) => {
            let token = read_token(&token).ok_or_else(bad_token)?;
            let (place, of) = token.split_once('\n').ok_or_else(bad_token)?;
            if of != bound {
                return Err(bad_token());
            }
            Some(place.to_owned())
        }
    };
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
    let mut found: Vec<(&str, &Event)> = group
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
        .filter(|(_, event)| {
            after
                .as_ref()
                .is_none_or(|after| digits(event.place()) > *after)
                && pattern.fits(&event.message)
        })
        .collect();
    found.sort_by_key(|(_, event)| event.place());
    let count = fitting(found.iter().map(|(_, event)| *event), most);
    let shown: Vec<Value> = found
        .iter()
        .take(count)
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
    if count < found.len()
        && let Some((_, last)) = found.get(count.saturating_sub(1))
    {
        let token = format!("{}\n{bound}", digits(last.place()));
        answer["nextToken"] = make_token(&token).into();
    }
    Ok(answer)
}
