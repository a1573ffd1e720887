//! Signing in: who gives the credentials of a connection, what is remembered of them, and what a
//! person is asked for on the way.
//!
//! Credentials live in memory, here and nowhere else. Each link of a chain is fetched once for
//! everybody who waits for it, and again when it is near its end.

mod access_key;
mod asking;
mod assume_role;
mod chain;
mod computer;
mod device_flow;
mod link;
mod login;
mod mfa;
mod process;
mod profiles;
mod program;
mod requests;
mod signed_in;
mod sso;
mod token_cache;
mod ways;

#[cfg(test)]
mod tests;

pub(crate) use access_key::AccessKeys;
pub(crate) use asking::Asking;
pub(crate) use link::Chain;
pub(crate) use profiles::list as list_profiles;
pub(crate) use requests::Requests;
pub(crate) use signed_in::SignedIn;
pub(crate) use ways::Ways;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_credential_types::Credentials;
use futures::{FutureExt, future::BoxFuture, future::Shared};
use ownkey_material::Vault;
use ownkey_model::{
    AppError, Change, Clock, ConnectionId, Result, SignInId, SignInState, Timestamp,
};
use tokio::sync::oneshot;

use crate::config::Surroundings;
use link::{LinkId, Slot, Step, expiry};
use login::LoginSource;
use requests::Announce;
use sso::SsoSource;

/// So many links are remembered before those that have ended are forgotten.
const MANY: usize = 256;

/// What is remembered of all sign-ins of the program.
pub(crate) struct Memory {
    pub(crate) access_keys: AccessKeys,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) requests: Requests,
    pub(crate) surroundings: Surroundings,
    pub(crate) unwritten: token_cache::Unwritten,
    announce: Announce,
    slots: Mutex<HashMap<LinkId, Arc<Slot>>>,
    standings: Mutex<HashMap<ConnectionId, Standing>>,
    sign_ins: Mutex<HashMap<SignInId, InBrowser>>,
}

struct Standing {
    state: SignInState,
    links: Vec<LinkId>,
}

/// A sign-in in the browser that was, or may be, needed.
struct InBrowser {
    asking: Arc<Asking>,
    with: Browsed,
    under_way: Option<End>,
}

type End = Shared<oneshot::Receiver<Result<()>>>;

/// Whoever comes first signs in; others wait for the end of it.
enum Part {
    Leads(oneshot::Sender<Result<()>>, Arc<Asking>, Browsed),
    Follows(End),
}

/// Who signs in in the browser.
#[derive(Clone)]
pub(crate) enum Browsed {
    Sso(SsoSource),
    Login(LoginSource),
}

impl Memory {
    pub(crate) fn new(
        vault: Arc<dyn Vault>,
        clock: Arc<dyn Clock>,
        announce: Announce,
        surroundings: Surroundings,
    ) -> Arc<Self> {
        Arc::new(Self {
            access_keys: AccessKeys::new(vault),
            clock,
            requests: Requests::new(Arc::clone(&announce)),
            surroundings,
            unwritten: token_cache::Unwritten::default(),
            announce,
            slots: Mutex::default(),
            standings: Mutex::default(),
            sign_ins: Mutex::default(),
        })
    }

    /// The credentials of a link of a chain: those that are remembered, or new ones if they are near
    /// their end.
    pub(crate) fn credentials(
        self: &Arc<Self>,
        asking: &Arc<Asking>,
        chain: &Arc<Chain>,
        index: usize,
    ) -> BoxFuture<'static, Result<Credentials>> {
        let (memory, asking, chain) = (Arc::clone(self), Arc::clone(asking), Arc::clone(chain));
        async move {
            if let Step::Static(credentials) = &chain.links[index].step {
                return Ok(credentials.clone());
            }
            let slot = memory.slot(&chain, index);
            if let Some(credentials) = slot.fresh(memory.clock.now()) {
                return Ok(credentials);
            }
            let keeper = Arc::clone(&slot);
            let flight = slot.joined(|| {
                async move {
                    // Somebody may have come back with new ones in between.
                    if let Some(credentials) = keeper.fresh(memory.clock.now()) {
                        return Ok(credentials);
                    }
                    match memory.fetch(&asking, &chain, index).await {
                        Ok(fetched) => {
                            keeper.keep(fetched.clone(), memory.clock.now());
                            Ok(fetched)
                        }
                        Err(error) => match keeper.make_do(&error, memory.clock.now()) {
                            Some(credentials) => {
                                tracing::warn!(%error, "credentials were not renewed ahead of time");
                                Ok(credentials)
                            }
                            None => Err(error),
                        },
                    }
                }
                .boxed()
            });
            flight.await
        }
        .boxed()
    }

    /// Drops the credentials of a link; newer ones stay.
    pub(crate) fn drop_stale(&self, chain: &Chain, index: usize, stale: &Credentials) {
        self.slot(chain, index).drop_stale(stale);
    }

    /// Whether credentials are those that a link has now.
    pub(crate) fn holds(&self, chain: &Chain, index: usize, credentials: &Credentials) -> bool {
        match &chain.links[index].step {
            Step::Static(known) => link::are_same(known, credentials),
            _ => self.slot(chain, index).holds(credentials),
        }
    }

    async fn fetch(
        self: &Arc<Self>,
        asking: &Arc<Asking>,
        chain: &Arc<Chain>,
        index: usize,
    ) -> Result<Credentials> {
        let step = &chain.links[index].step;
        match step {
            Step::Static(credentials) => Ok(credentials.clone()),
            Step::Process(source) => {
                process::credentials(source, process::LIMIT, self.clock.now()).await
            }
            Step::Sso(source) => sso::credentials(asking, source).await,
            Step::Login(source) => login::credentials(asking, source).await,
            Step::Computer(source) => computer::credentials(asking, *source).await,
            Step::WebIdentity(source) => assume_role::with_token(asking, source).await,
            Step::MfaSession { .. } | Step::Role(_) => {
                let caller = self.credentials(asking, chain, index - 1).await?;
                let outcome = ask_sts(asking, step, &caller).await;
                let ended = match &outcome {
                    // AWS knows better than this computer's clock.
                    Err(AppError::CredentialsExpired { .. }) => true,
                    // Replaced by whoever gives them. A code is not asked for on suspicion.
                    Err(AppError::CredentialsRefused { .. }) => chain.begins_anew(index - 1),
                    _ => false,
                };
                if !ended {
                    return outcome;
                }
                self.drop_stale(chain, index - 1, &caller);
                let renewed = self.credentials(asking, chain, index - 1).await?;
                if link::are_same(&renewed, &caller) {
                    return outcome;
                }
                ask_sts(asking, step, &renewed).await
            }
        }
    }

    fn slot(&self, chain: &Chain, index: usize) -> Arc<Slot> {
        let mut slots = lock(&self.slots);
        if slots.len() > MANY {
            let now = self.clock.now();
            slots.retain(|_, slot| !slot.is_idle(now));
        }
        let slot = slots
            .entry(chain.links[index].id)
            .or_insert_with(|| Arc::new(Slot::new(chain.sign_in.clone())));
        Arc::clone(slot)
    }
}

/// How connections stand.
impl Memory {
    pub(crate) fn state(&self, connection: &ConnectionId) -> SignInState {
        let standings = lock(&self.standings);
        match standings.get(connection).map(|one| &one.state) {
            None => SignInState::NotYet,
            // Nobody needed it since it ran out; whoever does renews it.
            Some(SignInState::SignedIn { until: Some(until) }) if *until <= self.clock.now() => {
                SignInState::NotYet
            }
            Some(state) => state.clone(),
        }
    }

    pub(crate) fn signed_in(&self, connection: &ConnectionId, chain: &Chain, by: &Credentials) {
        let until = expiry(by);
        self.stand(connection, chain, SignInState::SignedIn { until });
    }

    pub(crate) fn failed(&self, connection: &ConnectionId, chain: &Chain, error: &AppError) {
        let error = error.clone();
        self.stand(connection, chain, SignInState::Failed { error });
    }

    fn stand(&self, connection: &ConnectionId, chain: &Chain, state: SignInState) {
        let links = chain.links.iter().map(|link| link.id);
        let changed = {
            let mut standings = lock(&self.standings);
            match standings.get_mut(connection) {
                Some(standing) => {
                    let changed = standing.state != state;
                    standing.state = state;
                    for link in links {
                        if !standing.links.contains(&link) {
                            standing.links.push(link);
                        }
                    }
                    changed
                }
                None => {
                    let links = links.collect();
                    standings.insert(connection.clone(), Standing { state, links });
                    true
                }
            }
        };
        if changed {
            (self.announce)(Change::Connections);
        }
    }

    /// Forgets how a connection stands and the credentials that it alone led to.
    pub(crate) fn forget(&self, connection: &ConnectionId) {
        let forgotten = {
            let mut standings = lock(&self.standings);
            standings.remove(connection).map(|mut gone| {
                let others = |id: &LinkId| standings.values().any(|one| one.links.contains(id));
                gone.links.retain(|id| !others(id));
                gone.links
            })
        };
        if let Some(links) = forgotten {
            lock(&self.slots).retain(|id, _| !links.contains(id));
            (self.announce)(Change::Connections);
        }
    }
}

/// Sign-ins in the browser.
impl Memory {
    /// Remembers what a sign-in is about, for when a person wants it.
    pub(crate) fn may_sign_in(&self, id: SignInId, asking: &Arc<Asking>, with: Browsed) {
        let asking = Arc::clone(asking);
        let mut sign_ins = lock(&self.sign_ins);
        match sign_ins.get_mut(&id) {
            Some(known) => (known.asking, known.with) = (asking, with),
            None => {
                let under_way = None;
                sign_ins.insert(
                    id,
                    InBrowser {
                        asking,
                        with,
                        under_way,
                    },
                );
            }
        }
    }

    /// Signs in, or waits with whoever does already.
    pub(crate) async fn sign_in(
        &self,
        id: &SignInId,
        open_page: &(dyn Fn(&str) -> Result<()> + Send + Sync),
    ) -> Result<()> {
        let (ended, asking, with) = match self.join(id)? {
            Part::Follows(end) => return end.await.unwrap_or(Err(AppError::SignInCancelled)),
            Part::Leads(ended, asking, with) => (ended, asking, with),
        };
        let outcome = match &with {
            Browsed::Sso(source) => device_flow::sign_in(&asking, source, open_page).await,
            Browsed::Login(source) => login::sign_in(&asking, source).await,
        };
        if outcome.is_ok() {
            self.begin_anew(id);
        }
        // Nobody else may be waiting.
        drop(ended.send(outcome.clone()));
        outcome
    }

    fn join(&self, id: &SignInId) -> Result<Part> {
        let mut sign_ins = lock(&self.sign_ins);
        let known = sign_ins.get_mut(id).ok_or_else(|| AppError::NotFound {
            what: "sign-in".into(),
        })?;
        // One whose asker went away has ended, too.
        let is_under_way = |end: &End| end.clone().now_or_never().is_none();
        if let Some(end) = known.under_way.clone().filter(is_under_way) {
            return Ok(Part::Follows(end));
        }
        let (ended, end) = oneshot::channel();
        known.under_way = Some(end.shared());
        let with = known.with.clone();
        Ok(Part::Leads(ended, Arc::clone(&known.asking), with))
    }

    /// What hangs on a sign-in is fetched anew by the next call.
    fn begin_anew(&self, id: &SignInId) {
        lock(&self.slots).retain(|_, slot| slot.sign_in.as_ref() != Some(id));
        lock(&self.standings).retain(|_, standing| {
            !matches!(
                &standing.state,
                SignInState::Failed { error: AppError::SignInNeeded { sign_in, .. } } if sign_in == id
            )
        });
        (self.announce)(Change::Connections);
    }
}

async fn ask_sts(asking: &Asking, step: &Step, caller: &Credentials) -> Result<Credentials> {
    match step {
        Step::MfaSession { serial } => mfa::session(asking, serial, caller).await,
        Step::Role(role) => assume_role::assume(asking, role, caller).await,
        _ => Ok(caller.clone()),
    }
}

/// An instant as the SDK spells it.
pub(crate) fn system_time(at: Timestamp) -> SystemTime {
    let seconds = u64::try_from(at.unix_seconds()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Maps whose entries are replaced whole: there is no half-written state to fear.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
