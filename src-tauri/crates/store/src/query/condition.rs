//! Everything that a query asks of a key: scope, view and filters, by the table that can answer.

use ownkey_model::{Combine, EXPIRING_WITHIN_DAYS, KeyQuery, KeyView, Result, Scope, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::filter::{Condition, condition};
use super::sql::{Sql, text};
use crate::failure::Outcome;

/// What must hold, all of it.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    /// Of `facets f`.
    facets: Vec<Sql>,
    /// Of `keys k`, each with whether the keys wanted are all the others.
    keys: Vec<(Sql, bool)>,
}

impl Conditions {
    /// Those of a scope: its keys, gone or not.
    pub(super) fn of_scope(scope: &Scope) -> Self {
        let among = |column: &str, values: Vec<Value>| {
            let marks = vec!["?"; values.len()].join(", ");
            (!values.is_empty()).then(|| Sql::new(format!("f.{column} IN ({marks})"), values))
        };
        let registrations = scope.registrations.iter().map(|id| text(&*id.0)).collect();
        let regions = scope.regions.iter().map(|one| text(one.as_str())).collect();
        Self {
            facets: [
                among("registration", registrations),
                among("region", regions),
            ]
            .into_iter()
            .flatten()
            .collect(),
            keys: Vec::new(),
        }
    }

    /// Those of a scope and a view.
    pub(super) fn of_view(scope: &Scope, view: KeyView, now: Timestamp) -> Self {
        let mut all = Self::of_scope(scope);
        let facet = |text: &str| Sql::new(text, []);
        all.facets.push(facet(match view {
            KeyView::Gone => "f.gone = 1",
            _ => "f.gone = 0",
        }));
        all.facets.extend(match view {
            KeyView::All | KeyView::Gone => None,
            KeyView::Byok => Some(facet("f.origin = 'EXTERNAL'")),
            KeyView::Native => Some(facet("f.origin = 'AWS_KMS'")),
            KeyView::Expiring => Some(facet("f.expires = 1")),
            KeyView::NeedsMaterial => Some(facet("f.state = 'PendingImport'")),
            KeyView::PendingDeletion => Some(facet(
                "f.state IN ('PendingDeletion', 'PendingReplicaDeletion')",
            )),
            KeyView::Disabled => Some(facet("f.state = 'Disabled'")),
        });
        if view == KeyView::Expiring {
            let limit = now.unix_seconds() + i64::from(EXPIRING_WITHIN_DAYS) * 86_400;
            let soon = Sql::new("k.valid_to <= ?", [Value::Integer(limit)]);
            all.keys.push((soon, false));
        }
        all
    }

    /// Those of a whole query. `InvalidInput` if a filter makes no sense.
    pub(super) fn of_query(query: &KeyQuery, now: Timestamp) -> Result<Self> {
        let mut all = Self::of_view(&query.scope, query.view, now);
        let filters = query
            .filters
            .iter()
            .map(|filter| condition(filter, now))
            .collect::<Result<Vec<_>>>()?;
        if query.combine == Combine::And || filters.len() < 2 {
            for filter in filters {
                match filter {
                    Condition::Facet(sql) => all.facets.push(sql),
                    Condition::Key { wanted, negated } => all.keys.push((wanted, negated)),
                }
            }
        } else {
            all.push_any(filters);
        }
        Ok(all)
    }

    /// One more condition on `facets f`.
    pub(super) fn with_facet(mut self, sql: Sql) -> Self {
        self.facets.push(sql);
        self
    }

    /// One more condition on `keys k`.
    pub(super) fn with_key(mut self, sql: Sql) -> Self {
        self.keys.push((sql, false));
        self
    }

    /// Whether the facets alone decide.
    pub(super) fn only_facets(&self) -> bool {
        self.keys.is_empty()
    }

    /// The conditions on `facets f`.
    pub(super) fn facets(&self) -> Sql {
        Sql::join(&self.facets, "AND", "1")
    }

    /// The conditions on `keys k` that the facets do not decide.
    pub(super) fn keys(&self) -> Sql {
        let pieces: Vec<Sql> = self
            .keys
            .iter()
            .map(|(wanted, negated)| signed(wanted, *negated))
            .collect();
        Sql::join(&pieces, "AND", "1")
    }

    /// All conditions on `keys k`, the facets by their ids.
    pub(super) fn all(&self) -> Sql {
        self.keys().text(" AND ").sql(&in_facets(&self.facets()))
    }

    /// How many keys meet the conditions.
    pub(super) fn count(&self, snapshot: &Transaction<'_>) -> Outcome<u32> {
        let facets = self.facets();
        let (chosen, others): (u32, u32) = {
            let sums = Sql::new("SELECT coalesce(sum(f.keys) FILTER (WHERE ", [])
                .sql(&facets)
                .text("), 0), coalesce(sum(f.keys), 0) FROM facets f");
            let (chosen, all): (u32, u32) = snapshot
                .prepare_cached(&sums.text)?
                .query_row(params_from_iter(&sums.values), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            (chosen, all - chosen)
        };
        let count = |keys: &Sql| -> Outcome<u32> {
            let mut sql = Sql::new("SELECT count(*) FROM keys k WHERE ", []).sql(keys);
            if others > 0 {
                sql = sql.text(" AND ").sql(&in_facets(&facets));
            }
            Ok(snapshot
                .prepare_cached(&sql.text)?
                .query_row(params_from_iter(&sql.values), |row| row.get(0))?)
        };
        match self.keys.as_slice() {
            [] => Ok(chosen),
            _ if chosen == 0 => Ok(0),
            // The few that are not wanted are counted faster than the many that are.
            [(unwanted, true)] => Ok(chosen - count(&signed(unwanted, false))?),
            _ => count(&self.keys()),
        }
    }

    fn push_any(&mut self, filters: Vec<Condition>) {
        if filters
            .iter()
            .all(|filter| matches!(filter, Condition::Facet(_)))
        {
            let pieces: Vec<Sql> = filters
                .into_iter()
                .filter_map(|filter| match filter {
                    Condition::Facet(sql) => Some(sql),
                    Condition::Key { .. } => None,
                })
                .collect();
            self.facets.push(Sql::join(&pieces, "OR", "1"));
        } else {
            let pieces: Vec<Sql> = filters
                .into_iter()
                .map(|filter| match filter {
                    Condition::Facet(sql) => in_facets(&sql),
                    Condition::Key { wanted, negated } => signed(&wanted, negated),
                })
                .collect();
            self.keys.push((Sql::join(&pieces, "OR", "1"), false));
        }
    }
}

fn in_facets(condition: &Sql) -> Sql {
    Sql::new("k.facet IN (SELECT f.id FROM facets f WHERE ", [])
        .sql(condition)
        .text(")")
}

/// "Not" in the sense of a user: also where nothing is known.
fn signed(wanted: &Sql, negated: bool) -> Sql {
    let closing = if negated { ") IS NOT TRUE" } else { ")" };
    Sql::new("(", []).sql(wanted).text(closing)
}
