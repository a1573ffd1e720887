//! Keeping below AWS's request quotas, for the whole program.
//!
//! One lane per account, region and operation, since that is how AWS counts. A request takes its
//! turn before it is sent; if AWS throttles it all the same (others use the account too), the
//! lane stands still for a while and the request is repeated, patiently.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ownkey_model::{AppError, Result, Waiting, WaitingFor};
use tokio::{
    sync::{Mutex as Gate, Semaphore},
    time::{Instant, sleep_until},
};

/// Over TLS every connection costs a handshake, and more than this gains nothing.
const AT_ONCE: usize = 300;

/// How long one request is repeated before throttling becomes an error.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// The quotas of the operations OwnKey calls, per second, account and region.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html>
fn quota(action: &str) -> f64 {
    match action {
        // Far below what AWS gives to all cryptographic operations together.
        "kms:GenerateMac" => 5000.0,
        "kms:DescribeKey" | "kms:ListResourceTags" | "kms:GetPublicKey" => 2000.0,
        "kms:GetKeyPolicy" | "kms:GetKeyRotationStatus" => 1000.0,
        "kms:ListKeys" | "kms:ListAliases" => 500.0,
        "kms:ListKeyRotations" => 100.0,
        "kms:DeleteAlias"
        | "kms:DeleteImportedKeyMaterial"
        | "kms:ImportKeyMaterial"
        | "kms:ScheduleKeyDeletion" => 15.0,
        "kms:TagResource" => 10.0,
        "kms:CreateAlias" | "kms:CreateKey" | "kms:UntagResource" => 5.0,
        "kms:GetParametersForImport" => 1.0,
        // Account-wide questions, asked once: among the smallest of AWS's published rates.
        _ => 5.0,
    }
}

/// Shared by every session of the program; cheap to clone.
#[derive(Clone)]
pub(crate) struct Pacer {
    lanes: Arc<Mutex<HashMap<Where, HashMap<&'static str, Lane>>>>,
    at_once: Arc<Semaphore>,
}

/// Where AWS counts: the endpoint, the account and the region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Where {
    pub(crate) endpoint: String,
    pub(crate) account: String,
    pub(crate) region: String,
}

struct Lane {
    next: Instant,
    throttled_until: Option<Instant>,
    last_gone: Arc<Gate<Option<Instant>>>,
}

impl Pacer {
    pub(crate) fn new() -> Self {
        Self {
            lanes: Arc::default(),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Sends a request in its turn, and again while AWS throttles it. The moments before and after
    /// are in the log at its finest, so that a test can end the program there.
    pub(crate) async fn patiently<T, F>(
        &self,
        at: &Where,
        action: &'static str,
        mut request: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let give_up = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(500);
        loop {
            self.turn(at, action).await;
            let outcome = {
                let _place = self
                    .at_once
                    .acquire()
                    .await
                    .expect("the semaphore is never closed");
                tracing::trace!(target: "ownkey::moment", action, "request begins");
                let outcome = request().await;
                tracing::trace!(target: "ownkey::moment", action, "request ended");
                outcome
            };
            match outcome {
                Err(AppError::Throttled { .. }) if Instant::now() + pause < give_up => {
                    tracing::debug!(action, region = at.region, ?pause, "throttled");
                    self.stand_still(at, action, pause);
                    pause = (pause * 2).min(Duration::from_secs(20));
                }
                outcome => return outcome,
            }
        }
    }

    /// The longest foreseeable wait of a place, if it is worth a word.
    pub(crate) fn waiting(&self, at: &Where) -> Option<Waiting> {
        let now = Instant::now();
        let lanes = self.lock();
        let (action, lane) = lanes.get(at)?.iter().max_by_key(|(_, lane)| lane.next)?;
        let wait = lane.next.saturating_duration_since(now);
        let throttled = lane.throttled_until.is_some_and(|until| until > now);
        (throttled || wait > Duration::from_millis(500)).then(|| Waiting {
            on: if throttled {
                WaitingFor::Throttled
            } else {
                WaitingFor::Quota
            },
            action: (*action).to_owned(),
            seconds: u32::try_from(wait.as_secs_f64().ceil() as u64).unwrap_or(u32::MAX),
        })
    }

    async fn turn(&self, at: &Where, action: &'static str) {
        // A little under the quota, and a twentieth of a second's worth at once.
        let interval = Duration::from_secs_f64(1.0 / (quota(action) * 0.985));
        let ahead = Duration::from_millis(50);
        loop {
            let (mine, last_gone) = {
                let mut lanes = self.lock();
                let now = Instant::now();
                let lane = lane(&mut lanes, at, action, now);
                let mine = lane.next.max(now.checked_sub(ahead).unwrap_or(now));
                lane.next = mine + interval;
                (mine, lane.last_gone.clone())
            };
            if interval < ahead {
                sleep_until(mine).await;
            } else {
                in_single_file(mine, interval, &last_gone).await;
            }
            // Throttled while this request slept: its place is void.
            let until = lane(&mut self.lock(), at, action, mine).throttled_until;
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }

    fn stand_still(&self, at: &Where, action: &'static str, pause: Duration) {
        let now = Instant::now();
        let mut lanes = self.lock();
        let lane = lane(&mut lanes, at, action, now);
        let until = now + pause;
        if lane.throttled_until.is_none_or(|earlier| earlier < until) {
            lane.throttled_until = Some(until);
            lane.next = until;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Where, HashMap<&'static str, Lane>>> {
        // A lane is a few instants: there is no half-written state to fear.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits for a turn, and then until the one before is an interval away. Where AWS grants few requests
/// it forgives none: one that leaves late, on a busy computer, must not be followed too closely, since
/// its repetition would take the next one's place, and so on.
async fn in_single_file(mine: Instant, interval: Duration, last_gone: &Gate<Option<Instant>>) {
    let mut last_gone = last_gone.lock().await;
    sleep_until(last_gone.map_or(mine, |gone| mine.max(gone + interval))).await;
    *last_gone = Some(Instant::now());
}

fn lane<'a>(
    lanes: &'a mut HashMap<Where, HashMap<&'static str, Lane>>,
    at: &Where,
    action: &'static str,
    now: Instant,
) -> &'a mut Lane {
    if !lanes.contains_key(at) {
        lanes.insert(at.clone(), HashMap::new());
    }
    lanes
        .get_mut(at)
        .expect("inserted above")
        .entry(action)
        .or_insert(Lane {
            next: now,
            throttled_until: None,
            last_gone: Arc::default(),
        })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn here() -> Where {
        Where {
            endpoint: "aws".into(),
            account: "1".into(),
            region: "eu-west-1".into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_seconds_of_requests_take_five_seconds_and_never_exceed_the_quota() {
        let pacer = Pacer::new();
        let began = Instant::now();
        for _ in 0..500 {
            pacer
                .patiently(&here(), "kms:ListKeyRotations", || async { Ok(()) })
                .await
                .expect("nothing refuses");
        }
        let took = began.elapsed().as_secs_f64();
        assert!((4.9..5.2).contains(&took), "{took}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_request_of_a_lane_is_sent_at_once_and_the_next_in_its_turn() {
        for (action, apart) in [
            ("kms:GetParametersForImport", 1.0),
            ("kms:CreateKey", 0.2),
            ("kms:CreateAlias", 0.2),
            ("kms:UntagResource", 0.2),
            ("kms:TagResource", 0.1),
            ("kms:ImportKeyMaterial", 1.0 / 15.0),
            ("kms:DeleteAlias", 1.0 / 15.0),
        ] {
            let pacer = Pacer::new();
            let began = Instant::now();
            let mut sent = Vec::new();
            for _ in 0..3 {
                let request = || async { Ok(began.elapsed().as_secs_f64()) };
                let at = pacer.patiently(&here(), action, request).await;
                sent.push(at.expect("nothing refuses"));
            }
            assert!(sent[0] < 0.001, "{action}: {sent:?}");
            for pair in sent.windows(2) {
                let between = pair[1] - pair[0];
                assert!(
                    (apart..apart * 1.1).contains(&between),
                    "{action}: {sent:?}"
                );
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_leaves_late_is_not_followed_too_closely() {
        let (pacer, began) = (Pacer::new(), Instant::now());
        let requests = futures::future::join_all((0..4).map(|_| async {
            let request = || async { Ok(began.elapsed().as_secs_f64()) };
            let place = here();
            let sent = pacer.patiently(&place, "kms:GetParametersForImport", request);
            sent.await.expect("nothing refuses")
        }));
        // The computer is busy with something else when the second one's turn comes.
        let busy = tokio::time::advance(Duration::from_millis(1_900));
        let (sent, ()) = tokio::join!(requests, busy);
        assert!((1.9..1.95).contains(&sent[1]), "{sent:?}");
        for pair in sent.windows(2) {
            assert!(pair[1] - pair[0] >= 1.0, "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn regions_and_operations_do_not_wait_for_each_other() {
        let pacer = Pacer::new();
        let elsewhere = Where {
            region: "us-east-1".into(),
            ..here()
        };
        let began = Instant::now();
        let mut requests = Vec::new();
        for at in [&here(), &elsewhere] {
            for action in ["kms:ListKeyRotations", "kms:ListKeys"] {
                for _ in 0..10 {
                    let (pacer, at) = (pacer.clone(), at.clone());
                    requests.push(async move {
                        pacer.patiently(&at, action, || async { Ok(()) }).await
                    });
                }
            }
        }
        let answers = futures::future::join_all(requests).await;
        assert!(answers.iter().all(Result::is_ok));
        // Ten at a hundred a second, whatever else is under way.
        let took = began.elapsed();
        assert!(
            (Duration::from_millis(80)..Duration::from_millis(120)).contains(&took),
            "{took:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_request_is_repeated_and_the_wait_can_be_shown() {
        let pacer = Pacer::new();
        let (asked, shown) = (Cell::new(0), Cell::new(None));
        let throttled = || async {
            asked.set(asked.get() + 1);
            if asked.get() < 4 {
                Err(AppError::Throttled {
                    action: "kms:DescribeKey".into(),
                })
            } else {
                Ok(asked.get())
            }
        };
        let at = here();
        let watch = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            shown.set(pacer.waiting(&at));
        };
        let (answer, ()) = tokio::join!(pacer.patiently(&at, "kms:DescribeKey", throttled), watch);
        assert_eq!(answer, Ok(4));
        let waiting = shown.take().expect("it was waiting");
        assert_eq!((waiting.on, waiting.seconds), (WaitingFor::Throttled, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let pacer = Pacer::new();
        let began = Instant::now();
        let answer: Result<()> = pacer
            .patiently(&here(), "kms:DescribeKey", || async {
                Err(AppError::Throttled {
                    action: "kms:DescribeKey".into(),
                })
            })
            .await;
        assert_eq!(
            answer,
            Err(AppError::Throttled {
                action: "kms:DescribeKey".into()
            })
        );
        assert!((9.0..=10.0).contains(&(began.elapsed().as_secs_f64() / 60.0)));
    }

    #[tokio::test(start_paused = true)]
    async fn at_most_three_hundred_requests_are_under_way() {
        let pacer = Pacer::new();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let requests = (0..2_000).map(|_| {
            pacer_request(&pacer, || async {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                tokio::time::sleep(Duration::from_secs(30)).await;
                now.set(now.get() - 1);
                Ok(())
            })
        });
        futures::future::join_all(requests).await;
        assert_eq!(most.get(), AT_ONCE);
    }

    async fn pacer_request<F: Future<Output = Result<()>>>(
        pacer: &Pacer,
        request: impl FnMut() -> F,
    ) {
        pacer
            .patiently(&here(), "kms:DescribeKey", request)
            .await
            .expect("nothing refuses");
    }
}
