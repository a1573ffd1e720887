//! Accounts, users, roles, their policies and credentials: the state that IAM and STS share.
//!
//! The operations of IAM are in `answers`, those of STS in `crate::sts`; what policies permit is
//! decided in `evaluate` and asked through `authorize`.

mod access_keys;
pub(crate) mod account;
mod aliases;
pub(crate) mod answers;
mod attached;
pub(crate) mod authorise;
pub(crate) mod caller;
mod catalogue;
pub(crate) mod company;
pub(crate) mod condition;
mod context_keys;
mod details;
mod documents;
mod effective;
mod entities;
pub(crate) mod evaluate;
mod exclusions;
mod groups;
mod holders;
mod inline;
mod input;
mod instance_profiles;
mod last_accessed;
mod linked_roles;
mod login_profiles;
mod managed;
mod members;
pub(crate) mod mfa;
mod mfa_devices;
pub(crate) mod named;
mod never_had;
mod oidc_providers;
mod paging;
mod password_policy;
pub(crate) mod policy;
mod positions;
pub(crate) mod principals;
mod report;
mod resource_types;
mod roles;
mod saml_metadata;
mod saml_providers;
pub(crate) mod service_control;
pub(crate) mod service_roles;
mod services;
mod session_policies;
mod simulate;
mod summary;
pub(crate) mod tagged;
mod tags;
mod unique_ids;
mod users;
mod uses;
mod verdicts;
mod versions;
mod wildcards;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use crate::random::Random;
use crate::regions::Partition;
use crate::revision::{Changing, Revision};
use crate::{ACCESS_KEY_ID, SECRET_ACCESS_KEY, Seed};
use access_keys::AccessKey;
use account::{Account, Group, Role, User};
use caller::{Caller, Identity, SessionFacts};
use holders::Kind;
use mfa_devices::MfaDevice;
use service_control::ServiceControl;
pub(crate) use uses::Noted;
use uses::Uses;

/// The user that a 12-digit access key id stands for.
const ADMINISTRATOR: &str = "administrator";

/// Sessions beyond this number are looked through for those that ended long ago.
const SESSIONS_BEFORE_SWEEP: usize = 10_000;

/// All accounts.
pub(crate) struct Iam {
    random: Random,
    revision: Revision,
    state: RwLock<State>,
    /// Those of the state, which are noted without opening it.
    uses: Arc<Uses>,
}

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) accounts: BTreeMap<String, Account>,
    access_keys: BTreeMap<String, AccessKey>,
    sessions: BTreeMap<String, Arc<Session>>,
    /// The turn of the last code of each MFA device, by serial number: none is taken twice.
    #[serde(default)]
    mfa_turns: BTreeMap<String, i64>,
    #[serde(default)]
    uses: Arc<Uses>,
    /// Which follows from the organizations.
    #[serde(skip)]
    service_control: ServiceControl,
}

/// Temporary credentials of STS.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    account: String,
    identity: Identity,
    /// The unique id of the user or role, so that nobody else of the same name can use them. Those
    /// of older states have none.
    #[serde(default)]
    principal_id: Option<String>,
    facts: SessionFacts,
    #[serde(with = "rfc3339")]
    pub(crate) expires_at: OffsetDateTime,
}

/// What belongs to an access key id, before anybody proved to hold the secret.
pub(crate) struct Credential {
    pub(crate) secret: String,
    /// The session token that has to come along, for temporary credentials.
    pub(crate) token: Option<String>,
    pub(crate) expires_at: Option<OffsetDateTime>,
    owner: Owner,
}

enum Owner {
    User { account: String, name: String },
    Administrator { account: String },
    Session(Arc<Session>),
}

impl Owner {
    fn account(&self) -> &str {
        match self {
            Self::User { account, .. } | Self::Administrator { account } => account,
            Self::Session(session) => &session.account,
        }
    }
}

impl Iam {
    /// The accounts of a seed.
    pub(crate) fn new(random: Random, revision: Revision, seed: Seed, now: OffsetDateTime) -> Self {
        let mut state = State::default();
        match seed {
            Seed::Company => company::plant(&mut state, now),
            Seed::Empty | Seed::Keys(_) => {
                state
                    .accounts
                    .insert(seed.first_account().to_owned(), Account::default());
            }
        }
        let account = seed.first_account();
        state.add_user(account, company::administrator(account, "test", now));
        state.add_mfa_device(account, "test", now);
        state.add_access_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY, account, "test");
        Self::resumed(state, random, revision)
    }

    /// The accounts that [`Iam::read`] gave.
    pub(crate) fn resumed(mut state: State, random: Random, revision: Revision) -> Self {
        state.give_devices_records();
        Self {
            random,
            revision,
            uses: Arc::clone(&state.uses),
            state: RwLock::new(state),
        }
    }

    /// Notes that somebody has proved to hold credentials.
    pub(crate) fn note(&self, caller: &Caller, noted: &Noted<'_>) {
        self.uses.note(caller, noted);
    }

    fn uses(&self) -> &Uses {
        &self.uses
    }

    /// What a partition knows about an access key id: nothing about those of the others.
    pub(crate) fn credential(&self, key_id: &str, partition: Partition) -> Option<Credential> {
        let state = self.read();
        let known = state.find_credential(key_id)?;
        state
            .may_be_in(known.owner.account(), partition)
            .then_some(known)
    }

    /// Who holds a credential that was proved; `None` if its user or role is gone. The account of
    /// a 12-digit access key id is created here, on its first use, in the partition of the region that
    /// was asked.
    pub(crate) fn caller(
        &self,
        credential: &Credential,
        partition: Partition,
        now: OffsetDateTime,
    ) -> Option<Caller> {
        self.owner(credential, partition, now)
            .filter(|caller| caller.partition == partition)
    }

    fn owner(
        &self,
        credential: &Credential,
        partition: Partition,
        now: OffsetDateTime,
    ) -> Option<Caller> {
        match &credential.owner {
            Owner::User { account, name } => self.read().user_caller(account, name, None),
            Owner::Administrator { account } => {
                let known = self.read().user_caller(account, ADMINISTRATOR, None);
                known.or_else(|| {
                    let mut state = self.write();
                    state
                        .accounts
                        .entry(account.clone())
                        .or_insert_with(|| Account::new(partition));
                    state.add_user(account, company::administrator(account, ADMINISTRATOR, now));
                    state.user_caller(account, ADMINISTRATOR, None)
                })
            }
            Owner::Session(session) => {
                let facts = Some(session.facts.clone());
                let state = self.read();
                let id = session.principal_id.as_deref();
                match &session.identity {
                    Identity::User { name } => {
                        let renamed = state.user_named_now(&session.account, id);
                        state.user_caller(&session.account, renamed.unwrap_or(name), facts)
                    }
                    Identity::Role { name, session_name } => {
                        state.role_caller(&session.account, name, session_name, facts)
                    }
                }
                .filter(|caller| {
                    caller.is_federated()
                        || id.is_none_or(|id| caller.user_id.split(':').next() == Some(id))
                })
            }
        }
    }

    /// Makes temporary credentials.
    pub(crate) fn start_session(
        &self,
        account: &str,
        identity: Identity,
        facts: SessionFacts,
        expires_at: OffsetDateTime,
    ) -> Arc<Session> {
        let principal_id = self.read().id_of(account, &identity);
        let session = Arc::new(Session {
            key_id: format!("ASIA{}", self.random.id(16)),
            secret: STANDARD.encode(self.random.bytes::<30>()),
            token: STANDARD.encode(self.random.bytes::<192>()),
            account: account.to_owned(),
            identity,
            principal_id,
            facts,
            expires_at,
        });
        let mut state = self.write();
        if state.sessions.len() >= SESSIONS_BEFORE_SWEEP {
            let issued_at = session.facts.issued_at;
            let week_ago = issued_at - time::Duration::WEEK;
            state
                .sessions
                .retain(|_, session| session.expires_at > week_ago);
        }
        state
            .sessions
            .insert(session.key_id.clone(), Arc::clone(&session));
        session
    }

    /// Takes a code of an MFA device, unless it is wrong, or not newer than the last one that was
    /// taken.
    pub(crate) fn take_mfa_code(&self, serial: &str, code: &str, real_now: OffsetDateTime) -> bool {
        let mut state = self.write();
        let last = state.mfa_turns.get(serial).copied();
        let turn = state
            .device(serial)
            .and_then(|device| mfa::turn_of(device.seed(), code, last, real_now));
        let Some(turn) = turn else {
            return false;
        };
        state.mfa_turns.insert(serial.to_owned(), turn);
        true
    }

    /// The state, to be read.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Changes the state; whatever `change` looked at stays as it was until it is done.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State, &Random) -> T) -> T {
        change(&mut self.write(), &self.random)
    }

    fn write(&self) -> Changing<'_, State> {
        self.revision.open(&self.state)
    }
}

impl State {
    fn find_credential(&self, key_id: &str) -> Option<Credential> {
        if let Some(session) = self.sessions.get(key_id) {
            return Some(Credential {
                secret: session.secret.clone(),
                token: Some(session.token.clone()),
                expires_at: Some(session.expires_at),
                owner: Owner::Session(Arc::clone(session)),
            });
        }
        if let Some(key) = self.access_keys.get(key_id).filter(|key| !key.inactive) {
            return Some(Credential {
                secret: key.secret.clone(),
                token: None,
                expires_at: None,
                owner: Owner::User {
                    account: key.account.clone(),
                    name: key.user.clone(),
                },
            });
        }
        account::is_account_id(key_id).then(|| Credential {
            secret: SECRET_ACCESS_KEY.to_owned(),
            token: None,
            expires_at: None,
            owner: Owner::Administrator {
                account: key_id.to_owned(),
            },
        })
    }

    /// Adds a user, and its account if that is new.
    pub(crate) fn add_user(&mut self, account: &str, user: User) {
        self.accounts
            .entry(account.to_owned())
            .or_default()
            .users
            .insert(user.name.clone(), user);
    }

    /// Adds a group to an account that exists.
    pub(crate) fn add_group(&mut self, account: &str, group: Group) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.groups.insert(group.name.clone(), group);
        }
    }

    /// Adds a role to an account that exists.
    pub(crate) fn add_role(&mut self, account: &str, role: Role) {
        if let Some(account) = self.accounts.get_mut(account) {
            account.roles.insert(role.name.clone(), role);
        }
    }

    /// Adds a long-term access key of a user.
    pub(crate) fn add_access_key(&mut self, id: &str, secret: &str, account: &str, user: &str) {
        let key = AccessKey {
            secret: secret.to_owned(),
            account: account.to_owned(),
            user: user.to_owned(),
            created: None,
            inactive: false,
        };
        self.access_keys.insert(id.to_owned(), key);
    }

    /// Gives a user an MFA device of the same name, with the seed of all seeded ones.
    pub(crate) fn add_mfa_device(&mut self, account: &str, user: &str, since: OffsetDateTime) {
        if let Some(account) = self.accounts.get_mut(account) {
            let device = MfaDevice::of(user, since, mfa::MFA_SECRET);
            account.mfa_devices.insert(format!("mfa/{user}"), device);
        }
    }

    /// In older states a device is no more than a name that a user has.
    fn give_devices_records(&mut self) {
        for account in self.accounts.values_mut() {
            for user in account.users.values_mut() {
                if let Some(name) = user.mfa_device.take() {
                    let device = MfaDevice::of(&user.name, user.created, mfa::MFA_SECRET);
                    account.mfa_devices.insert(format!("mfa/{name}"), device);
                }
            }
        }
    }

    fn id_of(&self, account: &str, identity: &Identity) -> Option<String> {
        let home = self.accounts.get(account)?;
        Some(match identity {
            Identity::User { name } => home.users.get(name)?.id.clone(),
            Identity::Role { name, .. } => home.roles.get(name)?.id.clone(),
        })
    }

    /// What the user of a unique id is called now.
    fn user_named_now(&self, account: &str, id: Option<&str>) -> Option<&str> {
        let mut users = self.accounts.get(account)?.users.values();
        let user = users.find(|user| Some(user.id.as_str()) == id)?;
        Some(&user.name)
    }

    fn user_caller(
        &self,
        account: &str,
        name: &str,
        session: Option<SessionFacts>,
    ) -> Option<Caller> {
        let home = self
            .accounts
            .get(account)
            .filter(|_| !self.is_closed(account))?;
        let user = home.users.get(name)?;
        let federated = session
            .as_ref()
            .and_then(|session| session.brought.federated.as_deref());
        let (arn, user_id) = match federated {
            None => (user.arn(home.partition, account), user.id.clone()),
            Some(name) => {
                let word = home.partition.word();
                let arn = format!("arn:{word}:sts::{account}:federated-user/{name}");
                (arn, format!("{account}:{name}"))
            }
        };
        Some(Caller {
            account: account.to_owned(),
            partition: home.partition,
            arn,
            user_id,
            role_arn: None,
            identity: Identity::User {
                name: name.to_owned(),
            },
            tags: caller::with_session_tags(&user.tags, session.as_ref()),
            policies: home.effective(Kind::User, name),
            boundary: home.boundary_of(Kind::User, name),
            controls: self.levels_of(account),
            session,
        })
    }

    fn role_caller(
        &self,
        account: &str,
        name: &str,
        session_name: &str,
        session: Option<SessionFacts>,
    ) -> Option<Caller> {
        let home = self
            .accounts
            .get(account)
            .filter(|_| !self.is_closed(account))?;
        let role = home.roles.get(name)?;
        Some(Caller {
            account: account.to_owned(),
            partition: home.partition,
            arn: role.session_arn(home.partition, account, session_name),
            user_id: format!("{}:{session_name}", role.id),
            role_arn: Some(role.arn(home.partition, account)),
            identity: Identity::Role {
                name: name.to_owned(),
                session_name: session_name.to_owned(),
            },
            tags: caller::with_session_tags(&role.tags, session.as_ref()),
            policies: home.effective(Kind::Role, name),
            boundary: home.boundary_of(Kind::Role, name),
            // They do not bind what a service of AWS does through the role linked to it.
            controls: match role.is_service_linked() {
                true => self.levels_of(account).unbound(),
                false => self.levels_of(account),
            },
            session,
        })
    }
}
