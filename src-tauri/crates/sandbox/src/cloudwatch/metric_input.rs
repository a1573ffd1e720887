//! What requests say about metrics.

use serde::Deserialize;

use super::input::invalid;
use super::series::Metric;
use crate::api::ApiError;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    pub(super) name: Option<String>,
    pub(super) value: Option<String>,
}

pub(super) const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

pub(super) const STATISTICS: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

/// The metric that a request names.
pub(super) fn metric(
    namespace: Option<String>,
    name: Option<String>,
    dimensions: Option<Vec<Dimension>>,
) -> Result<Metric, ApiError> {
    let namespace = super::input::text("namespace", namespace, 255)?;
    let name = super::input::text("metricName", name, 255)?;
    if namespace.starts_with(':') {
        return Err(invalid("The namespace must not start with a colon."));
    }
    let dimensions = dimensions.unwrap_or_default();
    if dimensions.len() > 30 {
        return Err(invalid("A metric has no more than 30 dimensions."));
    }
    let mut read = Vec::with_capacity(dimensions.len());
    for Dimension { name, value } in dimensions {
        read.push((
            super::input::text("dimension.name", name, 255)?,
            super::input::text("dimension.value", value, 1_024)?,
        ));
    }
    read.sort();
    Ok(Metric {
        namespace,
        name,
        dimensions: read,
    })
}

/// The period of an alarm: 10, 20 or 30 seconds, or whole minutes.
pub(super) fn period(asked: Option<i64>) -> Result<i64, ApiError> {
    match asked {
        Some(period @ (10 | 20 | 30)) => Ok(period),
        Some(period) if period > 0 && period % 60 == 0 && period <= 604_800 => Ok(period),
        _ => Err(invalid("Period must be 10, 20, 30 or a multiple of 60.")),
    }
}

/// The period of statistics, which may be shorter and longer.
pub(super) fn statistics_period(asked: Option<i64>) -> Result<i64, ApiError> {
    match asked {
        Some(period @ (1 | 5 | 10 | 20 | 30)) => Ok(period),
        Some(period) if period > 0 && period % 60 == 0 => Ok(period),
        _ => Err(super::input::invalid_value(
            "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.",
        )),
    }
}

/// A moment of a request in whole seconds.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of floats saturates"
)]
pub(super) fn whole(seconds: f64) -> i64 {
    seconds as i64
}

pub(super) fn known(member: &str, word: &str, words: &[&str]) -> Result<(), ApiError> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: Member \
         must satisfy enum value set: [{}]",
        word.chars().take(100).collect::<String>(),
        words.join(", ")
    )))
}
