//! Requests that nobody signed: who asks is anonymous, and has what the bucket's policy leaves to everybody.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html>

use http::header::HOST;
use http::request::Parts;

use super::asked::Asked;
use super::errors::{access_denied, invalid_argument, invalid_request};
use super::operation::Target;
use super::state::State;
use crate::api::ApiError;
use crate::iam::caller::Caller;
use crate::regions::{self, Partition};

/// Where a request goes whose bucket nobody has.
const FIRST_REGION: &str = "us-east-1";

impl State {
    /// Who sends a request without a signature, and the region that it goes to: the one in the name of
    /// the host, or that of the bucket, since no signature says it.
    pub(crate) fn anonymous(&self, head: &Parts) -> (Caller, String) {
        let region = region_of_host(head).or_else(|| {
            let target = Target::read(head.uri.path())?;
            let partitions = [Partition::Commercial, Partition::GovCloud, Partition::China];
            let mut found = partitions
                .into_iter()
                .filter_map(|partition| self.bucket(partition, &target.bucket));
            found.next().map(|bucket| bucket.region.clone())
        });
        let region = region.unwrap_or_else(|| FIRST_REGION.to_owned());
        (Caller::anonymous(Partition::of(&region)), region)
    }
}

/// That of `s3.eu-west-1.amazonaws.com`.
fn region_of_host(head: &Parts) -> Option<String> {
    let header = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = head.uri.host().or(header)?;
    let mut labels = host.split('.');
    let region = labels.find(|label| regions::exists(label))?;
    Some(region.to_owned())
}

impl Asked<'_> {
    /// Refuses what is never done for who is anonymous, whatever a policy says.
    pub(super) fn check_signed(&self) -> Result<(), ApiError> {
        if !self.call.caller.is_anonymous() {
            return Ok(());
        }
        let told = |sentence: &str| ApiError::new("AccessDenied", sentence).with_status(403);
        match self.operation {
            "ListBuckets" | "CreateBucket" => Err(access_denied()),
            "CopyObject" | "UploadPartCopy" => Err(told(
                "Anonymous users cannot copy objects.  Please authenticate.",
            )),
            "CreateMultipartUpload" => Err(told(
                "Anonymous users cannot initiate multipart uploads.  Please authenticate.",
            )),
            "GetObject" | "HeadObject" if self.query.any_below("response-") => {
                Err(invalid_request(
                    "Request specific response headers cannot be used for anonymous GET requests.",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// The refusal of objects under a key of KMS, which has to know who asks.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>
pub(super) fn needs_signature() -> ApiError {
    invalid_argument(
        "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature \
         Version 4.",
        "Authorization",
        "null",
    )
}
