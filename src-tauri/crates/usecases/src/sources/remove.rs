//! Removes stored material, for good.

use std::time::Duration;

use ownkey_model::{
    AppError, Change, KeyArn, MaterialId, MaterialPlace, Registration, Result, StoredMaterial,
    Timestamp,
};

use super::back_up::proved_now;
use crate::Context;

/// AWS's longest waiting period: until it has passed, a deletion that was scheduled can be cancelled.
const REGRET: Duration = Duration::from_secs(30 * 86_400);

/// Removes sealed material; its backups stay where they lie. `MaterialNeeded` while a key needs it and
/// no backup of it is good now; `NotConfirmed` if its name was not typed; `MaterialInUse` while an
/// operation that has not ended uses it.
pub async fn remove_material(cx: &Context, id: MaterialId, confirmation: &str) -> Result<()> {
    let typed = confirmation.trim().to_owned();
    let outcome = cx
        .blocking(move |cx| {
            let stored = cx.store.material(&id)?;
            if typed != stored.name.trim() {
                return Err(AppError::NotConfirmed {
                    expected: stored.name,
                });
            }
            let keys = without_backup(cx, &stored)?;
            if !keys.is_empty() {
                return Err(AppError::MaterialNeeded { keys });
            }
            cx.store.remove_material(&id)
        })
        .await;
    // A refusal may have found out that a backup is none any more.
    (cx.announce)(Change::Materials);
    outcome
}

/// The keys that need the material and could not be given it from a backup.
fn without_backup(cx: &Context, stored: &StoredMaterial) -> Result<Vec<String>> {
    let now = cx.clock.now();
    let registrations = cx.store.registrations()?;
    let needing = || stored.places.iter().filter(|place| needs(place, now));
    let (mut sandbox, mut real): (Vec<&KeyArn>, Vec<&KeyArn>) = needing()
        .map(|place| &place.key)
        .partition(|key| is_in_sandbox(key, &registrations));
    if real.is_empty() || proved_now(cx, stored, false)? {
        real.clear();
    }
    if sandbox.is_empty() || proved_now(cx, stored, true)? {
        sandbox.clear();
    }
    Ok(needing()
        .map(|place| &place.key)
        .filter(|key| real.contains(key) || sandbox.contains(key))
        .map(ToString::to_string)
        .collect())
}

/// Whether a key has the material or may want it again. One whose material ran out takes only the same
/// bytes. One from which OwnKey took it, or whose deletion OwnKey began, counts as long as a deletion
/// can be cancelled: which of the two it was is not written down.
fn needs(place: &MaterialPlace, now: Timestamp) -> bool {
    place.removed_at.is_none_or(|at| now < at.plus(REGRET))
}

fn is_in_sandbox(key: &KeyArn, registrations: &[Registration]) -> bool {
    let of_account = |one: &&Registration| one.account == key.account();
    let mut of_account = registrations.iter().filter(of_account).peekable();
    of_account.peek().is_some() && of_account.all(Registration::is_sandbox)
}
