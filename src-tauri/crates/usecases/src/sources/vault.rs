//! The master key in the keychain, and what is sealed under it.

use ownkey_material::{MasterKey, MasterKeyError, Material, OpenError, SealedRecords};
use ownkey_model::{AppError, MaterialId, Result};

use crate::Context;

/// The master key; `None` if nothing was ever sealed. `MasterKeyMissing` if something was and the
/// keychain has no key for it.
pub(crate) fn open_vault(cx: &Context) -> Result<Option<MasterKey>> {
    match MasterKey::open(cx.keychain.as_ref()) {
        Ok(Some(key)) => Ok(Some(key)),
        // What is kept there and is no key opens as little as none.
        Ok(None) | Err(MasterKeyError::Damaged { .. }) => {
            if cx.store.has_materials()? {
                Err(AppError::MasterKeyMissing)
            } else {
                Ok(None)
            }
        }
        Err(error) => Err(explain(cx, error)),
    }
}

/// The master key, made now if nothing was ever sealed.
pub(crate) fn open_vault_or_make(cx: &Context) -> Result<MasterKey> {
    match open_vault(cx)? {
        Some(key) => Ok(key),
        None => start_vault_anew(cx),
    }
}

/// A master key, a new one if the keychain has none that is good. What was sealed under a lost one
/// stays unreadable until it is restored from its backup.
pub(super) fn start_vault_anew(cx: &Context) -> Result<MasterKey> {
    MasterKey::start_anew(cx.keychain.as_ref()).map_err(|error| explain(cx, error))
}

/// The sealed material of a name. `NotFound`; `MaterialUnreadable` if it does not open.
pub(crate) fn open_sealed(cx: &Context, master: &MasterKey, id: &MaterialId) -> Result<Material> {
    let record = SealedRecords::fetch(&cx.store, id)?.ok_or_else(|| AppError::NotFound {
        what: format!("material {id}"),
    })?;
    ownkey_material::open(master, &record).map_err(|error| match error {
        OpenError::Crypto(failure) => cx.unexpected("material", &failure),
        error => {
            tracing::error!(material = %id, %error, "sealed material does not open");
            AppError::MaterialUnreadable {
                material: id.to_string(),
            }
        }
    })
}

fn explain(cx: &Context, error: MasterKeyError) -> AppError {
    match error {
        MasterKeyError::Vault(error) => error,
        MasterKeyError::Damaged { .. } => AppError::MasterKeyMissing,
        MasterKeyError::NotKept => AppError::KeychainMissing {
            cause: "it did not keep what it was given".into(),
        },
        MasterKeyError::Crypto(failure) => cx.unexpected("master-key", &failure),
    }
}
