//! What metrics say: their statistics in periods.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html>

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::alarms::MetricStat;
use super::input::{invalid, invalid_value, permit, read, text};
use super::metric_input::{Dimension, STATISTICS, UNITS, known, metric, statistics_period, whole};
use super::series::{Metric, Point, Series};
use crate::api::{ApiError, ApiResult, Call};
use crate::encoding::hex;
use crate::neighbours::Around;

/// Points that one request for statistics may ask for.
const MOST_ASKED: i64 = 1_440;

/// Points of one answer to a request for values.
const MOST_TOLD: usize = 100_800;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    period: Option<i64>,
    statistics: Option<Vec<String>>,
    unit: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>
pub(super) fn metric_statistics(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let metric = metric(asked.namespace, asked.metric_name, asked.dimensions)?;
    let period = statistics_period(asked.period)?;
    let statistics = asked.statistics.unwrap_or_default();
    if statistics.is_empty() {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        ));
    }
    for word in &statistics {
        known("statistics", word, &STATISTICS)?;
    }
    let (start, end) = span(asked.start_time, asked.end_time)?;
    if (end - start - 1) / period + 1 > MOST_ASKED {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "You have requested more than 1,440 datapoints. You may reduce the datapoints requested \
             by increasing Period, or decreasing the time range.",
        ));
    }
    if let Some(unit) = &asked.unit {
        known("unit", unit, &UNITS)?;
    }
    permit(call, "GetMetricStatistics", "*")?;
    let unit = asked.unit.as_deref();
    let points = points(around, call, &metric, (start, end, period), unit);
    let shown: Vec<Value> = points
        .into_iter()
        .map(|(at, point)| {
            let mut shown = json!({ "Timestamp": at, "Unit": point.unit });
            for word in &statistics {
                shown[word] = point.statistic(word).into();
            }
            shown
        })
        .collect();
    Ok(json!({ "Label": metric.name, "Datapoints": shown }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Queries {
    metric_data_queries: Option<Vec<Query>>,
    start_time: Option<f64>,
    end_time: Option<f64>,
    scan_by: Option<String>,
    max_datapoints: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: Option<String>,
    metric_stat: Option<MetricStat>,
    label: Option<String>,
    return_data: Option<bool>,
}

/// A query as read.
struct Read {
    id: String,
    label: String,
    metric: Metric,
    statistic: String,
    period: i64,
    unit: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
/// What does not fit into an answer is on the next page.
pub(super) fn metric_values(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let bound = bound(call, input);
    let asked: Queries = read(input)?;
    let queries = asked.metric_data_queries.unwrap_or_default();
    if !(1..=500).contains(&queries.len()) {
        return Err(invalid("MetricDataQueries must have 1 to 500 queries."));
    }
    let (start, end) = span(asked.start_time, asked.end_time)?;
    let newest_first = match asked.scan_by.as_deref() {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(_) => return Err(invalid("The parameter ScanBy is not valid.")),
    };
    let most = match asked.max_datapoints.map(usize::try_from) {
        None => MOST_TOLD,
        Some(Ok(most)) if (1..=MOST_TOLD).contains(&most) => most,
        Some(_) => {
            return Err(invalid("MaxDatapoints must be between 1 and 100,800."));
        }
    };
    let (first, mut told) = match asked.next_token {
        None => (0, 0),
        Some(token) => read_token(&token, &bound)
            .ok_or_else(|| ApiError::new("InvalidNextToken", "The next token is not valid."))?,
    };
    let mut ids = BTreeSet::new();
    let mut wanted = Vec::new();
    for query in queries {
        let returned = query.return_data != Some(false);
        let query = query.read()?;
        if !ids.insert(query.id.clone()) {
            return Err(invalid(format!(
                "The values for parameter id in MetricDataQueries are not unique: {}.",
                query.id
            )));
        }
        if returned {
            wanted.push(query);
        }
    }
    permit(call, "GetMetricData", "*")?;
    let (mut results, mut left, mut next) = (Vec::new(), most, None);
    for (turn, query) in wanted.into_iter().enumerate().skip(first) {
        if left == 0 {
            next = Some((turn, 0));
            break;
        }
        let unit = query.unit.as_deref();
        let times = (start, end, query.period);
        let mut points = points(around, call, &query.metric, times, unit);
        if newest_first {
            points.reverse();
        }
        let known = points.len();
        let page = points.into_iter().skip(told).take(left);
        let (times, values): (Vec<i64>, Vec<Option<f64>>) = page
            .map(|(at, point)| (at, point.statistic(&query.statistic)))
            .unzip();
        left -= times.len();
        let is_whole = told + times.len() >= known;
        if !is_whole {
            next = Some((turn, told + times.len()));
        }
        results.push(json!({
            "Id": query.id,
            "Label": query.label,
            "Timestamps": times,
            "Values": values,
            "StatusCode": if is_whole { "Complete" } else { "PartialData" },
        }));
        told = 0;
        if next.is_some() {
            break;
        }
    }
    let mut answer = json!({ "MetricDataResults": results, "Messages": [] });
    if let Some((turn, told)) = next {
        let token = format!("{turn}/{told}\n{bound}");
        answer["NextToken"] = URL_SAFE_NO_PAD.encode(token).into();
    }
    Ok(answer)
}

impl Query {
    fn read(self) -> Result<Read, ApiError> {
        let id = text("id", self.id, 255)?;
        let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if !id.starts_with(|first: char| first.is_ascii_lowercase()) || !id.chars().all(fits) {
            return Err(invalid(format!(
                "The value {id} for parameter MetricDataQueries.Id is not matching the expected \
                 pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        let stat = self
            .metric_stat
            .ok_or_else(|| invalid("The sandbox knows no metric math."))?;
        let Some(statistic) = stat.stat.filter(|word| STATISTICS.contains(&word.as_str())) else {
            return Err(invalid("The sandbox knows no such statistic."));
        };
        let named = stat.metric;
        let metric = metric(named.namespace, named.metric_name, named.dimensions)?;
        Ok(Read {
            id,
            label: self.label.unwrap_or_else(|| metric.name.clone()),
            metric,
            statistic,
            period: statistics_period(stat.period)?,
            unit: stat.unit,
        })
    }
}

/// A token goes on with its own request only, whatever the length of its pages.
fn bound(call: &Call, input: &Map<String, Value>) -> String {
    let mut input = input.clone();
    for member in ["NextToken", "MaxDatapoints"] {
        input.remove(member);
    }
    let text = format!("{}/{}\n{}", call.account, call.region, Value::Object(input));
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

fn read_token(token: &str, bound: &str) -> Option<(usize, usize)> {
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let (place, of) = token.split_once('\n')?;
    let (turn, told) = place.split_once('/')?;
    (of == bound).then(|| Some((turn.parse().ok()?, told.parse().ok()?)))?
}

/// The points of whole periods. What is still to come is not there, and neither is what is so long ago
/// that points of this period are not kept.
fn points(
    around: &Around<'_>,
    call: &Call,
    metric: &Metric,
    (start, end, period): (i64, i64, i64),
    unit: Option<&str>,
) -> Vec<(i64, Point)> {
    let now = call.now.unix_timestamp();
    let start = start.max(now - kept_for(period));
    let start = start - start.rem_euclid(period);
    let end = end.min(now + 1);
    let put = {
        let state = around.neighbours.cloudwatch.read();
        let room = state.room(call);
        room.map_or_else(Vec::new, |room| room.points(metric).to_vec())
    };
    let series = Series::of(around, call, metric, put);
    let (mut at, mut found) = (start, Vec::new());
    while at < end {
        let until = (at + period).min(end) - 1;
        if let Some(point) = series.between(at - 1, until, unit) {
            found.push((at, point));
        }
        at += period;
    }
    found
}

/// How long points of a period are kept.
fn kept_for(period: i64) -> i64 {
    match period {
        ..60 => 3 * HOUR,
        _ if period % HOUR == 0 => 455 * DAY,
        _ if period % 300 == 0 => 63 * DAY,
        _ => 15 * DAY,
    }
}

fn span(start: Option<f64>, end: Option<f64>) -> Result<(i64, i64), ApiError> {
    let (Some(start), Some(end)) = (start, end) else {
        return Err(ApiError::new(
            "MissingParameter",
            "StartTime and EndTime are required.",
        ));
    };
    // Further away, sums of times would not fit.
    let (start, end) = (whole(start.clamp(0.0, 1e12)), whole(end.clamp(0.0, 1e12)));
    if start >= end {
        return Err(invalid_value(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok((start, end))
}
