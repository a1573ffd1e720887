//! Objects: put, read, copied, listed, deleted, in one piece or in parts.

mod acl;
mod attributes;
mod copy;
mod delete;
mod list;
mod list_versions;
mod multipart;
mod put;
mod range;
mod read;
mod tagging;
mod write;

pub(super) use self::read::plain;

use super::asked::Asked;
use crate::api::ApiError;
use crate::protocol::Rest;

/// Answers an operation on objects; `None` if it is about something else.
pub(super) async fn answer(asked: &Asked<'_>) -> Option<Result<Rest, ApiError>> {
    Some(match asked.operation {
        "PutObject" => put::put(asked).await,
        "GetObject" | "HeadObject" => read::read(asked).await,
        "GetObjectAttributes" => attributes::get(asked),
        "CopyObject" => copy::copy(asked).await,
        "DeleteObject" => delete::delete(asked),
        "DeleteObjects" => delete::delete_many(asked),
        "GetObjectTagging" => tagging::get(asked),
        "PutObjectTagging" => tagging::put(asked),
        "DeleteObjectTagging" => tagging::delete(asked),
        "GetObjectAcl" => acl::get(asked),
        "PutObjectAcl" => acl::put(asked),
        "ListObjects" => list::list(asked),
        "ListObjectsV2" => list::list_v2(asked),
        "ListObjectVersions" => list_versions::list(asked),
        "CreateMultipartUpload" => multipart::create(asked).await,
        "UploadPart" => multipart::upload(asked).await,
        "UploadPartCopy" => multipart::upload_copy(asked).await,
        "CompleteMultipartUpload" => multipart::complete(asked).await,
        "AbortMultipartUpload" => multipart::abort(asked),
        "ListMultipartUploads" => multipart::list_uploads(asked),
        "ListParts" => multipart::list_parts(asked).await,
        _ => return None,
    })
}
