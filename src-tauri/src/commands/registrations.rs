//! KMS registrations: accounts and the regions looked at.

use ownkey_model::{
    Registration, RegistrationChange, RegistrationDetails, RegistrationDraft, RegistrationId,
    RegistrationPage, RegistrationQuery, Result,
};
use ownkey_usecases as usecases;
use tauri::State;

use crate::App;

/// All registrations.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_registrations(app: State<'_, App>) -> Result<Vec<Registration>> {
    usecases::list_registrations(app.context()?).await
}

/// A page of the registrations that a question means.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_registrations(
    app: State<'_, App>,
    query: RegistrationQuery,
) -> Result<RegistrationPage> {
    usecases::find_registrations(app.context()?, query).await
}

/// A registration's page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_registration(
    app: State<'_, App>,
    id: RegistrationId,
) -> Result<RegistrationDetails> {
    usecases::describe_registration(app.context()?, id).await
}

/// Registers an account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_account(
    app: State<'_, App>,
    draft: RegistrationDraft,
) -> Result<Registration> {
    let id = uuid::Uuid::new_v4().to_string();
    usecases::register_account(app.context()?, id, &draft).await
}

/// Changes a registration's connection or its regions.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_registration(
    app: State<'_, App>,
    id: RegistrationId,
    change: RegistrationChange,
) -> Result<Registration> {
    usecases::change_registration(app.context()?, id, &change).await
}

/// Forgets a registration; no key in AWS is touched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_registration(app: State<'_, App>, id: RegistrationId) -> Result<()> {
    usecases::remove_registration(app.context()?, id).await
}
