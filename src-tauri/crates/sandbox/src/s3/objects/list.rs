//! `ListObjects` and `ListObjectsV2`, and how all lists of keys are walked.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::write::quoted;
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::bucket_settings::owner;
use crate::s3::buckets::milliseconds;
use crate::s3::errors::invalid_argument;
use crate::s3::state::{Object, Version};
use crate::xml::Xml;

/// No page has more.
pub(super) const MOST: usize = 1_000;

/// Which keys are listed, and how they are written.
pub(super) struct Shape<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: &'a str,
    is_encoded: bool,
}

/// An entry of a list.
pub(super) enum Entry<T> {
    /// What several keys begin with, up to the delimiter.
    Common(String),
    One(T),
}

impl<'a> Shape<'a> {
    pub(super) fn of(asked: &'a Asked<'_>) -> Result<Self, ApiError> {
        let word = |name| asked.query.one(name).unwrap_or_default();
        let is_encoded = match word("encoding-type") {
            "" => false,
            "url" => true,
            other => {
                let sentence = "Invalid Encoding Method specified in Request";
                return Err(invalid_argument(sentence, "encoding-type", other));
            }
        };
        Ok(Self {
            prefix: word("prefix"),
            delimiter: word("delimiter"),
            is_encoded,
        })
    }

    /// A key as the answer writes it.
    pub(super) fn written(&self, key: &str) -> String {
        if !self.is_encoded {
            return key.to_owned();
        }
        let parts: Vec<_> = key
            .split('/')
            .map(|part| percent_encode(part.as_bytes()))
            .collect();
        parts.join("/")
    }

    /// What the key begins with, up to the delimiter after the prefix.
    fn common(&self, key: &str) -> Option<String> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.strip_prefix(self.prefix)?;
        let end = rest.find(self.delimiter)? + self.delimiter.len();
        Some(key[..self.prefix.len() + end].to_owned())
    }

    /// The entries, from sorted keys that begin with the prefix, and whether there are more than
    /// `most`. What was told before `after` is not told again.
    pub(super) fn walk<'k, T>(
        &self,
        keys: impl Iterator<Item = (&'k str, T)>,
        after: &str,
        most: usize,
    ) -> (Vec<Entry<T>>, Option<String>) {
        let mut entries = Vec::new();
        let (mut last_common, mut last) = (None::<String>, None);
        for (key, item) in keys {
            let common = self.common(key);
            if common.is_some() && common == last_common {
                continue;
            }
            // All keys below a prefix that was told come after it.
            if common.as_deref().is_some_and(|common| common == after) {
                continue;
            }
            if entries.len() == most {
                return (entries, last);
            }
            last = Some(common.as_deref().unwrap_or(key).to_owned());
            entries.push(match &common {
                Some(common) => Entry::Common(common.clone()),
                None => Entry::One(item),
            });
            if common.is_some() {
                last_common = common;
            }
        }
        (entries, None)
    }

    /// The parts of the answer that every list has.
    pub(super) fn told(&self, asked: &Asked<'_>, most: usize) -> Xml {
        let delimiter = Some(self.delimiter).filter(|text| !text.is_empty());
        Xml::new()
            .text("Name", &asked.bucket)
            .text("Prefix", self.written(self.prefix))
            .text("MaxKeys", most)
            .maybe("Delimiter", delimiter.map(|text| self.written(text)))
            .maybe("EncodingType", self.is_encoded.then_some("url"))
    }

    pub(super) fn told_common(&self, xml: Xml, common: &str) -> Xml {
        let inner = Xml::new().text("Prefix", self.written(common));
        xml.inside("CommonPrefixes", inner)
    }
}

pub(super) fn list(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:ListBucket")?;
    let shape = Shape::of(asked)?;
    let most = asked.number("max-keys", MOST)?;
    let marker = asked.query.one("marker").unwrap_or_default();
    let (contents, next, _) = page(asked, &shape, marker, most, true)?;
    let next_marker = next.as_ref().filter(|_| !shape.delimiter.is_empty());
    let xml = shape
        .told(asked, most)
        .text("Marker", shape.written(marker))
        .text("IsTruncated", next.is_some())
        .maybe("NextMarker", next_marker.map(|next| shape.written(next)));
    Ok(asked.xml("ListBucketResult", xml.append(contents)))
}

pub(super) fn list_v2(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:ListBucket")?;
    let shape = Shape::of(asked)?;
    let most = asked.number("max-keys", MOST)?;
    let token = asked.query.one("continuation-token");
    let start_after = asked.query.one("start-after");
    let after = match token {
        None => start_after.unwrap_or_default().to_owned(),
        Some(text) => {
            let read = URL_SAFE_NO_PAD.decode(text).ok();
            let read = read.and_then(|bytes| String::from_utf8(bytes).ok());
            let sentence = "The continuation token provided is incorrect";
            read.ok_or_else(|| invalid_argument(sentence, "continuation-token", text))?
        }
    };
    let with_owner = asked.query.one("fetch-owner") == Some("true");
    let (contents, next, count) = page(asked, &shape, &after, most, with_owner)?;
    let xml = shape
        .told(asked, most)
        .text("KeyCount", count)
        .text("IsTruncated", next.is_some())
        .maybe("ContinuationToken", token)
        .maybe(
            "NextContinuationToken",
            next.map(|next| URL_SAFE_NO_PAD.encode(next)),
        )
        .maybe("StartAfter", start_after.map(|start| shape.written(start)));
    Ok(asked.xml("ListBucketResult", xml.append(contents)))
}

fn page(
    asked: &Asked<'_>,
    shape: &Shape<'_>,
    after: &str,
    most: usize,
    with_owner: bool,
) -> Result<(Xml, Option<String>, usize), ApiError> {
    asked.with_bucket(|bucket| {
        let from = shape.prefix.max(after);
        let range = bucket
            .objects
            .range::<str, _>((Bound::Included(from), Bound::Unbounded));
        let keys = range
            .take_while(|(key, _)| key.starts_with(shape.prefix))
            .filter(|(key, _)| after.is_empty() || key.as_str() > after)
            .filter_map(|(key, versions)| {
                let version = versions.last()?;
                let object = version.object.as_ref()?;
                Some((key.as_str(), (key, version, object)))
            });
        let (entries, next) = if most == 0 {
            (Vec::new(), None)
        } else {
            shape.walk(keys, after, most)
        };
        let (mut contents, mut prefixes) = (Xml::new(), Xml::new());
        for entry in &entries {
            match entry {
                Entry::Common(common) => prefixes = shape.told_common(prefixes, common),
                Entry::One((key, version, object)) => {
                    let inner = Xml::new().text("Key", shape.written(key));
                    let inner = told_object(inner, version, object);
                    let inner = match with_owner {
                        true => inner.inside("Owner", owner(&bucket.account)),
                        false => inner,
                    };
                    contents = contents.inside("Contents", inner);
                }
            }
        }
        Ok((contents.append(prefixes), next, entries.len()))
    })
}

/// What every list tells about an object.
pub(super) fn told_object(xml: Xml, version: &Version, object: &Object) -> Xml {
    let checksum = object.checksum.as_ref();
    xml.text("LastModified", milliseconds(version.modified))
        .text("ETag", quoted(&object.etag))
        .maybe("ChecksumAlgorithm", checksum.map(|sum| &sum.algorithm))
        .maybe("ChecksumType", checksum.map(|sum| &sum.kind))
        .text("Size", object.size())
        .text("StorageClass", object.storage_class())
}
