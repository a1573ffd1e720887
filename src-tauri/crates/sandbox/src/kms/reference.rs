//! From the ways in which a request names a key (id, ARN, alias, alias ARN) to the key.

use super::crypto;
use super::key::Key;
use super::parse::Input;
use super::policy;
use super::refusals::{access_denied, not_found};
use super::state;
use super::world::{KeyAddress, World, alias_arn, key_arn};
use crate::api::{ApiError, Call};

/// Longest key identifier of the API.
pub(super) const KEY_ID_MAX: usize = 2048;

/// Reads the member `KeyId` of an operation that needs it.
pub(super) fn key_id(input: Input<'_>) -> Result<&str, ApiError> {
    input.required_text("KeyId", 1, KEY_ID_MAX)
}

/// The key that `KeyId` names, if this operation may be done on it in its state.
pub(super) fn permitted<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    permitted_as(world, call, operation, key_id(input)?)
}

/// The same for a key that another member than `KeyId` names.
pub(super) fn permitted_as<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    reference: &str,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    let (at, key) = found(world, call, operation, reference)?;
    state::permit(call, operation, key, &at.arn())?;
    Ok((at, key))
}

/// The key that `reference` names, whatever its state.
pub(super) fn found<'w>(
    world: &'w World,
    call: &Call,
    operation: &str,
    reference: &str,
) -> Result<(KeyAddress, &'w Key), ApiError> {
    let named = Named::parse(call, reference)?;
    if named.region != call.region {
        return Err(not_found(format!("Invalid arn {}", named.region)));
    }
    let is_foreign = named.account != call.account;
    if is_foreign && !state::crosses_accounts(operation) {
        return Err(access_denied(&call.principal, operation, reference));
    }
    let id = match named.what {
        What::Key(id) => id,
        What::Alias(name) if !state::accepts_alias(operation) => {
            return Err(if reference.starts_with("arn:") {
                ApiError::new("InvalidArnException", format!("Invalid keyId {reference}"))
            } else {
                not_found(format!("Invalid keyId '{name}'"))
            });
        }
        What::Alias(name) => world
            .room(named.account, named.region)
            .and_then(|room| room.aliases.get(name)?.target.as_deref())
            .ok_or_else(|| {
                let arn = alias_arn(named.account, named.region, name);
                not_found(format!("Alias {arn} is not found."))
            })?,
    };
    let found = world
        .address(named.account, named.region, id)
        .and_then(|at| world.key(&at).map(|key| (at, key)));
    let Some((at, key)) = found else {
        let arn = key_arn(named.account, named.region, id);
        return Err(not_found(format!("Key '{arn}' does not exist")));
    };
    // In its own account, identity policies were asked before; from outside, the key policy rules.
    if is_foreign && !policy::allows(&key.policy, &call.account, &call.principal, operation) {
        return Err(access_denied(&call.principal, operation, &at.arn()));
    }
    Ok((at, key))
}

/// See [`super::Kms::permissions_for`].
pub(super) fn permissions_for(
    world: &World,
    call: &Call,
    operation: &str,
    input: Input<'_>,
) -> Vec<(String, String)> {
    let text = |name| input.text(name, 1, KEY_ID_MAX).ok().flatten();
    let key = |member| match text(member) {
        Some(reference) => resource(world, call, reference),
        // A blob says itself which key it is for.
        None => crypto::key_in_blob(call, input).unwrap_or_else(|| "*".to_owned()),
    };
    let one = |resource| vec![(format!("kms:{operation}"), resource)];
    match operation {
        "CreateKey" | "ListKeys" | "ListAliases" => one("*".to_owned()),
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" => one(text("AliasName").map_or_else(
            || "*".to_owned(),
            |name| alias_arn(&call.account, &call.region, name),
        )),
        "ReEncrypt" => vec![
            ("kms:ReEncryptFrom".to_owned(), key("SourceKeyId")),
            ("kms:ReEncryptTo".to_owned(), key("DestinationKeyId")),
        ],
        _ => one(key("KeyId")),
    }
}

/// The ARN of the key that `reference` names, or what comes closest.
fn resource(world: &World, call: &Call, reference: &str) -> String {
    let Ok(named) = Named::parse(call, reference) else {
        return reference.to_owned();
    };
    let id = match named.what {
        What::Key(id) => id,
        What::Alias(name) => {
            let target = world
                .room(named.account, named.region)
                .and_then(|room| room.aliases.get(name)?.target.as_deref());
            let Some(id) = target else {
                return alias_arn(named.account, named.region, name);
            };
            id
        }
    };
    key_arn(named.account, named.region, id)
}

/// The parts of an alias reference, for an operation that may have to make the key first.
pub(super) fn alias_name<'a>(call: &'a Call, reference: &'a str) -> Option<&'a str> {
    let named = Named::parse(call, reference).ok()?;
    match named.what {
        What::Alias(name) if named.account == call.account && named.region == call.region => {
            Some(name)
        }
        _ => None,
    }
}

struct Named<'a> {
    account: &'a str,
    region: &'a str,
    what: What<'a>,
}

enum What<'a> {
    Key(&'a str),
    Alias(&'a str),
}

impl<'a> Named<'a> {
    fn parse(call: &'a Call, reference: &'a str) -> Result<Self, ApiError> {
        let Some(arn) = reference.strip_prefix("arn:") else {
            let what = if reference.starts_with("alias/") {
                What::Alias(reference)
            } else {
                What::Key(reference)
            };
            return Ok(Self {
                account: &call.account,
                region: &call.region,
                what,
            });
        };
        let invalid = || ApiError::new("InvalidArnException", format!("Invalid arn {reference}"));
        let parts: Vec<_> = arn.splitn(5, ':').collect();
        let [_partition, "kms", region, account, resource] = parts[..] else {
            return Err(invalid());
        };
        let what = match resource.strip_prefix("key/") {
            Some(id) if !id.is_empty() => What::Key(id),
            None if resource.starts_with("alias/") => What::Alias(resource),
            _ => return Err(invalid()),
        };
        Ok(Self {
            account,
            region,
            what,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, base64};

    const NOT_FOUND: &str = "NotFoundException";

    #[tokio::test]
    async fn a_key_is_found_by_id_arn_alias_and_alias_arn() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        bench
            .ask(
                "CreateAlias",
                json!({"AliasName": "alias/a", "TargetKeyId": key}),
            )
            .await;
        let arn = format!("arn:aws:kms:eu-west-1:111111111111:key/{key}");
        let alias_arn = "arn:aws:kms:eu-west-1:111111111111:alias/a";
        for name in [key.as_str(), &arn, "alias/a", alias_arn] {
            assert_eq!(bench.describe(name).await["Arn"], arn);
        }
        // Operations that change a key take no alias.
        assert_eq!(
            bench.code("DisableKey", json!({"KeyId": "alias/a"})).await,
            NOT_FOUND
        );
        assert_eq!(
            bench.code("DisableKey", json!({"KeyId": alias_arn})).await,
            "InvalidArnException"
        );
        for (name, code) in [
            ("alias/b", NOT_FOUND),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", NOT_FOUND),
            (&arn.replace("eu-west-1", "eu-west-2"), NOT_FOUND),
            (
                "arn:aws:s3:eu-west-1:111111111111:key/x",
                "InvalidArnException",
            ),
            ("arn:aws:kms:eu-west-1", "InvalidArnException"),
            ("", "ValidationException"),
        ] {
            assert_eq!(
                bench.code("DescribeKey", json!({ "KeyId": name })).await,
                code,
                "{name}"
            );
        }
    }

    #[tokio::test]
    async fn another_account_needs_the_key_policy() {
        let mut bench = Bench::new();
        let policy = |extra: Value| {
            let root = json!({"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"});
            json!({"Version": "2012-10-17", "Statement": [root, extra]}).to_string()
        };
        let shared = policy(
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": ["kms:DescribeKey", "kms:Encrypt"], "Resource": "*"}),
        );
        let open =
            bench.ask("CreateKey", json!({ "Policy": shared })).await["KeyMetadata"]["Arn"].clone();
        let closed = bench.ask("CreateKey", json!({})).await["KeyMetadata"]["Arn"].clone();
        bench.account = "222222222222";
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": open })).await,
            "ok"
        );
        assert_eq!(
            bench
                .code("Encrypt", json!({"KeyId": open, "Plaintext": base64(b"x")}))
                .await,
            "ok"
        );
        assert_eq!(
            bench
                .code("GetKeyRotationStatus", json!({ "KeyId": open }))
                .await,
            "AccessDeniedException"
        );
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": closed })).await,
            "AccessDeniedException"
        );
        // This one never crosses accounts, whatever the policy says.
        assert_eq!(
            bench
                .code("ListResourceTags", json!({ "KeyId": open }))
                .await,
            "AccessDeniedException"
        );
        assert_eq!(bench.ask("ListKeys", json!({})).await["Keys"], json!([]));
    }

    #[tokio::test]
    async fn the_policy_check_is_told_the_key_behind_every_name() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        bench
            .ask(
                "CreateAlias",
                json!({"AliasName": "alias/a", "TargetKeyId": key}),
            )
            .await;
        let blob = bench
            .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
            .await;
        let arn = format!("arn:aws:kms:eu-west-1:111111111111:key/{key}");
        for (operation, input, expected) in [
            ("DescribeKey", json!({"KeyId": key}), arn.as_str()),
            ("DescribeKey", json!({"KeyId": "alias/a"}), &arn),
            (
                "Decrypt",
                json!({"CiphertextBlob": blob["CiphertextBlob"]}),
                &arn,
            ),
            ("ListKeys", json!({}), "*"),
            ("CreateKey", json!({}), "*"),
            ("ListAliases", json!({"KeyId": key}), "*"),
            (
                "DeleteAlias",
                json!({"AliasName": "alias/a"}),
                "arn:aws:kms:eu-west-1:111111111111:alias/a",
            ),
        ] {
            let permissions =
                bench
                    .kms
                    .permissions_for(&bench.call(), operation, input.as_object().unwrap());
            let asked = vec![(format!("kms:{operation}"), expected.to_owned())];
            assert_eq!(permissions, asked, "{operation} {input}");
        }
    }
}
