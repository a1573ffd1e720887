//! `CompleteMultipartUpload` and `AbortMultipartUpload`.

use super::super::write::{Conditions, bare, place_if, quoted};
use super::{found, may};
use crate::api::ApiError;
use crate::encoding::unhex;
use crate::protocol::Rest;
use crate::s3::LARGEST_OBJECT;
use crate::s3::asked::Asked;
use crate::s3::errors::{invalid_request, malformed_xml, no_such_upload, too_large};
use crate::s3::integrity::{Checksum, md5_hex};
use crate::s3::read_xml::Element;
use crate::s3::state::{Object, Part, Upload};
use crate::xml::Xml;

/// Every part but the last has at least so many bytes.
const SMALLEST: usize = 5 * 1024 * 1024;

const MOST: usize = 10_000;

/// KMS has to let S3 read the parts before it puts them together.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
pub(in crate::s3::objects) async fn complete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.check_body()?;
    asked.allow_object("s3:PutObject")?;
    let upload = asked.with_bucket(|bucket| found(asked, bucket).cloned())?;
    let conditions = Conditions::of(asked)?;
    let root = asked.document("CompleteMultipartUpload")?;
    let parts = chosen(&upload, &root)?;
    let size = parts.iter().map(|part| part.size).sum();
    if size > LARGEST_OBJECT {
        return Err(too_large(size));
    }
    check_size(asked, size)?;
    let region = &asked.call.region;
    let encryption = &upload.encryption;
    encryption.open(asked.around, asked.call, region).await?;
    let etags: Vec<u8> = parts
        .iter()
        .flat_map(|part| unhex(&part.etag).unwrap_or_default())
        .collect();
    let etag = format!("{}-{}", md5_hex(&etags), parts.len());
    let sums: Option<Vec<_>> = parts
        .iter()
        .map(|part| Some((part.checksum.as_ref()?, part.size)))
        .collect();
    let (algorithm, kind) = &upload.checksum;
    let checksum = sums.and_then(|sums| Checksum::of_parts(algorithm, kind, &sums));
    if let Some(checksum) = &checksum
        && let Some(told) = asked.header(&checksum.header())
        && told.split('-').next() != checksum.value.split('-').next()
    {
        return Err(ApiError::new(
            "BadDigest",
            format!("The {algorithm} you specified did not match the calculated checksum."),
        ));
    }
    let xml = Xml::new()
        .text(
            "Location",
            format!("http://localhost/{}/{}", asked.bucket, asked.key),
        )
        .text("Bucket", &asked.bucket)
        .text("Key", &asked.key)
        .text("ETag", quoted(&etag));
    let xml = checksum.iter().fold(xml, |xml, sum| {
        sum.written(xml).text("ChecksumType", &sum.kind)
    });
    let rest = asked.xml("CompleteMultipartUploadResult", xml);
    let rest = upload.encryption.told(rest);
    let object = Object {
        etag,
        encryption: upload.encryption,
        parts,
        in_parts: true,
        checksum,
        headers: upload.headers,
        tags: upload.tags,
    };
    let id = asked.query.one("uploadId").unwrap_or_default();
    let placed = place_if(asked, object, |bucket| {
        conditions.check(bucket, &asked.key)?;
        let taken = bucket.uploads.remove(id);
        taken.map(drop).ok_or_else(|| no_such_upload(id))
    })?;
    Ok(placed.told(rest))
}

/// Refuses an object that is not as large as the client says.
fn check_size(asked: &Asked<'_>, size: usize) -> Result<(), ApiError> {
    let Some(told) = asked.header("x-amz-mp-object-size") else {
        return Ok(());
    };
    if told.trim().parse() == Ok(size) {
        return Ok(());
    }
    Err(invalid_request(format!(
        "The provided 'x-amz-mp-object-size' header value {told} does not match what was computed: \
         {size}"
    )))
}

/// The parts that the client names, in ascending order.
fn chosen(upload: &Upload, root: &Element) -> Result<Vec<Part>, ApiError> {
    root.only(&["Part"])?;
    if root.inner.is_empty() || root.inner.len() > MOST {
        return Err(malformed_xml());
    }
    let mut parts: Vec<Part> = Vec::new();
    for named in &root.inner {
        let number: u32 = named
            .need_text("PartNumber")?
            .trim()
            .parse()
            .map_err(|_| malformed_xml())?;
        let etag = bare(named.need_text("ETag")?);
        if parts.last().is_some_and(|last| last.number >= number) {
            return Err(ApiError::new(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            ));
        }
        let part = upload.parts.get(&number).filter(|part| part.etag == etag);
        let name = format!("Checksum{}", upload.checksum.0);
        let told = named.text_of(&name)?;
        let part = part.filter(|part| {
            told.is_none_or(|told| part.checksum.as_ref().is_some_and(|sum| sum.value == told))
        });
        let part = part.ok_or_else(|| {
            ApiError::new(
                "InvalidPart",
                "One or more of the specified parts could not be found.  The part may not have \
                 been uploaded, or the specified entity tag may not match the part's entity tag.",
            )
            .about("PartNumber", number.to_string())
            .about("ETag", etag)
        })?;
        parts.push(part.clone());
    }
    let all_but_last = parts.len() - 1;
    if let Some(small) = parts[..all_but_last]
        .iter()
        .find(|part| part.size < SMALLEST)
    {
        return Err(ApiError::new(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        )
        .about("ProposedSize", small.size.to_string())
        .about("MinSizeAllowed", SMALLEST.to_string())
        .about("PartNumber", small.number.to_string())
        .about("ETag", &small.etag));
    }
    Ok(parts)
}

pub(in crate::s3::objects) fn abort(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    may(asked, "s3:AbortMultipartUpload")?;
    let id = asked.query.one("uploadId").unwrap_or_default();
    asked.change_bucket(|bucket| {
        found(asked, bucket)?;
        bucket.uploads.remove(id);
        Ok(())
    })?;
    Ok(asked.empty(204))
}
