//! One page of the key list.
//!
//! A page is found in one of two ways. If few keys match, they are gathered and sorted. If many
//! do, the index of the wanted order is walked until the page is full, which is soon, since many
//! match. An order is walked in stretches: those with a value and those without, or one for each
//! value of a coarse property; whole stretches are skipped by their counts.

use ownkey_model::{KeyPage, KeyQuery, Result, Scope, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::condition::{Conditions, Form};
use super::order::{Column, Order, direction};
use super::row;
use super::sql::{Sql, text};
use super::tally::{Counted, Tally};
use crate::Store;
use crate::failure::Outcome;

/// The longest page.
const MOST_ROWS: u32 = 500;

/// Up to so many matching keys, gathering and sorting is faster than walking.
const FEW: u32 = 1_500;

impl Store {
    /// One page of the keys that a query matches, with the counts. A limit above 500 is 500.
    /// `InvalidInput` if a filter's operator or value does not fit its property.
    pub fn keys(&self, query: &KeyQuery, now: Timestamp) -> Result<KeyPage> {
        let conditions = Conditions::of_query(query, now)?;
        let order = Order::of(query.sort)?;
        let synced_at = self.scope_synced_at(&query.scope)?;
        let window = Window {
            skip: query.skip,
            limit: query.limit.min(MOST_ROWS),
        };
        self.parts.cache.read(|snapshot| {
            let (ids, matching) = page(snapshot, &conditions, order, window)?;
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

/// The ids of the keys on a page, sorted, and how many keys match in all.
pub(super) fn page(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    order: Order,
    window: Window,
) -> Outcome<(Vec<i64>, u32)> {
    let column = match order {
        Order::Facet { column, .. } => column,
        Order::Column(column) => column.absent.map_or("gone", |absent| absent.flag),
    };
    let tally = Tally::of(snapshot, conditions, column, FEW)?;
    let matching = tally.matching();
    if window.limit == 0 || window.skip >= matching {
        return Ok((Vec::new(), matching));
    }
    let ids = if let Some(ids) = &tally.ids {
        gather_keys(snapshot, ids, order, window)?
    } else if matching <= FEW && conditions.only_facets() {
        gather_facets(snapshot, &tally.facets, order, window)?
    } else {
        walk_all(
            snapshot,
            conditions,
            &tally,
            stretches(order, &tally),
            window,
        )?
    };
    Ok((ids, matching))
}

fn in_scope(snapshot: &Transaction<'_>, scope: &Scope) -> Outcome<u32> {
    Conditions::of_scope(scope)
        .with_facet(Sql::new("f.gone = 0", []))
        .count(snapshot)
}

/// A part of an order that one index has in one piece.
struct Stretch {
    /// The facets of its keys.
    facets: Vec<Counted>,
    column: Column,
    /// Whether the index holds only the keys that have something in the column.
    partial: bool,
}

fn stretches(order: Order, tally: &Tally) -> Vec<Stretch> {
    let with_value = |value: &str| -> Vec<Counted> {
        let of_value = tally.facets.iter().filter(|facet| facet.value == value);
        of_value.cloned().collect()
    };
    let column = |name, index, descending| Column {
        name,
        index,
        descending,
        absent: None,
    };
    match order {
        Order::Facet { descending, .. } => {
            let mut values: Vec<&str> = tally.facets.iter().map(|one| &*one.value).collect();
            values.sort_unstable();
            values.dedup();
            if descending {
                values.reverse();
            }
            let stretch = |value| Stretch {
                facets: with_value(value),
                column: column("arn", "keys_by_arn", descending),
                partial: false,
            };
            values.into_iter().map(stretch).collect()
        }
        Order::Column(all @ Column { absent: None, .. }) => vec![Stretch {
            facets: tally.facets.clone(),
            column: all,
            partial: false,
        }],
        Order::Column(
            present @ Column {
                absent: Some(absent),
                ..
            },
        ) => vec![
            Stretch {
                facets: with_value("1"),
                column: present,
                partial: true,
            },
            Stretch {
                facets: with_value("0"),
                column: column(absent.name, absent.index, false),
                partial: false,
            },
        ],
    }
}

fn walk_all(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    tally: &Tally,
    stretches: Vec<Stretch>,
    mut window: Window,
) -> Outcome<Vec<i64>> {
    let mut ids = Vec::new();
    for stretch in stretches {
        let keys = stretch.facets.iter().map(|facet| facet.keys).sum();
        if window.skip >= keys {
            window.skip -= keys;
            continue;
        }
        let found = if keys <= FEW && conditions.only_facets() {
            let order = Order::Column(Column {
                absent: None,
                ..stretch.column
            });
            gather_facets(snapshot, &stretch.facets, order, window)?
        } else {
            walk(snapshot, conditions, tally, &stretch, keys, window)?
        };
        window.skip = 0;
        window.limit -= u32::try_from(found.len()).unwrap_or(window.limit);
        ids.extend(found);
        if window.limit == 0 {
            break;
        }
    }
    Ok(ids)
}

/// The ids of a window of a stretch that has so many matching keys.
fn walk(
    snapshot: &Transaction<'_>,
    conditions: &Conditions,
    tally: &Tally,
    stretch: &Stretch,
    keys: u32,
    window: Window,
) -> Outcome<Vec<i64>> {
    let limit = window.limit.min(keys - window.skip);
    // What lies in the second half is nearer from the other end.
    let backwards = window.skip > keys / 2;
    let skip = if backwards {
        keys - window.skip - limit
    } else {
        window.skip
    };
    let Column {
        name,
        index,
        descending,
        ..
    } = stretch.column;
    let mut sql = Sql::new(
        format!("SELECT k.id FROM keys k INDEXED BY {index} WHERE "),
        [],
    )
    .sql(&conditions.keys(form(tally, keys, skip + limit)));
    if stretch.partial {
        // The index wants to hear it.
        sql = sql.text(&format!(" AND k.{name} IS NOT NULL"));
    }
    if stretch.facets.len() < tally.facets_in_use {
        sql = sql.sql(&Sql::new(
            " AND k.facet IN (SELECT value FROM json_each(?))",
            [numbers(stretch.facets.iter().map(|facet| facet.id))],
        ));
    }
    let down = direction(descending != backwards);
    let sql = sql.text(&format!(
        " ORDER BY k.{name}{down}, k.arn{down} LIMIT ? OFFSET ?"
    ));
    let mut ids = ids(snapshot, sql, Window { skip, limit })?;
    if backwards {
        ids.reverse();
    }
    Ok(ids)
}

/// To test a key costs some five times as much as to find one among all that match.
fn form(tally: &Tally, matching: u32, wanted: u32) -> Form {
    let looked_at = u64::from(wanted) * u64::from(tally.cached) / u64::from(matching.max(1));
    if looked_at > 3_000 + u64::from(matching) / 5 {
        Form::Set
    } else {
        Form::Test
    }
}

/// A window of keys that were found already, sorted.
fn gather_keys(
    snapshot: &Transaction<'_>,
    keys: &[i64],
    order: Order,
    window: Window,
) -> Outcome<Vec<i64>> {
    let sql = Sql::new(
        "SELECT k.id FROM json_each(?) j CROSS JOIN keys k ON k.id = j.value
         CROSS JOIN facets f ON f.id = k.facet",
        [numbers(keys.iter().copied())],
    )
    .text(&format!(" ORDER BY {} LIMIT ? OFFSET ?", order.terms()));
    ids(snapshot, sql, window)
}

/// A window of all keys of some facets, sorted.
fn gather_facets(
    snapshot: &Transaction<'_>,
    facets: &[Counted],
    order: Order,
    window: Window,
) -> Outcome<Vec<i64>> {
    let sql = Sql::new(
        "SELECT k.id FROM json_each(?) j CROSS JOIN facets f ON f.id = j.value
         CROSS JOIN keys k INDEXED BY keys_by_facet ON k.facet = f.id",
        [numbers(facets.iter().map(|facet| facet.id))],
    )
    .text(&format!(" ORDER BY {} LIMIT ? OFFSET ?", order.terms()));
    ids(snapshot, sql, window)
}

/// Numbers as one bound value, which `json_each` takes apart.
fn numbers(all: impl Iterator<Item = i64>) -> Value {
    let all: Vec<String> = all.map(|number| number.to_string()).collect();
    text(format!("[{}]", all.join(",")))
}

fn ids(snapshot: &Transaction<'_>, mut sql: Sql, window: Window) -> Outcome<Vec<i64>> {
    sql.values.push(Value::Integer(window.limit.into()));
    sql.values.push(Value::Integer(window.skip.into()));
    Ok(snapshot
        .prepare_cached(&sql.text)?
        .query_map(params_from_iter(&sql.values), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}
