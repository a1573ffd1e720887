//! The tables `texts` and `search`: what free text is looked for in, without regard to case.
//!
//! `search` finds any three neighbouring characters by an index; `texts` is read for shorter ones.

use ownkey_model::{Key, Tag};
use rusqlite::{Transaction, params};

use super::tags::pair;
use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE texts(
        id INTEGER PRIMARY KEY,
        aliases TEXT NOT NULL,
        key_id TEXT NOT NULL,
        description TEXT NOT NULL,
        tags TEXT NOT NULL
    ) STRICT;
    CREATE VIRTUAL TABLE search USING fts5(
        aliases, key_id, description, tags,
        content = 'texts', content_rowid = 'id', columnsize = 0,
        tokenize = 'trigram case_sensitive 1'
    );
    CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
        INSERT INTO search(rowid, aliases, key_id, description, tags)
        VALUES(new.id, new.aliases, new.key_id, new.description, new.tags);
    END;
    CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
        INSERT INTO search(search, rowid, aliases, key_id, description, tags)
        VALUES('delete', old.id, old.aliases, old.key_id, old.description, old.tags);
    END;
    CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN
        INSERT INTO search(search, rowid, aliases, key_id, description, tags)
        VALUES('delete', old.id, old.aliases, old.key_id, old.description, old.tags);
        INSERT INTO search(rowid, aliases, key_id, description, tags)
        VALUES(new.id, new.aliases, new.key_id, new.description, new.tags);
    END;";

/// Between two aliases or tags, so that nothing is found across them.
const BETWEEN: &str = "\u{1f}";

/// Text as it is compared: without regard to case. NUL, which ends a text for SQLite's search,
/// becomes the replacement character, in what is searched and in what is searched for.
pub(crate) fn fold(text: &str) -> String {
    text.to_lowercase().replace('\0', "\u{fffd}")
}

/// The search expression that finds a folded text exactly as it is; nothing if it is too short
/// for the index.
pub(crate) fn exact_match(column: Option<&'static str>, folded: &str) -> Option<String> {
    if folded.chars().count() < 3 {
        return None;
    }
    let quoted = folded.replace('"', "\"\"");
    Some(match column {
        Some(column) => format!("{{{column}}} : \"{quoted}\""),
        None => format!("\"{quoted}\""),
    })
}

/// Writes a key's texts if they changed.
pub(super) fn write(
    transaction: &Transaction<'_>,
    id: i64,
    key: &Key,
    aliases: &[String],
    tags: &[Tag],
) -> Outcome<()> {
    let tags: Vec<String> = tags.iter().map(pair).collect();
    transaction
        .prepare_cached(
            "INSERT INTO texts(id, aliases, key_id, description, tags) VALUES(?, ?, ?, ?, ?)
             ON CONFLICT(id) DO UPDATE SET aliases = excluded.aliases,
                description = excluded.description, tags = excluded.tags
             WHERE aliases <> excluded.aliases OR description <> excluded.description
                OR tags <> excluded.tags",
        )?
        .execute(params![
            id,
            joined(aliases),
            fold(key.arn.key_id()),
            fold(&key.description),
            fold(&tags.join(BETWEEN)),
        ])?;
    Ok(())
}

/// Writes a key's aliases if they changed.
pub(super) fn write_aliases(
    transaction: &Transaction<'_>,
    id: i64,
    aliases: &[String],
) -> Outcome<()> {
    transaction
        .prepare_cached("UPDATE texts SET aliases = ?2 WHERE id = ?1 AND aliases <> ?2")?
        .execute(params![id, joined(aliases)])?;
    Ok(())
}

/// Without the prefix that all have: else "alias" would find every key.
fn joined(aliases: &[String]) -> String {
    let bare: Vec<&str> = aliases
        .iter()
        .map(|name| name.strip_prefix("alias/").unwrap_or(name))
        .collect();
    fold(&bare.join(BETWEEN))
}
