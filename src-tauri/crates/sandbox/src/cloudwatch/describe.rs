//! Alarms and what happened to them, looked at. Who looks has them evaluated.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::alarm::Happening;
use super::evaluate::settle;
use super::input::{invalid, length, page, permit, read};
use super::metric_input::{Dimension, metric};
use crate::api::{ApiResult, Call};
use crate::neighbours::Around;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Alarms {
    alarm_names: Option<Vec<String>>,
    alarm_name_prefix: Option<String>,
    alarm_types: Option<Vec<String>>,
    children_of_alarm_name: Option<String>,
    parents_of_alarm_name: Option<String>,
    state_value: Option<String>,
    action_prefix: Option<String>,
    max_records: Option<i64>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
pub(super) fn describe_alarms(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Alarms = read(input)?;
    let length = length(asked.max_records)?;
    let (names, prefix) = (asked.alarm_names, asked.alarm_name_prefix);
    if names.is_some() && prefix.is_some() {
        return Err(invalid(
            "AlarmNamePrefix and AlarmNames cannot both be specified.",
        ));
    }
    permit(call, "DescribeAlarms", "*")?;
    settle(around, call);
    let types = asked.alarm_types.unwrap_or_default();
    let metric_alarms = types.is_empty() || types.iter().any(|kind| kind == "MetricAlarm");
    // No alarm has children.
    let related = asked.children_of_alarm_name.is_some() || asked.parents_of_alarm_name.is_some();
    let action = asked.action_prefix;
    let bound = format!(
        "{names:?}{prefix:?}{types:?}{:?}{action:?}",
        asked.state_value
    );
    let state = around.neighbours.cloudwatch.read();
    let room = state.room(call);
    let rows: Vec<_> = room
        .iter()
        .flat_map(|room| room.alarms.values())
        .filter(|alarm| {
            let mut actions = alarm
                .ok_actions
                .iter()
                .chain(&alarm.alarm_actions)
                .chain(&alarm.insufficient_actions);
            metric_alarms
                && !related
                && names
                    .as_ref()
                    .is_none_or(|names| names.contains(&alarm.name))
                && prefix
                    .as_ref()
                    .is_none_or(|start| alarm.name.starts_with(start))
                && asked
                    .state_value
                    .as_ref()
                    .is_none_or(|value| alarm.state == *value)
                && action
                    .as_ref()
                    .is_none_or(|start| actions.any(|one| one.starts_with(start)))
        })
        .collect();
    let (rows, next) = page(rows, length, asked.next_token, &bound)?;
    let shown: Vec<Value> = rows.into_iter().map(|alarm| alarm.show(call)).collect();
    let mut answer = json!({ "MetricAlarms": shown, "CompositeAlarms": [] });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForMetric {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    statistic: Option<String>,
    period: Option<i64>,
    unit: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html>
pub(super) fn describe_alarms_for_metric(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: ForMetric = read(input)?;
    let metric = metric(asked.namespace, asked.metric_name, asked.dimensions)?;
    permit(call, "DescribeAlarmsForMetric", "*")?;
    settle(around, call);
    let state = around.neighbours.cloudwatch.read();
    let room = state.room(call);
    let alarms = room.iter().flat_map(|room| room.alarms.values());
    let shown: Vec<Value> = alarms
        .filter(|alarm| {
            alarm.metric == metric
                && asked
                    .statistic
                    .as_ref()
                    .is_none_or(|word| alarm.statistic == *word)
                && asked.period.is_none_or(|period| alarm.period == period)
                && (asked.unit.is_none() || alarm.unit == asked.unit)
        })
        .map(|alarm| alarm.show(call))
        .collect();
    Ok(json!({ "MetricAlarms": shown }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct History {
    alarm_name: Option<String>,
    history_item_type: Option<String>,
    start_date: Option<f64>,
    end_date: Option<f64>,
    max_records: Option<i64>,
    next_token: Option<String>,
    scan_by: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html>
pub(super) fn describe_alarm_history(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: History = read(input)?;
    let length = length(asked.max_records)?;
    permit(call, "DescribeAlarmHistory", "*")?;
    settle(around, call);
    let (name, kind) = (asked.alarm_name, asked.history_item_type);
    let (start, end) = (asked.start_date, asked.end_date);
    let bound = format!("{name:?}{kind:?}{start:?}{end:?}{:?}", asked.scan_by);
    let state = around.neighbours.cloudwatch.read();
    let room = state.room(call);
    let mut rows: Vec<&Happening> = room
        .iter()
        .flat_map(|room| &room.history)
        .filter(|item| {
            let at = exact(item.at.unix_timestamp());
            name.as_ref().is_none_or(|name| item.alarm == *name)
                && kind.as_ref().is_none_or(|kind| item.kind == *kind)
                && start.is_none_or(|start| at >= start.floor())
                && end.is_none_or(|end| at <= end)
        })
        .collect();
    if asked.scan_by.as_deref() != Some("TimestampAscending") {
        rows.reverse();
    }
    let (rows, next) = page(rows, length, asked.next_token, &bound)?;
    let shown: Vec<Value> = rows.into_iter().map(Happening::show).collect();
    let mut answer = json!({ "AlarmHistoryItems": shown });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
fn exact(seconds: i64) -> f64 {
    seconds as f64
}
