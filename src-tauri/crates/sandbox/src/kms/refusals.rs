//! The refusals that many operations share, in AWS's words.
//!
//! Codes are those on the wire (`KMSInvalidStateException`, not the SDK's `KmsInvalidState…`). The
//! HTTP status is 400 for all that the caller can mend and 500 for AWS's own faults, as the model of
//! the API that botocore ships has it, and as AWS answers.

use crate::api::ApiError;

/// A parameter outside its documented form.
pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// One member against one constraint, worded as AWS's input validation words it.
pub(super) fn constraint(value: &str, member: &str, rule: &str) -> ApiError {
    violated(&format!("'{value}'"), member, rule)
}

/// A required parameter that was not sent.
pub(super) fn missing(member: &str) -> ApiError {
    violated("null", member, "Member must not be null")
}

/// Something that is not there.
pub(super) fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new("NotFoundException", message)
}

/// The key is in a state that does not allow this.
pub(super) fn invalid_state(message: impl Into<String>) -> ApiError {
    ApiError::new("KMSInvalidStateException", message)
}

/// The key is of a kind that cannot do this at all.
pub(super) fn unsupported(message: impl Into<String>) -> ApiError {
    ApiError::new("UnsupportedOperationException", message)
}

/// A usage or algorithm the key is not made for.
pub(super) fn invalid_usage(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidKeyUsageException", message)
}

/// The bytes do not decrypt; AWS gives no reason either.
pub(super) fn invalid_ciphertext() -> ApiError {
    ApiError::new("InvalidCiphertextException", "")
}

/// A quota or size limit.
pub(super) fn limit_exceeded(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceededException", message)
}

/// Neither an identity policy nor the key policy lets this principal do this.
pub(super) fn access_denied(principal: &str, operation: &str, resource: &str) -> ApiError {
    ApiError::new(
        "AccessDeniedException",
        format!(
            "User: {principal} is not authorized to perform: kms:{operation} on resource: \
             {resource} because no resource-based policy allows the kms:{operation} action"
        ),
    )
}

/// The simulation itself failed; AWS has the same word for its own failures.
pub(super) fn internal(message: impl Into<String>) -> ApiError {
    ApiError::new("KMSInternalException", message).with_status(500)
}

fn violated(value: &str, member: &str, rule: &str) -> ApiError {
    let mut letters = member.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_lowercase)
        .collect();
    let rest = letters.as_str();
    validation(format!(
        "1 validation error detected: Value {value} at '{first}{rest}' failed to satisfy \
         constraint: {rule}"
    ))
}
