//! `DescribeCustomKeyStores`, and what `KeyMetadata` tells about the store of a key.

use std::ops::Bound;

use serde_json::{Map, Value, json};

use super::super::Kms;
use super::super::list::Page;
use super::super::parse::{Input, epoch};
use super::super::refusals::validation;
use super::super::world::Room;
use super::store::{Backing, Connection, Connectivity, CustomKeyStore, Place, Proxy};
use super::{form, not_found};
use crate::api::{ApiResult, Call};

/// `DescribeCustomKeyStores`. Stores come in the order of their ids.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html>
pub(in crate::kms) fn describe_custom_key_stores(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let list = format!("DescribeCustomKeyStores {} {}", call.account, call.region);
    let page = Page::parse(input, &list, 100, 1000)?;
    let id = form::text(input, "CustomKeyStoreId")?;
    let name = form::text(input, "CustomKeyStoreName")?;
    if id.is_some() && name.is_some() {
        return Err(validation(
            "CustomKeyStoreId and CustomKeyStoreName cannot be specified together.",
        ));
    }
    let world = kms.read(call.now);
    let room = world.room(&call.account, &call.region);
    let is_meant = |entry: &(&std::sync::Arc<str>, &CustomKeyStore)| {
        id.is_none_or(|id| &**entry.0 == id) && name.is_none_or(|name| &*entry.1.name == name)
    };
    let is_known = |room: &Room| room.custom_key_stores.iter().any(|entry| is_meant(&entry));
    if let Some(wanted) = id.or(name).filter(|_| !room.is_some_and(is_known)) {
        return Err(not_found(wanted));
    }
    let rest = room
        .into_iter()
        .flat_map(|room| {
            room.custom_key_stores
                .range::<str, _>((page.start(), Bound::Unbounded))
        })
        .filter(is_meant);
    page.answer(
        "CustomKeyStores",
        rest,
        |(id, _)| id,
        |(id, store)| rendered(id, store),
    )
}

/// What is told of the store of a key, and what the key is there.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html>
pub(in crate::kms) fn describe_place(
    room: Option<&Room>,
    place: &Place,
) -> Vec<(&'static str, Value)> {
    let mut members = vec![("CustomKeyStoreId", json!(&*place.store))];
    let store = room.and_then(|room| room.custom_key_stores.get(&place.store));
    if let Some(cluster_id) = store.and_then(CustomKeyStore::cluster_id) {
        members.push(("CloudHsmClusterId", cluster_id.into()));
    }
    if let Some(id) = &place.external_key {
        members.push(("XksKeyConfiguration", json!({ "Id": &**id })));
    }
    members
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html>
fn rendered(id: &str, store: &CustomKeyStore) -> Value {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("CustomKeyStoreId", id.into());
    put("CustomKeyStoreName", (&*store.name).into());
    put("CustomKeyStoreType", store.kind().into());
    put("CreationDate", epoch(store.created));
    put("ConnectionState", store.connection.word().into());
    if let Connection::Failed(failure) = store.connection {
        put("ConnectionErrorCode", failure.word().into());
    }
    match &store.backing {
        Backing::CloudHsm {
            cluster_id,
            trust_anchor,
            ..
        } => {
            put("CloudHsmClusterId", (&**cluster_id).into());
            put("TrustAnchorCertificate", (&**trust_anchor).into());
        }
        Backing::External(proxy) => {
            put("XksProxyConfiguration", configuration(proxy));
        }
    }
    Value::Object(out)
}

fn configuration(proxy: &Proxy) -> Value {
    let mut out = json!({
        "AccessKeyId": &*proxy.access_key_id,
        "UriEndpoint": &*proxy.endpoint,
        "UriPath": &*proxy.path,
    });
    match &proxy.connectivity {
        Connectivity::Public => out["Connectivity"] = "PUBLIC_ENDPOINT".into(),
        Connectivity::VpcEndpointService { name, owner } => {
            out["Connectivity"] = "VPC_ENDPOINT_SERVICE".into();
            out["VpcEndpointServiceName"] = (&**name).into();
            out["VpcEndpointServiceOwner"] = (&**owner).into();
        }
    }
    out
}
