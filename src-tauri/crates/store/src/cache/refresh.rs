//! One key read anew, outside a synchronisation.

use std::collections::BTreeSet;

use ownkey_model::{Alias, AppError, Key, RegistrationId, Result, Timestamp};
use rusqlite::{Transaction, params};

use super::{aliases, facets::FacetIds, keys, sync::SyncRun};
use crate::Store;
use crate::failure::Outcome;

impl Store {
    /// Writes a key with all its aliases, in one transaction; a name that it no longer bears is
    /// dropped. Without aliases, which AWS may refuse to list, those that are known stay. `NotFound`
    /// if the registration, or the key's region in it, is no longer there.
    pub fn refresh_key(
        &self,
        registration: &RegistrationId,
        key: &Key,
        names: Option<&[Alias]>,
        at: Timestamp,
    ) -> Result<()> {
        self.parts.cache.write(|transaction| {
            if !self
                .held_regions(registration)?
                .contains(key.arn.region().as_str())
            {
                return Err(AppError::NotFound {
                    what: format!("key {}", key.arn),
                }
                .into());
            }
            let run = latest_run(transaction, registration)?;
            keys::record(
                transaction,
                &mut FacetIds::default(),
                run,
                registration,
                key,
                at,
            )?;
            let Some(names) = names else {
                return Ok(());
            };
            drop_others(transaction, key, names)?;
            aliases::record(
                transaction,
                run,
                registration,
                &key.arn.account(),
                &key.arn.region(),
                names,
            )
        })
    }
}

/// A synchronisation under way will see the key for itself; one that ended has seen it.
fn latest_run(transaction: &Transaction<'_>, registration: &RegistrationId) -> Outcome<SyncRun> {
    Ok(transaction.query_row(
        "SELECT coalesce(max(number), 0) FROM runs WHERE registration = ?",
        [&registration.0],
        |row| row.get(0).map(SyncRun::numbered),
    )?)
}

fn drop_others(transaction: &Transaction<'_>, key: &Key, names: &[Alias]) -> Outcome<()> {
    let kept: Vec<&str> = names.iter().map(|alias| alias.name.as_str()).collect();
    transaction.execute(
        "DELETE FROM aliases WHERE arn = ? AND name NOT IN (SELECT value FROM json_each(?))",
        params![key.arn.as_str(), serde_json::to_string(&kept)?],
    )?;
    aliases::refresh(transaction, BTreeSet::from([key.arn.to_string()]))
}
