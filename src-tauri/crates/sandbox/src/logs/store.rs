//! What is kept: groups with their streams, streams with their events.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Events of one stream beyond this number push the oldest out, so that memory stays bounded.
const EVENTS_KEPT: usize = 100_000;
/// Likewise bytes of all streams together, of every account and region.
const BYTES_KEPT: usize = 32 * 1024 * 1024;

const DAY: i64 = 86_400_000;

/// What the service remembers: groups by account and region, then by name.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    rooms: BTreeMap<String, Groups>,
    /// Bytes that were there when they were last counted, and that came since.
    #[serde(skip)]
    held: Option<usize>,
}

/// The groups of one account in one region.
pub(super) type Groups = BTreeMap<String, Group>;

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Group {
    /// All times are milliseconds since 1970.
    pub(super) created: i64,
    pub(super) class: String,
    pub(super) protected: bool,
    pub(super) retention_days: Option<u32>,
    pub(super) key: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) streams: BTreeMap<String, Stream>,
    /// How many events were taken so far.
    pub(super) taken: u64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Stream {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) last_taken: Option<i64>,
    /// By their time, then as they came.
    pub(super) events: Vec<Event>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Event {
    pub(super) at: i64,
    /// Counted over the group.
    pub(super) turn: u64,
    pub(super) taken_at: i64,
    pub(super) message: String,
}

/// Where an event stands among those of its group.
pub(super) type Place = (i64, u64);

impl State {
    pub(super) fn groups(&self, account: &str, region: &str) -> Option<&Groups> {
        self.rooms.get(&room(account, region))
    }

    pub(super) fn groups_mut(&mut self, account: &str, region: &str) -> &mut Groups {
        self.rooms.entry(room(account, region)).or_default()
    }

    /// Whether the group is there, for those who deliver to it.
    pub(crate) fn has_group(&self, account: &str, region: &str, name: &str) -> bool {
        let groups = self.groups(account, region);
        groups.is_some_and(|groups| groups.contains_key(name))
    }

    /// What a service of AWS delivers to a group, whose stream is made if it is not there. Says
    /// whether the group is.
    pub(crate) fn deliver(
        &mut self,
        (account, region, group): (&str, &str, &str),
        stream: &str,
        now: i64,
        message: String,
    ) -> bool {
        let Some(group) = self.groups_mut(account, region).get_mut(group) else {
            return false;
        };
        let id = format!("{:032x}", group.streams.len());
        let streams = &mut group.streams;
        streams
            .entry(stream.to_owned())
            .or_insert_with(|| Stream::new(id, now));
        let bytes = group.take(stream, now, vec![(now, message)]);
        self.came(bytes);
        true
    }

    /// So many bytes came; if there are too many now, the oldest events of all streams go.
    pub(super) fn came(&mut self, bytes: usize) {
        let held = self.held.map(|held| held.saturating_add(bytes));
        if held.is_some_and(|held| held <= BYTES_KEPT) {
            self.held = held;
            return;
        }
        let held = self.count();
        if held > BYTES_KEPT {
            // A little more goes than has to, so that it is not looked for again at once.
            self.forget(held - BYTES_KEPT / 8 * 7);
        }
        self.held = Some(self.count());
    }

    fn forget(&mut self, surplus: usize) {
        let mut all: Vec<(Place, usize)> = self
            .streams_mut()
            .flat_map(|stream| &stream.events)
            .map(|event| (event.place(), event.held()))
            .collect();
        all.sort_unstable();
        let mut gone = 0;
        let last = all.iter().find(|(_, bytes)| {
            gone += bytes;
            gone >= surplus
        });
        let Some((last, _)) = last else { return };
        for stream in self.streams_mut() {
            let old = stream
                .events
                .partition_point(|event| event.place() <= *last);
            stream.events.drain(..old);
        }
    }

    fn count(&mut self) -> usize {
        let events = self.streams_mut().flat_map(|stream| &stream.events);
        events.map(Event::held).sum()
    }

    fn streams_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        let groups = self.rooms.values_mut().flat_map(BTreeMap::values_mut);
        groups.flat_map(|group| group.streams.values_mut())
    }
}

impl Group {
    /// Takes events, in order of their times, into a stream that is there; says how many bytes that
    /// were, for [`State::came`].
    pub(super) fn take(&mut self, stream: &str, now: i64, events: Vec<(i64, String)>) -> usize {
        let Some(stream) = self.streams.get_mut(stream) else {
            return 0;
        };
        let mut bytes = 0;
        let last = stream.events.last().map(|event| event.at);
        let late = events.first().is_some_and(|(at, _)| last > Some(*at));
        for (at, message) in events {
            self.taken += 1;
            let event = Event {
                at,
                turn: self.taken,
                taken_at: now,
                message,
            };
            bytes += event.held();
            stream.events.push(event);
        }
        if late {
            // Stable: what came first of a time stays first.
            stream.events.sort_by_key(|event| event.at);
        }
        stream.last_taken = Some(now);
        if stream.events.len() > EVENTS_KEPT {
            let surplus = stream.events.len() - EVENTS_KEPT / 8 * 7;
            stream.events.drain(..surplus);
        }
        bytes
    }

    /// The moment before which events are gone.
    pub(super) fn oldest(&self, now: i64) -> i64 {
        let kept = |days: u32| now.saturating_sub(i64::from(days) * DAY);
        self.retention_days.map_or(i64::MIN, kept)
    }

    pub(super) fn bytes(&self) -> usize {
        self.streams.values().map(Stream::bytes).sum()
    }
}

impl Stream {
    pub(super) fn new(id: String, now: i64) -> Self {
        Self {
            id,
            created: now,
            last_taken: None,
            events: Vec::new(),
        }
    }

    fn bytes(&self) -> usize {
        self.events.iter().map(Event::bytes).sum()
    }

    /// The events of a time: the start counts, the end does not.
    pub(super) fn between(&self, start: i64, end: i64) -> &[Event] {
        let from = self.events.partition_point(|event| event.at < start);
        let to = self.events.partition_point(|event| event.at < end);
        self.events.get(from..to).unwrap_or_default()
    }
}

impl Event {
    pub(super) fn place(&self) -> Place {
        (self.at, self.turn)
    }

    /// What AWS counts for it.
    pub(super) fn bytes(&self) -> usize {
        self.message.len() + EVENT_OVERHEAD
    }

    /// What it takes of memory.
    fn held(&self) -> usize {
        self.message.len() + size_of::<Self>()
    }
}

/// Bytes that count for an event beside its message.
pub(super) const EVENT_OVERHEAD: usize = 26;

/// The service's unit of time.
pub(crate) fn millis(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

fn room(account: &str, region: &str) -> String {
    format!("{account}/{region}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_events_of_all_streams_go_when_there_are_too_many_bytes() {
        let mut state = State::default();
        let mut group = Group::default();
        for name in ["a", "b"] {
            let stream = Stream::new(name.to_owned(), 0);
            group.streams.insert(name.to_owned(), stream);
        }
        state.groups_mut("1", "r").insert("g".to_owned(), group);
        let message = "m".repeat(1_000_000);
        for at in 0..40 {
            let stream = if at % 2 == 0 { "a" } else { "b" };
            assert!(state.deliver(("1", "r", "g"), stream, at, message.clone()));
            assert!(state.count() <= BYTES_KEPT);
        }
        let mut left: Vec<i64> = state
            .streams_mut()
            .flat_map(|stream| stream.events.iter().map(|event| event.at))
            .collect();
        left.sort_unstable();
        assert!((25..34).contains(&left.len()), "{left:?}");
        assert!(
            left.iter()
                .eq(&(*left.first().unwrap()..40).collect::<Vec<_>>())
        );
    }
}
