//! `GetKeyLastUsage`, and how a use of a key is written down.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-keys-determining-usage.html>. AWS
//! may take an hour to show a use; here it is shown at once.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;
use time::serde::rfc3339;

use super::parse::{Input, epoch};
use super::world::KeyAddress;
use super::{Kms, reference};
use crate::api::{ApiResult, Call};

/// Since when AWS remembers uses. No page tells the day; the API reference's own example knows the
/// uses of a key that was made on 11 March 2026.
const TRACKED_SINCE: OffsetDateTime = datetime!(2026-03-01 0:00 UTC);

/// The last cryptographic operation that a key was successfully used for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LastUse {
    operation: Box<str>,
    #[serde(with = "rfc3339")]
    at: OffsetDateTime,
    request_id: Box<str>,
}

/// `GetKeyLastUsage`. The keys of a multi-Region key are used each for itself.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html>
pub(super) fn key_last_usage(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, "GetKeyLastUsage", input)?;
    let last_use = key
        .last_use
        .as_ref()
        .map_or_else(|| json!({}), LastUse::render);
    Ok(json!({
        "KeyId": &*at.id,
        "KeyLastUsage": last_use,
        "TrackingStartDate": epoch(TRACKED_SINCE.max(key.created)),
        "KeyCreationDate": epoch(key.created),
    }))
}

impl Kms {
    /// Writes down that a key was used. Whoever only looks sees it at once.
    pub(super) fn note_use(&self, call: &Call, operation: &str, at: &KeyAddress) {
        let mut world = self.revision.open(&self.world);
        if let Some(key) = world.key_mut(at) {
            key.last_use = Some(LastUse {
                operation: operation.into(),
                at: call.now,
                request_id: call.request_id.as_str().into(),
            });
        }
    }
}

impl LastUse {
    fn render(&self) -> Value {
        json!({
            "Operation": &*self.operation,
            "Timestamp": epoch(self.at.replace_nanosecond(0).unwrap_or(self.at)),
            "CloudTrailEventId": derive_event_id(&self.request_id),
            "KmsRequestId": &*self.request_id,
        })
    }
}

/// The id under which the trail has a request: another UUID than the request's own, and always the
/// same one.
fn derive_event_id(request_id: &str) -> String {
    let mut bytes = [0; 16];
    let digest = digest::digest(&digest::SHA256, request_id.as_bytes());
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use time::Duration;

    use super::super::testing::{Bench, base64};

    async fn last_use(bench: &Bench, key: &str) -> Value {
        bench.ask("GetKeyLastUsage", json!({ "KeyId": key })).await["KeyLastUsage"].clone()
    }

    #[tokio::test]
    async fn the_latest_successful_use_is_told_and_nothing_else() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        let asked = bench.ask("GetKeyLastUsage", json!({ "KeyId": key })).await;
        assert_eq!(asked["KeyLastUsage"], json!({}));
        assert_eq!(asked["TrackingStartDate"], asked["KeyCreationDate"]);
        bench.now += Duration::seconds(60);
        let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
        let blob = bench.ask("Encrypt", encrypt.clone()).await["CiphertextBlob"].clone();
        let used = last_use(&bench, &key).await;
        assert_eq!(used["Operation"], "Encrypt");
        assert_eq!(used["Timestamp"], json!(1_773_480_473.0_f64));
        // Neither a look, nor a dry run, nor a failure is a use.
        bench.now += Duration::seconds(60);
        bench.describe(&key).await;
        let mut dry = encrypt;
        dry["DryRun"] = json!(true);
        bench.code("Encrypt", dry).await;
        let wrong = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
        bench.code("Decrypt", wrong).await;
        assert_eq!(last_use(&bench, &key).await, used);
        bench
            .ask("Decrypt", json!({ "CiphertextBlob": blob }))
            .await;
        assert_eq!(last_use(&bench, &key).await["Operation"], "Decrypt");
        assert_eq!(
            bench
                .code("GetKeyLastUsage", json!({"KeyId": "alias/a"}))
                .await,
            "NotFoundException"
        );
    }

    #[tokio::test]
    async fn both_keys_of_a_re_encryption_and_each_region_for_itself() {
        let mut bench = Bench::new();
        let key = bench.create(json!({"MultiRegion": true})).await;
        let other = bench.create(json!({})).await;
        let blob = bench
            .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
            .await["CiphertextBlob"]
            .clone();
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        bench.ask("ReplicateKey", replicate).await;
        bench
            .ask(
                "ReEncrypt",
                json!({"CiphertextBlob": blob, "DestinationKeyId": other}),
            )
            .await;
        for used in [&key, &other] {
            assert_eq!(last_use(&bench, used).await["Operation"], "ReEncrypt");
        }
        bench.region = "us-west-2";
        assert_eq!(last_use(&bench, &key).await, json!({}));
    }
}
