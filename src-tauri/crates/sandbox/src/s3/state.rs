//! What S3 remembers: buckets with their settings, objects with their versions, uploads that are
//! under way, and copies that are still to be made. Records only.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::bucket_settings::{BucketEncryption, BucketPolicy, PublicAccessBlock, Replication};
use super::encryption::Encryption;
use super::integrity::{Checksum, FULL_OBJECT};
use crate::regions::Partition;

/// Keys with values, in the order in which they were given.
pub(super) type Tags = Vec<(String, String)>;

/// What S3 remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    /// By partition, then by name: a name is unique in a partition.
    buckets: BTreeMap<String, BTreeMap<String, Bucket>>,
    /// Copies to other buckets that are still to be made, oldest first.
    pub(super) copies: Vec<Copy>,
}

/// One bucket.
#[derive(Serialize, Deserialize)]
pub(super) struct Bucket {
    pub(super) name: String,
    /// The account of its owner.
    pub(super) account: String,
    pub(super) region: String,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    pub(super) encryption: Option<BucketEncryption>,
    pub(super) public_access_block: Option<PublicAccessBlock>,
    /// `BucketOwnerEnforced` and so on.
    pub(super) ownership: Option<String>,
    pub(super) versioning: Option<Versioning>,
    #[serde(default)]
    pub(super) tags: Tags,
    pub(super) policy: Option<BucketPolicy>,
    pub(super) replication: Option<Replication>,
    /// The versions of each object, oldest first.
    #[serde(default)]
    pub(super) objects: BTreeMap<String, Vec<Version>>,
    /// By id.
    #[serde(default)]
    pub(super) uploads: BTreeMap<String, Upload>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Copy)]
pub(super) enum Versioning {
    Enabled,
    Suspended,
}

/// The id of a version that was made while versioning was not enabled.
pub(super) const NULL: &str = "null";

/// One version of an object.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) id: String,
    #[serde(with = "rfc3339")]
    pub(super) modified: OffsetDateTime,
    /// `None` is a delete marker.
    pub(super) object: Option<Object>,
    pub(super) replication: Option<Progress>,
}

/// What a version contains.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Object {
    /// Without quotation marks.
    pub(super) etag: String,
    pub(super) encryption: Encryption,
    /// One after the other; more than one after a multipart upload.
    pub(super) parts: Vec<Part>,
    /// Whether it came in parts.
    #[serde(default)]
    pub(super) in_parts: bool,
    pub(super) checksum: Option<Checksum>,
    #[serde(default)]
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) tags: Tags,
}

/// The headers that are kept with an object and told with it, in lower case.
pub(super) type Headers = BTreeMap<String, String>;

/// Bytes as they lie there: sealed by the data key, if there is one.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) etag: String,
    pub(super) size: usize,
    #[serde(with = "base64")]
    pub(super) sealed: Bytes,
    pub(super) checksum: Option<Checksum>,
    #[serde(with = "rfc3339")]
    pub(super) modified: OffsetDateTime,
}

/// How far the copying of a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Progress {
    Pending,
    Completed,
    Failed,
    /// It is a copy itself.
    Replica,
}

/// A multipart upload under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) key: String,
    /// The ARN of who began it.
    pub(super) initiator: String,
    #[serde(with = "rfc3339")]
    pub(super) begun: OffsetDateTime,
    pub(super) encryption: Encryption,
    /// The algorithm and type of its checksums.
    #[serde(default = "by_default")]
    pub(super) checksum: (String, String),
    /// Whether the client has chosen them.
    #[serde(default)]
    pub(super) chosen: bool,
    #[serde(default)]
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) parts: BTreeMap<u32, Part>,
}

/// A copy that is to be made of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Copy {
    pub(super) partition: Partition,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version: String,
    /// The id of the rule.
    pub(super) rule: String,
}

/// The checksums of an upload for which nobody chose any.
fn by_default() -> (String, String) {
    ("CRC64NVME".to_owned(), FULL_OBJECT.to_owned())
}

impl State {
    pub(super) fn bucket(&self, partition: Partition, name: &str) -> Option<&Bucket> {
        self.buckets.get(partition.word())?.get(name)
    }

    pub(super) fn bucket_mut(&mut self, partition: Partition, name: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(partition.word())?.get_mut(name)
    }

    /// The buckets of a partition by name.
    pub(super) fn buckets(&self, partition: Partition) -> impl Iterator<Item = &Bucket> {
        let all = self.buckets.get(partition.word()).into_iter();
        all.flat_map(BTreeMap::values)
    }

    pub(super) fn add(&mut self, partition: Partition, bucket: Bucket) {
        let word = partition.word().to_owned();
        let buckets = self.buckets.entry(word).or_default();
        buckets.insert(bucket.name.clone(), bucket);
    }

    pub(super) fn remove(&mut self, partition: Partition, name: &str) {
        if let Some(buckets) = self.buckets.get_mut(partition.word()) {
            buckets.remove(name);
        }
    }
}

impl Bucket {
    /// The same bucket without what is in it.
    pub(super) fn without_objects(&self) -> Self {
        Self {
            name: self.name.clone(),
            account: self.account.clone(),
            region: self.region.clone(),
            created: self.created,
            encryption: self.encryption.clone(),
            public_access_block: self.public_access_block.clone(),
            ownership: self.ownership.clone(),
            versioning: self.versioning,
            tags: self.tags.clone(),
            policy: self.policy.clone(),
            replication: self.replication.clone(),
            objects: BTreeMap::new(),
            uploads: BTreeMap::new(),
        }
    }

    pub(super) fn is_versioned(&self) -> bool {
        self.versioning == Some(Versioning::Enabled)
    }

    /// Whether nobody can use access control lists: so it is in new buckets, but not without any setting.
    pub(super) fn enforces_owner(&self) -> bool {
        self.ownership.as_deref() == Some("BucketOwnerEnforced")
    }

    /// The newest version of an object, be it a delete marker.
    pub(super) fn current(&self, key: &str) -> Option<&Version> {
        self.objects.get(key)?.last()
    }

    pub(super) fn version(&self, key: &str, id: &str) -> Option<&Version> {
        let mut versions = self.objects.get(key)?.iter();
        versions.find(|version| version.id == id)
    }

    pub(super) fn version_mut(&mut self, key: &str, id: &str) -> Option<&mut Version> {
        let mut versions = self.objects.get_mut(key)?.iter_mut();
        versions.find(|version| version.id == id)
    }

    /// Puts a version on top; one with the id `null` replaces the one before.
    pub(super) fn put(&mut self, key: &str, version: Version) {
        let versions = self.objects.entry(key.to_owned()).or_default();
        if version.id == NULL {
            versions.retain(|known| known.id != NULL);
        }
        versions.push(version);
    }

    /// Takes a version away.
    pub(super) fn take(&mut self, key: &str, id: &str) -> Option<Version> {
        let versions = self.objects.get_mut(key)?;
        let place = versions.iter().position(|version| version.id == id)?;
        let taken = versions.remove(place);
        if versions.is_empty() {
            self.objects.remove(key);
        }
        Some(taken)
    }
}

impl Object {
    pub(super) fn size(&self) -> usize {
        self.parts.iter().map(|part| part.size).sum()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(super) fn storage_class(&self) -> &str {
        self.header("x-amz-storage-class").unwrap_or("STANDARD")
    }

    /// Whether it has to be restored before it can be read.
    pub(super) fn is_archived(&self) -> bool {
        matches!(self.storage_class(), "GLACIER" | "DEEP_ARCHIVE")
    }
}

impl Progress {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Replica => "REPLICA",
        }
    }
}

/// Bytes in a state are text.
mod base64 {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    use bytes::Bytes;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&STANDARD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD.decode(text).map_err(D::Error::custom)?;
        Ok(Bytes::from(bytes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_older_state_lacks_is_empty() {
        let at = "2026-01-01T00:00:00Z";
        let object = json!({"etag": "e", "encryption": "Aes256", "parts": []});
        let upload = json!({"key": "k", "initiator": "", "begun": at, "encryption": "Aes256"});
        let rule = json!({"id": "r", "destination": "d", "written":
            {"name": "Rule", "text": "", "inner": []}});
        let bucket = json!({
            "name": "b", "account": "111111111111", "region": "eu-west-1", "created": at,
            "encryption": {"algorithm": "AES256"},
            "public_access_block": {},
            "replication": {"role": "r", "rules": [rule]},
            "objects": {"k": [{"id": "null", "modified": at, "object": object}]},
            "uploads": {"u": upload},
        });
        let bucket: Bucket = serde_json::from_value(bucket).unwrap();
        assert!(
            bucket
                .current("k")
                .is_some_and(|version| version.object.is_some())
        );
        let bare = json!({"name": "b", "account": "1", "region": "r", "created": at});
        assert!(serde_json::from_value::<Bucket>(bare).is_ok());
    }
}
