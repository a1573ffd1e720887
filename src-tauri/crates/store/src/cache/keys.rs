//! The tables `keys`, `key_rows` and `key_details`: a key as it is sorted, shown and opened.
//!
//! `keys` holds only what keys are found and sorted by. Each order has an index: so it is read
//! without reading a key. Ties are broken by ARN where orders are kept, in `query::numbers`.

use ownkey_model::{Key, KeyArn, Region, RegistrationId, Result, Tag, Timestamp};
use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::facets::{self, Facet, FacetIds};
use super::sync::SyncRun;
use super::{aliases, fold, tags, texts};
use crate::Store;
use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE keys(
        id INTEGER PRIMARY KEY,
        arn TEXT NOT NULL,
        key_id TEXT NOT NULL,
        facet INTEGER NOT NULL,
        alias TEXT,
        description TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        valid_to INTEGER,
        synced_at INTEGER NOT NULL,
        gone_at INTEGER,
        run INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX keys_by_arn ON keys(arn);
    CREATE INDEX keys_by_facet ON keys(facet);
    CREATE INDEX keys_by_alias ON keys(alias) WHERE alias IS NOT NULL;
    CREATE INDEX keys_by_key_id ON keys(key_id);
    CREATE INDEX keys_by_description ON keys(description);
    CREATE INDEX keys_by_created_at ON keys(created_at);
    CREATE INDEX keys_by_valid_to ON keys(valid_to) WHERE valid_to IS NOT NULL;
    CREATE INDEX keys_by_synced_at ON keys(synced_at);
    CREATE TRIGGER keys_added AFTER INSERT ON keys BEGIN
        UPDATE facets SET keys = keys + 1 WHERE id = new.facet;
    END;
    CREATE TRIGGER keys_removed AFTER DELETE ON keys BEGIN
        UPDATE facets SET keys = keys - 1 WHERE id = old.facet;
    END;
    CREATE TRIGGER keys_moved AFTER UPDATE OF facet ON keys WHEN old.facet <> new.facet BEGIN
        UPDATE facets SET keys = keys - 1 WHERE id = old.facet;
        UPDATE facets SET keys = keys + 1 WHERE id = new.facet;
    END;
    CREATE TABLE key_rows(
        id INTEGER PRIMARY KEY,
        alias TEXT,
        alias_count INTEGER NOT NULL,
        description TEXT NOT NULL,
        deletion_at INTEGER,
        tags TEXT NOT NULL,
        tag_count INTEGER
    ) STRICT;
    CREATE INDEX key_rows_by_description ON key_rows(description) WHERE description <> '';
    CREATE TABLE key_details(
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL
    ) STRICT;";

/// By how many characters of their description keys are sorted: more would only make the index
/// larger.
const SORTED_CHARACTERS: usize = 40;

/// How many tags a row of the list shows.
const ROW_TAGS: usize = 8;

impl Store {
    /// Writes keys as they were read at `at`, in one transaction: all or none. What is known of a
    /// key already is replaced, and it is no longer gone. Keys of a region that the registration has
    /// left meanwhile are passed over. `NotFound` if the registration is no longer there.
    pub fn record_keys(
        &self,
        run: SyncRun,
        registration: &RegistrationId,
        keys: &[Key],
        at: Timestamp,
    ) -> Result<()> {
        self.parts.cache.write(|transaction| {
            let held = self.held_regions(registration)?;
            let mut facets = FacetIds::default();
            for key in keys {
                if !held.contains(key.arn.region().as_str()) {
                    continue;
                }
                record(transaction, &mut facets, run, registration, key, at)?;
            }
            Ok(())
        })
    }

    /// Notes that a run saw keys in a list and was not allowed to read them: they are not gone. Keys
    /// that are not cached stay unknown.
    pub fn record_seen(&self, run: SyncRun, keys: &[KeyArn]) -> Result<()> {
        self.parts.cache.write(|transaction| {
            for arn in keys {
                transaction
                    .prepare_cached("UPDATE keys SET run = max(run, ?) WHERE arn = ?")?
                    .execute(params![run.number(), arn.as_str()])?;
            }
            Ok(())
        })
    }
}

/// Marks the keys of a region that a run did not see. Returns how many are newly gone.
pub(super) fn mark_gone(
    transaction: &Transaction<'_>,
    run: SyncRun,
    registration: &RegistrationId,
    region: &Region,
    at: Timestamp,
) -> Outcome<u32> {
    let facets: Vec<i64> = transaction
        .prepare_cached(
            "SELECT id FROM facets WHERE registration = ? AND region = ? AND gone = 0 AND keys > 0",
        )?
        .query_map([&registration.0, region.as_str()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut newly_gone = 0;
    for facet in facets {
        let unseen: bool = transaction
            .prepare_cached("SELECT EXISTS(SELECT 1 FROM keys WHERE facet = ? AND run < ?)")?
            .query_row(params![facet, run.number()], |row| row.get(0))?;
        if unseen {
            let gone = facets::with_gone(transaction, facet, true)?;
            newly_gone += transaction
                .prepare_cached(
                    "UPDATE keys SET facet = ?, gone_at = ? WHERE facet = ? AND run < ?",
                )?
                .execute(params![gone, at.unix_seconds(), facet, run.number()])?;
        }
    }
    Ok(u32::try_from(newly_gone).unwrap_or(u32::MAX))
}

/// Brings what is shown and searched of a key's aliases up to date, if the key is known.
pub(super) fn refresh_aliases(transaction: &Transaction<'_>, arn: &str) -> Outcome<()> {
    let known: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT id, facet FROM keys WHERE arn = ?")?
        .query_row([arn], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((id, facet)) = known else {
        return Ok(());
    };
    let names = aliases::of(transaction, arn)?;
    let facet = facets::with_named(transaction, facet, !names.is_empty())?;
    transaction
        .prepare_cached("UPDATE keys SET alias = ?, facet = ? WHERE id = ?")?
        .execute(params![sorted_alias(&names), facet, id])?;
    transaction
        .prepare_cached("UPDATE key_rows SET alias = ?, alias_count = ? WHERE id = ?")?
        .execute(params![names.first(), count(&names), id])?;
    texts::write_aliases(transaction, id, &names)
}

/// Removes the keys of a registration, or of one region of it.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    registration: &RegistrationId,
    region: Option<&str>,
) -> Outcome<()> {
    const THEIRS: &str = "(SELECT k.id FROM keys k JOIN facets f ON f.id = k.facet
        WHERE f.registration = ?1 AND (?2 IS NULL OR f.region = ?2))";
    for (table, column) in [
        ("key_rows", "id"),
        ("key_details", "id"),
        ("texts", "id"),
        ("key_tags", "key"),
        ("keys", "id"),
    ] {
        transaction.execute(
            &format!("DELETE FROM {table} WHERE {column} IN {THEIRS}"),
            params![registration.0, region],
        )?;
    }
    Ok(())
}

pub(super) fn record(
    transaction: &Transaction<'_>,
    facets: &mut FacetIds,
    run: SyncRun,
    registration: &RegistrationId,
    key: &Key,
    at: Timestamp,
) -> Outcome<()> {
    let names = aliases::of(transaction, key.arn.as_str())?;
    let facet = facets.id(transaction, Facet::of(registration, key, !names.is_empty()))?;
    let known: Option<i64> = transaction
        .prepare_cached("SELECT id FROM keys WHERE arn = ?")?
        .query_row([key.arn.as_str()], |row| row.get(0))
        .optional()?;
    let id: i64 = transaction
        .prepare_cached(
            "INSERT INTO keys(id, arn, key_id, facet, alias, description, created_at, valid_to,
                synced_at, gone_at, run)
             VALUES(:id, :arn, :key_id, :facet, :alias, :description, :created_at, :valid_to,
                :synced_at, NULL, :run)
             ON CONFLICT(id) DO UPDATE SET facet = :facet, alias = :alias,
                description = :description, created_at = :created_at, valid_to = :valid_to,
                synced_at = :synced_at, gone_at = NULL, run = max(run, :run)
             RETURNING id",
        )?
        .query_row(
            named_params! {
                ":id": known,
                ":arn": key.arn.as_str(),
                ":key_id": key.arn.key_id(),
                ":facet": facet,
                ":alias": sorted_alias(&names),
                ":description": sorted_description(&key.description),
                ":created_at": key.created_at.unix_seconds(),
                ":valid_to": key.valid_to.map(Timestamp::unix_seconds),
                ":synced_at": at.unix_seconds(),
                ":run": run.number(),
            },
            |row| row.get(0),
        )?;
    let known_tags: Option<&[Tag]> = key.tags.known().map(Vec::as_slice);
    let all_tags = known_tags.unwrap_or_default();
    transaction
        .prepare_cached(
            "INSERT INTO key_rows(id, alias, alias_count, description, deletion_at, tags, tag_count)
             VALUES(:id, :alias, :alias_count, :description, :deletion_at, :tags, :tag_count)
             ON CONFLICT(id) DO UPDATE SET alias = excluded.alias,
                alias_count = excluded.alias_count, description = excluded.description,
                deletion_at = excluded.deletion_at, tags = excluded.tags,
                tag_count = excluded.tag_count
             WHERE (alias, alias_count, description, deletion_at, tags, tag_count) IS NOT
                (excluded.alias, excluded.alias_count, excluded.description,
                excluded.deletion_at, excluded.tags, excluded.tag_count)",
        )?
        .execute(named_params! {
            ":id": id,
            ":alias": names.first(),
            ":alias_count": count(&names),
            ":description": key.description,
            ":deletion_at": key.deletion_at.map(Timestamp::unix_seconds),
            ":tags": serde_json::to_string(&all_tags[..all_tags.len().min(ROW_TAGS)])?,
            ":tag_count": known_tags.map(count),
        })?;
    transaction
        .prepare_cached(
            "INSERT INTO key_details(id, key) VALUES(?, ?)
             ON CONFLICT(id) DO UPDATE SET key = excluded.key WHERE key <> excluded.key",
        )?
        .execute(params![id, serde_json::to_string(key)?])?;
    texts::write(transaction, id, key, &names, all_tags)?;
    tags::write(transaction, id, all_tags)
}

/// The first alias as it is sorted: without regard to case.
fn sorted_alias(names: &[String]) -> Option<String> {
    names.first().map(|name| fold(name))
}

/// As SQLite counts.
fn count<T>(things: &[T]) -> i64 {
    i64::try_from(things.len()).expect("fewer than there is memory for")
}

fn sorted_description(description: &str) -> String {
    fold(description).chars().take(SORTED_CHARACTERS).collect()
}
