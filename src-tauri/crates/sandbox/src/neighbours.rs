//! The services around KMS: what they remember, and what their operations see of each other.
//!
//! What one of them does lives in its own module.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;

use crate::cloudhsm::CloudHsm;
use crate::iam::Iam;
use crate::kms::Kms;
use crate::random::Random;
use crate::revision::{Changing, Revision};
use crate::{Seed, cloudtrail, cloudwatch, logs, organizations, s3};

/// What each of them remembers. Whatever an older state does not have is empty.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Neighbours {
    pub(crate) s3: Kept<s3::State>,
    pub(crate) organizations: Kept<organizations::State>,
    pub(crate) cloudtrail: Kept<cloudtrail::State>,
    pub(crate) logs: Kept<logs::State>,
    pub(crate) cloudwatch: Kept<cloudwatch::State>,
}

/// All that an operation can ask and change. No lock is held across an `await`, and none while another
/// service is asked.
pub(crate) struct Around<'a> {
    pub(crate) iam: &'a Iam,
    pub(crate) kms: &'a Kms,
    pub(crate) cloudhsm: &'a CloudHsm,
    pub(crate) neighbours: &'a Neighbours,
    pub(crate) random: &'a Random,
    pub(crate) revision: &'a Revision,
}

/// The state of one service behind a lock, which a panic in another request does not close.
#[derive(Default)]
pub(crate) struct Kept<T>(RwLock<T>);

impl Neighbours {
    /// What a seed begins with.
    pub(crate) fn planted(seed: Seed, now: OffsetDateTime) -> Self {
        Self {
            organizations: Kept(RwLock::new(organizations::State::planted(seed, now))),
            ..Self::default()
        }
    }
}

impl<T> Kept<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// To change it.
    pub(crate) fn write<'a>(&'a self, revision: &'a Revision) -> Changing<'a, T> {
        revision.open(&self.0)
    }

    /// To note in it what alone is no reason to keep the state anew.
    pub(crate) fn note(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Serialize> Serialize for Kept<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.read().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Kept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(|state| Self(RwLock::new(state)))
    }
}
