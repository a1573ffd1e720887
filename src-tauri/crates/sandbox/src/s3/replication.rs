//! Copies to other buckets, made by a role. A copy that is due is made before the next request is
//! answered; what the role may not do, or KMS does not let it, makes it fail, and nothing but the
//! status of the object says so.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use time::OffsetDateTime;

use super::access;
use super::asked::bucket_arn;
use super::bucket_settings::{BucketEncryption, Rule};
use super::condition_keys;
use super::encryption::{KMS, Wanted};
use super::errors::access_denied;
use super::objects::plain;
use super::state::{Bucket, Copy, Object, Part, Progress, Version};
use crate::api::{ApiError, Call};
use crate::encoding::hex;
use crate::iam::caller::Caller;
use crate::neighbours::Around;
use crate::regions::Partition;

const PRINCIPAL: &str = "s3.amazonaws.com";

/// Makes all copies that are due.
pub(super) async fn catch_up(around: &Around<'_>, now: OffsetDateTime) {
    loop {
        let next = around.neighbours.s3.read().copies.first().cloned();
        let Some(copy) = next else { return };
        // One that is given up half way is made at the next request.
        let outcome = carry_out(around, &copy, now).await;
        let mut state = around.neighbours.s3.write(around.revision);
        let is_done = state.copies.first() == Some(&copy);
        if is_done {
            state.copies.remove(0);
        }
        let others = state.copies.iter().any(|other| {
            other.version == copy.version && other.key == copy.key && other.bucket == copy.bucket
        });
        let bucket = state.bucket_mut(copy.partition, &copy.bucket);
        let version = bucket.and_then(|bucket| bucket.version_mut(&copy.key, &copy.version));
        if let Some(version) = version.filter(|_| is_done) {
            version.replication = match (outcome, version.replication) {
                (Err(_), _) | (_, Some(Progress::Failed)) => Some(Progress::Failed),
                (Ok(()), _) if others => Some(Progress::Pending),
                (Ok(()), _) => Some(Progress::Completed),
            };
        }
    }
}

/// One copy, with all that was found out about it.
struct Making<'a> {
    around: &'a Around<'a>,
    copy: &'a Copy,
    source: Bucket,
    destination: Bucket,
    version: Version,
    rule: Rule,
    role: Arc<Caller>,
    now: OffsetDateTime,
}

async fn carry_out(around: &Around<'_>, copy: &Copy, now: OffsetDateTime) -> Result<(), ApiError> {
    let (source, destination, version, rule, role) = {
        let state = around.neighbours.s3.read();
        let source = state.bucket(copy.partition, &copy.bucket);
        let source = source.ok_or_else(access_denied)?;
        let set = source.replication.as_ref().ok_or_else(access_denied)?;
        let rule = set.rules.iter().find(|rule| rule.id == copy.rule);
        let rule = rule.ok_or_else(access_denied)?.clone();
        let version = source.version(&copy.key, &copy.version);
        let version = version.ok_or_else(access_denied)?.clone();
        let destination = state.bucket(copy.partition, &rule.destination);
        let destination = destination.filter(|bucket| bucket.is_versioned());
        let destination = destination.ok_or_else(access_denied)?;
        let role = set.role.clone();
        (
            source.without_objects(),
            destination.without_objects(),
            version,
            rule,
            role,
        )
    };
    let role = assumed(around, &role, &source, copy.partition).ok_or_else(access_denied)?;
    let making = Making {
        around,
        copy,
        source,
        destination,
        version,
        rule,
        role: Arc::new(role),
        now,
    };
    making.carry_out().await
}

impl Making<'_> {
    async fn carry_out(&self) -> Result<(), ApiError> {
        let source = bucket_arn(self.copy.partition, &self.source.name);
        let original = format!("{source}/{}", self.copy.key);
        self.allow(&self.source, "s3:GetReplicationConfiguration", &source)?;
        let Some(object) = &self.version.object else {
            self.allow(&self.source, "s3:ListBucket", &source)?;
            self.allow(&self.destination, "s3:ReplicateDelete", &self.replica_arn())?;
            return self.put(None);
        };
        if self.is_there() {
            return self.retag(object, &original);
        }
        for action in [
            "s3:GetObjectVersionForReplication",
            "s3:GetObjectVersionAcl",
        ] {
            self.allow(&self.source, action, &original)?;
        }
        self.allow(&self.destination, "s3:ReplicateObject", &self.replica_arn())?;
        let with_tags = !object.tags.is_empty()
            && self
                .allow(&self.source, "s3:GetObjectVersionTagging", &original)
                .is_ok()
            && self
                .allow(&self.destination, "s3:ReplicateTags", &self.replica_arn())
                .is_ok();
        let replica = self.replica(object, with_tags).await?;
        self.put(Some(replica))
    }

    /// Whether the copy was made before.
    fn is_there(&self) -> bool {
        let state = self.around.neighbours.s3.read();
        let bucket = state.bucket(self.copy.partition, &self.destination.name);
        bucket.is_some_and(|bucket| bucket.version(&self.copy.key, &self.copy.version).is_some())
    }

    /// Gives a copy the tags that its original has now.
    fn retag(&self, object: &Object, original: &str) -> Result<(), ApiError> {
        self.allow(&self.source, "s3:GetObjectVersionTagging", original)?;
        self.allow(&self.destination, "s3:ReplicateTags", &self.replica_arn())?;
        let mut state = self.around.neighbours.s3.write(self.around.revision);
        let bucket = state.bucket_mut(self.copy.partition, &self.destination.name);
        let bucket = bucket.ok_or_else(access_denied)?;
        let version = bucket.version_mut(&self.copy.key, &self.copy.version);
        if let Some(object_there) = version.and_then(|version| version.object.as_mut()) {
            object_there.tags.clone_from(&object.tags);
        }
        Ok(())
    }

    /// The object anew, under the key that the rule or the destination names.
    async fn replica(&self, object: &Object, with_tags: bool) -> Result<Object, ApiError> {
        let there = self.call(&self.source.region);
        let bytes = plain(self.around, &there, &self.source.region, object).await?;
        let by_default = self.destination.encryption.as_ref();
        let is_kms = object.encryption.is_kms();
        let (algorithm, key) = if is_kms {
            (Some(KMS), self.rule.key.clone())
        } else {
            let algorithm = by_default.and_then(BucketEncryption::word);
            (
                algorithm,
                by_default.and_then(|default| default.key.clone()),
            )
        };
        let wanted = match algorithm {
            None => Wanted::Aes256,
            Some(algorithm) => Wanted::Kms {
                algorithm,
                key,
                context: BTreeMap::new(),
                bucket_key: by_default.is_some_and(|default| default.bucket_key),
            },
        };
        let here = self.call(&self.destination.region);
        let (encryption, key) = wanted
            .begin_copy(
                self.around,
                &here,
                &self.destination.name,
                &self.replica_arn(),
            )
            .await?;
        let etag = match (is_kms, encryption.is_kms()) {
            (false, false) => object.etag.clone(),
            _ => {
                let fresh = hex(&self.around.random.bytes::<16>());
                match object.etag.split_once('-') {
                    Some((_, parts)) => format!("{fresh}-{parts}"),
                    None => fresh,
                }
            }
        };
        let mut rest = bytes.as_slice();
        let mut parts = Vec::new();
        for part in &object.parts {
            let (bytes, after) = rest.split_at_checked(part.size).unwrap_or((rest, &[]));
            rest = after;
            parts.push(Part {
                sealed: key.seal(bytes)?,
                ..part.clone()
            });
        }
        let mut headers = object.headers.clone();
        if let Some(class) = &self.rule.storage_class {
            headers.insert("x-amz-storage-class".to_owned(), class.clone());
        }
        Ok(Object {
            etag,
            encryption,
            parts,
            in_parts: object.in_parts,
            checksum: object.checksum.clone(),
            headers,
            tags: if with_tags {
                object.tags.clone()
            } else {
                Vec::new()
            },
        })
    }

    fn put(&self, object: Option<Object>) -> Result<(), ApiError> {
        let mut state = self.around.neighbours.s3.write(self.around.revision);
        let bucket = state.bucket_mut(self.copy.partition, &self.destination.name);
        let bucket = bucket.filter(|bucket| bucket.is_versioned());
        let bucket = bucket.ok_or_else(access_denied)?;
        if bucket.version(&self.copy.key, &self.copy.version).is_some() {
            return Ok(());
        }
        let version = Version {
            id: self.copy.version.clone(),
            modified: self.version.modified,
            object,
            replication: Some(Progress::Replica),
        };
        bucket.put(&self.copy.key, version);
        Ok(())
    }

    fn allow(&self, bucket: &Bucket, action: &str, arn: &str) -> Result<(), ApiError> {
        let call = self.call(&bucket.region);
        let context = condition_keys::of_call(&call, Some(bucket));
        access::decide(&call, bucket, action, arn, &context)
    }

    fn replica_arn(&self) -> String {
        let bucket = bucket_arn(self.copy.partition, &self.destination.name);
        format!("{bucket}/{}", self.copy.key)
    }

    fn call(&self, region: &str) -> Call {
        Call {
            account: self.role.account.clone(),
            region: region.to_owned(),
            principal: self.role.arn.clone(),
            caller: Arc::clone(&self.role),
            via: None,
            request_id: String::new(),
            now: self.now,
        }
    }
}

/// The role's session, if its trust policy lets S3 assume it for this bucket.
fn assumed(
    around: &Around<'_>,
    role: &str,
    bucket: &Bucket,
    partition: Partition,
) -> Option<Caller> {
    let iam = around.iam;
    let arn = bucket_arn(partition, &bucket.name);
    let context = iam.context_of_service(PRINCIPAL, &bucket.account, &arn);
    iam.role_assumed_by(PRINCIPAL, role, "s3-replication", &context)
}
