//! One page of the key list.

use ownkey_model::{KeyPage, KeyQuery, Result, Scope, Timestamp};
use rusqlite::Transaction;

use super::condition::Conditions;
use super::order::Order;
use super::row;
use super::sql::Sql;
use crate::Store;
use crate::failure::Outcome;

/// The longest page.
const MOST_ROWS: u32 = 500;

impl Store {
    /// One page of the keys that a query matches, with the counts. A limit above 500 is 500.
    /// `InvalidInput` if a filter's operator or value does not fit its property.
    pub fn keys(&self, query: &KeyQuery, now: Timestamp) -> Result<KeyPage> {
        let conditions = Conditions::of_query(query, now)?;
        let order = Order::of(query.sort)?;
        let synced_at = self.scope_synced_at(&query.scope)?;
        self.parts.cache.read(|snapshot| {
            let numbers = self.parts.cache.numbers().of(snapshot)?;
            let matching = numbers.meeting(snapshot, &conditions)?;
            let limit = query.limit.min(MOST_ROWS);
            let ids = numbers.page(snapshot, &matching, order, query.skip, limit)?;
            Ok(KeyPage {
                rows: row::read_all(snapshot, &ids)?,
                matching: matching.count(),
                in_scope: in_scope(snapshot, &query.scope)?,
                synced_at,
            })
        })
    }
}

fn in_scope(snapshot: &Transaction<'_>, scope: &Scope) -> Outcome<u32> {
    Conditions::of_scope(scope)
        .with_facet(Sql::new("f.gone = 0", []))
        .count_facets(snapshot)
}
