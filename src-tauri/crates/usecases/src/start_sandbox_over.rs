//! What OwnKey itself remembers of the sandbox when that is put back to how it is seeded.

use ownkey_model::{AppError, Change, RegistrationId, Result};

use crate::{Context, operations::open_operations};

/// Makes sure that nothing half done is left behind, and forgets that the sandbox holds material.
/// `OperationsOpen` while there are operations on it that have not ended.
pub async fn leave_sandbox(cx: &Context) -> Result<()> {
    cx.blocking(|cx| {
        let sandboxes = sandboxes(cx)?;
        let open = open_operations(cx, &sandboxes)?;
        if open > 0 {
            return Err(AppError::OperationsOpen { count: open });
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
