//! Values that occur, for completing what is typed into a filter.
//!
//! The values are read from an index, in which equal ones stand together: so they are counted
//! while they pass by, and only the most frequent are held.

use std::collections::HashMap;

use ownkey_model::{KeyProperty, KeyView, Result, Scope, Suggestion, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::bits::Bits;
use super::condition::Conditions;
use super::filter::facet_column;
use super::sql::{Sql, text};
use super::tally::Tally;
use crate::Store;
use crate::cache::fold;
use crate::failure::Outcome;

const DAY: i64 = 86_400;

impl Store {
    /// The values that a property has among the keys of a scope that are not gone, if they contain
    /// a text, ignoring case: the most frequent first, then by value, at most `limit`. Of a
    /// property that can only be sorted by there are none.
    pub fn suggestions(
        &self,
        scope: &Scope,
        property: KeyProperty,
        text: &str,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Suggestion>> {
        let present = Conditions::of_view(scope, KeyView::All, now);
        let folded = fold(text.trim());
        self.parts.cache.read(|snapshot| {
            if let Some(column) = facet_column(property) {
                return coarse(snapshot, &present, column, &folded, limit);
            }
            let numbers = self.parts.cache.numbers().of(snapshot)?;
            let keys = numbers.meeting(snapshot, &present)?;
            let mut tally = Tally::new(limit);
            add_values(snapshot, &keys, property, &folded, now, &mut tally)?;
            Ok(tally.suggestions())
        })
    }
}

fn coarse(
    snapshot: &Transaction<'_>,
    present: &Conditions,
    column: &str,
    folded: &str,
    limit: u32,
) -> Outcome<Vec<Suggestion>> {
    let like = Sql::new(
        format!("f.keys > 0 AND instr(lower(f.{column}), ?) > 0"),
        [text(folded)],
    );
    let sql = Sql::new(
        format!("SELECT f.{column} AS value, sum(f.keys) AS n FROM facets f WHERE "),
        [],
    )
    .sql(&present.clone().with_facet(like).facets())
    .sql(&Sql::new(
        " GROUP BY value ORDER BY n DESC, value LIMIT ?",
        [Value::Integer(limit.into())],
    ));
    let mut statement = snapshot.prepare_cached(&sql.text)?;
    let found = statement.query_map(params_from_iter(&sql.values), |row| {
        Ok(Suggestion {
            value: row.get(0)?,
            keys: row.get(1)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn add_values(
    snapshot: &Transaction<'_>,
    keys: &Bits,
    property: KeyProperty,
    folded: &str,
    now: Timestamp,
    tally: &mut Tally,
) -> Outcome<()> {
    use KeyProperty as P;
    let now = now.unix_seconds();
    match property {
        P::Alias => {
            let bare = folded.strip_prefix("alias/").unwrap_or(folded);
            let sql = Sql::new(
                "SELECT a.key, a.name FROM aliases a INDEXED BY aliases_by_name
                 WHERE a.key IS NOT NULL AND instr(a.folded, ?) > 0 ORDER BY a.folded, a.name",
                [text(bare)],
            );
            add_texts(snapshot, keys, &sql, "", tally)
        }
        P::KeyId => {
            let sql = "SELECT id, key_id FROM keys INDEXED BY keys_by_key_id ORDER BY key_id";
            add_texts(snapshot, keys, &Sql::new(sql, []), folded, tally)
        }
        P::Description => {
            let sql = "SELECT id, description FROM key_rows INDEXED BY key_rows_by_description
                WHERE description <> '' ORDER BY description";
            add_texts(snapshot, keys, &Sql::new(sql, []), folded, tally)
        }
        P::Tag => add_tags(snapshot, keys, folded, tally),
        // As `filter` counts days.
        P::ExpiresInDays => {
            let sql = "SELECT id, valid_to FROM keys INDEXED BY keys_by_valid_to
                WHERE valid_to IS NOT NULL ORDER BY valid_to";
            let days = |at: i64| (at - now + DAY - 1).div_euclid(DAY);
            add_days(snapshot, keys, sql, &days, folded, tally)
        }
        P::AgeInDays => {
            let sql = "SELECT id, created_at FROM keys INDEXED BY keys_by_created_at
                ORDER BY created_at";
            let days = |at: i64| (now - at).div_euclid(DAY);
            add_days(snapshot, keys, sql, &days, folded, tally)
        }
        _ => Ok(()),
    }
}

/// Counts texts that contain a folded one, which a statement gives with their keys' ids, equal
/// ones together.
fn add_texts(
    snapshot: &Transaction<'_>,
    keys: &Bits,
    sql: &Sql,
    folded: &str,
    tally: &mut Tally,
) -> Outcome<()> {
    let (mut current, mut count) = (String::new(), 0);
    let mut add = |value: &str, count: u32| {
        if folded.is_empty() || fold(value).contains(folded) {
            tally.add(value, count);
        }
    };
    let mut statement = snapshot.prepare_cached(&sql.text)?;
    let mut rows = statement.query(params_from_iter(&sql.values))?;
    while let Some(row) = rows.next()? {
        if !keys.has(row.get(0)?) {
            continue;
        }
        let value = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if value != current {
            add(&current, count);
            current.clear();
            current.push_str(value);
            count = 0;
        }
        count += 1;
    }
    add(&current, count);
    Ok(())
}

/// Counts numbers of days, written as text, by times that a statement gives in their order.
fn add_days(
    snapshot: &Transaction<'_>,
    keys: &Bits,
    sql: &str,
    days: &dyn Fn(i64) -> i64,
    folded: &str,
    tally: &mut Tally,
) -> Outcome<()> {
    let (mut current, mut count) = (0, 0);
    let mut add = |days: i64, count: u32| {
        let value = days.to_string();
        if value.contains(folded) {
            tally.add(&value, count);
        }
    };
    let mut statement = snapshot.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !keys.has(row.get(0)?) {
            continue;
        }
        let value = days(row.get(1)?);
        if value != current {
            add(current, count);
            (current, count) = (value, 0);
        }
        count += 1;
    }
    add(current, count);
    Ok(())
}

/// Counts the names of tags, and the tags themselves as `name=value`.
fn add_tags(
    snapshot: &Transaction<'_>,
    keys: &Bits,
    folded: &str,
    tally: &mut Tally,
) -> Outcome<()> {
    let counts = tag_counts(snapshot, keys)?;
    // A name may itself look like another tag.
    let mut values: HashMap<String, u32> = HashMap::new();
    let mut statement = snapshot.prepare_cached(
        "SELECT id, name, name || '=' || value, instr(folded_name, ?1) > 0 FROM tags
         WHERE instr(folded_pair, ?1) > 0",
    )?;
    let mut rows = statement.query([folded])?;
    while let Some(row) = rows.next()? {
        let Some(count) = counts.get(&row.get(0)?) else {
            continue;
        };
        *values.entry(row.get(2)?).or_default() += count;
        if row.get(3)? {
            *values.entry(row.get(1)?).or_default() += count;
        }
    }
    for (value, count) in &values {
        tally.add(value, *count);
    }
    Ok(())
}

/// How many of some keys have each tag, by the tag's id.
fn tag_counts(snapshot: &Transaction<'_>, keys: &Bits) -> Outcome<HashMap<u32, u32>> {
    let mut counts = HashMap::new();
    let (mut current, mut count) = (0, 0);
    let mut statement = snapshot
        .prepare_cached("SELECT key, tag FROM key_tags INDEXED BY key_tags_by_tag ORDER BY tag")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if !keys.has(row.get(0)?) {
            continue;
        }
        let tag: u32 = row.get(1)?;
        if tag != current {
            counts.insert(current, count);
            (current, count) = (tag, 0);
        }
        count += 1;
    }
    counts.insert(current, count);
    Ok(counts)
}
