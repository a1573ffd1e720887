//! What a cluster is and in which state it is at a moment. The operations on it are elsewhere.
//!
//! States are not stored: they follow from what was asked and when. What AWS takes minutes for is
//! done here as soon as the clock has moved on at all.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use super::certificates::{self, Hardware};
use crate::encoding::hex;
use crate::iam::account::Tags;
use crate::regions::Partition;

/// The clusters of all accounts by account and region.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct State {
    rooms: BTreeMap<String, BTreeMap<String, Room>>,
}

impl State {
    /// The clusters of an account in a region that bear tags, by ARN.
    pub(crate) fn tagged(&self, account: &str, region: &str) -> Vec<(String, Tags)> {
        let word = Partition::of(region).word();
        let room = self.room(account, region).into_iter();
        let clusters = room.flat_map(|room| &room.clusters);
        let tagged = clusters.filter(|(_, cluster)| cluster.deleted.is_none());
        tagged
            .map(|(id, cluster)| {
                let arn = format!("arn:{word}:cloudhsm:{region}:{account}:cluster/{id}");
                (arn, cluster.tags.clone().into_iter().collect())
            })
            .collect()
    }
}

/// One account in one region.
#[derive(Serialize, Deserialize)]
pub(super) struct Room {
    pub(super) clusters: BTreeMap<String, Cluster>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Cluster {
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    pub(super) hsm_type: String,
    pub(super) network_type: String,
    pub(super) mode: String,
    pub(super) retention_days: String,
    pub(super) vpc: String,
    pub(super) security_group: String,
    /// Subnet by Availability Zone.
    pub(super) subnets: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) hardware: Hardware,
    pub(super) hsms: Vec<Hsm>,
    pub(super) claim: Option<Claim>,
    #[serde(with = "rfc3339::option")]
    pub(super) deleted: Option<OffsetDateTime>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Hsm {
    pub(super) id: String,
    pub(super) zone: String,
    pub(super) subnet: String,
    pub(super) eni: String,
    pub(super) ip: String,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    #[serde(with = "rfc3339::option")]
    pub(super) deleted: Option<OffsetDateTime>,
}

/// What the customer has made the cluster their own with.
#[derive(Serialize, Deserialize)]
pub(super) struct Claim {
    #[serde(with = "rfc3339")]
    pub(super) at: OffsetDateTime,
    pub(super) certificate: String,
    pub(super) trust_anchor: String,
    /// When somebody was first told that the cluster is initialized.
    #[serde(with = "rfc3339::option")]
    pub(super) shown: Option<OffsetDateTime>,
}

/// In AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClusterState {
    CreateInProgress,
    Uninitialized,
    InitializeInProgress,
    Initialized,
    Active,
    DeleteInProgress,
}

impl ClusterState {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::Uninitialized => "UNINITIALIZED",
            Self::InitializeInProgress => "INITIALIZE_IN_PROGRESS",
            Self::Initialized => "INITIALIZED",
            Self::Active => "ACTIVE",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
        }
    }
}

impl State {
    /// The account in the region, if anybody asked there before.
    pub(super) fn room(&self, account: &str, region: &str) -> Option<&Room> {
        self.rooms.get(account)?.get(region)
    }

    /// The same; on first use it has its one cluster that is ready for a custom key store.
    pub(super) fn room_mut(
        &mut self,
        account: &str,
        region: &str,
        now: OffsetDateTime,
    ) -> &mut Room {
        self.rooms
            .entry(account.to_owned())
            .or_default()
            .entry(region.to_owned())
            .or_insert_with(|| Room::planted(account, region, now))
    }
}

impl Room {
    /// The cluster of every seed: active, with two HSMs in two Availability Zones. Its certificate
    /// is its own issuer and so its own trust anchor, so that `DescribeClusters` shows all that
    /// `CreateCustomKeyStore` asks for. Ids repeat from start to start, certificates do not.
    fn planted(account: &str, region: &str, now: OffsetDateTime) -> Self {
        let seed = format!("{account}/{region}");
        let id = derive_id("cluster", &seed);
        let created = now.checked_sub(Duration::days(30)).unwrap_or(now);
        let made = certificates::make_hardware(&id, created);
        let certificate = certificates::make_self_signed(&id, created);
        let (Some(hardware), Some(certificate)) = (made, certificate) else {
            return Self {
                clusters: BTreeMap::new(),
            };
        };
        let subnets = [("a", "subnet a"), ("b", "subnet b")].map(|(letter, name)| {
            let subnet = derive_number("subnet", &format!("{seed}/{name}"));
            (format!("{region}{letter}"), subnet)
        });
        let hsms = subnets
            .iter()
            .enumerate()
            .map(|(turn, (zone, subnet))| Hsm {
                id: derive_id("hsm", &format!("{seed}/{zone}")),
                zone: zone.clone(),
                subnet: subnet.clone(),
                eni: derive_number("eni", &format!("{seed}/{zone}")),
                ip: format!("10.0.{}.10", turn + 1),
                created,
                deleted: None,
            });
        let cluster = Cluster {
            created,
            hsm_type: "hsm2m.medium".to_owned(),
            network_type: "IPV4".to_owned(),
            mode: "FIPS".to_owned(),
            retention_days: RETENTION_DAYS.to_owned(),
            vpc: derive_vpc(account, region),
            security_group: derive_number("sg", &seed),
            hsms: hsms.collect(),
            subnets: subnets.into_iter().collect(),
            tags: BTreeMap::from([("Name".to_owned(), "ownkey-sandbox".to_owned())]),
            hardware,
            claim: Some(Claim {
                at: created,
                trust_anchor: certificate.clone(),
                certificate,
                shown: Some(created),
            }),
            deleted: None,
        };
        Self {
            clusters: BTreeMap::from([(id, cluster)]),
        }
    }

    /// The cluster, unless it is gone by now.
    pub(super) fn cluster(&self, id: &str, now: OffsetDateTime) -> Option<&Cluster> {
        self.clusters
            .get(id)
            .filter(|cluster| !cluster.is_gone(now))
    }

    /// Drops what was deleted before now.
    pub(super) fn forget(&mut self, now: OffsetDateTime) {
        self.clusters.retain(|_, cluster| !cluster.is_gone(now));
        for cluster in self.clusters.values_mut() {
            cluster.hsms.retain(|hsm| !hsm.is_gone(now));
        }
    }
}

/// Days that AWS keeps backups if nobody says otherwise.
pub(super) const RETENTION_DAYS: &str = "90";

impl Cluster {
    /// `INITIALIZED` becomes `ACTIVE` by an administrator who signs in to an HSM, which is beyond
    /// the API: here it happens as soon as somebody was told `INITIALIZED` and the clock has moved.
    /// <https://docs.aws.amazon.com/cloudhsm/latest/userguide/activate-cluster.html>
    pub(super) fn state(&self, now: OffsetDateTime) -> ClusterState {
        match &self.claim {
            _ if self.deleted.is_some() => ClusterState::DeleteInProgress,
            None if now <= self.created => ClusterState::CreateInProgress,
            None => ClusterState::Uninitialized,
            Some(claim) if now <= claim.at => ClusterState::InitializeInProgress,
            Some(claim) if claim.shown.is_some_and(|shown| now > shown) => ClusterState::Active,
            Some(_) => ClusterState::Initialized,
        }
    }

    fn is_gone(&self, now: OffsetDateTime) -> bool {
        self.deleted.is_some_and(|deleted| now > deleted)
    }

    /// The HSMs that are not gone by now.
    pub(super) fn present_hsms(&self, now: OffsetDateTime) -> impl Iterator<Item = &Hsm> {
        self.hsms.iter().filter(move |hsm| !hsm.is_gone(now))
    }

    /// The HSMs that work, counted, and the Availability Zones in which they are.
    pub(super) fn active_hsms(&self, now: OffsetDateTime) -> (usize, usize) {
        let active = self.present_hsms(now).filter(|hsm| hsm.is_active(now));
        let zones: Vec<_> = active.map(|hsm| hsm.zone.as_str()).collect();
        let different: BTreeSet<_> = zones.iter().collect();
        (zones.len(), different.len())
    }
}

impl Hsm {
    pub(super) fn is_active(&self, now: OffsetDateTime) -> bool {
        self.deleted.is_none() && now > self.created
    }

    fn is_gone(&self, now: OffsetDateTime) -> bool {
        self.deleted.is_some_and(|deleted| now > deleted)
    }

    pub(super) fn state(&self, now: OffsetDateTime) -> &'static str {
        match self.deleted {
            Some(_) => "DELETE_IN_PROGRESS",
            None if self.is_active(now) => "ACTIVE",
            None => "CREATE_IN_PROGRESS",
        }
    }
}

/// The one VPC of an account in a region.
pub(super) fn derive_vpc(account: &str, region: &str) -> String {
    derive_number("vpc", &format!("{account}/{region}"))
}

/// An id in CloudHSM's alphabet.
fn derive_id(kind: &str, seed: &str) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = digest::digest(&digest::SHA256, format!("{kind}/{seed}").as_bytes());
    let letters = digest.as_ref().iter().take(11);
    let letters: String = letters
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    format!("{kind}-{letters}")
}

/// An id of 17 hexadecimal digits, as EC2 has them.
fn derive_number(kind: &str, seed: &str) -> String {
    let digest = digest::digest(&digest::SHA256, format!("{kind}/{seed}").as_bytes());
    format!("{kind}-{}", &hex(digest.as_ref())[..17])
}
