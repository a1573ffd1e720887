//! Bodies that come in chunks, with a checksum behind the last one: taken out of their chunks, and
//! compared with what the head announces.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

use http::HeaderMap;

use super::errors::{invalid_argument, invalid_request};
use super::integrity::is_checksum_header;
use crate::api::ApiError;
use crate::sigv4::chunked;

/// Says how long the body is without what divides it.
const LENGTH: &str = "x-amz-decoded-content-length";

/// Names what follows the last chunk.
const TRAILER: &str = "x-amz-trailer";

/// Headers behind a body, with their names in lower case.
pub(super) type Trailers = Vec<(String, String)>;

/// The body as the client means it, and what follows it. Nobody announces what does not follow, and
/// nothing follows that was not announced.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<(Vec<u8>, Trailers), ApiError> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    let length = text(LENGTH).ok_or_else(|| {
        let sentence = "You must provide the Content-Length HTTP header.";
        ApiError::new("MissingContentLength", sentence).with_status(411)
    })?;
    let length: usize = length.parse().map_err(|_| {
        let sentence = "The decoded content length must be a number of bytes";
        invalid_argument(sentence, LENGTH, length)
    })?;
    let announced = text(TRAILER).map(|name| name.trim().to_ascii_lowercase());
    if announced
        .as_deref()
        .is_some_and(|name| !is_checksum_header(name))
    {
        return Err(invalid_request(
            "The value specified in the x-amz-trailer header is not supported",
        ));
    }
    let read = chunked::Body::read(body).ok_or_else(|| {
        ApiError::new("IncompleteBody", "The request body terminated unexpectedly")
    })?;
    let bytes = read.bytes();
    if bytes.len() != length {
        return Err(ApiError::new(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ));
    }
    let trailers = read.trailers();
    let mut names = trailers.iter().map(|(name, _)| name.as_str());
    if names.next() != announced.as_deref() || names.next().is_some() {
        return Err(ApiError::new(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to \
             our published schema.",
        ));
    }
    Ok((bytes, trailers))
}
