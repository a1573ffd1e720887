//! `ReplicateKey` and `UpdatePrimaryRegion`.

use std::sync::Arc;

use serde_json::json;

use super::create::{blank, refuse_full_room};
use super::key::{Material, Transition};
use super::parse::Input;
use super::refusals::{constraint, not_found, unsupported};
use super::spec::Origin;
use super::world::KeyAddress;
use super::{Kms, binding, describe, nothing, policy, reference, state, tags, wrapping_keys};
use crate::api::{ApiError, ApiResult, Call};
use crate::regions::{self, Partition};

/// `ReplicateKey`. Native material is shared; imported material has to be imported again.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html>
pub(super) fn replicate_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let region = input.required_text("ReplicaRegion", 1, 32)?;
    let description = input.text("Description", 0, 8192)?.unwrap_or_default();
    let tags = tags::parse(input)?.unwrap_or_default();
    let policy = policy::parse(kms, call, input)?;

    let mut world = kms.write(call.now);
    let (at, original) = reference::found(&world, call, "ReplicateKey", reference::key_id(input)?)?;
    let arn = at.arn();
    let Some(family) = world.family(&at).filter(|_| original.multi_region) else {
        return Err(unsupported(format!("{arn} is not a multi-Region key.")));
    };
    if family.primary != at.region {
        return Err(unsupported(format!(
            "{arn} is not a multi-Region primary key."
        )));
    }
    if !regions::exists(region) || Partition::of(region) != Partition::of(&at.region) {
        let rule = "Member must be a Region of the same partition";
        return Err(constraint(region, "replicaRegion", rule));
    }
    let (_, original) = reference::permitted(&world, call, "ReplicateKey", input)?;
    if family.primary.as_ref() == region || family.replicas.contains(region) {
        return Err(ApiError::new(
            "AlreadyExistsException",
            format!("A multi-Region key {} already exists in {region}.", at.id),
        ));
    }
    refuse_full_room(kms, &world, &at.account, region)?;
    let mut replica = blank(
        &original.id,
        call.now,
        original.spec,
        original.usage,
        original.origin,
        Arc::clone(&original.policy),
    );
    replica.description = description.into();
    replica.tags = tags;
    replica.rotation = original.rotation;
    let is_native = original.origin == Origin::AwsKms;
    replica.materials = original
        .materials
        .iter()
        .map(|material| Material {
            secret: material.secret.clone().filter(|_| is_native),
            valid_to: None,
            description: material.description.clone(),
            ..*material
        })
        .collect();
    if !is_native {
        wrapping_keys::prepare();
    }
    replica.policy = policy.unwrap_or_else(|| world.default_policy(&call.account, &call.region));
    let answer_policy = Arc::clone(&replica.policy);
    let answer_tags = tags::render(&replica.tags);
    world.add(&call.account, region, replica);
    world.family_mut(&at).replicas.insert(region.into());
    binding::settle_pending(&mut world, &at);
    let made = KeyAddress {
        region: region.into(),
        ..at
    };
    kms.begin_transition(
        &mut world,
        Transition::Creating,
        std::slice::from_ref(&made),
    );
    let mut metadata = describe::metadata(&world, &made);
    // The answer still says `Creating`, also where the process is complete when it arrives.
    metadata["KeyState"] = "Creating".into();
    metadata["Enabled"] = false.into();
    Ok(json!({
        "ReplicaKeyMetadata": metadata,
        "ReplicaPolicy": answer_policy.text(),
        "ReplicaTags": answer_tags,
    }))
}

/// `UpdatePrimaryRegion`. AWS takes some seconds, in which both keys are `Updating`; without eventual
/// consistency the process is complete when the answer arrives. Both have to be `Enabled` before:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-update.html>.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html>
pub(super) fn update_primary_region(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    const OPERATION: &str = "UpdatePrimaryRegion";
    let region = input.required_text("PrimaryRegion", 1, 32)?;
    let mut world = kms.write(call.now);
    let (at, key) = reference::found(&world, call, OPERATION, reference::key_id(input)?)?;
    let arn = at.arn();
    let Some(family) = world.family(&at).filter(|_| key.multi_region) else {
        return Err(unsupported(format!("{arn} is not a multi-Region key.")));
    };
    if family.primary != at.region {
        return Err(unsupported(format!(
            "{arn} is not a multi-Region primary key."
        )));
    }
    state::permit(OPERATION, key, &arn)?;
    if *family.primary == *region {
        return Err(unsupported(format!(
            "{arn} is already the primary key of this multi-Region key."
        )));
    }
    let Some(region) = family.replicas.get(region).cloned() else {
        return Err(not_found(format!(
            "Multi-Region key {} has no replica in {region}.",
            at.id
        )));
    };
    let replica = KeyAddress {
        region: Arc::clone(&region),
        ..at.clone()
    };
    if let Some(key) = world.key(&replica) {
        state::permit(OPERATION, key, &replica.arn())?;
    }
    let family = world.family_mut(&at);
    family.replicas.remove(&region);
    family.replicas.insert(Arc::clone(&at.region));
    family.primary = region;
    for key in [&at, &replica] {
        world.watch(key);
    }
    kms.begin_transition(&mut world, Transition::Updating, &[at, replica]);
    nothing()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::Bench;

    #[tokio::test]
    async fn keys_change_places_only_while_both_are_enabled() {
        let mut bench = Bench::new();
        let asked = json!({"Origin": "EXTERNAL", "MultiRegion": true});
        let key = bench.create(asked).await;
        let invalid = "KMSInvalidStateException";
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        assert_eq!(bench.code("ReplicateKey", replicate.clone()).await, invalid);
        bench.import(&key, &[1; 32], json!({})).await;
        bench.ask("ReplicateKey", replicate).await;
        let update = json!({"KeyId": key, "PrimaryRegion": "us-west-2"});
        let operation = "UpdatePrimaryRegion";
        assert_eq!(bench.code(operation, update.clone()).await, invalid);
        bench.region = "us-west-2";
        bench.import(&key, &[1; 32], json!({})).await;
        bench.region = "eu-west-1";
        assert_eq!(bench.code(operation, update).await, "ok");
        let nowhere = json!({"KeyId": key, "PrimaryRegion": "nowhere"});
        assert_eq!(bench.code(operation, nowhere).await, "ValidationException");
    }

    #[tokio::test]
    async fn primary_and_replica_change_places_and_rights() {
        let mut bench = Bench::new();
        let key = bench.create(json!({ "MultiRegion": true })).await;
        let single = bench.create(json!({})).await;
        let to = |region: &str| json!({"KeyId": key, "PrimaryRegion": region});
        let update = "UpdatePrimaryRegion";
        let unsupported = "UnsupportedOperationException";
        assert_eq!(
            bench.code(update, to("us-west-2")).await,
            "NotFoundException"
        );
        let alone = json!({"KeyId": single, "PrimaryRegion": "us-west-2"});
        assert_eq!(bench.code(update, alone).await, unsupported);
        for region in ["us-west-2", "us-east-1"] {
            bench
                .ask(
                    "ReplicateKey",
                    json!({"KeyId": key, "ReplicaRegion": region}),
                )
                .await;
        }
        assert_eq!(bench.code(update, to("eu-west-1")).await, unsupported);
        bench.ask("DisableKey", json!({"KeyId": key})).await;
        assert_eq!(
            bench.code(update, to("us-west-2")).await,
            "DisabledException"
        );
        bench.ask("EnableKey", json!({"KeyId": key})).await;
        bench.ask(update, to("us-west-2")).await;
        for (region, kind) in [
            ("eu-west-1", "REPLICA"),
            ("us-west-2", "PRIMARY"),
            ("us-east-1", "REPLICA"),
        ] {
            bench.region = region;
            let family = bench.describe(&key).await["MultiRegionConfiguration"].clone();
            assert_eq!(family["MultiRegionKeyType"], kind, "{region}");
            assert_eq!(family["PrimaryKey"]["Region"], "us-west-2");
            assert_eq!(family["ReplicaKeys"].as_array().unwrap().len(), 2);
        }
        // What only a primary key may do has moved too.
        let replicate = json!({"KeyId": key, "ReplicaRegion": "sa-east-1"});
        bench.region = "eu-west-1";
        assert_eq!(
            bench.code("ReplicateKey", replicate.clone()).await,
            unsupported
        );
        assert_eq!(bench.code(update, to("eu-west-1")).await, unsupported);
        bench.region = "us-west-2";
        assert_eq!(bench.code("ReplicateKey", replicate).await, "ok");
        let doomed = bench
            .ask("ScheduleKeyDeletion", json!({"KeyId": key}))
            .await;
        assert_eq!(doomed["KeyState"], "PendingReplicaDeletion");
    }
}
