//! Counts the changes of a simulated AWS, so that whoever keeps its state knows when to keep it
//! anew. What the state consists of is in `state`.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

/// A number that only grows; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Revision(Arc<AtomicU64>);

impl Revision {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Something changed, or is about to under a lock that a reader of the state waits for.
    pub(crate) fn step(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }

    /// Opens `state` for looking and changing. A panic in another request does not close it.
    pub(crate) fn open<'a, T>(&'a self, state: &'a RwLock<T>) -> Changing<'a, T> {
        Changing {
            guard: state.write().unwrap_or_else(PoisonError::into_inner),
            revision: self,
        }
    }
}

/// A lock for writing that counts only if something is written.
pub(crate) struct Changing<'a, T> {
    guard: RwLockWriteGuard<'a, T>,
    revision: &'a Revision,
}

impl<T> Deref for Changing<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Changing<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.revision.step();
        &mut self.guard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_does_not_count_and_changing_does() {
        let (revision, state) = (Revision::default(), RwLock::new(1));
        assert_eq!(*revision.open(&state), 1);
        assert_eq!(revision.count(), 0);
        *revision.open(&state) = 2;
        assert_eq!(revision.clone().count(), 1);
    }
}
