//! The bucket of a trail and the key of its files, as CloudTrail checks them before it takes them. No
//! file is ever written.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html>

use super::delivery::SERVICE;
use super::trail_form::Trail;
use crate::api::{ApiError, Call};
use crate::iam::evaluate::Question;
use crate::iam::policy::PolicyKind;
use crate::neighbours::Around;
use crate::regions::Partition;

/// Refuses a trail whose bucket is not there, or does not let CloudTrail write. Answers the bucket's region.
pub(super) fn check(around: &Around<'_>, trail: &Trail) -> Result<String, ApiError> {
    let partition = Partition::of(&trail.home);
    let found = {
        let buckets = around.neighbours.s3.read();
        buckets.seen(partition, &trail.bucket)
    };
    let Some(found) = found else {
        return Err(ApiError::new(
            "S3BucketDoesNotExistException",
            format!("S3 bucket {} does not exist!", trail.bucket),
        ));
    };
    let bucket = format!("arn:{}:s3:::{}", partition.word(), trail.bucket);
    let reading = trail.context(around.iam);
    let writing = reading
        .clone()
        .with("s3:x-amz-acl", "bucket-owner-full-control");
    let lets = |action: &str, resource: &str, context| {
        let question = Question {
            action,
            resource,
            context,
        };
        let policy = found.policy.as_deref().unwrap_or_default();
        let policy = (PolicyKind::Bucket, policy);
        around.iam.lets(SERVICE, &found.account, policy, &question)
    };
    let files = files(trail);
    if lets("s3:GetBucketAcl", &bucket, &reading)
        && lets("s3:PutObject", &format!("{bucket}/{files}"), &writing)
    {
        return Ok(found.region);
    }
    Err(ApiError::new(
        "InsufficientS3BucketPolicyException",
        format!(
            "Incorrect S3 bucket policy is detected for bucket: {}",
            trail.bucket
        ),
    ))
}

/// The ARN of the key that a trail's files are to be encrypted with: a symmetric one of the bucket's
/// region, which CloudTrail may use.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html>
pub(super) fn key(
    around: &Around<'_>,
    call: &Call,
    trail: &Trail,
    region: &str,
    name: &str,
) -> Result<String, ApiError> {
    let found = around.kms.seen(call, name);
    let found = found.filter(|key| key.arn.split(':').nth(3) == Some(region));
    let Some(key) = found else {
        return Err(ApiError::new(
            "KmsKeyNotFoundException",
            format!("The KMS key {name} does not exist, or is in another region than the bucket."),
        ));
    };
    if !key.is_symmetric || !key.is_enabled {
        return Err(ApiError::new(
            "KmsException",
            format!(
                "The KMS key {} is not an enabled symmetric encryption key.",
                key.arn
            ),
        ));
    }
    let files = format!(
        "arn:{}:s3:::{}/{}",
        Partition::of(region).word(),
        trail.bucket,
        files(trail)
    );
    let context = trail
        .context(around.iam)
        .with("kms:EncryptionContext:aws:cloudtrail:arn", trail.arn())
        .with("kms:EncryptionContext:aws:s3:arn", files)
        .with_all(
            "kms:EncryptionContextKeys",
            &["aws:cloudtrail:arn", "aws:s3:arn"],
        );
    let policy = around.kms.policy_of(call, &key.arn);
    let lets = |action: &str| {
        let question = Question {
            action,
            resource: &key.arn,
            context: &context,
        };
        let text = policy.as_ref().map_or("", |policy| policy.text());
        let policy = (PolicyKind::Key, text);
        around.iam.lets(SERVICE, &key.account, policy, &question)
    };
    if lets("kms:GenerateDataKey") && lets("kms:DescribeKey") {
        return Ok(key.arn);
    }
    Err(ApiError::new(
        "InsufficientEncryptionPolicyException",
        "Insufficient permissions to access S3 bucket or KMS key.",
    ))
}

/// Where the files are in the bucket.
fn files(trail: &Trail) -> String {
    let prefix = trail.prefix.as_deref();
    let prefix = prefix.map_or_else(String::new, |prefix| format!("{prefix}/"));
    format!("{prefix}AWSLogs/{}/CloudTrail/", trail.account)
}
