//! What services that use keys see of them, without asking an operation of KMS.

use time::OffsetDateTime;

use super::key::{Key, KeyState, Material};
use super::spec::KeySpec;
use super::{Kms, reference};
use crate::api::Call;

/// A key as another service finds it.
pub(crate) struct SeenKey {
    pub(crate) arn: String,
    pub(crate) account: String,
    pub(crate) is_enabled: bool,
    pub(crate) is_symmetric: bool,
    /// When the first of its materials expires.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/monitoring-cloudwatch.html>
    pub(crate) expires: Option<OffsetDateTime>,
}

impl Kms {
    /// The key that an id, ARN, alias or alias ARN names, from the account and region of the call.
    pub(crate) fn seen(&self, call: &Call, name: &str) -> Option<SeenKey> {
        let world = self.read(call.now);
        let (at, key) = reference::look(&world, call, name)?;
        Some(SeenKey {
            arn: at.arn(),
            account: at.account.to_string(),
            is_enabled: key.state() == KeyState::Enabled,
            is_symmetric: key.spec == KeySpec::SymmetricDefault,
            expires: key.valid_to(),
        })
    }

    /// The keys of a room whose material expires, with the moment.
    pub(crate) fn expiring(&self, call: &Call) -> Vec<(String, OffsetDateTime)> {
        let world = self.read(call.now);
        let Some(room) = world.room(&call.account, &call.region) else {
            return Vec::new();
        };
        let expiring = |key: &Key| Some((key.id.to_string(), key.valid_to()?));
        let has_dates = |key: &&Key| key.materials.iter().any(expires);
        room.keys
            .values()
            .filter(has_dates)
            .filter_map(expiring)
            .collect()
    }
}

fn expires(material: &Material) -> bool {
    material.valid_to.is_some()
}
