//! The computer's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use ownkey_model::{Clock, Timestamp};

/// The computer's clock.
pub struct ComputerClock;

impl Clock for ComputerClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
