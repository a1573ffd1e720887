//! `ReplicateKey`.

use std::sync::Arc;

use serde_json::json;

use super::create::blank;
use super::key::Material;
use super::parse::Input;
use super::refusals::{constraint, unsupported};
use super::spec::Origin;
use super::world::{KeyAddress, partition};
use super::{Kms, binding, describe, policy, reference, tags, wrapping_keys};
use crate::api::{ApiError, ApiResult, Call};
use crate::regions;

/// `ReplicateKey`. Native material is shared; imported material has to be imported again.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html>
pub(super) fn replicate_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let region = input.required_text("ReplicaRegion", 1, 32)?;
    let description = input.text("Description", 0, 8192)?.unwrap_or_default();
    let tags = tags::parse(input)?.unwrap_or_default();
    let policy = policy::parse(kms, call, input)?.map(Arc::from);

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
    if !regions::exists(region) || partition(region) != partition(&at.region) {
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
    replica.policy = policy.unwrap_or_else(|| world.default_policy(&call.account));
    let answer_policy = Arc::clone(&replica.policy);
    let answer_tags = tags::render(&replica.tags);
    world.add(&call.account, region, replica);
    world.family_mut(&at).replicas.insert(region.into());
    binding::settle_pending(&mut world, &at);
    let made = KeyAddress {
        region: region.into(),
        ..at
    };
    let mut metadata = describe::metadata(&world, &made);
    // The answer still says `Creating`; here the process is complete when it arrives.
    metadata["KeyState"] = "Creating".into();
    metadata["Enabled"] = false.into();
    Ok(json!({
        "ReplicaKeyMetadata": metadata,
        "ReplicaPolicy": &*answer_policy,
        "ReplicaTags": answer_tags,
    }))
}
