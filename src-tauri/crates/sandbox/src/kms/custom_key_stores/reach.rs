//! Whether what a key of a custom key store is really in does its work when the key is used.

use super::super::Kms;
use super::super::key::Key;
use super::super::refusals::invalid_state;
use super::super::world::{KeyAddress, World};
use super::store::CustomKeyStore;
use crate::api::{ApiError, Call};

/// Refuses to use a key whose cluster is gone or has no HSM any more. Neither its state nor the
/// connection of its store tells.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-cmk-failed>
pub(in crate::kms) fn refuse_out_of_reach(
    kms: &Kms,
    world: &World,
    call: &Call,
    at: &KeyAddress,
    key: &Key,
) -> Result<(), ApiError> {
    let store = key.place.as_ref().and_then(|place| {
        let room = world.room(&at.account, &at.region)?;
        room.custom_key_stores.get(&place.store)
    });
    let Some(cluster_id) = store.and_then(CustomKeyStore::cluster_id) else {
        return Ok(());
    };
    // The key may be another account's.
    let (account, region) = (&at.account, &at.region);
    let cluster = kms.cloudhsm.seen_in(account, region, cluster_id, call.now);
    if cluster.is_some_and(|cluster| cluster.active_hsms > 0) {
        return Ok(());
    }
    Err(invalid_state(format!(
        "{} cannot be used: the CloudHSM cluster {cluster_id} has no active HSM.",
        at.arn()
    )))
}
