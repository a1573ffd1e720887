//! Amazon S3: buckets and objects, and what KMS has to say about them. Addresses in path style only
//! (`/bucket/key`), since one port on loopback stands for all of AWS.
//!
//! `operation` says what a request means, `asked` is the request as read (`streamed` its chunks),
//! `access` who may (under which `condition_keys`; `anonymous` if nobody signed); `buckets`,
//! `bucket_settings` and `objects` do it; `encryption` asks KMS; `replication` copies; `preflight` is
//! for browsers.
//! An object of more than [`LARGEST_OBJECT`] bytes is refused: the state is kept in memory.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>

mod access;
mod anonymous;
mod asked;
mod bucket_settings;
mod buckets;
mod condition_keys;
mod digests;
mod encryption;
mod errors;
mod integrity;
mod objects;
mod operation;
mod preflight;
mod read_xml;
mod replication;
mod state;
mod streamed;
mod tagged;
mod tags;

use http::Method;
use http::request::Parts;

use self::asked::Asked;
use self::operation::is_of_control;
use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::protocol::Rest;
use crate::query::Params;
use crate::services::Service;

pub(crate) use self::errors::refusal;
pub(crate) use self::operation::operation;
pub(crate) use self::state::State;
pub(crate) use self::tagged::retag;

/// AWS takes 5 TiB; here it is what one request may bring, and what memory can bear.
pub(crate) const LARGEST_OBJECT: usize = 64 * 1024 * 1024;

/// The refusal of an object that is too large.
pub(crate) fn too_large(size: usize) -> ApiError {
    errors::too_large(size)
}

/// Answers one operation.
pub(crate) async fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    head: &Parts,
    body: &[u8],
) -> Result<Rest, ApiError> {
    replication::catch_up(around, call.now).await;
    if is_of_control(head) {
        return Err(errors::no_control());
    }
    let asked = Asked::read(around, call, operation, head, body)?;
    asked.check_signed()?;
    if head.method == Method::OPTIONS {
        return Err(preflight::refused(&asked));
    }
    match operation {
        "ListBuckets" => return buckets::list(&asked),
        "CreateBucket" => return buckets::create(&asked),
        "" => {}
        _ => asked.check_bucket()?,
    }
    match operation {
        "HeadBucket" => return buckets::head(&asked),
        "GetBucketLocation" => return buckets::location(&asked),
        "DeleteBucket" => return buckets::delete(&asked),
        _ => {}
    }
    if asked.key.is_empty() {
        asked.check_body()?;
        if let Some(answer) = bucket_settings::answer(&asked) {
            return answer;
        }
    }
    match objects::answer(&asked).await {
        Some(answer) => answer,
        None if operation.is_empty() => {
            Err(Service::S3.no_such_operation(operation, &Params::default()))
        }
        None => Err(errors::not_implemented(operation)),
    }
}
