//! The access control list of an object: its owner has everything.

use super::read::Found;
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::bucket_settings::{full_control, put_list};

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    allow(asked, "s3:GetObjectAcl", "s3:GetObjectVersionAcl")?;
    Found::of(asked)?;
    asked.with_bucket(|bucket| Ok(asked.xml("AccessControlPolicy", full_control(&bucket.account))))
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.check_body()?;
    allow(asked, "s3:PutObjectAcl", "s3:PutObjectVersionAcl")?;
    Found::of(asked)?;
    put_list(asked)
}

fn allow(asked: &Asked<'_>, plain: &str, of_version: &str) -> Result<(), ApiError> {
    asked.allow_object(match asked.query.one("versionId") {
        Some(_) => of_version,
        None => plain,
    })
}
