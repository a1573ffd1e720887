//! AWS CloudHSM (version 2 of its API): clusters, their HSMs and certificates, as far as custom
//! key stores need them. What happens inside an HSM is not simulated, and neither are backups.
//!
//! <https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_Operations.html>

mod certificates;
mod cluster;
mod clusters;
mod hsms;
mod input;
mod pem;
mod permissions;
mod tags;
#[cfg(test)]
mod tests;

use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use http::request::Parts;
use serde_json::{Map, Value};
use time::OffsetDateTime;

use self::cluster::ClusterState;
use crate::api::{ApiError, ApiResult, Call};
use crate::encoding::hex;
use crate::protocol;
use crate::random::Random;
use crate::revision::Revision;

pub(crate) use self::cluster::State;

/// CloudHSM in every account and region.
pub(crate) struct CloudHsm {
    state: RwLock<State>,
    random: Random,
    revision: Revision,
}

/// What KMS sees of a cluster.
pub(crate) struct SeenCluster {
    pub(crate) is_active: bool,
    pub(crate) active_hsms: usize,
    /// Availability Zones with an active HSM.
    pub(crate) zones: usize,
    /// PEM.
    pub(crate) certificate: String,
    trust_anchor: String,
}

impl SeenCluster {
    /// Whether this PEM is the certificate of the authority that issued the cluster's certificate:
    /// the customer's `customerCA.crt`.
    pub(crate) fn is_trust_anchor(&self, pem: &str) -> bool {
        certificates::is_same(&self.trust_anchor, pem)
    }
}

/// Answers a request to the service.
pub(crate) fn answer(cloudhsm: &CloudHsm, call: &Call, head: &Parts, body: &[u8]) -> ApiResult {
    let target = head
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok());
    let Some(operation) = target.and_then(|target| target.strip_prefix("BaldrApiService.")) else {
        return Err(unknown_operation());
    };
    cloudhsm.answer(call, operation, &protocol::json_input(body)?)
}

impl CloudHsm {
    pub(crate) fn new(random: Random, revision: Revision) -> Self {
        Self::resumed(State::default(), random, revision)
    }

    /// Goes on with the state of [`CloudHsm::read`].
    pub(crate) fn resumed(state: State, random: Random, revision: Revision) -> Self {
        Self {
            state: RwLock::new(state),
            random,
            revision,
        }
    }

    /// All that CloudHSM remembers. Nothing changes as long as the lock is held.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one operation, if the caller may ask for it.
    pub(crate) fn answer(
        &self,
        call: &Call,
        operation: &str,
        input: &Map<String, Value>,
    ) -> ApiResult {
        match operation {
            "DescribeClusters" => clusters::describe_clusters(self, call, input),
            "CreateCluster" => clusters::create_cluster(self, call, input),
            "InitializeCluster" => clusters::initialize_cluster(self, call, input),
            "DeleteCluster" => clusters::delete_cluster(self, call, input),
            "CreateHsm" => hsms::create_hsm(self, call, input),
            "DeleteHsm" => hsms::delete_hsm(self, call, input),
            "TagResource" => tags::tag_resource(self, call, input),
            "UntagResource" => tags::untag_resource(self, call, input),
            "ListTags" => tags::list_tags(self, call, input),
            _ => Err(unknown_operation()),
        }
    }

    /// A cluster of the caller's account, as KMS finds it. Takes no other lock.
    pub(crate) fn seen(&self, call: &Call, id: &str) -> Option<SeenCluster> {
        // Made on first use.
        self.with_room(call, |_, _| ());
        self.seen_in(&call.account, &call.region, id, call.now)
    }

    /// The same in an account where somebody has looked for clusters before.
    pub(crate) fn seen_in(
        &self,
        account: &str,
        region: &str,
        id: &str,
        now: OffsetDateTime,
    ) -> Option<SeenCluster> {
        let state = self.read();
        let cluster = state.room(account, region)?.cluster(id, now)?;
        let (active_hsms, zones) = cluster.active_hsms(now);
        let claim = cluster.claim.as_ref();
        Some(SeenCluster {
            is_active: cluster.state(now) == ClusterState::Active,
            active_hsms,
            zones,
            certificate: claim.map_or_else(String::new, |claim| claim.certificate.clone()),
            trust_anchor: claim.map_or_else(String::new, |claim| claim.trust_anchor.clone()),
        })
    }

    /// A new id in CloudHSM's alphabet.
    fn make_id(&self, kind: &str) -> String {
        format!("{kind}-{}", self.random.id(11).to_ascii_lowercase())
    }

    /// A new id as EC2 has them.
    fn make_number(&self, kind: &str) -> String {
        format!("{kind}-{}", &hex(&self.random.bytes::<9>())[..17])
    }

    /// Looks at the caller's clusters, which are made on first use.
    fn with_room<T>(
        &self,
        call: &Call,
        look: impl FnOnce(&cluster::Room, OffsetDateTime) -> T,
    ) -> T {
        if let Some(room) = self.read().room(&call.account, &call.region) {
            return look(room, call.now);
        }
        self.with_room_mut(call, |room, now| look(room, now))
    }

    /// The same, to change them.
    fn with_room_mut<T>(
        &self,
        call: &Call,
        change: impl FnOnce(&mut cluster::Room, OffsetDateTime) -> T,
    ) -> T {
        let mut state = self.revision.open(&self.state);
        let room = state.room_mut(&call.account, &call.region, call.now);
        room.forget(call.now);
        change(room, call.now)
    }
}

fn unknown_operation() -> ApiError {
    ApiError::new("UnknownOperationException", "")
}
