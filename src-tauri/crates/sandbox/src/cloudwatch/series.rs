//! Metrics: the points that were put, and the one that KMS has of keys whose material expires.

use serde::{Deserialize, Serialize};

use crate::api::Call;
use crate::neighbours::Around;

/// What a metric is known by. Dimensions are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) dimensions: Vec<(String, String)>,
}

/// Values that were measured at one time, in seconds since 1970.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) at: i64,
    pub(super) unit: String,
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// The namespace and the metric of KMS.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html>
pub(super) const KMS: &str = "AWS/KMS";
pub(super) const EXPIRATION: &str = "SecondsUntilKeyMaterialExpiration";

/// The points of one metric.
pub(super) enum Series {
    Put(Vec<Point>),
    /// One point a minute since its key was made, which tells how long it is until this moment.
    Until {
        since: i64,
        moment: i64,
    },
}

impl Series {
    /// The series of a metric, of which these points were put. No lock of this service may be held.
    pub(super) fn of(around: &Around<'_>, call: &Call, metric: &Metric, put: Vec<Point>) -> Self {
        if metric.namespace == KMS
            && metric.name == EXPIRATION
            && let [(name, id)] = &metric.dimensions[..]
            && name == "KeyId"
        {
            // The dimension is the id alone, and the metric that of the caller's account and region.
            let is_id = !id.contains([':', '/']);
            let key = is_id.then(|| around.kms.seen(call, id)).flatten();
            // A key whose material expired, or never does, has no points.
            let expiring = key.and_then(|key| Some((key.created, key.expires?)));
            return match expiring {
                Some((created, moment)) => Self::Until {
                    since: created.unix_timestamp(),
                    moment: moment.unix_timestamp(),
                },
                None => Self::Put(Vec::new()),
            };
        }
        Self::Put(put)
    }

    /// What was measured after `start`, up to `end`; of all units, if none is asked for.
    pub(super) fn between(&self, start: i64, end: i64, unit: Option<&str>) -> Option<Point> {
        match self {
            Self::Put(points) => {
                let from = points.partition_point(|point| point.at <= start);
                let to = points.partition_point(|point| point.at <= end);
                let fitting = points.get(from..to).unwrap_or_default().iter();
                let fitting = fitting.filter(|point| unit.is_none_or(|unit| point.unit == unit));
                fitting.cloned().reduce(Point::with)
            }
            Self::Until { .. } if unit.is_some_and(|unit| unit != "Seconds") => None,
            Self::Until { since, moment } => {
                let (start, end) = (start.max(since - 1), end.min(*moment));
                let minutes = end.checked_sub(start)?.checked_add(59)? / 60;
                (minutes > 0).then(|| {
                    let least = seconds(moment - end);
                    let most = seconds(moment - start - 1).max(least);
                    let count = seconds(minutes);
                    Point {
                        at: start,
                        unit: "Seconds".to_owned(),
                        count,
                        sum: (least + most) / 2.0 * count,
                        least,
                        most,
                    }
                })
            }
        }
    }
}

impl Point {
    fn with(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
            ..self
        }
    }

    /// One of AWS's five statistics.
    pub(super) fn statistic(&self, name: &str) -> Option<f64> {
        Some(match name {
            "SampleCount" => self.count,
            "Sum" => self.sum,
            "Average" if self.count > 0.0 => self.sum / self.count,
            "Average" => 0.0,
            "Minimum" => self.least,
            "Maximum" => self.most,
            _ => return None,
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of a life of a key are exact"
)]
fn seconds(count: i64) -> f64 {
    count as f64
}
