//! Signed in over one connection, for as long as somebody works with it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use ownkey_model::{AppError, Connection, ConnectionKind, Result, Role, Timestamp};

use super::{Asking, Chain, link, profiles, ways};
use crate::pacing::{Pacer, Where};

/// How long STS's word about credentials is taken.
const JUDGED: Duration = Duration::from_secs(60);

/// Makes sure of credentials before each call; cheap to clone.
#[derive(Clone)]
pub(crate) struct SignedIn {
    inner: Arc<Inner>,
}

struct Inner {
    asking: Arc<Asking>,
    connection: Connection,
    role: Option<Role>,
    /// Whether how it stands is shown.
    is_kept: bool,
    chain: Mutex<Arc<Chain>>,
    supply: Supply,
    judged: tokio::sync::Mutex<Option<Judged>>,
}

/// What STS said of credentials that somebody else refused.
struct Judged {
    credentials: Credentials,
    are_refused: bool,
    until: Timestamp,
}

impl SignedIn {
    pub(crate) fn new(
        asking: Arc<Asking>,
        connection: Connection,
        role: Option<Role>,
        is_kept: bool,
        chain: Arc<Chain>,
    ) -> Self {
        let inner = Inner {
            asking,
            connection,
            role,
            is_kept,
            chain: Mutex::new(chain),
            supply: Supply::default(),
            judged: tokio::sync::Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The SDK's settings, with the credentials that there are at the time of each call.
    pub(crate) fn config(&self) -> aws_config::SdkConfig {
        let supply = SharedCredentialsProvider::new(self.inner.supply.clone());
        self.inner
            .asking
            .config
            .to_builder()
            .credentials_provider(supply)
            .build()
    }

    /// When the credentials end, if they do.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.inner.supply.now().as_ref().and_then(link::expiry)
    }

    /// Who signs in alike, as far as can be told before AWS was asked.
    pub(crate) fn lane(&self) -> String {
        let role = self.inner.role.as_ref().map(|role| role.arn.as_str());
        format!(
            "{} {}",
            self.inner.connection.id.0,
            role.unwrap_or_default()
        )
    }

    /// Sends a request in its turn, with credentials that are good. If AWS does not take them (any
    /// more), they are renewed once and the request is sent again: it was not carried out.
    pub(crate) async fn paced<T, F: Future<Output = Result<T>>>(
        &self,
        pacer: &Pacer,
        at: &Where,
        action: &'static str,
        mut request: impl FnMut() -> F,
    ) -> Result<T> {
        // Before the turn is taken: a person may have to be asked.
        let mut used = match self.credentials().await {
            // A key in a file, which a role builds on, may have been replaced.
            Err(error) if has_ended(&error) && self.read_again().await? => {
                self.credentials().await?
            }
            outcome => outcome?,
        };
        let mut outcome = pacer.patiently(at, action, &mut request).await;
        if self.are_not_taken(&used, action, &outcome).await && self.renewed(&used).await? {
            used = self.credentials().await?;
            outcome = pacer.patiently(at, action, &mut request).await;
        }
        let says = match &outcome {
            Ok(_) => Some(None),
            Err(error) if self.are_not_taken(&used, action, &outcome).await => Some(Some(error)),
            Err(_) => None,
        };
        if let Some(error) = says {
            self.note(error);
        }
        outcome
    }

    /// Whether a call ended because AWS no longer takes these credentials. A region that is off
    /// refuses good ones in the same words, so STS is asked what it says of them.
    async fn are_not_taken<T>(
        &self,
        used: &Credentials,
        action: &str,
        outcome: &Result<T>,
    ) -> bool {
        match outcome {
            Err(AppError::CredentialsExpired { .. }) => true,
            Err(AppError::CredentialsRefused { .. }) if action.starts_with("sts:") => true,
            Err(AppError::CredentialsRefused { .. }) => {
                let inner = &self.inner;
                let now = inner.asking.memory().clock.now();
                // One question serves all who met the same.
                let mut judged = inner.judged.lock().await;
                if let Some(judged) = &*judged
                    && link::are_same(&judged.credentials, used)
                    && now < judged.until
                {
                    return judged.are_refused;
                }
                let are_refused = inner.asking.are_refused(used).await;
                *judged = Some(Judged {
                    credentials: used.clone(),
                    are_refused,
                    until: now.plus(JUDGED),
                });
                are_refused
            }
            _ => false,
        }
    }

    /// The credentials, renewed if they are near their end.
    pub(crate) async fn credentials(&self) -> Result<Credentials> {
        let inner = &self.inner;
        let memory = inner.asking.memory();
        let chain = self.chain();
        let own = memory
            .credentials(&inner.asking, &chain, chain.own - 1)
            .await;
        if inner.is_kept {
            match &own {
                Ok(credentials) if chain.asks() => {
                    memory.signed_in(&inner.connection.id, &chain, credentials);
                }
                // Whether keys are good is known when AWS has taken them.
                Ok(_) => {}
                Err(error) => memory.failed(&inner.connection.id, &chain, error),
            }
        }
        let own = own?;
        let last = chain.links.len() - 1;
        let credentials = match inner.role {
            None => own,
            Some(_) => memory.credentials(&inner.asking, &chain, last).await?,
        };
        // Somebody may have come back with newer ones in between.
        let are_held = || memory.holds(&chain, last, &credentials);
        inner.supply.set(&credentials, are_held);
        Ok(credentials)
    }

    /// Drops credentials that AWS does not take. Whether there are others now.
    async fn renewed(&self, used: &Credentials) -> Result<bool> {
        let inner = &self.inner;
        let chain = self.chain();
        let last = chain.links.len() - 1;
        inner.asking.memory().drop_stale(&chain, last, used);
        let differs = |one: &Credentials| !link::are_same(one, used);
        let found = self.credentials().await;
        match found {
            Ok(found) if differs(&found) => Ok(true),
            Err(AppError::SignInCancelled) => Err(AppError::SignInCancelled),
            found => {
                if self.read_again().await? {
                    Ok(differs(&self.credentials().await?))
                } else {
                    found.map(|_| false)
                }
            }
        }
    }

    /// Reads the profile files again: keys in a file are replaced there. Whether the profile leads
    /// to other credentials now.
    async fn read_again(&self) -> Result<bool> {
        let inner = &self.inner;
        let ConnectionKind::Profile { profile } = &inner.connection.kind else {
            return Ok(false);
        };
        let profiles = profiles::read(&inner.asking.memory().surroundings).await?;
        let steps = ways::of_profile(&profiles, profile, &inner.connection)?;
        let chain = ways::chain_of(steps, &inner.connection, inner.role.as_ref(), &inner.asking);
        let mut known = inner.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = !chain.is_same(&known);
        if is_other {
            *known = chain;
        }
        Ok(is_other)
    }

    /// Shows what a call's end says about the sign-in: that its credentials are good, or why they are
    /// not. What a registration's role met says nothing.
    fn note(&self, error: Option<&AppError>) {
        let inner = &self.inner;
        if !inner.is_kept || inner.role.is_some() {
            return;
        }
        let (chain, memory) = (self.chain(), inner.asking.memory());
        match error {
            Some(error) => memory.failed(&inner.connection.id, &chain, error),
            None if !chain.asks() => {
                if let Some(credentials) = inner.supply.now() {
                    memory.signed_in(&inner.connection.id, &chain, &credentials);
                }
            }
            None => {}
        }
    }

    fn chain(&self) -> Arc<Chain> {
        let chain = self.inner.chain.lock();
        Arc::clone(&chain.unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether credentials that others build on may have been replaced.
fn has_ended(error: &AppError) -> bool {
    matches!(
        error,
        AppError::CredentialsExpired { .. } | AppError::CredentialsRefused { .. }
    )
}

/// The credentials that the SDK signs with now.
#[derive(Clone, Default)]
struct Supply(Arc<Mutex<Option<Credentials>>>);

impl Supply {
    /// Replaces what there is, unless these were replaced themselves in the meantime.
    fn set(&self, credentials: &Credentials, are_held: impl FnOnce() -> bool) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.is_none() || are_held() {
            *now = Some(credentials.clone());
        }
    }

    fn now(&self) -> Option<Credentials> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl std::fmt::Debug for Supply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Supply")
    }
}

impl ProvideCredentials for Supply {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(
            self.now()
                .ok_or_else(|| CredentialsError::not_loaded("nobody has signed in")),
        )
    }
}
