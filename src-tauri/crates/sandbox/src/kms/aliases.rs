//! Aliases: `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`, and AWS's own aliases.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html>

use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Map, Value};
use time::Duration;

use super::create::{blank, make_key_id, make_native_material};
use super::key::{Key, Owner, Rotation};
use super::key_policy::KeyPolicy;
use super::list::Page;
use super::parse::{Input, epoch};
use super::refusals::{constraint, limit_exceeded, not_found, validation};
use super::spec::{KeySpec, KeyUsage, Origin};
use super::world::{Alias, World, alias_arn};
use super::{Kms, nothing, policy, reference, state};
use crate::api::{ApiError, ApiResult, Call};
use crate::random::Random;

/// Aliases one key can have.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const ALIASES_OF_A_KEY_MAX: usize = 50;

/// Services for which AWS has predefined an alias in every account and region.
pub(crate) const AWS_SERVICES: [&str; 12] = [
    "acm",
    "backup",
    "dynamodb",
    "ebs",
    "elasticfilesystem",
    "kinesis",
    "lambda",
    "rds",
    "s3",
    "secretsmanager",
    "sns",
    "ssm",
];

/// `CreateAlias`.
pub(super) fn create_alias(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let name = name_of_own_alias(input)?;
    let mut world = kms.write(call.now);
    let target = target(&world, call, "CreateAlias", input)?;
    if world
        .room(&call.account, &call.region)
        .is_some_and(|room| room.aliases.contains_key(name))
    {
        let arn = alias_arn(&call.account, &call.region, name);
        return Err(ApiError::new(
            "AlreadyExistsException",
            format!("An alias with the name {arn} already exists"),
        ));
    }
    point(&mut world, call, name, &target)?;
    nothing()
}

/// `UpdateAlias`. The new key must be of the same kind and usage as the old one.
pub(super) fn update_alias(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let name = name_of_own_alias(input)?;
    let mut world = kms.write(call.now);
    let room = world.room(&call.account, &call.region);
    let alias = room
        .and_then(|room| room.aliases.get(name))
        .ok_or_else(|| alias_not_found(call, name))?;
    let old = alias.target.clone();
    let target = target(&world, call, "UpdateAlias", input)?;
    let room = world.room(&call.account, &call.region);
    let key = |id: &str| room.and_then(|room| room.keys.get(id));
    if let (Some(old), Some(new)) = (old.as_deref().and_then(key), key(&target))
        && (kind(old.spec) != kind(new.spec) || old.usage != new.usage)
    {
        return Err(validation(format!(
            "Alias {} cannot be changed to a KMS key of another type or key usage",
            alias_arn(&call.account, &call.region, name)
        )));
    }
    point(&mut world, call, name, &target)?;
    nothing()
}

/// `DeleteAlias`.
pub(super) fn delete_alias(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let name = name_of_own_alias(input)?;
    let mut world = kms.write(call.now);
    if world.remove_alias(&call.account, &call.region, name) {
        nothing()
    } else {
        Err(alias_not_found(call, name))
    }
}

/// `ListAliases`, of the region or of one key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>
pub(super) fn list_aliases(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let world = kms.read(call.now);
    let room = world.room(&call.account, &call.region);
    let render = |name: &str, alias: &Alias| entry(call, name, alias);
    if input.has("KeyId") {
        let (at, key) = reference::permitted(&world, call, "ListAliases", input)?;
        let page = Page::parse(input, &format!("ListAliases {}", at.arn()), 50, 100)?;
        let rest = key
            .aliases
            .range::<str, _>((page.start(), Bound::Unbounded))
            .filter_map(|name| Some((name, room?.aliases.get(name)?)));
        return page.answer(
            "Aliases",
            rest,
            |(name, _)| name,
            |(name, alias)| render(name, alias),
        );
    }
    let whose = alias_arn(&call.account, &call.region, "");
    let page = Page::parse(input, &format!("ListAliases {whose}"), 50, 100)?;
    let start = (page.start(), Bound::Unbounded);
    let rest = room
        .into_iter()
        .flat_map(|room| room.aliases.range::<str, _>(start));
    page.answer(
        "Aliases",
        rest,
        |(name, _)| name,
        |(name, alias)| render(name, alias),
    )
}

/// Makes the AWS managed key behind a predefined alias, as AWS does when it is first needed.
pub(super) fn make_aws_managed_key(kms: &Kms, call: &Call, name: &str) {
    let Some(service) = name.strip_prefix("alias/aws/") else {
        return;
    };
    let world = kms.read(call.now);
    let room = world.room(&call.account, &call.region);
    let exists = room
        .and_then(|room| room.aliases.get(name))
        .is_some_and(|alias| alias.target.is_some());
    drop(world);
    if exists || !AWS_SERVICES.contains(&service) {
        return;
    }
    let mut world = kms.write(call.now);
    let key = aws_managed_key(&call.account, &call.region, service, call.now, &kms.rng);
    let id = Arc::clone(&key.id);
    world.add(&call.account, &call.region, key);
    world.point_alias(&call.account, &call.region, name, Some(&id), call.now);
}

/// An AWS managed key of a service. It is rotated every year and nobody can change that.
pub(crate) fn aws_managed_key(
    account: &str,
    region: &str,
    service: &str,
    created: time::OffsetDateTime,
    rng: &Random,
) -> Key {
    let mut key = blank(
        &make_key_id(rng, false),
        created,
        KeySpec::SymmetricDefault,
        KeyUsage::EncryptDecrypt,
        Origin::AwsKms,
        KeyPolicy::new(policy::aws_managed_policy(account, region, service)),
    );
    key.owner = Owner::Aws;
    key.description =
        format!("Default key that protects my {service} resources when no other key is defined")
            .into();
    key.rotation = Some(Rotation {
        period_days: 365,
        next: created + Duration::days(365),
    });
    make_native_material(&mut key, region, rng);
    key
}

/// The name of an alias that a customer may make, change or delete.
fn name_of_own_alias(input: Input<'_>) -> Result<&str, ApiError> {
    let name = input.required_text("AliasName", 1, 256)?;
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || ":/_-".contains(letter);
    if !name.chars().all(is_allowed) {
        let rule = "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$";
        return Err(constraint(name, "aliasName", rule));
    }
    match name.strip_prefix("alias/") {
        None => Err(validation("Invalid identifier")),
        Some("") => Err(invalid_name(name)),
        Some(rest) if rest.contains(':') => Err(validation(format!(
            "{name} contains invalid characters for an alias"
        ))),
        Some(rest) if rest == "aws" || rest.starts_with("aws/") => Err(invalid_name(name)),
        Some(_) => Ok(name),
    }
}

fn target(
    world: &World,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Result<Arc<str>, ApiError> {
    let reference = input.required_text("TargetKeyId", 1, 2048)?;
    let (at, key) = reference::found(world, call, operation, reference)?;
    state::permit(operation, key, &at.arn())?;
    Ok(at.id)
}

fn point(world: &mut World, call: &Call, name: &str, target: &str) -> Result<(), ApiError> {
    let room = world.room(&call.account, &call.region);
    let full = room
        .and_then(|room| room.keys.get(target))
        .is_some_and(|key| {
            key.aliases.len() >= ALIASES_OF_A_KEY_MAX && !key.aliases.contains(name)
        });
    if full {
        return Err(limit_exceeded(format!(
            "A KMS key can have at most {ALIASES_OF_A_KEY_MAX} aliases"
        )));
    }
    world.point_alias(&call.account, &call.region, name, Some(target), call.now);
    Ok(())
}

fn kind(spec: KeySpec) -> u8 {
    if spec.is_hmac() {
        0
    } else {
        1 + u8::from(spec.is_asymmetric())
    }
}

fn entry(call: &Call, name: &str, alias: &Alias) -> Value {
    let mut entry = Map::new();
    let mut put = |member: &str, value: Value| entry.insert(member.to_owned(), value);
    put("AliasName", name.into());
    put(
        "AliasArn",
        alias_arn(&call.account, &call.region, name).into(),
    );
    if let Some(target) = &alias.target {
        put("TargetKeyId", (&**target).into());
        put("CreationDate", epoch(alias.created));
        put("LastUpdatedDate", epoch(alias.updated));
    }
    Value::Object(entry)
}

fn alias_not_found(call: &Call, name: &str) -> ApiError {
    not_found(format!(
        "Alias {} is not found.",
        alias_arn(&call.account, &call.region, name)
    ))
}

fn invalid_name(name: &str) -> ApiError {
    ApiError::new(
        "InvalidAliasNameException",
        format!("The alias name {name} is not valid."),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;

    #[tokio::test]
    async fn an_alias_is_made_moved_listed_by_key_and_removed() {
        let bench = Bench::new();
        let first = bench.create(json!({})).await;
        let second = bench.create(json!({})).await;
        let mac = bench
            .create(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}))
            .await;
        let point = |target: &str| json!({"AliasName": "alias/app/a", "TargetKeyId": target});
        bench.ask("CreateAlias", point(&first)).await;
        assert_eq!(
            bench.code("CreateAlias", point(&second)).await,
            "AlreadyExistsException"
        );
        bench.ask("UpdateAlias", point(&second)).await;
        assert_eq!(bench.describe("alias/app/a").await["KeyId"], second);
        assert_eq!(
            bench.code("UpdateAlias", point(&mac)).await,
            "ValidationException"
        );
        let of = |key: &str| json!({ "KeyId": key });
        assert_eq!(
            bench.ask("ListAliases", of(&first)).await["Aliases"],
            json!([])
        );
        let listed = bench.ask("ListAliases", of(&second)).await["Aliases"].clone();
        assert_eq!(
            listed[0]["AliasArn"],
            "arn:aws:kms:eu-west-1:111111111111:alias/app/a"
        );
        bench
            .ask("DeleteAlias", json!({"AliasName": "alias/app/a"}))
            .await;
        assert_eq!(
            bench
                .code("DeleteAlias", json!({"AliasName": "alias/app/a"}))
                .await,
            "NotFoundException"
        );
        assert_eq!(
            bench.code("UpdateAlias", point(&first)).await,
            "NotFoundException"
        );
    }

    #[tokio::test]
    async fn names_follow_awss_rules() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let long = format!("alias/{}", "x".repeat(251));
        for (name, code) in [
            ("app", "ValidationException"),
            ("alias/", "InvalidAliasNameException"),
            ("alias/aws/s3", "InvalidAliasNameException"),
            ("alias/a b", "ValidationException"),
            (&long, "ValidationException"),
            (&long[..256], "ok"),
            ("alias/awsome", "ok"),
        ] {
            let input = json!({"AliasName": name, "TargetKeyId": key});
            assert_eq!(bench.code("CreateAlias", input).await, code, "{name}");
        }
    }
}
