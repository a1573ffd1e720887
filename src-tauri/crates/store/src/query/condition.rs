//! Everything that a query asks of a key: scope, view and filters, by the table that can answer.

use ownkey_model::{Combine, EXPIRING_WITHIN_DAYS, KeyQuery, KeyView, Result, Scope, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Transaction, params_from_iter};

use super::filter::condition;
use super::sql::{Sql, text};
use crate::failure::Outcome;

/// What a filter asks, by the table that can answer it.
#[derive(Clone)]
pub(super) enum Condition {
    /// On `facets f`.
    Facet(Sql),
    /// On single keys.
    Key(KeyCondition),
}

/// A condition on single keys.
#[derive(Clone)]
pub(super) struct KeyCondition {
    /// A `SELECT` of the ids of all keys that meet it; it may give one several times.
    pub(super) set: Sql,
    /// Whether all the other keys are meant.
    pub(super) negated: bool,
}

/// What must hold, all of it.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    /// Of `facets f`.
    pub(super) facets: Vec<Sql>,
    /// Of single keys.
    pub(super) keys: Vec<KeyCondition>,
    /// Of these, one suffices.
    pub(super) any: Option<Any>,
}

/// Conditions of which one suffices, at least one of them on single keys.
#[derive(Clone)]
pub(super) struct Any {
    /// Of `facets f`; `0` if there is none.
    pub(super) facets: Sql,
    /// Of single keys.
    pub(super) keys: Vec<KeyCondition>,
}

impl KeyCondition {
    /// From a `SELECT` of ids.
    pub(super) fn new(set: Sql) -> Self {
        Self {
            set,
            negated: false,
        }
    }

    /// A condition on the columns of `keys k`.
    pub(super) fn on_columns(condition: &Sql) -> Self {
        Self::new(Sql::new("SELECT k.id FROM keys k WHERE ", []).sql(condition))
    }
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
            ..Self::default()
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
            all.keys.push(KeyCondition::on_columns(&soon));
        }
        all
    }

    /// Those of a whole query. `InvalidInput` if a filter makes no sense.
    pub(super) fn of_query(query: &KeyQuery, now: Timestamp) -> Result<Self> {
        let mut all = Self::of_view(&query.scope, query.view, now);
        let mut facets = Vec::new();
        let mut keys = Vec::new();
        for filter in &query.filters {
            match condition(filter, now)? {
                Condition::Facet(sql) => facets.push(sql),
                Condition::Key(one) => keys.push(one),
            }
        }
        if query.combine == Combine::And || query.filters.len() < 2 {
            all.facets.extend(facets);
            all.keys.extend(keys);
        } else if keys.is_empty() {
            all.facets.push(Sql::join(&facets, "OR", "0"));
        } else {
            all.any = Some(Any {
                facets: Sql::join(&facets, "OR", "0"),
                keys,
            });
        }
        Ok(all)
    }

    /// One more condition on `facets f`.
    pub(super) fn with_facet(mut self, sql: Sql) -> Self {
        self.facets.push(sql);
        self
    }

    /// The conditions on `facets f`.
    pub(super) fn facets(&self) -> Sql {
        Sql::join(&self.facets, "AND", "1")
    }

    /// How many keys have the facets that are asked for, without looking at one of them.
    pub(super) fn count_facets(&self, snapshot: &Transaction<'_>) -> Outcome<u32> {
        let sql = Sql::new("SELECT coalesce(sum(f.keys), 0) FROM facets f WHERE ", [])
            .sql(&self.facets());
        Ok(snapshot
            .prepare_cached(&sql.text)?
            .query_row(params_from_iter(&sql.values), |row| row.get(0))?)
    }
}
