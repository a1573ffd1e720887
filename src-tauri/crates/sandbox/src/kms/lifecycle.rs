//! Enabling, disabling, describing in words, and scheduled deletion.

use serde_json::json;
use time::Duration;

use super::key::{Deletion, KeyState};
use super::parse::{Input, epoch};
use super::refusals::{missing, validation};
use super::{Kms, binding, key_arn_only, nothing, reference};
use crate::api::{ApiResult, Call};

/// `UpdateKeyDescription`.
pub(super) fn update_key_description(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let description = input
        .text("Description", 0, 8192)?
        .ok_or_else(|| missing("Description"))?;
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "UpdateKeyDescription", input)?;
    if let Some(key) = world.key_mut(&at) {
        key.description = description.into();
    }
    nothing()
}

/// `EnableKey`.
pub(super) fn enable_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "EnableKey", input)?;
    let is_primary = binding::is_primary(&world, &at);
    if let Some(key) = world.key_mut(&at) {
        key.disabled = false;
        // A rotation that was missed meanwhile happens once, now.
        // <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>
        // The schedule of a replica key is that of its primary key.
        if let Some(rotation) = key.rotation.as_mut().filter(|_| is_primary) {
            rotation.next = rotation.next.max(call.now);
        }
    }
    world.watch(&at);
    nothing()
}

/// `DisableKey`.
pub(super) fn disable_key(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "DisableKey", input)?;
    if let Some(key) = world.key_mut(&at) {
        key.disabled = true;
    }
    nothing()
}

/// `ScheduleKeyDeletion`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
pub(super) fn schedule_key_deletion(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let window = input.whole("PendingWindowInDays", 1, 365)?.unwrap_or(30);
    if !(7..=30).contains(&window) {
        return Err(validation(
            "PendingWindowInDays must be between 7 and 30 (inclusive)",
        ));
    }
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "ScheduleKeyDeletion", input)?;
    let waits = world
        .family(&at)
        .is_some_and(|family| family.primary == at.region && !family.replicas.is_empty());
    let date = call.now + Duration::days(i64::from(window));
    if let Some(key) = world.key_mut(&at) {
        key.deletion = Some(if waits {
            Deletion::AfterReplicas {
                window_days: window,
            }
        } else {
            Deletion::At(date)
        });
    }
    world.watch(&at);
    let mut answer = json!({ "KeyId": at.arn(), "PendingWindowInDays": window });
    if waits {
        answer["KeyState"] = KeyState::PendingReplicaDeletion.word().into();
    } else {
        answer["KeyState"] = KeyState::PendingDeletion.word().into();
        answer["DeletionDate"] = epoch(date);
    }
    Ok(answer)
}

/// `CancelKeyDeletion`. The key is `Disabled` afterwards (`PendingImport` if it has no material).
pub(super) fn cancel_key_deletion(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "CancelKeyDeletion", input)?;
    if let Some(key) = world.key_mut(&at) {
        key.deletion = None;
        key.disabled = true;
    }
    world.watch(&at);
    key_arn_only(at.arn())
}
