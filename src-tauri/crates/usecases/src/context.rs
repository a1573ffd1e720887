//! What every use case is given.

use std::sync::Arc;

use ownkey_aws::Aws;
use ownkey_material::Vault;
use ownkey_model::{AppError, Change, Clock, Result};
use ownkey_store::Store;

/// What every use case is given; cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The two databases.
    pub store: Store,
    /// The way to AWS and to the sandbox.
    pub aws: Aws,
    /// The operating system's keychain.
    pub keychain: Arc<dyn KeychainProbe>,
    /// The present time.
    pub clock: Arc<dyn Clock>,
    /// Tells the window what to ask again.
    pub announce: Arc<dyn Fn(Change) + Send + Sync>,
    /// OwnKey's version.
    pub version: &'static str,
}

/// The keychain, and whether it works.
pub trait KeychainProbe: Vault {
    /// Writes, reads back and removes a secret of full size.
    fn probe(&self) -> ownkey_model::VaultState;
}

impl KeychainProbe for ownkey_store::Keychain {
    fn probe(&self) -> ownkey_model::VaultState {
        self.probe()
    }
}

impl Context {
    /// Runs something that blocks (databases, keychain) where it holds up nobody.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Context) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let cx = self.clone();
        tokio::task::spawn_blocking(move || work(&cx))
            .await
            .unwrap_or_else(|panic| {
                tracing::error!(%panic, "a blocking task failed");
                Err(AppError::Unexpected {
                    reference: AppError::reference(self.clock.now(), "task"),
                })
            })
    }
}
