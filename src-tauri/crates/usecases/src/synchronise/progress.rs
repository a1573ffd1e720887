//! How far a synchronisation is.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use ownkey_aws::Kms;
use ownkey_model::{
    Region, RegionProgress, RegionStage, RegistrationId, SyncProgress, Waiting, WaitingFor,
};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::lock;

/// Counts of one region; written while it runs, read by the report.
pub(super) struct Gauge {
    pub(super) kms: Kms,
    pub(super) region: Region,
    pub(super) listed: AtomicU32,
    pub(super) read: AtomicU32,
    stage: Mutex<(RegionStage, Instant)>,
}

impl Gauge {
    pub(super) fn new(kms: Kms, region: Region) -> Self {
        Self {
            kms,
            region,
            listed: AtomicU32::new(0),
            read: AtomicU32::new(0),
            stage: Mutex::new((RegionStage::Queued, Instant::now())),
        }
    }

    pub(super) fn reach(&self, stage: RegionStage) {
        let mut current = lock(&self.stage);
        if current.0 == RegionStage::Queued {
            current.1 = Instant::now();
        }
        current.0 = stage;
    }

    fn progress(&self) -> RegionProgress {
        let (stage, since) = *lock(&self.stage);
        let (listed, read) = (self.listed.load(Relaxed), self.read.load(Relaxed));
        let under_way = matches!(stage, RegionStage::Listing | RegionStage::Reading);
        RegionProgress {
            region: self.region.clone(),
            stage,
            listed,
            read,
            waiting: self
                .kms
                .waiting()
                .filter(|_| under_way)
                .map(|waiting| foreseen(waiting, listed, read, since.elapsed())),
        }
    }
}

/// Does the work and tells of it, at most ten times a second and once more at the end.
pub(super) async fn reporting<T>(
    registration: &RegistrationId,
    gauges: &[Gauge],
    report: &(dyn Fn(SyncProgress) + Send + Sync),
    work: impl Future<Output = T>,
) -> T {
    let mut tick = interval(Duration::from_millis(100));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = std::pin::pin!(work);
    let mut told = None;
    loop {
        tokio::select! {
            done = &mut work => {
                report(snapshot(registration, gauges));
                return done;
            }
            _ = tick.tick() => {
                let at = snapshot(registration, gauges);
                if told.as_ref() != Some(&at) {
                    report(at.clone());
                    told = Some(at);
                }
            }
        }
    }
}

fn snapshot(registration: &RegistrationId, gauges: &[Gauge]) -> SyncProgress {
    let regions: Vec<RegionProgress> = gauges.iter().map(Gauge::progress).collect();
    SyncProgress {
        registration: registration.clone(),
        listed: regions.iter().map(|one| one.listed).sum(),
        read: regions.iter().map(|one| one.read).sum(),
        regions,
    }
}

/// The quota holds until the last key: at the pace so far, that is when the waiting ends.
fn foreseen(waiting: Waiting, listed: u32, read: u32, elapsed: Duration) -> Waiting {
    if waiting.on != WaitingFor::Quota || read == 0 {
        return waiting;
    }
    let left = f64::from(listed.saturating_sub(read)) * elapsed.as_secs_f64() / f64::from(read);
    Waiting {
        seconds: waiting.seconds.max(left.ceil() as u32),
        ..waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_for_the_quota_is_foreseen_from_the_pace_so_far() {
        let waiting = Waiting {
            on: WaitingFor::Quota,
            action: "kms:ListKeyRotations".into(),
            seconds: 1,
        };
        let at = foreseen(waiting.clone(), 500, 100, Duration::from_secs(10));
        assert_eq!(at.seconds, 40);
        assert_eq!(
            foreseen(waiting.clone(), 500, 0, Duration::from_secs(10)),
            waiting
        );
    }
}
