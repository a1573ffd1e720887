//! KMS's default request quotas, as token buckets per account, region and operation.
//!
//! The figures are AWS's published defaults:
//! <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::time::Instant;

/// The buckets; each holds at most one second's worth, and at least one request.
#[derive(Default)]
pub(crate) struct Quotas(Mutex<HashMap<(String, String, &'static str), Bucket>>);

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Quotas {
    /// Takes `count` requests out of the bucket of a quota, which is an operation's name or that of a
    /// quota that operations share; `false` means "Rate exceeded". What has no quota always passes.
    pub(crate) fn admit(&self, account: &str, place: &str, quota: &str, count: u32) -> bool {
        let Some((name, rate)) = rate_of(quota, place) else {
            return true;
        };
        // One request every ten seconds is one at a time, not a tenth of one.
        let room = rate.max(1.0);
        let now = Instant::now();
        let mut buckets = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let bucket = buckets
            .entry((account.to_owned(), place.to_owned(), name))
            .or_insert(Bucket {
                tokens: room,
                filled: now,
            });
        let earned = now.duration_since(bucket.filled).as_secs_f64() * rate;
        bucket.tokens = (bucket.tokens + earned).min(room);
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

/// What symmetric keys are used for shares one quota that differs by region.
const SYMMETRIC: &str = "Cryptographic operations (symmetric)";

/// The regions that allow more of it than others.
const BUSY: [(f64, &[&str]); 2] = [
    (100_000.0, &["eu-west-1", "us-east-1", "us-west-2"]),
    (
        20_000.0,
        &[
            "ap-northeast-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "eu-central-1",
            "eu-west-2",
            "us-east-2",
        ],
    ),
];

/// Requests per second, by quota.
const TABLE: &[(&str, f64)] = &[
    ("CancelKeyDeletion", 5.0),
    ("ConnectCustomKeyStore", 5.0),
    ("CreateAlias", 5.0),
    ("CreateCustomKeyStore", 5.0),
    ("CreateGrant", 50.0),
    ("CreateKey", 5.0),
    ("Cryptographic operations (ECC)", 1000.0),
    ("Cryptographic operations (ML-DSA)", 1000.0),
    ("Cryptographic operations (RSA)", 1000.0),
    ("Cryptographic operations (custom key store)", 1800.0),
    (SYMMETRIC, 10_000.0),
    ("DeleteAlias", 15.0),
    ("DeleteCustomKeyStore", 5.0),
    ("DeleteImportedKeyMaterial", 15.0),
    ("DescribeCustomKeyStores", 5.0),
    ("DescribeKey", 2000.0),
    ("DisableKey", 5.0),
    ("DisableKeyRotation", 5.0),
    ("DisconnectCustomKeyStore", 5.0),
    ("EnableKey", 5.0),
    ("EnableKeyRotation", 15.0),
    ("GenerateDataKeyPair (ECC_NIST_EDWARDS25519)", 100.0),
    ("GenerateDataKeyPair (ECC_NIST_P256)", 100.0),
    ("GenerateDataKeyPair (ECC_NIST_P384)", 100.0),
    ("GenerateDataKeyPair (ECC_NIST_P521)", 100.0),
    ("GenerateDataKeyPair (ECC_SECG_P256K1)", 100.0),
    ("GenerateDataKeyPair (RSA_2048)", 1.0),
    ("GenerateDataKeyPair (RSA_3072)", 0.5),
    ("GenerateDataKeyPair (RSA_4096)", 0.1),
    ("GetKeyLastUsage", 5.0),
    ("GetKeyPolicy", 1000.0),
    ("GetKeyRotationStatus", 1000.0),
    ("GetParametersForImport", 1.0),
    ("GetPublicKey", 2000.0),
    ("ImportKeyMaterial", 15.0),
    ("ListAliases", 500.0),
    ("ListGrants", 100.0),
    ("ListKeyPolicies", 100.0),
    ("ListKeyRotations", 100.0),
    ("ListKeys", 500.0),
    ("ListResourceTags", 2000.0),
    ("ListRetirableGrants", 100.0),
    ("PutKeyPolicy", 15.0),
    ("ReplicateKey", 5.0),
    ("RetireGrant", 30.0),
    ("RevokeGrant", 30.0),
    ("RotateKeyOnDemand", 5.0),
    ("ScheduleKeyDeletion", 15.0),
    ("TagResource", 10.0),
    ("UntagResource", 5.0),
    ("UpdateAlias", 5.0),
    ("UpdateCustomKeyStore", 5.0),
    ("UpdateKeyDescription", 5.0),
    ("UpdatePrimaryRegion", 5.0),
];

fn rate_of(quota: &str, region: &str) -> Option<(&'static str, f64)> {
    let at = TABLE
        .binary_search_by(|(name, _)| (*name).cmp(quota))
        .ok()?;
    let (name, rate) = TABLE[at];
    let busy = BUSY
        .iter()
        .find(|(_, regions)| name == SYMMETRIC && regions.contains(&region));
    Some((name, busy.map_or(rate, |(more, _)| *more)))
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
        assert!((0..10_000).all(|_| quotas.admit("1", "eu-west-1", "MakeCoffee", 1)));
    }

    #[tokio::test]
    async fn slow_quotas_let_one_pass_and_busy_regions_more() {
        tokio::time::pause();
        let quotas = Quotas::default();
        let pair = || quotas.admit("1", "eu-west-1", "GenerateDataKeyPair (RSA_4096)", 1);
        assert!(pair() && !pair());
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(!pair());
        tokio::time::advance(Duration::from_millis(1010)).await;
        assert!(pair() && !pair());
        let admitted = |region: &str| {
            let admit = |_: &u32| quotas.admit("1", region, SYMMETRIC, 1);
            (0..30_000).take_while(admit).count()
        };
        assert_eq!(admitted("sa-east-1"), 10_000);
        assert_eq!(admitted("eu-west-2"), 20_000);
        assert_eq!(admitted("eu-west-1"), 30_000);
    }
}
