//! The keys as mere numbers: which facet each has, and in which order they stand.
//!
//! SQLite says which keys meet a condition and how they are sorted. What remains, to intersect,
//! to count and to cut out a page, is done here on the keys' ids, of which a hundred thousand are
//! looked through in a fraction of a millisecond. Read once for each state of the cache and kept
//! until it changes: 4 bytes a key, 4 more for each order that was asked for, and one bit for each
//! of the last conditions, since one filter is asked for in several orders and pages. Here must
//! not live anything of a key that a person could read; what was typed to find it may.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Transaction, params_from_iter};

use super::bits::Bits;
use super::condition::{Conditions, KeyCondition};
use super::found::Found;
use super::order::{Absent, Column, Order};
use super::sql::Sql;
use crate::failure::Outcome;

/// All keys of one state of the cache.
pub(crate) struct Numbers {
    /// Which state, see `cache::changes`.
    change: i64,
    /// By key id; 0 where there is no key.
    facets: Vec<u32>,
    orders: Mutex<HashMap<&'static str, Arc<Vec<u32>>>>,
    found: Found,
}

/// The numbers that were read last.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Option<Arc<Numbers>>>);

impl Latest {
    /// The numbers of a snapshot.
    pub(super) fn of(&self, snapshot: &Transaction<'_>) -> Outcome<Arc<Numbers>> {
        let change = crate::cache::change(snapshot)?;
        let known = self.lock().clone();
        if let Some(known) = known
            && known.change == change
        {
            return Ok(known);
        }
        let read = Arc::new(Numbers {
            change,
            facets: read_facets(snapshot)?,
            orders: Mutex::default(),
            found: Found::default(),
        });
        let mut latest = self.lock();
        // An older snapshot must not push out what a newer one has read meanwhile.
        if latest.as_ref().is_none_or(|latest| latest.change < change) {
            *latest = Some(Arc::clone(&read));
        }
        Ok(read)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Numbers>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Numbers {
    /// The keys that meet conditions.
    pub(super) fn meeting(
        &self,
        snapshot: &Transaction<'_>,
        conditions: &Conditions,
    ) -> Outcome<Bits> {
        let mut met = self.with_facets(snapshot, &conditions.facets())?;
        for one in &conditions.keys {
            met.retain(&*self.alone(snapshot, one)?);
        }
        if let Some(any) = &conditions.any {
            let mut either = self.with_facets(snapshot, &any.facets)?;
            for one in &any.keys {
                either.add(&*self.alone(snapshot, one)?);
            }
            met.retain(&either);
        }
        Ok(met)
    }

    /// The ids of some keys in an order, cut to a window.
    pub(super) fn page(
        &self,
        snapshot: &Transaction<'_>,
        keys: &Bits,
        order: Order,
        skip: u32,
        limit: u32,
    ) -> Outcome<Vec<i64>> {
        let cut = |ids: &mut dyn Iterator<Item = u32>| {
            ids.filter(|id| keys.has(*id))
                .skip(skip as usize)
                .take(limit as usize)
                .map(i64::from)
                .collect()
        };
        let (with, without, descending) = match order {
            Order::Facet { column, descending } => {
                (self.by_facet(snapshot, column)?, None, descending)
            }
            Order::Column(column) => (
                self.by_column(snapshot, column)?,
                column.absent,
                column.descending,
            ),
        };
        let rest = match without {
            Some(absent) => self.absent(snapshot, &with, absent)?,
            None => Vec::new(),
        };
        Ok(if descending {
            cut(&mut with.iter().rev().copied().chain(rest))
        } else {
            cut(&mut with.iter().copied().chain(rest))
        })
    }

    fn with_facets(&self, snapshot: &Transaction<'_>, condition: &Sql) -> Outcome<Bits> {
        let sql = Sql::new("SELECT f.id FROM facets f WHERE ", []).sql(condition);
        let mut chosen = Bits::new(0);
        let mut statement = snapshot.prepare_cached(&sql.text)?;
        let mut rows = statement.query(params_from_iter(&sql.values))?;
        while let Some(row) = rows.next()? {
            chosen.insert(row.get(0)?);
        }
        let mut keys = Bits::new(self.facets.len());
        for (facet, id) in self.facets.iter().zip(0..) {
            if *facet > 0 && chosen.has(*facet) {
                keys.insert(id);
            }
        }
        Ok(keys)
    }

    /// The keys that meet one condition, whatever their facets. If the others are meant, ids that
    /// no key has may be among them.
    fn alone(&self, snapshot: &Transaction<'_>, one: &KeyCondition) -> Outcome<Arc<Bits>> {
        let found = self.found.of(&one.set, || self.read(snapshot, &one.set))?;
        if !one.negated {
            return Ok(found);
        }
        let mut others = Bits::clone(&found);
        others.invert();
        Ok(Arc::new(others))
    }

    fn read(&self, snapshot: &Transaction<'_>, set: &Sql) -> Outcome<Bits> {
        let mut keys = Bits::new(self.facets.len());
        let mut statement = snapshot.prepare_cached(&set.text)?;
        let mut rows = statement.query(params_from_iter(&set.values))?;
        while let Some(row) = rows.next()? {
            keys.insert(row.get(0)?);
        }
        Ok(keys)
    }

    /// The keys that have something in a column, upwards.
    fn by_column(&self, snapshot: &Transaction<'_>, column: Column) -> Outcome<Arc<Vec<u32>>> {
        let Column { name, index, .. } = column;
        self.upwards(snapshot, name, index, column.absent.is_some())
    }

    fn upwards(
        &self,
        snapshot: &Transaction<'_>,
        name: &'static str,
        index: &str,
        sparse: bool,
    ) -> Outcome<Arc<Vec<u32>>> {
        let present = if sparse {
            format!("WHERE {name} IS NOT NULL")
        } else {
            String::new()
        };
        self.order(name, || {
            self.sorted(
                snapshot,
                &format!(
                    "SELECT id, {name} FROM keys INDEXED BY {index} {present} ORDER BY {name}"
                ),
            )
        })
    }

    /// Ids that a statement gives with what they are sorted by, with those of equal value sorted
    /// by ARN.
    fn sorted(&self, snapshot: &Transaction<'_>, sql: &str) -> Outcome<Vec<u32>> {
        let by_arn = self.by_arn(snapshot)?;
        let mut places = vec![0; self.facets.len()];
        for (id, place) in by_arn.iter().zip(0_u32..) {
            places[*id as usize] = place;
        }
        let mut ids: Vec<u32> = Vec::with_capacity(by_arn.len());
        let mut equal = (Value::Null, 0);
        let sort_equal = |ids: &mut Vec<u32>, from: usize| {
            ids[from..].sort_unstable_by_key(|id| places[*id as usize]);
        };
        let mut statement = snapshot.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let value = row.get_ref(1)?;
            if value != ValueRef::from(&equal.0) {
                sort_equal(&mut ids, equal.1);
                equal = (row.get(1)?, ids.len());
            }
            ids.push(row.get(0)?);
        }
        sort_equal(&mut ids, equal.1);
        Ok(ids)
    }

    /// The keys that are not among those with something in a column, upwards.
    fn absent(
        &self,
        snapshot: &Transaction<'_>,
        with: &[u32],
        absent: Absent,
    ) -> Outcome<Vec<u32>> {
        let mut present = Bits::new(self.facets.len());
        for id in with {
            present.insert(*id);
        }
        let all = match absent {
            Absent::ByArn => self.by_arn(snapshot)?,
            Absent::ByKeyId => self.upwards(snapshot, "key_id", "keys_by_key_id", false)?,
        };
        Ok(all.iter().copied().filter(|id| !present.has(*id)).collect())
    }

    /// All keys, by a coarse property, upwards.
    fn by_facet(&self, snapshot: &Transaction<'_>, column: &'static str) -> Outcome<Arc<Vec<u32>>> {
        let by_arn = self.by_arn(snapshot)?;
        self.order(column, || {
            let mut ranks: HashMap<u32, u32> = HashMap::new();
            let sql = format!("SELECT id, dense_rank() OVER (ORDER BY {column}) FROM facets");
            let mut statement = snapshot.prepare_cached(&sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                ranks.insert(row.get(0)?, row.get(1)?);
            }
            let rank = |id: &u32| ranks.get(&self.facets[*id as usize]).copied();
            let mut keys = by_arn.to_vec();
            keys.sort_by_cached_key(rank);
            Ok(keys)
        })
    }

    fn by_arn(&self, snapshot: &Transaction<'_>) -> Outcome<Arc<Vec<u32>>> {
        self.order("arn", || {
            Ok(snapshot
                .prepare_cached("SELECT id FROM keys INDEXED BY keys_by_arn ORDER BY arn")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    fn order(
        &self,
        name: &'static str,
        read: impl FnOnce() -> Outcome<Vec<u32>>,
    ) -> Outcome<Arc<Vec<u32>>> {
        let orders = || self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        let known = orders().get(name).cloned();
        match known {
            Some(known) => Ok(known),
            None => {
                let read = Arc::new(read()?);
                orders().insert(name, Arc::clone(&read));
                Ok(read)
            }
        }
    }
}

fn read_facets(snapshot: &Transaction<'_>) -> Outcome<Vec<u32>> {
    let last: u32 = snapshot
        .prepare_cached("SELECT coalesce(max(id), 0) FROM keys")?
        .query_row([], |row| row.get(0))?;
    let mut facets = vec![0; last as usize + 1];
    let mut statement =
        snapshot.prepare_cached("SELECT id, facet FROM keys INDEXED BY keys_by_facet")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        facets[row.get::<_, u32>(0)? as usize] = row.get(1)?;
    }
    Ok(facets)
}
