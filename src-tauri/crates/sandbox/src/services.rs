//! The simulated services: how each is called, and how each refuses what is no business of its
//! operations. What a service does lives in its own module.

use crate::api::ApiError;
use crate::query::Params;
use crate::s3;
use crate::sigv4::SignatureProblem;

/// A simulated service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Kms,
    CloudHsm,
    Sts,
    Iam,
    Ec2,
    S3,
    Organizations,
    CloudTrail,
    Logs,
    CloudWatch,
    /// Resource Groups Tagging.
    Tagging,
    /// Account Management.
    Account,
    AccessAnalyzer,
    /// The sign-in of Identity Center.
    SsoOidc,
    /// The portal of Identity Center.
    Sso,
    /// The console's sign-in.
    Signin,
    /// One that the sandbox does not have, asked in XML or Query.
    Unknown,
    /// One that the sandbox does not have, asked in JSON.
    UnknownJson,
}

/// How the requests of a service say what they ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `X-Amz-Target` is this prefix, a dot, and the operation.
    Json(&'static str),
    /// `Action` and `Version`, answered in XML with this namespace.
    Query {
        version: &'static str,
        namespace: &'static str,
    },
    /// Method and path, answered in JSON.
    RestJson,
    /// Method and path, answered in XML.
    RestXml,
}

/// Each service with the name that its requests are signed for (of Identity Center's services,
/// which are not signed, the endpoint prefix), and its form.
pub(crate) const SERVICES: &[(Service, &str, Form)] = &[
    (Service::Kms, "kms", Form::Json("TrentService")),
    (Service::CloudHsm, "cloudhsm", Form::Json("BaldrApiService")),
    (
        Service::Sts,
        "sts",
        Form::Query {
            version: "2011-06-15",
            namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        },
    ),
    (
        Service::Iam,
        "iam",
        Form::Query {
            version: "2010-05-08",
            namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        },
    ),
    (
        Service::Ec2,
        "ec2",
        Form::Query {
            version: "2016-11-15",
            namespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
        },
    ),
    (Service::S3, "s3", Form::RestXml),
    (
        Service::Organizations,
        "organizations",
        Form::Json("AWSOrganizationsV20161128"),
    ),
    (
        Service::CloudTrail,
        "cloudtrail",
        Form::Json("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"),
    ),
    (Service::Logs, "logs", Form::Json("Logs_20140328")),
    (
        Service::CloudWatch,
        "monitoring",
        Form::Json("GraniteServiceVersion20100801"),
    ),
    (
        Service::Tagging,
        "tagging",
        Form::Json("ResourceGroupsTaggingAPI_20170126"),
    ),
    (Service::Account, "account", Form::RestJson),
    (Service::AccessAnalyzer, "access-analyzer", Form::RestJson),
    (Service::SsoOidc, "sso-oidc", Form::RestJson),
    (Service::Sso, "sso", Form::RestJson),
    (Service::Signin, "signin", Form::RestJson),
];

impl Service {
    /// The service that requests are signed for under this name.
    pub(crate) fn named(name: &str, json: bool) -> Self {
        let signed = |known: Self| !matches!(known, Self::SsoOidc | Self::Sso | Self::Signin);
        let known = SERVICES
            .iter()
            .find(|(service, known, _)| *known == name && signed(*service));
        match known {
            Some((service, ..)) => *service,
            None if json => Self::UnknownJson,
            None => Self::Unknown,
        }
    }

    /// The service that a request without a readable signature seems to be meant for.
    pub(crate) fn by_shape(target: Option<&str>, params: &Params) -> Self {
        let prefix = target.and_then(|target| Some(target.rsplit_once('.')?.0));
        let known = SERVICES.iter().find(|(_, _, form)| match form {
            Form::Json(known) => prefix == Some(*known),
            Form::Query { version, .. } => {
                target.is_none() && params.one("Version") == Some(*version)
            }
            Form::RestJson | Form::RestXml => false,
        });
        match known {
            Some((service, ..)) => *service,
            None if target.is_some() => Self::UnknownJson,
            None => Self::Unknown,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().map_or("", |(_, name, _)| name)
    }

    pub(crate) fn form(self) -> Form {
        match self.row() {
            Some((_, _, form)) => *form,
            None if self == Self::UnknownJson => Form::Json(""),
            None => Form::Query {
                version: "",
                namespace: "",
            },
        }
    }

    pub(crate) fn speaks_json(self) -> bool {
        matches!(self.form(), Form::Json(_) | Form::RestJson)
    }

    /// The namespace of the service's XML.
    pub(crate) fn namespace(self) -> &'static str {
        match self.form() {
            Form::Query { namespace, .. } if !namespace.is_empty() => namespace,
            Form::RestXml => "http://s3.amazonaws.com/doc/2006-03-01/",
            _ => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }

    fn row(self) -> Option<&'static (Self, &'static str, Form)> {
        SERVICES.iter().find(|(service, ..)| *service == self)
    }
}

/// What is refused before any operation is asked.
impl Service {
    /// Refuses a version of the API that the service does not speak.
    pub(crate) fn check_version(self, operation: &str, params: &Params) -> Result<(), ApiError> {
        let Form::Query {
            version: spoken, ..
        } = self.form()
        else {
            return Ok(());
        };
        match params.one("Version") {
            _ if spoken.is_empty() => Ok(()),
            Some(version) if version == spoken => Ok(()),
            version => Err(self.no_such_operation_in(operation, version.unwrap_or("NO_VERSION"))),
        }
    }

    /// The service has no operation of this name (or the sandbox does not have it yet).
    pub(crate) fn no_such_operation(self, operation: &str, params: &Params) -> ApiError {
        self.no_such_operation_in(operation, params.one("Version").unwrap_or("NO_VERSION"))
    }

    fn no_such_operation_in(self, operation: &str, version: &str) -> ApiError {
        match self {
            service if service.speaks_json() => ApiError::new("UnknownOperationException", ""),
            Self::S3 => ApiError::new(
                "MethodNotAllowed",
                "The specified method is not allowed against this resource.",
            )
            .with_status(405),
            Self::Ec2 => ApiError::new(
                "InvalidAction",
                format!("The action {operation} is not valid for this web service."),
            ),
            _ if operation.is_empty() => ApiError::new(
                "MissingAction",
                "The request must contain the parameter Action",
            ),
            _ => ApiError::new(
                "InvalidAction",
                format!("Could not find operation {operation} for version {version}"),
            ),
        }
    }

    /// The refusal of a request whose signature does not hold.
    pub(crate) fn unsigned(self, problem: SignatureProblem) -> ApiError {
        let json = self.speaks_json();
        let of_json = |code, sentence: String| {
            ApiError::new(code, sentence).with_status(self.status_of_strangers())
        };
        match (problem, self) {
            (SignatureProblem::Missing, _) if json => of_json(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token".to_owned(),
            ),
            (SignatureProblem::Missing, Self::S3) => {
                ApiError::new("AccessDenied", "Access Denied").with_status(403)
            }
            (SignatureProblem::Untimely(_), Self::S3) => ApiError::new(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            )
            .with_status(403),
            (SignatureProblem::WrongPayload, _) => ApiError::new(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            (SignatureProblem::Expired(sentence), Self::S3) => {
                ApiError::new("AccessDenied", sentence).with_status(403)
            }
            (SignatureProblem::Incomplete(sentence), Self::S3) => {
                ApiError::new("AuthorizationHeaderMalformed", sentence)
            }
            (SignatureProblem::IncompleteQuery(sentence), Self::S3) => {
                ApiError::new("AuthorizationQueryParametersError", sentence)
            }
            (SignatureProblem::Missing, Self::Ec2) => ApiError::new(
                "MissingParameter",
                "The request must contain the parameter AWSAccessKeyId",
            ),
            (SignatureProblem::Missing, _) => ApiError::new(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            )
            .with_status(403),
            (
                SignatureProblem::Incomplete(sentence)
                | SignatureProblem::IncompleteQuery(sentence),
                _,
            ) => {
                if json {
                    of_json("IncompleteSignatureException", sentence)
                } else {
                    ApiError::new("IncompleteSignature", sentence)
                }
            }
            (SignatureProblem::Untimely(_), Self::Ec2) => {
                ApiError::new("RequestExpired", "Request has expired.")
            }
            (
                SignatureProblem::Mismatch(sentence)
                | SignatureProblem::Untimely(sentence)
                | SignatureProblem::Expired(sentence),
                _,
            ) => {
                if json {
                    of_json("InvalidSignatureException", sentence)
                } else {
                    ApiError::new("SignatureDoesNotMatch", sentence).with_status(403)
                }
            }
        }
    }

    /// The status of a JSON service's refusal of who does not prove who they are. Those that are asked by
    /// path have it as the page of common errors does.
    /// <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/CommonErrors.html>
    fn status_of_strangers(self) -> u16 {
        match self {
            Self::Account | Self::AccessAnalyzer => 403,
            _ => 400,
        }
    }

    /// The refusal of an access key id or session token that nobody has.
    pub(crate) fn unknown_credentials(self) -> ApiError {
        let sentence = "The security token included in the request is invalid.";
        match self {
            Self::S3 => ApiError::new(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            )
            .with_status(403),
            service if service.speaks_json() => {
                ApiError::new("UnrecognizedClientException", sentence)
                    .with_status(self.status_of_strangers())
            }
            Self::Ec2 => ApiError::new(
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            )
            .with_status(401),
            _ => ApiError::new("InvalidClientTokenId", sentence).with_status(403),
        }
    }

    /// The refusal of a session token that does not belong to the access key id.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
    pub(crate) fn wrong_token(self) -> ApiError {
        match self {
            Self::S3 => ApiError::new(
                "InvalidToken",
                "The provided token is malformed or otherwise not valid.",
            ),
            service => service.unknown_credentials(),
        }
    }

    /// The refusal of temporary credentials that ran out.
    pub(crate) fn expired_credentials(self) -> ApiError {
        let sentence = "The security token included in the request is expired";
        match self {
            Self::Sso => ApiError::new("UnauthorizedException", sentence).with_status(401),
            Self::Signin => ApiError::new("AccessDeniedException", sentence),
            service if service.speaks_json() => ApiError::new("ExpiredTokenException", sentence)
                .with_status(self.status_of_strangers()),
            Self::Ec2 => ApiError::new("RequestExpired", "Request has expired."),
            Self::S3 => ApiError::new("ExpiredToken", "The provided token has expired."),
            _ => ApiError::new("ExpiredToken", sentence).with_status(403),
        }
    }

    /// The refusal of a request whose body is larger than the service takes.
    /// <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/CommonErrors.html>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>
    pub(crate) fn too_large(self, operation: &str, size: usize) -> ApiError {
        let sentence = "The request entity is too large.";
        match (self, operation) {
            (Self::S3, "PutObject" | "UploadPart") => s3::too_large(size),
            (Self::S3, _) => ApiError::new("MaxMessageLengthExceeded", "Your request was too big."),
            (service, _) if service.speaks_json() => {
                ApiError::new("RequestEntityTooLargeException", sentence).with_status(413)
            }
            _ => ApiError::new("RequestEntityTooLarge", sentence).with_status(413),
        }
    }

    /// The refusal of a request that came too soon after the others.
    pub(crate) fn throttled(self) -> ApiError {
        match self {
            Self::SsoOidc => ApiError::new("SlowDownException", "The client asks too often."),
            Self::Sso => {
                ApiError::new("TooManyRequestsException", "Rate exceeded").with_status(429)
            }
            Self::Signin => ApiError::new("TooManyRequestsError", "Rate exceeded").with_status(429),
            Self::S3 => {
                ApiError::new("SlowDown", "Please reduce your request rate.").with_status(503)
            }
            Self::Organizations => ApiError::new("TooManyRequestsException", "Rate exceeded"),
            Self::Account => {
                ApiError::new("TooManyRequestsException", "Rate exceeded").with_status(429)
            }
            Self::Tagging => ApiError::new("ThrottledException", "Rate exceeded"),
            Self::AccessAnalyzer => {
                ApiError::new("ThrottlingException", "Rate exceeded").with_status(429)
            }
            service if service.speaks_json() => {
                ApiError::new("ThrottlingException", "Rate exceeded")
            }
            Self::Ec2 => {
                ApiError::new("RequestLimitExceeded", "Request limit exceeded.").with_status(503)
            }
            _ => ApiError::new("Throttling", "Rate exceeded"),
        }
    }

    /// The refusal of a request that AWS itself failed.
    pub(crate) fn failed(self) -> ApiError {
        let (code, sentence) = match self {
            Self::Kms => ("KMSInternalException", "An internal error occurred."),
            Self::CloudHsm => (
                "CloudHsmInternalFailureException",
                "An internal error occurred.",
            ),
            Self::Ec2 => ("InternalError", "An internal error has occurred"),
            Self::S3 => (
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
            Self::Organizations => ("ServiceException", "An internal error occurred."),
            Self::Tagging => ("InternalServiceException", "An internal error occurred."),
            Self::Logs => (
                "ServiceUnavailableException",
                "The service cannot complete the request.",
            ),
            Self::Account | Self::AccessAnalyzer => {
                ("InternalServerException", "An internal error occurred.")
            }
            Self::SsoOidc | Self::Signin => {
                ("InternalServerException", "An internal error occurred.")
            }
            Self::Iam => ("ServiceFailure", "An internal error occurred."),
            _ => ("InternalFailure", "An internal error occurred."),
        };
        ApiError::new(code, sentence).with_status(500)
    }

    /// The refusal that an injected fault asks for, whoever the caller is.
    pub(crate) fn denied_by_fault(self, operation: &str) -> ApiError {
        let sentence = format!("Access to {operation} is denied by an injected fault");
        match self {
            Self::Sso => ApiError::new("ForbiddenException", sentence).with_status(403),
            Self::CloudHsm => ApiError::new("CloudHsmAccessDeniedException", sentence),
            Self::Account | Self::AccessAnalyzer => {
                ApiError::new("AccessDeniedException", sentence).with_status(403)
            }
            service if service.speaks_json() => ApiError::new("AccessDeniedException", sentence),
            Self::Ec2 => ApiError::new("UnauthorizedOperation", sentence).with_status(403),
            _ => ApiError::new("AccessDenied", sentence).with_status(403),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_told_403_by_those_that_are_asked_by_path() {
        for (service, status) in [
            (Service::Kms, 400),
            (Service::Account, 403),
            (Service::AccessAnalyzer, 403),
            (Service::SsoOidc, 400),
        ] {
            assert_eq!(service.unsigned(SignatureProblem::Missing).status, status);
            assert_eq!(service.unknown_credentials().status, status);
            assert_eq!(service.expired_credentials().status, status);
        }
    }

    #[test]
    fn faults_have_the_codes_of_the_models() {
        let told = |error: ApiError| (error.code, error.status);
        for (error, expected) in [
            (
                Service::Account.throttled(),
                ("TooManyRequestsException", 429),
            ),
            (Service::Tagging.throttled(), ("ThrottledException", 400)),
            (Service::Tagging.failed(), ("InternalServiceException", 500)),
            (Service::Logs.failed(), ("ServiceUnavailableException", 500)),
            (
                Service::Account.denied_by_fault("x"),
                ("AccessDeniedException", 403),
            ),
            (
                Service::CloudHsm.denied_by_fault("x"),
                ("CloudHsmAccessDeniedException", 400),
            ),
        ] {
            assert_eq!(told(error), expected);
        }
    }
}
