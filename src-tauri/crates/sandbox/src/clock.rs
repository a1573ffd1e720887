//! The sandbox's clock: real time plus an offset that tests and the control endpoint may move.
//!
//! Signature ages and MFA codes are judged by real time, never by this clock.

use std::sync::RwLock;
use std::time::Duration as StdDuration;

use time::{Duration, OffsetDateTime};

/// The clock that all simulated services read.
pub(crate) struct Clock {
    at_start: Duration,
    offset: RwLock<Duration>,
}

impl Clock {
    /// Runs from `start`, or from the real time.
    pub(crate) fn starting_at(start: Option<OffsetDateTime>) -> Self {
        let at_start = start.map_or(Duration::ZERO, |start| start - OffsetDateTime::now_utc());
        Self {
            at_start,
            offset: RwLock::new(at_start),
        }
    }

    /// Runs on with the offset of [`Clock::offset`]; a reset still goes back to `start`.
    pub(crate) fn resumed(start: Option<OffsetDateTime>, offset: Duration) -> Self {
        Self {
            offset: RwLock::new(offset),
            ..Self::starting_at(start)
        }
    }

    /// How far it is ahead of the real time.
    pub(crate) fn offset(&self) -> Duration {
        *self
            .offset
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The sandbox's present.
    pub(crate) fn now(&self) -> OffsetDateTime {
        bounded(OffsetDateTime::now_utc(), self.offset())
    }

    /// Moves the clock forwards and answers the new time. Beyond the year 9999 it stands still.
    pub(crate) fn advance(&self, by: StdDuration) -> OffsetDateTime {
        {
            let mut offset = self
                .offset
                .write()
                .unwrap_or_else(|poisoned| poisoned.into_inner());
            let by = Duration::try_from(by).unwrap_or(Duration::MAX);
            let real = OffsetDateTime::now_utc();
            let moved = bounded(bounded(real, *offset), by);
            *offset = moved - real;
        }
        self.now()
    }

    /// Back to where it started.
    pub(crate) fn reset(&self) {
        *self
            .offset
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = self.at_start;
    }
}

/// The latest time that leaves room for the services to add their own periods.
fn bounded(time: OffsetDateTime, by: Duration) -> OffsetDateTime {
    let latest = time::macros::datetime!(9000-01-01 0:00 UTC);
    let earliest = time::macros::datetime!(1971-01-01 0:00 UTC);
    let fallback = if by.is_negative() { earliest } else { latest };
    time.checked_add(by)
        .unwrap_or(fallback)
        .clamp(earliest, latest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::macros::datetime;

    use super::Clock;

    #[test]
    fn starts_where_told_moves_and_returns() {
        let start = datetime!(2031-05-01 12:00 UTC);
        let clock = Clock::starting_at(Some(start));
        assert!(clock.now() - start < time::Duration::seconds(5));
        let moved = clock.advance(Duration::from_secs(86_400));
        assert!(moved - start >= time::Duration::DAY);
        clock.reset();
        assert!(clock.now() - start < time::Duration::seconds(5));
    }

    #[test]
    fn no_distance_breaks_it() {
        let clock = Clock::starting_at(None);
        for _ in 0..3 {
            assert!(clock.advance(Duration::MAX).year() <= 9000);
        }
    }
}
