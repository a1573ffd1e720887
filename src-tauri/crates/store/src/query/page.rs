//! One page of the key list.
//!
//! A page is found in one of two ways. If few keys match, they are gathered and sorted. If many
//! do, the index of the wanted order is walked until the page is full, which is soon, since many
//! match. An order is walked in stretches: those with a value and those without, or one for each
//! value of a coarse property; whole stretches are skipped by their counts.

use ownkey_model::{KeyPage, KeyQuery, Result, Scope, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::condition::Conditions;
use super::order::{Order, direction};
use super::row;
use super::sql::{Sql, text};
use crate::Store;
use crate::failure::Outcome;

/// The longest page.
const MOST_ROWS: u32 = 500;

/// Up to so many matching keys, gathering and sorting is faster than walking.
const FEW: u32 = 2_500;

impl Store {
    /// One page of the keys that a query matches, with the counts. A limit above 500 is 500.
    /// `InvalidInput` if a filter's operator or value does not fit its property.
    pub fn keys(&self, query: &KeyQuery, now: Timestamp) -> Result<KeyPage> {
        let conditions = Conditions::of_query(query, now)?;
        let order = Order::of(query.sort)?;
        let synced_at = self.scope_synced_at(&query.scope)?;
        self.parts.cache.read(|snapshot| {
            let matching = conditions.count(snapshot)?;
            let window = Window {
                skip: query.skip,
                limit: query.limit.min(MOST_ROWS),
            };
            let ids = page(snapshot, &conditions, order, matching, window)?;
            Ok(KeyPage {
                rows: row::read_all(snapshot, &ids)?,
                matching,
                in_scope: in_scope(snapshot, &query.scope)?,
                synced_at,
            })
        })
    }
}

/// Which rows of an order.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) skip: u32,
    pub(super) limit: u32,
}

/// The ids of the keys on a page, sorted; `matching` is the count of the conditions.
pub(super) fn page(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    order: Order,
    matching: u32,
    window: Window,
) -> Outcome<Vec<i64>> {
    if window.limit == 0 || window.skip >= matching {
        return Ok(Vec::new());
    }
    match order {
        _ if matching <= FEW => gather(snapshot, conditions, order, window),
        Order::Facet { column, descending } if conditions.only_facets() => {
            let groups = groups(snapshot, conditions, column, descending)?;
            let stretches = groups.into_iter().map(|(value, keys)| Stretch {
                conditions: conditions
                    .clone()
                    .with_facet(Sql::new(format!("f.{column} = ?"), [text(value)])),
                keys: Some(keys),
                column: "arn",
                index: "keys_by_arn",
                descending,
            });
            walk_all(snapshot, stretches, window)
        }
        // How many there are of each value is not known without looking at all of them.
        Order::Facet { .. } => gather(snapshot, conditions, order, window),
        Order::Column(column) => {
            let with_value = |present: bool, absent: super::order::Absent| {
                let flag = Sql::new(format!("f.{} = {}", absent.flag, u8::from(present)), []);
                conditions.clone().with_facet(flag)
            };
            let whole = Stretch {
                conditions: conditions.clone(),
                keys: Some(matching),
                column: column.name,
                index: column.index,
                descending: column.descending,
            };
            match column.absent {
                None => walk_all(snapshot, [whole], window),
                Some(absent) => {
                    let present = Sql::new(format!("k.{} IS NOT NULL", column.name), []);
                    let with = Stretch {
                        conditions: with_value(true, absent),
                        keys: None,
                        ..whole
                    };
                    let without = Stretch {
                        conditions: with_value(false, absent),
                        keys: None,
                        column: absent.name,
                        index: absent.index,
                        descending: false,
                    };
                    // The index holds only keys with a value, and wants to hear so.
                    walk_two(snapshot, with, &present, without, window)
                }
            }
        }
    }
}

fn in_scope(snapshot: &Transaction<'_>, scope: &Scope) -> Outcome<u32> {
    Conditions::of_scope(scope)
        .with_facet(Sql::new("f.gone = 0", []))
        .count(snapshot)
}

/// A part of an order that one index has in one piece.
struct Stretch {
    conditions: Conditions,
    /// How many keys it has, if that is known already.
    keys: Option<u32>,
    column: &'static str,
    index: &'static str,
    descending: bool,
}

fn walk_all(
    snapshot: &Transaction<'_>,
    stretches: impl IntoIterator<Item = Stretch>,
    mut window: Window,
) -> Outcome<Vec<i64>> {
    let mut ids = Vec::new();
    for stretch in stretches {
        if window.limit == 0 {
            break;
        }
        let keys = match stretch.keys {
            Some(keys) => keys,
            None => stretch.conditions.count(snapshot)?,
        };
        if window.skip >= keys {
            window.skip -= keys;
            continue;
        }
        let found = walk(snapshot, &stretch, keys, &Sql::new("1", []), window)?;
        window.skip = 0;
        window.limit -= u32::try_from(found.len()).unwrap_or(window.limit);
        ids.extend(found);
    }
    Ok(ids)
}

fn walk_two(
    snapshot: &Transaction<'_>,
    first: Stretch,
    present: &Sql,
    second: Stretch,
    mut window: Window,
) -> Outcome<Vec<i64>> {
    let keys = first.conditions.count(snapshot)?;
    let mut ids = Vec::new();
    if window.skip < keys {
        ids = walk(snapshot, &first, keys, present, window)?;
    }
    window.skip = window.skip.saturating_sub(keys);
    window.limit -= u32::try_from(ids.len()).unwrap_or(window.limit);
    ids.extend(walk_all(snapshot, [second], window)?);
    Ok(ids)
}

/// The ids of a window of a stretch that has so many keys.
fn walk(
    snapshot: &Transaction<'_>,
    stretch: &Stretch,
    keys: u32,
    hint: &Sql,
    window: Window,
) -> Outcome<Vec<i64>> {
    let Stretch {
        conditions,
        column,
        index,
        descending,
        ..
    } = stretch;
    let limit = window.limit.min(keys - window.skip);
    // What lies in the second half is nearer from the other end.
    let backwards = window.skip > keys / 2;
    let skip = if backwards {
        keys - window.skip - limit
    } else {
        window.skip
    };
    if keys <= FEW {
        let order = Order::Column(super::order::Column {
            name: column,
            index,
            descending: *descending,
            absent: None,
        });
        return gather(snapshot, conditions, order, window);
    }
    let down = direction(*descending != backwards);
    let sql = Sql::new(
        format!("SELECT k.id FROM keys k INDEXED BY {index} WHERE "),
        [],
    )
    .sql(hint)
    .text(" AND ")
    .sql(&conditions.all())
    .text(&format!(
        " ORDER BY k.{column}{down}, k.arn{down} LIMIT ? OFFSET ?"
    ));
    let mut ids = ids(snapshot, sql, Window { skip, limit })?;
    if backwards {
        ids.reverse();
    }
    Ok(ids)
}

/// All keys that meet the conditions, sorted, and a window of them.
fn gather(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    order: Order,
    window: Window,
) -> Outcome<Vec<i64>> {
    // The joins say which table is looked at first: the one whose conditions narrow most.
    let tables = if conditions.only_facets() {
        "facets f CROSS JOIN keys k INDEXED BY keys_by_facet ON k.facet = f.id"
    } else {
        "keys k CROSS JOIN facets f ON f.id = k.facet"
    };
    let sql = Sql::new(format!("SELECT k.id FROM {tables} WHERE "), [])
        .sql(&conditions.keys())
        .text(" AND ")
        .sql(&conditions.facets())
        .text(&format!(" ORDER BY {} LIMIT ? OFFSET ?", order.terms()));
    ids(snapshot, sql, window)
}

fn groups(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    column: &'static str,
    descending: bool,
) -> Outcome<Vec<(String, u32)>> {
    let sql = Sql::new(
        format!("SELECT f.{column}, sum(f.keys) FROM facets f WHERE "),
        [],
    )
    .sql(&conditions.facets())
    .text(&format!(
        " GROUP BY f.{column} ORDER BY f.{column}{}",
        direction(descending)
    ));
    Ok(snapshot
        .prepare_cached(&sql.text)?
        .query_map(params_from_iter(&sql.values), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn ids(snapshot: &Transaction<'_>, mut sql: Sql, window: Window) -> Outcome<Vec<i64>> {
    sql.values.push(Value::Integer(window.limit.into()));
    sql.values.push(Value::Integer(window.skip.into()));
    Ok(snapshot
        .prepare_cached(&sql.text)?
        .query_map(params_from_iter(&sql.values), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}
