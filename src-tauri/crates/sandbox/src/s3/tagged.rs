//! Buckets as other services see them: with their tags, for those who search by tags and change them
//! everywhere; and with their policies, for those who write to them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;

use super::digests::md5;
use super::state::{State, Tags};
use super::tags::written;
use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::regions::Partition;
use crate::services::Service;
use crate::xml::Xml;

/// A bucket as a service that writes to it finds it.
pub(crate) struct SeenBucket {
    pub(crate) account: String,
    pub(crate) region: String,
    /// The text of its policy, if it has one.
    pub(crate) policy: Option<String>,
}

impl State {
    /// The buckets of an account in a region, by ARN.
    pub(crate) fn tagged(&self, account: &str, region: &str) -> Vec<(String, Tags)> {
        let partition = Partition::of(region);
        let own = self
            .buckets(partition)
            .filter(|bucket| bucket.account == account && bucket.region == region);
        let word = partition.word();
        own.map(|bucket| {
            let arn = format!("arn:{word}:s3:::{}", bucket.name);
            (arn, bucket.tags.clone())
        })
        .collect()
    }

    /// The bucket of this name.
    pub(crate) fn seen(&self, partition: Partition, name: &str) -> Option<SeenBucket> {
        let bucket = self.bucket(partition, name)?;
        Some(SeenBucket {
            account: bucket.account.clone(),
            region: bucket.region.clone(),
            policy: bucket.policy.as_ref().map(|policy| policy.text.clone()),
        })
    }
}

/// Gives a bucket these tags and no others, if the caller may.
pub(crate) async fn retag(
    around: &Around<'_>,
    call: &Call,
    bucket: &str,
    tags: &Tags,
) -> Result<(), ApiError> {
    let (operation, method, document) = if tags.is_empty() {
        ("DeleteBucketTagging", "DELETE", String::new())
    } else {
        let set = Xml::new().inside("TagSet", written(tags));
        let document = Xml::root("Tagging", Service::S3.namespace(), set);
        ("PutBucketTagging", "PUT", document)
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("/{bucket}?tagging"))
        .header("content-md5", STANDARD.encode(md5(document.as_bytes())))
        .body(());
    let Ok(request) = request else {
        let sentence = "The specified bucket is not valid.";
        return Err(ApiError::new("InvalidBucketName", sentence));
    };
    let (head, ()) = request.into_parts();
    let done = super::answer(around, call, operation, &head, document.as_bytes()).await;
    done.map(|_| ())
}
