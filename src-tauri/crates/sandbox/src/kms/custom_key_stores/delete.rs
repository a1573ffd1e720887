//! `DeleteCustomKeyStore`.

use super::super::Kms;
use super::super::parse::Input;
use super::store::Connection;
use super::{found, no_properties, store_id, wrong_state};
use crate::api::{ApiError, ApiResult, Call};

/// `DeleteCustomKeyStore`: of a store that is disconnected and holds no key, not even one that waits
/// for its deletion. The cluster or proxy is not touched.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteCustomKeyStore.html>
pub(in crate::kms) fn delete_custom_key_store(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let id = store_id(input)?;
    let mut world = kms.write(call.now);
    let (_, store) = found(&world, call, id)?;
    if store.connection != Connection::Disconnected {
        return Err(wrong_state(id, store));
    }
    let keys = world
        .room(&call.account, &call.region)
        .into_iter()
        .flat_map(|room| room.keys.values());
    let mut places = keys.filter_map(|key| key.place.as_ref());
    if places.any(|place| &*place.store == id) {
        return Err(ApiError::new(
            "CustomKeyStoreHasCMKsException",
            format!("Custom key store {id} contains KMS keys."),
        ));
    }
    world
        .room_mut(&call.account, &call.region)
        .custom_key_stores
        .remove(id);
    no_properties()
}
