//! Backups: written, opened again and compared before anything is imported.

use std::path::Path;

use ownkey_material::{
    BACKUP_LIMIT, BackupError, BackupLabel, Material, Passphrase, WorkFactor, open_backup,
};
use ownkey_model::{
    AppError, BackupFile, BackupProblem, Change, MaterialId, Result, StoredMaterial,
};
use ownkey_store::{read_backup_file, replace_file, write_backup_file};

use super::{backup_place, open_sealed, open_vault};
use crate::Context;

/// The name of a material's backup.
pub fn backup_name(id: &MaterialId) -> String {
    format!("ownkey-{id}.age")
}

/// Writes a backup into the backup folder, opens it again and compares.
pub async fn back_up_material(cx: &Context, id: MaterialId) -> Result<StoredMaterial> {
    changed(cx, move |cx| {
        let backup = back_up(cx, &id, false)?;
        cx.store.record_backup(&id, &backup)?;
        cx.store.material(&id)
    })
    .await
}

/// Opens a backup and compares what is in it with the sealed material. One with a passphrase of its own
/// is opened by restoring from it.
pub async fn verify_backup(cx: &Context, id: MaterialId, path: String) -> Result<StoredMaterial> {
    changed(cx, move |cx| {
        let stored = cx.store.material(&id)?;
        let known = stored.backups.iter().find(|one| one.path == path);
        let known = known.ok_or_else(|| AppError::NotFound {
            what: format!("backup {path}"),
        })?;
        let place = backup_place(cx, known.sandbox)?;
        let (material, label) = labelled(cx, &stored)?;
        verify(cx, Path::new(&path), &place.passphrase, &label, &material)?;
        let verified = BackupFile {
            verified_at: Some(cx.clock.now()),
            ..known.clone()
        };
        cx.store.record_backup(&id, &verified)?;
        cx.store.material(&id)
    })
    .await
}

/// Writes a backup under a passphrase of its own to a place that the user picked.
pub async fn export_material(
    cx: &Context,
    id: MaterialId,
    passphrase: Passphrase,
    path: String,
) -> Result<StoredMaterial> {
    changed(cx, move |cx| {
        let stored = cx.store.material(&id)?;
        let (material, label) = labelled(cx, &stored)?;
        let bytes = sealed_file(cx, &material, &label, &passphrase, cx.backup_work)?;
        replace_file(Path::new(&path), &bytes)?;
        verify(cx, Path::new(&path), &passphrase, &label, &material)?;
        let now = cx.clock.now();
        let exported = BackupFile {
            path,
            written_at: now,
            verified_at: Some(now),
            sandbox: false,
            own_passphrase: true,
        };
        cx.store.record_backup(&id, &exported)?;
        cx.store.material(&id)
    })
    .await
}

/// Writes and verifies a backup; the caller records it. One that lies there already and holds these
/// bytes is as good as a new one.
pub(crate) fn back_up(cx: &Context, id: &MaterialId, sandbox: bool) -> Result<BackupFile> {
    let place = backup_place(cx, sandbox)?;
    let stored = cx.store.material(id)?;
    let (material, label) = labelled(cx, &stored)?;
    let expected = place.folder.join(backup_name(id));
    let path = match verify(cx, &expected, &place.passphrase, &label, &material) {
        Ok(()) => expected,
        Err(_) => {
            let bytes = sealed_file(cx, &material, &label, &place.passphrase, place.work)?;
            let path = write_backup_file(&place.folder, &backup_name(id), &bytes)?;
            verify(cx, &path, &place.passphrase, &label, &material)?;
            path
        }
    };
    let now = cx.clock.now();
    Ok(BackupFile {
        path: path.display().to_string(),
        written_at: now,
        verified_at: Some(now),
        sandbox: place.sandbox,
        own_passphrase: false,
    })
}

/// Whether there is a verified backup for where the material goes. One that was written for the
/// sandbox stands for no real one.
pub(crate) fn is_backed_up(stored: &StoredMaterial, sandbox: bool) -> bool {
    stored
        .backups
        .iter()
        .any(|one| one.verified_at.is_some() && (sandbox || !one.sandbox))
}

async fn changed(
    cx: &Context,
    work: impl FnOnce(&Context) -> Result<StoredMaterial> + Send + 'static,
) -> Result<StoredMaterial> {
    let stored = cx.blocking(work).await?;
    (cx.announce)(Change::Materials);
    Ok(stored)
}

fn labelled(cx: &Context, stored: &StoredMaterial) -> Result<(Material, BackupLabel)> {
    let master = open_vault(cx)?.ok_or(AppError::MasterKeyMissing)?;
    let material = open_sealed(cx, &master, &stored.id)?;
    let label = BackupLabel {
        id: stored.id.clone(),
        created_at: stored.created_at,
        fingerprint: stored.fingerprint.clone(),
    };
    Ok((material, label))
}

fn sealed_file(
    cx: &Context,
    material: &Material,
    label: &BackupLabel,
    passphrase: &Passphrase,
    work: WorkFactor,
) -> Result<Vec<u8>> {
    ownkey_material::write_backup(material, label, passphrase, work)
        .map_err(|error| cx.unexpected("backup", &error))
}

/// Opens a backup and compares the bytes. What else its label says may be from another computer, where
/// the same bytes have another fingerprint.
fn verify(
    cx: &Context,
    path: &Path,
    passphrase: &Passphrase,
    label: &BackupLabel,
    material: &Material,
) -> Result<()> {
    let file = read_backup_file(path, BACKUP_LIMIT)?;
    let found = open_backup(&file, passphrase).map_err(|error| unusable(cx, path, error))?;
    if found.label.id == label.id && found.material.same_as(material) {
        Ok(())
    } else {
        Err(unusable(cx, path, BackupError::Different))
    }
}

/// What is wrong with a backup, in the user's terms.
pub(super) fn unusable(cx: &Context, path: &Path, error: BackupError) -> AppError {
    use BackupProblem as P;
    let problem = match error {
        BackupError::TooLarge { .. }
        | BackupError::NotAge
        | BackupError::NotForPassphrase
        | BackupError::TooMuchWork { .. }
        | BackupError::NotBackup => P::NotBackup,
        BackupError::WrongPassphrase => P::WrongPassphrase,
        BackupError::Damaged | BackupError::NotMaterial(_) => P::Damaged,
        BackupError::UnknownVersion { .. } | BackupError::UnknownSpec => P::Newer,
        BackupError::Different => P::Different,
        BackupError::Crypto(failure) => return cx.unexpected("backup", &failure),
    };
    AppError::BackupUnusable {
        path: path.display().to_string(),
        problem,
    }
}
