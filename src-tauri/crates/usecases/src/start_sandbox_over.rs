//! What OwnKey itself remembers of the sandbox when that is put back to how it is seeded.

use ownkey_model::{AppError, Change, OperationQuery, RegistrationId, Result};

use crate::Context;

/// Makes sure that nothing half done is left behind, and forgets that the sandbox holds material.
/// `OperationRunning` while an operation on it is open: it is finished or undone first.
pub async fn leave_sandbox(cx: &Context) -> Result<()> {
    cx.blocking(|cx| {
        let sandboxes = sandboxes(cx)?;
        let open = cx.store.operations(&OperationQuery {
            open_only: true,
            key: None,
            skip: 0,
            limit: 200,
        })?;
        if open
            .operations
            .iter()
            .any(|one| sandboxes.contains(&one.registration))
        {
            return Err(AppError::OperationRunning);
        }
        cx.store.forget_places(&sandboxes, cx.clock.now())
    })
    .await
}

/// Tells everyone who shows the sandbox to ask again; what is shown is brought up to date by the next
/// synchronisation.
pub async fn return_to_sandbox(cx: &Context) -> Result<()> {
    let sandboxes = cx.blocking(sandboxes).await?;
    for registration in sandboxes {
        (cx.announce)(Change::Keys { registration });
    }
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Materials);
    Ok(())
}

fn sandboxes(cx: &Context) -> Result<Vec<RegistrationId>> {
    let registrations = cx.store.registrations()?;
    Ok(registrations
        .into_iter()
        .filter(|one| one.is_sandbox())
        .map(|one| one.id)
        .collect())
}
