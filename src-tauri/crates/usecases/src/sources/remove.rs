//! Removes stored material, for good.

use ownkey_model::{AppError, Change, KeyArn, MaterialId, Registration, Result};

use super::is_backed_up;
use crate::Context;

/// Removes sealed material; its backups stay where they lie. `MaterialNeeded` while AWS holds it
/// anywhere and no verified backup exists; `NotConfirmed` if its name was not typed.
pub async fn remove_material(cx: &Context, id: MaterialId, confirmation: &str) -> Result<()> {
    let typed = confirmation.trim().to_owned();
    cx.blocking(move |cx| {
        let stored = cx.store.material(&id)?;
        if typed != stored.name.trim() {
            return Err(AppError::NotConfirmed {
                expected: stored.name,
            });
        }
        let now = cx.clock.now();
        let registrations = cx.store.registrations()?;
        let in_sandbox = |key: &KeyArn| {
            let mut of_account = registrations
                .iter()
                .filter(|one| one.account == key.account())
                .peekable();
            of_account.peek().is_some() && of_account.all(Registration::is_sandbox)
        };
        let needed: Vec<String> = stored
            .places
            .iter()
            .filter(|place| place.holds_at(now))
            .filter(|place| !is_backed_up(&stored, in_sandbox(&place.key)))
            .map(|place| place.key.to_string())
            .collect();
        if !needed.is_empty() {
            return Err(AppError::MaterialNeeded { keys: needed });
        }
        cx.store.remove_material(&id)
    })
    .await?;
    (cx.announce)(Change::Materials);
    Ok(())
}
