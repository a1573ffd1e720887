//! What is kept, by account and region: alarms with what happened to them, and metrics.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::alarm::{Alarm, Happening};
use super::series::{Metric, Point};
use crate::api::Call;

/// Happenings of one account and region beyond this number push out the oldest.
const HAPPENINGS_KEPT: usize = 10_000;
/// Likewise the points of one metric.
const POINTS_KEPT: usize = 20_000;

/// What the service remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    rooms: BTreeMap<String, Room>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Room {
    /// By name.
    pub(super) alarms: BTreeMap<String, Alarm>,
    /// Oldest first.
    pub(super) history: VecDeque<Happening>,
    /// What was put.
    pub(super) metrics: Vec<(Metric, Vec<Point>)>,
}

impl State {
    pub(super) fn room(&self, call: &Call) -> Option<&Room> {
        self.rooms.get(&place(call))
    }

    pub(super) fn room_mut(&mut self, call: &Call) -> &mut Room {
        self.rooms.entry(place(call)).or_default()
    }
}

impl Room {
    pub(super) fn happened(&mut self, happening: Happening) {
        if self.history.len() >= HAPPENINGS_KEPT {
            self.history.pop_front();
        }
        self.history.push_back(happening);
    }

    /// Adds a point in order of the times.
    pub(super) fn add(&mut self, metric: Metric, point: Point) {
        let known = self.metrics.iter().position(|(known, _)| *known == metric);
        let index = known.unwrap_or_else(|| {
            self.metrics.push((metric, Vec::new()));
            self.metrics.len() - 1
        });
        if let Some((_, points)) = self.metrics.get_mut(index) {
            let place = points.partition_point(|other| other.at <= point.at);
            points.insert(place, point);
            let surplus = points.len().saturating_sub(POINTS_KEPT);
            points.drain(..surplus);
        }
    }

    pub(super) fn points(&self, metric: &Metric) -> &[Point] {
        let mut metrics = self.metrics.iter();
        let found = metrics.find(|(known, _)| known == metric);
        found.map_or(&[], |(_, points)| points)
    }
}

fn place(call: &Call) -> String {
    format!("{}/{}", call.account, call.region)
}
