//! Where backups go: the folder and the passphrase.

use std::path::{Path, PathBuf};

use ownkey_material::{Passphrase, Secret, WorkFactor, make_challenge};
use ownkey_model::{AppError, BackupSettings, Change, Field, Result};
use ownkey_store::{look_at_backup_folder, probe_backup_folder};

use crate::Context;

const PASSPHRASE: &str = "backup/passphrase";
const SANDBOX_PASSPHRASE: &str = "sandbox/backup-passphrase";

/// Where and under which passphrase a backup is written.
pub(super) struct BackupPlace {
    pub(super) folder: PathBuf,
    pub(super) passphrase: Passphrase,
    pub(super) work: WorkFactor,
    pub(super) sandbox: bool,
}

/// Where backups go.
pub async fn read_backup_settings(cx: &Context) -> Result<BackupSettings> {
    cx.blocking(read).await
}

/// Keeps the folder, and the passphrase if one is given. Nothing is kept unless the folder can be
/// written to and there is a passphrase, this one or an earlier one.
pub async fn set_up_backups(
    cx: &Context,
    folder: String,
    passphrase: Option<Passphrase>,
) -> Result<BackupSettings> {
    let settings = cx
        .blocking(move |cx| {
            let path = Path::new(folder.trim());
            if !path.is_absolute() {
                return Err(AppError::invalid(
                    Field::BackupFolder,
                    "Choose a folder for backups.",
                ));
            }
            probe_backup_folder(path)?;
            match passphrase {
                Some(passphrase) => cx.keychain.keep(PASSPHRASE, &passphrase.to_secret())?,
                None if cx.keychain.fetch(PASSPHRASE)?.is_some() => {}
                None => {
                    return Err(AppError::invalid(
                        Field::Passphrase,
                        "Type a passphrase for backups.",
                    ));
                }
            }
            cx.store.set_backup_folder(folder.trim())?;
            read(cx)
        })
        .await?;
    (cx.announce)(Change::Materials);
    Ok(settings)
}

/// Where the next backup would be written, for a plan: nothing is made, neither the folder nor the
/// sandbox's passphrase. `BackupsNotSetUp` if nobody said; `BackupFolderNotWritable` if the folder, or
/// what is there above it, cannot be written to.
pub(crate) fn backup_folder(cx: &Context, sandbox: bool) -> Result<PathBuf> {
    let folder = if sandbox {
        sandbox_folder(cx)
    } else {
        let folder = cx.store.backup_folder()?.ok_or(AppError::BackupsNotSetUp)?;
        kept_passphrase(cx)?;
        PathBuf::from(folder)
    };
    look_at_backup_folder(&folder)?;
    Ok(folder)
}

/// Where the next backup is written. `BackupsNotSetUp` if nobody said; the sandbox asks nothing.
pub(super) fn backup_place(cx: &Context, sandbox: bool) -> Result<BackupPlace> {
    if sandbox {
        return Ok(BackupPlace {
            folder: sandbox_folder(cx),
            passphrase: sandbox_passphrase(cx)?,
            work: WorkFactor::REDUCED,
            sandbox,
        });
    }
    let folder = cx.store.backup_folder()?.ok_or(AppError::BackupsNotSetUp)?;
    Ok(BackupPlace {
        folder: PathBuf::from(folder),
        passphrase: kept_passphrase(cx)?,
        work: cx.backup_work,
        sandbox,
    })
}

fn read(cx: &Context) -> Result<BackupSettings> {
    Ok(BackupSettings {
        folder: cx.store.backup_folder()?,
        proposed: cx.proposed_backup_folder.clone(),
        passphrase_kept: cx.keychain.fetch(PASSPHRASE)?.is_some(),
    })
}

fn kept_passphrase(cx: &Context) -> Result<Passphrase> {
    let kept = cx.keychain.fetch(PASSPHRASE)?;
    kept.and_then(|kept| Passphrase::from_secret(&kept))
        .ok_or(AppError::BackupsNotSetUp)
}

fn sandbox_folder(cx: &Context) -> PathBuf {
    cx.store.folder().join("sandbox").join("backups")
}

/// The sandbox's materials are not real: OwnKey makes the passphrase itself.
fn sandbox_passphrase(cx: &Context) -> Result<Passphrase> {
    let kept = match cx.keychain.fetch(SANDBOX_PASSPHRASE)? {
        Some(kept) => kept,
        None => {
            let random = make_challenge()
                .map_err(|failure| cx.unexpected("sandbox-passphrase", &failure))?;
            let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
            let made = Secret::new(text.into_bytes());
            cx.keychain.keep(SANDBOX_PASSPHRASE, &made)?;
            made
        }
    };
    Passphrase::from_secret(&kept).ok_or(AppError::BackupsNotSetUp)
}
