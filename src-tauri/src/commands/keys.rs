//! Keys, as they were last seen.

use ownkey_model::{
    AppError, KeyArn, KeyDetails, KeyHit, KeyPage, KeyProperty, KeyQuery, Overview, Result, Scope,
    Suggestion,
};
use ownkey_usecases as usecases;
use tauri::State;

use crate::App;

/// What needs a person today, and counts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn read_overview(app: State<'_, App>, scope: Scope) -> Result<Overview> {
    usecases::read_overview(app.context()?, scope).await
}

/// One page of the key list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_keys(app: State<'_, App>, query: KeyQuery) -> Result<KeyPage> {
    usecases::list_keys(app.context()?, query).await
}

/// Completes what is typed into a filter.
#[tauri::command]
#[specta::specta]
pub(crate) async fn suggest_values(
    app: State<'_, App>,
    scope: Scope,
    property: KeyProperty,
    text: String,
) -> Result<Vec<Suggestion>> {
    usecases::suggest_values(app.context()?, scope, property, text).await
}

/// Finds keys for the palette.
#[tauri::command]
#[specta::specta]
pub(crate) async fn find_keys(app: State<'_, App>, text: String) -> Result<Vec<KeyHit>> {
    usecases::find_keys(app.context()?, text).await
}

/// A key's page, from the cache.
#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_key(app: State<'_, App>, arn: String) -> Result<KeyDetails> {
    usecases::describe_key(app.context()?, KeyArn::parse(&arn)?).await
}

/// A key's page, read anew from AWS.
#[tauri::command]
#[specta::specta]
pub(crate) async fn refresh_key(app: State<'_, App>, arn: String) -> Result<KeyDetails> {
    usecases::refresh_key(app.context()?, KeyArn::parse(&arn)?).await
}

/// Opens the key's page of AWS's console in the system's browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_key_in_console(app: State<'_, App>, arn: String) -> Result<()> {
    let key = usecases::describe_key(app.context()?, KeyArn::parse(&arn)?).await?;
    let url = key.console_url.ok_or_else(|| AppError::NotFound {
        what: "console page".into(),
    })?;
    app.dialogs.open_page(&url).map_err(|error| {
        tracing::error!(%error, "the browser did not open");
        app.unexpected("browser")
    })
}
