//! `LookupEvents`: the management events of the last 90 days, newest first.

use std::cmp::Reverse;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::Duration;

use super::input::{permit, read};
use super::record::Record;
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Events on a page, if the request does not say how many; also the most.
const PAGE: usize = 50;

const KEPT: Duration = Duration::days(90);

const KEYS: [&str; 8] = [
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    lookup_attributes: Option<Vec<Attribute>>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    event_category: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_key: Option<String>,
    attribute_value: Option<String>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>
pub(super) fn lookup_events(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let attribute = attribute(asked.lookup_attributes.unwrap_or_default())?;
    let length = match asked.max_results.map(usize::try_from) {
        None => PAGE,
        Some(Ok(number)) if (1..=PAGE).contains(&number) => number,
        Some(_) => {
            return Err(ApiError::new(
                "InvalidMaxResultsException",
                "Max results must be between 1 and 50.",
            ));
        }
    };
    let (start, end) = (asked.start_time, asked.end_time);
    if start.zip(end).is_some_and(|(start, end)| start > end) {
        return Err(ApiError::new(
            "InvalidTimeRangeException",
            "The start time must be before the end time.",
        ));
    }
    let insights = match asked.event_category.as_deref() {
        None => false,
        Some("insight") => true,
        Some(_) => {
            return Err(ApiError::new(
                "InvalidEventCategoryException",
                "The event category is not valid.",
            ));
        }
    };
    // A token goes on with its own request only.
    let bound = format!(
        "{}\n{attribute:?}\n{start:?}\n{end:?}\n{insights}",
        call.account
    );
    let before = match asked.next_token {
        None => u64::MAX,
        Some(token) => read_token(&token, &bound).ok_or_else(|| {
            ApiError::new("InvalidNextTokenException", "The next token is not valid.")
        })?,
    };
    permit(call, "LookupEvents", "*")?;
    let oldest = call.now - KEPT;
    let state = around.neighbours.cloudtrail.read();
    let mut found: Vec<&Record> = state
        .records(&call.account, &call.region)
        .filter(|record| {
            !insights
                && record.turn < before
                && record.at >= oldest
                && within(record, start, end)
                && attribute.as_ref().is_none_or(|wanted| fits(record, wanted))
        })
        .collect();
    found.sort_unstable_by_key(|record| Reverse(record.turn));
    let more = found.len() > length;
    found.truncate(length);
    let shown: Vec<Value> = found.iter().map(|record| show(record)).collect();
    let mut answer = json!({ "Events": shown });
    if let Some(last) = found.last().filter(|_| more) {
        let token = format!("{}\n{bound}", last.turn);
        answer["NextToken"] = URL_SAFE_NO_PAD.encode(token).into();
    }
    Ok(answer)
}

fn attribute(list: Vec<Attribute>) -> Result<Option<(String, String)>, ApiError> {
    let invalid = |sentence: &str| Err(ApiError::new("InvalidLookupAttributesException", sentence));
    if list.len() > 1 {
        return invalid("Only one lookup attribute can be specified.");
    }
    let Some(attribute) = list.into_iter().next() else {
        return Ok(None);
    };
    match (attribute.attribute_key, attribute.attribute_value) {
        (Some(key), Some(value))
            if KEYS.contains(&key.as_str()) && (1..=2_000).contains(&value.chars().count()) =>
        {
            Ok(Some((key, value)))
        }
        _ => invalid("The lookup attribute is not valid."),
    }
}

/// Times are told to the second.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
fn within(record: &Record, start: Option<f64>, end: Option<f64>) -> bool {
    let at = record.at.unix_timestamp() as f64;
    start.is_none_or(|start| at >= start.floor()) && end.is_none_or(|end| at <= end)
}

fn fits(record: &Record, (key, value): &(String, String)) -> bool {
    let value = value.as_str();
    let resources = || record.resources().into_iter();
    match key.as_str() {
        "EventId" => record.id() == value,
        "EventName" => *record.operation == *value,
        "ReadOnly" => value == record.reads.to_string(),
        "Username" => !record.is_foreign() && *record.who.name == *value,
        "ResourceType" => resources().any(|(kind, _)| kind == value),
        "ResourceName" => resources().any(|(_, name)| name == value),
        "EventSource" => record.source() == value,
        _ => !record.is_foreign() && *record.who.key_id == *value,
    }
}

fn show(record: &Record) -> Value {
    let resources: Vec<Value> = record
        .resources()
        .into_iter()
        .map(|(kind, name)| json!({ "ResourceType": kind, "ResourceName": name }))
        .collect();
    let mut shown = json!({
        "EventId": record.id(),
        "EventName": record.operation,
        "ReadOnly": record.reads.to_string(),
        "EventTime": record.at.unix_timestamp(),
        "EventSource": record.source(),
        "Resources": resources,
        "CloudTrailEvent": record.event().to_string(),
    });
    for (member, text) in [
        ("AccessKeyId", &record.who.key_id),
        ("Username", &record.who.name),
    ] {
        if !record.is_foreign() && !text.is_empty() {
            shown[member] = (**text).into();
        }
    }
    shown
}

fn read_token(token: &str, bound: &str) -> Option<u64> {
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (turn, of) = token.split_once('\n')?;
    (of == bound).then(|| turn.parse().ok())?
}
