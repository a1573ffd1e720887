//! `ValidatePolicy`: the findings about a document, in pages.
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::checks::{self, Kind};
use super::{invalid, page_length};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::authorise::authorize;
use crate::lines::Lines;
use crate::query::Params;

/// Longer than any policy that AWS takes for anything; its model says no bound.
const LONGEST: usize = 100 * 1024;

/// Findings on a page, if the request does not say how many.
const PAGE: usize = 100;

const LOCALES: [&str; 10] = [
    "DE", "EN", "ES", "FR", "IT", "JA", "KO", "PT_BR", "ZH_CN", "ZH_TW",
];

const RESOURCE_TYPES: [&str; 6] = [
    "AWS::S3::Bucket",
    "AWS::S3::AccessPoint",
    "AWS::S3::MultiRegionAccessPoint",
    "AWS::S3ObjectLambda::AccessPoint",
    "AWS::IAM::AssumeRolePolicyDocument",
    "AWS::DynamoDB::Table",
];

pub(super) fn validate_policy(
    call: &Call,
    params: &Params,
    input: &Map<String, Value>,
) -> ApiResult {
    let length = page_length(params, 1_000)?.unwrap_or(PAGE);
    let start = match params.one("nextToken") {
        None => 0,
        Some(token) => {
            read_token(token).ok_or_else(|| invalid("nextToken is not valid.", "other"))?
        }
    };
    // The sandbox speaks English in every locale.
    word(input, "locale", &LOCALES)?;
    let text = text(input, "policyDocument")?;
    let text = text.ok_or_else(|| missing("policyDocument"))?;
    if text.len() > LONGEST {
        let sentence = format!("policyDocument is longer than {LONGEST} bytes.");
        return Err(invalid(&sentence, "fieldValidationFailed"));
    }
    let kinds = [
        ("IDENTITY_POLICY", Kind::Identity),
        ("RESOURCE_POLICY", Kind::Resource),
        ("SERVICE_CONTROL_POLICY", Kind::ServiceControl),
        ("RESOURCE_CONTROL_POLICY", Kind::ResourceControl),
    ];
    let words = kinds.map(|(word, _)| word);
    let kind = word(input, "policyType", &words)?;
    let kind = kind.ok_or_else(|| missing("policyType"))?;
    let kind = kinds.into_iter().find(|(word, _)| *word == kind);
    let kind = kind.map_or(Kind::Identity, |(_, kind)| kind);
    let resource_type = word(input, "validatePolicyResourceType", &RESOURCE_TYPES)?;
    if resource_type.is_some() && kind != Kind::Resource {
        return Err(invalid(
            "validatePolicyResourceType can be specified for a resource policy only.",
            "fieldValidationFailed",
        ));
    }
    let kind = match resource_type {
        Some("AWS::IAM::AssumeRolePolicyDocument") => Kind::Trust,
        Some("AWS::S3::Bucket") => Kind::Bucket,
        _ => kind,
    };
    authorize(&call.caller, call, "access-analyzer:ValidatePolicy", "*")?;
    let findings = checks::of_text(text, kind);
    let shown = findings.iter().skip(start).take(length);
    let lines = Lines::of(text);
    let shown: Vec<Value> = shown.map(|finding| finding.show(&lines)).collect();
    let next = start + shown.len();
    let mut answer = json!({ "findings": shown });
    if next < findings.len() {
        answer["nextToken"] = URL_SAFE_NO_PAD.encode(next.to_string()).into();
    }
    Ok(answer)
}

fn read_token(token: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    String::from_utf8(bytes).ok()?.parse().ok()
}

fn text<'i>(input: &'i Map<String, Value>, name: &str) -> Result<Option<&'i str>, ApiError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(&format!("{name} is not a string."), "cannotParse")),
    }
}

fn word<'i>(
    input: &'i Map<String, Value>,
    name: &str,
    words: &[&str],
) -> Result<Option<&'i str>, ApiError> {
    match text(input, name)? {
        Some(word) if !words.contains(&word) => Err(invalid(
            &format!("{name} is not valid."),
            "fieldValidationFailed",
        )),
        word => Ok(word),
    }
}

fn missing(name: &str) -> ApiError {
    invalid(&format!("{name} is required."), "fieldValidationFailed")
}
