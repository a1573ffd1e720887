//! The one secret that everything in the local store hangs on.

use std::sync::{Mutex, PoisonError};

use ownkey_model::AppError;

use crate::crypto::fill_randomly;
use crate::{CryptoFailure, Secret, Vault};

/// The name under which the master key is kept in the vault.
pub const MASTER_KEY_ENTRY: &str = "material/master-key";

const LENGTH: usize = 32;

/// Two that make the first master key at once would each seal under their own, and one of the two would
/// be lost. One program a data folder: a lock within it is enough.
static MAKING: Mutex<()> = Mutex::new(());

/// The master key: 32 random bytes, kept in the operating system's keychain and nowhere else.
///
/// ```compile_fail,E0277
/// fn print(key: ownkey_material::MasterKey) {
///     println!("{key:?}");
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn copy(key: &ownkey_material::MasterKey) -> ownkey_material::MasterKey {
///     ownkey_material::MasterKey::clone(key)
/// }
/// ```
pub struct MasterKey(Secret);

/// Why there is no master key to work with. In no case was one that exists replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// The vault is missing, locked, or failed.
    #[error(transparent)]
    Vault(#[from] AppError),
    /// Something is kept under the master key's name that is no master key.
    #[error("{found} bytes are kept as the master key; expected are {LENGTH}")]
    Damaged {
        /// How many bytes it has.
        found: usize,
    },
    /// The vault took a new master key and did not give it back: nothing may be sealed under it.
    #[error("the vault did not keep the master key")]
    NotKept,
    /// No random bytes for a new one.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

impl MasterKey {
    /// The master key that the vault keeps; nothing if there never was one. Where sealed records
    /// exist, this is the one to call: a new key would open none of them.
    pub fn open(vault: &dyn Vault) -> Result<Option<Self>, MasterKeyError> {
        let Some(kept) = vault.fetch(MASTER_KEY_ENTRY)? else {
            return Ok(None);
        };
        match kept.expose().len() {
            LENGTH => Ok(Some(Self(kept))),
            found => Err(MasterKeyError::Damaged { found }),
        }
    }

    /// The master key that the vault keeps, or a new one, if it keeps none: written, read back and
    /// compared before anything is sealed under it.
    pub fn open_or_make(vault: &dyn Vault) -> Result<Self, MasterKeyError> {
        let _turn = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        match Self::open(vault)? {
            Some(existing) => Ok(existing),
            None => Self::make(vault),
        }
    }

    /// As [`MasterKey::open_or_make`], but what is kept in the master key's place and is none gives
    /// way. It is not thrown away: it is kept under a name of its own first.
    pub fn start_anew(vault: &dyn Vault) -> Result<Self, MasterKeyError> {
        let _turn = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        match Self::open(vault) {
            Ok(Some(existing)) => Ok(existing),
            Ok(None) => Self::make(vault),
            Err(MasterKeyError::Damaged { .. }) => {
                set_aside(vault)?;
                Self::make(vault)
            }
            Err(error) => Err(error),
        }
    }

    fn make(vault: &dyn Vault) -> Result<Self, MasterKeyError> {
        let mut bytes = vec![0; LENGTH];
        fill_randomly(&mut bytes)?;
        let made = Self(Secret::new(bytes));
        vault.keep(MASTER_KEY_ENTRY, &made.0)?;
        match vault.fetch(MASTER_KEY_ENTRY)? {
            Some(kept) if kept.same_as(&made.0) => Ok(made),
            _ => Err(MasterKeyError::NotKept),
        }
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

/// Copies what stands in the master key's place to the first free name beside it.
fn set_aside(vault: &dyn Vault) -> Result<(), MasterKeyError> {
    let Some(damaged) = vault.fetch(MASTER_KEY_ENTRY)? else {
        return Ok(());
    };
    if damaged.expose().is_empty() {
        return Ok(());
    }
    for number in 1..=u8::MAX {
        let aside = format!("{MASTER_KEY_ENTRY}/damaged-{number}");
        match vault.fetch(&aside)? {
            Some(kept) if kept.same_as(&damaged) => return Ok(()),
            Some(_) => {}
            None => {
                vault.keep(&aside, &damaged)?;
                let kept = vault.fetch(&aside)?;
                let same = kept.is_some_and(|kept| kept.same_as(&damaged));
                return if same {
                    Ok(())
                } else {
                    Err(MasterKeyError::NotKept)
                };
            }
        }
    }
    Err(MasterKeyError::NotKept)
}
