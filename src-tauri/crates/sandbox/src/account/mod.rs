//! Account Management: the regions of an account. Every region of the partition is enabled, and
//! stays so.
//!
//! <https://docs.aws.amazon.com/accounts/latest/reference/API_Operations.html>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use serde_json::{Map, Value, json};

use crate::api::{ApiError, ApiResult, Call};
use crate::iam::account::is_account_id;
use crate::iam::authorise::authorize;
use crate::regions::{Partition, Region};

/// Regions on a page, if the request does not say how many; also the most.
const PAGE: usize = 50;

const STATUSES: [&str; 5] = [
    "ENABLED",
    "ENABLING",
    "DISABLING",
    "DISABLED",
    "ENABLED_BY_DEFAULT",
];

/// The operation that a method and a path mean; empty if none.
pub(crate) fn operation(head: &Parts) -> &'static str {
    match (head.method.as_str(), head.uri.path()) {
        ("POST", "/listRegions") => "ListRegions",
        ("POST", "/getRegionOptStatus") => "GetRegionOptStatus",
        _ => "",
    }
}

/// Answers one operation.
pub(crate) fn answer(call: &Call, operation: &str, input: &Map<String, Value>) -> ApiResult {
    match operation {
        "ListRegions" => list_regions(call, input),
        "GetRegionOptStatus" => region_opt_status(call, input),
        _ => Err(ApiError::new("UnknownOperationException", "").with_status(404)),
    }
}

/// <https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html>
fn list_regions(call: &Call, input: &Map<String, Value>) -> ApiResult {
    let length = match input.get("MaxResults") {
        None | Some(Value::Null) => PAGE,
        Some(number) => number
            .as_u64()
            .and_then(|number| usize::try_from(number).ok())
            .filter(|number| (1..=PAGE).contains(number))
            .ok_or_else(|| invalid("MaxResults must be between 1 and 50."))?,
    };
    let after = match text(input, "NextToken")? {
        None => None,
        Some(token) => Some(read_token(token).ok_or_else(|| invalid("NextToken is not valid."))?),
    };
    let wanted = statuses(input)?;
    own_account(call, input, "account:ListRegions")?;
    let mut rest = Partition::of(&call.region)
        .regions()
        .iter()
        .filter(|region| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.contains(&status(region)))
        })
        .filter(|region| after.as_deref().is_none_or(|after| region.name > after))
        .peekable();
    let page: Vec<&Region> = rest.by_ref().take(length).collect();
    let shown: Vec<Value> = page.iter().map(|region| show(region)).collect();
    let mut answer = json!({ "Regions": shown });
    if let (Some(_), Some(last)) = (rest.peek(), page.last()) {
        answer["NextToken"] = URL_SAFE_NO_PAD.encode(last.name).into();
    }
    Ok(answer)
}

/// <https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html>
fn region_opt_status(call: &Call, input: &Map<String, Value>) -> ApiResult {
    let name = text(input, "RegionName")?
        .filter(|name| (1..=50).contains(&name.chars().count()))
        .ok_or_else(|| invalid("RegionName must have 1 to 50 characters."))?;
    own_account(call, input, "account:GetRegionOptStatus")?;
    let mut regions = Partition::of(&call.region).regions().iter();
    regions
        .find(|region| region.name == name)
        .map(show)
        .ok_or_else(|| invalid("The Region does not exist in this partition."))
}

/// Another account can be asked about by an organization's management account only, with trusted
/// access, which no account here has given.
fn own_account(call: &Call, input: &Map<String, Value>, action: &str) -> Result<(), ApiError> {
    let account = text(input, "AccountId")?;
    if account.is_some_and(|account| !is_account_id(account)) {
        return Err(invalid("AccountId must be twelve digits."));
    }
    let partition = Partition::of(&call.region);
    let resource = format!("arn:{}:account::{}:account", partition.word(), call.account);
    authorize(&call.caller, call, action, &resource).map_err(|error| error.with_status(403))?;
    match account {
        Some(account) if account != call.account => Err(ApiError::new(
            "AccessDeniedException",
            format!(
                "User: {} is not authorized to perform: {action}",
                call.principal
            ),
        )
        .with_status(403)),
        _ => Ok(()),
    }
}

fn show(region: &Region) -> Value {
    json!({ "RegionName": region.name, "RegionOptStatus": status(region) })
}

fn status(region: &Region) -> &'static str {
    if region.opt_in {
        "ENABLED"
    } else {
        "ENABLED_BY_DEFAULT"
    }
}

fn statuses(input: &Map<String, Value>) -> Result<Option<Vec<&str>>, ApiError> {
    let Some(list) = input
        .get("RegionOptStatusContains")
        .filter(|list| !list.is_null())
    else {
        return Ok(None);
    };
    let words = list.as_array().and_then(|list| {
        list.iter()
            .map(|word| word.as_str().filter(|word| STATUSES.contains(word)))
            .collect()
    });
    match words {
        Some(words) => Ok(Some(words)),
        None => Err(invalid("RegionOptStatusContains has an unknown status.")),
    }
}

fn text<'i>(input: &'i Map<String, Value>, name: &str) -> Result<Option<&'i str>, ApiError> {
    match input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(&format!("{name} is not a string."))),
    }
}

fn read_token(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new("ValidationException", sentence)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::OffsetDateTime;

    use super::*;
    use crate::iam::caller::Caller;
    use crate::iam::policy::{Policy, PolicyKind};

    fn call(policy: &str) -> Call {
        let mut caller = Caller::for_tests("111111111111", "anna");
        caller.policies = vec![Arc::new(
            Policy::parse(policy, PolicyKind::Identity).unwrap(),
        )];
        Call {
            account: "111111111111".into(),
            region: "us-east-1".into(),
            principal: caller.arn.clone(),
            caller: Arc::new(caller),
            via: None,
            request_id: String::new(),
            now: OffsetDateTime::UNIX_EPOCH,
        }
    }

    fn ask(input: Value) -> ApiResult {
        let policy =
            r#"{"Statement":[{"Effect":"Allow","Action":"account:List*","Resource":"*"}]}"#;
        answer(&call(policy), "ListRegions", input.as_object().unwrap())
    }

    #[test]
    fn pages_have_every_region_once() {
        let mut names = Vec::new();
        let mut input = json!({ "MaxResults": 7 });
        loop {
            let page = ask(input.clone()).unwrap();
            names.extend(page["Regions"].as_array().unwrap().clone());
            match page.get("NextToken") {
                Some(token) => input["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(names.len(), Partition::Commercial.regions().len());
        let default = ask(json!({ "RegionOptStatusContains": ["ENABLED_BY_DEFAULT"] })).unwrap();
        assert_eq!(default["Regions"].as_array().unwrap().len(), 17);
        let disabled = ask(json!({ "RegionOptStatusContains": ["DISABLED"] })).unwrap();
        assert_eq!(disabled["Regions"], json!([]));
    }

    #[test]
    fn what_does_not_fit_and_who_may_not_is_refused() {
        for (input, code) in [
            (json!({ "MaxResults": 51 }), "ValidationException"),
            (json!({ "NextToken": "%" }), "ValidationException"),
            (
                json!({ "RegionOptStatusContains": ["ON"] }),
                "ValidationException",
            ),
            (json!({ "AccountId": "1" }), "ValidationException"),
            (
                json!({ "AccountId": "222222222222" }),
                "AccessDeniedException",
            ),
        ] {
            assert_eq!(ask(input.clone()).unwrap_err().code, code, "{input}");
        }
        let nobody = r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
        let refused = answer(&call(nobody), "ListRegions", &Map::new()).unwrap_err();
        assert_eq!(refused.code, "AccessDeniedException");
    }
}
