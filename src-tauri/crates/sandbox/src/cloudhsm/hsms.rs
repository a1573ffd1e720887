//! `CreateHsm` and `DeleteHsm`.

use std::net::Ipv4Addr;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::CloudHsm;
use super::cluster::{ClusterState, Hsm};
use super::clusters::rendered_hsm;
use super::input::{check_id, invalid, not_found, read, required};
use super::permissions::Tagged;
use crate::api::{ApiResult, Call};

/// HSMs that an account can have in a region. A single cluster could have more, if AWS raised that.
/// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html>
const HSMS_MAX: usize = 6;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateHsm {
    cluster_id: Option<String>,
    availability_zone: Option<String>,
    ip_address: Option<String>,
}

/// `CreateHsm`: in one of the cluster's Availability Zones.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateHsm.html>
pub(super) fn create_hsm(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: CreateHsm = read(input)?;
    let id = required("ClusterId", asked.cluster_id)?;
    check_id("cluster", &id)?;
    let zone = required("AvailabilityZone", asked.availability_zone)?;
    let ip = asked
        .ip_address
        .map(|ip| ip.parse::<Ipv4Addr>())
        .transpose()
        .map_err(|_| invalid("IpAddress is not valid."))?;
    cloudhsm.allow(call, "CreateHsm", Some(&id), &Tagged::default())?;
    let (hsm_id, eni) = (cloudhsm.make_id("hsm"), cloudhsm.make_number("eni"));
    cloudhsm.with_room_mut(call, |room, now| {
        let known: usize = room.clusters.values().map(|one| one.hsms.len()).sum();
        let cluster = room.clusters.get_mut(&id).ok_or_else(|| not_found(&id))?;
        let state = cluster.state(now);
        if !matches!(
            state,
            ClusterState::Uninitialized | ClusterState::Initialized | ClusterState::Active
        ) {
            let word = state.word();
            return Err(invalid(format!(
                "An HSM cannot be added to cluster {id} in the state {word}."
            )));
        }
        let Some(position) = cluster.subnets.keys().position(|known| *known == zone) else {
            return Err(invalid(format!(
                "Cluster {id} has no subnet in Availability Zone {zone}."
            )));
        };
        if known >= HSMS_MAX {
            return Err(invalid(format!(
                "An account can have {HSMS_MAX} HSMs in a region."
            )));
        }
        let is_free = |ip: &Ipv4Addr| {
            let ip = ip.to_string();
            cluster.hsms.iter().all(|hsm| hsm.ip != ip)
        };
        let network = u8::try_from(position + 1).unwrap_or(u8::MAX);
        let ip = match ip {
            Some(ip) if is_free(&ip) => Some(ip),
            Some(_) => None,
            None => (10..=254)
                .map(|host| Ipv4Addr::new(10, 0, network, host))
                .find(is_free),
        };
        let ip = ip.ok_or_else(|| invalid("The IP address is in use."))?;
        let hsm = Hsm {
            id: hsm_id,
            subnet: cluster.subnets.get(&zone).cloned().unwrap_or_default(),
            zone,
            eni,
            ip: ip.to_string(),
            created: now,
            deleted: None,
        };
        let answer = json!({ "Hsm": rendered_hsm(&id, &cluster.hsm_type, &hsm, now) });
        cluster.hsms.push(hsm);
        Ok(answer)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteHsm {
    cluster_id: Option<String>,
    hsm_id: Option<String>,
    eni_id: Option<String>,
    eni_ip: Option<String>,
}

/// `DeleteHsm`: by its id, or by the id or the address of its network interface.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteHsm.html>
pub(super) fn delete_hsm(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: DeleteHsm = read(input)?;
    let id = required("ClusterId", asked.cluster_id)?;
    check_id("cluster", &id)?;
    let (hsm, eni, ip) = (asked.hsm_id, asked.eni_id, asked.eni_ip);
    let Some(named) = hsm.as_ref().or(eni.as_ref()).or(ip.as_ref()).cloned() else {
        return Err(invalid("One of HsmId, EniId and EniIp is required."));
    };
    cloudhsm.allow(call, "DeleteHsm", None, &Tagged::default())?;
    cloudhsm.with_room_mut(call, |room, now| {
        let cluster = room.clusters.get_mut(&id).ok_or_else(|| not_found(&id))?;
        let is_meant = |known: &Hsm| {
            hsm.as_ref().is_none_or(|id| *id == known.id)
                && eni.as_ref().is_none_or(|id| *id == known.eni)
                && ip.as_ref().is_none_or(|ip| *ip == known.ip)
        };
        let found = cluster.hsms.iter_mut().find(|known| is_meant(known));
        let hsm = found.ok_or_else(|| not_found(&named))?;
        if !hsm.is_active(now) {
            let state = hsm.state(now);
            return Err(invalid(format!("HSM {} is in the state {state}.", hsm.id)));
        }
        hsm.deleted = Some(now);
        Ok(json!({ "HsmId": hsm.id }))
    })
}
