//! The tags of an object.

use super::read::{Found, check_version_id};
use super::write::copies;
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::{no_such_bucket, no_such_key, no_such_version};
use crate::s3::state::{Bucket, Copy, NULL, Progress, Tags, Version};
use crate::s3::tags;
use crate::xml::Xml;

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_object(action(
        asked,
        "s3:GetObjectTagging",
        "s3:GetObjectVersionTagging",
    ))?;
    let found = Found::of(asked)?;
    let set = Xml::new().inside("TagSet", tags::written(&found.object.tags));
    let rest = asked.xml("Tagging", set);
    Ok(rest.maybe("x-amz-version-id", version_of(&found.version.id)))
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.check_body()?;
    asked.allow_object(action(
        asked,
        "s3:PutObjectTagging",
        "s3:PutObjectVersionTagging",
    ))?;
    let set = tags::of_document(&asked.document("Tagging")?, tags::MOST_OF_OBJECT)?;
    change(asked, set, 200)
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let version = "s3:DeleteObjectVersionTagging";
    asked.allow_object(action(asked, "s3:DeleteObjectTagging", version))?;
    change(asked, Tags::new(), 204)
}

fn action<'w>(asked: &Asked<'_>, plain: &'w str, of_version: &'w str) -> &'w str {
    match asked.query.one("versionId") {
        Some(_) => of_version,
        None => plain,
    }
}

fn change(asked: &Asked<'_>, set: Tags, status: u16) -> Result<Rest, ApiError> {
    let id = Found::of(asked)?.version.id;
    check_version_id(&id)?;
    let around = asked.around;
    let mut state = around.neighbours.s3.write(around.revision);
    let bucket = state.bucket_mut(asked.partition(), &asked.bucket);
    let bucket = bucket.ok_or_else(|| no_such_bucket(&asked.bucket))?;
    let version = bucket.version_mut(&asked.key, &id);
    let version = version.ok_or_else(|| no_such_version(&asked.key, &id))?;
    let object = version.object.as_mut();
    object.ok_or_else(|| no_such_key(&asked.key))?.tags = set;
    let copies = copies_again(asked, bucket, &id);
    if let Some(version) = bucket.version_mut(&asked.key, &id)
        && !copies.is_empty()
    {
        version.replication = Some(Progress::Pending);
    }
    state.copies.extend(copies);
    drop(state);
    Ok(asked
        .empty(status)
        .maybe("x-amz-version-id", version_of(&id)))
}

/// What was copied has its tags copied again when they change; what is a copy has not.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnot-replicated.html>
fn copies_again(asked: &Asked<'_>, bucket: &Bucket, id: &str) -> Vec<Copy> {
    let version = bucket.version(&asked.key, id);
    let was_copied = |version: &&Version| {
        let progress = version.replication;
        progress.is_some_and(|progress| progress != Progress::Replica)
    };
    match version.filter(was_copied) {
        Some(version) => copies(asked, bucket, &asked.key, id, version.object.as_ref()),
        None => Vec::new(),
    }
}

fn version_of(id: &str) -> Option<&str> {
    (id != NULL).then_some(id)
}
