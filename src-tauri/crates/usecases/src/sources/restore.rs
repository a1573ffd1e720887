//! Restores material from a backup.

use std::path::Path;

use ownkey_material::{Backup, MasterKey, Material, open_backup};
use ownkey_model::{
    AppError, BackupFile, Change, MaterialId, MaterialOrigin, Result, SealedText, StoredMaterial,
};
use ownkey_store::backup_file_written_at;

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
/// is; a record that no longer opens, because it is damaged or the keychain lost its key, is sealed
/// anew in its place.
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
            let id = restore(cx, backup, name)?;
            cx.store.record_backup(&id, &opened(cx, &id, path)?)?;
            cx.store.material(&id)
        })
        .await?;
    (cx.announce)(Change::Materials);
    Ok(restored)
}

/// The backup that was opened. One that OwnKey wrote itself stays what it was: OwnKey has its
/// passphrase.
fn opened(cx: &Context, id: &MaterialId, path: String) -> Result<BackupFile> {
    let now = cx.clock.now();
    let mut known = cx.store.material(id)?.backups.into_iter();
    let known = known.find(|one| one.path == path);
    let known = known.unwrap_or_else(|| BackupFile {
        written_at: backup_file_written_at(Path::new(&path)).unwrap_or(now),
        path,
        verified_at: None,
        sandbox: false,
        own_passphrase: true,
    });
    Ok(BackupFile {
        verified_at: Some(now),
        ..known
    })
}

fn restore(cx: &Context, backup: Backup, name: String) -> Result<MaterialId> {
    let master = match open_vault_or_make(cx) {
        Err(AppError::MasterKeyMissing) => {
            tracing::warn!("the keychain lost the master key; a new one is made");
            start_vault_anew(cx)?
        }
        master => master?,
    };
    let Backup { label, material } = backup;
    let fingerprint = fingerprint_of(cx, &master, &material)?;
    if let Some(known) = cx.store.material_of(&fingerprint)? {
        if !opens(cx, &master, &known)? {
            reseal(cx, cx.store.material(&known)?, &material)?;
        }
        return Ok(known);
    }
    let taken = match cx.store.material(&label.id) {
        Ok(stored) => Some(stored),
        Err(AppError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let add = |id| {
        let origin = MaterialOrigin::Restored { name: name.clone() };
        let new = seal_as(cx, id, &material, origin, name.clone())?;
        cx.store.add_material(&new)?;
        Ok(new.record.label.id)
    };
    match taken {
        None => add(Some(label.id)),
        // Another material under the same id: both are kept.
        Some(stored) if opens(cx, &master, &stored.id)? => add(None),
        Some(stored) => reseal(cx, stored, &material),
    }
}

fn opens(cx: &Context, master: &MasterKey, id: &MaterialId) -> Result<bool> {
    match open_sealed(cx, master, id) {
        Ok(_) => Ok(true),
        Err(AppError::MaterialUnreadable { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

fn reseal(cx: &Context, stored: StoredMaterial, material: &Material) -> Result<MaterialId> {
    let new = seal_as(cx, Some(stored.id), material, stored.origin, stored.name)?;
    cx.store.reseal_material(&new)?;
    Ok(new.record.label.id)
}
