//! Key material in OwnKey's own store, and its backups.

use ownkey_model::{
    BackupSettings, EnvelopeKey, FileReading, KeySpec, MaterialId, PickedFile, Result, SealedText,
    StoredMaterial,
};
use ownkey_usecases as usecases;
use tauri::State;

use crate::App;

/// All stored material, the latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_materials(app: State<'_, App>) -> Result<Vec<StoredMaterial>> {
    usecases::list_materials(app.context()?).await
}

/// Makes new material and seals it. Nothing is sent to AWS.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_material(
    app: State<'_, App>,
    spec: KeySpec,
    name: String,
) -> Result<StoredMaterial> {
    usecases::make_material(app.context()?, spec, name).await
}

/// Reads a picked file and seals what is in it. Nothing is sent to AWS.
#[tauri::command]
#[specta::specta]
pub(crate) async fn store_material(
    app: State<'_, App>,
    handle: String,
    reading: Option<FileReading>,
    spec: KeySpec,
    name: String,
) -> Result<StoredMaterial> {
    usecases::store_material(app.context()?, handle, reading, spec, name).await
}

/// Writes a backup into the backup folder, opens it again and compares.
#[tauri::command]
#[specta::specta]
pub(crate) async fn back_up_material(
    app: State<'_, App>,
    id: MaterialId,
) -> Result<StoredMaterial> {
    usecases::back_up_material(app.context()?, id).await
}

/// Opens a backup and compares what is in it with the sealed material.
#[tauri::command]
#[specta::specta]
pub(crate) async fn verify_backup(
    app: State<'_, App>,
    id: MaterialId,
    path: String,
) -> Result<StoredMaterial> {
    usecases::verify_backup(app.context()?, id, path).await
}

/// Writes an encrypted file with a passphrase of its own to a place that the user picks; absent if
/// the dialog was left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_material(
    app: State<'_, App>,
    id: MaterialId,
    passphrase: SealedText,
    repeated: SealedText,
) -> Result<Option<StoredMaterial>> {
    let context = app.context()?;
    let passphrase = usecases::open_new_passphrase(context, &passphrase, &repeated)?;
    let proposed = usecases::backup_name(&id);
    match app.dialogs.pick_new_file(&proposed).await? {
        Some(path) => usecases::export_material(context, id, passphrase, path)
            .await
            .map(Some),
        None => Ok(None),
    }
}

/// Lets the user pick a backup; absent if the dialog was left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_backup_file(app: State<'_, App>) -> Result<Option<PickedFile>> {
    let context = app.context()?;
    match app.dialogs.pick_backup_file().await? {
        Some(file) => {
            let handle = uuid::Uuid::new_v4().to_string();
            usecases::take_file(context, handle, file).map(Some)
        }
        None => Ok(None),
    }
}

/// Seals what is in a picked backup. Material that is there already stays as it is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_backup(
    app: State<'_, App>,
    handle: String,
    passphrase: SealedText,
) -> Result<StoredMaterial> {
    usecases::restore_backup(app.context()?, handle, &passphrase).await
}

/// Removes stored material, for good. Refused while AWS holds it and no verified backup exists.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_material(
    app: State<'_, App>,
    id: MaterialId,
    confirmation: String,
) -> Result<()> {
    usecases::remove_material(app.context()?, id, &confirmation).await
}

/// Where backups go.
#[tauri::command]
#[specta::specta]
pub(crate) async fn read_backup_settings(app: State<'_, App>) -> Result<BackupSettings> {
    usecases::read_backup_settings(app.context()?).await
}

/// Lets the user pick a folder; absent if the dialog was left. Nothing is kept yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_backup_folder(app: State<'_, App>) -> Result<Option<String>> {
    app.context()?;
    app.dialogs.pick_folder().await
}

/// Keeps the folder and, if one is given, the passphrase for later backups.
#[tauri::command]
#[specta::specta]
pub(crate) async fn set_up_backups(
    app: State<'_, App>,
    folder: String,
    passphrase: Option<SealedText>,
    repeated: Option<SealedText>,
) -> Result<BackupSettings> {
    let context = app.context()?;
    let passphrase = match (passphrase, repeated) {
        (Some(one), Some(two)) => Some(usecases::open_new_passphrase(context, &one, &two)?),
        (None, None) => None,
        _ => return Err(ownkey_model::AppError::PassphrasesDiffer),
    };
    usecases::set_up_backups(context, folder, passphrase).await
}

/// A key to encrypt one typed secret to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn make_envelope(app: State<'_, App>) -> Result<EnvelopeKey> {
    let name = uuid::Uuid::new_v4().to_string();
    usecases::make_envelope(app.context()?, name).await
}
