//! The list of calls that the sandbox answered, for tests that ask "who called what, how often".

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;

/// More than any test makes; the oldest are forgotten first, so that memory stays bounded.
const KEPT: usize = 100_000;

/// One request as it was seen and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedCall {
    /// The signing name of the service, such as `kms`.
    pub service: String,
    /// The operation, such as `DescribeKey`.
    pub operation: String,
    /// The region of the credential scope.
    pub region: String,
    /// The account of the caller; empty when the request was not authenticated.
    pub account: String,
    /// The ARN of the caller; empty when the request was not authenticated.
    pub principal: String,
    /// `ok`, AWS's error code, or `dropped` and `closed` for connections that a fault ended.
    pub outcome: String,
    /// AWS's id of the request.
    pub request_id: String,
}

/// The bounded list.
#[derive(Default)]
pub(crate) struct Calls(Mutex<VecDeque<RecordedCall>>);

impl Calls {
    pub(crate) fn record(&self, call: RecordedCall) {
        let mut calls = self.lock();
        if calls.len() == KEPT {
            calls.pop_front();
        }
        calls.push_back(call);
    }

    pub(crate) fn all(&self) -> Vec<RecordedCall> {
        self.lock().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<RecordedCall>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest_first() {
        let calls = Calls::default();
        for turn in 0..=KEPT {
            calls.record(RecordedCall {
                service: "kms".into(),
                operation: turn.to_string(),
                region: String::new(),
                account: String::new(),
                principal: String::new(),
                outcome: "ok".into(),
                request_id: String::new(),
            });
        }
        let all = calls.all();
        assert_eq!(all.len(), KEPT);
        assert_eq!(all[0].operation, "1");
    }
}
