//! `ListObjectVersions`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html>

use std::ops::Bound;

use super::list::{Entry, MOST, Shape, told_object};
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::bucket_settings::owner;
use crate::s3::buckets::milliseconds;
use crate::s3::errors::invalid_argument;
use crate::s3::state::{Bucket, Version};
use crate::xml::Xml;

pub(super) fn list(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:ListBucketVersions")?;
    let shape = Shape::of(asked)?;
    let most = asked.number("max-keys", MOST)?;
    let key_marker = asked.query.one("key-marker").unwrap_or_default();
    let version_marker = asked.query.one("version-id-marker");
    if let Some(marker) = version_marker.filter(|_| key_marker.is_empty()) {
        let sentence = "A version-id marker cannot be specified without a key marker.";
        return Err(invalid_argument(sentence, "version-id-marker", marker));
    }
    asked.with_bucket(|bucket| {
        let all = versions(bucket, &shape, key_marker, version_marker);
        let (entries, next) = if most == 0 {
            (Vec::new(), None)
        } else {
            shape.walk(all.into_iter(), key_marker, most)
        };
        let last_version = match entries.last() {
            Some(Entry::One((_, version, _))) => Some(version.id.as_str()),
            _ => None,
        };
        let xml = shape
            .told(asked, most)
            .text("KeyMarker", shape.written(key_marker))
            .text("VersionIdMarker", version_marker.unwrap_or_default())
            .text("IsTruncated", next.is_some())
            .maybe(
                "NextKeyMarker",
                next.as_ref().map(|next| shape.written(next)),
            )
            .maybe(
                "NextVersionIdMarker",
                last_version.filter(|_| next.is_some()),
            );
        let mut prefixes = Xml::new();
        let mut told = Xml::new();
        for entry in &entries {
            match entry {
                Entry::Common(common) => prefixes = shape.told_common(prefixes, common),
                Entry::One((key, version, is_latest)) => {
                    let inner = Xml::new()
                        .text("Key", shape.written(key))
                        .text("VersionId", &version.id)
                        .text("IsLatest", is_latest);
                    let (name, inner) = match &version.object {
                        Some(object) => ("Version", told_object(inner, version, object)),
                        None => {
                            let at = milliseconds(version.modified);
                            ("DeleteMarker", inner.text("LastModified", at))
                        }
                    };
                    let inner = inner.inside("Owner", owner(&bucket.account));
                    told = told.inside(name, inner);
                }
            }
        }
        let xml = xml.append(told).append(prefixes);
        Ok(asked.xml("ListVersionsResult", xml))
    })
}

/// All versions after the markers: by key, the newest first, with whether it is the newest.
fn versions<'b>(
    bucket: &'b Bucket,
    shape: &Shape<'_>,
    key_marker: &str,
    version_marker: Option<&str>,
) -> Vec<(&'b str, (&'b str, &'b Version, bool))> {
    let from = shape.prefix.max(key_marker);
    let range = bucket
        .objects
        .range::<str, _>((Bound::Included(from), Bound::Unbounded));
    let keys = range.take_while(|(key, _)| key.starts_with(shape.prefix));
    let mut all = Vec::new();
    for (key, versions) in keys {
        let at_marker = !key_marker.is_empty() && key == key_marker;
        let told = match version_marker.filter(|_| at_marker) {
            None if at_marker => versions.len(),
            None => 0,
            Some(marker) => {
                let place = versions
                    .iter()
                    .rev()
                    .position(|version| version.id == marker);
                place.map_or(0, |place| place + 1)
            }
        };
        let numbered = versions.iter().rev().enumerate().skip(told);
        all.extend(numbered.map(|(place, version)| {
            let key = key.as_str();
            (key, (key, version, place == 0))
        }));
    }
    all
}
