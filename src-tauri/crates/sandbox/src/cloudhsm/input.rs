//! Reads requests, and words the refusals that the operations share.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::ApiError;

/// The members of a request in the type that an operation wants; absent ones are `None`.
pub(super) fn read<T: DeserializeOwned>(input: &Map<String, Value>) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(input.clone()))
        .map_err(|problem| ApiError::new("SerializationException", problem.to_string()))
}

/// The value of a member that has to be there.
pub(super) fn required<T>(member: &str, value: Option<T>) -> Result<T, ApiError> {
    value.ok_or_else(|| invalid(format!("{member} is required.")))
}

/// An id of this kind: `cluster-` and 11 to 16 letters of CloudHSM's alphabet.
pub(super) fn check_id(kind: &str, id: &str) -> Result<(), ApiError> {
    let letters = id.strip_prefix(kind).and_then(|id| id.strip_prefix('-'));
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte);
    if letters.is_some_and(|id| (11..=16).contains(&id.len()) && id.bytes().all(is_letter)) {
        return Ok(());
    }
    Err(invalid(format!("'{id}' is not a valid {kind} ID.")))
}

/// An id of EC2: a word and 8 to 17 hexadecimal digits.
pub(super) fn is_ec2_id(kind: &str, id: &str) -> bool {
    id.strip_prefix(kind)
        .and_then(|id| id.strip_prefix('-'))
        .is_some_and(|id| {
            (8..=17).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// The request cannot be carried out as it is.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("CloudHsmInvalidRequestException", message)
}

/// It names something that is not there.
pub(super) fn not_found(id: &str) -> ApiError {
    ApiError::new(
        "CloudHsmResourceNotFoundException",
        format!("The resource {id} was not found."),
    )
}

/// The simulation itself failed.
pub(super) fn failed() -> ApiError {
    ApiError::new(
        "CloudHsmInternalFailureException",
        "The certificates of the cluster could not be made.",
    )
    .with_status(500)
}
