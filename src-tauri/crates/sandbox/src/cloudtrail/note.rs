//! From a request that has been answered to its record.

use http::request::Parts;
use serde_json::{Map, Value, json};

use super::kinds::{error_code, event_name, is_management, only_reads, region_of};
use super::record::{Record, Who};
use super::{delivery, parameters};
use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::protocol::{self, Answer, Ask};
use crate::services::Service;

/// Longer parameters, answers and names of programs are left out of the event, as in AWS.
const LONGEST: usize = 32_768;
const LONGEST_AGENT: usize = 1_024;

/// What nobody understood is nobody's event.
const UNHEARD: [&str; 6] = [
    "UnknownOperationException",
    "SerializationException",
    "InvalidAction",
    "MissingAction",
    "MethodNotAllowed",
    "AuthFailure",
];

/// A request as it came.
pub(crate) struct Seen<'a> {
    pub(crate) ask: &'a Ask,
    pub(crate) head: &'a Parts,
    pub(crate) body: &'a [u8],
}

/// Remembers a request whose signature held, and delivers its event to the trails that want it.
pub(crate) fn note(
    around: &Around<'_>,
    call: &Call,
    seen: &Seen<'_>,
    outcome: &Result<Answer, ApiError>,
) {
    let (service, operation) = (seen.ask.service, seen.ask.operation.as_str());
    let unheard = |error: &ApiError| UNHEARD.contains(&error.code);
    if !is_management(service, operation) || outcome.as_ref().is_err_and(unheard) {
        return;
    }
    let record = record(around, call, seen, outcome);
    let mut accounts = vec![record.account.clone()];
    if outcome.is_ok() {
        let owners = record.about.iter().filter_map(|arn| arn.split(':').nth(4));
        for owner in owners {
            if !accounts.iter().any(|known| **known == *owner) {
                accounts.push(owner.into());
            }
        }
    }
    let shared = accounts.len() > 1;
    for account in accounts {
        let record = Record {
            account,
            shared,
            ..record.clone()
        };
        delivery::deliver(around, call, &record);
        keep(around, record);
    }
}

/// What was only read, or refused, is no reason to write the state down.
fn keep(around: &Around<'_>, record: Record) {
    let kept = &around.neighbours.cloudtrail;
    match record.reads || record.refusal.is_some() {
        true => kept.note().keep(record),
        false => kept.write(around.revision).keep(record),
    }
}

fn record(
    around: &Around<'_>,
    call: &Call,
    seen: &Seen<'_>,
    outcome: &Result<Answer, ApiError>,
) -> Record {
    let Seen { ask, head, body } = seen;
    let (service, operation) = (ask.service, ask.operation.as_str());
    let header = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    let input = match service.speaks_json() {
        true => protocol::json_input(body).unwrap_or_default(),
        false => Map::new(),
    };
    let asked = match service {
        Service::S3 => {
            let bucket = head.uri.path().split('/').nth(1).unwrap_or_default();
            parameters::of_bucket(header("host"), bucket, &ask.params)
        }
        service if service.speaks_json() => parameters::of_json(&input),
        _ => parameters::of_form(&ask.params),
    };
    let reads = only_reads(service, operation);
    let about = about(around, call, ask, &input, outcome);
    // Credentials are told, though nothing was changed.
    let tells = !reads || service == Service::Sts && operation != "GetCallerIdentity";
    let answered = match outcome {
        Ok(Answer::Json(Value::Object(answer))) if tells => parameters::of_json(answer),
        Ok(Answer::Json(_)) if tells && service == Service::Kms => {
            about.first().map_or_else(Box::default, |arn| {
                json!({ "keyId": arn }).to_string().into()
            })
        }
        Ok(Answer::Xml(xml)) if tells => parameters::of_xml(xml.inner()),
        _ => Box::default(),
    };
    let refusal = outcome.as_ref().err();
    let key_id = ask.authorization.as_ref().map_or("", |scope| &scope.key_id);
    Record {
        turn: 0,
        at: call.now,
        account: call.account.as_str().into(),
        region: region_of(service, &call.region).into(),
        service: service.name().into(),
        operation: event_name(service, operation).into(),
        reads,
        who: Who::of(&call.caller, key_id),
        agent: header("user-agent")
            .chars()
            .take(LONGEST_AGENT)
            .collect::<String>()
            .into(),
        request_id: call.request_id.as_str().into(),
        asked: short(asked, "requestParameters"),
        answered: short(answered, "responseElements"),
        about,
        refusal: refusal.map(|refusal| {
            let message = refusal
                .message
                .chars()
                .take(LONGEST_AGENT)
                .collect::<String>();
            (error_code(service, refusal.code).into(), message.into())
        }),
        shared: false,
    }
}

/// The KMS keys that a request is about, or the role that was assumed.
fn about(
    around: &Around<'_>,
    call: &Call,
    ask: &Ask,
    input: &Map<String, Value>,
    outcome: &Result<Answer, ApiError>,
) -> Vec<Box<str>> {
    let mut arns: Vec<Box<str>> = Vec::new();
    let mut add = |arn: &str| {
        if !arns.iter().any(|known| **known == *arn) {
            arns.push(arn.into());
        }
    };
    match ask.service {
        Service::Kms => {
            for member in ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"] {
                let name = input.get(member).and_then(Value::as_str);
                if let Some(key) = name.and_then(|name| around.kms.seen(call, name)) {
                    add(&key.arn);
                }
            }
            if let Ok(Answer::Json(answer)) = outcome {
                let places = ["/KeyId", "/KeyMetadata/Arn", "/ReplicaKeyMetadata/Arn"];
                let named = places
                    .iter()
                    .filter_map(|place| answer.pointer(place)?.as_str());
                named.filter(|arn| arn.starts_with("arn:")).for_each(add);
            }
        }
        Service::Sts if outcome.is_ok() => {
            if let Some(role) = ask.params.one("RoleArn") {
                add(role);
            }
        }
        _ => {}
    }
    arns
}

fn short(text: Box<str>, name: &str) -> Box<str> {
    if text.len() <= LONGEST {
        return text;
    }
    let reason = format!("{name} too large");
    let omitted = json!({ "omitted": true, "originalSize": text.len(), "reason": reason });
    omitted.to_string().into()
}
