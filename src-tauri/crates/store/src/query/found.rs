//! Which keys the last conditions were met by.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bits::Bits;
use super::sql::Sql;
use crate::failure::Outcome;

/// How many conditions are kept: more than anyone goes to and fro between.
const KEPT: usize = 16;

/// `SELECT`s of ids and the keys that they gave for one state of the cache, the one that was asked
/// for last at the end.
#[derive(Default)]
pub(super) struct Found(Mutex<VecDeque<(Sql, Arc<Bits>)>>);

impl Found {
    /// The keys that a `SELECT` gives, which is read if it is not kept.
    pub(super) fn of(
        &self,
        select: &Sql,
        read: impl FnOnce() -> Outcome<Bits>,
    ) -> Outcome<Arc<Bits>> {
        let known = self.take(select);
        let keys = match known {
            Some(keys) => keys,
            None => Arc::new(read()?),
        };
        let mut kept = self.lock();
        kept.push_back((select.clone(), Arc::clone(&keys)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(keys)
    }

    fn take(&self, select: &Sql) -> Option<Arc<Bits>> {
        let mut kept = self.lock();
        let place = kept.iter().position(|(known, _)| known == select)?;
        kept.remove(place).map(|(_, keys)| keys)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Sql, Arc<Bits>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_conditions_are_not_read_again() {
        let found = Found::default();
        let select = |number: usize| Sql::new(format!("SELECT {number}"), []);
        let reads = |number: usize| {
            let mut read = false;
            let asked = found.of(&select(number), || {
                read = true;
                Ok(Bits::new(number))
            });
            assert_eq!(*asked.expect("it is read"), Bits::new(number));
            read
        };
        assert!((0..KEPT).all(reads));
        assert!(!reads(0), "it is kept, and now the last one");
        assert!(reads(KEPT), "it is new, and pushes out the oldest");
        assert!(!reads(0) && reads(1) && !reads(KEPT));
    }
}
