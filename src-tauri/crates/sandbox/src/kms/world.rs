//! All accounts and regions of the simulated KMS, and where things lie in them.
//!
//! Plain state: no rules of operations here. What happens by itself as time passes is in `due`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::custom_key_stores::{self, CustomKeyStore, StoreAddress};
use super::happened::Happened;
use super::key::{Key, MaterialId, Secret};
use super::key_policy::KeyPolicy;
use super::policy;
use crate::regions::Partition;

/// Everything.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Kept")]
pub(crate) struct World {
    accounts: BTreeMap<Arc<str>, Account>,
    /// What CloudTrail was not told yet.
    #[serde(skip_serializing_if = "VecDeque::is_empty")]
    pub(super) happened: VecDeque<Happened>,
    /// When which key changes by itself. An entry may be stale: the key decides again when asked.
    #[serde(skip)]
    pub(super) due: BTreeSet<(OffsetDateTime, KeyAddress)>,
    /// The custom key stores whose connection is changing, and since when.
    #[serde(skip)]
    pub(super) changing_stores: BTreeSet<(OffsetDateTime, StoreAddress)>,
}

/// The world as it is written down.
#[derive(Deserialize)]
struct Kept {
    accounts: BTreeMap<Arc<str>, Account>,
    #[serde(default)]
    happened: VecDeque<Happened>,
}

/// One account: its regions, and what its multi-Region keys share.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    #[serde(skip)]
    name: Arc<str>,
    rooms: BTreeMap<Arc<str>, Room>,
    families: BTreeMap<Arc<str>, Family>,
    /// One for all keys that never had a policy of their own.
    #[serde(skip)]
    default_policy: Arc<KeyPolicy>,
}

/// The keys and aliases of one account in one region, in the order in which they are listed.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Room {
    #[serde(skip)]
    name: Arc<str>,
    pub(crate) keys: BTreeMap<Arc<str>, Key>,
    pub(crate) aliases: BTreeMap<Arc<str>, Alias>,
    #[serde(default)]
    pub(super) custom_key_stores: BTreeMap<Arc<str>, CustomKeyStore>,
}

/// An alias; its full name is its key in the map.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// Absent for an alias that AWS has predefined and no service has used yet.
    pub(crate) target: Option<Arc<str>>,
    #[serde(with = "rfc3339")]
    pub(crate) created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(crate) updated: OffsetDateTime,
}

/// Where the keys of one multi-Region key are.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) primary: Arc<str>,
    pub(crate) replicas: BTreeSet<Arc<str>>,
}

/// Which key: account, region, key id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyAddress {
    pub(crate) account: Arc<str>,
    pub(crate) region: Arc<str>,
    pub(crate) id: Arc<str>,
}

impl KeyAddress {
    pub(crate) fn arn(&self) -> String {
        key_arn(&self.account, &self.region, &self.id)
    }
}

/// The ARN of a key.
pub(crate) fn key_arn(account: &str, region: &str, id: &str) -> String {
    format!(
        "arn:{}:kms:{region}:{account}:key/{id}",
        Partition::of(region).word()
    )
}

/// The ARN of an alias, whose name starts with `alias/`.
pub(crate) fn alias_arn(account: &str, region: &str, name: &str) -> String {
    format!(
        "arn:{}:kms:{region}:{account}:{name}",
        Partition::of(region).word()
    )
}

impl World {
    /// The region of an account, if anything was ever made there.
    pub(crate) fn room(&self, account: &str, region: &str) -> Option<&Room> {
        self.accounts.get(account)?.rooms.get(region)
    }

    /// The same, made on first use.
    pub(crate) fn room_mut(&mut self, account: &str, region: &str) -> &mut Room {
        let rooms = &mut self.account_mut(account, region).rooms;
        if !rooms.contains_key(region) {
            let name: Arc<str> = region.into();
            rooms.insert(Arc::clone(&name), Room::new(name));
        }
        // The entry API would need an owned name for every look-up.
        rooms.get_mut(region).expect("inserted above")
    }

    /// The key at an address.
    pub(crate) fn key(&self, at: &KeyAddress) -> Option<&Key> {
        self.room(&at.account, &at.region)?.keys.get(&at.id)
    }

    /// The same, to change it. Call [`World::watch`] afterwards if a date of its own moved.
    pub(crate) fn key_mut(&mut self, at: &KeyAddress) -> Option<&mut Key> {
        self.accounts
            .get_mut(&at.account)?
            .rooms
            .get_mut(&at.region)?
            .keys
            .get_mut(&at.id)
    }

    /// The address of a key id in a region, without allocating anything new.
    pub(crate) fn address(&self, account: &str, region: &str, id: &str) -> Option<KeyAddress> {
        let account = self.accounts.get(account)?;
        let room = account.rooms.get(region)?;
        let (id, _) = room.keys.get_key_value(id)?;
        Some(KeyAddress {
            account: Arc::clone(&account.name),
            region: Arc::clone(&room.name),
            id: Arc::clone(id),
        })
    }

    /// All keys in a region, each with its account.
    pub(crate) fn keys_in(&self, region: &str) -> impl Iterator<Item = (&str, &Key)> {
        self.accounts.iter().flat_map(move |(name, account)| {
            let room = account.rooms.get(region);
            let keys = room.into_iter().flat_map(|room| room.keys.values());
            keys.map(move |key| (&**name, key))
        })
    }

    /// All keys, to change them.
    pub(crate) fn keys_mut(&mut self) -> impl Iterator<Item = &mut Key> {
        let accounts = self.accounts.values_mut();
        let rooms = accounts.flat_map(|account| account.rooms.values_mut());
        rooms.flat_map(|room| room.keys.values_mut())
    }

    /// Adds a key to a region and watches its dates.
    pub(crate) fn add(&mut self, account: &str, region: &str, key: Key) -> KeyAddress {
        let account_name = Arc::clone(&self.account_mut(account, region).name);
        let room = self.room_mut(account, region);
        let address = KeyAddress {
            account: account_name,
            region: Arc::clone(&room.name),
            id: Arc::clone(&key.id),
        };
        room.keys.insert(Arc::clone(&key.id), key);
        self.watch(&address);
        address
    }

    /// Notes when this key next changes by itself.
    pub(crate) fn watch(&mut self, at: &KeyAddress) {
        let family = self.family(at);
        let is_replica = family.is_some_and(|family| family.primary != at.region);
        if let Some(moment) = self.key(at).and_then(|key| key.next_due(is_replica)) {
            self.due.insert((moment, at.clone()));
        }
    }

    /// Adds or moves an alias. The rules were checked by the caller.
    pub(crate) fn point_alias(
        &mut self,
        account: &str,
        region: &str,
        name: &str,
        target: Option<&str>,
        now: OffsetDateTime,
    ) {
        let room = self.room_mut(account, region);
        let old = room.aliases.remove_entry(name);
        let (name, created) = match old {
            Some((name, alias)) => {
                if let Some(key) = alias.target.and_then(|id| room.keys.get_mut(&id)) {
                    key.aliases.remove(&name);
                }
                (name, alias.created)
            }
            None => (name.into(), now),
        };
        let target = target.and_then(|id| room.keys.get_mut(id)).map(|key| {
            key.aliases.insert(Arc::clone(&name));
            Arc::clone(&key.id)
        });
        room.aliases.insert(
            name,
            Alias {
                target,
                created,
                updated: now,
            },
        );
    }

    /// Removes an alias; `false` if there was none.
    pub(crate) fn remove_alias(&mut self, account: &str, region: &str, name: &str) -> bool {
        let room = self.room_mut(account, region);
        let Some((name, alias)) = room.aliases.remove_entry(name) else {
            return false;
        };
        if let Some(key) = alias.target.and_then(|id| room.keys.get_mut(&id)) {
            key.aliases.remove(&name);
        }
        true
    }

    /// The regions of a multi-Region key.
    pub(crate) fn family(&self, at: &KeyAddress) -> Option<&Family> {
        self.accounts.get(&at.account)?.families.get(&at.id)
    }

    /// The same, to change it; a new one has its primary where `at` is.
    pub(crate) fn family_mut(&mut self, at: &KeyAddress) -> &mut Family {
        self.account_mut(&at.account, &at.region)
            .families
            .entry(Arc::clone(&at.id))
            .or_insert_with(|| Family {
                primary: Arc::clone(&at.region),
                replicas: BTreeSet::new(),
            })
    }

    /// Forgets a multi-Region key whose last key is gone.
    pub(crate) fn remove_family(&mut self, at: &KeyAddress) {
        self.account_mut(&at.account, &at.region)
            .families
            .remove(&at.id);
    }

    /// The addresses of the replicas of a multi-Region key, wherever `at` is.
    pub(crate) fn replicas(&self, at: &KeyAddress) -> Vec<KeyAddress> {
        let Some(family) = self.family(at) else {
            return Vec::new();
        };
        family
            .replicas
            .iter()
            .map(|region| KeyAddress {
                region: Arc::clone(region),
                ..at.clone()
            })
            .collect()
    }

    /// The keys whose rotation on demand did not take place yet.
    pub(crate) fn rotations_asked(&self) -> Vec<KeyAddress> {
        let rooms = self
            .accounts
            .values()
            .flat_map(|account| account.rooms.values().map(move |room| (account, room)));
        rooms
            .flat_map(|(account, room)| {
                let asked = room
                    .keys
                    .values()
                    .filter(|key| key.rotation_asked.is_some());
                asked.map(|key| KeyAddress {
                    account: Arc::clone(&account.name),
                    region: Arc::clone(&room.name),
                    id: Arc::clone(&key.id),
                })
            })
            .collect()
    }

    /// Where the custom key stores are.
    pub(super) fn store_addresses(&self) -> Vec<StoreAddress> {
        let rooms = self.accounts.iter().flat_map(|(account, rooms)| {
            rooms
                .rooms
                .iter()
                .map(move |(region, room)| (account, region, room))
        });
        rooms
            .flat_map(|(account, region, room)| {
                room.custom_key_stores
                    .keys()
                    .map(move |id| StoreAddress::at(account, region, id))
            })
            .collect()
    }

    /// The policy KMS gives a key whose creator sent none.
    pub(crate) fn default_policy(&mut self, account: &str, region: &str) -> Arc<KeyPolicy> {
        Arc::clone(&self.account_mut(account, region).default_policy)
    }

    /// The account, made on first use. Whichever region it is that is asked: it says the partition.
    fn account_mut(&mut self, account: &str, region: &str) -> &mut Account {
        if !self.accounts.contains_key(account) {
            let name: Arc<str> = account.into();
            let made = Account {
                name: Arc::clone(&name),
                rooms: BTreeMap::new(),
                families: BTreeMap::new(),
                default_policy: default_policy(Partition::of(region), account),
            };
            self.accounts.insert(name, made);
        }
        self.accounts.get_mut(account).expect("inserted above")
    }
}

fn default_policy(partition: Partition, account: &str) -> Arc<KeyPolicy> {
    KeyPolicy::new(policy::default_policy(partition, account))
}

impl From<Kept> for World {
    /// Puts back what follows from the rest: names, the aliases of a key, and the due dates.
    fn from(kept: Kept) -> Self {
        // Without a room nothing says the partition, and nothing is lost.
        let mut accounts = kept.accounts;
        accounts.retain(|_, account| !account.rooms.is_empty());
        let mut world = Self {
            accounts,
            happened: kept.happened,
            due: BTreeSet::new(),
            changing_stores: BTreeSet::new(),
        };
        for (name, account) in &mut world.accounts {
            account.name = Arc::clone(name);
            let partition = account
                .rooms
                .keys()
                .next()
                .map_or(Partition::Commercial, |region| Partition::of(region));
            account.default_policy = default_policy(partition, name);
            account.share_materials();
            for (region, room) in &mut account.rooms {
                room.name = Arc::clone(region);
                for (id, key) in &mut room.keys {
                    key.id = Arc::clone(id);
                    if key.policy == account.default_policy {
                        key.policy = Arc::clone(&account.default_policy);
                    }
                    let address = KeyAddress {
                        account: Arc::clone(name),
                        region: Arc::clone(region),
                        id: Arc::clone(id),
                    };
                    let family = account.families.get(id);
                    let is_replica = family.is_some_and(|family| family.primary != *region);
                    let due = key.next_due(is_replica);
                    world.due.extend(due.map(|moment| (moment, address)));
                }
                for (name, alias) in &room.aliases {
                    let target = alias.target.as_ref().and_then(|id| room.keys.get_mut(id));
                    if let Some(key) = target {
                        key.aliases.insert(Arc::clone(name));
                    }
                }
            }
        }
        custom_key_stores::restore(&mut world);
        world
    }
}

impl Account {
    /// The keys of a multi-Region key share their material: above all a pair that is not made yet
    /// must become the same one everywhere.
    fn share_materials(&mut self) {
        let mut shared: BTreeMap<(Arc<str>, MaterialId), Secret> = BTreeMap::new();
        let keys = self.rooms.values_mut().flat_map(|room| &mut room.keys);
        for (id, key) in keys.filter(|(_, key)| key.multi_region) {
            for material in &mut key.materials {
                if let Some(secret) = &mut material.secret {
                    *secret = shared
                        .entry((Arc::clone(id), material.id))
                        .or_insert_with(|| secret.clone())
                        .clone();
                }
            }
        }
    }
}

impl Room {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            keys: BTreeMap::new(),
            aliases: BTreeMap::new(),
            custom_key_stores: BTreeMap::new(),
        }
    }
}
