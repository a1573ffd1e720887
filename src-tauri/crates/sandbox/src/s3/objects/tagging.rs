//! The tags of an object.

use super::read::{Found, check_version_id};
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::{no_such_key, no_such_version};
use crate::s3::state::Tags;
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
    asked.change_bucket(|bucket| {
        let version = bucket.version_mut(&asked.key, &id);
        let version = version.ok_or_else(|| no_such_version(&asked.key, &id))?;
        let object = version.object.as_mut();
        object.ok_or_else(|| no_such_key(&asked.key))?.tags = set;
        Ok(())
    })?;
    Ok(asked
        .empty(status)
        .maybe("x-amz-version-id", version_of(&id)))
}

fn version_of(id: &str) -> Option<&str> {
    (id != crate::s3::state::NULL).then_some(id)
}
