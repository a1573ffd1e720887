//! `UpdateCustomKeyStore`.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html>. The page's
//! text and its exception disagree about what a connected external key store takes; the text wins.

use zeroize::Zeroizing;

use super::super::Kms;
use super::super::parse::Input;
use super::super::refusals::validation;
use super::super::world::World;
use super::create::{check_cluster, check_proxy, cluster_for, only_for_vpc, refuse_name_in_use};
use super::store::{Backing, Connection, Connectivity, Proxy};
use super::{form, found, no_properties, proxies, store_id, store_mut, wrong_state};
use crate::api::{ApiError, ApiResult, Call};

/// What can be changed only while the store is disconnected.
const NEEDS_DISCONNECTED: [&str; 6] = [
    "KeyStorePassword",
    "CloudHsmClusterId",
    "XksProxyUriEndpoint",
    "XksProxyVpcEndpointServiceName",
    "XksProxyVpcEndpointServiceOwner",
    "XksProxyConnectivity",
];

/// `UpdateCustomKeyStore`.
pub(in crate::kms) fn update_custom_key_store(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let id = store_id(input)?;
    let name = form::text(input, "NewCustomKeyStoreName")?;
    let cluster_id = form::text(input, "CloudHsmClusterId")?;
    let password = form::text(input, "KeyStorePassword")?;
    let wishes = Wishes::read(input)?;
    let mut world = kms.write(call.now);
    let (at, store) = found(&world, call, id)?;
    form::refuse_others(input, store.kind())?;
    let may_change = match store.connection {
        Connection::Disconnected => true,
        Connection::Connected => !NEEDS_DISCONNECTED.iter().any(|member| input.has(member)),
        _ => false,
    };
    if !may_change {
        return Err(wrong_state(id, store));
    }
    if let Some(name) = name {
        refuse_name_in_use(&world, call, name, Some(id))?;
    }
    if let Some(cluster_id) = cluster_id {
        let old = store.cluster_id().unwrap_or_default();
        check_successor(kms, call, old, cluster_id)?;
    }
    let proxy = match store.proxy() {
        Some(proxy) => wishes.fulfilled(&world, call, id, proxy, store.is_connected())?,
        None => None,
    };

    let Some(store) = store_mut(&mut world, &at) else {
        return no_properties();
    };
    if let Some(name) = name {
        store.name = name.into();
    }
    match &mut store.backing {
        Backing::CloudHsm {
            cluster_id: cluster,
            user,
            ..
        } => {
            if let Some(id) = cluster_id {
                *cluster = id.into();
            }
            if let Some(password) = password {
                user.tell(password);
            }
        }
        Backing::External(current) => {
            if let Some(proxy) = proxy {
                *current = proxy;
            }
        }
    }
    no_properties()
}

/// Refuses a cluster that does not have the certificate of the store's cluster. The store's own
/// cluster may be gone; then no other one is known to be related.
fn check_successor(kms: &Kms, call: &Call, old: &str, new: &str) -> Result<(), ApiError> {
    let cluster = cluster_for(kms, call, new)?;
    let original = kms.cloudhsm.seen(call, old);
    let is_related =
        new == old || original.is_some_and(|original| original.certificate == cluster.certificate);
    if !is_related {
        return Err(ApiError::new(
            "CloudHsmClusterNotRelatedException",
            format!("The CloudHSM cluster {new} does not share a backup history with {old}."),
        ));
    }
    check_cluster(new, &cluster)
}

/// What is to change at a proxy.
struct Wishes<'a> {
    is_vpc: Option<bool>,
    endpoint: Option<&'a str>,
    path: Option<&'a str>,
    /// Empty to have none any more.
    service: Option<&'a str>,
    owner: Option<&'a str>,
    credential: Option<form::Credential<'a>>,
}

impl<'a> Wishes<'a> {
    fn read(input: Input<'a>) -> Result<Self, ApiError> {
        Ok(Self {
            is_vpc: form::is_vpc(input)?,
            endpoint: form::text(input, "XksProxyUriEndpoint")?,
            path: form::text(input, "XksProxyUriPath")?,
            service: form::text(input, "XksProxyVpcEndpointServiceName")?,
            owner: form::text(input, "XksProxyVpcEndpointServiceOwner")?,
            credential: form::credential(input)?,
        })
    }

    fn is_nothing(&self) -> bool {
        self.is_vpc.is_none()
            && self.endpoint.is_none()
            && self.path.is_none()
            && self.service.is_none()
            && self.owner.is_none()
            && self.credential.is_none()
    }

    /// The proxy as it is to be, if anything is to change and it can.
    fn fulfilled(
        &self,
        world: &World,
        call: &Call,
        id: &str,
        current: &Proxy,
        is_connected: bool,
    ) -> Result<Option<Proxy>, ApiError> {
        if self.is_nothing() {
            return Ok(None);
        }
        let mut proxy = current.clone();
        proxy.connectivity = self.connectivity(call, current)?;
        if let Some(endpoint) = self.endpoint {
            proxy.endpoint = endpoint.into();
        }
        if let Some(path) = self.path {
            proxy.path = path.into();
        }
        if let Some(credential) = &self.credential {
            proxy.access_key_id = credential.access_key_id.into();
            proxy.secret = Zeroizing::new(credential.secret.as_bytes().to_vec());
        }
        check_proxy(world, call, &proxy, Some(id))?;
        // A private proxy of a store that is not connected is asked when it is connected.
        if is_connected || matches!(proxy.connectivity, Connectivity::Public) {
            proxies::ask(&proxy).map_err(|trouble| trouble.refusal(&proxy))?;
        }
        Ok(Some(proxy))
    }

    fn connectivity(&self, call: &Call, current: &Proxy) -> Result<Connectivity, ApiError> {
        let (was_vpc, old_name, old_owner) = match &current.connectivity {
            Connectivity::Public => (false, None, None),
            Connectivity::VpcEndpointService { name, owner } => (true, Some(name), Some(owner)),
        };
        let is_vpc = self.is_vpc.unwrap_or(was_vpc);
        if is_vpc != was_vpc && self.endpoint.is_none() {
            return Err(validation(
                "A new XksProxyConnectivity needs a new XksProxyUriEndpoint.",
            ));
        }
        let service = self.service.filter(|name| !name.is_empty());
        if !is_vpc {
            return match (service, self.owner) {
                (None, None) => Ok(Connectivity::Public),
                _ => Err(only_for_vpc()),
            };
        }
        let name = match (self.service, service, old_name) {
            (_, Some(name), _) => name.into(),
            (None, None, Some(name)) => name.clone(),
            _ => {
                return Err(validation(
                    "XksProxyConnectivity VPC_ENDPOINT_SERVICE needs an \
                     XksProxyVpcEndpointServiceName.",
                ));
            }
        };
        let owner = match (self.owner, old_owner) {
            (Some(owner), _) => owner.into(),
            (None, Some(owner)) => owner.clone(),
            (None, None) => call.account.as_str().into(),
        };
        Ok(Connectivity::VpcEndpointService { name, owner })
    }
}
