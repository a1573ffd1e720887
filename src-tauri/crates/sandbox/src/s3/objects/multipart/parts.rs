//! `UploadPart` and `UploadPartCopy`: the part is sealed by the data key of its upload, which KMS has
//! to open for it.

use std::ops::Range;

use super::super::copy::Source;
use super::super::put::etag;
use super::super::read::plain;
use super::super::write::{number_of_part, quoted};
use super::found;
use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::LARGEST_OBJECT;
use crate::s3::asked::Asked;
use crate::s3::buckets::milliseconds;
use crate::s3::errors::{invalid_argument, invalid_request, no_such_upload, too_large};
use crate::s3::integrity::Checksum;
use crate::s3::state::{NULL, Part, Upload};
use crate::xml::Xml;

/// Only of what is larger a range can be copied.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
const SMALLEST_IN_RANGES: usize = 5 * 1024 * 1024;

pub(in crate::s3::objects) async fn upload(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let given = asked.check_body()?;
    asked.allow_object("s3:PutObject")?;
    let upload = asked.with_bucket(|bucket| found(asked, bucket).cloned())?;
    if let Some(given) = given
        .as_ref()
        .filter(|given| upload.chosen && given.algorithm != upload.checksum.0)
    {
        return Err(invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            upload.checksum.0.to_ascii_lowercase(),
            given.algorithm.to_ascii_lowercase()
        )));
    }
    let part = keep(asked, &upload, &asked.body).await?;
    let rest = asked.empty(200).with("etag", quoted(&part.etag));
    let rest = match given.as_ref().or(part.checksum.as_ref()) {
        Some(sum) => rest.with(&sum.header(), &sum.value),
        None => rest,
    };
    Ok(upload.encryption.told(rest))
}

pub(in crate::s3::objects) async fn upload_copy(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_object("s3:PutObject")?;
    let upload = asked.with_bucket(|bucket| found(asked, bucket).cloned())?;
    let source = Source::of(asked)?.found;
    let wanted = asked.header("x-amz-copy-source-range");
    let wanted = match wanted.as_deref() {
        Some(wanted) => Some(range_of(wanted, source.object.size())?),
        None => None,
    };
    let bytes = plain(asked.around, asked.call, &source.region, &source.object).await?;
    let wanted = wanted.unwrap_or(0..bytes.len());
    let part = keep(asked, &upload, bytes.get(wanted).unwrap_or_default()).await?;
    let xml = Xml::new()
        .text("LastModified", milliseconds(part.modified))
        .text("ETag", quoted(&part.etag));
    let xml = part.checksum.iter().fold(xml, |xml, sum| sum.written(xml));
    let version = Some(source.version.id).filter(|id| id != NULL);
    let rest = asked.xml("CopyPartResult", xml);
    let rest = rest.maybe("x-amz-copy-source-version-id", version);
    Ok(upload.encryption.told(rest))
}

/// The bytes of a source that are to be copied: all of them have to be there.
fn range_of(header: &str, size: usize) -> Result<Range<usize>, ApiError> {
    const NAME: &str = "x-amz-copy-source-range";
    let read = |text: &str| text.parse::<usize>().ok();
    let range = header
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some((read(first)?, read(last)?)))
        .filter(|(first, last)| first <= last);
    let Some((first, last)) = range else {
        let sentence = "The x-amz-copy-source-range value must be of the form bytes=first-last where \
                        first and last are the zero-based offsets of the first and last bytes to copy";
        return Err(invalid_argument(sentence, NAME, header));
    };
    if last >= size {
        let sentence = format!("Range specified is not valid for source object of size: {size}");
        return Err(invalid_argument(sentence, NAME, header));
    }
    if size <= SMALLEST_IN_RANGES {
        let sentence = "The specified copy source is not supported as a byte-range copy source";
        return Err(invalid_request(sentence));
    }
    Ok(first..last + 1)
}

async fn keep(asked: &Asked<'_>, upload: &Upload, bytes: &[u8]) -> Result<Part, ApiError> {
    let number = number_of_part(asked)?;
    if bytes.len() > LARGEST_OBJECT {
        return Err(too_large(bytes.len()));
    }
    let region = &asked.call.region;
    let key = upload
        .encryption
        .open(asked.around, asked.call, region)
        .await?;
    let part = Part {
        number,
        etag: etag(asked, bytes, &upload.encryption),
        size: bytes.len(),
        sealed: key.seal(bytes)?,
        checksum: Some(Checksum::of(&upload.checksum.0, bytes)),
        modified: asked.now(),
    };
    let id = asked.query.one("uploadId").unwrap_or_default();
    asked.change_bucket(|bucket| {
        let upload = bucket
            .uploads
            .get_mut(id)
            .ok_or_else(|| no_such_upload(id))?;
        upload.parts.insert(number, part.clone());
        Ok(())
    })?;
    Ok(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_copied_only_whole_and_of_what_is_large() {
        let large = SMALLEST_IN_RANGES + 1;
        assert_eq!(range_of("bytes=0-4", large), Ok(0..5));
        for (header, size, code) in [
            ("bytes=0-", large, "InvalidArgument"),
            ("bytes=4-0", large, "InvalidArgument"),
            ("0-4", large, "InvalidArgument"),
            ("bytes=0-5242881", large, "InvalidArgument"),
            ("bytes=0-4", SMALLEST_IN_RANGES, "InvalidRequest"),
        ] {
            assert_eq!(range_of(header, size).unwrap_err().code, code, "{header}");
        }
    }
}
