//! The table `aliases`: names of keys, as AWS lists them for a region, before or after the keys.
//!
//! `key` is the id of the key that `arn` names, as long as it is cached: so what a name finds is
//! read from the index of names alone.

use std::collections::BTreeSet;

use ownkey_model::{AccountId, Alias, Region, RegistrationId, Result};
use rusqlite::{OptionalExtension, Transaction, params};

use super::sync::SyncRun;
use super::{fold, keys};
use crate::Store;
use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE aliases(
        registration TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        arn TEXT,
        key INTEGER,
        run INTEGER NOT NULL,
        PRIMARY KEY(region, account, name)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX aliases_by_key ON aliases(arn, name) WHERE arn IS NOT NULL;
    CREATE INDEX aliases_by_name ON aliases(folded, name, key);
    CREATE TRIGGER aliases_found AFTER INSERT ON keys BEGIN
        UPDATE aliases SET key = new.id WHERE arn = new.arn;
    END;
    CREATE TRIGGER aliases_left AFTER DELETE ON keys BEGIN
        UPDATE aliases SET key = NULL WHERE arn = old.arn;
    END;";

impl Store {
    /// Writes aliases of one region, in one transaction; the keys they name show them at once.
    /// Nothing is written if the registration has left the region meanwhile. `NotFound` if the
    /// registration is no longer there.
    pub fn record_aliases(
        &self,
        run: SyncRun,
        registration: &RegistrationId,
        account: &AccountId,
        region: &Region,
        aliases: &[Alias],
    ) -> Result<()> {
        self.parts.cache.write(|transaction| {
            if !self.held_regions(registration)?.contains(region.as_str()) {
                return Ok(());
            }
            record(transaction, run, registration, account, region, aliases)
        })
    }
}

/// Writes aliases of one region.
pub(super) fn record(
    transaction: &Transaction<'_>,
    run: SyncRun,
    registration: &RegistrationId,
    account: &AccountId,
    region: &Region,
    aliases: &[Alias],
) -> Outcome<()> {
    let mut renamed = BTreeSet::new();
    for alias in aliases {
        let target = alias.target_key_id.as_ref().map(|id| {
            format!(
                "arn:{}:kms:{region}:{account}:key/{id}",
                region.partition().as_str()
            )
        });
        let before = transaction
            .prepare_cached(
                "SELECT arn FROM aliases WHERE region = ? AND account = ? AND name = ?",
            )?
            .query_row([region.as_str(), account.as_str(), &alias.name], |row| {
                row.get::<_, Option<String>>(0)
            })
            .optional()?
            .flatten();
        transaction
            .prepare_cached(
                "INSERT INTO aliases(registration, account, region, name, folded, arn, key, run)
                 VALUES(?1, ?2, ?3, ?4, ?5, ?6, (SELECT id FROM keys WHERE arn = ?6), ?7)
                 ON CONFLICT DO UPDATE SET registration = excluded.registration,
                    arn = excluded.arn, key = excluded.key, run = max(run, excluded.run)",
            )?
            .execute(params![
                registration.0,
                account.as_str(),
                region.as_str(),
                alias.name,
                fold(alias.name.strip_prefix("alias/").unwrap_or(&alias.name)),
                target,
                run.number(),
            ])?;
        if before != target {
            renamed.extend(before);
            renamed.extend(target);
        }
    }
    refresh(transaction, renamed)
}

/// The aliases of a key, sorted.
pub(crate) fn of(transaction: &Transaction<'_>, arn: &str) -> Outcome<Vec<String>> {
    Ok(transaction
        .prepare_cached("SELECT name FROM aliases WHERE arn = ? ORDER BY name")?
        .query_map([arn], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Drops the aliases of a region that a run did not see.
pub(super) fn drop_unseen(
    transaction: &Transaction<'_>,
    run: SyncRun,
    registration: &RegistrationId,
    region: &Region,
) -> Outcome<()> {
    let renamed: Vec<Option<String>> = transaction
        .prepare_cached(
            "DELETE FROM aliases WHERE region = ? AND registration = ? AND run < ? RETURNING arn",
        )?
        .query_map(
            params![region.as_str(), registration.0, run.number()],
            |row| row.get(0),
        )?
        .collect::<rusqlite::Result<_>>()?;
    refresh(transaction, renamed.into_iter().flatten().collect())
}

/// Removes the aliases of a registration, or of one region of it; the keys are gone already.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    id: &RegistrationId,
    region: Option<&str>,
) -> Outcome<()> {
    transaction.execute(
        "DELETE FROM aliases WHERE registration = ?1 AND (?2 IS NULL OR region = ?2)",
        params![id.0, region],
    )?;
    Ok(())
}

pub(super) fn refresh(transaction: &Transaction<'_>, arns: BTreeSet<String>) -> Outcome<()> {
    for arn in arns {
        keys::refresh_aliases(transaction, &arn)?;
    }
    Ok(())
}
