//! Objects that come in parts.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

mod complete;
mod list;
mod parts;

pub(super) use self::complete::{abort, complete};
pub(super) use self::list::{list_parts, list_uploads};
pub(super) use self::parts::{upload, upload_copy};

use std::collections::BTreeMap;

use super::write::About;
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::encryption::Wanted;
use crate::s3::errors::{invalid_request, no_such_upload};
use crate::s3::integrity::{COMPOSITE, FULL_OBJECT};
use crate::s3::state::{Bucket, Upload};
use crate::xml::Xml;

/// `CreateMultipartUpload`.
pub(super) async fn create(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_object("s3:PutObject")?;
    let about = About::of(asked)?;
    let algorithm = asked.checksum_algorithm()?;
    let chosen = asked.has_header("x-amz-checksum-algorithm");
    let kind = asked.header("x-amz-checksum-type");
    let kind = match (algorithm, kind.as_deref()) {
        ("CRC64NVME", None | Some(FULL_OBJECT)) | ("CRC32" | "CRC32C", Some(FULL_OBJECT)) => {
            FULL_OBJECT
        }
        ("CRC64NVME", Some(_)) | (_, Some(FULL_OBJECT)) => {
            let kind = kind.as_deref().unwrap_or_default();
            return Err(invalid_request(format!(
                "The {kind} checksum type cannot be used with the {algorithm} checksum algorithm."
            )));
        }
        _ => COMPOSITE,
    };
    let wanted = asked.with_bucket(|bucket| Wanted::of(asked, bucket))?;
    let (encryption, _) = wanted
        .begin(asked.around, asked.call, &asked.bucket, &asked.object_arn())
        .await?;
    let id = asked.around.random.id(96);
    let rest = encryption.told(
        asked.xml(
            "InitiateMultipartUploadResult",
            Xml::new()
                .text("Bucket", &asked.bucket)
                .text("Key", &asked.key)
                .text("UploadId", &id),
        ),
    );
    let upload = Upload {
        key: asked.key.clone(),
        initiator: asked.call.principal.clone(),
        begun: asked.now(),
        encryption,
        checksum: (algorithm.to_owned(), kind.to_owned()),
        chosen,
        headers: about.headers,
        tags: about.tags,
        parts: BTreeMap::new(),
    };
    asked.change_bucket(|bucket| {
        bucket.uploads.insert(id, upload);
        Ok(())
    })?;
    if !chosen {
        return Ok(rest);
    }
    Ok(rest
        .with("x-amz-checksum-algorithm", algorithm)
        .with("x-amz-checksum-type", kind))
}

/// The upload that is asked for.
fn found<'b>(asked: &Asked<'_>, bucket: &'b Bucket) -> Result<&'b Upload, ApiError> {
    let id = asked.query.one("uploadId").unwrap_or_default();
    let upload = bucket
        .uploads
        .get(id)
        .filter(|upload| upload.key == asked.key);
    upload.ok_or_else(|| no_such_upload(id))
}

/// Refuses who may neither do this to uploads of the object nor has begun this one.
fn may(asked: &Asked<'_>, action: &str) -> Result<(), ApiError> {
    asked.with_bucket(|bucket| {
        let upload = found(asked, bucket).ok();
        let initiator = upload.map(|upload| upload.initiator.as_str());
        asked.allow_upload(bucket, action, initiator)
    })
}
