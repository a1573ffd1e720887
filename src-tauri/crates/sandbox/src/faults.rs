//! Faults that tests inject: refusals, lost answers, closed connections, delays.
//!
//! Several faults may strike one call: `Close` outranks all others, a delay comes before a refusal,
//! and a refusal before the work. A call is counted when it arrives, whether it is authentic or not.

use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::api::ApiError;
use crate::protocol::Ask;

/// The delay of a `delay_ms` fault that does not say how long.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Refused with the protocol's throttling error; nothing is done.
    Throttle,
    /// Refused with the protocol's internal error and HTTP status 500; nothing is done.
    #[serde(rename = "500")]
    InternalError,
    /// The call is carried out, then the connection ends without its answer.
    DropAnswer,
    /// The call waits, by `Fault::delay_ms` or one second, and is then carried out. If its client
    /// gives up meanwhile (the connection ends, the future is dropped), it never is, and it is not
    /// in the list of calls.
    DelayMs,
    /// The connection ends at once, and the call is not carried out.
    Close,
    /// Refused with the protocol's access-denied error; nothing is done.
    AccessDenied,
    /// Refused as if the session had run out; nothing is done.
    ExpiredToken,
}

/// One thing that is to go wrong. A field that is left out, or `*`, matches everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The signing name of the service, such as `kms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation, such as `CreateKey`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The region of the credential scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Which of the calls that match the other fields, counted from 1 since this fault was injected;
    /// it strikes once. Left out: every one, until the faults are cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How late the answer of a `delay_ms` fault comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

impl Fault {
    /// `kind` for every call of one operation.
    pub fn every(service: &str, operation: &str, kind: FaultKind) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            region: None,
            nth: None,
            kind,
            delay_ms: None,
        }
    }

    /// `kind` for the `nth` call (from 1) of one operation, counted from now.
    pub fn nth(service: &str, operation: &str, nth: u64, kind: FaultKind) -> Self {
        Self {
            nth: Some(nth),
            ..Self::every(service, operation, kind)
        }
    }

    fn matches(&self, service: &str, operation: &str, region: &str) -> bool {
        let field = |wanted: &Option<String>, is: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted == "*" || wanted.eq_ignore_ascii_case(is))
        };
        field(&self.service, service)
            && field(&self.operation, operation)
            && field(&self.region, region)
    }
}

/// The injected faults, each with the number of calls it has matched.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<(Fault, u64)>>);

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.lock().push((fault, 0));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Counts this call in every fault that matches it and answers those that strike.
    pub(crate) fn strike(&self, service: &str, operation: &str, region: &str) -> Vec<Fault> {
        let mut struck = Vec::new();
        for (fault, seen) in self.lock().iter_mut() {
            if fault.matches(service, operation, region) {
                *seen += 1;
                if fault.nth.is_none_or(|nth| nth == *seen) {
                    struck.push(fault.clone());
                }
            }
        }
        struck
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Fault, u64)>> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What a call that these faults have struck is refused with, if one of them refuses.
pub(crate) fn refusal(ask: &Ask, struck: &[Fault]) -> Option<ApiError> {
    struck.iter().find_map(|fault| match fault.kind {
        FaultKind::Throttle => Some(ask.service.throttled()),
        FaultKind::InternalError => Some(ask.service.failed()),
        FaultKind::AccessDenied => Some(ask.service.denied_by_fault(&ask.operation)),
        FaultKind::ExpiredToken => Some(ask.service.expired_credentials()),
        FaultKind::DropAnswer | FaultKind::DelayMs | FaultKind::Close => None,
    })
}

/// How long a call that these faults have struck waits.
pub(crate) fn delay(struck: &[Fault]) -> Duration {
    struck
        .iter()
        .filter(|fault| fault.kind == FaultKind::DelayMs)
        .map(|fault| fault.delay_ms.map_or(DEFAULT_DELAY, Duration::from_millis))
        .fold(Duration::ZERO, Duration::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nth_counts_matching_calls_from_one() {
        let faults = Faults::default();
        faults.inject(Fault::nth("kms", "CreateKey", 2, FaultKind::Close));
        assert!(faults.strike("kms", "CreateKey", "eu-west-1").is_empty());
        assert!(faults.strike("kms", "ListKeys", "eu-west-1").is_empty());
        assert_eq!(faults.strike("kms", "CreateKey", "us-east-1").len(), 1);
        assert!(faults.strike("kms", "CreateKey", "us-east-1").is_empty());
    }

    #[test]
    fn without_nth_every_matching_call_is_struck() {
        let faults = Faults::default();
        let mut fault = Fault::every("kms", "*", FaultKind::Throttle);
        fault.region = Some("eu-west-1".into());
        faults.inject(fault);
        for _ in 0..3 {
            assert_eq!(faults.strike("kms", "ListKeys", "eu-west-1").len(), 1);
            assert!(faults.strike("kms", "ListKeys", "us-east-1").is_empty());
        }
        faults.clear();
        assert!(faults.strike("kms", "ListKeys", "eu-west-1").is_empty());
    }

    #[test]
    fn reads_the_documented_form_and_refuses_what_it_does_not_know() {
        let fault: Fault = serde_json::from_str(
            r#"{"service":"kms","operation":"ListKeys","nth":1,"kind":"500"}"#,
        )
        .unwrap();
        assert_eq!(fault.kind, FaultKind::InternalError);
        for bad in [
            r#"{"kind":"explode"}"#,
            r#"{"kind":"close","when":1}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<Fault>(bad).is_err(), "{bad}");
        }
    }
}
