//! Reads requests, and says who may.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::{ApiError, Call};
use crate::iam::authorise::authorize;
use crate::regions::Partition;

/// The members of a request in the type that an operation wants; absent ones are `None`.
pub(super) fn read<T: DeserializeOwned>(input: &Map<String, Value>) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(input.clone()))
        .map_err(|problem| ApiError::new("SerializationException", problem.to_string()))
}

/// Refuses who may not do `operation`.
pub(super) fn permit(call: &Call, operation: &str, resource: &str) -> Result<(), ApiError> {
    authorize(
        &call.caller,
        call,
        &format!("cloudtrail:{operation}"),
        resource,
    )
}

pub(super) fn trail_arn(account: &str, region: &str, name: &str) -> String {
    let partition = Partition::of(region).word();
    format!("arn:{partition}:cloudtrail:{region}:{account}:trail/{name}")
}
