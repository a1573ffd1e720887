//! The refusals of S3, and how it writes them. Those that only one operation has are with it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::xml::Xml;

/// A refusal as S3 writes it.
pub(crate) fn refusal(error: &ApiError, request_id: &str) -> Rest {
    let host_id = host_id(request_id);
    let is_header = |name: &str| name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let mut xml = Xml::new()
        .text("Code", error.code)
        .text("Message", &error.message);
    let mut headers = vec![
        ("content-type".to_owned(), "application/xml".to_owned()),
        ("x-amz-id-2".to_owned(), host_id.clone()),
    ];
    for (name, text) in &error.about {
        if is_header(name) {
            headers.push(((*name).to_owned(), text.clone()));
        } else {
            xml = xml.text(name, text);
        }
    }
    let xml = xml.text("RequestId", request_id).text("HostId", host_id);
    // What is not modified is no error, and says nothing.
    let body = match error.status {
        304 => Bytes::new(),
        _ => Bytes::from(Xml::bare_root("Error", xml)),
    };
    Rest {
        status: error.status,
        headers,
        body,
    }
}

/// The second id that S3 gives a request.
pub(super) fn host_id(request_id: &str) -> String {
    STANDARD.encode(digest::digest(&digest::SHA384, request_id.as_bytes()))
}

pub(super) fn malformed_xml() -> ApiError {
    ApiError::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn access_denied() -> ApiError {
    ApiError::new("AccessDenied", "Access Denied").with_status(403)
}

pub(super) fn no_such_bucket(name: &str) -> ApiError {
    ApiError::new("NoSuchBucket", "The specified bucket does not exist")
        .with_status(404)
        .about("BucketName", name)
}

pub(super) fn no_such_key(key: &str) -> ApiError {
    ApiError::new("NoSuchKey", "The specified key does not exist.")
        .with_status(404)
        .about("Key", key)
}

pub(super) fn no_such_version(key: &str, version: &str) -> ApiError {
    ApiError::new("NoSuchVersion", "The specified version does not exist.")
        .with_status(404)
        .about("Key", key)
        .about("VersionId", version)
}

pub(super) fn no_such_upload(id: &str) -> ApiError {
    let sentence = "The specified upload does not exist. The upload ID may be invalid, or the \
                    upload may have been aborted or completed.";
    ApiError::new("NoSuchUpload", sentence)
        .with_status(404)
        .about("UploadId", id)
}

pub(super) fn invalid_argument(
    sentence: impl Into<String>,
    name: impl Into<String>,
    value: impl Into<String>,
) -> ApiError {
    ApiError::new("InvalidArgument", sentence)
        .about("ArgumentName", name)
        .about("ArgumentValue", value)
}

pub(super) fn invalid_request(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidRequest", sentence)
}

pub(super) fn precondition_failed(header: &str) -> ApiError {
    let sentence = "At least one of the pre-conditions you specified did not hold";
    ApiError::new("PreconditionFailed", sentence)
        .with_status(412)
        .about("Condition", header)
}

pub(super) fn method_not_allowed(method: &str) -> ApiError {
    let sentence = "The specified method is not allowed against this resource.";
    ApiError::new("MethodNotAllowed", sentence)
        .with_status(405)
        .about("Method", method)
}

/// What AWS has and the sandbox has not.
pub(super) fn not_implemented(header: &str) -> ApiError {
    let sentence = "A header you provided implies functionality that is not implemented";
    ApiError::new("NotImplemented", sentence)
        .with_status(501)
        .about("Header", header)
}

/// The refusal of S3 Control, such as the public access block of an account.
pub(super) fn no_control() -> ApiError {
    let sentence = "The sandbox has no Amazon S3 Control: settings of whole accounts, access points \
                    and batch operations are not implemented";
    ApiError::new("NotImplemented", sentence).with_status(501)
}

pub(super) fn too_large(size: usize) -> ApiError {
    ApiError::new(
        "EntityTooLarge",
        "Your proposed upload exceeds the maximum allowed size",
    )
    .about("ProposedSize", size.to_string())
    .about("MaxSizeAllowed", super::LARGEST_OBJECT.to_string())
}

/// A refusal of KMS as S3 passes it on.
pub(super) fn of_kms(error: ApiError) -> ApiError {
    let code = match error.code {
        "AccessDeniedException" => {
            return ApiError::new("AccessDenied", error.message).with_status(403);
        }
        "NotFoundException" => "KMS.NotFoundException",
        "DisabledException" => "KMS.DisabledException",
        "KMSInvalidStateException" => "KMS.KMSInvalidStateException",
        "InvalidKeyUsageException" => "KMS.InvalidKeyUsageException",
        "KeyUnavailableException" => "KMS.KeyUnavailableException",
        "DependencyTimeoutException" => "KMS.DependencyTimeoutException",
        "InvalidCiphertextException" => "KMS.InvalidCiphertextException",
        "InvalidArnException" => "KMS.InvalidArnException",
        "ValidationException" => "KMS.ValidationException",
        "KMSInternalException" => "KMS.InternalException",
        _ => "KMS.KMSException",
    };
    ApiError::new(code, error.message)
}
