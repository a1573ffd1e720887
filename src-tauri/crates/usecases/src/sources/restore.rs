//! Restores material from a backup.

use ownkey_material::{Backup, open_backup};
use ownkey_model::{
    AppError, BackupFile, Change, MaterialId, MaterialOrigin, Result, SealedText, StoredMaterial,
};

use super::{
    back_up::unusable,
    fingerprint_of,
    keep::seal_as,
    open_sealed,
    passphrase::open_typed,
    vault::{open_vault_or_make, start_vault_anew},
};
use crate::Context;

/// Seals what is in a picked backup, under the id it had. Material that is there already stays as it
/// is; a record that no longer opens, because the keychain lost its key, is sealed anew in its place.
pub async fn restore_backup(
    cx: &Context,
    handle: String,
    passphrase: &SealedText,
) -> Result<StoredMaterial> {
    let passphrase = open_typed(cx, passphrase)?;
    let restored = cx
        .blocking(move |cx| {
            let (backup, name, path) = cx.in_hand.with_file(&handle, |file| {
                let backup = open_backup(file.bytes.expose(), &passphrase)
                    .map_err(|error| unusable(cx, &file.path, error))?;
                Ok((backup, file.name.clone(), file.path.display().to_string()))
            })?;
            let written_at = backup.label.created_at;
            let id = restore(cx, backup, name)?;
            let opened = BackupFile {
                path,
                written_at,
                verified_at: Some(cx.clock.now()),
                sandbox: false,
                own_passphrase: true,
            };
            cx.store.record_backup(&id, &opened)?;
            cx.store.material(&id)
        })
        .await?;
    (cx.announce)(Change::Materials);
    Ok(restored)
}

fn restore(cx: &Context, backup: Backup, name: String) -> Result<MaterialId> {
    let master = match open_vault_or_make(cx) {
        Err(AppError::MasterKeyMissing) => start_vault_anew(cx)?,
        master => master?,
    };
    let Backup { label, material } = backup;
    let fingerprint = fingerprint_of(cx, &master, &material)?;
    if let Some(known) = cx.store.material_of(&fingerprint)? {
        return Ok(known);
    }
    let taken = match cx.store.material(&label.id) {
        Ok(stored) => Some(stored),
        Err(AppError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let origin = MaterialOrigin::Restored { name: name.clone() };
    match taken {
        None => {
            let new = seal_as(cx, Some(label.id), &material, origin, name)?;
            cx.store.add_material(&new)?;
            Ok(new.record.label.id)
        }
        Some(stored) if open_sealed(cx, &master, &stored.id).is_ok() => {
            // Another material under the same id: both are kept.
            let new = seal_as(cx, None, &material, origin, name)?;
            cx.store.add_material(&new)?;
            Ok(new.record.label.id)
        }
        Some(stored) => {
            let new = seal_as(cx, Some(stored.id), &material, stored.origin, stored.name)?;
            cx.store.reseal_material(&new)?;
            Ok(new.record.label.id)
        }
    }
}
