//! `CopyObject`, and finding what is to be copied.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use super::put::sealed;
use super::read::{Conditions, Found, check_restored, plain};
use super::write::{self, About, place, quoted, tags_of};
use crate::api::ApiError;
use crate::encoding::percent_decode;
use crate::protocol::Rest;
use crate::s3::access::Of;
use crate::s3::asked::{Asked, bucket_arn};
use crate::s3::buckets::milliseconds;
use crate::s3::encryption::{Wanted, check_source_reader};
use crate::s3::errors::{invalid_argument, invalid_request, no_such_bucket};
use crate::s3::integrity::Checksum;
use crate::s3::state::{NULL, Tags};
use crate::xml::Xml;

/// Headers that belong to each copy anew.
const OWN: &[&str] = &["x-amz-storage-class", "x-amz-website-redirect-location"];

/// What is to be copied, found and readable to the caller.
pub(super) struct Source {
    pub(super) found: Found,
    is_target: bool,
    bucket: String,
    key: String,
    /// As the client named it.
    version: Option<String>,
}

impl Source {
    /// Reads `x-amz-copy-source`: `bucket/key?versionId=…`, encoded.
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        const HEADER: &str = "x-amz-copy-source";
        let text = asked.header(HEADER).unwrap_or_default();
        let (path, version) = match text.split_once("?versionId=") {
            Some((path, version)) => (path, Some(version)),
            None => (text.as_ref(), None),
        };
        let path = percent_decode(path.strip_prefix('/').unwrap_or(path).as_bytes());
        let path = String::from_utf8(path).unwrap_or_default();
        let parts = path.split_once('/').filter(|(_, key)| !key.is_empty());
        let (name, key) = parts.ok_or_else(|| {
            let sentence = "Copy Source must mention the source bucket and key: \
                            sourcebucket/sourcekey";
            invalid_argument(sentence, HEADER, text.as_ref())
        })?;
        let state = asked.state();
        let bucket = state.bucket(asked.partition(), name);
        let bucket = bucket.ok_or_else(|| no_such_bucket(name))?;
        asked.check_owner(bucket, "x-amz-source-expected-bucket-owner")?;
        let of = Of::version(bucket, key, version);
        let action = match version {
            Some(_) => "s3:GetObjectVersion",
            None => "s3:GetObject",
        };
        let arn = format!("{}/{key}", bucket_arn(asked.partition(), name));
        asked.allow(bucket, action, &arn, &of)?;
        let named = version.and_then(|id| bucket.version(key, id));
        if named.is_some_and(|version| version.object.is_none()) {
            return Err(invalid_request(
                "The source of a copy request may not specifically refer to a delete marker by \
                 version id.",
            ));
        }
        let found = Found::in_bucket(asked, bucket, key, version)?;
        check_source_reader(asked)?;
        let conditions = Conditions::of(asked, "x-amz-copy-source-");
        conditions.check(&found.object, found.version.modified)?;
        // CopyObject has a word of its own for it.
        if asked.operation == "CopyObject" && found.object.is_archived() {
            let sentence = "The source object of the COPY action is not in the active tier and is only \
                            stored in Amazon S3 Glacier.";
            return Err(ApiError::new("ObjectNotInActiveTierError", sentence).with_status(403));
        }
        check_restored(&found.object)?;
        let is_target = name == asked.bucket && key == asked.key && version.is_none();
        let version = version.map(str::to_owned);
        let (bucket, key) = (name.to_owned(), key.to_owned());
        Ok(Self {
            found,
            is_target,
            bucket,
            key,
            version,
        })
    }

    /// The tags, if there are any and the caller may copy them.
    /// <https://repost.aws/knowledge-center/s3-troubleshoot-copy-between-buckets>
    fn tags(&self, asked: &Asked<'_>) -> Result<Tags, ApiError> {
        let tags = &self.found.object.tags;
        if tags.is_empty() {
            return Ok(Tags::new());
        }
        let action = match self.version {
            Some(_) => "s3:GetObjectVersionTagging",
            None => "s3:GetObjectTagging",
        };
        let arn = format!(
            "{}/{}",
            bucket_arn(asked.partition(), &self.bucket),
            self.key
        );
        let state = asked.state();
        let bucket = state.bucket(asked.partition(), &self.bucket);
        let bucket = bucket.ok_or_else(|| no_such_bucket(&self.bucket))?;
        let of = Of::version(bucket, &self.key, self.version.as_deref());
        asked.allow(bucket, action, &arn, &of)?;
        drop(state);
        asked.allow_object("s3:PutObjectTagging")?;
        Ok(tags.clone())
    }
}

pub(super) async fn copy(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_object("s3:PutObject")?;
    let source = Source::of(asked)?;
    let replaces = directive(asked, "x-amz-metadata-directive")?;
    let changes = [
        "x-amz-server-side-encryption",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
    ];
    if source.is_target && !replaces && !changes.iter().any(|name| asked.has_header(name)) {
        return Err(invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without \
             changing the object's metadata, storage class, website redirect location or encryption \
             attributes.",
        ));
    }
    let mut about = About::of(asked)?;
    let object = &source.found.object;
    if !replaces {
        // What is never copied is as the request says it.
        let own = OWN.iter().map(|name| (*name).to_owned());
        let given = std::mem::replace(&mut about.headers, object.headers.clone());
        for name in own {
            about.headers.remove(&name);
            let value = given.get(&name).cloned();
            about.headers.extend(value.map(|value| (name, value)));
        }
    }
    about.tags = if directive(asked, "x-amz-tagging-directive")? {
        tags_of(asked)?
    } else {
        source.tags(asked)?
    };
    let conditions = write::Conditions::of(asked)?;
    let wanted = asked.with_bucket(|bucket| {
        conditions.check(bucket, &asked.key)?;
        Wanted::of(asked, bucket)
    })?;
    let bytes = plain(asked.around, asked.call, &source.found.region, object).await?;
    let (encryption, key) = wanted
        .begin(asked.around, asked.call, &asked.bucket, &asked.object_arn())
        .await?;
    let algorithm = match (
        &object.checksum,
        asked.has_header("x-amz-checksum-algorithm"),
    ) {
        (Some(known), false) => known.algorithm.as_str(),
        _ => asked.checksum_algorithm()?,
    };
    let checksum = Checksum::of(algorithm, &bytes);
    let copied = sealed(asked, &bytes, about, encryption, &key, checksum)?;
    let result = Xml::new()
        .text("ETag", quoted(&copied.etag))
        .text("LastModified", milliseconds(asked.now()));
    let result = copied.checksum.iter().fold(result, |xml, sum| {
        sum.written(xml).text("ChecksumType", &sum.kind)
    });
    let rest = copied
        .encryption
        .told(asked.xml("CopyObjectResult", result));
    let version = &source.found.version.id;
    let rest = rest.maybe(
        "x-amz-copy-source-version-id",
        (version != NULL).then_some(version),
    );
    let placed = place(asked, &conditions, copied)?;
    Ok(placed.told(rest))
}

/// Whether something is to be replaced and not copied.
fn directive(asked: &Asked<'_>, header: &str) -> Result<bool, ApiError> {
    match asked.header(header).as_deref() {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(other) => Err(invalid_argument("Unknown directive.", header, other)),
    }
}
