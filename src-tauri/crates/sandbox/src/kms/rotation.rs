//! Automatic rotation of native keys, and the list of a key's materials.

use serde_json::{Map, Value, json};
use time::Duration;

use super::consistency::Process;
use super::key::{Key, KeyState, Material, Rotation, RotationType};
use super::list::Page;
use super::parse::{Input, epoch};
use super::refusals::{limit_exceeded, unsupported};
use super::spec::Origin;
use super::world::{KeyAddress, World};
use super::{Kms, binding, due, key_arn_only, nothing, reference};
use crate::api::{ApiError, ApiResult, Call};
use crate::random::Random;

/// On-demand rotations a key can have.
const ON_DEMAND_ROTATIONS_MAX: usize = 25;

/// So close before an automatic rotation there is none on demand.
const BEFORE_AUTOMATIC_ROTATION: Duration = Duration::minutes(20);

/// `GetKeyRotationStatus`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
pub(super) fn get_key_rotation_status(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, "GetKeyRotationStatus", input)?;
    refuse_unless_native_symmetric(&at, key)?;
    let deleting = matches!(
        key.state(),
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    );
    let mut answer = json!({
        "KeyId": at.arn(),
        "KeyRotationEnabled": key.rotation.is_some() && !deleting,
    });
    if let Some(asked) = key.rotation_asked {
        answer["OnDemandRotationStartDate"] = epoch(asked);
    }
    if let Some(rotation) = key.rotation {
        answer["RotationPeriodInDays"] = rotation.period_days.into();
        // Nothing is rotated while the key cannot be used, so there is no date to tell.
        if key.state() == KeyState::Enabled {
            answer["NextRotationDate"] = epoch(rotation.next);
        }
    }
    Ok(answer)
}

/// `EnableKeyRotation`. On a multi-Region key it is set on the primary and shared by the replicas.
pub(super) fn enable_key_rotation(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let period_days = input
        .whole("RotationPeriodInDays", 90, 2560)?
        .unwrap_or(365);
    let next = call.now + Duration::days(i64::from(period_days));
    set_rotation(
        kms,
        call,
        input,
        "EnableKeyRotation",
        Some(Rotation { period_days, next }),
    )
}

/// `DisableKeyRotation`.
pub(super) fn disable_key_rotation(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    set_rotation(kms, call, input, "DisableKeyRotation", None)
}

/// `RotateKeyOnDemand`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html>
pub(super) fn rotate_key_on_demand(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let operation = "RotateKeyOnDemand";
    let mut world = kms.write(call.now);
    let (at, key) = reference::found(&world, call, operation, reference::key_id(input)?)?;
    if !key.spec.is_symmetric_encryption() {
        return Err(wrong_kind(&at));
    }
    if key.place.is_some() {
        return Err(in_custom_key_store(&at));
    }
    let (_, key) = reference::permitted(&world, call, operation, input)?;
    refuse_replica(&world, &at)?;
    let dates = key.materials.iter().filter_map(|material| material.rotated);
    let done = dates
        .filter(|(_, how)| *how == RotationType::OnDemand)
        .count();
    let is_about_to_rotate = key
        .rotation
        .is_some_and(|rotation| rotation.next - call.now <= BEFORE_AUTOMATIC_ROTATION);
    if key.rotation_asked.is_some() || is_about_to_rotate {
        return Err(ApiError::new(
            "ConflictException",
            "A rotation of this key is in progress or about to begin.",
        ));
    }
    if done >= ON_DEMAND_ROTATIONS_MAX {
        return Err(limit_exceeded(format!(
            "The maximum number of on-demand rotations ({ON_DEMAND_ROTATIONS_MAX}) is reached"
        )));
    }
    if key.origin == Origin::External {
        binding::pending_rotation(&world, &at)?;
    }
    if let Some(key) = world.key_mut(&at) {
        key.rotation_asked = Some(call.now);
    }
    match &kms.lag {
        Some(lag) => lag.begin([Process::Rotation(at.clone())]),
        None => carry_out(&mut world, &at, &kms.rng),
    }
    key_arn_only(at.arn())
}

/// The rotation on demand that was asked for takes place; unless the material that was to be current
/// was deleted meanwhile.
pub(super) fn carry_out(world: &mut World, at: &KeyAddress, rng: &Random) {
    let Some(key) = world.key_mut(at) else { return };
    let (Some(asked), origin) = (key.rotation_asked.take(), key.origin) else {
        return;
    };
    let from = key.current_id();
    if origin == Origin::External {
        if let Ok(pending) = binding::pending_rotation(world, at) {
            binding::rotate_imported(world, at, pending, asked);
        }
    } else {
        due::rotate_native(world, at, asked, RotationType::OnDemand, rng);
    }
    if world.key(at).and_then(Key::current_id) != from {
        world.tell_rotation(at, RotationType::OnDemand, from, asked);
    }
}

/// The same for every key.
pub(super) fn carry_out_all(world: &mut World, rng: &Random) {
    for at in world.rotations_asked() {
        carry_out(world, &at, rng);
    }
}

/// `ListKeyRotations`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html>
pub(super) fn list_key_rotations(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let words = ["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"];
    let all = input.choice("IncludeKeyMaterial", &words)? == Some("ALL_KEY_MATERIAL");
    let world = kms.read(call.now);
    let (at, key) = reference::permitted(&world, call, "ListKeyRotations", input)?;
    let page = Page::parse(input, &format!("ListKeyRotations {}", at.arn()), 100, 1000)?;
    if !key.spec.is_symmetric_encryption() {
        return Err(wrong_kind(&at));
    }
    if key.place.is_some() {
        return Err(in_custom_key_store(&at));
    }
    // A material keeps its place in the list, so its number is a marker that stays valid.
    let numbered: Vec<(String, &Material)> = key
        .materials
        .iter()
        .enumerate()
        .filter(|(_, material)| all || material.rotated.is_some())
        .map(|(number, material)| (format!("{number:06}"), material))
        .collect();
    let rest = numbered.iter().filter(|(number, _)| page.is_after(number));
    page.answer(
        "Rotations",
        rest,
        |(number, _)| number,
        |(_, material)| entry(key, material),
    )
}

fn set_rotation(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
    operation: &str,
    rotation: Option<Rotation>,
) -> ApiResult {
    let mut world = kms.write(call.now);
    let (at, key) = reference::found(&world, call, operation, reference::key_id(input)?)?;
    // The kind of key is judged before its state: it can never be mended.
    refuse_unless_native_symmetric(&at, key)?;
    let (at, _) = reference::permitted(&world, call, operation, input)?;
    refuse_replica(&world, &at)?;
    for address in world.replicas(&at).into_iter().chain([at]) {
        if let Some(key) = world.key_mut(&address) {
            key.rotation = rotation;
        }
        world.watch(&address);
    }
    nothing()
}

fn refuse_unless_native_symmetric(at: &KeyAddress, key: &Key) -> Result<(), ApiError> {
    if key.origin == Origin::External {
        return Err(unsupported(format!(
            "{} origin is EXTERNAL which is not valid for this operation.",
            at.arn()
        )));
    }
    if !key.spec.is_symmetric_encryption() {
        return Err(wrong_kind(at));
    }
    if key.place.is_some() {
        return Err(in_custom_key_store(at));
    }
    Ok(())
}

/// What concerns all keys of a multi-Region key is asked of the primary key.
fn refuse_replica(world: &World, at: &KeyAddress) -> Result<(), ApiError> {
    if binding::is_primary(world, at) {
        return Ok(());
    }
    Err(unsupported(format!(
        "{} is a multi-Region replica key.",
        at.arn()
    )))
}

fn in_custom_key_store(at: &KeyAddress) -> ApiError {
    unsupported(format!("{} is in a custom key store.", at.arn()))
}

fn wrong_kind(at: &KeyAddress) -> ApiError {
    unsupported(format!("{} is not a symmetric encryption key.", at.arn()))
}

fn entry(key: &Key, material: &Material) -> Value {
    let mut entry = Map::new();
    let mut put = |name: &str, value: Value| entry.insert(name.to_owned(), value);
    put("KeyId", (&*key.id).into());
    put("KeyMaterialId", material.id.hex().into());
    put("KeyMaterialState", material.role.word().into());
    if let Some((date, how)) = material.rotated {
        put("RotationDate", epoch(date));
        put("RotationType", how.word().into());
    }
    if key.origin == Origin::External {
        let imported = material.secret.is_some();
        put(
            "ImportState",
            if imported {
                "IMPORTED"
            } else {
                "PENDING_IMPORT"
            }
            .into(),
        );
        if let Some(description) = &material.description {
            put("KeyMaterialDescription", (&**description).into());
        }
        match material.valid_to.filter(|_| imported) {
            Some(end) => {
                put("ExpirationModel", "KEY_MATERIAL_EXPIRES".into());
                put("ValidTo", epoch(end));
            }
            None if imported => {
                put("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE".into());
            }
            None => {}
        }
    }
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;
    use super::*;

    #[tokio::test]
    async fn no_rotation_on_demand_shortly_before_an_automatic_one() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        let id = || json!({ "KeyId": key });
        let enable = json!({"KeyId": key, "RotationPeriodInDays": 90});
        bench.ask("EnableKeyRotation", enable).await;
        bench.now += Duration::days(90) - Duration::minutes(21);
        assert_eq!(bench.code("RotateKeyOnDemand", id()).await, "ok");
        bench.now += Duration::minutes(1);
        assert_eq!(
            bench.code("RotateKeyOnDemand", id()).await,
            "ConflictException"
        );
        bench.now += Duration::minutes(20);
        assert_eq!(bench.code("RotateKeyOnDemand", id()).await, "ok");
        let listed = bench.ask("ListKeyRotations", id()).await["Rotations"].clone();
        let kinds: Vec<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["RotationType"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["ON_DEMAND", "AUTOMATIC", "ON_DEMAND"]);
    }

    #[tokio::test]
    async fn twenty_five_rotations_on_demand_and_no_more() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        for _ in 0..ON_DEMAND_ROTATIONS_MAX {
            bench
                .ask("RotateKeyOnDemand", json!({ "KeyId": key }))
                .await;
        }
        assert_eq!(
            bench
                .code("RotateKeyOnDemand", json!({ "KeyId": key }))
                .await,
            "LimitExceededException"
        );
    }
}
