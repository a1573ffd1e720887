//! Which operation a request means: method, path and the subresource in the query.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

use http::Method;
use http::request::Parts;

use crate::encoding::percent_decode;
use crate::query::Params;

/// Bucket and key of a request in path style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) bucket: String,
    /// Empty if the bucket itself is meant.
    pub(super) key: String,
}

impl Target {
    /// `None` if no text is meant.
    pub(super) fn read(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let text = |part: &str| String::from_utf8(percent_decode(part.as_bytes())).ok();
        Some(Self {
            bucket: text(bucket)?,
            key: text(key)?,
        })
    }
}

/// Subresources of a bucket with the operations to get, put and delete them.
const OF_BUCKETS: &[(&str, &str, &str, &str)] = &[
    (
        "accelerate",
        "GetBucketAccelerateConfiguration",
        "PutBucketAccelerateConfiguration",
        "",
    ),
    ("acl", "GetBucketAcl", "PutBucketAcl", ""),
    ("cors", "GetBucketCors", "PutBucketCors", "DeleteBucketCors"),
    (
        "encryption",
        "GetBucketEncryption",
        "PutBucketEncryption",
        "DeleteBucketEncryption",
    ),
    (
        "lifecycle",
        "GetBucketLifecycleConfiguration",
        "PutBucketLifecycleConfiguration",
        "DeleteBucketLifecycle",
    ),
    ("location", "GetBucketLocation", "", ""),
    ("logging", "GetBucketLogging", "PutBucketLogging", ""),
    (
        "notification",
        "GetBucketNotificationConfiguration",
        "PutBucketNotificationConfiguration",
        "",
    ),
    (
        "object-lock",
        "GetObjectLockConfiguration",
        "PutObjectLockConfiguration",
        "",
    ),
    (
        "ownershipControls",
        "GetBucketOwnershipControls",
        "PutBucketOwnershipControls",
        "DeleteBucketOwnershipControls",
    ),
    (
        "policy",
        "GetBucketPolicy",
        "PutBucketPolicy",
        "DeleteBucketPolicy",
    ),
    ("policyStatus", "GetBucketPolicyStatus", "", ""),
    (
        "publicAccessBlock",
        "GetPublicAccessBlock",
        "PutPublicAccessBlock",
        "DeletePublicAccessBlock",
    ),
    (
        "replication",
        "GetBucketReplication",
        "PutBucketReplication",
        "DeleteBucketReplication",
    ),
    (
        "requestPayment",
        "GetBucketRequestPayment",
        "PutBucketRequestPayment",
        "",
    ),
    (
        "tagging",
        "GetBucketTagging",
        "PutBucketTagging",
        "DeleteBucketTagging",
    ),
    ("uploads", "ListMultipartUploads", "", ""),
    (
        "versioning",
        "GetBucketVersioning",
        "PutBucketVersioning",
        "",
    ),
    ("versions", "ListObjectVersions", "", ""),
    (
        "website",
        "GetBucketWebsite",
        "PutBucketWebsite",
        "DeleteBucketWebsite",
    ),
    // What the sandbox does not have, so that it is not taken for something else.
    ("abac", "GetBucketAbac", "PutBucketAbac", ""),
    (
        "analytics",
        "GetBucketAnalyticsConfiguration",
        "PutBucketAnalyticsConfiguration",
        "DeleteBucketAnalyticsConfiguration",
    ),
    (
        "intelligent-tiering",
        "GetBucketIntelligentTieringConfiguration",
        "PutBucketIntelligentTieringConfiguration",
        "DeleteBucketIntelligentTieringConfiguration",
    ),
    (
        "inventory",
        "GetBucketInventoryConfiguration",
        "PutBucketInventoryConfiguration",
        "DeleteBucketInventoryConfiguration",
    ),
    (
        "metrics",
        "GetBucketMetricsConfiguration",
        "PutBucketMetricsConfiguration",
        "DeleteBucketMetricsConfiguration",
    ),
    (
        "metadataTable",
        "GetBucketMetadataTableConfiguration",
        "",
        "DeleteBucketMetadataTableConfiguration",
    ),
    (
        "metadataConfiguration",
        "GetBucketMetadataConfiguration",
        "",
        "DeleteBucketMetadataConfiguration",
    ),
    ("session", "CreateSession", "", ""),
];

/// The same of objects.
const OF_OBJECTS: &[(&str, &str, &str, &str)] = &[
    ("acl", "GetObjectAcl", "PutObjectAcl", ""),
    ("attributes", "GetObjectAttributes", "", ""),
    (
        "tagging",
        "GetObjectTagging",
        "PutObjectTagging",
        "DeleteObjectTagging",
    ),
    ("encryption", "", "UpdateObjectEncryption", ""),
    ("legal-hold", "GetObjectLegalHold", "PutObjectLegalHold", ""),
    ("retention", "GetObjectRetention", "PutObjectRetention", ""),
    ("torrent", "GetObjectTorrent", "", ""),
    ("renameObject", "", "RenameObject", ""),
];

/// Whether a request means S3 Control, which is asked for the account in a header.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html>
pub(super) fn is_of_control(head: &Parts) -> bool {
    head.uri.path().starts_with("/v20180820/") && head.headers.contains_key("x-amz-account-id")
}

/// The operation that a request means, such as `PutObject`; empty if none.
pub(crate) fn operation(head: &Parts) -> &'static str {
    if is_of_control(head) {
        return "";
    }
    let Some(target) = Target::read(head.uri.path()) else {
        return "";
    };
    let query = Params::read(head.uri.query(), b"");
    let method = &head.method;
    if target.bucket.is_empty() {
        return if *method == Method::GET {
            "ListBuckets"
        } else {
            ""
        };
    }
    let table = if target.key.is_empty() {
        OF_BUCKETS
    } else {
        OF_OBJECTS
    };
    let named = table.iter().find(|(name, ..)| query.has(name));
    if let Some((_, get, put, delete)) = named {
        return match *method {
            Method::GET => get,
            Method::PUT => put,
            Method::DELETE => delete,
            _ => of_post(method, &query, &target),
        };
    }
    if target.key.is_empty() {
        return match *method {
            Method::GET if query.one("list-type") == Some("2") => "ListObjectsV2",
            Method::GET => "ListObjects",
            Method::HEAD => "HeadBucket",
            Method::PUT => "CreateBucket",
            Method::DELETE => "DeleteBucket",
            _ => of_post(method, &query, &target),
        };
    }
    let copies = head.headers.contains_key("x-amz-copy-source");
    match (method.as_str(), query.has("uploadId")) {
        ("GET", true) => "ListParts",
        ("GET", false) => "GetObject",
        ("HEAD", _) => "HeadObject",
        ("PUT", true) if copies => "UploadPartCopy",
        ("PUT", true) => "UploadPart",
        ("PUT", false) if copies => "CopyObject",
        ("PUT", false) => "PutObject",
        ("DELETE", true) => "AbortMultipartUpload",
        ("DELETE", false) => "DeleteObject",
        _ => of_post(method, &query, &target),
    }
}

fn of_post(method: &Method, query: &Params, target: &Target) -> &'static str {
    match (method.as_str(), target.key.is_empty()) {
        ("POST", true) if query.has("delete") => "DeleteObjects",
        ("POST", false) if query.has("uploads") => "CreateMultipartUpload",
        ("POST", false) if query.has("uploadId") => "CompleteMultipartUpload",
        ("POST", false) if query.has("restore") => "RestoreObject",
        ("POST", false) if query.has("select") => "SelectObjectContent",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_path_and_query_say_what_is_meant() {
        for (method, uri, expected) in [
            ("GET", "/", "ListBuckets"),
            ("PUT", "/b", "CreateBucket"),
            ("PUT", "/b/", "CreateBucket"),
            ("HEAD", "/b", "HeadBucket"),
            ("GET", "/b?list-type=2&prefix=", "ListObjectsV2"),
            ("GET", "/b?location", "GetBucketLocation"),
            ("POST", "/b?delete", "DeleteObjects"),
            ("POST", "/b", ""),
            ("PUT", "/b/a%2Fb?x-id=PutObject", "PutObject"),
            ("PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"),
            ("POST", "/b/k?uploads", "CreateMultipartUpload"),
            ("GET", "/b?uploads", "ListMultipartUploads"),
            ("GET", "/b/k?tagging", "GetObjectTagging"),
            ("DELETE", "/b/k?versionId=x", "DeleteObject"),
            ("PATCH", "/b/k", ""),
            ("GET", "/%ff", ""),
        ] {
            let request = http::Request::builder().method(method).uri(uri);
            let (head, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(operation(&head), expected, "{method} {uri}");
        }
    }
}
