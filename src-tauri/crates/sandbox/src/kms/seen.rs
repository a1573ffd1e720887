//! What services that use keys see of them, without asking an operation of KMS.

use std::sync::Arc;

use time::OffsetDateTime;

use super::key::{KeyState, MaterialId};
use super::key_policy::KeyPolicy;
use super::spec::KeySpec;
use super::{Kms, reference};
use crate::api::Call;

/// A key as another service finds it.
pub(crate) struct SeenKey {
    pub(crate) account: String,
    pub(crate) arn: String,
    pub(crate) is_enabled: bool,
    pub(crate) is_symmetric: bool,
    pub(crate) created: OffsetDateTime,
    /// The id of the current material, of symmetric encryption keys.
    pub(crate) material: Option<MaterialId>,
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
            account: at.account.to_string(),
            arn: at.arn(),
            is_enabled: key.state() == KeyState::Enabled,
            is_symmetric: key.spec == KeySpec::SymmetricDefault,
            created: key.created,
            material: key
                .current_id()
                .filter(|_| key.spec.is_symmetric_encryption()),
            expires: key.valid_to(),
        })
    }

    /// The policy of a key.
    pub(crate) fn policy_of(&self, call: &Call, name: &str) -> Option<Arc<KeyPolicy>> {
        let world = self.read(call.now);
        let (_, key) = reference::look(&world, call, name)?;
        Some(Arc::clone(&key.policy))
    }

    /// The ids of the keys here whose material expires.
    pub(crate) fn expiring(&self, call: &Call) -> Vec<String> {
        let world = self.read(call.now);
        let Some(room) = world.room(&call.account, &call.region) else {
            return Vec::new();
        };
        let keys = room.keys.values().filter(|key| key.valid_to().is_some());
        keys.map(|key| key.id.to_string()).collect()
    }
}
