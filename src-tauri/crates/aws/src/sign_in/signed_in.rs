//! Signed in over one connection, for as long as somebody works with it.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use ownkey_model::{AppError, Connection, ConnectionKind, Result, Role, Timestamp};

use super::{Asking, Chain, link, profiles, ways};
use crate::pacing::{Pacer, Where};

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
        let used = self.credentials().await?;
        let mut outcome = pacer.patiently(at, action, &mut request).await;
        // Keys that were replaced are refused, not expired.
        let ended = matches!(
            outcome,
            Err(AppError::CredentialsExpired { .. } | AppError::CredentialsRefused { .. })
        );
        if ended && self.renewed(&used).await? {
            outcome = pacer.patiently(at, action, &mut request).await;
        }
        self.note(outcome.as_ref().err());
        outcome
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
        let credentials = match inner.role {
            None => own?,
            Some(_) => {
                own?;
                let last = chain.links.len() - 1;
                memory.credentials(&inner.asking, &chain, last).await?
            }
        };
        inner.supply.set(&credentials);
        Ok(credentials)
    }

    /// Drops credentials that AWS does not take. Whether there are others now.
    async fn renewed(&self, used: &Credentials) -> Result<bool> {
        let inner = &self.inner;
        let chain = self.chain();
        let last = chain.links.len() - 1;
        inner.asking.memory().drop_stale(&chain, last, used);
        let differs = |one: &Credentials| {
            one.access_key_id() != used.access_key_id()
                || one.secret_access_key() != used.secret_access_key()
                || one.session_token() != used.session_token()
        };
        if differs(&self.credentials().await?) {
            return Ok(true);
        }
        // Keys in a file are replaced there.
        let ConnectionKind::Profile { profile } = &inner.connection.kind else {
            return Ok(false);
        };
        let profiles = profiles::read(&inner.asking.memory().surroundings).await?;
        let steps = ways::of_profile(&profiles, profile, &inner.connection)?;
        let chain = ways::chain_of(steps, &inner.connection, inner.role.as_ref(), &inner.asking);
        *inner.chain.lock().unwrap_or_else(PoisonError::into_inner) = chain;
        Ok(differs(&self.credentials().await?))
    }

    /// What a call's end says about the sign-in. What a registration's role met says nothing.
    fn note(&self, error: Option<&AppError>) {
        let inner = &self.inner;
        if !inner.is_kept || inner.role.is_some() {
            return;
        }
        let (chain, memory) = (self.chain(), inner.asking.memory());
        match error {
            Some(
                error @ (AppError::CredentialsRefused { .. } | AppError::CredentialsExpired { .. }),
            ) => memory.failed(&inner.connection.id, &chain, error),
            None if !chain.asks() => {
                if let Some(credentials) = inner.supply.now() {
                    memory.signed_in(&inner.connection.id, &chain, &credentials);
                }
            }
            _ => {}
        }
    }

    fn chain(&self) -> Arc<Chain> {
        let chain = self.inner.chain.lock();
        Arc::clone(&chain.unwrap_or_else(PoisonError::into_inner))
    }
}

/// The credentials that the SDK signs with now.
#[derive(Clone, Default)]
struct Supply(Arc<Mutex<Option<Credentials>>>);

impl Supply {
    fn set(&self, credentials: &Credentials) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(credentials.clone());
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
