//! Where small secrets are kept: the operating system's keychain, or memory in tests.

use ownkey_model::Result;

use crate::Secret;

/// A place for small secrets, each under a name of its own. Calls may block, on some systems until
/// a person has answered a prompt.
///
/// Errors: [`KeychainMissing`](ownkey_model::AppError::KeychainMissing) if nothing answers,
/// [`KeychainLocked`](ownkey_model::AppError::KeychainLocked) if it is locked or was refused.
pub trait Vault: Send + Sync {
    /// Keeps a secret under a name; what was kept there before is replaced. Every system keeps at
    /// least 2,500 bytes.
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()>;

    /// The secret under a name, or nothing if there is none.
    fn fetch(&self, entry: &str) -> Result<Option<Secret>>;

    /// Removes what is kept under a name. That there is nothing is no error.
    fn remove(&self, entry: &str) -> Result<()>;
}
