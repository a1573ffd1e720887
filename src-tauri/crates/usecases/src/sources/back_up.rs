//! Backups: written, opened again and compared before anything is imported.

use std::path::Path;

use ownkey_material::{
    BACKUP_LIMIT, BackupError, BackupLabel, Material, Passphrase, WorkFactor, may_be_backup,
    open_backup,
};
use ownkey_model::{
    AppError, BackupFile, BackupProblem, Change, MaterialId, Result, StoredMaterial,
};
use ownkey_store::{
    backup_file_written_at, is_backup_file_there, read_backup_file, replace_file, write_backup_file,
};

use super::{BackupPlace, backup_place, open_sealed, open_vault};
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

/// Opens a backup and compares what is in it with the sealed material. One that is not there, damaged
/// or another one is no longer shown as verified. One with a passphrase of its own is opened by
/// restoring from it.
pub async fn verify_backup(cx: &Context, id: MaterialId, path: String) -> Result<StoredMaterial> {
    let outcome = cx
        .blocking(move |cx| {
            let stored = cx.store.material(&id)?;
            let known = stored.backups.iter().find(|one| one.path == path);
            let known = known.ok_or_else(|| AppError::NotFound {
                what: format!("backup {path}"),
            })?;
            let place = backup_place(cx, known.sandbox)?;
            let opened = Opened::of(cx, &stored)?;
            let verified = opened.verify_known(cx, known, &place.passphrase)?;
            cx.store.record_backup(&id, &verified)?;
            cx.store.material(&id)
        })
        .await;
    // That a backup is no good is news as well.
    (cx.announce)(Change::Materials);
    outcome
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
        let opened = Opened::of(cx, &stored)?;
        let bytes = opened.sealed_file(cx, &passphrase, cx.backup_work)?;
        replace_file(Path::new(&path), &bytes)?;
        opened.verify(cx, Path::new(&path), &passphrase)?;
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

/// Writes and verifies a backup in the folder of the settings; the caller records it. One that lies
/// there already and holds these bytes is as good as a new one.
pub(crate) fn back_up(cx: &Context, id: &MaterialId, sandbox: bool) -> Result<BackupFile> {
    back_up_at(cx, id, &backup_place(cx, sandbox)?)
}

/// As [`back_up`], in another folder: the one that a plan showed.
pub(crate) fn back_up_into(
    cx: &Context,
    id: &MaterialId,
    sandbox: bool,
    folder: &Path,
) -> Result<BackupFile> {
    let place = BackupPlace {
        folder: folder.to_owned(),
        ..backup_place(cx, sandbox)?
    };
    back_up_at(cx, id, &place)
}

fn back_up_at(cx: &Context, id: &MaterialId, place: &BackupPlace) -> Result<BackupFile> {
    let stored = cx.store.material(id)?;
    let opened = Opened::of(cx, &stored)?;
    let expected = place.folder.join(backup_name(id));
    let beside = |one: &&BackupFile| {
        let path = Path::new(&one.path);
        path.parent() == Some(&place.folder) && !one.own_passphrase && one.sandbox == place.sandbox
    };
    // After a change of the passphrase the good one is not the one of the plain name.
    for known in stored.backups.iter().filter(beside) {
        match opened.verify_known(cx, known, &place.passphrase) {
            Ok(verified) => return Ok(verified),
            Err(AppError::BackupUnusable { .. } | AppError::FileFailed { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let now = cx.clock.now();
    let (path, written_at) = match opened.verify(cx, &expected, &place.passphrase) {
        Ok(()) => {
            let written_at = backup_file_written_at(&expected);
            (expected, written_at.unwrap_or(now))
        }
        Err(_) => {
            let bytes = opened.sealed_file(cx, &place.passphrase, place.work)?;
            let path = write_backup_file(&place.folder, &backup_name(id), &bytes)?;
            opened.verify(cx, &path, &place.passphrase)?;
            (path, now)
        }
    };
    Ok(BackupFile {
        path: path.display().to_string(),
        written_at,
        verified_at: Some(now),
        sandbox: place.sandbox,
        own_passphrase: false,
    })
}

/// Whether a verified backup for where the material goes is there now. One that was written for the
/// sandbox stands for no real one.
pub(crate) fn backup_at_hand(stored: &StoredMaterial, sandbox: bool) -> bool {
    for_use(stored, sandbox)
        .any(|one| one.verified_at.is_some() && is_backup_file_there(Path::new(&one.path)))
}

/// Whether a backup for where the material goes is good now: one whose passphrase OwnKey keeps opens
/// and holds these bytes. One with a passphrase of its own was opened before; that it is there and can
/// be a backup is all that can be seen without asking for it.
pub(super) fn proved_now(cx: &Context, stored: &StoredMaterial, sandbox: bool) -> Result<bool> {
    for known in for_use(stored, sandbox).filter(|one| !one.own_passphrase) {
        let proved = backup_place(cx, known.sandbox)
            .and_then(|place| Opened::of(cx, stored)?.verify_known(cx, known, &place.passphrase));
        match proved {
            Ok(_) => return Ok(true),
            Err(
                AppError::BackupUnusable { .. }
                | AppError::FileFailed { .. }
                | AppError::BackupsNotSetUp,
            ) => {}
            Err(error) => return Err(error),
        }
    }
    let own = |one: &&BackupFile| one.own_passphrase && one.verified_at.is_some();
    Ok(for_use(stored, sandbox).filter(own).any(|one| {
        read_backup_file(Path::new(&one.path), BACKUP_LIMIT).is_ok_and(|file| may_be_backup(&file))
    }))
}

/// The backups that stand for where the material goes.
fn for_use(stored: &StoredMaterial, sandbox: bool) -> impl Iterator<Item = &BackupFile> {
    let fit = move |one: &&BackupFile| sandbox || !one.sandbox;
    stored.backups.iter().filter(fit)
}

async fn changed(
    cx: &Context,
    work: impl FnOnce(&Context) -> Result<StoredMaterial> + Send + 'static,
) -> Result<StoredMaterial> {
    let stored = cx.blocking(work).await?;
    (cx.announce)(Change::Materials);
    Ok(stored)
}

/// Stored material in memory, to be backed up or compared.
struct Opened {
    material: Material,
    label: BackupLabel,
}

impl Opened {
    fn of(cx: &Context, stored: &StoredMaterial) -> Result<Self> {
        let master = open_vault(cx)?.ok_or(AppError::MasterKeyMissing)?;
        Ok(Self {
            material: open_sealed(cx, &master, &stored.id)?,
            label: BackupLabel {
                id: stored.id.clone(),
                created_at: stored.created_at,
                fingerprint: stored.fingerprint.clone(),
            },
        })
    }

    fn sealed_file(
        &self,
        cx: &Context,
        passphrase: &Passphrase,
        work: WorkFactor,
    ) -> Result<Vec<u8>> {
        ownkey_material::write_backup(&self.material, &self.label, passphrase, work)
            .map_err(|error| cx.unexpected("backup", &error))
    }

    /// Opens a backup and compares the bytes. What else its label says may be from another computer,
    /// where the same bytes have another fingerprint.
    fn verify(&self, cx: &Context, path: &Path, passphrase: &Passphrase) -> Result<()> {
        let file = read_backup_file(path, BACKUP_LIMIT)?;
        let found = open_backup(&file, passphrase).map_err(|error| unusable(cx, path, error))?;
        if found.label.id == self.label.id && found.material.same_as(&self.material) {
            Ok(())
        } else {
            Err(unusable(cx, path, BackupError::Different))
        }
    }

    /// Verifies a backup that is written down: the caller records that it is good. One that is seen to
    /// be none is written down here as not verified; one that another passphrase may open stays what it
    /// was.
    fn verify_known(
        &self,
        cx: &Context,
        known: &BackupFile,
        passphrase: &Passphrase,
    ) -> Result<BackupFile> {
        use BackupProblem as P;
        let verified_at = match self.verify(cx, Path::new(&known.path), passphrase) {
            Ok(()) => Some(cx.clock.now()),
            Err(AppError::BackupUnusable { path, problem }) => {
                let none = matches!(
                    problem,
                    P::Missing | P::NotBackup | P::Damaged | P::Different
                );
                if none && known.verified_at.is_some() {
                    let disproved = BackupFile {
                        verified_at: None,
                        ..known.clone()
                    };
                    cx.store.record_backup(&self.label.id, &disproved)?;
                }
                return Err(AppError::BackupUnusable { path, problem });
            }
            Err(error) => return Err(error),
        };
        Ok(BackupFile {
            verified_at,
            ..known.clone()
        })
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
