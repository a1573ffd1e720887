//! Whether a caller may do something to a bucket or an object: the caller's own policies and the
//! bucket's are weighed as AWS weighs them. Access control lists decide nothing here: a bucket's
//! owner has them switched off unless somebody says otherwise, and they are refused then.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html>

use super::asked::Asked;
use super::bucket_settings::is_public;
use super::errors::access_denied;
use super::state::{Bucket, Object};
use crate::api::{ApiError, Call};
use crate::iam::authorise::{Kind, Own, Reason};
use crate::iam::caller::Caller;
use crate::iam::condition::Context;
use crate::iam::evaluate::{Naming, Question, Verdict};

/// What the root of the bucket's account may do whatever the bucket's policy denies.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
const ITS_POLICY: &[&str] = &[
    "s3:GetBucketPolicy",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
];

/// What is asked for beside an action and an ARN.
#[derive(Default)]
pub(super) struct Of<'a> {
    /// The object, if there is one.
    pub(super) object: Option<&'a Object>,
    /// The id of the version, if the client names one.
    pub(super) version: Option<&'a str>,
    /// The entity tag that the client wants the object to have.
    pub(super) etag: Option<&'a str>,
}

impl<'a> Of<'a> {
    /// A version of an object, or its newest.
    pub(super) fn version(bucket: &'a Bucket, key: &str, id: Option<&'a str>) -> Self {
        let version = match id {
            Some(id) => bucket.version(key, id),
            None => bucket.current(key),
        };
        Self {
            object: version.and_then(|version| version.object.as_ref()),
            version: id,
            etag: None,
        }
    }
}

impl Asked<'_> {
    /// Refuses what the caller may not do to the bucket that is asked for.
    pub(super) fn allow_bucket(&self, action: &str) -> Result<(), ApiError> {
        self.with_bucket(|bucket| self.allow(bucket, action, &self.bucket_arn(), &Of::default()))
    }

    /// The same for the object.
    pub(super) fn allow_object(&self, action: &str) -> Result<(), ApiError> {
        self.with_bucket(|bucket| {
            let version = self.query.one("versionId");
            let of = Of::version(bucket, &self.key, version);
            self.allow(bucket, action, &self.object_arn(), &of)
        })
    }

    /// The same for any bucket and object, with the words of this request.
    pub(super) fn allow(
        &self,
        bucket: &Bucket,
        action: &str,
        arn: &str,
        of: &Of<'_>,
    ) -> Result<(), ApiError> {
        let context = self.context(Some(bucket), action, of);
        decide(self.call, bucket, action, arn, &context)
    }

    /// The same for the uploads of the object, which who began one may look at and give up without
    /// being allowed it.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions>
    pub(super) fn allow_upload(
        &self,
        bucket: &Bucket,
        action: &str,
        initiator: Option<&str>,
    ) -> Result<(), ApiError> {
        let arn = self.object_arn();
        let refused = match self.allow(bucket, action, &arn, &Of::default()) {
            Err(refusal) if initiator == Some(self.call.principal.as_str()) => refusal,
            outcome => return outcome,
        };
        let context = self.context(Some(bucket), action, &Of::default());
        let question = Question {
            action,
            resource: &arn,
            context: &context,
        };
        let own = Own::of(&self.call.caller, &question);
        let narrowed = own.denied().and_then(|()| own.limited());
        narrowed.map_err(|_| refused)?;
        self.not_denied(bucket, action, &arn, &Of::default())
    }

    /// Refuses what the bucket's policy denies, whatever else is decided about it.
    pub(super) fn not_denied(
        &self,
        bucket: &Bucket,
        action: &str,
        arn: &str,
        of: &Of<'_>,
    ) -> Result<(), ApiError> {
        let context = self.context(Some(bucket), action, of);
        let question = Question {
            action,
            resource: arn,
            context: &context,
        };
        match said(&self.call.caller, bucket, &question) {
            Some(Verdict::Denied) => {
                let reason = Reason::Denied(Kind::Resource);
                Err(told(&self.call.caller, bucket, action, arn, reason))
            }
            _ => Ok(()),
        }
    }

    /// Refuses what needs no bucket.
    pub(super) fn allow_without_bucket(&self, action: &str, arn: &str) -> Result<(), ApiError> {
        let context = self.context(None, action, &Of::default());
        let question = Question {
            action,
            resource: arn,
            context: &context,
        };
        let outcome = Own::of(&self.call.caller, &question).outcome();
        outcome.map_err(|reason| refused(&self.call.caller, action, arn, reason))
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
    let outcome = weigh(caller, bucket, &question);
    outcome.map_err(|reason| told(caller, bucket, action, arn, reason))
}

/// In the bucket's account either side is enough; from another account both have to allow it.
fn weigh(caller: &Caller, bucket: &Bucket, question: &Question<'_>) -> Result<(), Reason> {
    let own = Own::of(caller, question);
    own.denied()?;
    let is_foreign = caller.account != bucket.account;
    if !is_foreign && is_root(caller) && ITS_POLICY.contains(&question.action) {
        return own.outcome();
    }
    let naming = match said(caller, bucket, question) {
        None => Naming::Nobody,
        Some(Verdict::Denied) => return Err(Reason::Denied(Kind::Resource)),
        Some(Verdict::Allowed(_)) if is_foreign && is_restricted(bucket) => Naming::Nobody,
        Some(Verdict::Allowed(naming)) => naming,
    };
    match naming {
        // Who is not known has no policies that could allow it too.
        Naming::Caller if caller.is_anonymous() => Ok(()),
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

fn is_root(caller: &Caller) -> bool {
    caller.arn.ends_with(":root")
}

/// What the bucket's policy says, if it has one.
fn said(caller: &Caller, bucket: &Bucket, question: &Question<'_>) -> Option<Verdict> {
    let policy = bucket.policy.as_ref()?;
    Some(question.ask_resource(policy.read()?, &policy.ids, caller))
}

/// Whether nobody of another account is let in, since the policy lets everybody in.
fn is_restricted(bucket: &Bucket) -> bool {
    let block = bucket.public_access_block.as_ref();
    let policy = bucket.policy.as_ref();
    block.is_some_and(|block| block.restrict_public_buckets)
        && policy.is_some_and(|policy| is_public(&policy.text))
}

/// The refusal, which tells nothing to other accounts.
fn told(caller: &Caller, bucket: &Bucket, action: &str, arn: &str, reason: Reason) -> ApiError {
    if caller.account == bucket.account {
        refused(caller, action, arn, reason)
    } else {
        access_denied()
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
