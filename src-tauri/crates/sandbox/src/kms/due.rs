//! What happens by itself when the clock passes a date: expiry, rotation, deletion.
//!
//! Nothing runs in the background. Every access first settles what has become due, in order of the
//! dates, so that a clock moved by years leaves the same world as one that crept there.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::consistency::Process;
use super::custom_key_stores;
use super::key::{Deletion, Key, KeyState, Material, MaterialId, Role, RotationType, Secret};
use super::spec::KeySpec;
use super::world::{KeyAddress, World};
use super::{binding, rotation};
use crate::random::Random;

/// Whether [`settle`] would do anything; cheap, for the read path.
pub(super) fn is_due(world: &World, now: OffsetDateTime) -> bool {
    world.due.first().is_some_and(|(moment, _)| *moment <= now)
        || custom_key_stores::is_due(world, now)
}

/// Lets everything happen that was due at or before `now`.
pub(super) fn settle(world: &mut World, now: OffsetDateTime, rng: &Random) {
    custom_key_stores::settle(world, now);
    while is_due(world, now) {
        let Some((moment, address)) = world.due.pop_first() else {
            return;
        };
        settle_key(world, &address, moment, rng);
    }
}

/// What AWS does after it has answered is done.
pub(super) fn complete(world: &mut World, process: &Process, rng: &Random) {
    match process {
        Process::Transition(at) => {
            if let Some(key) = world.key_mut(at) {
                key.transition = None;
            }
            world.watch(at);
        }
        Process::Rotation(at) => rotation::carry_out(world, at, rng),
    }
}

/// Adds material to a native symmetric key and makes it current, here and in all replicas.
pub(super) fn rotate_native(
    world: &mut World,
    at: &KeyAddress,
    when: OffsetDateTime,
    how: RotationType,
    rng: &Random,
) {
    let length = KeySpec::SymmetricDefault.material_length(&at.region);
    let mut bytes = Zeroizing::new(vec![0; length.unwrap_or_default()]);
    rng.fill(&mut bytes);
    let id = MaterialId::derive(&at.id, &bytes);
    let secret = Secret::raw(bytes);
    for address in world.replicas(at).into_iter().chain([at.clone()]) {
        let Some(key) = world.key_mut(&address) else {
            continue;
        };
        for material in &mut key.materials {
            material.role = Role::NonCurrent;
        }
        key.materials.push(Material {
            id,
            secret: Some(secret.clone()),
            role: Role::Current,
            description: None,
            valid_to: None,
            rotated: Some((when, how)),
        });
    }
}

fn settle_key(world: &mut World, at: &KeyAddress, moment: OffsetDateTime, rng: &Random) {
    let Some(key) = world.key_mut(at) else { return };
    if matches!(key.deletion, Some(Deletion::At(date)) if date <= moment) {
        remove_key(world, at, moment);
        return;
    }
    let is_over = |material: &&Material| material.valid_to.is_some_and(|end| end <= moment);
    let over: Vec<_> = key
        .materials
        .iter()
        .filter(is_over)
        .map(|material| (material.id, material.role))
        .collect();
    for (id, role) in over {
        world.tell_expiry(at, id, moment);
        binding::forget(world, at, id, role);
    }
    let Some(key) = world.key_mut(at) else { return };
    let enabled = key.state() == KeyState::Enabled;
    let rotation = key.rotation.filter(|_| enabled);
    // The primary key rotates for all; a replica only shows the schedule.
    if let Some(rotation) = rotation.filter(|rotation| rotation.next <= moment)
        && binding::is_primary(world, at)
    {
        let next = rotation.next + Duration::days(i64::from(rotation.period_days));
        for address in binding::family_of(world, at) {
            let rotation = world
                .key_mut(&address)
                .and_then(|key| key.rotation.as_mut());
            if let Some(rotation) = rotation {
                rotation.next = next;
            }
        }
        let from = world.key(at).and_then(Key::current_id);
        rotate_native(world, at, moment, RotationType::Automatic, rng);
        world.tell_rotation(at, RotationType::Automatic, from, moment);
    }
    world.watch(at);
}

/// The key, its material and its aliases are gone for good.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html>
fn remove_key(world: &mut World, at: &KeyAddress, moment: OffsetDateTime) {
    let room = world.room_mut(&at.account, &at.region);
    let Some(key) = room.keys.remove(&at.id) else {
        return;
    };
    for alias in &key.aliases {
        room.aliases.remove(alias);
    }
    world.tell_deletion(at, moment);
    if !key.multi_region {
        return;
    }
    let family = world.family_mut(at);
    family.replicas.remove(&at.region);
    let primary = KeyAddress {
        region: Arc::clone(&family.primary),
        ..at.clone()
    };
    if primary.region == at.region {
        world.remove_family(at);
        return;
    }
    let was_last = family.replicas.is_empty();
    // Pending material may have waited for this replica only.
    binding::settle_pending(world, &primary);
    if !was_last {
        return;
    }
    // The last replica is gone: the waiting period of its primary key starts now.
    if let Some(key) = world.key_mut(&primary)
        && let Some(Deletion::AfterReplicas { window_days }) = key.deletion
    {
        key.deletion = Some(Deletion::At(
            moment + Duration::days(i64::from(window_days)),
        ));
        world.watch(&primary);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{Bench, base64};

    #[tokio::test]
    async fn a_key_is_gone_with_its_aliases_when_its_waiting_period_ends() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        bench
            .ask(
                "CreateAlias",
                json!({"AliasName": "alias/a", "TargetKeyId": key}),
            )
            .await;
        let days = json!({"KeyId": key, "PendingWindowInDays": 7});
        let answer = bench.ask("ScheduleKeyDeletion", days).await;
        assert_eq!(
            answer["DeletionDate"],
            bench.describe(&key).await["DeletionDate"]
        );
        bench.days_pass(6);
        assert_eq!(bench.state(&key).await, "PendingDeletion");
        bench.days_pass(1);
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            "NotFoundException"
        );
        assert_eq!(bench.ask("ListKeys", json!({})).await["Keys"], json!([]));
        assert_eq!(
            bench.ask("ListAliases", json!({})).await["Aliases"],
            json!([])
        );
    }

    #[tokio::test]
    async fn a_cancelled_deletion_does_not_come_back() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        for days in [6, 31, 0] {
            let input = json!({"KeyId": key, "PendingWindowInDays": days});
            assert_eq!(
                bench.code("ScheduleKeyDeletion", input).await,
                "ValidationException"
            );
        }
        bench
            .ask("ScheduleKeyDeletion", json!({ "KeyId": key }))
            .await;
        bench
            .ask("CancelKeyDeletion", json!({ "KeyId": key }))
            .await;
        assert_eq!(bench.state(&key).await, "Disabled");
        bench.days_pass(60);
        assert_eq!(bench.state(&key).await, "Disabled");
    }

    #[tokio::test]
    async fn a_primary_key_waits_for_its_last_replica() {
        let mut bench = Bench::new();
        let key = bench.create(json!({ "MultiRegion": true })).await;
        bench
            .ask(
                "ReplicateKey",
                json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
            )
            .await;
        let input = json!({"KeyId": key, "PendingWindowInDays": 10});
        let answer = bench.ask("ScheduleKeyDeletion", input).await;
        assert_eq!(answer["KeyState"], "PendingReplicaDeletion");
        assert_eq!(
            bench.describe(&key).await["PendingDeletionWindowInDays"],
            10
        );
        bench.days_pass(30);
        assert_eq!(bench.state(&key).await, "PendingReplicaDeletion");
        bench.region = "us-west-2";
        let input = json!({"KeyId": key, "PendingWindowInDays": 7});
        bench.ask("ScheduleKeyDeletion", input).await;
        bench.days_pass(8);
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            "NotFoundException"
        );
        bench.region = "eu-west-1";
        assert_eq!(bench.state(&key).await, "PendingDeletion");
        bench.days_pass(10);
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            "NotFoundException"
        );
    }

    #[tokio::test]
    async fn native_keys_rotate_on_schedule_also_when_the_clock_jumps() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        let blob = bench
            .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
            .await;
        let first = bench.describe(&key).await["CurrentKeyMaterialId"].clone();
        for days in [89, 2561] {
            let input = json!({"KeyId": key, "RotationPeriodInDays": days});
            assert_eq!(
                bench.code("EnableKeyRotation", input).await,
                "ValidationException"
            );
        }
        bench
            .ask(
                "EnableKeyRotation",
                json!({"KeyId": key, "RotationPeriodInDays": 90}),
            )
            .await;
        bench.days_pass(200);
        let rotations = bench.ask("ListKeyRotations", json!({ "KeyId": key })).await;
        assert_eq!(rotations["Rotations"].as_array().unwrap().len(), 2);
        assert_eq!(rotations["Rotations"][0]["RotationType"], "AUTOMATIC");
        assert_ne!(bench.describe(&key).await["CurrentKeyMaterialId"], first);
        let blob = json!({ "CiphertextBlob": blob["CiphertextBlob"] });
        assert_eq!(bench.ask("Decrypt", blob).await["KeyMaterialId"], first);
        bench
            .ask("DisableKeyRotation", json!({ "KeyId": key }))
            .await;
        bench.days_pass(1000);
        let rotations = bench.ask("ListKeyRotations", json!({ "KeyId": key })).await;
        assert_eq!(rotations["Rotations"].as_array().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_replica_shows_the_schedule_of_its_primary() {
        let mut bench = Bench::new();
        let key = bench.create(json!({ "MultiRegion": true })).await;
        let id = || json!({ "KeyId": key });
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        bench.ask("ReplicateKey", replicate).await;
        let enable = json!({"KeyId": key, "RotationPeriodInDays": 90});
        bench.ask("EnableKeyRotation", enable).await;
        let next = async |bench: &mut Bench| {
            let mut seen = Vec::new();
            for region in ["eu-west-1", "us-west-2"] {
                bench.region = region;
                let status = bench.ask("GetKeyRotationStatus", id()).await;
                seen.push(status["NextRotationDate"].as_f64().unwrap());
            }
            bench.region = "eu-west-1";
            assert_eq!(seen[0], seen[1]);
            seen[0]
        };
        let first = next(&mut bench).await;
        bench.days_pass(91);
        let second = next(&mut bench).await;
        assert_eq!(second - first, 90.0 * 86_400.0);
        // The primary sleeps over the date; both count from its awakening.
        bench.ask("DisableKey", id()).await;
        bench.days_pass(100);
        bench.ask("EnableKey", id()).await;
        assert_eq!(next(&mut bench).await - second, 101.0 * 86_400.0);
        // The new primary rotates from now on.
        let update = json!({"KeyId": key, "PrimaryRegion": "us-west-2"});
        bench.ask("UpdatePrimaryRegion", update).await;
        bench.days_pass(90);
        next(&mut bench).await;
        let listed = bench.ask("ListKeyRotations", id()).await["Rotations"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 3);
    }
}
