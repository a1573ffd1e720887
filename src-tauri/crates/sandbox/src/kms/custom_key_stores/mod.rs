//! Custom key stores: both kinds, their connections, and the keys in them.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-store-overview.html>. Clusters are in
//! `crate::cloudhsm`; of external key store proxies only what KMS notices of them exists
//! (`proxies`). What a key in a store can do follows from its key state, in `kms::state`.

mod connect;
mod create;
mod delete;
mod describe;
mod form;
mod place;
mod proxies;
mod reach;
mod store;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

use time::OffsetDateTime;

use super::refusals::{unsupported, validation};
use super::world::World;
use super::{Input, Kms};
use crate::api::{ApiError, ApiResult, Call};

pub(super) use self::connect::{connect_custom_key_store, disconnect_custom_key_store};
pub(super) use self::create::create_custom_key_store;
pub(super) use self::delete::delete_custom_key_store;
pub(super) use self::describe::{describe_custom_key_stores, describe_place};
pub(super) use self::place::{OfKey, place_for};
pub(super) use self::reach::refuse_out_of_reach;
pub(crate) use self::store::{CustomKeyStore, Place};
pub(super) use self::update::update_custom_key_store;

/// The types of custom key stores, which are also the origins of the keys in them.
const AWS_CLOUDHSM: &str = "AWS_CLOUDHSM";
const EXTERNAL_KEY_STORE: &str = "EXTERNAL_KEY_STORE";

/// Which custom key store: account, region, id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StoreAddress {
    account: Arc<str>,
    region: Arc<str>,
    id: Arc<str>,
}

/// Whether a connection has arrived by now.
pub(super) fn is_due(world: &World, now: OffsetDateTime) -> bool {
    let earliest = world.changing_stores.first();
    earliest.is_some_and(|(since, _)| *since < now)
}

/// Lets the connections arrive that were begun before now, and with them the keys.
pub(super) fn settle(world: &mut World, now: OffsetDateTime) {
    while is_due(world, now) {
        let Some((_, at)) = world.changing_stores.pop_first() else {
            return;
        };
        if let Some(store) = store_mut(world, &at) {
            store.settle(now);
        }
        show_availability(world, &at);
    }
}

/// What a kept state does not say: which connections are changing, and what that means for the keys.
pub(super) fn restore(world: &mut World) {
    for at in world.store_addresses() {
        watch(world, &at);
        show_availability(world, &at);
    }
}

/// The refusal of an id or a name that no store has.
fn not_found(what: &str) -> ApiError {
    ApiError::new(
        "CustomKeyStoreNotFoundException",
        format!("Custom key store {what} does not exist."),
    )
}

/// The refusal of an operation that the connection does not allow.
fn wrong_state(id: &str, store: &CustomKeyStore) -> ApiError {
    let word = store.connection.word();
    ApiError::new(
        "CustomKeyStoreInvalidStateException",
        format!("The ConnectionState of custom key store {id} is {word}."),
    )
}

/// The refusal of a parameter that goes with the other type only.
fn not_of_type(member: &str, kind: &str) -> ApiError {
    validation(format!(
        "{member} is not valid for a custom key store of the type {kind}."
    ))
}

/// The id of the store that a request is about.
fn store_id(input: Input<'_>) -> Result<&str, ApiError> {
    form::required(input, "CustomKeyStoreId")
}

/// A store of the caller, with its address.
fn found<'w>(
    world: &'w World,
    call: &Call,
    id: &str,
) -> Result<(StoreAddress, &'w CustomKeyStore), ApiError> {
    world
        .room(&call.account, &call.region)
        .and_then(|room| room.custom_key_stores.get_key_value(id))
        .map(|(id, store)| (StoreAddress::new(call, id), store))
        .ok_or_else(|| not_found(id))
}

/// Refuses random bytes from this store, unless it is a CloudHSM key store that is connected.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
pub(super) fn permit_random(world: &World, call: &Call, id: &str) -> Result<(), ApiError> {
    let (_, store) = found(world, call, id)?;
    if store.kind() != AWS_CLOUDHSM {
        return Err(unsupported(format!(
            "Custom key store {id} is not an AWS CloudHSM key store."
        )));
    }
    if !store.is_connected() {
        return Err(wrong_state(id, store));
    }
    Ok(())
}

impl StoreAddress {
    fn new(call: &Call, id: &Arc<str>) -> Self {
        Self {
            account: call.account.as_str().into(),
            region: call.region.as_str().into(),
            id: Arc::clone(id),
        }
    }

    /// The address of what lies at these names.
    pub(super) fn at(account: &Arc<str>, region: &Arc<str>, id: &Arc<str>) -> Self {
        Self {
            account: Arc::clone(account),
            region: Arc::clone(region),
            id: Arc::clone(id),
        }
    }
}

fn store_mut<'w>(world: &'w mut World, at: &StoreAddress) -> Option<&'w mut CustomKeyStore> {
    world
        .room_mut(&at.account, &at.region)
        .custom_key_stores
        .get_mut(&at.id)
}

/// Sets the connection of a store, and what follows from it.
fn set_connection(world: &mut World, at: &StoreAddress, connection: store::Connection) {
    if let Some(store) = store_mut(world, at) {
        store.connection = connection;
    }
    watch(world, at);
    show_availability(world, at);
}

fn watch(world: &mut World, at: &StoreAddress) {
    if let Some(since) = store_mut(world, at).and_then(|store| store.changing_since()) {
        world.changing_stores.insert((since, at.clone()));
    }
}

/// The keys of a store can be used while it is connected.
fn show_availability(world: &mut World, at: &StoreAddress) {
    let room = world.room_mut(&at.account, &at.region);
    let is_connected = room
        .custom_key_stores
        .get(&at.id)
        .is_some_and(CustomKeyStore::is_connected);
    for key in room.keys.values_mut() {
        if key.place.as_ref().is_some_and(|place| place.store == at.id) {
            key.unavailable = !is_connected;
        }
    }
}

/// The answer of an operation that has no properties.
fn no_properties() -> ApiResult {
    Ok(serde_json::json!({}))
}

impl Kms {
    /// A new id in the form of AWS's examples.
    fn make_store_id(&self) -> Arc<str> {
        let digits = crate::encoding::hex(&self.rng.bytes::<9>());
        format!("cks-{}", &digits[..17]).into()
    }
}
