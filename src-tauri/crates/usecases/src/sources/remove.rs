//! Removes stored material, for good.

use ownkey_model::{AppError, Change, MaterialId, Result};

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
        let held: Vec<String> = stored
            .places
            .iter()
            .filter(|place| place.holds_at(now))
            .map(|place| place.key.to_string())
            .collect();
        if !held.is_empty() && !is_backed_up(&stored, false) {
            return Err(AppError::MaterialNeeded { keys: held });
        }
        cx.store.remove_material(&id)
    })
    .await?;
    (cx.announce)(Change::Materials);
    Ok(())
}
