//! The tags of a bucket.

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::tags;
use crate::xml::Xml;

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketTagging")?;
    asked.with_bucket(|bucket| {
        if bucket.tags.is_empty() {
            let refusal = ApiError::new("NoSuchTagSet", "The TagSet does not exist");
            return Err(refusal.with_status(404).about("BucketName", &bucket.name));
        }
        let set = tags::written(&bucket.tags);
        Ok(asked.xml("Tagging", Xml::new().inside("TagSet", set)))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketTagging")?;
    let set = tags::of_document(&asked.document("Tagging")?, tags::MOST_OF_BUCKET)?;
    asked.change_bucket(|bucket| {
        bucket.tags = set;
        Ok(())
    })?;
    Ok(asked.empty(204))
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketTagging")?;
    asked.change_bucket(|bucket| {
        bucket.tags.clear();
        Ok(())
    })?;
    Ok(asked.empty(204))
}
