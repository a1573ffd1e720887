//! The one secret that everything in the local store hangs on.

use ownkey_model::AppError;

use crate::crypto::fill_randomly;
use crate::{CryptoFailure, Secret, Vault};

/// The name under which the master key is kept in the vault.
pub const MASTER_KEY_ENTRY: &str = "material/master-key";

const LENGTH: usize = 32;

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
        if let Some(existing) = Self::open(vault)? {
            return Ok(existing);
        }
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
