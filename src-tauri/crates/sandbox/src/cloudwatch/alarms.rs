//! Alarms: put, set, switched and deleted.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::alarm::{Alarm, Happening};
use super::input::{alarm_arn, invalid, permit, read, text};
use super::metric_input::{Dimension, STATISTICS, UNITS, known, metric, period};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

const COMPARISONS: [&str; 4] = [
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
];
const MISSING: [&str; 4] = ["breaching", "notBreaching", "ignore", "missing"];
const STATES: [&str; 3] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    alarm_name: Option<String>,
    alarm_description: Option<String>,
    actions_enabled: Option<bool>,
    #[serde(rename = "OKActions")]
    ok_actions: Option<Vec<String>>,
    alarm_actions: Option<Vec<String>>,
    insufficient_data_actions: Option<Vec<String>>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    period: Option<i64>,
    unit: Option<String>,
    evaluation_periods: Option<usize>,
    datapoints_to_alarm: Option<usize>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    metrics: Option<Vec<Value>>,
}

/// The member `MetricStat` of a query.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricStat {
    pub(super) metric: Named,
    pub(super) period: Option<i64>,
    pub(super) stat: Option<String>,
    pub(super) unit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub(super) namespace: Option<String>,
    pub(super) metric_name: Option<String>,
    pub(super) dimensions: Option<Vec<Dimension>>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
pub(super) fn put_metric_alarm(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let mut asked: Put = read(input)?;
    let name = text("alarmName", asked.alarm_name.take(), 255)?;
    let query = query(&mut asked)?;
    let alarm = alarm(call, name.clone(), asked, query)?;
    permit(call, "PutMetricAlarm", &alarm_arn(call, &name))?;
    let mut state = around.neighbours.cloudwatch.write(around.revision);
    let room = state.room_mut(call);
    let (alarm, how) = match room.alarms.get(&name) {
        // What is configured anew keeps its state until it is evaluated.
        Some(old) => {
            let kept = Alarm {
                state: old.state.clone(),
                reason: old.reason.clone(),
                reason_data: old.reason_data.clone(),
                updated: old.updated,
                changed: old.changed,
                ..alarm
            };
            (kept, "updated")
        }
        None => (alarm, "created"),
    };
    room.alarms.insert(name.clone(), alarm);
    room.happened(Happening::configured(&name, how, call.now));
    Ok(Value::Null)
}

/// Takes the one query of `Metrics` apart, if the alarm has one.
fn query(asked: &mut Put) -> Result<Option<Value>, ApiError> {
    let Some(queries) = asked.metrics.take().filter(|queries| !queries.is_empty()) else {
        return Ok(None);
    };
    if asked.metric_name.is_some() {
        return Err(invalid("MetricName and Metrics cannot both be specified."));
    }
    let [query] = &queries[..] else {
        return Err(no_math());
    };
    let stat = query.get("MetricStat").ok_or_else(no_math)?;
    let stat: MetricStat =
        serde_json::from_value(stat.clone()).map_err(|wrong| invalid(wrong.to_string()))?;
    asked.namespace = stat.metric.namespace;
    asked.metric_name = stat.metric.metric_name;
    asked.dimensions = stat.metric.dimensions;
    asked.period = stat.period;
    asked.statistic = stat.stat;
    asked.unit = stat.unit;
    Ok(Some(query.clone()))
}

fn no_math() -> ApiError {
    invalid("The sandbox knows alarms on one metric, and no metric math.")
}

fn alarm(call: &Call, name: String, asked: Put, query: Option<Value>) -> Result<Alarm, ApiError> {
    let metric = metric(asked.namespace, asked.metric_name, asked.dimensions)?;
    if asked.extended_statistic.is_some() {
        return Err(invalid("The sandbox knows no percentiles."));
    }
    let statistic = text("statistic", asked.statistic, 255)?;
    known("statistic", &statistic, &STATISTICS)?;
    let comparison = text("comparisonOperator", asked.comparison_operator, 255)?;
    known("comparisonOperator", &comparison, &COMPARISONS)?;
    if let Some(unit) = &asked.unit {
        known("unit", unit, &UNITS)?;
    }
    if let Some(word) = &asked.treat_missing_data {
        known("treatMissingData", word, &MISSING)?;
    }
    let period = period(asked.period)?;
    let periods = asked.evaluation_periods.filter(|periods| *periods > 0);
    let periods = periods.ok_or_else(|| invalid("EvaluationPeriods must be greater than 0."))?;
    let longest = if period >= 3_600 { 604_800 } else { 86_400 };
    let span = i64::try_from(periods)
        .ok()
        .and_then(|count| count.checked_mul(period));
    if span.is_none_or(|span| span > longest) {
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {longest} seconds (EvaluationPeriods * \
             Period)."
        )));
    }
    let fits = |count: usize| (1..=periods).contains(&count);
    if asked.datapoints_to_alarm.is_some_and(|count| !fits(count)) {
        return Err(invalid(
            "DatapointsToAlarm must be between 1 and EvaluationPeriods.",
        ));
    }
    let actions = |list: Option<Vec<String>>| match list.unwrap_or_default() {
        list if list.len() > 5 => Err(invalid("There can be no more than 5 actions.")),
        list if list.iter().any(|action| !action.starts_with("arn:")) => {
            Err(invalid("Invalid action ARN."))
        }
        list => Ok(list),
    };
    Ok(Alarm {
        name,
        description: asked.alarm_description,
        actions_enabled: asked.actions_enabled.unwrap_or(true),
        ok_actions: actions(asked.ok_actions)?,
        alarm_actions: actions(asked.alarm_actions)?,
        insufficient_actions: actions(asked.insufficient_data_actions)?,
        metric,
        statistic,
        query,
        period,
        unit: asked.unit,
        periods,
        to_alarm: asked.datapoints_to_alarm,
        threshold: asked
            .threshold
            .ok_or_else(|| invalid("Threshold is required."))?,
        comparison,
        missing: asked.treat_missing_data,
        configured: call.now,
        state: "INSUFFICIENT_DATA".to_owned(),
        reason: "Unchecked: Initial alarm creation".to_owned(),
        reason_data: None,
        updated: call.now,
        changed: call.now,
        set: false,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Several {
    alarm_names: Option<Vec<String>>,
}

fn names(
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> Result<Vec<String>, ApiError> {
    let names = read::<Several>(input)?.alarm_names;
    let names = names.ok_or_else(|| invalid("AlarmNames is required."))?;
    if names.len() > 100 {
        return Err(invalid("There can be no more than 100 alarm names."));
    }
    for name in &names {
        permit(call, operation, &alarm_arn(call, name))?;
    }
    Ok(names)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>
/// What is there is deleted, whatever is not.
pub(super) fn delete_alarms(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let names = names(call, "DeleteAlarms", input)?;
    let mut state = around.neighbours.cloudwatch.write(around.revision);
    let room = state.room_mut(call);
    let mut unknown = names.iter().filter(|name| !room.alarms.contains_key(*name));
    if let Some(first) = unknown.next()
        && unknown.count() + 1 == names.len()
    {
        return Err(not_found(first));
    }
    for name in names {
        if room.alarms.remove(&name).is_some() {
            room.happened(Happening::configured(&name, "deleted", call.now));
        }
    }
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>
pub(super) fn switch_actions(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
    on: bool,
) -> ApiResult {
    let operation = if on {
        "EnableAlarmActions"
    } else {
        "DisableAlarmActions"
    };
    let names = names(call, operation, input)?;
    let mut state = around.neighbours.cloudwatch.write(around.revision);
    let room = state.room_mut(call);
    for name in names {
        if let Some(alarm) = room
            .alarms
            .get_mut(&name)
            .filter(|alarm| alarm.actions_enabled != on)
        {
            alarm.actions_enabled = on;
            alarm.configured = call.now;
            room.happened(Happening::configured(&name, "updated", call.now));
        }
    }
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Set {
    alarm_name: Option<String>,
    state_value: Option<String>,
    state_reason: Option<String>,
    state_reason_data: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>
pub(super) fn set_alarm_state(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Set = read(input)?;
    let name = text("alarmName", asked.alarm_name, 255)?;
    let value = text("stateValue", asked.state_value, 20)?;
    known("stateValue", &value, &STATES)?;
    let reason = asked.state_reason.unwrap_or_default();
    if reason.chars().count() > 1_023 {
        return Err(invalid("StateReason is too long."));
    }
    let data = asked.state_reason_data;
    if data
        .as_ref()
        .is_some_and(|data| serde_json::from_str::<Value>(data).is_err())
    {
        return Err(ApiError::new(
            "InvalidFormat",
            "StateReasonData is not JSON.",
        ));
    }
    permit(call, "SetAlarmState", &alarm_arn(call, &name))?;
    super::evaluate::settle(around, call);
    let mut state = around.neighbours.cloudwatch.write(around.revision);
    let room = state.room_mut(call);
    let alarm = room.alarms.get_mut(&name).ok_or_else(|| not_found(&name))?;
    alarm.set = true;
    if let Some(happening) = alarm.enter(&value, reason, data, call.now) {
        room.happened(happening);
    }
    Ok(Value::Null)
}

fn not_found(name: &str) -> ApiError {
    ApiError::new("ResourceNotFound", format!("Unknown alarm {name}")).with_status(404)
}
