//! Synchronising, which is long work: it reports its progress and can be cancelled.

use ownkey_model::{RegistrationId, Result, SyncProgress, SyncReport};
use ownkey_usecases as usecases;
use tauri::{State, ipc::Channel};

use crate::App;

/// Reads everything about every key of a registration into the cache.
#[tauri::command]
#[specta::specta]
pub(crate) async fn synchronise(
    app: State<'_, App>,
    registration: RegistrationId,
    task: String,
    progress: Channel<SyncProgress>,
) -> Result<SyncReport> {
    let context = app.context()?;
    let running = app.tasks.begin(task);
    let report = move |at: SyncProgress| {
        // A window that is gone needs no progress; the work goes on.
        let _closed = progress.send(at).is_err();
    };
    usecases::synchronise(context, registration, &report, &running.token).await
}

/// Asks long work to stop. What it has done so far is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_task(app: State<'_, App>, task: String) -> Result<()> {
    app.context()?;
    app.tasks.cancel(&task);
    Ok(())
}
