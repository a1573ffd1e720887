//! The links of a chain of credentials, and what is remembered of each.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_lc_rs::digest;
use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use ownkey_model::{AppError, Result, SignInId, Timestamp};

use super::{login::LoginSource, process::ProcessSource, sso::SsoSource};

/// Renewed so long before the end, or in the last quarter of a shorter life.
const AHEAD: i64 = 5 * 60;

/// A renewal that failed is not tried again for so long while the credentials are good.
const REST: Duration = Duration::from_secs(30);

/// Credentials that build on each other: the first link needs none, each other one those before it.
pub(crate) struct Chain {
    pub(crate) links: Vec<Link>,
    /// How many of them are the connection's own; a registration's role follows.
    pub(crate) own: usize,
    /// The sign-in in the browser that they hang on.
    pub(crate) sign_in: Option<SignInId>,
}

impl Chain {
    /// Whether a link's credentials can be fetched anew without a person, unlike a code of a device,
    /// and lead to others, unlike keys that are known.
    pub(crate) fn begins_anew(&self, index: usize) -> bool {
        !matches!(
            self.links[index].step,
            Step::Static(_) | Step::MfaSession { .. }
        )
    }

    /// Whether the two lead to the same credentials.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let ids = |chain: &Self| -> Vec<LinkId> { chain.links.iter().map(|l| l.id).collect() };
        ids(self) == ids(other)
    }

    /// Whether somebody has to be asked for any of the credentials.
    pub(crate) fn asks(&self) -> bool {
        self.links
            .iter()
            .any(|link| !matches!(link.step, Step::Static(_)))
    }
}

/// One link.
pub(crate) struct Link {
    pub(crate) id: LinkId,
    pub(crate) step: Step,
}

/// Where the credentials of a link come from.
pub(crate) enum Step {
    /// They are known.
    Static(Credentials),
    /// A program prints them.
    Process(ProcessSource),
    /// Identity Center gives them.
    Sso(SsoSource),
    /// `aws login` has left them.
    Login(LoginSource),
    /// The computer that the program runs on gives them.
    Computer(ComputerSource),
    /// A role, assumed with a token from a file.
    WebIdentity(WebIdentitySource),
    /// A session made from long-term credentials and an MFA code.
    MfaSession { serial: String },
    /// A role, assumed with the credentials before.
    Role(AssumedRole),
}

/// What a profile calls its `credential_source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ComputerSource {
    /// `Environment`
    Environment,
    /// `Ec2InstanceMetadata`
    Ec2InstanceMetadata,
    /// `EcsContainer`
    EcsContainer,
}

/// A role that is assumed with a token from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebIdentitySource {
    pub(crate) role: String,
    pub(crate) token_file: String,
    pub(crate) session_name: String,
}

/// A role that is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssumedRole {
    pub(crate) arn: String,
    pub(crate) external_id: Option<String>,
    pub(crate) session_name: String,
    pub(crate) seconds: Option<i32>,
    /// The device whose code goes along.
    pub(crate) mfa_serial: Option<String>,
}

impl Step {
    /// Names what makes these credentials these and no others, given those before. Some of it is
    /// secret: it is shown, not copied.
    fn identify(&self, at: &str, mut show: impl FnMut(&[&str])) {
        match self {
            Self::Static(credentials) => show(&[
                "static",
                credentials.access_key_id(),
                credentials.secret_access_key(),
                credentials.session_token().unwrap_or_default(),
            ]),
            Self::Process(source) => show(&["process", &source.command]),
            Self::Sso(source) => show(&[
                "sso",
                source.identifier(),
                &source.start_url,
                &source.region,
                &source.account,
                &source.role,
                at,
            ]),
            Self::Login(source) => show(&["login", &source.session]),
            Self::Computer(source) => show(&["computer", &format!("{source:?}")]),
            Self::WebIdentity(source) => show(&["web-identity", &format!("{source:?}"), at]),
            Self::MfaSession { serial } => show(&["mfa", serial, at]),
            Self::Role(role) => show(&["role", &format!("{role:?}"), at]),
        }
    }
}

/// Names a link by everything that its credentials depend on, so that connections which lead to the
/// same credentials share them, and a changed profile shares nothing with what it was.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LinkId([u8; 32]);

impl LinkId {
    fn derive(before: Option<Self>, step: &Step, at: &str) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        if let Some(before) = before {
            hash.update(&before.0);
        }
        step.identify(at, |parts| {
            for part in parts {
                hash.update(&(part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        });
        let mut id = [0; 32];
        id.copy_from_slice(hash.finish().as_ref());
        Self(id)
    }
}

/// The links for steps in their order; `at` says who is asked, such as an endpoint URL.
pub(crate) fn links(steps: Vec<Step>, at: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::with_capacity(steps.len());
    for step in steps {
        let before = links.last().map(|link| link.id);
        links.push(Link {
            id: LinkId::derive(before, &step, at),
            step,
        });
    }
    links
}

type Flight = BoxFuture<'static, Result<Credentials>>;

/// What is remembered of a link: its credentials, and whoever is fetching new ones.
pub(crate) struct Slot {
    state: Mutex<State>,
    /// See [`Chain::sign_in`].
    pub(crate) sign_in: Option<SignInId>,
}

#[derive(Default)]
struct State {
    cached: Option<Cached>,
    /// Until then nobody tries to renew what is still good.
    rests_until: Option<Timestamp>,
    flight: Option<WeakShared<Flight>>,
}

struct Cached {
    credentials: Credentials,
    since: Timestamp,
}

impl Slot {
    pub(crate) fn new(sign_in: Option<SignInId>) -> Self {
        Self {
            state: Mutex::default(),
            sign_in,
        }
    }

    /// The credentials, unless they are missing or near their end. Those that could not be renewed
    /// just now are good to their end.
    pub(crate) fn fresh(&self, now: Timestamp) -> Option<Credentials> {
        let state = self.lock();
        let cached = state.cached.as_ref()?;
        let rests = state.rests_until.is_some_and(|until| now < until);
        let left = expiry(&cached.credentials).is_none_or(|end| {
            let life = end.unix_seconds() - cached.since.unix_seconds();
            let ahead = if rests { 0 } else { AHEAD.min(life / 4) };
            end.unix_seconds() - now.unix_seconds() > ahead
        });
        left.then(|| cached.credentials.clone())
    }

    /// Whether they can be thrown away without a loss.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        let state = self.lock();
        let ended = state
            .cached
            .as_ref()
            .is_none_or(|cached| expiry(&cached.credentials).is_some_and(|end| end <= now));
        ended && state.flight.as_ref().is_none_or(|f| f.upgrade().is_none())
    }

    pub(crate) fn keep(&self, credentials: Credentials, since: Timestamp) {
        let mut state = self.lock();
        state.cached = Some(Cached { credentials, since });
        state.rests_until = None;
    }

    /// What there is after a renewal ahead of time has failed: the credentials, if they have not
    /// ended. It is tried again after a while, and not before their end if a person gave up.
    pub(crate) fn make_do(&self, error: &AppError, now: Timestamp) -> Option<Credentials> {
        let mut state = self.lock();
        let credentials = state.cached.as_ref()?.credentials.clone();
        let end = expiry(&credentials).filter(|end| *end > now)?;
        state.rests_until = Some(match error {
            AppError::SignInCancelled => end,
            _ => now.plus(REST),
        });
        Some(credentials)
    }

    /// Whether these are the credentials that are remembered.
    pub(crate) fn holds(&self, credentials: &Credentials) -> bool {
        let state = self.lock();
        state
            .cached
            .as_ref()
            .is_some_and(|cached| are_same(&cached.credentials, credentials))
    }

    /// Drops these credentials; newer ones stay.
    pub(crate) fn drop_stale(&self, stale: &Credentials) {
        let mut state = self.lock();
        if state
            .cached
            .as_ref()
            .is_some_and(|cached| are_same(&cached.credentials, stale))
        {
            state.cached = None;
        }
    }

    /// What is fetched now, for everybody who waits. It ends when nobody does any more.
    pub(crate) fn joined(&self, fetch: impl FnOnce() -> Flight) -> Shared<Flight> {
        let mut state = self.lock();
        let under_way = state
            .flight
            .as_ref()
            .and_then(WeakShared::upgrade)
            .filter(|flight| flight.peek().is_none());
        under_way.unwrap_or_else(|| {
            let flight = fetch().shared();
            state.flight = flight.downgrade();
            flight
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the two sign alike.
pub(crate) fn are_same(one: &Credentials, other: &Credentials) -> bool {
    one.access_key_id() == other.access_key_id()
        && one.secret_access_key() == other.secret_access_key()
        && one.session_token() == other.session_token()
}

/// When credentials end, to the second.
pub(crate) fn expiry(credentials: &Credentials) -> Option<Timestamp> {
    credentials.expiry().map(|end| {
        let seconds = end
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        Timestamp::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    })
}
