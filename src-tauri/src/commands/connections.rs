//! Connections and registrations.

use ownkey_model::{
    ConnectionDraft, ConnectionReport, Profile, Registration, RegistrationDraft, RegistrationId,
    Result,
};
use ownkey_usecases as usecases;
use tauri::State;

use crate::App;

/// The profiles of the AWS configuration files.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_profiles(app: State<'_, App>) -> Result<Vec<Profile>> {
    usecases::list_profiles(app.context()?).await
}

/// Tries a connection before anything is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_connection(
    app: State<'_, App>,
    draft: ConnectionDraft,
) -> Result<ConnectionReport> {
    usecases::test_connection(app.context()?, &draft).await
}

/// The registrations.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_registrations(app: State<'_, App>) -> Result<Vec<Registration>> {
    usecases::list_registrations(app.context()?).await
}

/// Registers an account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_account(
    app: State<'_, App>,
    connection: ConnectionDraft,
    registration: RegistrationDraft,
) -> Result<Registration> {
    let id = uuid::Uuid::new_v4().to_string();
    usecases::register_account(app.context()?, id, &connection, &registration).await
}

/// Forgets a registration; no key in AWS is touched.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_registration(app: State<'_, App>, id: RegistrationId) -> Result<()> {
    usecases::remove_registration(app.context()?, id).await
}
