//! Takes up an operation where it stopped: to its end, or back to where it began.

use ownkey_model::{
    AppError, Change, Operation, OperationId, OperationState, Result, Step, StepState,
};
use tokio_util::sync::CancellationToken;

use super::{
    engine::{Drive, Report},
    steps,
    undo::{confirmation, name_of, undo_steps},
};
use crate::Context;

/// Does the steps that are left. `OperationRunning`, `OperationClosed`; a step that is refused is no
/// error here: it stands in the operation.
pub async fn finish_operation(
    cx: &Context,
    id: OperationId,
    report: Report<'_>,
    cancel: &CancellationToken,
) -> Result<Operation> {
    let _at_work = cx.in_hand.work_on(&id)?;
    let operation = still_open(cx, &id).await?;
    let drive = Drive::begin(cx, &operation, report, cancel).await?;
    cx.blocking(move |cx| cx.store.clear_operation_error(&id))
        .await?;
    drive.run().await
}

/// Leads back to where the operation began, as its offer says. Once begun, undoing is only finished.
/// `NotConfirmed` if the offer names something to type and it was not typed.
pub async fn undo_operation(
    cx: &Context,
    id: OperationId,
    typed: &str,
    report: Report<'_>,
    cancel: &CancellationToken,
) -> Result<Operation> {
    let _at_work = cx.in_hand.work_on(&id)?;
    let operation = still_open(cx, &id).await?;
    if let Some(expected) = confirmation(&operation, cx.clock.now())
        && typed.trim() != expected
    {
        return Err(AppError::NotConfirmed { expected });
    }
    let drive = Drive::begin(cx, &operation, report, cancel).await?;
    let known = id.clone();
    cx.blocking(move |cx| cx.store.clear_operation_error(&known))
        .await?;
    if operation.state == OperationState::Open {
        let known = find_key(&drive, operation).await?;
        // What was in doubt before may be known to be done now.
        if let Some(expected) = confirmation(&known, cx.clock.now())
            && typed.trim() != expected
        {
            return Err(AppError::NotConfirmed { expected });
        }
        let steps = undo_steps(&known, cx.clock.now())?;
        cx.blocking(move |cx| cx.store.begin_undo(&id, &steps))
            .await?;
    }
    drive.run().await
}

async fn still_open(cx: &Context, id: &OperationId) -> Result<Operation> {
    let known = id.clone();
    let operation = cx.blocking(move |cx| cx.store.operation(&known)).await?;
    if operation.state.is_closed() {
        Err(AppError::OperationClosed)
    } else {
        Ok(operation)
    }
}

/// Looks for the key whose making was asked for and not answered, so that it is known what there is to
/// undo. Every other step can be undone without knowing whether it was done.
async fn find_key(drive: &Drive<'_>, operation: Operation) -> Result<Operation> {
    for step in &operation.steps {
        let in_doubt =
            step.state == StepState::Asked && matches!(step.step, Step::CreateKey { .. });
        if in_doubt && let Some(ended) = steps::look_up(drive, &operation, step.number).await? {
            drive.end(step.number, ended).await?;
        }
    }
    drive.tell().await
}

/// Ends an operation that can neither be finished nor undone, by the user's word alone: AWS is asked
/// nothing, and what is there stays as it is. `NotConfirmed` unless its alias was typed; without an alias
/// its key's id, and without a key its own.
pub async fn leave_operation(cx: &Context, id: OperationId, typed: &str) -> Result<Operation> {
    let _at_work = cx.in_hand.work_on(&id)?;
    let operation = still_open(cx, &id).await?;
    let expected = name_of(&operation);
    if typed.trim() != expected {
        return Err(AppError::NotConfirmed { expected });
    }
    let left = cx
        .blocking(move |cx| {
            cx.store
                .close_operation(&id, OperationState::LeftAsIs, cx.clock.now())?;
            cx.store.operation(&id)
        })
        .await?;
    (cx.announce)(Change::Operations);
    Ok(left)
}
