//! Synchronises a registration: reads everything about every customer-managed key of all its
//! regions into the cache.
//!
//! All regions run at once and their keys stream through a bounded channel to one writer, so that
//! memory does not grow with the number of keys. What is refused is counted and reported; it does
//! not stop the rest.

mod progress;
mod region;
mod writer;

use std::sync::{Mutex, PoisonError};

use futures::future::join_all;
use ownkey_model::{
    AppError, Change, Refusal, Region, RegionOutcome, RegionStage, RegistrationId, Result,
    SyncOutcome, SyncProgress, SyncReport,
};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::{
    progress::{Gauge, reporting},
    region::synchronise_region,
    writer::{Writes, write},
};
use crate::Context;

/// Enough to fill AWS's quotas; four requests a key.
const KEYS_AT_ONCE: usize = 128;

/// Reads all keys of the registration into the cache.
///
/// Progress is reported at most ten times a second. Cancelling keeps what was read so far. An
/// error ends it only if it concerns everything: the sign-in, the database.
pub async fn synchronise(
    cx: &Context,
    id: RegistrationId,
    report: &(dyn Fn(SyncProgress) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<SyncReport> {
    let started_at = cx.clock.now();
    let wanted = id.clone();
    let registration = cx
        .blocking(move |cx| cx.store.registration(&wanted))
        .await?;
    let session = cx.aws.session(&registration.connection).await?;
    let caller = session.caller_identity().await?;
    if caller.account != registration.account {
        return Err(AppError::AccountChanged {
            expected: registration.account.to_string(),
            found: caller.account.to_string(),
        });
    }
    let beginning = id.clone();
    let run = cx
        .blocking(move |cx| cx.store.begin_sync(&beginning))
        .await?;

    let stop = cancel.child_token();
    let findings = Findings {
        refusals: Mutex::default(),
        fatal: Mutex::default(),
        stop: stop.clone(),
    };
    let (writes, inbox) = Writes::channel();
    let keys_at_once = Semaphore::new(KEYS_AT_ONCE);
    let gauges: Vec<Gauge> = registration
        .regions
        .iter()
        .map(|region| Gauge::new(session.kms(&registration.account, region), region.clone()))
        .collect();

    let regions = async {
        let regions = gauges.iter().map(|gauge| {
            synchronise_region(
                gauge,
                &keys_at_once,
                &writes,
                &findings,
                &registration.account,
            )
        });
        join_all(regions).await
    };
    let writer = write(cx, run, &id, inbox, &findings);
    let outcomes = reporting(&id, &gauges, report, async {
        tokio::join!(closing(regions, &writes), writer).0
    })
    .await;

    if let Some(error) = take(&findings.fatal) {
        (cx.announce)(Change::Keys { registration: id });
        return Err(error);
    }
    let refusals = std::mem::take(&mut *lock(&findings.refusals));
    let finished = SyncReport {
        outcome: outcome(cancel, &outcomes, &refusals),
        keys: outcomes.iter().map(|region| region.keys).sum(),
        gone: outcomes.iter().map(|region| region.gone).sum(),
        regions: outcomes,
        refusals,
        started_at,
        finished_at: cx.clock.now(),
        registration: id.clone(),
    };
    let kept = finished.clone();
    cx.blocking(move |cx| cx.store.finish_sync(&kept)).await?;
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Keys { registration: id });
    Ok(finished)
}

/// What went wrong on the way, shared by all regions and the writer.
struct Findings {
    refusals: Mutex<Vec<Refusal>>,
    fatal: Mutex<Option<AppError>>,
    stop: CancellationToken,
}

impl Findings {
    /// Counts a refusal, or stops everything if it concerns everything.
    fn refused(&self, region: &Region, action: &str, error: AppError) {
        if error.concerns_all_regions() {
            return self.fatal(error);
        }
        let mut refusals = lock(&self.refusals);
        let alike = refusals.iter_mut().find(|known| {
            known.region.as_ref() == Some(region)
                && known.action == action
                && known.error.is_like(&error)
        });
        match alike {
            Some(known) => known.times += 1,
            None => refusals.push(Refusal {
                region: Some(region.clone()),
                action: action.to_owned(),
                error,
                times: 1,
            }),
        }
    }

    /// Stops everything; the first reason is kept.
    fn fatal(&self, error: AppError) {
        lock(&self.fatal).get_or_insert(error);
        self.stop.cancel();
    }
}

/// The writer ends when there is nothing left to come.
async fn closing<T>(work: impl Future<Output = T>, writes: &Writes) -> T {
    let done = work.await;
    writes.close().await;
    done
}

fn outcome(
    cancel: &CancellationToken,
    regions: &[RegionOutcome],
    refusals: &[Refusal],
) -> SyncOutcome {
    let cut = regions
        .iter()
        .any(|one| one.stage == RegionStage::Cancelled);
    let whole = regions
        .iter()
        .all(|one| one.stage == RegionStage::Done && one.list_complete);
    if cancel.is_cancelled() && cut {
        SyncOutcome::Cancelled
    } else if whole && refusals.is_empty() {
        SyncOutcome::Complete
    } else {
        SyncOutcome::Partial
    }
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    lock(slot).take()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
