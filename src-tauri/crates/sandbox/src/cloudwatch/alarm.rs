//! An alarm: how it is kept and shown, and what happened to it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::input::alarm_arn;
use super::series::Metric;
use crate::api::Call;

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Alarm {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) actions_enabled: bool,
    pub(super) ok_actions: Vec<String>,
    pub(super) alarm_actions: Vec<String>,
    pub(super) insufficient_actions: Vec<String>,
    pub(super) metric: Metric,
    pub(super) statistic: String,
    /// The one query, if the alarm was put with `Metrics`.
    pub(super) query: Option<Value>,
    pub(super) period: i64,
    pub(super) unit: Option<String>,
    pub(super) periods: usize,
    pub(super) to_alarm: Option<usize>,
    pub(super) threshold: f64,
    pub(super) comparison: String,
    pub(super) missing: Option<String>,
    #[serde(with = "rfc3339")]
    pub(super) configured: OffsetDateTime,
    pub(super) state: String,
    pub(super) reason: String,
    pub(super) reason_data: Option<String>,
    #[serde(with = "rfc3339")]
    pub(super) updated: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(super) changed: OffsetDateTime,
    /// Whether somebody set the state, which holds until it is evaluated again.
    pub(super) set: bool,
}

/// An entry of the history.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Happening {
    pub(super) alarm: String,
    #[serde(with = "rfc3339")]
    pub(super) at: OffsetDateTime,
    pub(super) kind: String,
    pub(super) summary: String,
    pub(super) told: String,
}

impl Alarm {
    pub(super) fn show(&self, call: &Call) -> Value {
        let mut shown = json!({
            "AlarmName": self.name,
            "AlarmArn": alarm_arn(call, &self.name),
            "AlarmConfigurationUpdatedTimestamp": seconds(self.configured),
            "ActionsEnabled": self.actions_enabled,
            "OKActions": self.ok_actions,
            "AlarmActions": self.alarm_actions,
            "InsufficientDataActions": self.insufficient_actions,
            "StateValue": self.state,
            "StateReason": self.reason,
            "StateUpdatedTimestamp": seconds(self.updated),
            "StateTransitionedTimestamp": seconds(self.changed),
            "EvaluationPeriods": self.periods,
            "Threshold": self.threshold,
            "ComparisonOperator": self.comparison,
        });
        let mut add = |member: &str, value: Value| shown[member] = value;
        match &self.query {
            Some(query) => add("Metrics", json!([query])),
            None => {
                add("MetricName", self.metric.name.as_str().into());
                add("Namespace", self.metric.namespace.as_str().into());
                add("Statistic", self.statistic.as_str().into());
                add("Dimensions", self.metric.show_dimensions());
                add("Period", self.period.into());
                if let Some(unit) = &self.unit {
                    add("Unit", unit.as_str().into());
                }
            }
        }
        if let Some(count) = self.to_alarm {
            add("DatapointsToAlarm", count.into());
        }
        for (member, text) in [
            ("AlarmDescription", &self.description),
            ("TreatMissingData", &self.missing),
            ("StateReasonData", &self.reason_data),
        ] {
            if let Some(text) = text {
                add(member, text.as_str().into());
            }
        }
        shown
    }

    /// Gives the alarm a state, and says what happened if it is another one.
    pub(super) fn enter(
        &mut self,
        state: &str,
        reason: String,
        reason_data: Option<String>,
        now: OffsetDateTime,
    ) -> Option<Happening> {
        let (old, old_reason) = (self.state.clone(), self.reason.clone());
        self.reason = reason;
        self.reason_data = reason_data;
        self.updated = now;
        if old == state {
            return None;
        }
        self.state = state.to_owned();
        self.changed = now;
        let told = json!({
            "version": "1.0",
            "oldState": { "stateValue": old, "stateReason": old_reason },
            "newState": { "stateValue": state, "stateReason": self.reason },
        });
        Some(Happening {
            alarm: self.name.clone(),
            at: now,
            kind: "StateUpdate".to_owned(),
            summary: format!("Alarm updated from {old} to {state}"),
            told: told.to_string(),
        })
    }
}

impl Happening {
    pub(super) fn configured(alarm: &str, how: &str, now: OffsetDateTime) -> Self {
        let kind = match how {
            "created" => "Create",
            "deleted" => "Delete",
            _ => "Update",
        };
        Self {
            alarm: alarm.to_owned(),
            at: now,
            kind: "ConfigurationUpdate".to_owned(),
            summary: format!("Alarm \"{alarm}\" {how}"),
            told: json!({ "version": "1.0", "type": kind }).to_string(),
        }
    }

    pub(super) fn show(&self) -> Value {
        json!({
            "AlarmName": self.alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": seconds(self.at),
            "HistoryItemType": self.kind,
            // The longest that a summary is.
            "HistorySummary": self.summary.chars().take(255).collect::<String>(),
            "HistoryData": self.told,
        })
    }
}

impl Metric {
    pub(super) fn show_dimensions(&self) -> Value {
        let dimensions = self.dimensions.iter();
        dimensions
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect()
    }
}

/// A moment as JSON has it.
pub(super) fn seconds(at: OffsetDateTime) -> Value {
    at.unix_timestamp().into()
}
