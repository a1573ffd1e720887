//! `DeleteObject` and `DeleteObjects`: with versions nothing goes away but what is named by its
//! version; all else is only marked.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html>

use super::read::check_version_id;
use super::write::{bare, copies};
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::access::Of;
use crate::s3::asked::Asked;
use crate::s3::errors::{malformed_xml, no_such_bucket, precondition_failed};
use crate::s3::state::{Bucket, NULL, Progress, Version, Versioning};
use crate::xml::Xml;

const MOST: usize = 1_000;

/// What was deleted, or made in its place.
#[derive(Default)]
struct Deleted {
    /// The id of the version, if there are versions.
    version: Option<String>,
    /// Whether that is a delete marker.
    is_marker: bool,
}

/// One object that is to be deleted.
struct Doomed<'a> {
    key: &'a str,
    version: Option<&'a str>,
    etag: Option<&'a str>,
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let etag = asked.header("if-match");
    let deleted = remove(
        asked,
        &Doomed {
            key: &asked.key,
            version: asked.query.one("versionId"),
            etag: etag.as_deref(),
        },
    )?;
    Ok(asked
        .empty(204)
        .maybe("x-amz-delete-marker", deleted.is_marker.then_some("true"))
        .maybe("x-amz-version-id", deleted.version))
}

pub(super) fn delete_many(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.check_body()?;
    let root = asked.document("Delete")?;
    root.only(&["Quiet", "Object"])?;
    let quiet = root.flag("Quiet")?.unwrap_or_default();
    let objects: Vec<_> = root.all("Object").collect();
    if objects.is_empty() || objects.len() > MOST {
        return Err(malformed_xml());
    }
    let mut xml = Xml::new();
    for object in objects {
        let doomed = Doomed {
            key: object.need_text("Key")?,
            version: object.text_of("VersionId")?.filter(|id| !id.is_empty()),
            etag: object.text_of("ETag")?,
        };
        let told = Xml::new()
            .text("Key", doomed.key)
            .maybe("VersionId", doomed.version);
        match remove(asked, &doomed) {
            Ok(_) if quiet => {}
            Ok(deleted) => {
                let told = if deleted.is_marker {
                    told.text("DeleteMarker", true)
                        .maybe("DeleteMarkerVersionId", deleted.version)
                } else {
                    told
                };
                xml = xml.inside("Deleted", told);
            }
            Err(refusal) => {
                let told = told
                    .text("Code", refusal.code)
                    .text("Message", refusal.message);
                xml = xml.inside("Error", told);
            }
        }
    }
    Ok(asked.xml("DeleteResult", xml))
}

fn remove(asked: &Asked<'_>, doomed: &Doomed<'_>) -> Result<Deleted, ApiError> {
    let key = doomed.key;
    asked.with_bucket(|bucket| {
        may_remove(asked, bucket, doomed)?;
        let current = bucket
            .current(key)
            .and_then(|version| version.object.as_ref());
        let fits = |etag: &str| current.is_some_and(|object| etag == "*" || object.etag == etag);
        match doomed.etag.map(bare) {
            Some(etag) if !fits(etag) => Err(precondition_failed("If-Match")),
            _ => Ok(()),
        }
    })?;
    if let Some(id) = doomed.version {
        check_version_id(id)?;
    }
    let around = asked.around;
    let mut state = around.neighbours.s3.write(around.revision);
    let bucket = state.bucket_mut(asked.partition(), &asked.bucket);
    let bucket = bucket.ok_or_else(|| no_such_bucket(&asked.bucket))?;
    if let Some(id) = doomed.version {
        let taken = bucket.take(key, id);
        return Ok(Deleted {
            version: bucket.versioning.is_some().then(|| id.to_owned()),
            is_marker: taken.is_some_and(|version| version.object.is_none()),
        });
    }
    let id = match bucket.versioning {
        None => {
            bucket.take(key, NULL);
            return Ok(Deleted::default());
        }
        Some(Versioning::Suspended) => NULL.to_owned(),
        Some(Versioning::Enabled) => around.random.id(32),
    };
    let copies = copies(asked, bucket, key, &id, None);
    let marker = Version {
        id: id.clone(),
        modified: asked.now(),
        object: None,
        replication: (!copies.is_empty()).then_some(Progress::Pending),
    };
    bucket.put(key, marker);
    state.copies.extend(copies);
    Ok(Deleted {
        version: Some(id),
        is_marker: true,
    })
}

/// Who compares an entity tag has to be allowed to read; and where there are no versions, either action
/// that is denied stands in the way.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>
fn may_remove(asked: &Asked<'_>, bucket: &Bucket, doomed: &Doomed<'_>) -> Result<(), ApiError> {
    let (action, other) = match doomed.version {
        Some(_) => ("s3:DeleteObjectVersion", "s3:DeleteObject"),
        None => ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    };
    let arn = format!("{}/{}", asked.bucket_arn(), doomed.key);
    let of = Of {
        etag: doomed.etag,
        ..Of::version(bucket, doomed.key, doomed.version)
    };
    asked.allow(bucket, action, &arn, &of)?;
    if bucket.versioning.is_none() {
        asked.not_denied(bucket, other, &arn, &of)?;
    }
    if doomed.etag.is_some_and(|etag| bare(etag) != "*") {
        let current = Of::version(bucket, doomed.key, None);
        asked.allow(bucket, "s3:GetObject", &arn, &current)?;
    }
    Ok(())
}
