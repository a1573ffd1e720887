//! This computer and what the window remembers on it.

use ownkey_model::{Preference, Result, ThisComputer};
use ownkey_usecases as usecases;
use tauri::State;

use crate::App;

/// Where OwnKey keeps things here, and whether the keychain can keep secrets.
#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_this_computer(app: State<'_, App>) -> Result<ThisComputer> {
    let kept = app.sandbox()?.is_kept().await;
    usecases::describe_this_computer(app.context()?, kept).await
}

/// What the window remembers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_preferences(app: State<'_, App>) -> Result<Vec<Preference>> {
    usecases::list_preferences(app.context()?).await
}

/// Remembers one thing for the window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remember_preference(app: State<'_, App>, preference: Preference) -> Result<()> {
    let preference = Preference::parse(preference.name, preference.value)?;
    usecases::remember_preference(app.context()?, preference).await
}

/// Puts the built-in AWS back to how it is seeded. Refused while an operation on it is open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn start_sandbox_over(app: State<'_, App>) -> Result<()> {
    let context = app.context()?;
    usecases::leave_sandbox(context).await?;
    app.sandbox()?.start_over().await?;
    usecases::return_to_sandbox(context).await
}
