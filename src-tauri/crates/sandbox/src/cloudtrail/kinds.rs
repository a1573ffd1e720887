//! Which requests are management events, and which of them only read.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html>

use crate::services::Service;

/// Requests about objects, log events and metrics are data events, which nobody keeps unasked.
/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html>
pub(super) fn is_management(service: Service, operation: &str) -> bool {
    match service {
        Service::SsoOidc
        | Service::Sso
        | Service::Signin
        | Service::Unknown
        | Service::UnknownJson => false,
        Service::S3 => {
            let about_objects = ["Object", "Part", "MultipartUpload"];
            let about_objects = about_objects.iter().any(|word| operation.contains(word));
            !about_objects || operation.contains("ObjectLockConfiguration")
        }
        Service::Logs => operation != "PutLogEvents",
        Service::CloudWatch => !matches!(
            operation,
            "PutMetricData" | "GetMetricData" | "GetMetricStatistics" | "ListMetrics"
        ),
        _ => !operation.is_empty(),
    }
}

/// What only reads. KMS and STS make nothing that lasts when they use keys and give credentials.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html>
pub(super) fn only_reads(service: Service, operation: &str) -> bool {
    const READING: [&str; 10] = [
        "Describe", "Get", "List", "Lookup", "Head", "Filter", "Simulate", "Validate", "Check",
        "Search",
    ];
    if READING.iter().any(|word| operation.starts_with(word)) {
        return true;
    }
    match service {
        Service::Kms => {
            const USING: [&str; 7] = [
                "Encrypt",
                "Decrypt",
                "ReEncrypt",
                "Generate",
                "Verify",
                "Sign",
                "Derive",
            ];
            USING.iter().any(|word| operation.starts_with(word))
        }
        Service::Sts => true,
        Service::Iam => operation.starts_with("Generate"),
        _ => false,
    }
}

/// The name of the event, which is not always the operation's.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html>
pub(super) fn event_name(service: Service, operation: &str) -> &str {
    match (service, operation) {
        (Service::S3, "GetPublicAccessBlock") => "GetBucketPublicAccessBlock",
        (Service::S3, "PutPublicAccessBlock") => "PutBucketPublicAccessBlock",
        (Service::S3, "DeletePublicAccessBlock") => "DeleteBucketPublicAccessBlock",
        (Service::S3, "GetBucketAccelerateConfiguration") => "GetAccelerateConfiguration",
        (Service::S3, "PutBucketAccelerateConfiguration") => "PutAccelerateConfiguration",
        (Service::S3, "GetBucketLifecycleConfiguration") => "GetBucketLifecycle",
        (Service::S3, "PutBucketLifecycleConfiguration") => "PutBucketLifecycle",
        (Service::S3, "GetBucketNotificationConfiguration") => "GetBucketNotification",
        (Service::S3, "PutBucketNotificationConfiguration") => "PutBucketNotification",
        (Service::S3, "GetObjectLockConfiguration") => "GetBucketObjectLockConfiguration",
        (Service::S3, "PutObjectLockConfiguration") => "PutBucketObjectLockConfiguration",
        (_, operation) => operation,
    }
}

/// The region whose event it is: services without regions have theirs in one.
pub(super) fn region_of(service: Service, asked: &str) -> &str {
    match (service, asked) {
        (Service::Iam | Service::Organizations | Service::Account, asked) => {
            if asked.starts_with("cn-") {
                "cn-north-1"
            } else if asked.starts_with("us-gov-") {
                "us-gov-west-1"
            } else {
                "us-east-1"
            }
        }
        (_, asked) => asked,
    }
}

/// The code of the event: IAM's have a longer name there.
pub(super) fn error_code(service: Service, code: &str) -> String {
    match (service, code) {
        (_, "AccessDeniedException" | "CloudHsmAccessDeniedException") => "AccessDenied".to_owned(),
        (Service::Iam, code)
            if !matches!(code, "AccessDenied" | "ValidationError" | "Throttling")
                && !code.ends_with("Exception") =>
        {
            format!("{code}Exception")
        }
        (_, code) => code.to_owned(),
    }
}
