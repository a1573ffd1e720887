//! What every use case is given.

use std::sync::Arc;

use ownkey_aws::{Aws, Session};
use ownkey_material::{Vault, WorkFactor};
use ownkey_model::{AppError, Change, Clock, Registration, Result};
use ownkey_store::Store;

use crate::InHand;

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
    /// The folder that is proposed for backups.
    pub proposed_backup_folder: String,
    /// How hard a backup's passphrase is to try out; the sandbox's is easy.
    pub backup_work: WorkFactor,
    /// Picked files, keys for secrets on their way, running operations.
    pub in_hand: Arc<InHand>,
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
    /// Signs in to a registration's account; may ask a person for an MFA code.
    pub(crate) async fn sign_in_to(&self, registration: &Registration) -> Result<Session> {
        self.aws
            .session(&registration.connection, registration.role.as_ref())
            .await
    }

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

    /// A failure that only the log can explain.
    pub(crate) fn unexpected(&self, what: &str, error: &dyn std::error::Error) -> AppError {
        let reference = AppError::reference(self.clock.now(), what);
        tracing::error!(%reference, %error, "unforeseen failure");
        AppError::Unexpected { reference }
    }
}
