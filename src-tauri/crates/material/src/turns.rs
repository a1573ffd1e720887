//! Turns at what takes much memory: scrypt takes a quarter of a GiB for each backup that is written or
//! opened, and many uploads can want one at the same moment.

use std::sync::{Condvar, Mutex, PoisonError};

/// As many as keep two processors busy.
const AT_ONCE: usize = 2;

static UNDER_WAY: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// One of the few that work at once; others wait until it is dropped.
pub(crate) struct Turn(());

/// Waits for a turn.
pub(crate) fn turn() -> Turn {
    let under_way = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
    let mut under_way = ENDED
        .wait_while(under_way, |count| *count >= AT_ONCE)
        .unwrap_or_else(PoisonError::into_inner);
    *under_way += 1;
    Turn(())
}

impl Drop for Turn {
    fn drop(&mut self) {
        *UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    use super::*;

    #[test]
    fn no_more_than_a_few_work_at_once_and_all_come_to_their_turn() {
        let (now, most, done) = (
            AtomicUsize::new(0),
            AtomicUsize::new(0),
            AtomicUsize::new(0),
        );
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let _turn = turn();
                    most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                    std::thread::yield_now();
                    now.fetch_sub(1, SeqCst);
                    done.fetch_add(1, SeqCst);
                });
            }
        });
        assert!(most.into_inner() <= AT_ONCE);
        assert_eq!(done.into_inner(), 16);
    }
}
