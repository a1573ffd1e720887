//! One KMS key: what it is, the material it has, and the key state that follows from both.
//!
//! The key state is never stored: it is computed, so that it cannot disagree with the material.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;
use zeroize::Zeroizing;

use super::custom_key_stores::Place;
use super::grants::Grant;
use super::kept;
use super::key_policy::KeyPolicy;
use super::last_usage::LastUse;
use super::pairs::LazyPair;
use super::spec::{KeySpec, KeyUsage, Origin};
use crate::encoding::{hex, unhex};

/// The state of a key, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyState {
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion,
    PendingReplicaDeletion,
    /// Its custom key store is disconnected.
    Unavailable,
    Creating,
    Updating,
}

/// A key state that passes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transition {
    /// A replica key that is being made.
    Creating,
    /// A primary key that is about to be a replica key, or the other way round.
    Updating,
}

impl KeyState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingImport => "PendingImport",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::Unavailable => "Unavailable",
            Self::Creating => "Creating",
            Self::Updating => "Updating",
        }
    }
}

/// Who made the key and may change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Owner {
    Customer,
    /// An AWS managed key: visible, and changed by AWS services only.
    Aws,
}

/// One KMS key in one region.
///
/// What is marked `skip` here and in `world` is known from elsewhere and rebuilt when a kept state
/// is read.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Key {
    #[serde(skip)]
    pub(crate) id: Arc<str>,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
    pub(crate) description: Box<str>,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsage,
    pub(crate) origin: Origin,
    pub(crate) owner: Owner,
    pub(crate) multi_region: bool,
    pub(crate) policy: Arc<KeyPolicy>,
    /// By their ids.
    #[serde(default)]
    pub(crate) grants: BTreeMap<Box<str>, Grant>,
    pub(crate) tags: BTreeMap<Box<str>, Box<str>>,
    /// Full names (`alias/…`) of the aliases that point here.
    #[serde(skip)]
    pub(crate) aliases: BTreeSet<Arc<str>>,
    pub(crate) disabled: bool,
    pub(crate) deletion: Option<Deletion>,
    pub(crate) rotation: Option<Rotation>,
    /// Where it is, if it is in a custom key store.
    #[serde(default)]
    pub(crate) place: Option<Place>,
    /// First material first; pending material last.
    pub(crate) materials: Vec<Material>,
    /// Whether the custom key store of the key is disconnected.
    #[serde(default)]
    pub(crate) unavailable: bool,
    /// Only with eventual consistency; a sandbox that is resumed has completed it.
    #[serde(skip)]
    pub(crate) transition: Option<Transition>,
    /// When a rotation on demand was asked for that did not take place yet.
    #[serde(default, with = "rfc3339::option")]
    pub(crate) rotation_asked: Option<OffsetDateTime>,
    #[serde(default)]
    pub(crate) last_use: Option<LastUse>,
}

/// A scheduled deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Deletion {
    At(#[serde(with = "rfc3339")] OffsetDateTime),
    /// A primary key that waits for its last replica; its own window starts then.
    AfterReplicas {
        window_days: u32,
    },
}

/// Automatic rotation of a native symmetric key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Rotation {
    pub(crate) period_days: u32,
    #[serde(with = "rfc3339")]
    pub(crate) next: OffsetDateTime,
}

/// One key material that belongs, or is about to belong, to a key.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Material {
    pub(crate) id: MaterialId,
    /// `None` while it is not in KMS: not yet imported here, deleted, or expired. The id stays,
    /// because a key is bound to the materials it once had.
    pub(crate) secret: Option<Secret>,
    pub(crate) role: Role,
    pub(crate) description: Option<Box<str>>,
    #[serde(with = "rfc3339::option")]
    pub(crate) valid_to: Option<OffsetDateTime>,
    /// When and how it became current; `None` for the first and for pending material.
    #[serde(with = "kept::rotated")]
    pub(crate) rotated: Option<(OffsetDateTime, RotationType)>,
}

/// What a material is to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    Current,
    NonCurrent,
    PendingRotation,
    PendingMultiRegionImportAndRotation,
}

impl Role {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Current => "CURRENT",
            Self::NonCurrent => "NON_CURRENT",
            Self::PendingRotation => "PENDING_ROTATION",
            Self::PendingMultiRegionImportAndRotation => "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
        }
    }

    /// Pending material is not yet part of the key: it can be replaced, and its absence does not
    /// make the key unusable.
    pub(crate) fn is_permanent(self) -> bool {
        matches!(self, Self::Current | Self::NonCurrent)
    }
}

/// How a material came to be current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RotationType {
    Automatic,
    OnDemand,
}

impl RotationType {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::OnDemand => "ON_DEMAND",
        }
    }
}

/// Names one material of one key; the same bytes in another key have another id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct MaterialId([u8; 32]);

impl MaterialId {
    /// The id of `identity` in the key `key_id`: the raw bytes, or the public key of a pair, so
    /// that two encodings of one private key are one material.
    pub(crate) fn derive(key_id: &str, identity: &[u8]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(key_id.as_bytes());
        context.update(&[0]);
        context.update(identity);
        Self::from_bytes(context.finish().as_ref()).unwrap_or(Self([0; 32]))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads [`MaterialId::hex`] back; lower case only, as AWS asks.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let is_lower = !text.bytes().any(|letter| letter.is_ascii_uppercase());
        Self::from_bytes(&unhex(text)?).filter(|_| is_lower)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits, as on the wire.
    pub(crate) fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// Key material that is in KMS now. Shared, not copied, between the keys of a multi-Region key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "kept::KeptSecret", into = "kept::KeptSecret")]
pub(crate) enum Secret {
    Raw(Arc<Zeroizing<Vec<u8>>>),
    Pair(Arc<LazyPair>),
}

impl Secret {
    pub(crate) fn raw(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self::Raw(Arc::new(bytes))
    }
}

impl Key {
    /// The key state: a scheduled deletion outranks all, missing material outranks `Disabled`. A key
    /// that is enabled while it is unavailable is so as soon as its key store is connected again.
    pub(crate) fn state(&self) -> KeyState {
        match self.deletion {
            Some(Deletion::At(_)) => KeyState::PendingDeletion,
            Some(Deletion::AfterReplicas { .. }) => KeyState::PendingReplicaDeletion,
            None if self.transition == Some(Transition::Creating) => KeyState::Creating,
            None if self.transition == Some(Transition::Updating) => KeyState::Updating,
            None if self.unavailable => KeyState::Unavailable,
            None if !self.has_all_material() => KeyState::PendingImport,
            None if self.disabled => KeyState::Disabled,
            None => KeyState::Enabled,
        }
    }

    /// The material used for encryption, signing and MACs; its bytes may be absent.
    pub(crate) fn current(&self) -> Option<&Material> {
        self.materials
            .iter()
            .find(|material| material.role == Role::Current)
    }

    pub(crate) fn material(&self, id: &MaterialId) -> Option<&Material> {
        self.materials.iter().find(|material| material.id == *id)
    }

    pub(crate) fn material_mut(&mut self, id: &MaterialId) -> Option<&mut Material> {
        self.materials
            .iter_mut()
            .find(|material| material.id == *id)
    }

    /// When the earliest of its permanent materials expires.
    pub(crate) fn valid_to(&self) -> Option<OffsetDateTime> {
        self.permanent()
            .filter(|material| material.secret.is_some())
            .filter_map(|m| m.valid_to)
            .min()
    }

    /// Whether there is material in KMS to speak of at all.
    pub(crate) fn has_any_material(&self) -> bool {
        self.permanent().any(|material| material.secret.is_some())
    }

    /// A symmetric key with several materials is usable only while all of them are there.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html>
    fn has_all_material(&self) -> bool {
        !self.materials.is_empty() && self.permanent().all(|material| material.secret.is_some())
    }

    /// The next moment at which this key changes by itself; a replica key does not rotate by itself.
    pub(crate) fn next_due(&self, is_replica: bool) -> Option<OffsetDateTime> {
        let deletion = match self.deletion {
            Some(Deletion::At(date)) => Some(date),
            _ => None,
        };
        let expiry = self
            .materials
            .iter()
            .filter(|material| material.secret.is_some())
            .filter_map(|material| material.valid_to);
        // A key that is not enabled is not rotated; it catches up when it is enabled again.
        let rotation = self
            .rotation
            .filter(|_| !is_replica && self.state() == KeyState::Enabled)
            .map(|rotation| rotation.next);
        expiry.chain(deletion).chain(rotation).min()
    }

    fn permanent(&self) -> impl Iterator<Item = &Material> {
        self.materials
            .iter()
            .filter(|material| material.role.is_permanent())
    }
}
