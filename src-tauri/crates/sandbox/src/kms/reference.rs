//! From the ways in which a request names a key (id, ARN, alias, alias ARN) to the key.

use super::access;
use super::key::Key;
use super::parse::Input;
use super::refusals::{access_denied, not_found};
use super::state;
use super::world::{KeyAddress, World, alias_arn, key_arn};
use crate::api::{ApiError, Call};
use crate::regions::Partition;

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
    state::permit(operation, key, &at.arn())?;
    Ok((at, key))
}

/// The key that `reference` names, whatever its state. Whether the caller may was asked before
/// (`access`).
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
    if named.account != call.account && !access::crosses_accounts(operation) {
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
    found.ok_or_else(|| {
        let arn = key_arn(named.account, named.region, id);
        not_found(format!("Key '{arn}' does not exist"))
    })
}

/// The key that `reference` names, where the question is not whether that is well said.
pub(super) fn look<'w>(
    world: &'w World,
    call: &Call,
    reference: &str,
) -> Option<(KeyAddress, &'w Key)> {
    let named = Named::parse(call, reference).ok()?;
    let room = world.room(named.account, named.region)?;
    let id = match named.what {
        What::Key(id) => id,
        What::Alias(name) => room.aliases.get(name)?.target.as_deref()?,
    };
    let at = world.address(named.account, named.region, id)?;
    Some((at, room.keys.get(id)?))
}

/// What comes closest to the ARN of what `reference` names, if that is no key.
pub(super) fn closest_arn(call: &Call, reference: &str) -> String {
    match Named::parse(call, reference) {
        Err(_) => reference.to_owned(),
        Ok(named) => match named.what {
            What::Key(id) => key_arn(named.account, named.region, id),
            What::Alias(name) => alias_arn(named.account, named.region, name),
        },
    }
}

/// The name of the alias in a reference that is an alias.
pub(super) fn alias_in(reference: &str) -> Option<&str> {
    let name = match reference.strip_prefix("arn:") {
        Some(arn) => arn.splitn(5, ':').nth(4)?,
        None => reference,
    };
    name.starts_with("alias/").then_some(name)
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
        let [partition, "kms", region, account, resource] = parts[..] else {
            return Err(invalid());
        };
        if partition != Partition::of(region).word() {
            return Err(invalid());
        }
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
            (
                &arn.replace("arn:aws:", "arn:aws-cn:"),
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
    async fn the_policies_are_asked_about_the_key_behind_every_name() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        let other = bench.create(json!({})).await;
        for (name, target) in [("alias/a", &key), ("alias/b", &other)] {
            let input = json!({"AliasName": name, "TargetKeyId": target});
            bench.ask("CreateAlias", input).await;
        }
        let seal = |key: &str| json!({"KeyId": key, "Plaintext": base64(b"x")});
        let blob = bench.ask("Encrypt", seal(&key)).await["CiphertextBlob"].clone();
        let elsewhere = bench.ask("Encrypt", seal(&other)).await["CiphertextBlob"].clone();
        let arn = |key: &str| format!("arn:aws:kms:eu-west-1:111111111111:key/{key}");
        let own = arn(&key);
        let alias = "arn:aws:kms:eu-west-1:111111111111:alias/*";
        bench.act_as(
            "anna",
            &[&format!(
                r#"{{"Effect":"Allow","Action":"kms:*","Resource":["{own}","{alias}"]}}"#
            )],
        );
        let to = |key: &str| json!({"AliasName": "alias/a", "TargetKeyId": key});
        let denied = "AccessDeniedException";
        for (operation, input, code) in [
            ("DescribeKey", json!({"KeyId": key}), "ok"),
            ("DescribeKey", json!({"KeyId": own}), "ok"),
            ("DescribeKey", json!({"KeyId": "alias/a"}), "ok"),
            ("DescribeKey", json!({"KeyId": other}), denied),
            ("DescribeKey", json!({"KeyId": "alias/b"}), denied),
            ("Decrypt", json!({"CiphertextBlob": blob}), "ok"),
            ("Decrypt", json!({"CiphertextBlob": elsewhere}), denied),
            ("ListKeys", json!({}), denied),
            ("CreateKey", json!({}), denied),
            ("ListAliases", json!({"KeyId": key}), denied),
            ("UpdateAlias", to(&key), "ok"),
            ("UpdateAlias", to(&other), denied),
            ("DeleteAlias", json!({"AliasName": "alias/b"}), denied),
            ("DeleteAlias", json!({"AliasName": "alias/a"}), "ok"),
            ("CreateAlias", to(&other), denied),
            ("CreateAlias", to(&key), "ok"),
        ] {
            let asked = bench.code(operation, input.clone()).await;
            assert_eq!(asked, code, "{operation} {input}");
        }
    }
}
