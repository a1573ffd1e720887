//! Counts requests where they are made: AWS's SDK opens a span around each attempt to send one, and
//! says why it repeats one. Nothing else of what is traced is looked at.

use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
};

const ATTEMPT: &str = "try_attempt";
const RETRIES: &str = "aws_smithy_runtime::client::retries::strategy::standard";
const PACING: &str = "ownkey_aws::pacing";

/// What was sent since the last [`Counts::start`].
#[derive(Clone, Default)]
pub(crate) struct Counts(Arc<Inner>);

#[derive(Default)]
struct Inner {
    spans: AtomicU64,
    requests: AtomicU64,
    throttled: AtomicU64,
    in_flight: AtomicU64,
    peak_in_flight: AtomicU64,
}

/// Counts for the whole process from now on.
pub(crate) fn install() -> Counts {
    let counts = Counts::default();
    tracing::subscriber::set_global_default(Counter(counts.clone()))
        .expect("nothing else in this program listens");
    counts
}

impl Counts {
    /// Forgets what was counted before.
    pub(crate) fn start(&self) {
        for count in [&self.0.requests, &self.0.throttled, &self.0.peak_in_flight] {
            count.store(0, Relaxed);
        }
    }

    /// How many times a request was sent, repetitions included.
    pub(crate) fn requests(&self) -> u64 {
        self.0.requests.load(Relaxed)
    }

    /// How many of them the server throttled.
    pub(crate) fn throttled(&self) -> u64 {
        self.0.throttled.load(Relaxed)
    }

    /// The most that waited for an answer at the same time.
    pub(crate) fn peak_in_flight(&self) -> u64 {
        self.0.peak_in_flight.load(Relaxed)
    }
}

struct Counter(Counts);

impl Subscriber for Counter {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        if metadata.is_span() {
            metadata.name() == ATTEMPT
        } else {
            [RETRIES, PACING].contains(&metadata.target())
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        let inner = &self.0.0;
        inner.requests.fetch_add(1, Relaxed);
        let now = inner.in_flight.fetch_add(1, Relaxed) + 1;
        inner.peak_in_flight.fetch_max(now, Relaxed);
        Id::from_u64(inner.spans.fetch_add(1, Relaxed) + 1)
    }

    /// A span is never "the current one" here, so that nobody holds on to it but who opened it.
    fn try_close(&self, _: Id) -> bool {
        self.0.0.in_flight.fetch_sub(1, Relaxed);
        true
    }

    fn event(&self, event: &Event<'_>) {
        let mut said = Said(String::new());
        event.record(&mut said);
        // The SDK's own repetitions, and the last of its attempts, after which OwnKey waits.
        let repeated = event.metadata().target() == RETRIES
            && said.0.contains("retrying after")
            && said.0.contains("Throttling");
        let waited = event.metadata().target() == PACING && said.0 == "throttled";
        if repeated || waited {
            self.0.0.throttled.fetch_add(1, Relaxed);
        }
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The message of an event.
struct Said(String);

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").expect("a string takes everything");
        }
    }
}
