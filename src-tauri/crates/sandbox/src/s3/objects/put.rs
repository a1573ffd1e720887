//! `PutObject`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>

use super::write::{About, Conditions, place, quoted};
use crate::api::ApiError;
use crate::encoding::hex;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::encryption::{DataKey, Encryption, Wanted};
use crate::s3::integrity::{Checksum, md5_hex};
use crate::s3::state::{Object, Part};

pub(super) async fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let checksum = asked.check_body()?;
    asked.allow_object("s3:PutObject")?;
    let about = About::of(asked)?;
    let conditions = Conditions::of(asked)?;
    let wanted = asked.with_bucket(|bucket| {
        conditions.check(bucket, &asked.key)?;
        Wanted::of(asked, bucket)
    })?;
    let (encryption, key) = wanted
        .begin(asked.around, asked.call, &asked.bucket, &asked.object_arn())
        .await?;
    let checksum = match checksum {
        Some(checksum) => checksum,
        None => Checksum::of(asked.checksum_algorithm()?, &asked.body),
    };
    let object = sealed(asked, &asked.body, about, encryption, &key, checksum)?;
    let told = |rest: Rest| {
        let rest = object.encryption.told(rest);
        let rest = rest.with("etag", quoted(&object.etag));
        object
            .checksum
            .iter()
            .fold(rest, |rest, sum| sum.told(rest))
    };
    let rest = told(asked.empty(200));
    let placed = place(asked, &conditions, object)?;
    Ok(placed.told(rest))
}

/// An object in one piece.
pub(super) fn sealed(
    asked: &Asked<'_>,
    bytes: &[u8],
    about: About,
    encryption: Encryption,
    key: &DataKey,
    checksum: Checksum,
) -> Result<Object, ApiError> {
    let etag = etag(asked, bytes, &encryption);
    Ok(Object {
        parts: vec![Part {
            number: 1,
            etag: etag.clone(),
            size: bytes.len(),
            sealed: key.seal(bytes)?,
            checksum: None,
            modified: asked.now(),
        }],
        etag,
        encryption,
        in_parts: false,
        checksum: Some(checksum),
        headers: about.headers,
        tags: about.tags,
    })
}

/// Under a key of KMS it is not the MD5 of the bytes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>
pub(super) fn etag(asked: &Asked<'_>, bytes: &[u8], encryption: &Encryption) -> String {
    if encryption.is_kms() {
        hex(&asked.around.random.bytes::<16>())
    } else {
        md5_hex(bytes)
    }
}
