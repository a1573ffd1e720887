//! When credentials were used last, and for what. Noted with every request that was proved, and kept
//! with the state whenever that is kept, but no reason to keep it: to look is not to change.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::caller::Caller;

/// Clients may ask for services and operations that AWS has not got: more than it has are not noted.
const MOST_SERVICES: usize = 400;
const MOST_OPERATIONS: usize = 1_000;

/// One use.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Use {
    #[serde(with = "rfc3339")]
    pub(super) at: OffsetDateTime,
    pub(super) service: String,
    pub(super) region: String,
}

/// The latest uses.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Uses(Mutex<Latest>);

#[derive(Default, Serialize, Deserialize)]
struct Latest {
    /// By access key id.
    keys: BTreeMap<String, Use>,
    /// By the ARN of the user or role, the service and the operation.
    principals: BTreeMap<String, BTreeMap<String, BTreeMap<String, Use>>>,
}

/// A request, as far as it is noted.
pub(crate) struct Noted<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) region: &'a str,
    pub(crate) at: OffsetDateTime,
}

impl Uses {
    /// Names of operations are the client's; what is longer than AWS's own is not worth keeping.
    pub(super) fn note(&self, caller: &Caller, noted: &Noted<'_>) {
        if noted.operation.len() > 64 || noted.service.len() > 64 {
            return;
        }
        let mut latest = self.lock();
        let used = Use {
            at: noted.at,
            service: noted.service.to_owned(),
            region: noted.region.to_owned(),
        };
        if caller.session.is_none() {
            latest.keys.insert(noted.key_id.to_owned(), used.clone());
        }
        let principal = caller.principal_arn();
        let services = latest.principals.entry(principal.to_owned()).or_default();
        if has_room(services, noted.service, MOST_SERVICES) {
            let operations = services.entry(noted.service.to_owned()).or_default();
            if has_room(operations, noted.operation, MOST_OPERATIONS) {
                operations.insert(noted.operation.to_owned(), used);
            }
        }
    }

    /// A key that is gone.
    pub(super) fn forget_key(&self, id: &str) {
        self.lock().keys.remove(id);
    }

    pub(super) fn of_key(&self, id: &str) -> Option<Use> {
        self.lock().keys.get(id).cloned()
    }

    /// The latest use of a user or role.
    pub(super) fn of_principal(&self, arn: &str) -> Option<Use> {
        let latest = self.lock();
        let uses = latest.principals.get(arn)?.values();
        uses.flat_map(BTreeMap::values)
            .max_by_key(|used| used.at)
            .cloned()
    }

    /// What a user or role did with a service, by operation.
    pub(super) fn of_service(&self, arn: &str, service: &str) -> BTreeMap<String, Use> {
        let latest = self.lock();
        let services = latest.principals.get(arn);
        let uses = services.and_then(|services| services.get(service));
        uses.cloned().unwrap_or_default()
    }

    /// A user that has another name now, or a principal that is gone.
    pub(super) fn rename(&self, arn: &str, new: Option<&str>) {
        let mut latest = self.lock();
        if let (Some(uses), Some(new)) = (latest.principals.remove(arn), new) {
            latest.principals.insert(new.to_owned(), uses);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn has_room<T>(known: &BTreeMap<String, T>, name: &str, most: usize) -> bool {
    known.len() < most || known.contains_key(name)
}
