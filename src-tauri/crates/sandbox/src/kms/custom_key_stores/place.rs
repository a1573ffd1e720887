//! Where `CreateKey` puts a key of a custom key store.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>

use super::super::Kms;
use super::super::parse::Input;
use super::super::refusals::{missing, unsupported, validation};
use super::super::world::World;
use super::create::{check_cluster, invalid_configuration};
use super::store::Place;
use super::{form, found, proxies, wrong_state};
use crate::api::{ApiError, Call};

/// What a request to create a key says about a custom key store.
#[derive(Clone, Copy)]
pub(in crate::kms) struct OfKey<'a> {
    store: &'a str,
    origin: &'a str,
    external_key: Option<&'a str>,
}

impl<'a> OfKey<'a> {
    /// Reads it; `None` for a key that is to be in KMS itself. `origin` is AWS's word.
    pub(in crate::kms) fn read(
        input: Input<'a>,
        origin: &'a str,
    ) -> Result<Option<Self>, ApiError> {
        let store = form::text(input, "CustomKeyStoreId")?;
        let external_key = form::text(input, "XksKeyId")?;
        if external_key.is_some() && origin != super::EXTERNAL_KEY_STORE {
            return Err(validation(
                "XksKeyId is valid only with Origin EXTERNAL_KEY_STORE.",
            ));
        }
        let is_of_store = matches!(origin, super::AWS_CLOUDHSM | super::EXTERNAL_KEY_STORE);
        let store = match (is_of_store, store) {
            (false, None) => return Ok(None),
            (true, Some(store)) => store,
            (false, Some(_)) => {
                return Err(validation(format!(
                    "The Origin {origin} cannot be used with a custom key store."
                )));
            }
            (true, None) => {
                return Err(validation(format!(
                    "Origin {origin} needs a CustomKeyStoreId."
                )));
            }
        };
        if origin == super::EXTERNAL_KEY_STORE && external_key.is_none() {
            return Err(missing("XksKeyId"));
        }
        Ok(Some(Self {
            store,
            origin,
            external_key,
        }))
    }

    /// Only symmetric encryption keys of a single region can be in a custom key store.
    pub(in crate::kms) fn refuse_unless_plain(
        self,
        is_symmetric_encryption: bool,
        multi_region: bool,
    ) -> Result<(), ApiError> {
        if is_symmetric_encryption && !multi_region {
            return Ok(());
        }
        Err(unsupported(
            "A custom key store holds only symmetric encryption keys that are not multi-Region \
             keys.",
        ))
    }
}

/// The place of a new key, if the store is connected and can hold it.
pub(in crate::kms) fn place_for(
    kms: &Kms,
    world: &World,
    call: &Call,
    asked: OfKey<'_>,
) -> Result<Place, ApiError> {
    let (at, store) = found(world, call, asked.store)?;
    if store.kind() != asked.origin {
        return Err(super::not_of_type(
            &format!("Origin {}", asked.origin),
            store.kind(),
        ));
    }
    if !store.is_connected() {
        return Err(wrong_state(asked.store, store));
    }
    if let Some(cluster_id) = store.cluster_id() {
        check_cluster_for_key(kms, call, cluster_id)?;
    }
    if let Some(id) = asked.external_key {
        refuse_external_key_in_use(world, call, asked.store, id)?;
        proxies::find_key(id)?;
    }
    Ok(Place {
        store: at.id,
        external_key: asked.external_key.map(Into::into),
    })
}

/// `CreateKey` knows one word for all that can be wrong with a cluster.
fn check_cluster_for_key(kms: &Kms, call: &Call, id: &str) -> Result<(), ApiError> {
    let gone = || invalid_configuration(format!("The CloudHSM cluster {id} was not found."));
    let cluster = kms.cloudhsm.seen(call, id).ok_or_else(gone)?;
    check_cluster(id, &cluster).map_err(|refusal| invalid_configuration(refusal.message))
}

/// Each key of a store has an external key of its own, until it is deleted.
fn refuse_external_key_in_use(
    world: &World,
    call: &Call,
    store: &str,
    id: &str,
) -> Result<(), ApiError> {
    let keys = world
        .room(&call.account, &call.region)
        .into_iter()
        .flat_map(|room| room.keys.values());
    let mut places = keys.filter_map(|key| key.place.as_ref());
    if places.any(|place| &*place.store == store && place.external_key.as_deref() == Some(id)) {
        return Err(ApiError::new(
            "XksKeyAlreadyInUseException",
            format!("The external key {id} is already associated with a KMS key."),
        ));
    }
    Ok(())
}
