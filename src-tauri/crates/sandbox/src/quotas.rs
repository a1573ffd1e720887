//! KMS's default request quotas, as token buckets per account, region and operation.
//!
//! The figures are AWS's published defaults:
//! <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::time::Instant;

/// The buckets; each holds at most one second's worth.
#[derive(Default)]
pub(crate) struct Quotas(Mutex<HashMap<(String, String, &'static str), Bucket>>);

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Quotas {
    /// Takes `count` requests out of the bucket; `false` means "Rate exceeded".
    /// An operation without a quota always passes.
    pub(crate) fn admit(&self, account: &str, region: &str, operation: &str, count: u32) -> bool {
        let Some((name, rate)) = quota(operation) else {
            return true;
        };
        let now = Instant::now();
        let mut buckets = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let bucket = buckets
            .entry((account.to_owned(), region.to_owned(), name))
            .or_insert(Bucket {
                tokens: rate,
                filled: now,
            });
        let earned = now.duration_since(bucket.filled).as_secs_f64() * rate;
        bucket.tokens = (bucket.tokens + earned).min(rate);
        bucket.filled = now;
        let wanted = f64::from(count);
        if bucket.tokens < wanted {
            return false;
        }
        bucket.tokens -= wanted;
        true
    }

    pub(crate) fn reset(&self) {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clear();
    }
}

/// Requests per second by operation.
const TABLE: &[(&str, f64)] = &[
    ("CancelKeyDeletion", 5.0),
    ("ConnectCustomKeyStore", 5.0),
    ("CreateAlias", 5.0),
    ("CreateCustomKeyStore", 5.0),
    ("CreateKey", 5.0),
    ("DeleteAlias", 15.0),
    ("DeleteCustomKeyStore", 5.0),
    ("DeleteImportedKeyMaterial", 15.0),
    ("DescribeCustomKeyStores", 5.0),
    ("DescribeKey", 2000.0),
    ("DisableKey", 5.0),
    ("DisconnectCustomKeyStore", 5.0),
    ("EnableKey", 5.0),
    ("EnableKeyRotation", 15.0),
    ("GetKeyLastUsage", 5.0),
    ("GetKeyPolicy", 1000.0),
    ("GetKeyRotationStatus", 1000.0),
    ("GetParametersForImport", 1.0),
    ("GetPublicKey", 2000.0),
    ("ImportKeyMaterial", 15.0),
    ("ListAliases", 500.0),
    ("ListGrants", 100.0),
    ("ListKeyRotations", 100.0),
    ("ListKeys", 500.0),
    ("ListResourceTags", 2000.0),
    ("PutKeyPolicy", 15.0),
    ("ReplicateKey", 5.0),
    ("RotateKeyOnDemand", 5.0),
    ("ScheduleKeyDeletion", 15.0),
    ("TagResource", 10.0),
    ("UntagResource", 5.0),
    ("UpdateAlias", 5.0),
    ("UpdateCustomKeyStore", 5.0),
    ("UpdateKeyDescription", 5.0),
    ("UpdatePrimaryRegion", 5.0),
];

fn quota(operation: &str) -> Option<(&'static str, f64)> {
    let at = TABLE
        .binary_search_by(|(name, _)| (*name).cmp(operation))
        .ok()?;
    Some(TABLE[at])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(TABLE.is_sorted_by(|left, right| left.0 < right.0));
    }

    #[tokio::test]
    async fn one_second_of_burst_then_the_rate() {
        tokio::time::pause();
        let quotas = Quotas::default();
        let admit = || quotas.admit("111111111111", "eu-west-1", "CreateKey", 1);
        assert_eq!((0..20).filter(|_| admit()).count(), 5);
        tokio::time::advance(Duration::from_millis(410)).await;
        assert_eq!((0..20).filter(|_| admit()).count(), 2);
        assert!(quotas.admit("111111111111", "us-east-1", "CreateKey", 1));
        assert!(quotas.admit("222222222222", "eu-west-1", "CreateKey", 1));
        assert!((0..10_000).all(|_| quotas.admit("1", "eu-west-1", "Encrypt", 1)));
    }
}
