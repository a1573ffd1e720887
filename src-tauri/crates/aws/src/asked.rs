//! The one table from what the SDK reports to what the user is told.

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use ownkey_model::{AppError, Field};

/// In AWS's sentence about a policy that would shut its author out.
const LOCKOUT: &str = "will not allow you to update the key policy in the future";

/// What was asked, for the words of an error.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The IAM action, such as `kms:GetKeyPolicy`.
    pub(crate) action: &'static str,
    /// On what: an ARN or `*`.
    pub(crate) resource: String,
    /// Host and port, for the words of a failed connection.
    pub(crate) endpoint: String,
}

impl Asked {
    /// What the SDK reports, in the user's terms.
    pub(crate) fn refused<E>(&self, error: SdkError<E, HttpResponse>) -> AppError
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match &error {
            SdkError::ServiceError(answer) => {
                let headers = answer.raw().headers();
                let request_id = ["x-amzn-requestid", "x-amzn-request-id", "x-amz-request-id"]
                    .iter()
                    .find_map(|name| headers.get(*name))
                    .map(str::to_owned);
                let meta = answer.err().meta();
                if meta.code().is_none() && answer.raw().status().is_success() {
                    // AWS did it, and its answer did not arrive in one piece.
                    return self.unanswered(&error);
                }
                self.answered(
                    meta.code().unwrap_or("Unknown"),
                    meta.message().unwrap_or_default(),
                    request_id,
                )
            }
            SdkError::ConstructionFailure(_) => self.unsigned(&error),
            SdkError::DispatchFailure(failure)
                if failure.is_user() || lacks_credentials(&error) =>
            {
                self.unsigned(&error)
            }
            _ => self.unanswered(&error),
        }
    }

    /// An answer that is well-formed and lacks what it promises.
    pub(crate) fn malformed(&self, cause: &str, request_id: Option<String>) -> AppError {
        AppError::Aws {
            action: self.action.to_owned(),
            aws_code: "MalformedAnswer".into(),
            cause: cause.to_owned(),
            request_id,
        }
    }

    /// AWS's code and sentence, in the user's terms.
    pub(crate) fn answered(
        &self,
        code: &str,
        message: &str,
        request_id: Option<String>,
    ) -> AppError {
        let cause = message.to_owned();
        match code {
            "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" => {
                AppError::AccessDenied {
                    action: self.action.to_owned(),
                    resource: self.resource.clone(),
                    cause,
                    request_id,
                }
            }
            "ExpiredTokenException" | "ExpiredToken" | "RequestExpired" => {
                AppError::CredentialsExpired { request_id }
            }
            "RequestTimeTooSkewed" => AppError::ClockSkewed { request_id },
            "InvalidSignatureException" | "SignatureDoesNotMatch"
                if message.starts_with("Signature expired")
                    || message.starts_with("Signature not yet current") =>
            {
                AppError::ClockSkewed { request_id }
            }
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "AuthFailure"
            | "InvalidAccessKeyId"
            | "OptInRequired" => AppError::CredentialsRefused { cause, request_id },
            "NotFoundException" => AppError::NotFound {
                what: self.resource.clone(),
            },
            "MalformedPolicyDocumentException" if message.contains(LOCKOUT) => {
                AppError::PolicyLocksOut { cause, request_id }
            }
            "MalformedPolicyDocumentException" => AppError::PolicyRefused { cause, request_id },
            "ExpiredImportTokenException" | "InvalidImportTokenException" => {
                AppError::ImportTokenExpired { request_id }
            }
            "IncorrectKeyMaterialException" => AppError::OtherMaterial {
                expected: String::new(),
                found: String::new(),
            },
            "KMSInvalidStateException" | "DisabledException" => AppError::KeyNotReady {
                key: self.resource.clone(),
                state: cause,
            },
            "TagException" => AppError::invalid(Field::Tags, cause),
            "InvalidAliasNameException" => AppError::invalid(Field::Alias, cause),
            code if is_throttling(code) => AppError::Throttled {
                action: self.action.to_owned(),
            },
            code => AppError::Aws {
                action: self.action.to_owned(),
                aws_code: code.to_owned(),
                cause,
                request_id,
            },
        }
    }

    /// No answer, or none that can be read: what was asked may have been done.
    fn unanswered<E>(&self, error: &SdkError<E, HttpResponse>) -> AppError
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        AppError::EndpointUnreachable {
            endpoint: self.endpoint.clone(),
            cause: innermost(error),
        }
    }

    /// The request never left: no usable credentials, or something this program did wrong.
    fn unsigned<E>(&self, error: &SdkError<E, HttpResponse>) -> AppError
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        tracing::warn!(action = self.action, error = %DisplayErrorContext(error), "request not sent");
        AppError::NoCredentials {
            profile: String::new(),
            cause: innermost(error),
        }
    }
}

/// The codes by which AWS's services say "later".
pub(crate) fn is_throttling(code: &str) -> bool {
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "LimitExceededRequest",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ]
    .contains(&code)
}

fn lacks_credentials(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(|error| error.is::<CredentialsError>())
}

/// The cause at the bottom, which names what the operating system or TLS said.
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(source) = at.source() {
        at = source;
    }
    at.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        Asked {
            action: "kms:GetKeyPolicy",
            resource: "arn:aws:kms:eu-west-1:111111111111:key/x".into(),
            endpoint: "kms.eu-west-1.amazonaws.com".into(),
        }
    }

    #[test]
    fn a_refusal_names_the_action_and_the_resource() {
        let error = asked().answered(
            "AccessDeniedException",
            "User is not authorized",
            Some("r-1".into()),
        );
        assert_eq!(
            error,
            AppError::AccessDenied {
                action: "kms:GetKeyPolicy".into(),
                resource: "arn:aws:kms:eu-west-1:111111111111:key/x".into(),
                cause: "User is not authorized".into(),
                request_id: Some("r-1".into()),
            }
        );
    }

    #[test]
    fn every_protocols_word_for_the_same_thing_means_the_same() {
        for code in ["ExpiredTokenException", "ExpiredToken", "RequestExpired"] {
            assert_eq!(
                asked().answered(code, "", None),
                AppError::CredentialsExpired { request_id: None }
            );
        }
        for code in ["Throttling", "ThrottlingException", "RequestLimitExceeded"] {
            assert_eq!(
                asked().answered(code, "", None),
                AppError::Throttled {
                    action: "kms:GetKeyPolicy".into()
                }
            );
        }
        for code in [
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "AuthFailure",
        ] {
            assert!(matches!(
                asked().answered(code, "", None),
                AppError::CredentialsRefused { .. }
            ));
        }
    }

    #[test]
    fn a_wrong_clock_is_not_a_wrong_key() {
        let sentence = "Signature expired: 20261121T100000Z is now earlier than 20261121T110000Z";
        assert_eq!(
            asked().answered("InvalidSignatureException", sentence, None),
            AppError::ClockSkewed { request_id: None }
        );
    }

    #[test]
    fn a_refused_change_is_told_by_what_has_to_be_changed() {
        let field = |code: &str| match asked().answered(code, "AWS's sentence", None) {
            AppError::InvalidInput { field, reason } if reason == "AWS's sentence" => Some(field),
            _ => None,
        };
        assert_eq!(field("TagException"), Some(Field::Tags));
        assert_eq!(field("InvalidAliasNameException"), Some(Field::Alias));
        for code in ["ExpiredImportTokenException", "InvalidImportTokenException"] {
            assert!(matches!(
                asked().answered(code, "", None),
                AppError::ImportTokenExpired { .. }
            ));
        }
        for code in ["KMSInvalidStateException", "DisabledException"] {
            assert!(matches!(
                asked().answered(code, "is disabled", None),
                AppError::KeyNotReady { key, state }
                    if key == asked().resource && state == "is disabled"
            ));
        }
    }

    #[test]
    fn an_unknown_code_keeps_its_words() {
        assert!(matches!(
            asked().answered("KMSInternalException", "try later", None),
            AppError::Aws { aws_code, .. } if aws_code == "KMSInternalException"
        ));
    }
}
