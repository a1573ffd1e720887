//! The tables `runs` and `sync_reports`: which synchronisation saw a key, and how the last ended.

use std::collections::HashMap;

use ownkey_model::{
    Region, RegionStage, RegistrationId, Result, Scope, SyncOutcome, SyncReport, Timestamp,
};
use rusqlite::{OptionalExtension, Transaction, params};

use super::{aliases, facets, keys, tags};
use crate::Store;
use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE runs(
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        registration TEXT NOT NULL
    ) STRICT;
    CREATE TABLE sync_reports(
        registration TEXT PRIMARY KEY,
        report TEXT NOT NULL,
        read_at INTEGER
    ) STRICT, WITHOUT ROWID;";

/// One synchronisation. What it saw bears its number, which is higher than that of every earlier
/// one in the same cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SyncRun(i64);

impl SyncRun {
    pub(super) fn numbered(number: i64) -> Self {
        Self(number)
    }

    pub(super) fn number(self) -> i64 {
        self.0
    }
}

impl Store {
    /// Begins a synchronisation. `NotFound` if the registration is not there.
    pub fn begin_sync(&self, registration: &RegistrationId) -> Result<SyncRun> {
        self.parts.cache.write(|transaction| {
            self.require_registration(registration)?;
            // One row a registration is enough: the sequence remembers the highest number.
            transaction.execute("DELETE FROM runs WHERE registration = ?", [&registration.0])?;
            transaction.execute(
                "INSERT INTO runs(registration) VALUES(?)",
                [&registration.0],
            )?;
            Ok(SyncRun(transaction.last_insert_rowid()))
        })
    }

    /// Ends one region. If all its keys were listed, those that the run did not see are marked as
    /// gone at `at`; if all its aliases were, those it did not see are dropped. Returns how many
    /// keys are newly gone. A list that was cut short proves nothing, and nothing is concluded.
    pub fn finish_region(
        &self,
        run: SyncRun,
        registration: &RegistrationId,
        region: &Region,
        keys_complete: bool,
        aliases_complete: bool,
        at: Timestamp,
    ) -> Result<u32> {
        self.parts.cache.write(|transaction| {
            self.require_registration(registration)?;
            if aliases_complete {
                aliases::drop_unseen(transaction, run, registration, region)?;
            }
            if keys_complete {
                keys::mark_gone(transaction, run, registration, region, at)
            } else {
                Ok(0)
            }
        })
    }

    /// Keeps the report of a synchronisation in place of the one before. `NotFound` if the
    /// registration is no longer there.
    pub fn finish_sync(&self, report: &SyncReport) -> Result<()> {
        // A registration that refused everything was not read, whatever time has passed.
        let refused_everywhere = !report.regions.is_empty()
            && report
                .regions
                .iter()
                .all(|region| region.stage == RegionStage::Refused);
        let read_to_the_end =
            matches!(report.outcome, SyncOutcome::Complete | SyncOutcome::Partial)
                && !refused_everywhere;
        self.parts.cache.write(|transaction| {
            self.require_registration(&report.registration)?;
            transaction.execute(
                "INSERT INTO sync_reports(registration, report, read_at) VALUES(?, ?, ?)
                 ON CONFLICT DO UPDATE SET report = excluded.report,
                    read_at = coalesce(excluded.read_at, read_at)",
                params![
                    report.registration.0,
                    serde_json::to_string(report)?,
                    read_to_the_end.then(|| report.finished_at.unix_seconds()),
                ],
            )?;
            facets::forget_unused(transaction)?;
            tags::forget_unused(transaction)
        })
    }

    /// The report of the last synchronisation, if there was one.
    pub fn last_sync(&self, registration: &RegistrationId) -> Result<Option<SyncReport>> {
        self.parts
            .cache
            .read(|snapshot| last_report(snapshot, registration))
    }

    /// When each registration was last read through to the end, completely or in part.
    pub(crate) fn synced_at(&self) -> Result<HashMap<RegistrationId, Timestamp>> {
        self.parts.cache.read(|snapshot| {
            let mut statement = snapshot.prepare_cached(
                "SELECT registration, read_at FROM sync_reports WHERE read_at IS NOT NULL",
            )?;
            let rows = statement.query_map([], |row| {
                Ok((
                    RegistrationId(row.get(0)?),
                    Timestamp::from_unix_seconds(row.get(1)?),
                ))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// When the registration of the scope that was read longest ago was read; nothing if one never
    /// was, or if there is none.
    pub(crate) fn scope_synced_at(&self, scope: &Scope) -> Result<Option<Timestamp>> {
        let synced = self.synced_at()?;
        let of_each: Option<Vec<Timestamp>> = self
            .registrations_in(scope)?
            .iter()
            .map(|id| synced.get(id).copied())
            .collect();
        Ok(of_each.and_then(|times| times.into_iter().min()))
    }
}

/// The report of a registration's last synchronisation.
pub(crate) fn last_report(
    snapshot: &Transaction<'_>,
    registration: &RegistrationId,
) -> Outcome<Option<SyncReport>> {
    let text: Option<String> = snapshot
        .prepare_cached("SELECT report FROM sync_reports WHERE registration = ?")?
        .query_row([&registration.0], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Forgets the runs and the report of a registration.
pub(super) fn forget(transaction: &Transaction<'_>, id: &RegistrationId) -> Outcome<()> {
    transaction.execute("DELETE FROM runs WHERE registration = ?", [&id.0])?;
    transaction.execute("DELETE FROM sync_reports WHERE registration = ?", [&id.0])?;
    Ok(())
}
