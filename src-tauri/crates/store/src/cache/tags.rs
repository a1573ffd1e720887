//! The tables `tags` and `key_tags`: each tag once, and which keys have it.

use ownkey_model::Tag;
use rusqlite::{OptionalExtension, Transaction, params};

use super::fold;
use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE tags(
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        folded_name TEXT NOT NULL,
        folded_pair TEXT NOT NULL,
        UNIQUE(name, value)
    ) STRICT;
    CREATE INDEX tags_by_name ON tags(folded_name);
    CREATE INDEX tags_by_pair ON tags(folded_pair);
    CREATE TABLE key_tags(
        key INTEGER NOT NULL,
        tag INTEGER NOT NULL,
        PRIMARY KEY(key, tag)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX key_tags_by_tag ON key_tags(tag, key);";

/// A tag as it is written in filters: `key=value`.
pub(super) fn pair(tag: &Tag) -> String {
    format!("{}={}", tag.key, tag.value)
}

/// Writes a key's tags in place of those it had.
pub(super) fn write(transaction: &Transaction<'_>, key: i64, tags: &[Tag]) -> Outcome<()> {
    let mut ids = tags
        .iter()
        .map(|tag| id(transaction, tag))
        .collect::<Outcome<Vec<i64>>>()?;
    ids.sort_unstable();
    ids.dedup();
    let had: Vec<i64> = transaction
        .prepare_cached("SELECT tag FROM key_tags WHERE key = ? ORDER BY tag")?
        .query_map([key], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if ids == had {
        return Ok(());
    }
    transaction
        .prepare_cached("DELETE FROM key_tags WHERE key = ?")?
        .execute([key])?;
    let mut insert = transaction.prepare_cached("INSERT INTO key_tags(key, tag) VALUES(?, ?)")?;
    for id in ids {
        insert.execute([key, id])?;
    }
    Ok(())
}

/// Forgets the tags that no key has any more.
pub(super) fn forget_unused(transaction: &Transaction<'_>) -> Outcome<()> {
    transaction.execute(
        "DELETE FROM tags WHERE NOT EXISTS(SELECT 1 FROM key_tags WHERE tag = tags.id)",
        [],
    )?;
    Ok(())
}

fn id(transaction: &Transaction<'_>, tag: &Tag) -> Outcome<i64> {
    let found = transaction
        .prepare_cached("SELECT id FROM tags WHERE name = ? AND value = ?")?
        .query_row([&tag.key, &tag.value], |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(id),
        None => Ok(transaction
            .prepare_cached(
                "INSERT INTO tags(name, value, folded_name, folded_pair) VALUES(?, ?, ?, ?)
                 RETURNING id",
            )?
            .query_row(
                params![tag.key, tag.value, fold(&tag.key), fold(&pair(tag))],
                |row| row.get(0),
            )?),
    }
}
