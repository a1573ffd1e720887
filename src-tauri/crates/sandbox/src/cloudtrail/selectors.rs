//! Event selectors: which events a trail delivers. Data events are configured only.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::read;
use super::record::Record;
use super::trail_form::Trail;
use super::trails::{own_arn, seen};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    trail_name: Option<String>,
    event_selectors: Option<Vec<Value>>,
    advanced_event_selectors: Option<Vec<Value>>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html>
pub(super) fn put_event_selectors(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let arn = own_arn(
        around,
        call,
        "PutEventSelectors",
        asked.trail_name.as_deref(),
    )?;
    let (simple, advanced) = match (asked.event_selectors, asked.advanced_event_selectors) {
        (Some(simple), None) if (1..=5).contains(&simple.len()) => {
            let whole: Option<Vec<Value>> = simple.iter().map(whole).collect();
            (Some(whole.ok_or_else(invalid)?), None)
        }
        (None, Some(advanced)) if !advanced.is_empty() && advanced.iter().all(is_advanced) => {
            (None, Some(advanced))
        }
        _ => return Err(invalid()),
    };
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    if let Some(trail) = state.trails.get_mut(&arn) {
        trail.selectors = simple.map(Value::from);
        trail.advanced = advanced.map(Value::from);
        return Ok(show(&arn, trail));
    }
    Ok(json!({ "TrailARN": arn }))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html>
pub(super) fn event_selectors(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let (arn, trail) = seen(
        around,
        call,
        "GetEventSelectors",
        asked.trail_name.as_deref(),
    )?;
    Ok(show(&arn, &trail))
}

fn show(arn: &str, trail: &Trail) -> Value {
    match (&trail.selectors, &trail.advanced) {
        (_, Some(advanced)) => json!({ "TrailARN": arn, "AdvancedEventSelectors": advanced }),
        (Some(simple), None) => json!({ "TrailARN": arn, "EventSelectors": simple }),
        (None, None) => {
            let usual = whole(&json!({})).unwrap_or_default();
            json!({ "TrailARN": arn, "EventSelectors": [usual] })
        }
    }
}

/// Whether a trail with these selectors delivers a management event.
pub(super) fn select(trail: &Trail, record: &Record) -> bool {
    if let Some(Value::Array(advanced)) = &trail.advanced {
        return advanced.iter().any(|selector| selects(selector, record));
    }
    let Some(Value::Array(simple)) = &trail.selectors else {
        return true;
    };
    simple.iter().any(|selector| {
        let kind = match selector["ReadWriteType"].as_str() {
            Some("ReadOnly") => record.reads,
            Some("WriteOnly") => !record.reads,
            _ => true,
        };
        let excluded = selector["ExcludeManagementEventSources"].as_array();
        let source = record.source();
        let mut excluded = excluded.into_iter().flatten().filter_map(Value::as_str);
        kind && selector["IncludeManagementEvents"] != false && !excluded.any(|one| one == source)
    })
}

/// All conditions of an advanced selector hold.
fn selects(selector: &Value, record: &Record) -> bool {
    let conditions = selector["FieldSelectors"].as_array();
    conditions.into_iter().flatten().all(|condition| {
        let known = match condition["Field"].as_str() {
            Some("eventCategory") => "Management".to_owned(),
            Some("readOnly") => record.reads.to_string(),
            Some("eventSource") => record.source(),
            Some("eventName") => record.operation.to_string(),
            Some("eventType") => record.event_type().to_owned(),
            Some("userIdentity.arn") => record.who.arn.to_string(),
            _ => return false,
        };
        let any = |name: &str, fits: fn(&str, &str) -> bool| {
            let values = condition.get(name)?.as_array()?;
            let mut values = values.iter().filter_map(Value::as_str);
            Some(values.any(|value| fits(&known, value)))
        };
        let same: fn(&str, &str) -> bool = |known, value| known == value;
        let starts: fn(&str, &str) -> bool = |known, value| known.starts_with(value);
        let ends: fn(&str, &str) -> bool = |known, value| known.ends_with(value);
        any("Equals", same).unwrap_or(true)
            && any("StartsWith", starts).unwrap_or(true)
            && any("EndsWith", ends).unwrap_or(true)
            && !any("NotEquals", same).unwrap_or(false)
            && !any("NotStartsWith", starts).unwrap_or(false)
            && !any("NotEndsWith", ends).unwrap_or(false)
    })
}

/// The services whose events alone can be left out.
const EXCLUDABLE: [&str; 2] = ["kms.amazonaws.com", "rdsdata.amazonaws.com"];

/// A selector with what it leaves out.
fn whole(selector: &Value) -> Option<Value> {
    let selector = selector.as_object()?;
    let kind = selector.get("ReadWriteType").unwrap_or(&Value::Null);
    let kind = match kind {
        Value::Null => "All",
        Value::String(word) if ["All", "ReadOnly", "WriteOnly"].contains(&word.as_str()) => word,
        _ => return None,
    };
    let list = |name: &str| match selector.get(name) {
        None | Some(Value::Null) => Some(json!([])),
        Some(Value::Array(list)) => Some(list.clone().into()),
        Some(_) => None,
    };
    let excluded = list("ExcludeManagementEventSources")?;
    let mut names = excluded.as_array().into_iter().flatten();
    if !names.all(|name| EXCLUDABLE.iter().any(|known| name == known)) {
        return None;
    }
    let management = match selector.get("IncludeManagementEvents") {
        None | Some(Value::Null) => true,
        Some(flag) => flag.as_bool()?,
    };
    Some(json!({
        "ReadWriteType": kind,
        "IncludeManagementEvents": management,
        "DataResources": list("DataResources")?,
        "ExcludeManagementEventSources": excluded,
    }))
}

fn is_advanced(selector: &Value) -> bool {
    let fields = selector.get("FieldSelectors").and_then(Value::as_array);
    fields.is_some_and(|fields| {
        let of_category = |field: &&Value| field["Field"] == "eventCategory";
        !fields.is_empty()
            && fields.iter().all(|field| field["Field"].is_string())
            && fields.iter().any(|field| of_category(&field))
    })
}

fn invalid() -> ApiError {
    ApiError::new(
        "InvalidEventSelectorsException",
        "The event selectors are not valid.",
    )
}
