//! Instants, and the trait by which a clock is passed in.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// An instant in UTC with the precision of a second; RFC 3339 text wherever it is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, specta::Type)]
#[specta(transparent)]
pub struct Timestamp(#[specta(type = String)] i64);

impl Timestamp {
    /// From seconds since 1970-01-01T00:00:00Z; clamped to the years that RFC 3339 can write.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        const YEAR_0: i64 = -62_167_219_200;
        const YEAR_9999: i64 = 253_402_300_799;
        Self(seconds.clamp(YEAR_0, YEAR_9999))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339 text, such as `2026-11-21T10:00:00Z`; fractions of a second are cut.
    pub fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .map(|at| Self::from_unix_seconds(at.unix_timestamp()))
    }

    /// This instant moved later.
    pub fn plus(self, by: Duration) -> Self {
        Self::from_unix_seconds(
            self.0
                .saturating_add(i64::try_from(by.as_secs()).unwrap_or(i64::MAX)),
        )
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = OffsetDateTime::from_unix_timestamp(self.0)
            .ok()
            .and_then(|at| at.format(&Rfc3339).ok())
            .expect("the constructor keeps to years that RFC 3339 can write");
        f.write_str(&text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not an RFC 3339 time"))
    }
}

/// Where the time comes from; the real one in the program, one that is set by hand in tests.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_keeps_its_instant_through_text() {
        let at = Timestamp::parse("2026-11-21T12:34:56.789+02:00").expect("RFC 3339");
        assert_eq!(at.to_string(), "2026-11-21T10:34:56Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Some(at));
    }

    #[test]
    fn an_instant_beyond_rfc_3339_is_clamped_and_still_prints() {
        assert_eq!(
            Timestamp::from_unix_seconds(i64::MAX).to_string(),
            "9999-12-31T23:59:59Z"
        );
        assert_eq!(
            Timestamp::from_unix_seconds(i64::MIN).to_string(),
            "0000-01-01T00:00:00Z"
        );
    }

    #[test]
    fn text_that_is_no_time_is_refused() {
        assert_eq!(Timestamp::parse("tomorrow"), None);
    }
}
