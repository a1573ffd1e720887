//! `CreateKey`.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::custom_key_stores::{OfKey, place_for};
use super::key::{Key, Material, MaterialId, Owner, Role, Secret};
use super::key_policy::KeyPolicy;
use super::pairs::LazyPair;
use super::parse::Input;
use super::refusals::{limit_exceeded, unsupported, validation};
use super::spec::{KeySpec, KeyUsage, Origin};
use super::world::World;
use super::{Kms, describe, policy, tags, wrapping_keys};
use crate::api::{ApiError, ApiResult, Call};
use crate::random::Random;

/// The keys that an account can have in a region.
const KEYS_MAX: usize = 100_000;

/// `CreateKey`.
pub(super) fn create_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let (spec, usage, origin, of_store) = kind(input)?;
    let multi_region = input.flag("MultiRegion")?;
    if let Some(asked) = of_store {
        asked.refuse_unless_plain(spec.is_symmetric_encryption(), multi_region)?;
    }
    let description = input.text("Description", 0, 8192)?.unwrap_or_default();
    let tags = tags::parse(input)?.unwrap_or_default();
    let policy = policy::parse(kms, call, input)?;

    let mut world = kms.write(call.now);
    refuse_full_room(kms, &world, &call.account, &call.region)?;
    let place = of_store
        .map(|asked| place_for(kms, &world, call, asked))
        .transpose()?;
    let policy = policy.unwrap_or_else(|| world.default_policy(&call.account, &call.region));
    let id = make_key_id(&kms.rng, multi_region);
    let mut key = blank(&id, call.now, spec, usage, origin, policy);
    key.description = description.into();
    key.tags = tags;
    key.place = place;
    // For keys of custom key stores, too, the sandbox has the bytes: nobody can see where they are.
    if origin == Origin::External {
        wrapping_keys::prepare();
    } else {
        make_native_material(&mut key, &call.region, &kms.rng);
    }
    let at = world.add(&call.account, &call.region, key);
    if multi_region {
        world.family_mut(&at);
    }
    Ok(json!({ "KeyMetadata": describe::metadata(&world, &at) }))
}

/// AWS's resource quota of keys; kept by the strict only, so that a seed may be larger.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
pub(super) fn refuse_full_room(
    kms: &Kms,
    world: &World,
    account: &str,
    region: &str,
) -> Result<(), ApiError> {
    let count = world
        .room(account, region)
        .map_or(0, |room| room.keys.len());
    if kms.strict && count >= KEYS_MAX {
        return Err(limit_exceeded(format!(
            "The account has the maximum number of keys ({KEYS_MAX}) in {region}."
        )));
    }
    Ok(())
}

/// A key without material, tags or aliases. A multi-Region key is one whose id says so.
pub(crate) fn blank(
    id: &str,
    created: OffsetDateTime,
    spec: KeySpec,
    usage: KeyUsage,
    origin: Origin,
    policy: Arc<KeyPolicy>,
) -> Key {
    Key {
        id: id.into(),
        created,
        description: Box::default(),
        spec,
        usage,
        origin,
        owner: Owner::Customer,
        multi_region: id.starts_with("mrk-"),
        policy,
        grants: BTreeMap::new(),
        tags: BTreeMap::new(),
        aliases: BTreeSet::new(),
        disabled: false,
        deletion: None,
        rotation: None,
        place: None,
        materials: Vec::new(),
        unavailable: false,
        transition: None,
        rotation_asked: None,
        last_use: None,
    }
}

/// Gives a key the material that KMS makes itself; a key pair only when it is first needed.
pub(crate) fn make_native_material(key: &mut Key, region: &str, rng: &Random) {
    let (id, secret) = match key.spec.material_length(region) {
        Some(length) => {
            let mut bytes = Zeroizing::new(vec![0; length]);
            rng.fill(&mut bytes);
            (MaterialId::derive(&key.id, &bytes), Secret::raw(bytes))
        }
        // Nothing shows the material id of an asymmetric key, so it need not wait for the pair.
        None => (
            MaterialId::derive(&key.id, &rng.bytes::<16>()),
            Secret::Pair(Arc::new(LazyPair::native(key.spec))),
        ),
    };
    key.materials.push(Material {
        id,
        secret: Some(secret),
        role: Role::Current,
        description: None,
        valid_to: None,
        rotated: None,
    });
}

/// A new key id: a UUID, or `mrk-` and its 32 digits.
pub(crate) fn make_key_id(rng: &Random, multi_region: bool) -> String {
    let uuid = rng.uuid();
    if multi_region {
        format!("mrk-{}", uuid.replace('-', ""))
    } else {
        uuid
    }
}

type Kind<'a> = (KeySpec, KeyUsage, Origin, Option<OfKey<'a>>);

fn kind(input: Input<'_>) -> Result<Kind<'_>, ApiError> {
    if input.has("KeySpec") && input.has("CustomerMasterKeySpec") {
        return Err(validation(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated.",
        ));
    }
    let word = match input.text("KeySpec", 0, usize::MAX)? {
        Some(word) => word,
        None => input
            .text("CustomerMasterKeySpec", 0, usize::MAX)?
            .unwrap_or(KeySpec::SymmetricDefault.word()),
    };
    let spec = KeySpec::parse(word)?;
    let usage = KeyUsage::of_new_key(spec, input.choice("KeyUsage", &KeyUsage::WORDS)?)?;
    let origin = input.text("Origin", 0, usize::MAX)?;
    let origin = origin.map_or(Origin::AwsKms, Origin::of);
    let of_store = OfKey::read(input, origin.word())?;
    if origin == Origin::External && !spec.is_importable() {
        return Err(unsupported(format!(
            "KeySpec {} does not support imported key material.",
            spec.word()
        )));
    }
    Ok((spec, usage, origin, of_store))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::{Bench, NOW};
    use super::*;

    #[tokio::test]
    async fn a_region_takes_a_hundred_thousand_keys_from_the_strict() {
        let mut bench = Bench::new();
        bench.kms.plant(|world| {
            for number in 0..KEYS_MAX {
                let (spec, usage) = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
                let id = number.to_string();
                let key = blank(
                    &id,
                    NOW,
                    spec,
                    usage,
                    Origin::External,
                    KeyPolicy::new("{}"),
                );
                world.add(bench.account, bench.region, key);
            }
        });
        assert_eq!(bench.code("CreateKey", json!({})).await, "ok");
        bench.kms = bench.kms.behaving(crate::kms::Manner {
            strict: true,
            ..Default::default()
        });
        assert_eq!(
            bench.code("CreateKey", json!({})).await,
            "LimitExceededException"
        );
        bench.region = "us-west-2";
        assert_eq!(bench.code("CreateKey", json!({})).await, "ok");
    }

    #[tokio::test]
    async fn metadata_tells_what_was_asked_for() {
        let bench = Bench::new();
        let input = json!({
            "Description": "d", "MultiRegion": true, "KeySpec": "RSA_3072", "KeyUsage": "ENCRYPT_DECRYPT",
            "Tags": [{"TagKey": "a", "TagValue": "b"}],
        });
        let key = bench.ask("CreateKey", input).await["KeyMetadata"].clone();
        let id = key["KeyId"].as_str().unwrap();
        assert!(id.starts_with("mrk-") && id.len() == 36, "{id}");
        assert_eq!(key, bench.describe(id).await);
        for (member, expected) in [
            ("AWSAccountId", json!("111111111111")),
            ("Enabled", json!(true)),
            ("KeySpec", json!("RSA_3072")),
            ("CustomerMasterKeySpec", json!("RSA_3072")),
            (
                "EncryptionAlgorithms",
                json!(["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
            ),
            ("Origin", json!("AWS_KMS")),
            ("MultiRegion", json!(true)),
            ("CreationDate", json!(1_773_480_413.589_f64)),
        ] {
            assert_eq!(key[member], expected, "{member}");
        }
        let family = &key["MultiRegionConfiguration"];
        assert_eq!(family["MultiRegionKeyType"], "PRIMARY");
        assert_eq!(
            family["PrimaryKey"],
            json!({"Arn": key["Arn"], "Region": "eu-west-1"})
        );
        assert_eq!(family["ReplicaKeys"], json!([]));
        let external = bench.describe(&bench.external().await).await;
        assert_eq!(external["KeyState"], "PendingImport");
        for absent in [
            "ExpirationModel",
            "ValidTo",
            "CurrentKeyMaterialId",
            "MultiRegionConfiguration",
        ] {
            assert_eq!(external.get(absent), None, "{absent}");
        }
    }

    #[tokio::test]
    async fn requests_that_aws_refuses_are_refused() {
        let bench = Bench::new();
        let other = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "kms:*", "Resource": "*"}]}).to_string();
        let long = format!("{{\"Statement\":[],\"Id\":\"{}\"}}", "x".repeat(33_000));
        let cases: [(Value, &str); 13] = [
            (json!({"KeySpec": "AES_256"}), "ValidationException"),
            (json!({"KeySpec": "RSA_2048"}), "ValidationException"),
            (
                json!({"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048"}),
                "ValidationException",
            ),
            (
                json!({"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}),
                "ValidationException",
            ),
            (json!({"KeyUsage": "SIGN"}), "ValidationException"),
            (json!({"Origin": "MOON"}), "ValidationException"),
            (
                json!({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1"}),
                "CustomKeyStoreNotFoundException",
            ),
            (
                json!({"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY", "Origin": "EXTERNAL"}),
                "UnsupportedOperationException",
            ),
            (
                json!({"Description": "x".repeat(8193)}),
                "ValidationException",
            ),
            (json!({"Policy": "{"}), "MalformedPolicyDocumentException"),
            (json!({"Policy": other}), "MalformedPolicyDocumentException"),
            (json!({"Policy": long}), "LimitExceededException"),
            (
                json!({"Policy": other, "BypassPolicyLockoutSafetyCheck": true}),
                "ok",
            ),
        ];
        for (input, code) in cases {
            assert_eq!(
                bench.code("CreateKey", input.clone()).await,
                code,
                "{input}"
            );
        }
        assert_eq!(
            bench.code("MakeCoffee", json!({})).await,
            "UnknownOperationException"
        );
    }

    #[tokio::test]
    async fn a_policy_comes_back_as_it_was_put() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let default = bench.ask("GetKeyPolicy", json!({ "KeyId": key })).await;
        assert!(
            default["Policy"]
                .as_str()
                .unwrap()
                .contains("arn:aws:iam::111111111111:root")
        );
        let text = default["Policy"]
            .as_str()
            .unwrap()
            .replace("Enable IAM", "Enable  IAM");
        bench
            .ask("PutKeyPolicy", json!({"KeyId": key, "Policy": text}))
            .await;
        let named = json!({"KeyId": key, "PolicyName": "default"});
        assert_eq!(bench.ask("GetKeyPolicy", named).await["Policy"], text);
        let other = json!({"KeyId": key, "PolicyName": "other"});
        assert_eq!(bench.code("GetKeyPolicy", other).await, "NotFoundException");
        let names = bench.ask("ListKeyPolicies", json!({ "KeyId": key })).await;
        assert_eq!(names["PolicyNames"], json!(["default"]));
    }
}
