//! What KMS did by itself, until CloudTrail has written it down.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::Kms;
use super::key::{Key, MaterialId, RotationType};
use super::world::{KeyAddress, World};

/// More of it than CloudTrail keeps is forgotten, the oldest first.
const MOST: usize = 10_000;

/// Something that happened to a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Happened {
    #[serde(with = "rfc3339")]
    pub(crate) at: OffsetDateTime,
    pub(crate) account: Box<str>,
    pub(crate) region: Box<str>,
    /// The ARN of the key.
    pub(crate) key: Box<str>,
    /// The name of CloudTrail's event.
    pub(crate) name: Box<str>,
    /// What the event tells in `serviceEventDetails`, if it does.
    pub(crate) details: Option<Value>,
}

impl Kms {
    /// What happened up to `now` and nobody was told yet, in order; it is told once.
    pub(crate) fn take_happened(&self, now: OffsetDateTime) -> Vec<Happened> {
        if self.present(now).happened.is_empty() {
            return Vec::new();
        }
        let mut world = self.revision.open(&self.world);
        std::mem::take(&mut world.happened).into()
    }
}

impl World {
    /// A key's waiting period has ended.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-key.html>
    pub(super) fn tell_deletion(&mut self, at: &KeyAddress, when: OffsetDateTime) {
        self.tell(at, when, "DeleteKey", None);
    }

    /// Imported material has expired.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-deleteexpiredkeymaterial.html>
    pub(super) fn tell_expiry(
        &mut self,
        at: &KeyAddress,
        material: MaterialId,
        when: OffsetDateTime,
    ) {
        let mut details = json!({ "keyId": &*at.id });
        // Only materials of these keys are known by ids.
        if self
            .key(at)
            .is_some_and(|key| key.spec.is_symmetric_encryption())
        {
            details["keyMaterialId"] = material.hex().into();
        }
        self.tell(at, when, "DeleteExpiredKeyMaterial", Some(details));
    }

    /// A key was rotated from this material to the one that is current now.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html>
    pub(super) fn tell_rotation(
        &mut self,
        at: &KeyAddress,
        how: RotationType,
        from: Option<MaterialId>,
        when: OffsetDateTime,
    ) {
        let Some(key) = self.key(at) else { return };
        let details = json!({
            "rotationType": how.word(),
            "keyOrigin": key.origin.word(),
            "previousKeyMaterialId": from.map(|id| id.hex()),
            "currentKeyMaterialId": key.current_id().map(|id| id.hex()),
            "keyId": &*at.id,
        });
        self.tell(at, when, "RotateKey", Some(details));
    }

    fn tell(&mut self, at: &KeyAddress, when: OffsetDateTime, name: &str, details: Option<Value>) {
        if self.happened.len() >= MOST {
            self.happened.pop_front();
        }
        self.happened.push_back(Happened {
            at: when,
            account: (*at.account).into(),
            region: (*at.region).into(),
            key: at.arn().into(),
            name: name.into(),
            details,
        });
    }
}

impl Key {
    pub(super) fn current_id(&self) -> Option<MaterialId> {
        self.current().map(|material| material.id)
    }
}
