//! The protocols on the wire: which service and operation a request means, and how answers and
//! refusals are written. JSON 1.1 for KMS, Query for STS and IAM, EC2's own Query form, REST JSON for
//! Identity Center.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::request::Parts;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::api::ApiError;
use crate::query::Params;
use crate::signin;
use crate::sigv4::{Authorization, SignatureProblem};
use crate::sso::wire;
use crate::xml::Xml;

/// A simulated service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Kms,
    CloudHsm,
    Sts,
    Iam,
    Ec2,
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

/// One request, read but not believed yet.
pub(crate) struct Ask {
    pub(crate) service: Service,
    /// The signing name, for the call list (of Identity Center's services, which are
    /// not signed, the endpoint prefix); empty if nothing says it.
    pub(crate) service_name: String,
    pub(crate) operation: String,
    pub(crate) region: String,
    pub(crate) authorization: Result<Authorization, SignatureProblem>,
    /// Parameters of the Query protocols; empty for JSON.
    pub(crate) params: Params,
}

/// What a service answers, before it is written down.
pub(crate) enum Answer {
    Json(Value),
    Xml(Xml),
}

impl Ask {
    /// Finds out what is asked. The credential scope names the service; an unsigned request is
    /// meant for Identity Center if its path says so, and else told by its shape, so that its
    /// refusal has the right form.
    pub(crate) fn read(head: &Parts, body: &[u8]) -> Self {
        let authorization = Authorization::read(&head.headers);
        let target = head
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        if let (Err(SignatureProblem::Missing), None, Some((service, operation))) =
            (&authorization, target, wire::operation(head))
        {
            return Self {
                service,
                service_name: service.name().to_owned(),
                operation: operation.to_owned(),
                region: wire::region(head),
                authorization,
                params: Params::read(head.uri.query(), b""),
            };
        }
        let params = match target {
            Some(_) => Params::default(),
            None => Params::read(head.uri.query(), body),
        };
        let (service, service_name, region) = match &authorization {
            Ok(scope) => {
                let service = Service::named(&scope.service, target.is_some());
                (service, scope.service.clone(), scope.region.clone())
            }
            Err(_) => {
                let service = Service::by_shape(target, &params);
                (service, service.name().to_owned(), String::new())
            }
        };
        let operation = match target {
            Some(target) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            None => params.one("Action").unwrap_or_default().to_owned(),
        };
        Self {
            service,
            service_name,
            operation,
            region,
            authorization,
            params,
        }
    }
}

/// The parsed body of a JSON request.
pub(crate) fn json_input(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(input)) => Ok(input),
        _ => Err(ApiError::new("SerializationException", "")),
    }
}

impl Service {
    fn named(name: &str, json: bool) -> Self {
        match name {
            "kms" => Self::Kms,
            "cloudhsm" => Self::CloudHsm,
            "sts" => Self::Sts,
            "iam" => Self::Iam,
            "ec2" => Self::Ec2,
            _ if json => Self::UnknownJson,
            _ => Self::Unknown,
        }
    }

    fn by_shape(target: Option<&str>, params: &Params) -> Self {
        match (target, params.one("Version")) {
            (Some(target), _) if target.starts_with("TrentService.") => Self::Kms,
            (Some(target), _) if target.starts_with("BaldrApiService.") => Self::CloudHsm,
            (None, Some("2011-06-15")) => Self::Sts,
            (None, Some("2010-05-08")) => Self::Iam,
            (None, Some("2016-11-15")) => Self::Ec2,
            (Some(_), _) => Self::UnknownJson,
            _ => Self::Unknown,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::CloudHsm => "cloudhsm",
            Self::Sts => "sts",
            Self::Iam => "iam",
            Self::Ec2 => "ec2",
            Self::SsoOidc => "sso-oidc",
            Self::Sso => "sso",
            Self::Signin => "signin",
            Self::Unknown | Self::UnknownJson => "",
        }
    }

    fn speaks_json(self) -> bool {
        matches!(
            self,
            Self::Kms
                | Self::CloudHsm
                | Self::UnknownJson
                | Self::SsoOidc
                | Self::Sso
                | Self::Signin
        )
    }

    /// The namespace of the service's XML.
    fn namespace(self) -> &'static str {
        match self {
            Self::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
            Self::Ec2 => "http://ec2.amazonaws.com/doc/2016-11-15/",
            _ => "https://sts.amazonaws.com/doc/2011-06-15/",
        }
    }

    /// Refuses a version of the API that the service does not speak.
    pub(crate) fn check_version(self, operation: &str, params: &Params) -> Result<(), ApiError> {
        let spoken = match self {
            Self::Sts => "2011-06-15",
            Self::Iam => "2010-05-08",
            Self::Ec2 => "2016-11-15",
            _ => return Ok(()),
        };
        match params.one("Version") {
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
        match (problem, self) {
            (SignatureProblem::Missing, _) if json => ApiError::new(
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            (SignatureProblem::Missing, Self::Ec2) => ApiError::new(
                "MissingParameter",
                "The request must contain the parameter AWSAccessKeyId",
            ),
            (SignatureProblem::Missing, _) => ApiError::new(
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            )
            .with_status(403),
            (SignatureProblem::Incomplete(sentence), _) if json => {
                ApiError::new("IncompleteSignatureException", sentence)
            }
            (SignatureProblem::Incomplete(sentence), _) => {
                ApiError::new("IncompleteSignature", sentence)
            }
            (SignatureProblem::Untimely(_), Self::Ec2) => {
                ApiError::new("RequestExpired", "Request has expired.")
            }
            (SignatureProblem::Mismatch(sentence) | SignatureProblem::Untimely(sentence), _) => {
                if json {
                    ApiError::new("InvalidSignatureException", sentence)
                } else {
                    ApiError::new("SignatureDoesNotMatch", sentence).with_status(403)
                }
            }
        }
    }

    /// The refusal of an access key id or session token that nobody has.
    pub(crate) fn unknown_credentials(self) -> ApiError {
        let sentence = "The security token included in the request is invalid.";
        match self {
            Self::Kms | Self::CloudHsm | Self::UnknownJson => {
                ApiError::new("UnrecognizedClientException", sentence)
            }
            Self::Ec2 => ApiError::new(
                "AuthFailure",
                "AWS was not able to validate the provided access credentials",
            )
            .with_status(401),
            _ => ApiError::new("InvalidClientTokenId", sentence).with_status(403),
        }
    }

    /// The refusal of temporary credentials that ran out.
    pub(crate) fn expired_credentials(self) -> ApiError {
        let sentence = "The security token included in the request is expired";
        match self {
            Self::Sso => ApiError::new("UnauthorizedException", sentence).with_status(401),
            Self::Signin => ApiError::new("AccessDeniedException", sentence),
            service if service.speaks_json() => ApiError::new("ExpiredTokenException", sentence),
            Self::Ec2 => ApiError::new("RequestExpired", "Request has expired."),
            _ => ApiError::new("ExpiredToken", sentence).with_status(403),
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
            Self::Kms | Self::CloudHsm | Self::UnknownJson => {
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
            service if service.speaks_json() => ApiError::new("AccessDeniedException", sentence),
            Self::Ec2 => ApiError::new("UnauthorizedOperation", sentence).with_status(403),
            _ => ApiError::new("AccessDenied", sentence).with_status(403),
        }
    }
}

/// Writes down what a service answered.
pub(crate) fn render(
    service: Service,
    operation: &str,
    request_id: &str,
    outcome: Result<Answer, ApiError>,
) -> Response<Bytes> {
    let (status, kind, body, code) = match outcome {
        Ok(Answer::Json(value)) => (200, service.json_kind(), json_text(&value), None),
        Ok(Answer::Xml(xml)) => (
            200,
            XML,
            answer_xml(service, operation, request_id, xml),
            None,
        ),
        Err(error) => {
            let (kind, body) = match service {
                Service::SsoOidc => (REST_JSON, oauth_error_json(&error)),
                Service::Signin => (REST_JSON, signin_error_json(&error)),
                service if service.speaks_json() => {
                    (service.json_kind(), error_json(service, &error))
                }
                Service::Ec2 => (XML, ec2_error_xml(&error, request_id)),
                _ => (XML, error_xml(service, &error, request_id)),
            };
            (error.status, kind, body, Some(error.code))
        }
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Some(code) = code.filter(|_| service.speaks_json()) {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(OffsetDateTime::now_utc())) {
        headers.insert(DATE, date);
    }
    response
}

const JSON: &str = "application/x-amz-json-1.1";
const REST_JSON: &str = "application/json";
const XML: &str = "text/xml;charset=UTF-8";

impl Service {
    fn json_kind(self) -> &'static str {
        match self {
            Self::SsoOidc | Self::Sso | Self::Signin => REST_JSON,
            _ => JSON,
        }
    }
}

/// Operations without output have an empty body.
fn json_text(value: &Value) -> String {
    if value.is_null() {
        String::new()
    } else {
        value.to_string()
    }
}

fn error_json(service: Service, error: &ApiError) -> String {
    // The models of the services spell it each in its own way.
    let member = match service {
        Service::CloudHsm => "Message",
        _ => "message",
    };
    match error.message.as_str() {
        "" => json!({ "__type": error.code }).to_string(),
        message => json!({ "__type": error.code, member: message }).to_string(),
    }
}

fn oauth_error_json(error: &ApiError) -> String {
    json!({ "error": wire::oauth_error(error.code), "error_description": error.message })
        .to_string()
}

fn signin_error_json(error: &ApiError) -> String {
    json!({ "error": signin::error_word(error.code), "message": error.message }).to_string()
}

fn answer_xml(service: Service, operation: &str, request_id: &str, inner: Xml) -> String {
    let inner = if service == Service::Ec2 {
        // EC2 puts the id first and has no wrapper around the result.
        return Xml::root(
            &format!("{operation}Response"),
            service.namespace(),
            Xml::new().text("requestId", request_id).append(inner),
        );
    } else if inner.is_empty() && operation != "UpdateRole" {
        // What answers nothing has no result, but for the one operation whose result has no members.
        inner
    } else {
        Xml::new().inside(&format!("{operation}Result"), inner)
    };
    let identified = Xml::new().text("RequestId", request_id);
    Xml::root(
        &format!("{operation}Response"),
        service.namespace(),
        inner.inside("ResponseMetadata", identified),
    )
}

fn error_xml(service: Service, error: &ApiError, request_id: &str) -> String {
    let fault = if error.status >= 500 {
        "Receiver"
    } else {
        "Sender"
    };
    let inner = Xml::new()
        .text("Type", fault)
        .text("Code", error.code)
        .text("Message", &error.message);
    Xml::root(
        "ErrorResponse",
        service.namespace(),
        Xml::new()
            .inside("Error", inner)
            .text("RequestId", request_id),
    )
}

fn ec2_error_xml(error: &ApiError, request_id: &str) -> String {
    let inner = Xml::new()
        .text("Code", error.code)
        .text("Message", &error.message);
    Xml::bare_root(
        "Response",
        Xml::new()
            .inside("Errors", Xml::new().inside("Error", inner))
            .text("RequestID", request_id),
    )
}

/// `2026-05-01T12:00:00Z`.
pub(crate) fn seconds(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.to_offset(time::UtcOffset::UTC)
        .format(format)
        .unwrap_or_default()
}

/// Real time, since clients correct their own clocks by it before they sign.
fn http_date(at: OffsetDateTime) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(format).unwrap_or_default()
}
