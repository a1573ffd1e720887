//! `CreateCluster`, `DescribeClusters`, `InitializeCluster` and `DeleteCluster`.

use std::collections::BTreeMap;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::CloudHsm;
use super::certificates::{self, Unfit};
use super::cluster::{Claim, Cluster, ClusterState, Hsm, RETENTION_DAYS, derive_vpc};
use super::input::{check_id, failed, invalid, is_ec2_id, not_found, read, required};
use super::permissions::Tagged;
use super::tags::{self, Tag};
use crate::api::{ApiError, ApiResult, Call};

/// The most that one page holds, and what it holds if nothing is said.
const PAGE_MAX: usize = 25;

/// Clusters that an account can have in a region.
/// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html>
const CLUSTERS_MAX: usize = 4;

/// The longest certificate that a claim takes.
const CERTIFICATE_MAX: usize = 5000;

/// One subnet each Availability Zone: the letters of a region's zones.
const ZONES: &str = "abcdef";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateCluster {
    hsm_type: Option<String>,
    subnet_ids: Option<Vec<String>>,
    source_backup_id: Option<String>,
    network_type: Option<String>,
    mode: Option<String>,
    backup_retention_policy: Option<RetentionPolicy>,
    tag_list: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RetentionPolicy {
    r#type: Option<String>,
    value: Option<String>,
}

/// `CreateCluster`. Nothing tells the sandbox in which Availability Zone a subnet is: the first one
/// is taken to be in the first zone, and so on.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateCluster.html>
pub(super) fn create_cluster(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: CreateCluster = read(input)?;
    let hsm_type = required("HsmType", asked.hsm_type)?;
    let mode = asked.mode.unwrap_or_else(|| "FIPS".to_owned());
    match (hsm_type.as_str(), mode.as_str()) {
        ("hsm2m.medium", "FIPS" | "NON_FIPS") => {}
        // <https://docs.aws.amazon.com/cloudhsm/latest/userguide/compliance-dep-notif.html>
        ("hsm1.medium", "FIPS") => {
            return Err(invalid("New clusters of hsm1.medium cannot be created."));
        }
        _ => {
            return Err(invalid(format!(
                "HsmType {hsm_type} with Mode {mode} is not supported."
            )));
        }
    }
    let network_type = asked.network_type.unwrap_or_else(|| "IPV4".to_owned());
    if !matches!(network_type.as_str(), "IPV4" | "DUALSTACK") {
        return Err(invalid(format!("NetworkType {network_type} is not valid.")));
    }
    let retention_days = retention_days(asked.backup_retention_policy)?;
    let subnets = zones(call, &required("SubnetIds", asked.subnet_ids)?)?;
    let tags = tags::checked(asked.tag_list.unwrap_or_default())?;
    if tags.len() > tags::TAGS_MAX {
        return Err(invalid("A cluster can have 50 tags."));
    }
    let tagged = Tagged {
        added: Some(&tags),
        removed: &[],
    };
    cloudhsm.allow(
        call,
        "CreateCluster",
        asked.source_backup_id.as_deref(),
        &tagged,
    )?;
    if !tags.is_empty() {
        cloudhsm.allow(call, "TagResource", Some("cluster-*"), &tagged)?;
    }
    if let Some(backup) = asked.source_backup_id {
        return Err(not_found(&backup));
    }
    let id = cloudhsm.make_id("cluster");
    let hardware = certificates::make_hardware(&id, call.now).ok_or_else(failed)?;
    let cluster = Cluster {
        created: call.now,
        hsm_type,
        network_type,
        mode,
        retention_days,
        vpc: derive_vpc(&call.account, &call.region),
        security_group: cloudhsm.make_number("sg"),
        subnets,
        tags,
        hardware,
        hsms: Vec::new(),
        claim: None,
        deleted: None,
    };
    let answer = json!({ "Cluster": rendered(&id, &cluster, call.now) });
    cloudhsm.with_room_mut(call, |room, _| {
        if room.clusters.len() >= CLUSTERS_MAX {
            return Err(invalid(format!(
                "An account can have {CLUSTERS_MAX} clusters in a region."
            )));
        }
        room.clusters.insert(id, cluster);
        Ok(answer)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeClusters {
    filters: Option<BTreeMap<String, Vec<String>>>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// `DescribeClusters`. A cluster that is shown as `INITIALIZED` is then activated.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DescribeClusters.html>
pub(super) fn describe_clusters(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: DescribeClusters = read(input)?;
    let filters = asked.filters.unwrap_or_default();
    for name in filters.keys() {
        if !matches!(name.as_str(), "clusterIds" | "vpcIds" | "states") {
            return Err(invalid(format!("'{name}' is not a valid filter.")));
        }
    }
    let limit = page_size(asked.max_results, PAGE_MAX)?;
    let after = asked.next_token.as_deref().map(marked).transpose()?;
    cloudhsm.allow(call, "DescribeClusters", None, &Tagged::default())?;
    let (answer, news) = cloudhsm.with_room(call, |room, now| {
        let start = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut found = room
            .clusters
            .range::<str, _>((start, Bound::Unbounded))
            .filter(|(id, _)| room.cluster(id, now).is_some())
            .filter(|(id, cluster)| passes(&filters, id, cluster, now))
            .peekable();
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let shown: Vec<_> = page
            .iter()
            .map(|(id, cluster)| rendered(id, cluster, now))
            .collect();
        let mut answer = json!({ "Clusters": shown });
        if let Some((last, _)) = page.last().filter(|_| found.peek().is_some()) {
            answer["NextToken"] = mark(last).into();
        }
        let is_news = |cluster: &Cluster| cluster.state(now) == ClusterState::Initialized;
        let news: Vec<_> = page
            .into_iter()
            .filter(|(_, cluster)| is_news(cluster))
            .map(|(id, _)| id.clone())
            .collect();
        (answer, news)
    });
    if !news.is_empty() {
        cloudhsm.with_room_mut(call, |room, now| {
            for id in &news {
                let cluster = room.clusters.get_mut(id);
                if let Some(claim) = cluster.and_then(|cluster| cluster.claim.as_mut()) {
                    claim.shown.get_or_insert(now);
                }
            }
        });
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InitializeCluster {
    cluster_id: Option<String>,
    signed_cert: Option<String>,
    trust_anchor: Option<String>,
}

/// `InitializeCluster`: the customer claims the cluster with a certificate for its request.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_InitializeCluster.html>
pub(super) fn initialize_cluster(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: InitializeCluster = read(input)?;
    let id = required("ClusterId", asked.cluster_id)?;
    check_id("cluster", &id)?;
    let certificate = required("SignedCert", asked.signed_cert)?;
    let trust_anchor = required("TrustAnchor", asked.trust_anchor)?;
    if certificate.len().max(trust_anchor.len()) > CERTIFICATE_MAX {
        return Err(invalid(format!(
            "A certificate can have {CERTIFICATE_MAX} characters."
        )));
    }
    cloudhsm.allow(call, "InitializeCluster", Some(&id), &Tagged::default())?;
    cloudhsm.with_room_mut(call, |room, now| {
        let cluster = room.clusters.get_mut(&id).ok_or_else(|| not_found(&id))?;
        let state = cluster.state(now);
        if state != ClusterState::Uninitialized {
            return Err(wrong_state(&id, state));
        }
        if cluster.active_hsms(now).0 == 0 {
            return Err(invalid(format!(
                "Cluster {id} has no active HSM and so no certificate signing request."
            )));
        }
        certificates::check_claim(&cluster.hardware.csr, &certificate, &trust_anchor)
            .map_err(unfit)?;
        cluster.claim = Some(Claim {
            at: now,
            certificate,
            trust_anchor,
            shown: None,
        });
        Ok(json!({
            "State": ClusterState::InitializeInProgress.word(),
            "StateMessage": "Cluster is initializing. State will change to INITIALIZED upon completion.",
        }))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteCluster {
    cluster_id: Option<String>,
}

/// `DeleteCluster`: of a cluster without HSMs.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteCluster.html>
pub(super) fn delete_cluster(
    cloudhsm: &CloudHsm,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: DeleteCluster = read(input)?;
    let id = required("ClusterId", asked.cluster_id)?;
    check_id("cluster", &id)?;
    cloudhsm.allow(call, "DeleteCluster", Some(&id), &Tagged::default())?;
    cloudhsm.with_room_mut(call, |room, now| {
        let cluster = room.clusters.get_mut(&id).ok_or_else(|| not_found(&id))?;
        let state = cluster.state(now);
        if matches!(
            state,
            ClusterState::CreateInProgress
                | ClusterState::InitializeInProgress
                | ClusterState::DeleteInProgress
        ) {
            return Err(wrong_state(&id, state));
        }
        if !cluster.hsms.is_empty() {
            return Err(invalid(format!("Cluster {id} still contains HSMs.")));
        }
        cluster.deleted = Some(now);
        Ok(json!({ "Cluster": rendered(&id, cluster, now) }))
    })
}

/// All that the API tells about a cluster.
/// <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Cluster.html>
fn rendered(id: &str, cluster: &Cluster, now: OffsetDateTime) -> Value {
    let state = cluster.state(now);
    let hsms: Vec<_> = cluster
        .present_hsms(now)
        .map(|hsm| rendered_hsm(id, &cluster.hsm_type, hsm, now))
        .collect();
    let mut out = json!({
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": { "Type": "DAYS", "Value": cluster.retention_days },
        "ClusterId": id,
        "CreateTimestamp": seconds(cluster.created),
        "Hsms": hsms,
        "HsmType": cluster.hsm_type,
        "SecurityGroup": cluster.security_group,
        "State": state.word(),
        "SubnetMapping": cluster.subnets,
        "VpcId": cluster.vpc,
        "NetworkType": cluster.network_type,
        "Certificates": rendered_certificates(cluster, state, now),
        "Mode": cluster.mode,
    });
    if !cluster.tags.is_empty() {
        out["TagList"] = tags::rendered(&cluster.tags);
    }
    out
}

/// One HSM of a cluster.
pub(super) fn rendered_hsm(
    cluster_id: &str,
    hsm_type: &str,
    hsm: &Hsm,
    now: OffsetDateTime,
) -> Value {
    json!({
        "AvailabilityZone": hsm.zone,
        "ClusterId": cluster_id,
        "SubnetId": hsm.subnet,
        "EniId": hsm.eni,
        "EniIp": hsm.ip,
        "HsmId": hsm.id,
        "HsmType": hsm_type,
        "State": hsm.state(now),
    })
}

/// The hardware tells about itself once there is an HSM; the request is there until it is answered.
fn rendered_certificates(cluster: &Cluster, state: ClusterState, now: OffsetDateTime) -> Value {
    let mut out = Map::new();
    if cluster.active_hsms(now).0 > 0 {
        let hardware = &cluster.hardware;
        out.insert("HsmCertificate".to_owned(), json!(hardware.hsm));
        out.insert("AwsHardwareCertificate".to_owned(), json!(hardware.aws));
        out.insert(
            "ManufacturerHardwareCertificate".to_owned(),
            json!(hardware.manufacturer),
        );
        if state == ClusterState::Uninitialized {
            out.insert("ClusterCsr".to_owned(), json!(hardware.csr));
        }
    }
    if let Some(claim) = &cluster.claim {
        out.insert("ClusterCertificate".to_owned(), json!(claim.certificate));
    }
    Value::Object(out)
}

/// The Availability Zone of each subnet.
fn zones(call: &Call, subnets: &[String]) -> Result<BTreeMap<String, String>, ApiError> {
    if subnets.is_empty() || subnets.len() > ZONES.len() {
        return Err(invalid(
            "A cluster needs at least one subnet and at most one per Availability Zone.",
        ));
    }
    let mut zones = BTreeMap::new();
    for (letter, subnet) in ZONES.chars().zip(subnets) {
        if !is_ec2_id("subnet", subnet) {
            return Err(invalid(format!("'{subnet}' is not a valid subnet ID.")));
        }
        if zones.values().any(|known| known == subnet) {
            return Err(invalid(format!("Subnet {subnet} is named twice.")));
        }
        zones.insert(format!("{}{letter}", call.region), subnet.clone());
    }
    Ok(zones)
}

fn retention_days(policy: Option<RetentionPolicy>) -> Result<String, ApiError> {
    let Some(policy) = policy else {
        return Ok(RETENTION_DAYS.to_owned());
    };
    let days = policy.value.unwrap_or_default();
    let is_days = policy.r#type.as_deref() == Some("DAYS");
    match days.parse::<u16>() {
        Ok(7..=379) if is_days => Ok(days),
        _ => Err(invalid(
            "A backup retention policy has the type DAYS and a value between 7 and 379.",
        )),
    }
}

fn passes(
    filters: &BTreeMap<String, Vec<String>>,
    id: &str,
    cluster: &Cluster,
    now: OffsetDateTime,
) -> bool {
    filters.iter().all(|(name, values)| {
        let is = match name.as_str() {
            "clusterIds" => id,
            "vpcIds" => &cluster.vpc,
            _ => cluster.state(now).word(),
        };
        values.iter().any(|value| value == is)
    })
}

/// `MaxResults`.
pub(super) fn page_size(asked: Option<i64>, max: usize) -> Result<usize, ApiError> {
    match asked.map(usize::try_from) {
        None => Ok(max),
        Some(Ok(limit)) if (1..=max).contains(&limit) => Ok(limit),
        Some(_) => Err(invalid(format!("MaxResults must be between 1 and {max}."))),
    }
}

/// The token after which a list goes on.
pub(super) fn mark(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// What [`mark`] has made a token of.
pub(super) fn marked(token: &str) -> Result<String, ApiError> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|last| String::from_utf8(last).ok())
        .ok_or_else(|| invalid("NextToken is not valid."))
}

fn wrong_state(id: &str, state: ClusterState) -> ApiError {
    let word = state.word();
    invalid(format!("Cluster {id} is in the state {word}."))
}

fn unfit(why: Unfit) -> ApiError {
    invalid(match why {
        Unfit::TrustAnchor => "TrustAnchor is not a self-signed certificate.",
        Unfit::NotACertificate => "SignedCert is not a certificate.",
        Unfit::OtherKey => "SignedCert is not for the certificate signing request of the cluster.",
        Unfit::OtherIssuer => "SignedCert was not issued by TrustAnchor.",
    })
}

/// A moment as CloudHSM puts it on the wire: seconds since 1970, to the millisecond.
fn seconds(moment: OffsetDateTime) -> Value {
    let millis = moment.unix_timestamp_nanos() / 1_000_000;
    json!(millis as f64 / 1000.0)
}
