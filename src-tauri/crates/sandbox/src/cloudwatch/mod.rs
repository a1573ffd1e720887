//! Amazon CloudWatch: metrics and alarms. An alarm is evaluated when somebody looks; its actions are
//! remembered and never carried out. Metric math and composite alarms are not simulated.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html>

mod alarm;
mod alarms;
mod describe;
mod evaluate;
mod input;
mod metric_input;
mod metrics;
mod series;
mod state;
mod statistics;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

pub(crate) use self::state::State;

/// Answers one operation.
pub(crate) fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        "PutMetricAlarm" => alarms::put_metric_alarm(around, call, input),
        "DeleteAlarms" => alarms::delete_alarms(around, call, input),
        "SetAlarmState" => alarms::set_alarm_state(around, call, input),
        "EnableAlarmActions" => alarms::switch_actions(around, call, input, true),
        "DisableAlarmActions" => alarms::switch_actions(around, call, input, false),
        "DescribeAlarms" => describe::describe_alarms(around, call, input),
        "DescribeAlarmsForMetric" => describe::describe_alarms_for_metric(around, call, input),
        "DescribeAlarmHistory" => describe::describe_alarm_history(around, call, input),
        "PutMetricData" => metrics::put_metric_data(around, call, input),
        "ListMetrics" => metrics::list_metrics(around, call, input),
        "GetMetricStatistics" => statistics::metric_statistics(around, call, input),
        "GetMetricData" => statistics::metric_values(around, call, input),
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}
