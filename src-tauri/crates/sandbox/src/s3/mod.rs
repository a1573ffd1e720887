//! Amazon S3: buckets and objects, and what KMS has to say about them.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

use bytes::Bytes;
use http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::protocol::Rest;
use crate::services::Service;
use crate::xml::Xml;

/// What it remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {}

/// The operation that a request means, such as `PutObject`; empty if none.
pub(crate) fn operation(_head: &Parts) -> &'static str {
    ""
}

/// Answers one operation.
pub(crate) async fn answer(
    _around: &Around<'_>,
    _call: &Call,
    operation: &str,
    _head: &Parts,
    _body: &[u8],
) -> Result<Rest, ApiError> {
    Err(Service::S3.no_such_operation(operation, &crate::query::Params::default()))
}

/// A refusal as S3 writes it.
pub(crate) fn refusal(error: &ApiError, request_id: &str) -> Rest {
    let body = Xml::bare_root(
        "Error",
        Xml::new()
            .text("Code", error.code)
            .text("Message", &error.message)
            .text("RequestId", request_id),
    );
    Rest {
        status: error.status,
        headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
        body: Bytes::from(body),
    }
}
