//! All accounts and regions of the simulated KMS, and where things lie in them.
//!
//! Plain state: no rules of operations here. What happens by itself as time passes is in `due`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use time::OffsetDateTime;

use super::key::Key;
use super::policy;

/// Everything.
#[derive(Default)]
pub(crate) struct World {
    accounts: HashMap<Arc<str>, Account>,
    /// When which key changes by itself. An entry may be stale: the key decides again when asked.
    pub(super) due: BTreeSet<(OffsetDateTime, KeyAddress)>,
}

/// One account: its regions, and what its multi-Region keys share.
pub(crate) struct Account {
    name: Arc<str>,
    rooms: HashMap<Arc<str>, Room>,
    families: HashMap<Arc<str>, Family>,
    /// One string for all keys that never had a policy of their own.
    default_policy: Arc<str>,
}

/// The keys and aliases of one account in one region, in the order in which they are listed.
pub(crate) struct Room {
    name: Arc<str>,
    pub(crate) keys: BTreeMap<Arc<str>, Key>,
    pub(crate) aliases: BTreeMap<Arc<str>, Alias>,
}

/// An alias; its full name is its key in the map.
pub(crate) struct Alias {
    /// Absent for an alias that AWS has predefined and no service has used yet.
    pub(crate) target: Option<Arc<str>>,
    pub(crate) created: OffsetDateTime,
    pub(crate) updated: OffsetDateTime,
}

/// Where the keys of one multi-Region key are.
#[derive(Clone)]
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
    format!("arn:{}:kms:{region}:{account}:key/{id}", partition(region))
}

/// The ARN of an alias, whose name starts with `alias/`.
pub(crate) fn alias_arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:{}:kms:{region}:{account}:{name}", partition(region))
}

/// The partition of a region.
pub(crate) fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

impl World {
    /// The region of an account, if anything was ever made there.
    pub(crate) fn room(&self, account: &str, region: &str) -> Option<&Room> {
        self.accounts.get(account)?.rooms.get(region)
    }

    /// The same, made on first use.
    pub(crate) fn room_mut(&mut self, account: &str, region: &str) -> &mut Room {
        let rooms = &mut self.account_mut(account).rooms;
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

    /// Adds a key to a region and watches its dates.
    pub(crate) fn add(&mut self, account: &str, region: &str, key: Key) -> KeyAddress {
        let account_name = Arc::clone(&self.account_mut(account).name);
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
        if let Some(moment) = self.key(at).and_then(Key::next_due) {
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
        self.account_mut(&at.account)
            .families
            .entry(Arc::clone(&at.id))
            .or_insert_with(|| Family {
                primary: Arc::clone(&at.region),
                replicas: BTreeSet::new(),
            })
    }

    /// Forgets a multi-Region key whose last key is gone.
    pub(crate) fn remove_family(&mut self, at: &KeyAddress) {
        self.account_mut(&at.account).families.remove(&at.id);
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

    /// The policy KMS gives a key whose creator sent none.
    pub(crate) fn default_policy(&mut self, account: &str) -> Arc<str> {
        Arc::clone(&self.account_mut(account).default_policy)
    }

    fn account_mut(&mut self, account: &str) -> &mut Account {
        if !self.accounts.contains_key(account) {
            let name: Arc<str> = account.into();
            let made = Account {
                name: Arc::clone(&name),
                rooms: HashMap::new(),
                families: HashMap::new(),
                default_policy: policy::default_policy(account).into(),
            };
            self.accounts.insert(name, made);
        }
        self.accounts.get_mut(account).expect("inserted above")
    }
}

impl Room {
    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            keys: BTreeMap::new(),
            aliases: BTreeMap::new(),
        }
    }
}
