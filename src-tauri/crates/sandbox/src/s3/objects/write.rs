//! What all ways to write an object share: what is kept with it, the conditions, and its version.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::bucket_settings::check_acl;
use crate::s3::errors::{
    invalid_argument, invalid_request, no_such_bucket, no_such_key, not_implemented,
    precondition_failed, too_large,
};
use crate::s3::state::{Bucket, Copy, Headers, NULL, Object, Progress, Tags, Version};
use crate::s3::{LARGEST_OBJECT, tags};

/// Headers that are kept as they are.
const KEPT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-language",
    "content-type",
    "expires",
    "x-amz-website-redirect-location",
];

const STORAGE_CLASSES: &[&str] = &[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
];

/// All names and values of one's own metadata together, in bytes.
const MOST_METADATA: usize = 2 * 1024;

const LONGEST_KEY: usize = 1_024;

/// What a client asks to hold before it writes.
pub(super) struct Conditions {
    is_absent: bool,
    etag: Option<String>,
}

impl Conditions {
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        let is_absent = match asked.header("if-none-match").as_deref() {
            None => false,
            Some("*") => true,
            Some(_) => return Err(not_implemented("If-None-Match")),
        };
        let etag = asked.header("if-match").map(|etag| bare(&etag).to_owned());
        if etag.is_some() {
            // Whether it fits says something about the object that is there.
            asked.allow_object("s3:GetObject")?;
        }
        Ok(Self { is_absent, etag })
    }

    pub(super) fn check(&self, bucket: &Bucket, key: &str) -> Result<(), ApiError> {
        let current = bucket
            .current(key)
            .and_then(|version| version.object.as_ref());
        if self.is_absent && current.is_some() {
            return Err(precondition_failed("If-None-Match"));
        }
        match (&self.etag, current) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(no_such_key(key)),
            (Some(etag), Some(_)) if etag == "*" => Ok(()),
            (Some(etag), Some(object)) if *etag == object.etag => Ok(()),
            (Some(_), Some(_)) => Err(precondition_failed("If-Match")),
        }
    }
}

/// What is said about an object that is written, checked.
pub(super) struct About {
    pub(super) headers: Headers,
    pub(super) tags: Tags,
}

impl About {
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, ApiError> {
        if asked.key.len() > LONGEST_KEY {
            let refusal = ApiError::new("KeyTooLongError", "Your key is too long");
            return Err(refusal
                .about("Size", asked.key.len().to_string())
                .about("MaxSizeAllowed", LONGEST_KEY.to_string()));
        }
        if asked.body.len() > LARGEST_OBJECT {
            return Err(too_large(asked.body.len()));
        }
        for name in ["x-amz-object-lock-mode", "x-amz-object-lock-legal-hold"] {
            if asked.has_header(name) {
                return Err(invalid_request(
                    "Bucket is missing Object Lock Configuration",
                ));
            }
        }
        check_acl(asked)?;
        Ok(Self {
            headers: headers(asked)?,
            tags: tags_of(asked)?,
        })
    }
}

/// The tags in the header.
pub(super) fn tags_of(asked: &Asked<'_>) -> Result<Tags, ApiError> {
    match asked.header("x-amz-tagging") {
        None => Ok(Tags::new()),
        Some(text) => {
            let set = tags::of_header(&text)?;
            if !set.is_empty() {
                asked.allow_object("s3:PutObjectTagging")?;
            }
            Ok(set)
        }
    }
}

pub(super) fn headers(asked: &Asked<'_>) -> Result<Headers, ApiError> {
    let mut kept = Headers::new();
    for name in KEPT {
        if let Some(value) = asked.header(name) {
            kept.insert((*name).to_owned(), value.into_owned());
        }
    }
    if let Some(encodings) = asked.header("content-encoding") {
        // That it came in chunks says nothing about the object.
        let encodings: Vec<_> = encodings
            .split(',')
            .map(str::trim)
            .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
            .collect();
        if !encodings.is_empty() {
            kept.insert("content-encoding".to_owned(), encodings.join(","));
        }
    }
    let mut metadata = 0;
    for (name, value) in &asked.head.headers {
        let Some(own) = name.as_str().strip_prefix("x-amz-meta-") else {
            continue;
        };
        metadata += own.len() + value.len();
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        kept.insert(name.as_str().to_owned(), value);
    }
    if metadata > MOST_METADATA {
        let sentence = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(ApiError::new("MetadataTooLarge", sentence)
            .about("Size", metadata.to_string())
            .about("MaxSizeAllowed", MOST_METADATA.to_string()));
    }
    if let Some(class) = asked.header("x-amz-storage-class") {
        if !STORAGE_CLASSES.contains(&&*class) {
            let sentence = "The storage class you specified is not valid";
            return Err(ApiError::new("InvalidStorageClass", sentence)
                .about("StorageClassRequested", class));
        }
        kept.insert("x-amz-storage-class".to_owned(), class.into_owned());
    }
    Ok(kept)
}

/// What became of a write.
pub(super) struct Placed {
    /// The id of the version, if the bucket has versions.
    pub(super) version: Option<String>,
}

impl Placed {
    pub(super) fn told(&self, rest: Rest) -> Rest {
        rest.maybe("x-amz-version-id", self.version.as_ref())
    }
}

/// Puts an object in its place, unless something has come there that the conditions exclude, and
/// notes the copies that are to be made.
pub(super) fn place(
    asked: &Asked<'_>,
    conditions: &Conditions,
    object: Object,
) -> Result<Placed, ApiError> {
    place_if(asked, object, |bucket| conditions.check(bucket, &asked.key))
}

/// The same with any check, which can change the bucket too.
pub(super) fn place_if(
    asked: &Asked<'_>,
    object: Object,
    check: impl FnOnce(&mut Bucket) -> Result<(), ApiError>,
) -> Result<Placed, ApiError> {
    let around = asked.around;
    let mut state = around.neighbours.s3.write(around.revision);
    let bucket = state.bucket_mut(asked.partition(), &asked.bucket);
    let bucket = bucket.ok_or_else(|| no_such_bucket(&asked.bucket))?;
    check(bucket)?;
    let id = if bucket.is_versioned() {
        around.random.id(32)
    } else {
        NULL.to_owned()
    };
    let copies = copies(asked, bucket, &asked.key, &id, Some(&object));
    let version = Version {
        id: id.clone(),
        modified: asked.now(),
        object: Some(object),
        replication: (!copies.is_empty()).then_some(Progress::Pending),
    };
    bucket.put(&asked.key, version);
    let version = bucket.versioning.is_some().then_some(id);
    state.copies.extend(copies);
    Ok(Placed { version })
}

/// The copies that are to be made of a new version of an object, or of a delete marker.
pub(super) fn copies(
    asked: &Asked<'_>,
    bucket: &Bucket,
    key: &str,
    version: &str,
    object: Option<&Object>,
) -> Vec<Copy> {
    let Some(set) = bucket
        .replication
        .as_ref()
        .filter(|_| bucket.is_versioned())
    else {
        return Vec::new();
    };
    let none = Tags::new();
    let rules = set.rules_for(key, object.map_or(&none, |object| &object.tags));
    let fitting = rules.into_iter().filter(|rule| match object {
        // What is archived is not copied.
        Some(object) => !object.is_archived() && (rule.kms_objects || !object.encryption.is_kms()),
        None => rule.delete_markers,
    });
    fitting
        .map(|rule| Copy {
            partition: asked.partition(),
            bucket: bucket.name.clone(),
            key: key.to_owned(),
            version: version.to_owned(),
            rule: rule.id.clone(),
        })
        .collect()
}

/// An entity tag without its quotation marks.
pub(super) fn bare(etag: &str) -> &str {
    etag.trim().trim_matches('"')
}

pub(super) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The number of a part or a page in the query.
pub(super) fn number_of_part(asked: &Asked<'_>) -> Result<u32, ApiError> {
    let text = asked.query.one("partNumber").unwrap_or_default();
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=10_000).contains(number));
    let sentence = "Part number must be an integer between 1 and 10000, inclusive";
    number.ok_or_else(|| invalid_argument(sentence, "partNumber", text))
}
