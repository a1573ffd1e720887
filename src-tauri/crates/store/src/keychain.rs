//! The operating system's keychain: Secret Service, macOS Keychain, Windows Credential Manager.

use std::hash::{BuildHasher, RandomState};

use keyring::Entry;
use ownkey_material::{Secret, Vault};
use ownkey_model::{AppError, Result, VaultState};

use crate::failure::unexpected;

/// How much the smallest keychain, that of Windows, is relied on to keep in one entry, in bytes.
const FULL_SIZE: usize = 2_500;

/// The keychain, seen through the names of one build of OwnKey only: a development build cannot
/// reach what a release keeps. Calls block, on some systems until a prompt is answered.
#[derive(Debug, Clone)]
pub struct Keychain {
    namespace: String,
}

impl Keychain {
    /// The keychain under a namespace, `<identifier>.<build kind>`. Nothing is asked of it yet.
    pub fn new(namespace: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
        }
    }

    /// Whether the keychain keeps secrets: one of full size is written, read back and removed.
    pub fn probe(&self) -> VaultState {
        probe(self)
    }

    fn entry(&self, entry: &str) -> Result<Entry> {
        if let Err(error) = Entry::store_status() {
            return Err(AppError::KeychainMissing {
                cause: error.to_string(),
            });
        }
        Entry::new(&self.namespace, entry).map_err(|error| explain(&error))
    }
}

impl Vault for Keychain {
    fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
        self.entry(entry)?
            .set_secret(secret.expose())
            .map_err(|error| explain(&error))
    }

    fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
        match self.entry(entry)?.get_secret() {
            Ok(bytes) => Ok(Some(Secret::new(bytes))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(explain(&error)),
        }
    }

    fn remove(&self, entry: &str) -> Result<()> {
        match self.entry(entry)?.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(explain(&error)),
        }
    }
}

/// In the user's terms. No variant's text holds the secret's bytes; `Debug` would.
fn explain(error: &keyring::Error) -> AppError {
    match error {
        keyring::Error::NoStorageAccess(_) => AppError::KeychainLocked,
        keyring::Error::NoDefaultStore
        | keyring::Error::PlatformFailure(_)
        | keyring::Error::NotSupportedByStore(_)
        | keyring::Error::TooLong(..) => AppError::KeychainMissing {
            cause: error.to_string(),
        },
        _ => unexpected("keychain", error),
    }
}

fn probe(vault: &dyn Vault) -> VaultState {
    match round_trip(vault) {
        Ok(()) => VaultState::Works,
        Err(error) => VaultState::Fails { error },
    }
}

fn round_trip(vault: &dyn Vault) -> Result<()> {
    let entry = format!("probe/{:016x}", RandomState::new().hash_one(0));
    let secret = Secret::new(random_bytes());
    vault.keep(&entry, &secret)?;
    let found = vault.fetch(&entry);
    // Removed whatever was read, so that nothing stays behind.
    let removed = vault.remove(&entry);
    match found? {
        Some(found) if found.expose() == secret.expose() => {}
        _ => {
            return Err(AppError::KeychainMissing {
                cause: "it did not give back what it was given".into(),
            });
        }
    }
    removed?;
    match vault.fetch(&entry)? {
        None => Ok(()),
        Some(_) => Err(AppError::KeychainMissing {
            cause: "it did not remove what it was told to".into(),
        }),
    }
}

/// Bytes that no other run has, for a test; good enough for nothing else.
fn random_bytes() -> Vec<u8> {
    let seed = RandomState::new();
    (0..)
        .flat_map(|n: u64| seed.hash_one(n).to_le_bytes())
        .take(FULL_SIZE)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use super::*;

    /// A keychain in memory, with a fault.
    #[derive(Default)]
    struct Memory {
        kept: Mutex<HashMap<String, Vec<u8>>>,
        fault: Option<Fault>,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Fault {
        CutsShort,
        ForgetsNothing,
        Locked,
    }

    impl Vault for Memory {
        fn keep(&self, entry: &str, secret: &Secret) -> Result<()> {
            let bytes = match self.fault {
                Some(Fault::Locked) => return Err(AppError::KeychainLocked),
                Some(Fault::CutsShort) => &secret.expose()[..1_000],
                _ => secret.expose(),
            };
            let mut kept = self.kept.lock().expect("no panic before");
            kept.insert(entry.to_owned(), bytes.to_vec());
            Ok(())
        }

        fn fetch(&self, entry: &str) -> Result<Option<Secret>> {
            let kept = self.kept.lock().expect("no panic before");
            Ok(kept.get(entry).cloned().map(Secret::new))
        }

        fn remove(&self, entry: &str) -> Result<()> {
            if self.fault != Some(Fault::ForgetsNothing) {
                self.kept.lock().expect("no panic before").remove(entry);
            }
            Ok(())
        }
    }

    fn probed(fault: Option<Fault>) -> (VaultState, usize) {
        let vault = Memory {
            fault,
            ..Memory::default()
        };
        let state = probe(&vault);
        let left = vault.kept.lock().expect("no panic").len();
        (state, left)
    }

    #[test]
    fn a_keychain_that_keeps_and_forgets_works_and_nothing_stays_behind() {
        assert_eq!(probed(None), (VaultState::Works, 0));
    }

    #[test]
    fn a_keychain_that_cuts_a_secret_short_fails() {
        let (state, left) = probed(Some(Fault::CutsShort));
        assert!(matches!(
            state,
            VaultState::Fails {
                error: AppError::KeychainMissing { .. }
            }
        ));
        assert_eq!(left, 0);
    }

    #[test]
    fn a_keychain_that_does_not_forget_fails() {
        let (state, _) = probed(Some(Fault::ForgetsNothing));
        assert!(matches!(state, VaultState::Fails { .. }));
    }

    #[test]
    fn a_locked_keychain_is_told_as_such() {
        let (state, _) = probed(Some(Fault::Locked));
        let error = AppError::KeychainLocked;
        assert_eq!(state, VaultState::Fails { error });
    }

    #[test]
    fn each_probe_writes_other_bytes_of_full_size() {
        let (one, two) = (random_bytes(), random_bytes());
        assert_eq!(one.len(), FULL_SIZE);
        assert_ne!(one, two);
    }

    #[test]
    fn what_the_keychain_says_is_told_in_the_users_terms() {
        use keyring::Error as E;
        assert_eq!(
            explain(&E::NoStorageAccess("refused".into())),
            AppError::KeychainLocked
        );
        for missing in [E::NoDefaultStore, E::PlatformFailure("no bus".into())] {
            assert!(matches!(
                explain(&missing),
                AppError::KeychainMissing { .. }
            ));
        }
        let odd = explain(&E::BadEncoding(b"secret bytes".to_vec()));
        assert!(matches!(odd, AppError::Unexpected { .. }));
        assert!(!odd.to_string().contains("secret"));
    }
}
