//! `DescribeKey` and the `KeyMetadata` that other operations answer too.

use serde_json::{Map, Value, json};

use super::key::{Deletion, Key, KeyState, Owner};
use super::parse::{Input, epoch};
use super::spec::{self, Origin};
use super::world::{KeyAddress, World, key_arn};
use super::{Kms, aliases, custom_key_stores, reference};
use crate::api::{ApiResult, Call};

/// `DescribeKey`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>
pub(super) fn describe_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let reference = reference::key_id(input)?;
    // Describing a predefined alias that no service has used yet makes its AWS managed key.
    if let Some(name) = reference::alias_name(call, reference) {
        aliases::make_aws_managed_key(kms, call, name);
    }
    let world = kms.read(call.now);
    let (at, _) = reference::permitted(&world, call, "DescribeKey", input)?;
    Ok(json!({ "KeyMetadata": metadata(&world, &at) }))
}

/// All that AWS tells about a key.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
pub(super) fn metadata(world: &World, at: &KeyAddress) -> Value {
    let Some(key) = world.key(at) else {
        return Value::Null;
    };
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    let state = key.state();
    put("AWSAccountId", (&*at.account).into());
    put("KeyId", (&*at.id).into());
    put("Arn", at.arn().into());
    put("CreationDate", epoch(key.created));
    put("Enabled", (state == KeyState::Enabled).into());
    put("Description", (&*key.description).into());
    put("KeyUsage", key.usage.word().into());
    put("KeyState", state.word().into());
    put("Origin", key.origin.word().into());
    put(
        "KeyManager",
        if key.owner == Owner::Aws {
            "AWS"
        } else {
            "CUSTOMER"
        }
        .into(),
    );
    if let Some(word) = key.spec.older_word() {
        put("CustomerMasterKeySpec", word.into());
    }
    put("KeySpec", key.spec.word().into());
    let (member, words) = spec::algorithms(key.spec, key.usage);
    put(member, words.into());
    match key.deletion {
        Some(Deletion::At(date)) => {
            put("DeletionDate", epoch(date));
        }
        Some(Deletion::AfterReplicas { window_days }) => {
            put("PendingDeletionWindowInDays", window_days.into());
        }
        None => {}
    }
    if key.origin == Origin::External && key.has_any_material() {
        match key.valid_to() {
            Some(end) => {
                put("ExpirationModel", "KEY_MATERIAL_EXPIRES".into());
                put("ValidTo", epoch(end));
            }
            None => {
                put("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE".into());
            }
        }
    }
    if let Some(place) = &key.place {
        let room = world.room(&at.account, &at.region);
        for (member, value) in custom_key_stores::describe_place(room, place) {
            put(member, value);
        }
    }
    let tells_material = key.spec.is_symmetric_encryption() && key.place.is_none();
    if let Some(material) = key.current().filter(|_| tells_material) {
        put("CurrentKeyMaterialId", material.id.hex().into());
    }
    put("MultiRegion", key.multi_region.into());
    if let Some(configuration) = multi_region_configuration(world, at, key) {
        put("MultiRegionConfiguration", configuration);
    }
    Value::Object(out)
}

fn multi_region_configuration(world: &World, at: &KeyAddress, key: &Key) -> Option<Value> {
    let family = world.family(at).filter(|_| key.multi_region)?;
    let member =
        |region: &str| json!({ "Arn": key_arn(&at.account, region, &at.id), "Region": region });
    let is_primary = family.primary == at.region;
    let replicas: Vec<_> = family
        .replicas
        .iter()
        .map(|region| member(region))
        .collect();
    Some(json!({
        "MultiRegionKeyType": if is_primary { "PRIMARY" } else { "REPLICA" },
        "PrimaryKey": member(&family.primary),
        "ReplicaKeys": replicas,
    }))
}
