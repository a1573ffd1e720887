//! `CreateCustomKeyStore`, and the rules that a store's name and backing obey also later.
//!
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateCustomKeyStore.html>

use serde_json::json;
use zeroize::Zeroizing;

use super::super::Kms;
use super::super::parse::Input;
use super::super::refusals::{limit_exceeded, missing, validation};
use super::super::world::World;
use super::form;
use super::proxies;
use super::store::{Backing, Connection, Connectivity, CustomKeyStore, KmsUser, Proxy};
use crate::api::{ApiError, ApiResult, Call};
use crate::cloudhsm::SeenCluster;

/// Stores of both kinds that an account can have in a region.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html>
const STORES_MAX: usize = 10;

/// `CreateCustomKeyStore`. The store is disconnected at first.
pub(in crate::kms) fn create_custom_key_store(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> ApiResult {
    let name = form::required(input, "CustomKeyStoreName")?;
    let kind = form::kind(input)?;
    form::refuse_others(input, kind)?;
    let asked = if kind == super::AWS_CLOUDHSM {
        Asked::cloudhsm(input)?
    } else {
        Asked::External(proxy(call, input)?)
    };
    let mut world = kms.write(call.now);
    refuse_name_in_use(&world, call, name, None)?;
    if stores(&world, call).count() >= STORES_MAX {
        return Err(limit_exceeded(format!(
            "The account already has {STORES_MAX} custom key stores in the Region."
        )));
    }
    let backing = match asked {
        Asked::CloudHsm {
            cluster_id,
            trust_anchor,
            password,
        } => {
            let cluster = cluster_for(kms, call, cluster_id)?;
            refuse_cluster_in_use(kms, &world, call, cluster_id, &cluster)?;
            check_cluster(cluster_id, &cluster)?;
            if !cluster.is_trust_anchor(trust_anchor) {
                return Err(ApiError::new(
                    "IncorrectTrustAnchorException",
                    format!("The certificate is not the trust anchor of {cluster_id}."),
                ));
            }
            Backing::CloudHsm {
                cluster_id: cluster_id.into(),
                trust_anchor: trust_anchor.into(),
                user: KmsUser::new(password),
            }
        }
        Asked::External(proxy) => {
            check_proxy(&world, call, &proxy, None)?;
            // A private proxy is first asked when the store is connected.
            if matches!(proxy.connectivity, Connectivity::Public) {
                proxies::ask(&proxy).map_err(|trouble| trouble.refusal(&proxy))?;
            }
            Backing::External(proxy)
        }
    };
    let id = kms.make_store_id();
    let answer = json!({ "CustomKeyStoreId": &*id });
    let store = CustomKeyStore {
        name: name.into(),
        created: call.now,
        backing,
        connection: Connection::Disconnected,
    };
    world
        .room_mut(&call.account, &call.region)
        .custom_key_stores
        .insert(id, store);
    Ok(answer)
}

enum Asked<'a> {
    CloudHsm {
        cluster_id: &'a str,
        trust_anchor: &'a str,
        password: &'a str,
    },
    External(Proxy),
}

impl<'a> Asked<'a> {
    fn cloudhsm(input: Input<'a>) -> Result<Self, ApiError> {
        Ok(Self::CloudHsm {
            cluster_id: form::required(input, "CloudHsmClusterId")?,
            trust_anchor: form::required(input, "TrustAnchorCertificate")?,
            password: form::required(input, "KeyStorePassword")?,
        })
    }
}

fn proxy(call: &Call, input: Input<'_>) -> Result<Proxy, ApiError> {
    let is_vpc = form::is_vpc(input)?.ok_or_else(|| missing("XksProxyConnectivity"))?;
    let endpoint = form::required(input, "XksProxyUriEndpoint")?;
    let path = form::required(input, "XksProxyUriPath")?;
    let credential =
        form::credential(input)?.ok_or_else(|| missing("XksProxyAuthenticationCredential"))?;
    let service = form::text(input, "XksProxyVpcEndpointServiceName")?;
    let owner = form::text(input, "XksProxyVpcEndpointServiceOwner")?;
    let connectivity = match (is_vpc, service) {
        (true, None) => return Err(missing("XksProxyVpcEndpointServiceName")),
        (true, Some(name)) => Connectivity::VpcEndpointService {
            name: name.into(),
            owner: owner.unwrap_or(&call.account).into(),
        },
        (false, None) if owner.is_none() => Connectivity::Public,
        (false, _) => return Err(only_for_vpc()),
    };
    Ok(Proxy {
        connectivity,
        endpoint: endpoint.into(),
        path: path.into(),
        access_key_id: credential.access_key_id.into(),
        secret: Zeroizing::new(credential.secret.as_bytes().to_vec()),
    })
}

/// The refusal of a VPC endpoint service where there is none.
pub(super) fn only_for_vpc() -> ApiError {
    validation(
        "XksProxyVpcEndpointServiceName and XksProxyVpcEndpointServiceOwner are valid only with \
         XksProxyConnectivity VPC_ENDPOINT_SERVICE.",
    )
}

/// Refuses a name that another store (than `own`) has.
pub(super) fn refuse_name_in_use(
    world: &World,
    call: &Call,
    name: &str,
    own: Option<&str>,
) -> Result<(), ApiError> {
    let mut others = stores(world, call).filter(|(id, _)| Some(*id) != own);
    if others.any(|(_, store)| &*store.name == name) {
        return Err(ApiError::new(
            "CustomKeyStoreNameInUseException",
            format!("The custom key store name {name} is already in use."),
        ));
    }
    Ok(())
}

/// The cluster with this id, as it is now.
pub(super) fn cluster_for(kms: &Kms, call: &Call, id: &str) -> Result<SeenCluster, ApiError> {
    kms.cloudhsm.seen(call, id).ok_or_else(|| {
        ApiError::new(
            "CloudHsmClusterNotFoundException",
            format!("The CloudHSM cluster {id} was not found."),
        )
    })
}

/// Refuses a cluster that could not hold new keys: it has to be active, with two HSMs in different
/// Availability Zones.
pub(super) fn check_cluster(id: &str, cluster: &SeenCluster) -> Result<(), ApiError> {
    if !cluster.is_active {
        return Err(not_active(id));
    }
    if cluster.zones < 2 {
        return Err(invalid_configuration(format!(
            "The CloudHSM cluster {id} needs at least two active HSMs, each in a different \
             Availability Zone."
        )));
    }
    Ok(())
}

pub(super) fn not_active(id: &str) -> ApiError {
    ApiError::new(
        "CloudHsmClusterNotActiveException",
        format!("The CloudHSM cluster {id} is not active."),
    )
}

pub(super) fn invalid_configuration(sentence: String) -> ApiError {
    ApiError::new("CloudHsmClusterInvalidConfigurationException", sentence)
}

/// A cluster backs one store, and so do all clusters with its certificate together.
fn refuse_cluster_in_use(
    kms: &Kms,
    world: &World,
    call: &Call,
    id: &str,
    cluster: &SeenCluster,
) -> Result<(), ApiError> {
    let shares = |other: &str| {
        other == id
            || kms.cloudhsm.seen(call, other).is_some_and(|other| {
                !other.certificate.is_empty() && other.certificate == cluster.certificate
            })
    };
    let mut others = stores(world, call).filter_map(|(_, store)| store.cluster_id());
    if others.any(shares) {
        return Err(ApiError::new(
            "CloudHsmClusterInUseException",
            format!("The CloudHSM cluster {id} is already associated with a custom key store."),
        ));
    }
    Ok(())
}

/// Refuses a proxy whose address or VPC endpoint service another store (than `own`) has.
pub(super) fn check_proxy(
    world: &World,
    call: &Call,
    proxy: &Proxy,
    own: Option<&str>,
) -> Result<(), ApiError> {
    let others = stores(world, call).filter(|(id, _)| Some(*id) != own);
    let others: Vec<_> = others.filter_map(|(_, store)| store.proxy()).collect();
    let same_endpoint = |other: &&&Proxy| other.endpoint == proxy.endpoint;
    let (endpoint, path) = (&proxy.endpoint, &proxy.path);
    if others
        .iter()
        .filter(same_endpoint)
        .any(|other| other.path == proxy.path)
    {
        return Err(ApiError::new(
            "XksProxyUriInUseException",
            format!("{endpoint}{path} is already associated with an external key store."),
        ));
    }
    // A public endpoint is shared with other public ones only, a private one with none.
    let is_public = |proxy: &Proxy| matches!(proxy.connectivity, Connectivity::Public);
    if others
        .iter()
        .filter(same_endpoint)
        .any(|other| !is_public(proxy) || !is_public(other))
    {
        return Err(ApiError::new(
            "XksProxyUriEndpointInUseException",
            format!("{endpoint} is already associated with an external key store."),
        ));
    }
    let Connectivity::VpcEndpointService { name, .. } = &proxy.connectivity else {
        return Ok(());
    };
    let has_service = |other: &&Proxy| match &other.connectivity {
        Connectivity::VpcEndpointService { name: known, .. } => known == name,
        Connectivity::Public => false,
    };
    if others.iter().any(has_service) {
        return Err(ApiError::new(
            "XksProxyVpcEndpointServiceInUseException",
            format!("{name} is already associated with an external key store."),
        ));
    }
    proxies::find_service(call, proxy)
}

/// The caller's stores by id.
pub(super) fn stores<'w>(
    world: &'w World,
    call: &Call,
) -> impl Iterator<Item = (&'w str, &'w CustomKeyStore)> + use<'w> {
    world
        .room(&call.account, &call.region)
        .into_iter()
        .flat_map(|room| &room.custom_key_stores)
        .map(|(id, store)| (&**id, store))
}
