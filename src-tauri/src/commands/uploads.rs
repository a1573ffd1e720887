//! Uploading key material: into a new key, or into one that exists.

use ownkey_model::{
    ImportDraft, ImportOffer, KeyArn, MaterialCheck, Operation, OperationId, PickedFile, Plan,
    Principals, RegistrationId, Result, UploadDraft, UploadPart,
};
use ownkey_usecases as usecases;
use tauri::{State, ipc::Channel};

use crate::{App, commands::operations::reporting};

/// Lets the user pick a key file. Its bytes stay here; absent if the dialog was left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pick_key_file(app: State<'_, App>) -> Result<Option<PickedFile>> {
    let context = app.context()?;
    match app.dialogs.pick_key_file().await? {
        Some(file) => usecases::take_file(context, make_name(), file).map(Some),
        None => Ok(None),
    }
}

/// Forgets a picked file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drop_file(app: State<'_, App>, handle: String) -> Result<()> {
    usecases::drop_file(app.context()?, &handle);
    Ok(())
}

/// Checks one part of the form, as far as this computer can, and whether the alias is free.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_upload(
    app: State<'_, App>,
    draft: UploadDraft,
    part: UploadPart,
) -> Result<Option<MaterialCheck>> {
    usecases::check_upload(app.context()?, draft, part).await
}

/// The policy that the form describes, as JSON text; the default policy in the words AWS will use.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preview_policy(app: State<'_, App>, draft: UploadDraft) -> Result<String> {
    usecases::preview_policy(app.context()?, draft).await
}

/// Whom a key policy can name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_principals(
    app: State<'_, App>,
    registration: RegistrationId,
) -> Result<Principals> {
    usecases::list_principals(app.context()?, registration).await
}

/// What an upload would do. Nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_upload(app: State<'_, App>, draft: UploadDraft) -> Result<Plan> {
    usecases::plan_upload(app.context()?, OperationId(make_name()), draft).await
}

/// Does what the plan shows, or nothing if it would no longer be that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_upload(
    app: State<'_, App>,
    draft: UploadDraft,
    plan: Plan,
    task: String,
    progress: Channel<Operation>,
) -> Result<Operation> {
    let running = app.tasks.begin(task);
    usecases::apply_upload(
        app.context()?,
        draft,
        plan,
        &reporting(progress),
        &running.token,
    )
    .await
}

/// What an import into a key can be.
#[tauri::command]
#[specta::specta]
pub(crate) async fn offer_import(app: State<'_, App>, key: KeyArn) -> Result<ImportOffer> {
    usecases::offer_import(app.context()?, key).await
}

/// Checks the material of an import: the same bytes as before, where there was material before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_import(app: State<'_, App>, draft: ImportDraft) -> Result<MaterialCheck> {
    usecases::check_import(app.context()?, draft).await
}

/// What an import would do. Nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_import(app: State<'_, App>, draft: ImportDraft) -> Result<Plan> {
    usecases::plan_import(app.context()?, OperationId(make_name()), draft).await
}

/// Does what the plan shows, or nothing if it would no longer be that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_import(
    app: State<'_, App>,
    draft: ImportDraft,
    plan: Plan,
    task: String,
    progress: Channel<Operation>,
) -> Result<Operation> {
    let running = app.tasks.begin(task);
    usecases::apply_import(
        app.context()?,
        draft,
        plan,
        &reporting(progress),
        &running.token,
    )
    .await
}

fn make_name() -> String {
    uuid::Uuid::new_v4().to_string()
}
