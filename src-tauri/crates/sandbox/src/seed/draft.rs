//! A seeded key as one readable sentence, and how it becomes a key.
//!
//! Ids follow from account, region and alias, material from the id: both repeat from start to start
//! and do not move when another key is added to the list.

use std::sync::Arc;

use aws_lc_rs::{digest, hmac};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::kms::{
    Deletion, Key, KeyAddress, KeyPolicy, KeySpec, KeyUsage, KmsWorld, LazyPair, Material,
    MaterialId, Origin, Role, Rotation, RotationType, Secret, blank,
};

/// A key to be planted.
pub(super) struct Draft {
    alias: &'static str,
    origin: Origin,
    spec: KeySpec,
    usage: KeyUsage,
    description: String,
    tags: Vec<(&'static str, &'static str)>,
    policy: Option<String>,
    age_days: i64,
    multi_region: bool,
    rotation_days: Option<u32>,
    /// Days from now; negative is past.
    expires_in: Option<i64>,
    has_material: bool,
    earlier_materials: u32,
    next_material: bool,
    disabled: bool,
    deletion_in: Option<i64>,
    no_alias: bool,
}

/// A native key. `alias` is without `alias/`.
pub(super) fn native(alias: &'static str, spec: KeySpec, usage: KeyUsage) -> Draft {
    Draft {
        alias,
        origin: Origin::AwsKms,
        spec,
        usage,
        description: String::new(),
        tags: Vec::new(),
        policy: None,
        age_days: 400,
        multi_region: false,
        rotation_days: None,
        expires_in: None,
        has_material: true,
        earlier_materials: 0,
        next_material: false,
        disabled: false,
        deletion_in: None,
        no_alias: false,
    }
}

/// A native symmetric encryption key.
pub(super) fn symmetric(alias: &'static str) -> Draft {
    native(alias, KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt)
}

/// A key with imported material that does not expire, unless more is said.
pub(super) fn imported(alias: &'static str, spec: KeySpec, usage: KeyUsage) -> Draft {
    Draft {
        origin: Origin::External,
        ..native(alias, spec, usage)
    }
}

/// The same for a symmetric encryption key.
pub(super) fn byok(alias: &'static str) -> Draft {
    imported(alias, KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt)
}

impl Draft {
    pub(super) fn about(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// The tags that a company puts on every key: team, environment, cost centre, data class.
    pub(super) fn of(
        mut self,
        team: &'static str,
        env: &'static str,
        cost_center: &'static str,
        data_class: &'static str,
    ) -> Self {
        self.tags.extend([
            ("team", team),
            ("env", env),
            ("cost-center", cost_center),
            ("data-class", data_class),
        ]);
        self
    }

    pub(super) fn tag(mut self, name: &'static str, value: &'static str) -> Self {
        self.tags.push((name, value));
        self
    }

    pub(super) fn policy(mut self, policy: String) -> Self {
        self.policy = Some(policy);
        self
    }

    pub(super) fn aged(mut self, days: i64) -> Self {
        self.age_days = days;
        self
    }

    pub(super) fn multi_region(mut self) -> Self {
        self.multi_region = true;
        self
    }

    pub(super) fn rotated_every(mut self, days: u32) -> Self {
        self.rotation_days = Some(days);
        self
    }

    /// Days until the imported material expires; a negative number is an expired key.
    pub(super) fn expires_in(mut self, days: i64) -> Self {
        self.expires_in = Some(days);
        self
    }

    pub(super) fn without_material(mut self) -> Self {
        self.has_material = false;
        self
    }

    /// Materials that were current before and were replaced by rotation on demand.
    pub(super) fn rotated_on_demand(mut self, times: u32) -> Self {
        self.earlier_materials = times;
        self
    }

    /// New material was imported and waits for the rotation.
    pub(super) fn with_pending_material(mut self) -> Self {
        self.next_material = true;
        self
    }

    pub(super) fn disabled(mut self) -> Self {
        self.disabled = true;
        self
    }

    pub(super) fn deleted_in(mut self, days: i64) -> Self {
        self.deletion_in = Some(days);
        self
    }

    pub(super) fn without_alias(mut self) -> Self {
        self.no_alias = true;
        self
    }
}

/// Puts drafts into one region of one account.
pub(super) struct Planter<'w> {
    pub(super) world: &'w mut KmsWorld,
    pub(super) account: &'static str,
    pub(super) region: &'static str,
    pub(super) now: OffsetDateTime,
}

impl Planter<'_> {
    pub(super) fn plant(&mut self, draft: Draft) -> KeyAddress {
        let id = key_id(self.account, self.region, draft.alias, draft.multi_region);
        let policy = match &draft.policy {
            Some(policy) => KeyPolicy::new(policy.as_str()),
            None => self.world.default_policy(self.account, self.region),
        };
        let created = self.now - Duration::days(draft.age_days) - Duration::minutes(217);
        let mut key = blank(&id, created, draft.spec, draft.usage, draft.origin, policy);
        key.description = draft.description.as_str().into();
        key.tags = draft
            .tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        key.disabled = draft.disabled;
        key.deletion = draft
            .deletion_in
            .map(|days| Deletion::At(self.now + Duration::days(days)));
        if draft.has_material {
            self.add_materials(&mut key, &draft, created);
        }
        let at = self.world.add(self.account, self.region, key);
        if draft.multi_region {
            self.world.family_mut(&at);
        }
        if !draft.no_alias {
            self.alias(draft.alias, &at, created);
        }
        at
    }

    /// One more name for a key that was planted.
    pub(super) fn alias(&mut self, name: &str, at: &KeyAddress, created: OffsetDateTime) {
        let name = format!("alias/{name}");
        self.world
            .point_alias(self.account, self.region, &name, Some(&at.id), created);
    }

    /// A replica of a planted primary key in another region: `None` for imported material that is
    /// not there (yet, or any more), else when it expires.
    pub(super) fn replicate(
        &mut self,
        primary: &KeyAddress,
        region: &'static str,
        material: Option<Option<i64>>,
    ) {
        let Some(original) = self.world.key(primary) else {
            return;
        };
        let alias = original.aliases.first().cloned();
        let created = original.created + Duration::minutes(4);
        let mut replica = blank(
            &original.id,
            created,
            original.spec,
            original.usage,
            original.origin,
            Arc::clone(&original.policy),
        );
        replica.description.clone_from(&original.description);
        replica.tags.clone_from(&original.tags);
        replica.rotation = original.rotation;
        replica.materials = original
            .materials
            .iter()
            .map(|original| Material {
                secret: original.secret.clone().filter(|_| material.is_some()),
                valid_to: material
                    .flatten()
                    .map(|days| self.now + Duration::days(days)),
                description: original.description.clone(),
                ..*original
            })
            .collect();
        self.world.add(self.account, region, replica);
        self.world
            .family_mut(primary)
            .replicas
            .insert(region.into());
        if let Some(alias) = alias {
            self.world
                .point_alias(self.account, region, &alias, Some(&primary.id), created);
        }
    }

    fn add_materials(&self, key: &mut Key, draft: &Draft, created: OffsetDateTime) {
        let expired = draft.expires_in.is_some_and(|days| days <= 0);
        let valid_to = draft
            .expires_in
            .filter(|_| !expired)
            .map(|days| self.now + Duration::days(days) + Duration::minutes(95));
        let mut dates = vec![None];
        if let Some(period_days) = draft.rotation_days {
            let period = Duration::days(i64::from(period_days));
            let mut next = created + period;
            while next < self.now {
                dates.push(Some((next, RotationType::Automatic)));
                next += period;
            }
            key.rotation = Some(Rotation { period_days, next });
        }
        for number in 0..draft.earlier_materials {
            let days = 60 * i64::from(draft.earlier_materials - number);
            dates.push(Some((
                self.now - Duration::days(days),
                RotationType::OnDemand,
            )));
        }
        let last = dates.len() - 1;
        let is_byok_symmetric =
            draft.origin == Origin::External && draft.spec == KeySpec::SymmetricDefault;
        for (number, rotated) in dates.into_iter().enumerate() {
            let (id, secret) = material(key, self.region, number);
            key.materials.push(Material {
                id,
                secret: Some(secret).filter(|_| !expired),
                role: if number == last {
                    Role::Current
                } else {
                    Role::NonCurrent
                },
                description: is_byok_symmetric
                    .then(|| format!("HSM export {} of {}", number + 1, draft.alias).into()),
                valid_to,
                rotated,
            });
        }
        if draft.next_material {
            let (id, secret) = material(key, self.region, last + 1);
            key.materials.push(Material {
                id,
                secret: Some(secret),
                role: Role::PendingRotation,
                description: Some("next year".into()),
                valid_to,
                rotated: None,
            });
        }
    }
}

/// The bytes of a seeded raw material, so that a demonstration can import the same ones again.
pub(super) fn seeded_material(key_id: &str, number: usize, length: usize) -> Zeroizing<Vec<u8>> {
    let key = hmac::Key::new(hmac::HMAC_SHA512, b"ownkey sandbox company");
    let tag = hmac::sign(&key, format!("{key_id}/{number}").as_bytes());
    Zeroizing::new(tag.as_ref()[..length].to_vec())
}

fn material(key: &Key, region: &str, number: usize) -> (MaterialId, Secret) {
    match key.spec.material_length(region) {
        Some(length) => {
            let bytes = seeded_material(&key.id, number, length);
            (MaterialId::derive(&key.id, &bytes), Secret::raw(bytes))
        }
        None => (
            MaterialId::derive(&key.id, b"made in the customer's HSM"),
            Secret::Pair(Arc::new(LazyPair::native(key.spec))),
        ),
    }
}

fn key_id(account: &str, region: &str, alias: &str, multi_region: bool) -> String {
    let name = format!("{account}/{region}/{alias}");
    let hash = digest::digest(&digest::SHA256, name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_ref()[..16]);
    let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    if multi_region {
        format!("mrk-{}", uuid.simple())
    } else {
        uuid.to_string()
    }
}
