//! `GetResources`, `GetTagKeys`, `GetTagValues`.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Asked;
use super::input::{Input, invalid};
use crate::api::{ApiError, ApiResult};

/// Resources on a page, if the request does not say how many.
const PAGE: usize = 50;

impl Asked<'_> {
    pub(super) fn resources(&self) -> ApiResult {
        let wanted = Wanted::read(self.input)?;
        self.allow("GetResources")?;
        let (mut shown, mut tags_shown, mut last) = (Vec::new(), 0, String::new());
        let mut more = false;
        self.each(&wanted.after, &mut |arn, tags| {
            if !wanted.includes(arn, tags) {
                return ControlFlow::Continue(());
            }
            if shown.len() == wanted.resources || tags_shown + tags.len() > wanted.tags {
                more = true;
                return ControlFlow::Break(());
            }
            tags_shown += tags.len();
            arn.clone_into(&mut last);
            let tags = tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }));
            let mut entry = json!({ "ResourceARN": arn, "Tags": tags.collect::<Vec<Value>>() });
            if wanted.compliance {
                // No tag policy is in force, and so nothing breaks one.
                entry["ComplianceDetails"] = json!({ "ComplianceStatus": true });
            }
            shown.push(entry);
            ControlFlow::Continue(())
        });
        let token = if more {
            URL_SAFE_NO_PAD.encode(last)
        } else {
            String::new()
        };
        Ok(json!({ "PaginationToken": token, "ResourceTagMappingList": shown }))
    }

    pub(super) fn keys(&self) -> ApiResult {
        token(self.input)?;
        self.allow("GetTagKeys")?;
        let mut keys = BTreeSet::new();
        self.each("", &mut |_, tags| {
            for (key, _) in tags {
                if !keys.contains(*key) {
                    keys.insert((*key).to_owned());
                }
            }
            ControlFlow::Continue(())
        });
        Ok(json!({ "PaginationToken": "", "TagKeys": keys }))
    }

    pub(super) fn values(&self) -> ApiResult {
        token(self.input)?;
        let wanted = self.input.key()?;
        self.allow("GetTagValues")?;
        let mut values = BTreeSet::new();
        self.each("", &mut |_, tags| {
            let value = tags.iter().find(|(key, _)| *key == wanted);
            if let Some((_, value)) = value.filter(|(_, value)| !values.contains(*value)) {
                values.insert((*value).to_owned());
            }
            ControlFlow::Continue(())
        });
        Ok(json!({ "PaginationToken": "", "TagValues": values }))
    }
}

/// What a request to `GetResources` asks for.
struct Wanted<'a> {
    after: String,
    /// Each a key, and the values of which one has to be there; any will do if there are none.
    filters: Vec<(&'a str, Vec<&'a str>)>,
    types: Vec<&'a str>,
    arns: Option<Vec<&'a str>>,
    resources: usize,
    tags: usize,
    compliance: bool,
}

impl<'a> Wanted<'a> {
    fn read(input: Input<'a>) -> Result<Self, ApiError> {
        let arns = input.texts("ResourceARNList", 1..=100, 1..=1_011)?;
        let others = [
            "TagFilters",
            "ResourceTypeFilters",
            "ResourcesPerPage",
            "TagsPerPage",
            "PaginationToken",
        ];
        if arns.is_some() && others.iter().any(|member| input.given(member).is_some()) {
            return Err(invalid(
                "ResourceARNList cannot be specified together with filters or pagination",
            ));
        }
        let filters = input.list("TagFilters")?.unwrap_or_default();
        if filters.len() > 50 {
            return Err(invalid("TagFilters must have 0 to 50 entries"));
        }
        let filters = filters.iter().map(|filter| {
            let filter = filter.as_object().map(Input);
            let filter = filter.ok_or_else(|| invalid("TagFilters has an entry of wrong type"))?;
            let values = filter.texts("Values", 0..=20, 0..=256)?;
            Ok((filter.key()?, values.unwrap_or_default()))
        });
        let filters = filters.collect::<Result<_, ApiError>>()?;
        let types = input.texts("ResourceTypeFilters", 0..=100, 0..=256)?;
        let types = types.unwrap_or_default();
        if types.iter().any(|kind| !is_type(kind)) {
            return Err(invalid("ResourceTypeFilters has an entry that is no type"));
        }
        let tags = input.number("TagsPerPage", 100..=500)?;
        let per_page = input.number("ResourcesPerPage", 1..=100)?;
        let resources = match (&arns, tags) {
            (Some(_), _) | (None, Some(_)) => usize::MAX,
            (None, None) => PAGE,
        };
        let compliance = input.flag("IncludeComplianceDetails")?;
        if input.flag("ExcludeCompliantResources")? && !compliance {
            return Err(invalid(
                "ExcludeCompliantResources needs IncludeComplianceDetails",
            ));
        }
        Ok(Self {
            after: token(input)?,
            filters,
            types,
            arns,
            resources: per_page.unwrap_or(resources),
            tags: tags.unwrap_or(usize::MAX),
            compliance,
        })
    }

    fn includes(&self, arn: &str, tags: &[(&str, &str)]) -> bool {
        let fits = |(wanted, values): &(&str, Vec<&str>)| {
            let mut tags = tags.iter().filter(|(key, _)| key == wanted);
            tags.any(|(_, value)| values.is_empty() || values.contains(value))
        };
        self.filters.iter().all(fits)
            && (self.types.is_empty() || self.types.iter().any(|kind| is_of_type(arn, kind)))
            && self.arns.as_ref().is_none_or(|arns| arns.contains(&arn))
    }
}

/// `service` or `service:type`.
fn is_type(text: &str) -> bool {
    let (service, kind) = text.split_once(':').unwrap_or((text, "any"));
    !service.is_empty() && !kind.is_empty()
}

/// The words are those that stand in the ARN; a bucket's has none for its type.
fn is_of_type(arn: &str, wanted: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, _, resource] = parts[..] else {
        return false;
    };
    let (wanted_service, wanted_kind) = match wanted.split_once(':') {
        Some((service, kind)) => (service, Some(kind)),
        None => (wanted, None),
    };
    let kind = match service {
        "s3" => "bucket",
        _ => resource.split(['/', ':']).next().unwrap_or_default(),
    };
    service == wanted_service && wanted_kind.is_none_or(|wanted| wanted == kind)
}

/// Where the page begins.
fn token(input: Input<'_>) -> Result<String, ApiError> {
    let token = input.text("PaginationToken", 2_048)?.unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| invalid("PaginationToken is not valid"))
}
