//! Metrics: put, listed, and asked for their statistics.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::alarms::MetricStat;
use super::input::{invalid, invalid_value, page, permit, read, text};
use super::metric_input::{Dimension, STATISTICS, UNITS, known, metric, period};
use super::series::{EXPIRATION, KMS, Metric, Point, Series};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Points of one answer.
const MOST_POINTS: i64 = 1_440;

/// Metrics on a page.
const PAGE: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    namespace: Option<String>,
    metric_data: Option<Vec<Datum>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    timestamp: Option<f64>,
    value: Option<f64>,
    statistic_values: Option<Statistics>,
    values: Option<Vec<f64>>,
    counts: Option<Vec<f64>>,
    unit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    sample_count: f64,
    sum: f64,
    minimum: f64,
    maximum: f64,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
pub(super) fn put_metric_data(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Put = read(input)?;
    let namespace = text("namespace", asked.namespace, 255)?;
    if namespace.starts_with("AWS/") {
        return Err(invalid_value(
            "The value AWS/ for parameter Namespace is invalid.",
        ));
    }
    let list = asked.metric_data.unwrap_or_default();
    if list.len() > 1_000 {
        return Err(invalid_value("There can be no more than 1000 metrics."));
    }
    let mut points = Vec::new();
    for datum in list {
        read_datum(call, &namespace, datum, &mut points)?;
    }
    permit(call, "PutMetricData", "*")?;
    let mut state = around.neighbours.cloudwatch.write(around.revision);
    let room = state.room_mut(call);
    for (metric, point) in points {
        room.add(metric, point);
    }
    Ok(Value::Null)
}

fn read_datum(
    call: &Call,
    namespace: &str,
    datum: Datum,
    points: &mut Vec<(Metric, Point)>,
) -> Result<(), ApiError> {
    let metric = metric(
        Some(namespace.to_owned()),
        datum.metric_name,
        datum.dimensions,
    )?;
    let unit = datum.unit.unwrap_or_else(|| "None".to_owned());
    known("unit", &unit, &UNITS)?;
    let at = match datum.timestamp {
        Some(at) => whole(at),
        None => call.now.unix_timestamp(),
    };
    let now = call.now.unix_timestamp();
    if !(now - 14 * 86_400..=now + 7_200).contains(&at) {
        return Err(invalid_value(
            "The timestamp must be within the last two weeks and the next two hours.",
        ));
    }
    let mut add = |count: f64, sum: f64, least: f64, most: f64| {
        let point = Point {
            at,
            unit: unit.clone(),
            count,
            sum,
            least,
            most,
        };
        points.push((metric.clone(), point));
    };
    match (datum.value, datum.statistic_values, datum.values) {
        (Some(value), None, None) => add(1.0, value, value, value),
        (None, Some(set), None) => add(set.sample_count, set.sum, set.minimum, set.maximum),
        (None, None, Some(values)) => {
            let counts = datum.counts.unwrap_or_else(|| vec![1.0; values.len()]);
            if counts.len() != values.len() || values.len() > 150 {
                return Err(invalid_value(
                    "Values and Counts must have the same length.",
                ));
            }
            for (value, count) in values.into_iter().zip(counts) {
                add(count, value * count, value, value);
            }
        }
        _ => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "A metric has a Value, Values or StatisticValues.",
            ));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
pub(super) fn list_metrics(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: List = read(input)?;
    permit(call, "ListMetrics", "*")?;
    let of_keys = around.kms.expiring(call).into_iter().map(|id| Metric {
        namespace: KMS.to_owned(),
        name: EXPIRATION.to_owned(),
        dimensions: vec![("KeyId".to_owned(), id)],
    });
    let state = around.neighbours.cloudwatch.read();
    let put = state.room(call).into_iter().flat_map(|room| &room.metrics);
    let wanted = asked.dimensions.unwrap_or_default();
    let rows: Vec<Metric> = put
        .map(|(metric, _)| metric.clone())
        .chain(of_keys)
        .filter(|metric| {
            asked
                .namespace
                .as_ref()
                .is_none_or(|name| metric.namespace == *name)
                && asked
                    .metric_name
                    .as_ref()
                    .is_none_or(|name| metric.name == *name)
                && wanted.iter().all(|dimension| {
                    metric.dimensions.iter().any(|(name, value)| {
                        dimension.name.as_ref() == Some(name)
                            && dimension
                                .value
                                .as_ref()
                                .is_none_or(|wanted| value == wanted)
                    })
                })
        })
        .collect();
    let bound = format!("{:?}{:?}", asked.namespace, asked.metric_name);
    let (rows, next) = page(rows, PAGE, asked.next_token, &bound)?;
    let shown: Vec<Value> = rows
        .iter()
        .map(|metric| {
            json!({
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": metric.show_dimensions(),
            })
        })
        .collect();
    let mut answer = json!({ "Metrics": shown });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

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
    let period = period(asked.period)?;
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
    if (end - start) / period > MOST_POINTS {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "You have requested more than 1,440 datapoints. You may reduce the datapoints requested \
             by increasing Period, or decreasing the time range.",
        ));
    }
    permit(call, "GetMetricStatistics", "*")?;
    let points = points(
        around,
        call,
        &metric,
        (start, end, period),
        asked.unit.as_deref(),
    );
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
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Query {
    id: Option<String>,
    metric_stat: Option<MetricStat>,
    label: Option<String>,
    return_data: Option<bool>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html>
pub(super) fn metric_values(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Queries = read(input)?;
    let queries = asked.metric_data_queries.unwrap_or_default();
    if !(1..=500).contains(&queries.len()) {
        return Err(invalid("MetricDataQueries must have 1 to 500 queries."));
    }
    let (start, end) = span(asked.start_time, asked.end_time)?;
    permit(call, "GetMetricData", "*")?;
    let mut results = Vec::new();
    for query in queries {
        let id = text("id", query.id, 255)?;
        let stat = query
            .metric_stat
            .ok_or_else(|| invalid("The sandbox knows no metric math."))?;
        let Some(word) = stat.stat.filter(|word| STATISTICS.contains(&word.as_str())) else {
            return Err(invalid("The sandbox knows no such statistic."));
        };
        let period = period(stat.period)?;
        if (end - start) / period > 100_800 {
            return Err(invalid("More than 100,800 datapoints are asked for."));
        }
        let named = stat.metric;
        let metric = metric(named.namespace, named.metric_name, named.dimensions)?;
        if query.return_data == Some(false) {
            continue;
        }
        let unit = stat.unit.as_deref();
        let mut points = points(around, call, &metric, (start, end, period), unit);
        if asked.scan_by.as_deref() != Some("TimestampAscending") {
            points.reverse();
        }
        let values = points
            .iter()
            .filter_map(|(_, point)| point.statistic(&word));
        results.push(json!({
            "Id": id,
            "Label": query.label.unwrap_or_else(|| metric.name.clone()),
            "Timestamps": points.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
            "Values": values.collect::<Vec<_>>(),
            "StatusCode": "Complete",
        }));
    }
    Ok(json!({ "MetricDataResults": results, "Messages": [] }))
}

/// The points of whole periods. What is still to come is not there.
fn points(
    around: &Around<'_>,
    call: &Call,
    metric: &Metric,
    (start, end, period): (i64, i64, i64),
    unit: Option<&str>,
) -> Vec<(i64, Point)> {
    let put = {
        let state = around.neighbours.cloudwatch.read();
        let room = state.room(call);
        room.map_or_else(Vec::new, |room| room.points(metric).to_vec())
    };
    let series = Series::of(around, call, metric, put);
    let end = end.min(call.now.unix_timestamp() + 1);
    let mut found = Vec::new();
    let mut at = start - start.rem_euclid(period);
    while at < end {
        let until = (at + period).min(end) - 1;
        if let Some(point) = series.between(at - 1, until, unit) {
            found.push((at, point));
        }
        at += period;
    }
    found
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

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of floats saturates"
)]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}
