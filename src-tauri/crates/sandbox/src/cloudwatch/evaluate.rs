//! The state of an alarm as it follows from its metric.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html>

use time::Duration;

use super::alarm::Alarm;
use super::series::{Point, Series};
use crate::api::Call;
use crate::neighbours::Around;

/// Brings all alarms of the caller's account and region up to now.
pub(super) fn settle(around: &Around<'_>, call: &Call) {
    let kept = &around.neighbours.cloudwatch;
    let due: Vec<(Alarm, Vec<Point>)> = {
        let state = kept.read();
        let Some(room) = state.room(call) else { return };
        let due = room.alarms.values().filter(|alarm| is_due(alarm, call));
        due.map(|alarm| (alarm.clone(), room.points(&alarm.metric).to_vec()))
            .collect()
    };
    let changed: Vec<(Alarm, &str, String)> = due
        .into_iter()
        .filter_map(|(alarm, put)| {
            let series = Series::of(around, call, &alarm.metric, put);
            let (state, reason) = judge(call, &series, &alarm)?;
            (state != alarm.state).then_some((alarm, state, reason))
        })
        .collect();
    if changed.is_empty() {
        return;
    }
    let mut state = kept.write(around.revision);
    let room = state.room_mut(call);
    for (seen, state, reason) in changed {
        let known = room.alarms.get_mut(&seen.name);
        // Who was changed meanwhile is looked at the next time.
        let Some(alarm) = known.filter(|alarm| alarm.updated == seen.updated) else {
            continue;
        };
        alarm.set = false;
        if let Some(happening) = alarm.enter(state, reason, None, call.now) {
            room.happened(happening);
        }
    }
}

/// A state that somebody set holds until the next evaluation.
fn is_due(alarm: &Alarm, call: &Call) -> bool {
    !alarm.set || call.now >= alarm.updated + Duration::seconds(alarm.period.min(60))
}

/// The state and its reason; none if it is to stay as it is.
fn judge(call: &Call, series: &Series, alarm: &Alarm) -> Option<(&'static str, String)> {
    let now = call.now.unix_timestamp();
    let (mut breaching, mut known, mut last) = (0, 0, None);
    let (mut missing, asked) = (0, alarm.to_alarm.unwrap_or(alarm.periods));
    for turn in 0..alarm.periods {
        let back = i64::try_from(turn).ok()?.checked_mul(alarm.period)?;
        let end = now.checked_sub(back)?;
        let start = end.checked_sub(alarm.period)?;
        let point = series.between(start, end, alarm.unit.as_deref());
        match point.and_then(|point| point.statistic(&alarm.statistic)) {
            Some(value) => {
                known += 1;
                last = last.or(Some(value));
                breaching += usize::from(breaches(alarm, value));
            }
            None => missing += 1,
        }
    }
    match alarm.missing.as_deref() {
        Some("breaching") => breaching += missing,
        Some("ignore") if known == 0 => return None,
        Some("notBreaching" | "ignore") => {}
        _ if known == 0 => {
            let reason = format!("Insufficient Data: {missing} datapoints were unknown.");
            return Some(("INSUFFICIENT_DATA", reason));
        }
        _ => {}
    }
    let value = last.map_or_else(|| "missing".to_owned(), |value| value.to_string());
    let (state, count) = match breaching >= asked {
        true => ("ALARM", breaching),
        false => ("OK", alarm.periods - breaching),
    };
    let not = if state == "OK" { "not " } else { "" };
    let relation = relation(&alarm.comparison);
    Some((
        state,
        format!(
            "Threshold Crossed: {count} out of the last {} datapoints [{value}] was {not}{relation} \
             the threshold ({}).",
            alarm.periods, alarm.threshold
        ),
    ))
}

fn breaches(alarm: &Alarm, value: f64) -> bool {
    match alarm.comparison.as_str() {
        "GreaterThanOrEqualToThreshold" => value >= alarm.threshold,
        "GreaterThanThreshold" => value > alarm.threshold,
        "LessThanThreshold" => value < alarm.threshold,
        _ => value <= alarm.threshold,
    }
}

fn relation(comparison: &str) -> &'static str {
    match comparison {
        "GreaterThanOrEqualToThreshold" => "greater than or equal to",
        "GreaterThanThreshold" => "greater than",
        "LessThanThreshold" => "less than",
        _ => "less than or equal to",
    }
}
