//! How many keys meet some conditions, by facet.
//!
//! One look at the small table of facets, and, where these do not decide, one at the ids and
//! facets of the keys that meet the rest. From the counts follows everything that a page must
//! know of what is not on it.

use std::collections::HashMap;

use rusqlite::{Transaction, params_from_iter};

use super::condition::{Conditions, in_facets};
use super::sql::Sql;
use crate::failure::Outcome;

/// The counts of the keys that meet some conditions.
pub(super) struct Tally {
    /// Facets of which at least one key meets the conditions.
    pub(super) facets: Vec<Counted>,
    /// The ids of the keys, in no order, if they had to be found and are no more than were asked
    /// for.
    pub(super) ids: Option<Vec<i64>>,
    /// How many facets are in use at all.
    pub(super) facets_in_use: usize,
    /// How many keys are cached, whether they meet the conditions or not.
    pub(super) cached: u32,
}

/// One facet, with how many of its keys meet the conditions.
#[derive(Clone)]
pub(super) struct Counted {
    pub(super) id: i64,
    pub(super) keys: u32,
    /// The value of the column by which the tally was made.
    pub(super) value: String,
}

impl Tally {
    /// Counts the keys that meet conditions; `column` is one of `facets`, whose values are wanted.
    /// The ids are kept if there are at most `few`.
    pub(super) fn of(
        snapshot: &Transaction<'_>,
        conditions: &Conditions,
        column: &'static str,
        few: u32,
    ) -> Outcome<Self> {
        let (cached, facets_in_use) = snapshot
            .prepare_cached("SELECT coalesce(sum(keys), 0), count(*) FROM facets WHERE keys > 0")?
            .query_row([], |row| Ok((row.get(0)?, row.get::<_, u32>(1)? as usize)))?;
        // What suffices of the facets suffices for all their keys, unless more is asked of these.
        let whole = match &conditions.any {
            Some(any) if conditions.keys.is_empty() => any.facets.clone(),
            _ => Sql::new("0", []),
        };
        let sql = Sql::new(format!("SELECT f.id, f.keys, f.{column}, "), [])
            .sql(&whole)
            .text(" FROM facets f WHERE f.keys > 0 AND ")
            .sql(&conditions.facets());
        let mut statement = snapshot.prepare_cached(&sql.text)?;
        let mut rows = statement.query(params_from_iter(&sql.values))?;
        let mut chosen: Vec<(Counted, bool)> = Vec::new();
        while let Some(row) = rows.next()? {
            let value = match row.get_ref(2)? {
                rusqlite::types::ValueRef::Integer(flag) => flag.to_string(),
                other => other.as_str().map_err(rusqlite::Error::from)?.to_owned(),
            };
            let facet = Counted {
                id: row.get(0)?,
                keys: row.get(1)?,
                value,
            };
            chosen.push((facet, row.get(3)?));
        }
        let mut tally = Self {
            facets: Vec::new(),
            ids: None,
            facets_in_use,
            cached,
        };
        if conditions.only_facets() || chosen.is_empty() {
            tally.facets = chosen.into_iter().map(|(facet, _)| facet).collect();
            return Ok(tally);
        }
        let unwanted = match (conditions.keys.as_slice(), &conditions.any) {
            ([only], None) => only.negated,
            _ => false,
        };
        let found = find(snapshot, &meeting(conditions, unwanted))?;
        let mut counts: HashMap<i64, u32> = HashMap::new();
        for (_, facet) in &found {
            *counts.entry(*facet).or_default() += 1;
        }
        let mut from_ids = !unwanted;
        for (mut facet, whole) in chosen {
            let met = counts.get(&facet.id).copied().unwrap_or(0);
            if whole {
                from_ids = false;
            } else {
                facet.keys = if unwanted { facet.keys - met } else { met };
            }
            if facet.keys > 0 {
                tally.facets.push(facet);
            }
        }
        if from_ids && tally.matching() <= few {
            let of: std::collections::HashSet<i64> =
                tally.facets.iter().map(|facet| facet.id).collect();
            let ids = found.into_iter().filter(|(_, facet)| of.contains(facet));
            tally.ids = Some(ids.map(|(id, _)| id).collect());
        }
        Ok(tally)
    }

    /// How many keys meet the conditions.
    pub(super) fn matching(&self) -> u32 {
        self.facets.iter().map(|facet| facet.keys).sum()
    }
}

impl Conditions {
    /// How many keys meet the conditions.
    pub(super) fn count(&self, snapshot: &Transaction<'_>) -> Outcome<u32> {
        Ok(Tally::of(snapshot, self, "gone", 0)?.matching())
    }
}

/// The keys that meet the conditions on single keys, whatever their facets; if `unwanted`, those
/// that do not meet the only one.
fn meeting(conditions: &Conditions, unwanted: bool) -> Sql {
    let mut pieces: Vec<Sql> = conditions
        .keys
        .iter()
        .map(|one| {
            let mut one = one.clone();
            one.negated ^= unwanted;
            one.holds_of("n.id")
        })
        .collect();
    if let Some(any) = &conditions.any {
        let mut choices: Vec<Sql> = any.keys.iter().map(|one| one.holds_of("n.id")).collect();
        if !conditions.keys.is_empty() {
            choices.push(in_facets("n.facet", &any.facets));
        }
        pieces.push(Sql::join(&choices, "OR", "0"));
    }
    Sql::join(&pieces, "AND", "1")
}

fn find(snapshot: &Transaction<'_>, condition: &Sql) -> Outcome<Vec<(i64, i64)>> {
    let sql = Sql::new("SELECT n.id, n.facet FROM key_facets n WHERE ", []).sql(condition);
    Ok(snapshot
        .prepare_cached(&sql.text)?
        .query_map(params_from_iter(&sql.values), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?)
}
