//! `ConnectCustomKeyStore` and `DisconnectCustomKeyStore`. How a connection arrives is in `store`.

use super::super::Kms;
use super::super::parse::Input;
use super::create::{invalid_configuration, not_active};
use super::store::{Backing, Connection, Failure};
use super::{found, no_properties, proxies, set_connection, store_id, store_mut, wrong_state};
use crate::api::{ApiError, ApiResult, Call};

/// `ConnectCustomKeyStore`: begins to connect. What is plain to see is refused at once and changes
/// nothing; anything else makes the connection `FAILED` later.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ConnectCustomKeyStore.html>
pub(in crate::kms) fn connect_custom_key_store(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let id = store_id(input)?;
    let mut world = kms.write(call.now);
    let (at, store) = found(&world, call, id)?;
    match store.connection {
        Connection::Disconnected => {}
        Connection::Connecting { .. } | Connection::Connected => return no_properties(),
        Connection::Failed(_) | Connection::Disconnecting { .. } => {
            return Err(wrong_state(id, store));
        }
    }
    let cluster = match store.cluster_id() {
        Some(cluster_id) => find_cluster(kms, call, cluster_id)?,
        None => Ok(()),
    };
    let Some(store) = store_mut(&mut world, &at) else {
        return no_properties();
    };
    let failure = match &mut store.backing {
        Backing::CloudHsm { user, .. } => match cluster {
            Ok(()) => user.log_in(),
            Err(failure) => Some(failure),
        },
        Backing::External(proxy) => proxies::ask(proxy).err().map(proxies::Trouble::failure),
    };
    let since = call.now;
    set_connection(&mut world, &at, Connection::Connecting { since, failure });
    no_properties()
}

/// `DisconnectCustomKeyStore`.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html>
pub(in crate::kms) fn disconnect_custom_key_store(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let id = store_id(input)?;
    let mut world = kms.write(call.now);
    let (at, store) = found(&world, call, id)?;
    if matches!(
        store.connection,
        Connection::Disconnected | Connection::Disconnecting { .. }
    ) {
        return Err(wrong_state(id, store));
    }
    let since = call.now;
    set_connection(&mut world, &at, Connection::Disconnecting { since });
    no_properties()
}

/// Whether the cluster can be connected to; one that is gone is noticed only on the way.
fn find_cluster(kms: &Kms, call: &Call, id: &str) -> Result<Result<(), Failure>, ApiError> {
    let Some(cluster) = kms.cloudhsm.seen(call, id) else {
        return Ok(Err(Failure::ClusterNotFound));
    };
    if !cluster.is_active {
        return Err(not_active(id));
    }
    if cluster.active_hsms == 0 {
        return Err(invalid_configuration(format!(
            "The CloudHSM cluster {id} needs at least one active HSM."
        )));
    }
    Ok(Ok(()))
}
