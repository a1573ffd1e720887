//! The control endpoints below `/_sandbox/`: for tests that drive the sandbox from outside. Not AWS.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, ORIGIN};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use time::format_description::well_known::Rfc3339;

use crate::Approval;
use crate::dispatch::World;
use crate::faults::Fault;

/// Below this path the sandbox itself answers. No bucket can have this name.
const PREFIX: &str = "/_sandbox/";

/// Whether a request is meant for the sandbox itself.
pub(crate) fn is_meant(head: &Parts) -> bool {
    head.uri.path().starts_with(PREFIX)
}

/// The refusal of a body that is larger than any that these paths take.
pub(crate) fn too_large() -> Response<Bytes> {
    said(
        StatusCode::PAYLOAD_TOO_LARGE,
        json!({"error": "the body is too large"}),
    )
}

/// Answers a control request; `None` if the request is meant for AWS.
pub(crate) fn answer(world: &World, head: &Parts, body: &[u8]) -> Option<Response<Bytes>> {
    let word = head.uri.path().strip_prefix(PREFIX)?;
    if head.headers.contains_key(ORIGIN) {
        // A web page in a browser on this computer has no business here.
        return Some(said(
            StatusCode::FORBIDDEN,
            json!({"error": "not for browsers"}),
        ));
    }
    Some(match (word, head.method.as_str()) {
        ("health", "GET") => said(StatusCode::OK, json!({"status": "ok", "now": now(world)})),
        ("calls", "GET") => said(StatusCode::OK, json!(world.calls())),
        ("clock", "GET") => said(StatusCode::OK, json!({"now": now(world)})),
        ("clock", "POST") => match serde_json::from_slice::<Advance>(body) {
            Ok(Advance { advance_s }) => {
                world.advance(Duration::from_secs(advance_s));
                said(StatusCode::OK, json!({"now": now(world)}))
            }
            Err(error) => refused(&error),
        },
        ("faults", "POST") => match serde_json::from_slice::<Fault>(body) {
            Ok(fault) => {
                world.inject(fault);
                said(StatusCode::OK, json!({}))
            }
            Err(error) => refused(&error),
        },
        ("faults", "DELETE") => {
            world.clear_faults();
            said(StatusCode::OK, json!({}))
        }
        ("sso", "POST") => match serde_json::from_slice::<SignIns>(body) {
            Ok(sign_ins) => sign_ins.decide(world),
            Err(error) => refused(&error),
        },
        ("login", "POST") => match serde_json::from_slice::<Login>(body) {
            Ok(Login { user }) => match world.begin_login(&user) {
                Some(begun) => said(StatusCode::OK, begun),
                None => said(
                    StatusCode::NOT_FOUND,
                    json!({"error": "there is no such user"}),
                ),
            },
            Err(error) => refused(&error),
        },
        ("reset", "POST") => {
            world.reset();
            said(StatusCode::OK, json!({}))
        }
        (word, _) => match methods(word) {
            Some(methods) => {
                let mut response = said(
                    StatusCode::METHOD_NOT_ALLOWED,
                    json!({"error": format!("{} is not {methods}", shown(&head.method))}),
                );
                response
                    .headers_mut()
                    .insert(ALLOW, HeaderValue::from_static(methods));
                response
            }
            None => said(
                StatusCode::NOT_FOUND,
                json!({"error": "there is no such endpoint"}),
            ),
        },
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: u64,
}

/// For whom a session of `aws login` begins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    user: String,
}

/// What the person at the browser does: with all device codes, or with one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIns {
    approve: Answer,
    user_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    One(bool),
    All(Approval),
}

impl SignIns {
    fn decide(self, world: &World) -> Response<Bytes> {
        match (self.approve, self.user_code) {
            (Answer::All(approval), None) => {
                world.approve_sign_ins(approval);
                said(StatusCode::OK, json!({}))
            }
            (Answer::One(approve), Some(code)) if world.decide_sign_in(&code, approve) => {
                said(StatusCode::OK, json!({}))
            }
            (Answer::One(_), Some(_)) => said(
                StatusCode::NOT_FOUND,
                json!({"error": "no device code waits under this user code"}),
            ),
            (Answer::All(_), Some(_)) | (Answer::One(_), None) => said(
                StatusCode::BAD_REQUEST,
                json!({"error": "true or false is for one user code, a word for all of them"}),
            ),
        }
    }
}

fn methods(word: &str) -> Option<&'static str> {
    match word {
        "health" | "calls" => Some("GET"),
        "clock" => Some("GET, POST"),
        "faults" => Some("POST, DELETE"),
        "login" | "reset" | "sso" => Some("POST"),
        _ => None,
    }
}

fn now(world: &World) -> String {
    world.now().format(&Rfc3339).unwrap_or_default()
}

fn shown(method: &Method) -> String {
    method.as_str().chars().take(20).collect()
}

fn refused(error: &serde_json::Error) -> Response<Bytes> {
    said(StatusCode::BAD_REQUEST, json!({"error": error.to_string()}))
}

fn said(status: StatusCode, value: Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(value.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
