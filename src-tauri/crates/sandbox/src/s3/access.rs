//! Whether a caller may do something to a bucket or an object: the caller's own policies and the
//! bucket's are weighed as AWS weighs them. Access control lists decide nothing here: a bucket's
//! owner has them switched off unless somebody says otherwise, and they are refused then.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html>

use super::asked::Asked;
use super::bucket_settings::is_public;
use super::errors::access_denied;
use super::state::{Bucket, Object};
use super::tags;
use crate::api::{ApiError, Call};
use crate::iam::authorise::{self, Kind, Own, Reason};
use crate::iam::caller::Caller;
use crate::iam::condition::Context;
use crate::iam::evaluate::{Naming, Question, Verdict};

/// Keys of which a request to S3 has all that apply to it.
const UNDERSTOOD: &[&str] = &[
    "s3:",
    "aws:requesttag/",
    "aws:resourceaccount",
    "aws:resourcetag/",
    "aws:tagkeys",
];

/// The headers that conditions can ask for.
const HEADERS: &[&str] = &[
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "if-match",
    "if-none-match",
];

impl Asked<'_> {
    /// Refuses what the caller may not do to the bucket that is asked for.
    pub(super) fn allow_bucket(&self, action: &str) -> Result<(), ApiError> {
        self.with_bucket(|bucket| self.allow(bucket, action, &self.bucket_arn(), None))
    }

    /// The same for the object.
    pub(super) fn allow_object(&self, action: &str) -> Result<(), ApiError> {
        self.with_bucket(|bucket| {
            let version = match self.query.one("versionId") {
                Some(id) => bucket.version(&self.key, id),
                None => bucket.current(&self.key),
            };
            let object = version.and_then(|version| version.object.as_ref());
            self.allow(bucket, action, &self.object_arn(), object)
        })
    }

    /// The same for any bucket and object, with the words of this request.
    pub(super) fn allow(
        &self,
        bucket: &Bucket,
        action: &str,
        arn: &str,
        object: Option<&Object>,
    ) -> Result<(), ApiError> {
        let context = self.context(Some(bucket), object);
        decide(self.call, bucket, action, arn, &context)
    }

    /// Refuses what needs no bucket.
    pub(super) fn allow_without_bucket(&self, action: &str, arn: &str) -> Result<(), ApiError> {
        let context = self.context(None, None);
        let question = Question {
            action,
            resource: arn,
            context: &context,
        };
        let outcome = Own::of(&self.call.caller, &question).outcome();
        outcome.map_err(|reason| refused(&self.call.caller, action, arn, reason))
    }

    fn context(&self, bucket: Option<&Bucket>, object: Option<&Object>) -> Context {
        let mut context = of_call(self.call, bucket);
        for name in HEADERS {
            if let Some(value) = self.header(name) {
                context = context.with(&format!("s3:{name}"), value);
            }
        }
        let by_query = self.query.has("X-Amz-Signature");
        let kind = if by_query {
            "REST-QUERY-STRING"
        } else {
            "REST-HEADER"
        };
        context = context
            .with("s3:authType", kind)
            .with("s3:signatureversion", "AWS4-HMAC-SHA256")
            .with("s3:TlsVersion", "1.3");
        for name in ["prefix", "delimiter", "max-keys"] {
            if self.key.is_empty() && self.query.has(name) {
                context = context.with(&format!("s3:{name}"), self.query.one(name).unwrap_or(""));
            }
        }
        if let Some(version) = self.query.one("versionId") {
            context = context.with("s3:VersionId", version);
        }
        if self.operation == "CreateBucket"
            && let Ok(root) = self.document("CreateBucketConfiguration")
            && let Ok(Some(region)) = root.text_of("LocationConstraint")
        {
            context = context.with("s3:LocationConstraint", region);
        }
        for (name, value) in object.iter().flat_map(|object| &object.tags) {
            context = context.with(&format!("s3:ExistingObjectTag/{name}"), value);
        }
        let given = self.header("x-amz-tagging");
        let given = given.and_then(|given| tags::of_header(&given).ok());
        let given = given.unwrap_or_default();
        for (name, value) in &given {
            context = context.with(&format!("s3:RequestObjectTag/{name}"), value);
        }
        if !given.is_empty() {
            let names = given.into_iter().map(|(name, _)| name).collect();
            context = context.with_list("s3:RequestObjectTagKeys", names);
        }
        context
    }
}

/// The condition keys that every request to S3 has.
pub(super) fn of_call(call: &Call, bucket: Option<&Bucket>) -> Context {
    let context = authorise::context(&call.caller, call).understanding(UNDERSTOOD);
    match bucket {
        Some(bucket) => context
            .with("aws:ResourceAccount", &bucket.account)
            .with("s3:ResourceAccount", &bucket.account),
        None => context,
    }
}

/// Whether the caller may, with these condition keys.
pub(super) fn decide(
    call: &Call,
    bucket: &Bucket,
    action: &str,
    arn: &str,
    context: &Context,
) -> Result<(), ApiError> {
    let caller = &*call.caller;
    let question = Question {
        action,
        resource: arn,
        context,
    };
    weigh(caller, bucket, &question).map_err(|reason| {
        if caller.account == bucket.account {
            refused(caller, action, arn, reason)
        } else {
            access_denied()
        }
    })
}

/// In the bucket's account either side is enough; from another account both have to allow it.
fn weigh(caller: &Caller, bucket: &Bucket, question: &Question<'_>) -> Result<(), Reason> {
    let own = Own::of(caller, question);
    own.denied()?;
    let is_foreign = caller.account != bucket.account;
    let said = bucket.policy.as_ref();
    let naming = match said.and_then(|policy| {
        let verdict = question.ask_resource(policy.read()?, &policy.ids, caller);
        Some((policy, verdict))
    }) {
        None => Naming::Nobody,
        Some((_, Verdict::Denied)) => return Err(Reason::Denied(Kind::Resource)),
        Some((policy, Verdict::Allowed(naming))) => {
            let block = bucket.public_access_block.as_ref();
            let restricts = block.is_some_and(|block| block.restrict_public_buckets);
            if is_foreign && restricts && is_public(&policy.text) {
                Naming::Nobody
            } else {
                naming
            }
        }
    };
    match naming {
        Naming::Nobody if is_foreign => {
            own.outcome()?;
            Err(Reason::NotAllowed(Kind::Resource))
        }
        Naming::Nobody | Naming::Account => own.outcome(),
        _ if is_foreign => own.outcome(),
        Naming::Role => own.outcome().or_else(|_| own.limited()),
        Naming::Caller => Ok(()),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
fn refused(caller: &Caller, action: &str, arn: &str, reason: Reason) -> ApiError {
    let sentence = format!(
        "User: {} is not authorized to perform: {action} on resource: \"{arn}\" {}",
        caller.arn,
        reason.of(action)
    );
    ApiError::new("AccessDenied", sentence).with_status(403)
}
