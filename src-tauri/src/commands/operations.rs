//! Operations: what was done, what is half done, and how it goes on.

use ownkey_model::{Operation, OperationId, OperationPage, OperationQuery, Result};
use ownkey_usecases as usecases;
use tauri::{State, ipc::Channel};

use crate::App;

/// Operations, the latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn list_operations(
    app: State<'_, App>,
    query: OperationQuery,
) -> Result<OperationPage> {
    usecases::list_operations(app.context()?, query).await
}

/// One operation with its steps.
#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_operation(app: State<'_, App>, id: OperationId) -> Result<Operation> {
    usecases::describe_operation(app.context()?, id).await
}

/// Takes up an operation where it stopped. A step whose answer is unknown is looked up first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn finish_operation(
    app: State<'_, App>,
    id: OperationId,
    task: String,
    progress: Channel<Operation>,
) -> Result<Operation> {
    let running = app.tasks.begin(task);
    usecases::finish_operation(app.context()?, id, &reporting(progress), &running.token).await
}

/// Undoes an operation. Once AWS has held the material, what the offer names has to be typed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_operation(
    app: State<'_, App>,
    id: OperationId,
    confirmation: String,
    task: String,
    progress: Channel<Operation>,
) -> Result<Operation> {
    let running = app.tasks.begin(task);
    usecases::undo_operation(
        app.context()?,
        id,
        &confirmation,
        &reporting(progress),
        &running.token,
    )
    .await
}

/// Ends an operation that can neither be finished nor undone. AWS is asked nothing; what is there stays
/// as it is. Its alias has to be typed; without one its key's id, and without a key its own.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_operation(
    app: State<'_, App>,
    id: OperationId,
    confirmation: String,
) -> Result<Operation> {
    usecases::leave_operation(app.context()?, id, &confirmation).await
}

/// Sends every state of an operation to the window.
pub(crate) fn reporting(progress: Channel<Operation>) -> impl Fn(Operation) + Send + Sync {
    move |at| {
        // A window that is gone needs no progress; the work goes on.
        let _closed = progress.send(at).is_err();
    }
}
