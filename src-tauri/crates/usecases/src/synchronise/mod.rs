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
use ownkey_aws::Session;
use ownkey_model::{
    AppError, Change, Refusal, Region, RegionOutcome, RegionStage, Registration, RegistrationId,
    Result, SyncOutcome, SyncProgress, SyncReport,
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
/// error ends it only if it concerns everything: the sign-in, the database. However it ends, the
/// report is kept.
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
    let signed_in = tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        session = sign_in(cx, &registration) => Some(session),
    };
    let read = match signed_in {
        None => Ok(Read::default()),
        Some(Err(error)) => Err(error),
        Some(Ok(session)) => read_regions(cx, &registration, &session, report, cancel).await,
    };
    let (outcome, error, read) = match read {
        Ok(read) => (read.outcome(cancel), None, read),
        Err(error) => (SyncOutcome::Failed, Some(error), Read::default()),
    };
    let finished = SyncReport {
        registration: id.clone(),
        started_at,
        finished_at: cx.clock.now(),
        outcome,
        keys: read.regions.iter().map(|region| region.keys).sum(),
        gone: read.regions.iter().map(|region| region.gone).sum(),
        regions: read.regions,
        refusals: read.refusals,
        error: error.clone(),
    };
    let kept = finished.clone();
    let keeping = cx.blocking(move |cx| cx.store.finish_sync(&kept)).await;
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Keys { registration: id });
    match error {
        // What failed first is told, even if that also kept the report from being written.
        Some(error) => Err(error),
        None => keeping.map(|()| finished),
    }
}

async fn sign_in(cx: &Context, registration: &Registration) -> Result<Session> {
    let session = cx.sign_in_to(registration).await?;
    let caller = session.caller_identity().await?;
    registration.must_be(&caller.account, caller.partition)?;
    Ok(session)
}

async fn read_regions(
    cx: &Context,
    registration: &Registration,
    session: &Session,
    report: &(dyn Fn(SyncProgress) + Send + Sync),
    cancel: &CancellationToken,
) -> Result<Read> {
    let id = registration.id.clone();
    let run = cx.blocking(move |cx| cx.store.begin_sync(&id)).await?;
    let findings = Findings {
        refusals: Mutex::default(),
        fatal: Mutex::default(),
        stop: cancel.child_token(),
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
    let writer = write(cx, run, &registration.id, inbox, &findings);
    let regions = reporting(&registration.id, &gauges, report, async {
        tokio::join!(closing(regions, &writes), writer).0
    })
    .await;

    match take(&findings.fatal) {
        Some(error) => Err(error),
        None => Ok(Read {
            regions,
            refusals: std::mem::take(&mut *lock(&findings.refusals)),
        }),
    }
}

/// What was read, and what was not.
#[derive(Default)]
struct Read {
    regions: Vec<RegionOutcome>,
    refusals: Vec<Refusal>,
}

impl Read {
    fn outcome(&self, cancel: &CancellationToken) -> SyncOutcome {
        let stage = |stage| move |one: &RegionOutcome| one.stage == stage;
        let cut = self.regions.is_empty() || self.regions.iter().any(stage(RegionStage::Cancelled));
        let whole = self.regions.iter().all(stage(RegionStage::Done))
            && self.regions.iter().all(|one| one.list_complete);
        if cancel.is_cancelled() && cut {
            SyncOutcome::Cancelled
        } else if whole && self.refusals.is_empty() {
            SyncOutcome::Complete
        } else {
            SyncOutcome::Partial
        }
    }
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

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    lock(slot).take()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
