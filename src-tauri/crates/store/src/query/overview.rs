//! What needs a person today, and counts.

use ownkey_model::{KeyProperty, KeyView, Overview, Result, Scope, Sort, Timestamp};
use rusqlite::{Transaction, params_from_iter};

use super::condition::Conditions;
use super::order::Order;
use super::row;
use super::sql::Sql;
use crate::Store;
use crate::cache::last_report;
use crate::failure::Outcome;

/// How many of the most urgent keys are shown.
const NEXT: u32 = 5;

impl Store {
    /// The overview of a scope.
    pub fn overview(&self, scope: &Scope, now: Timestamp) -> Result<Overview> {
        let synced_at = self.scope_synced_at(scope)?;
        let registrations = self.registrations_in(scope)?;
        let by_expiry = Order::of(Sort {
            by: KeyProperty::ExpiresInDays,
            descending: false,
        })?;
        self.parts.cache.read(|snapshot| {
            let of = |view| Conditions::of_view(scope, view, now);
            let count = |view| of(view).count_facets(snapshot);
            let numbers = self.parts.cache.numbers().of(snapshot)?;
            let expiring = numbers.meeting(snapshot, &of(KeyView::Expiring))?;
            let next = numbers.page(snapshot, &expiring, by_expiry, 0, NEXT)?;
            Ok(Overview {
                keys: count(KeyView::All)?,
                byok: count(KeyView::Byok)?,
                native: count(KeyView::Native)?,
                expiring: expiring.count(),
                needs_material: count(KeyView::NeedsMaterial)?,
                pending_deletion: count(KeyView::PendingDeletion)?,
                disabled: count(KeyView::Disabled)?,
                gone: count(KeyView::Gone)?,
                regions: regions(snapshot, &of(KeyView::All))?,
                next_to_expire: row::read_all(snapshot, &next)?,
                last_syncs: registrations
                    .iter()
                    .filter_map(|id| last_report(snapshot, id).transpose())
                    .collect::<Outcome<_>>()?,
                synced_at,
            })
        })
    }
}

fn regions(snapshot: &Transaction<'_>, present: &Conditions) -> Outcome<u32> {
    let sql = Sql::new(
        "SELECT count(DISTINCT f.region) FROM facets f WHERE f.keys > 0 AND ",
        [],
    )
    .sql(&present.facets());
    Ok(snapshot
        .prepare_cached(&sql.text)?
        .query_row(params_from_iter(&sql.values), |row| row.get(0))?)
}
