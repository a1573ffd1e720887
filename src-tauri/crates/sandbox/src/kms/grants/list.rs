//! `ListGrants` and `ListRetirableGrants`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grant-view.html>

use serde_json::{Map, Value};

use super::{Grant, end};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::account::iam_arn;
use crate::kms::list::Page;
use crate::kms::parse::{Input, epoch};
use crate::kms::refusals::{access_denied, validation};
use crate::kms::world::key_arn;
use crate::kms::{Kms, Principals, reference};
use crate::regions::Partition;

/// One grant as an answer shows it, but for the names that IAM has to be asked for.
struct Entry {
    id: String,
    shown: Map<String, Value>,
    grantee: super::Grantee,
    retiring: Option<super::Grantee>,
}

/// `ListGrants`: those of one key, of all grantees or of one.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
pub(in crate::kms) fn list_grants(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let id = input.text("GrantId", 1, 128)?;
    if let Some(id) = id {
        end::check_id(id)?;
    }
    let grantee = input.text("GranteePrincipal", 1, 256)?;
    if input.has("GranteeServicePrincipal") {
        return Err(services_only("GranteeServicePrincipal"));
    }
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, "ListGrants", input)?;
    let arn = at.arn();
    let page = Page::parse(input, &format!("ListGrants {arn}"), 50, 100)?;
    let grants = key.grants.iter();
    let entries: Vec<_> = grants
        .filter(|(known, _)| id.is_none_or(|id| ***known == *id))
        .map(|(id, grant)| Entry::new(&arn, id, grant))
        .collect();
    drop(world);
    let entries = entries.into_iter().filter(|entry| {
        grantee.is_none_or(|grantee| entry.grantee.shown(&*kms.principals) == grantee)
    });
    answer(kms, &page, entries.collect())
}

/// `ListRetirableGrants`: those in the region, of keys of whatever account, that one principal of the
/// caller's account retires.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html>
pub(in crate::kms) fn list_retirable_grants(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    const OPERATION: &str = "ListRetirableGrants";
    if input.has("RetiringServicePrincipal") {
        return Err(services_only("RetiringServicePrincipal"));
    }
    let principal = input.required_text("RetiringPrincipal", 1, 256)?;
    let account = principal.split(':').nth(4);
    if !principal.starts_with("arn:") || account.is_none() {
        return Err(ApiError::new(
            "InvalidArnException",
            format!("ARN does not refer to a valid principal: {principal}"),
        ));
    }
    if account != Some(&call.account) {
        return Err(access_denied(&call.principal, OPERATION, principal));
    }
    let list = format!("{OPERATION} {} {principal}", call.region);
    let page = Page::parse(input, &list, 50, 100)?;
    let world = kms.read(call.now);
    let keys = world.keys_in(&call.region);
    let entries: Vec<_> = keys
        .flat_map(|(account, key)| {
            let grants = key.grants.iter();
            let grants = grants.filter(|(_, grant)| grant.retiring.is_some());
            grants
                .map(|(id, grant)| Entry::new(&key_arn(account, &call.region, &key.id), id, grant))
        })
        .collect();
    drop(world);
    let entries = entries.into_iter().filter(|entry| {
        let retiring = entry.retiring.as_ref();
        retiring.is_some_and(|retiring| retiring.shown(&*kms.principals) == principal)
    });
    answer(kms, &page, entries.collect())
}

/// AWS lets only its services ask for grants of services.
fn services_only(member: &str) -> ApiError {
    validation(format!(
        "{member} can be used only by AWS service principals"
    ))
}

fn answer(kms: &Kms, page: &Page, mut entries: Vec<Entry>) -> ApiResult {
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    let rest = entries.iter().filter(|entry| page.is_after(&entry.id));
    page.answer(
        "Grants",
        rest,
        |entry| entry.id.as_str(),
        |entry| entry.render(&*kms.principals),
    )
}

impl Entry {
    fn new(key_arn: &str, id: &str, grant: &Grant) -> Self {
        let mut shown = Map::new();
        let mut put = |member: &str, value: Value| shown.insert(member.to_owned(), value);
        put("KeyId", key_arn.into());
        put("GrantId", id.into());
        if let Some(name) = &grant.name {
            put("Name", name.as_str().into());
        }
        put("CreationDate", epoch(grant.created));
        let region = key_arn.split(':').nth(3).unwrap_or_default();
        let partition = Partition::of(region);
        put(
            "IssuingAccount",
            iam_arn(partition, &grant.issuer, "root").into(),
        );
        put("Operations", grant.operations.clone().into());
        if let Some(constraints) = grant.constraints.shown() {
            put("Constraints", constraints);
        }
        Self {
            id: id.to_owned(),
            shown,
            grantee: grant.grantee.clone(),
            retiring: grant.retiring.clone(),
        }
    }

    fn render(&self, principals: &dyn Principals) -> Value {
        let mut shown = self.shown.clone();
        let mut put = |grantee: &super::Grantee, principal: &str, service: &str| {
            let member = match grantee {
                super::Grantee::Principal { .. } => principal,
                super::Grantee::Service(_) => service,
            };
            shown.insert(member.to_owned(), grantee.shown(principals).into());
        };
        put(&self.grantee, "GranteePrincipal", "GranteeServicePrincipal");
        if let Some(retiring) = &self.retiring {
            put(retiring, "RetiringPrincipal", "RetiringServicePrincipal");
        }
        Value::Object(shown)
    }
}
