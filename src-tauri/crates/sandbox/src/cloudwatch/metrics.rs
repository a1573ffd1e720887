//! Metrics: put and listed. What they say is told in `statistics`.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{invalid_value, page, permit, read, text};
use super::metric_input::{Dimension, UNITS, known, metric, whole};
use super::series::{EXPIRATION, KMS, Metric, Point};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

/// Metrics on a page.
const PAGE: usize = 500;

/// Metrics without younger points are not listed.
const LISTED_S: i64 = 14 * 86_400;

/// Likewise those that are not active, if only the others are asked for.
const ACTIVE_S: i64 = 3 * 3_600;

/// Values are neither greater, nor less with a minus: 2^360.
const GREATEST: f64 = 2_348_542_582_773_833_227_889_480_596_789_337_027_375_682_548_908_319_870_707_290_971_532_209_025_114_608_443_463_698_998_384_768_703_031_934_976.0;

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
        let fits = |value: f64| value.abs() <= GREATEST;
        if ![count, sum, least, most].into_iter().all(fits) {
            return Err(invalid_value("The value of a metric is out of range."));
        }
        let point = Point {
            at,
            unit: unit.clone(),
            count,
            sum,
            least,
            most,
        };
        points.push((metric.clone(), point));
        Ok(())
    };
    match (datum.value, datum.statistic_values, datum.values) {
        (Some(value), None, None) => add(1.0, value, value, value)?,
        (None, Some(set), None) => add(set.sample_count, set.sum, set.minimum, set.maximum)?,
        (None, None, Some(values)) => {
            let counts = datum.counts.unwrap_or_else(|| vec![1.0; values.len()]);
            if counts.len() != values.len() || values.len() > 150 {
                return Err(invalid_value(
                    "Values and Counts must have the same length.",
                ));
            }
            for (value, count) in values.into_iter().zip(counts) {
                add(count, value * count, value, value)?;
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
    recently_active: Option<String>,
    next_token: Option<String>,
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html>
pub(super) fn list_metrics(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: List = read(input)?;
    if let Some(word) = &asked.recently_active {
        known("recentlyActive", word, &["PT3H"])?;
    }
    let young = match asked.recently_active {
        Some(_) => ACTIVE_S,
        None => LISTED_S,
    };
    let oldest = call.now.unix_timestamp() - young;
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
        .filter(|(_, points)| points.last().is_some_and(|point| point.at >= oldest))
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
