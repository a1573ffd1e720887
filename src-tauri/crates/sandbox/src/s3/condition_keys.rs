//! The condition keys of a request to S3: each action has those that apply to it, and no others.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::access::Of;
use super::asked::Asked;
use super::state::{Bucket, Tags};
use super::tags;
use crate::api::Call;
use crate::iam::authorise;
use crate::iam::condition::Context;

/// Keys of which a request to S3 has all that apply to it.
const UNDERSTOOD: &[&str] = &[
    "s3:",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag/",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourcetag/",
    "aws:tagkeys",
];

/// The headers that conditions of `s3:PutObject` can ask for.
const OF_WRITES: &[&str] = &[
    "if-match",
    "if-none-match",
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// The same of new buckets and of access control lists.
const OF_LISTS: &[&str] = &[
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-object-ownership",
    "x-amz-storage-class",
];

/// The same of everything else.
const OF_ALL: &[&str] = &["x-amz-content-sha256"];

/// The operations that end with an object. Those that only prepare one ask for `s3:PutObject` too.
const CREATING: &[&str] = &["PutObject", "CopyObject", "CompleteMultipartUpload"];

impl Asked<'_> {
    /// Those of this action on what it is about.
    pub(super) fn context(&self, bucket: Option<&Bucket>, action: &str, of: &Of<'_>) -> Context {
        let mut context = of_call(self.call, bucket);
        for name in headers_of(action) {
            if let Some(value) = self.header(name) {
                context = context.with(&format!("s3:{name}"), value);
            }
        }
        context = self.with_signature(context);
        if matches!(action, "s3:ListBucket" | "s3:ListBucketVersions") && self.key.is_empty() {
            for name in ["prefix", "delimiter", "max-keys"] {
                if self.query.has(name) {
                    let value = self.query.one(name).unwrap_or("");
                    context = context.with(&format!("s3:{name}"), value);
                }
            }
        }
        if action == "s3:CreateBucket"
            && let Ok(root) = self.document("CreateBucketConfiguration")
            && let Ok(Some(region)) = root.text_of("LocationConstraint")
        {
            context = context.with("s3:LocationConstraint", region);
        }
        if action == "s3:PutObject" {
            let creates = CREATING.contains(&self.operation);
            context = context.with("s3:ObjectCreationOperation", creates.to_string());
        }
        if let Some(etag) = of.etag {
            context = context.with("s3:if-match", etag);
        }
        if let Some(version) = of.version.filter(|_| is_of_version(action)) {
            context = context.with("s3:VersionId", version);
        }
        let tags = of.object.map(|object| &object.tags);
        for (name, value) in tags.into_iter().flatten().filter(|_| asks_for_tags(action)) {
            context = context.with(&format!("s3:ExistingObjectTag/{name}"), value);
        }
        if matches!(
            action,
            "s3:PutObject" | "s3:PutObjectTagging" | "s3:PutObjectVersionTagging"
        ) {
            context = with_request_tags(context, self.given_tags());
        }
        context
    }

    fn with_signature(&self, context: Context) -> Context {
        let context = context.with("s3:TlsVersion", "1.3");
        if self.call.caller.is_anonymous() {
            return context;
        }
        let context = context.with("s3:signatureversion", "AWS4-HMAC-SHA256");
        if !self.query.has("X-Amz-Signature") {
            return context.with("s3:authType", "REST-HEADER");
        }
        let context = context.with("s3:authType", "REST-QUERY-STRING");
        let context = match self.has_header("x-amz-content-sha256") {
            true => context,
            false => context.with("s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        };
        let at = self.query.one("X-Amz-Date").and_then(signing_time);
        match at {
            // Signatures are judged by real time.
            Some(at) => {
                let age = (OffsetDateTime::now_utc() - at).whole_milliseconds().max(0);
                context.with("s3:signatureAge", age.to_string())
            }
            None => context,
        }
    }

    /// The tags that an object is to have; none if they are not well formed, which is refused later.
    fn given_tags(&self) -> Tags {
        let given = if self.operation == "PutObjectTagging" {
            let root = self.document("Tagging").ok();
            root.and_then(|root| tags::of_document(&root, tags::MOST_OF_OBJECT).ok())
        } else {
            let header = self.header("x-amz-tagging");
            header.and_then(|header| tags::of_header(&header).ok())
        };
        given.unwrap_or_default()
    }
}

/// The condition keys that every request to S3 has.
pub(super) fn of_call(call: &Call, bucket: Option<&Bucket>) -> Context {
    let context = authorise::context(&call.caller, call).understanding(UNDERSTOOD);
    match bucket {
        Some(bucket) => call
            .caller
            .controls
            .tell_of_resource(context, &bucket.account)
            .with("s3:ResourceAccount", &bucket.account),
        None => context,
    }
}

/// `20260501T120000Z`.
fn signing_time(text: &str) -> Option<OffsetDateTime> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let moment = PrimitiveDateTime::parse(text, format).ok()?;
    Some(moment.assume_utc())
}

fn headers_of(action: &str) -> &'static [&'static str] {
    match action {
        "s3:PutObject" => OF_WRITES,
        "s3:CreateBucket" | "s3:PutBucketAcl" | "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => {
            OF_LISTS
        }
        _ => OF_ALL,
    }
}

fn is_of_version(action: &str) -> bool {
    action.contains("ObjectVersion") && !action.ends_with("ForReplication")
}

/// The tags that an object has decide about its tags, lists and bytes, and not about writing over it
/// or deleting it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html>
fn asks_for_tags(action: &str) -> bool {
    matches!(action, "s3:GetObject" | "s3:GetObjectVersion")
        || action.contains("Object")
            && ["Tagging", "Acl", "Attributes"]
                .iter()
                .any(|end| action.ends_with(end))
}

fn with_request_tags(mut context: Context, given: Tags) -> Context {
    for (name, value) in &given {
        context = context.with(&format!("s3:RequestObjectTag/{name}"), value);
    }
    if given.is_empty() {
        return context;
    }
    let names = given.into_iter().map(|(name, _)| name).collect();
    context.with_list("s3:RequestObjectTagKeys", names)
}
