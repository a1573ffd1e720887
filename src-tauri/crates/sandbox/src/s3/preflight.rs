//! What a browser asks before it sends a request from another site: refused, since no bucket has a
//! configuration for it here.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>

use super::asked::Asked;
use super::errors::no_such_bucket;
use crate::api::ApiError;

pub(super) fn refused(asked: &Asked<'_>) -> ApiError {
    let incomplete = |sentence: &str| ApiError::new("BadRequest", sentence);
    if !asked.has_header("origin") {
        return incomplete("Insufficient information. Origin request header needed.");
    }
    let Some(method) = asked.header("access-control-request-method") else {
        return incomplete("Invalid Access-Control-Request-Method: null");
    };
    if asked.with_bucket(|_| Ok(())).is_err() {
        return no_such_bucket(&asked.bucket);
    }
    let sentence = "CORSResponse: CORS is not enabled for this bucket.";
    let what = if asked.key.is_empty() {
        "BUCKET"
    } else {
        "OBJECT"
    };
    ApiError::new("AccessForbidden", sentence)
        .with_status(403)
        .about("Method", method)
        .about("ResourceType", what)
}
