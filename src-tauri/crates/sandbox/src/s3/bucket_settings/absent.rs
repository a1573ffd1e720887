//! Settings that no bucket has here: asked for, they are answered as for a bucket without them;
//! putting them is refused.

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::not_implemented;
use crate::xml::Xml;

/// `None` if it is about something else.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Result<Rest, ApiError>> {
    let (action, code, sentence) = match asked.operation {
        "GetBucketLifecycleConfiguration" => (
            "s3:GetLifecycleConfiguration",
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        ),
        "GetBucketCors" => (
            "s3:GetBucketCORS",
            "NoSuchCORSConfiguration",
            "The CORS configuration does not exist",
        ),
        "GetBucketWebsite" => (
            "s3:GetBucketWebsite",
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        ),
        "GetObjectLockConfiguration" => (
            "s3:GetBucketObjectLockConfiguration",
            "ObjectLockConfigurationNotFoundError",
            "Object Lock configuration does not exist for this bucket",
        ),
        "GetBucketLogging" => {
            return Some(empty(asked, "s3:GetBucketLogging", "BucketLoggingStatus"));
        }
        "GetBucketNotificationConfiguration" => {
            let root = "NotificationConfiguration";
            return Some(empty(asked, "s3:GetBucketNotification", root));
        }
        "GetBucketAccelerateConfiguration" => {
            let root = "AccelerateConfiguration";
            return Some(empty(asked, "s3:GetAccelerateConfiguration", root));
        }
        "GetBucketRequestPayment" => return Some(payment(asked)),
        // What is not there is deleted.
        "DeleteBucketLifecycle" => return Some(nothing(asked, "s3:PutLifecycleConfiguration")),
        "DeleteBucketCors" => return Some(nothing(asked, "s3:PutBucketCORS")),
        "DeleteBucketWebsite" => return Some(nothing(asked, "s3:DeleteBucketWebsite")),
        operation
            if operation.starts_with("PutBucket") || operation == "PutObjectLockConfiguration" =>
        {
            return Some(Err(not_implemented(operation)));
        }
        _ => return None,
    };
    Some(asked.allow_bucket(action).and_then(|()| {
        let refusal = ApiError::new(code, sentence);
        Err(refusal.with_status(404).about("BucketName", &asked.bucket))
    }))
}

fn empty(asked: &Asked<'_>, action: &str, root: &str) -> Result<Rest, ApiError> {
    asked.allow_bucket(action)?;
    Ok(asked.xml(root, Xml::new()))
}

fn payment(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketRequestPayment")?;
    let payer = Xml::new().text("Payer", "BucketOwner");
    Ok(asked.xml("RequestPaymentConfiguration", payer))
}

fn nothing(asked: &Asked<'_>, action: &str) -> Result<Rest, ApiError> {
    asked.allow_bucket(action)?;
    Ok(asked.empty(204))
}
