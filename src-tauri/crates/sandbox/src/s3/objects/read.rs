//! `GetObject` and `HeadObject`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use std::ops::Range;

use time::OffsetDateTime;
use time::PrimitiveDateTime;
use time::macros::format_description;

use super::range;
use super::write::{bare, quoted};
use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::protocol::{Rest, http_date};
use crate::s3::access::Of;
use crate::s3::asked::Asked;
use crate::s3::encryption::check_reader;
use crate::s3::errors::{
    access_denied, invalid_argument, invalid_request, method_not_allowed, no_such_key,
    no_such_version, precondition_failed,
};
use crate::s3::state::{Bucket, NULL, Object, Version};

/// What a client may have said otherwise in the answer.
const OVERRIDES: &[(&str, &str)] = &[
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

pub(super) async fn read(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let of_version = asked.query.one("versionId").is_some();
    asked.allow_object(if of_version {
        "s3:GetObjectVersion"
    } else {
        "s3:GetObject"
    })?;
    let found = Found::of(asked)?;
    check_reader(asked)?;
    let object = &found.object;
    Conditions::of(asked, "").check(object, found.version.modified)?;
    let size = object.size();
    let asked_range = asked.header("range");
    if asked_range.is_some() && asked.query.has("partNumber") {
        return Err(invalid_request(
            "Cannot specify both Range header and partNumber query parameter",
        ));
    }
    let (range, part) = match asked.query.one("partNumber") {
        Some(number) => (Some(part_of(object, number)?), true),
        None => (range::of(asked_range.as_deref(), size)?, false),
    };
    let status = if range.is_some() { 206 } else { 200 };
    let mut rest = found.told(asked, asked.empty(status));
    if part && object.in_parts {
        rest = rest.with("x-amz-mp-parts-count", object.parts.len().to_string());
    }
    let told = asked.header("x-amz-checksum-mode");
    let wants_checksum = told.is_some_and(|word| word.eq_ignore_ascii_case("ENABLED"));
    if let Some(checksum) = object
        .checksum
        .as_ref()
        .filter(|_| wants_checksum && range.is_none())
    {
        // It is kept with the bytes.
        if asked.operation == "HeadObject" {
            let encryption = &object.encryption;
            encryption
                .open(asked.around, asked.call, &found.region)
                .await?;
        }
        rest = checksum.told(rest);
    }
    let range = match range {
        // Of an empty object there is nothing to tell the place of.
        Some(range) if range.is_empty() => range,
        Some(range) => {
            let told = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            rest = rest.with("content-range", told);
            range
        }
        None => 0..size,
    };
    rest = rest.with("content-length", range.len().to_string());
    if asked.operation == "GetObject" {
        check_restored(object)?;
        let bytes = plain(asked.around, asked.call, &found.region, object).await?;
        rest.body = bytes
            .get(range)
            .map(<[u8]>::to_vec)
            .unwrap_or_default()
            .into();
    }
    Ok(rest)
}

/// All bytes of an object, opened with the rights of the caller.
pub(in crate::s3) async fn plain(
    around: &Around<'_>,
    call: &Call,
    region: &str,
    object: &Object,
) -> Result<Vec<u8>, ApiError> {
    let key = object.encryption.open(around, call, region).await?;
    let mut bytes = Vec::with_capacity(object.size());
    for part in &object.parts {
        bytes.extend(key.unseal(&part.sealed)?);
    }
    Ok(bytes)
}

/// A version that is an object.
pub(super) struct Found {
    pub(super) version: Version,
    pub(super) object: Object,
    /// That of the bucket.
    pub(super) region: String,
    has_versions: bool,
}

impl Found {
    /// The version that is asked for.
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        asked.with_bucket(|bucket| {
            let id = asked.query.one("versionId");
            Self::in_bucket(asked, bucket, &asked.key, id)
        })
    }

    /// Any version.
    pub(super) fn in_bucket(
        asked: &Asked<'_>,
        bucket: &Bucket,
        key: &str,
        id: Option<&str>,
    ) -> Result<Self, ApiError> {
        let Some(version) = look(bucket, key, id)? else {
            // Who may not list does not learn what is missing.
            let arn = super::super::asked::bucket_arn(asked.partition(), &bucket.name);
            let listed = asked.allow(bucket, "s3:ListBucket", &arn, &Of::default());
            return Err(match (listed, id) {
                (Err(_), None) => access_denied(),
                (_, Some(id)) => no_such_version(key, id),
                (Ok(()), None) => no_such_key(key),
            });
        };
        let Some(object) = version.object.clone() else {
            let refusal = match id {
                Some(_) => method_not_allowed(asked.head.method.as_str())
                    .about("allow", "DELETE")
                    .about("last-modified", http_date(version.modified)),
                None => no_such_key(key),
            };
            return Err(refusal
                .about("x-amz-delete-marker", "true")
                .about("x-amz-version-id", &version.id));
        };
        Ok(Self {
            version: version.clone(),
            object,
            region: bucket.region.clone(),
            has_versions: bucket.versioning.is_some(),
        })
    }

    /// The headers about it.
    pub(super) fn told(&self, asked: &Asked<'_>, rest: Rest) -> Rest {
        let (version, object) = (&self.version, &self.object);
        let mut headers = object.headers.clone();
        headers
            .entry("content-type".to_owned())
            .or_insert_with(|| "binary/octet-stream".to_owned());
        headers.retain(|name, value| name != "x-amz-storage-class" || value != "STANDARD");
        for (parameter, name) in OVERRIDES {
            if let Some(value) = asked.query.one(parameter) {
                headers.insert((*name).to_owned(), value.to_owned());
            }
        }
        let rest = object
            .encryption
            .told(rest)
            .with("accept-ranges", "bytes")
            .with("last-modified", http_date(version.modified))
            .with("etag", quoted(&object.etag))
            .maybe("x-amz-version-id", self.has_versions.then_some(&version.id))
            .maybe(
                "x-amz-replication-status",
                version.replication.map(|progress| progress.word()),
            );
        let rest = rest.maybe("x-amz-tagging-count", self.tags_told(asked));
        let headers = headers.into_iter();
        headers.fold(rest, |rest, (name, value)| rest.with(&name, value))
    }

    /// How many tags it has, for those who may read them.
    fn tags_told(&self, asked: &Asked<'_>) -> Option<String> {
        let count = Some(self.object.tags.len()).filter(|count| *count > 0)?;
        let action = match asked.query.one("versionId") {
            Some(_) => "s3:GetObjectVersionTagging",
            None => "s3:GetObjectTagging",
        };
        let may = asked.allow_object(action).is_ok();
        may.then(|| count.to_string())
    }
}

/// Refuses what lies in an archive: nothing brings it back here.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>
pub(super) fn check_restored(object: &Object) -> Result<(), ApiError> {
    if !object.is_archived() {
        return Ok(());
    }
    let sentence = "The operation is not valid for the object's storage class";
    Err(ApiError::new("InvalidObjectState", sentence)
        .with_status(403)
        .about("StorageClass", object.storage_class()))
}

/// A version by its id, or the newest.
pub(super) fn look<'b>(
    bucket: &'b Bucket,
    key: &str,
    id: Option<&str>,
) -> Result<Option<&'b Version>, ApiError> {
    match id {
        None => Ok(bucket.current(key)),
        Some(id) => {
            check_version_id(id)?;
            Ok(bucket.version(key, id))
        }
    }
}

/// Refuses what never is the id of a version.
pub(super) fn check_version_id(id: &str) -> Result<(), ApiError> {
    let is_id = id == NULL || id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_id {
        return Ok(());
    }
    Err(invalid_argument(
        "Invalid version id specified",
        "versionId",
        id,
    ))
}

fn part_of(object: &Object, number: &str) -> Result<Range<usize>, ApiError> {
    let mut start = 0;
    for (place, part) in object.parts.iter().enumerate() {
        if number.parse() == Ok(place + 1) {
            return Ok(start..start + part.size);
        }
        start += part.size;
    }
    let sentence = "The requested partnumber is not satisfiable";
    Err(ApiError::new("InvalidPartNumber", sentence)
        .with_status(416)
        .about("PartNumberRequested", number)
        .about("ActualPartCount", object.parts.len().to_string()))
}

/// What a client asks to hold before it reads.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html>
pub(super) struct Conditions {
    /// `x-amz-copy-source-` where an object is read to be copied.
    prefix: &'static str,
    matches: Option<String>,
    differs: Option<String>,
    changed_since: Option<OffsetDateTime>,
    same_since: Option<OffsetDateTime>,
}

impl Conditions {
    pub(super) fn of(asked: &Asked<'_>, prefix: &'static str) -> Self {
        let header = |name: &str| asked.header(&format!("{prefix}{name}"));
        let etag = |name| header(name).map(|etag| etag.into_owned());
        let moment = |name| header(name).and_then(|text| parse_date(&text));
        Self {
            prefix,
            matches: etag("if-match"),
            differs: etag("if-none-match"),
            changed_since: moment("if-modified-since"),
            same_since: moment("if-unmodified-since"),
        }
    }

    pub(super) fn check(&self, object: &Object, modified: OffsetDateTime) -> Result<(), ApiError> {
        let names = |list: &String| {
            let mut etags = list.split(',').map(bare);
            etags.any(|etag| etag == "*" || etag == object.etag)
        };
        let modified = modified.replace_nanosecond(0).unwrap_or(modified);
        let failed = |name: &str| {
            let prefix = self.prefix;
            Err(precondition_failed(&format!("{prefix}{name}")))
        };
        match &self.matches {
            Some(list) if !names(list) => return failed("If-Match"),
            None if self.same_since.is_some_and(|since| modified > since) => {
                return failed("If-Unmodified-Since");
            }
            _ => {}
        }
        let is_known = match &self.differs {
            Some(list) => names(list),
            None => self.changed_since.is_some_and(|since| modified <= since),
        };
        if !is_known {
            return Ok(());
        }
        if !self.prefix.is_empty() {
            return failed("If-None-Match");
        }
        Err(ApiError::new("NotModified", "Not Modified")
            .with_status(304)
            .about("etag", quoted(&object.etag))
            .about("last-modified", http_date(modified)))
    }
}

fn parse_date(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let moment = PrimitiveDateTime::parse(text.trim(), format).ok()?;
    Some(moment.assume_utc())
}
