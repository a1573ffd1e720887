//! The protocols on the wire: which service and operation a request means, and how answers and
//! refusals are written. JSON 1.1 for KMS, Query for STS and IAM, EC2's own Query form, REST for
//! S3 (XML), Identity Center and others (JSON).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::api::ApiError;
use crate::query::Params;
use crate::services::{Form, Service};
use crate::sigv4::{Authorization, SignatureProblem};
use crate::sso::wire;
use crate::xml::Xml;
use crate::{account, analyzer, s3, signin};

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
    Rest(Rest),
}

/// An answer whose status and headers mean something.
pub(crate) struct Rest {
    pub(crate) status: u16,
    /// Those beside the request's id and the date. What is no header is left out.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Ask {
    /// Finds out what is asked. The credential scope names the service; an unsigned request is
    /// meant for Identity Center if its path says so, and else told by its shape, so that its
    /// refusal has the right form.
    pub(crate) fn read(head: &Parts, body: &[u8]) -> Self {
        let authorization = Authorization::of(head);
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
        let named = authorization
            .as_ref()
            .ok()
            .map(|scope| Service::named(&scope.service, target.is_some()));
        let params = match (target, named.map(Service::form)) {
            (Some(_), _) => Params::default(),
            // The body is no form.
            (None, Some(Form::RestXml | Form::RestJson)) => Params::read(head.uri.query(), b""),
            (None, _) => Params::read(head.uri.query(), body),
        };
        let (service, service_name, region) = match &authorization {
            Ok(scope) => {
                let service = Service::named(&scope.service, target.is_some());
                (service, scope.service.clone(), scope.region.clone())
            }
            Err(_) => {
                let service = match Service::by_shape(target, &params) {
                    // Nothing else has such addresses.
                    Service::Unknown if head.uri.path() != "/" => Service::S3,
                    service => service,
                };
                (service, service.name().to_owned(), String::new())
            }
        };
        let operation = match (service, target) {
            (Service::S3, _) => s3::operation(head).to_owned(),
            (Service::Account, _) => account::operation(head).to_owned(),
            (Service::AccessAnalyzer, _) => analyzer::operation(head).to_owned(),
            (_, Some(target)) => target.rsplit('.').next().unwrap_or_default().to_owned(),
            (_, None) => params.one("Action").unwrap_or_default().to_owned(),
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

/// Writes down what a service answered.
pub(crate) fn render(
    service: Service,
    operation: &str,
    request_id: &str,
    outcome: Result<Answer, ApiError>,
) -> Response<Bytes> {
    let (status, kind, body, code) = match outcome {
        Ok(Answer::Rest(rest)) => return render_rest(rest, request_id),
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
                Service::S3 => return render_rest(s3::refusal(&error, request_id), request_id),
                _ => (XML, error_xml(service, &error, request_id)),
            };
            (error.status, kind, body, Some(error.code))
        }
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(code) = code.filter(|_| service.speaks_json()) {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(code));
    }
    stamped(response, "x-amzn-requestid", request_id)
}

fn render_rest(rest: Rest, request_id: &str) -> Response<Bytes> {
    let mut response = Response::new(rest.body);
    *response.status_mut() = StatusCode::from_u16(rest.status).unwrap_or(StatusCode::BAD_REQUEST);
    for (name, value) in &rest.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    }
    stamped(response, "x-amz-request-id", request_id)
}

fn stamped(
    mut response: Response<Bytes>,
    id_header: &'static str,
    request_id: &str,
) -> Response<Bytes> {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(id_header, id);
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(OffsetDateTime::now_utc())) {
        headers.insert(DATE, date);
    }
    response
}

const JSON: &str = "application/x-amz-json-1.1";
const JSON_1_0: &str = "application/x-amz-json-1.0";
const REST_JSON: &str = "application/json";
const XML: &str = "text/xml;charset=UTF-8";

impl Service {
    fn json_kind(self) -> &'static str {
        match self.form() {
            Form::RestJson => REST_JSON,
            _ if self == Self::CloudWatch => JSON_1_0,
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
        Service::CloudHsm | Service::Organizations | Service::Tagging => "Message",
        _ => "message",
    };
    let mut shown = json!({ "__type": error.code });
    if !error.message.is_empty() {
        shown[member] = error.message.as_str().into();
    }
    for (name, text) in &error.about {
        shown[*name] = text.as_str().into();
    }
    shown.to_string()
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
pub(crate) fn http_date(at: OffsetDateTime) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    at.format(format).unwrap_or_default()
}
