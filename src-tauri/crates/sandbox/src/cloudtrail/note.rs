//! From a request that has been answered to its record.

use http::request::Parts;
use serde_json::{Map, Value, json};

use super::keep::keep;
use super::kinds::{error_code, event_name, is_management, only_reads, region_of};
use super::parameters;
use super::record::{Record, Way, Who};
use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;
use crate::protocol::{self, Answer, Ask};
use crate::regions::Partition;
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
    let elsewhere = match (service, outcome) {
        (Service::Kms, Ok(Answer::Json(answer))) => elsewhere(&record, seen, answer),
        _ => None,
    };
    keep(around, call, record);
    if let Some(record) = elsewhere {
        keep(around, call, record);
    }
}

/// What a request about a multi-Region key makes KMS do in the other region.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-update-primary-region.html>
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-replicate-key.html>
fn elsewhere(record: &Record, seen: &Seen<'_>, answer: &Value) -> Option<Record> {
    let input = protocol::json_input(seen.body).ok()?;
    let there = |member: &str| input.get(member).and_then(Value::as_str);
    let (operation, region, key) = match seen.ask.operation.as_str() {
        "UpdatePrimaryRegion" => {
            let region = there("PrimaryRegion")?;
            let key = record.about.first()?.replacen(&*record.region, region, 1);
            ("UpdatePrimaryRegion", region, key)
        }
        "ReplicateKey" => {
            let key = answer.pointer("/ReplicaKeyMetadata/Arn")?.as_str()?;
            ("CreateKey", there("ReplicaRegion")?, key.to_owned())
        }
        _ => return None,
    };
    let (asked, answered) = match operation {
        "CreateKey" => {
            let mut shown = Map::new();
            shown.insert(
                "KeyMetadata".to_owned(),
                answer["ReplicaKeyMetadata"].clone(),
            );
            (Box::default(), parameters::of_json(&shown))
        }
        _ => {
            let asked = json!({ "keyId": key, "primaryRegion": region });
            (asked.to_string().into(), record.answered.clone())
        }
    };
    Some(Record {
        region: region.into(),
        operation: operation.into(),
        asked,
        answered,
        about: vec![key.into()],
        way: Way::ThroughKms,
        ..record.clone()
    })
}

/// Remembers a request that S3 has sent to KMS with the rights of the caller.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>
pub(crate) fn note_through_s3(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
    outcome: &ApiResult,
) {
    // Whatever keys the principal has, S3 asks with others, which are not told.
    let mut who = Who::of(&call.caller, "");
    who.session_since = who.session_since.or(Some(call.now));
    let answer = outcome.as_ref().ok();
    let record = Record {
        turn: 0,
        at: call.now,
        account: call.account.as_str().into(),
        region: call.region.as_str().into(),
        service: Service::Kms.name().into(),
        operation: operation.into(),
        reads: only_reads(Service::Kms, operation),
        who,
        agent: "".into(),
        // One request to S3 can have several to KMS.
        request_id: around.random.uuid().into(),
        asked: short(asked_of_kms(operation, input), "requestParameters"),
        answered: "".into(),
        about: keys(around, call, input, answer),
        refusal: outcome.as_ref().err().map(refusal_of_kms),
        shared: false,
        way: Way::ThroughS3,
        more: material(around, call, operation, input, answer),
        details: "".into(),
    };
    keep(around, call, record);
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
        Service::Kms => asked_of_kms(operation, &input),
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
    let more = match (service, outcome) {
        (Service::Kms, Ok(Answer::Json(answer))) => {
            material(around, call, operation, &input, Some(answer))
        }
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
        refusal: refusal.map(|refusal| told(service, refusal)),
        shared: false,
        way: Way::Direct,
        more,
        details: "".into(),
    }
}

/// Code and message of a refusal.
fn told(service: Service, refusal: &ApiError) -> (Box<str>, Box<str>) {
    let message = refusal.message.chars().take(LONGEST_AGENT);
    let message = message.collect::<String>();
    (error_code(service, refusal.code).into(), message.into())
}

fn refusal_of_kms(refusal: &ApiError) -> (Box<str>, Box<str>) {
    told(Service::Kms, refusal)
}

/// What KMS is asked, with the algorithm that is meant if none is named.
fn asked_of_kms(operation: &str, input: &Map<String, Value>) -> Box<str> {
    const ALGORITHM: &str = "EncryptionAlgorithm";
    if !matches!(operation, "Encrypt" | "Decrypt") || input.contains_key(ALGORITHM) {
        return parameters::of_json(input);
    }
    let mut input = input.clone();
    input.insert(ALGORITHM.to_owned(), "SYMMETRIC_DEFAULT".into());
    parameters::of_json(&input)
}

/// The material that was used, as `additionalEventData` has it.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-encrypt.html>
fn material(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
    answer: Option<&Value>,
) -> Box<str> {
    let uses = operation.starts_with("GenerateDataKey");
    if !uses && !matches!(operation, "Encrypt" | "Decrypt") {
        return Box::default();
    }
    let Some(answer) = answer else {
        return Box::default();
    };
    // Encrypt alone does not answer it.
    let id = match answer["KeyMaterialId"].as_str() {
        Some(id) => Some(id.to_owned()),
        None => input
            .get("KeyId")
            .and_then(Value::as_str)
            .and_then(|name| around.kms.seen(call, name)?.material)
            .map(|id| id.hex()),
    };
    id.map_or_else(Box::default, |id| {
        json!({ "keyMaterialId": id }).to_string().into()
    })
}

/// The KMS keys that a request is about, or the role that was assumed.
fn about(
    around: &Around<'_>,
    call: &Call,
    ask: &Ask,
    input: &Map<String, Value>,
    outcome: &Result<Answer, ApiError>,
) -> Vec<Box<str>> {
    match ask.service {
        Service::Kms => {
            let answer = match outcome {
                Ok(Answer::Json(answer)) => Some(answer),
                _ => None,
            };
            keys(around, call, input, answer)
        }
        Service::Sts if outcome.is_ok() => {
            let role = ask.params.one("RoleArn");
            role.map(Into::into).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The ARNs of the keys and of the alias that a request to KMS is about.
fn keys(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
    answer: Option<&Value>,
) -> Vec<Box<str>> {
    let mut arns: Vec<Box<str>> = Vec::new();
    let mut add = |arn: &str| {
        if !arns.iter().any(|known| **known == *arn) {
            arns.push(arn.into());
        }
    };
    let said = |member: &str| input.get(member).and_then(Value::as_str);
    for member in ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"] {
        if let Some(key) = said(member).and_then(|name| around.kms.seen(call, name)) {
            add(&key.arn);
        }
    }
    if let Some(alias) = said("AliasName").filter(|_| answer.is_some()) {
        let partition = Partition::of(&call.region).word();
        let (region, account) = (&call.region, &call.account);
        add(&format!("arn:{partition}:kms:{region}:{account}:{alias}"));
    }
    if let Some(answer) = answer {
        let places = [
            "/KeyId",
            "/SourceKeyId",
            "/KeyMetadata/Arn",
            "/ReplicaKeyMetadata/Arn",
        ];
        let named = places
            .iter()
            .filter_map(|place| answer.pointer(place)?.as_str());
        named.filter(|arn| arn.starts_with("arn:")).for_each(add);
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
