//! Connections: ways to sign in.

use ownkey_model::{
    AppError, Connection, ConnectionDraft, ConnectionEntry, ConnectionId, ConnectionReport,
    PermissionReport, Profile, Region, Result, RoleDraft, SealedText, SignInId, SignInRequest,
    SignInRequestId,
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

/// The connections.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_connections(app: State<'_, App>) -> Result<Vec<ConnectionEntry>> {
    usecases::list_connections(app.context()?).await
}

/// Tries a connection before anything is kept; `kept` names the one that is being changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_connection(
    app: State<'_, App>,
    draft: ConnectionDraft,
    kept: Option<ConnectionId>,
) -> Result<ConnectionReport> {
    usecases::test_connection(app.context()?, &draft, kept).await
}

/// Keeps a connection.
#[tauri::command]
#[specta::specta]
pub(crate) async fn add_connection(
    app: State<'_, App>,
    draft: ConnectionDraft,
) -> Result<Connection> {
    let id = uuid::Uuid::new_v4().to_string();
    usecases::add_connection(app.context()?, id, &draft).await
}

/// Changes how a connection signs in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_connection(
    app: State<'_, App>,
    id: ConnectionId,
    draft: ConnectionDraft,
) -> Result<Connection> {
    usecases::change_connection(app.context()?, id, &draft).await
}

/// Forgets a connection and its secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_connection(app: State<'_, App>, id: ConnectionId) -> Result<()> {
    usecases::remove_connection(app.context()?, id).await
}

/// The account and regions that a connection leads to, or those of a role that is assumed over it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn read_account(
    app: State<'_, App>,
    connection: ConnectionId,
    role: RoleDraft,
) -> Result<ConnectionReport> {
    usecases::read_account(app.context()?, connection, &role).await
}

/// What the credentials may do. Nothing is changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn probe_permissions(
    app: State<'_, App>,
    connection: ConnectionId,
    role: RoleDraft,
    region: Region,
) -> Result<PermissionReport> {
    usecases::probe_permissions(app.context()?, connection, &role, region).await
}

/// Signs in in the browser; answered when that is done. Can be cancelled as a task.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(app: State<'_, App>, id: SignInId, task: String) -> Result<()> {
    let context = app.context()?;
    let running = app.tasks.begin(task);
    let open_page = |url: &str| open_in_browser(&app, url);
    usecases::sign_in(context, id, &open_page, &running.token).await
}

/// What a person is asked for now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_sign_in_requests(app: State<'_, App>) -> Result<Vec<SignInRequest>> {
    Ok(usecases::list_sign_in_requests(app.context()?))
}

/// Gives the code that an MFA device shows, and ends when AWS has judged it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_mfa_request(
    app: State<'_, App>,
    id: SignInRequestId,
    code: SealedText,
) -> Result<()> {
    usecases::answer_mfa_request(app.context()?, &id, &code).await
}

/// Gives up a request.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_sign_in_request(app: State<'_, App>, id: SignInRequestId) -> Result<()> {
    usecases::cancel_sign_in_request(app.context()?, &id);
    Ok(())
}

/// Opens the page of a sign-in once more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_sign_in_page(app: State<'_, App>, id: SignInRequestId) -> Result<()> {
    usecases::open_sign_in_page(app.context()?, &id, |url| open_in_browser(&app, url))
}

fn open_in_browser(app: &App, url: &str) -> Result<()> {
    app.dialogs.open_page(url).map_err(|error| {
        tracing::error!(%error, "the browser did not open");
        AppError::SignInFailed {
            cause: "The browser did not open.".into(),
        }
    })
}
