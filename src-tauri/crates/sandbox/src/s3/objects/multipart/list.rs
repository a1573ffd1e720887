//! `ListMultipartUploads` and `ListParts`.

use super::super::write::quoted;
use super::{found, may};
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::bucket_settings::{canonical_id, owner};
use crate::s3::buckets::milliseconds;
use crate::s3::errors::not_implemented;
use crate::s3::state::Upload;
use crate::xml::Xml;

const MOST: usize = 1_000;

/// Who lists the parts has to be allowed to open them.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
pub(in crate::s3::objects) async fn list_parts(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    may(asked, "s3:ListMultipartUploadParts")?;
    let encryption = asked.with_bucket(|bucket| Ok(found(asked, bucket)?.encryption.clone()))?;
    encryption
        .open(asked.around, asked.call, &asked.call.region)
        .await?;
    let most = asked.number("max-parts", MOST)?;
    let marker = asked.number("part-number-marker", usize::MAX)?;
    let marker = if marker == usize::MAX { 0 } else { marker };
    asked.with_bucket(|bucket| {
        let upload = found(asked, bucket)?;
        let mut rest = upload
            .parts
            .iter()
            .filter(|(number, _)| **number as usize > marker);
        let (mut told, mut last) = (Xml::new(), marker);
        for (number, part) in rest.by_ref().take(most) {
            let inner = Xml::new()
                .text("PartNumber", number)
                .text("LastModified", milliseconds(part.modified))
                .text("ETag", quoted(&part.etag))
                .text("Size", part.size);
            let sums = part.checksum.iter().filter(|_| upload.chosen);
            told = told.inside("Part", sums.fold(inner, |inner, sum| sum.written(inner)));
            last = *number as usize;
        }
        let xml = Xml::new()
            .text("Bucket", &asked.bucket)
            .text("Key", &asked.key)
            .text("UploadId", asked.query.one("uploadId").unwrap_or_default())
            .text("PartNumberMarker", marker)
            .text("NextPartNumberMarker", last)
            .text("MaxParts", most)
            .text("IsTruncated", rest.next().is_some());
        let xml = about(xml, upload, &bucket.account).append(told);
        Ok(asked.xml("ListPartsResult", xml))
    })
}

pub(in crate::s3::objects) fn list_uploads(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:ListBucketMultipartUploads")?;
    if asked.query.one("delimiter").is_some() {
        return Err(not_implemented("delimiter"));
    }
    let most = asked.number("max-uploads", MOST)?;
    let word = |name| asked.query.one(name).unwrap_or_default();
    let (prefix, key_marker, id_marker) =
        (word("prefix"), word("key-marker"), word("upload-id-marker"));
    asked.with_bucket(|bucket| {
        let mut all: Vec<_> = bucket.uploads.iter().collect();
        all.sort_by_key(|(id, upload)| (&upload.key, upload.begun, *id));
        let told_before = all
            .iter()
            .position(|(id, upload)| upload.key == key_marker && *id == id_marker);
        let mut rest = all.iter().enumerate().filter(|(place, (id, upload))| {
            let is_after = match told_before {
                Some(before) => *place > before,
                None if key_marker.is_empty() => true,
                // The upload that was told last is no more.
                None => {
                    let later = !id_marker.is_empty() && id.as_str() > id_marker;
                    upload.key.as_str() > key_marker || upload.key == key_marker && later
                }
            };
            is_after && upload.key.starts_with(prefix)
        });
        let (mut told, mut last) = (Xml::new(), None);
        for (_, (id, upload)) in rest.by_ref().take(most) {
            let inner = Xml::new()
                .text("UploadId", id)
                .text("Key", &upload.key)
                .text("Initiated", milliseconds(upload.begun));
            told = told.inside("Upload", about(inner, upload, &bucket.account));
            last = Some((&upload.key, *id));
        }
        let last = last.filter(|_| rest.next().is_some());
        let xml = Xml::new()
            .text("Bucket", &asked.bucket)
            .text("KeyMarker", key_marker)
            .text("UploadIdMarker", id_marker)
            .maybe("NextKeyMarker", last.map(|(key, _)| key))
            .maybe("NextUploadIdMarker", last.map(|(_, id)| id))
            .text("Prefix", prefix)
            .text("MaxUploads", most)
            .text("IsTruncated", last.is_some());
        Ok(asked.xml("ListMultipartUploadsResult", xml.append(told)))
    })
}

fn about(xml: Xml, upload: &Upload, account: &str) -> Xml {
    let initiator = Xml::new().text("ID", initiator(upload));
    let class = upload.headers.get("x-amz-storage-class");
    let chosen = |word: &'_ String| upload.chosen.then(|| word.clone());
    xml.inside("Initiator", initiator)
        .inside("Owner", owner(account))
        .text("StorageClass", class.map_or("STANDARD", String::as_str))
        .maybe("ChecksumAlgorithm", chosen(&upload.checksum.0))
        .maybe("ChecksumType", chosen(&upload.checksum.1))
}

/// An account by its canonical id, everybody else by ARN.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html>
fn initiator(upload: &Upload) -> String {
    match upload.initiator.strip_suffix(":root") {
        Some(arn) => canonical_id(arn.rsplit(':').next().unwrap_or_default()),
        None => upload.initiator.clone(),
    }
}
