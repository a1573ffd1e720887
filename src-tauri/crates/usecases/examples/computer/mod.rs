//! What the examples have in place of the computer's keychain and clock.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use ownkey_material::{Secret, Vault};
use ownkey_model::{Clock, Result, Timestamp, VaultState};
use ownkey_usecases::KeychainProbe;

/// A keychain that ends with the process.
#[derive(Default)]
pub(crate) struct MemoryVault(Mutex<HashMap<String, Vec<u8>>>);

impl MemoryVault {
    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault for MemoryVault {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        let bytes = secret.expose().to_vec();
        self.kept().insert(entry.to_owned(), bytes);
        Ok(())
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        Ok(self.kept().get(entry).cloned().map(Secret::new))
    }

    fn remove(&self, entry: &str) -> Result<()> {
        self.kept().remove(entry);
        Ok(())
    }
}

impl KeychainProbe for MemoryVault {
    fn probe(&self) -> VaultState {
        VaultState::Works
    }
}

/// Real time.
pub(crate) struct ComputerClock;

impl Clock for ComputerClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_unix_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}
