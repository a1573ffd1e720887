//! Eventual consistency, for a sandbox that was asked for it: what was changed is seen late.
//!
//! A change is made at once, and operations that change something see it at once. Those that only
//! look see the world as it was before the change until its delay has passed. AWS promises no order
//! among changes; here they are seen in the order in which they were made, which is what most of its
//! clients meet. <https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency>
//!
//! The delay is real time, never the sandbox's clock. Nothing of this is kept with the state.

use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, RwLockReadGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::world::{KeyAddress, World};
use crate::revision::Changing;

/// A world is copied before it changes, but not more often than this many times in one delay.
const COPIES: u32 = 8;

/// How late changes are seen, and what is not seen yet.
pub(super) struct Lag {
    delay: Duration,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    past: VecDeque<Past>,
    /// What is under way, and when it is done; in the order of the ends.
    processes: VecDeque<(Instant, Process)>,
}

/// How the world was before a change.
struct Past {
    left: Instant,
    seen_until: Instant,
    world: Arc<World>,
}

/// Something that AWS does after it has answered.
pub(super) enum Process {
    /// A key leaves `Creating` or `Updating`.
    Transition(KeyAddress),
    /// A rotation on demand takes place.
    Rotation(KeyAddress),
}

impl Lag {
    pub(super) fn new(delay: Duration) -> Self {
        Self {
            delay,
            memory: Mutex::default(),
        }
    }

    /// What those see who only look; `None` if that is the world as it is.
    pub(super) fn view(&self) -> Option<Arc<World>> {
        let now = Instant::now();
        let mut memory = self.memory();
        while memory
            .past
            .front()
            .is_some_and(|past| past.seen_until <= now)
        {
            memory.past.pop_front();
        }
        memory.past.front().map(|past| Arc::clone(&past.world))
    }

    /// The world is about to change.
    fn leave(&self, world: &World) {
        let now = Instant::now();
        let mut memory = self.memory();
        let latest = memory.past.back().map(|past| past.left);
        if latest.is_some_and(|left| now.duration_since(left) < self.delay / COPIES) {
            return;
        }
        memory.past.push_back(Past {
            left: now,
            seen_until: now + self.delay,
            world: Arc::new(world.clone()),
        });
    }

    /// The change just made was the begin of something longer. It is seen after half of the delay, so
    /// that what it consists of can be watched for the other half.
    pub(super) fn begin(&self, processes: impl IntoIterator<Item = Process>) {
        let now = Instant::now();
        let mut memory = self.memory();
        let half = now + self.delay / 2;
        if let Some(past) = memory.past.back_mut() {
            past.seen_until = past.seen_until.min(half);
        }
        let end = now + self.delay;
        let processes = processes.into_iter().map(|process| (end, process));
        memory.processes.extend(processes);
    }

    pub(super) fn has_ended_process(&self) -> bool {
        let now = Instant::now();
        self.memory()
            .processes
            .front()
            .is_some_and(|(end, _)| *end <= now)
    }

    /// The next process that is done. The caller carries out what it means.
    pub(super) fn take_ended_process(&self) -> Option<Process> {
        let now = Instant::now();
        let mut memory = self.memory();
        memory.processes.front().filter(|(end, _)| *end <= now)?;
        memory.processes.pop_front().map(|(_, process)| process)
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A world to look at.
pub(super) enum View<'a> {
    Present(RwLockReadGuard<'a, World>),
    Past(Arc<World>),
}

impl Deref for View<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        match self {
            Self::Present(world) => world,
            Self::Past(world) => world,
        }
    }
}

/// The world, to look at and to change.
pub(super) struct Writing<'a> {
    world: Changing<'a, World>,
    /// Set until the world was left for the first time.
    lag: Option<&'a Lag>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(world: Changing<'a, World>, lag: Option<&'a Lag>) -> Self {
        Self { world, lag }
    }
}

impl Deref for Writing<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut World {
        if let Some(lag) = self.lag.take() {
            lag.leave(&self.world);
        }
        &mut self.world
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::time::advance;

    use super::super::testing::{Bench, base64};
    use super::super::{Kms, Manner, TokenSeal};
    use super::*;
    use crate::random::Random;
    use crate::revision::Revision;

    const NOT_FOUND: &str = "NotFoundException";

    /// A change is seen after 800 ms.
    fn late() -> Bench {
        let mut bench = Bench::new();
        bench.kms = bench.kms.behaving(Manner {
            consistency: Duration::from_millis(800),
            strict: false,
        });
        bench
    }

    async fn pass(millis: u64) {
        advance(Duration::from_millis(millis)).await;
    }

    async fn parameters(bench: &Bench, key: &str) -> &'static str {
        let input = json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
        bench.code("GetParametersForImport", input).await
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_made_is_found_when_the_delay_has_passed() {
        let bench = late();
        let key = bench.external().await;
        let alias = json!({"AliasName": "alias/a", "TargetKeyId": key});
        assert_eq!(bench.code("CreateAlias", alias).await, "ok");
        let looks = [
            ("DescribeKey", json!({ "KeyId": key })),
            ("DescribeKey", json!({"KeyId": "alias/a"})),
            ("ListResourceTags", json!({ "KeyId": key })),
        ];
        for (operation, input) in looks.clone() {
            assert_eq!(bench.code(operation, input).await, NOT_FOUND);
        }
        assert_eq!(parameters(&bench, &key).await, NOT_FOUND);
        assert_eq!(bench.ask("ListKeys", json!({})).await["Keys"], json!([]));
        pass(799).await;
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            NOT_FOUND
        );
        pass(1).await;
        for (operation, input) in looks {
            assert_eq!(bench.code(operation, input).await, "ok");
        }
        assert_eq!(parameters(&bench, &key).await, "ok");
        let listed = bench.ask("ListKeys", json!({})).await["Keys"].clone();
        assert_eq!(listed.as_array().unwrap().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn changes_are_seen_late_and_in_order() {
        let bench = late();
        let key = bench.create(json!({"Description": "0"})).await;
        pass(800).await;
        bench.ask("DisableKey", json!({ "KeyId": key })).await;
        assert_eq!(bench.state(&key).await, "Enabled");
        let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
        assert_eq!(bench.code("Encrypt", encrypt.clone()).await, "ok");
        // Those that change something meet the truth.
        let enable = json!({"KeyId": key, "RotationPeriodInDays": 90});
        assert_eq!(
            bench.code("EnableKeyRotation", enable).await,
            "DisabledException"
        );
        pass(800).await;
        assert_eq!(bench.state(&key).await, "Disabled");
        assert_eq!(bench.code("Encrypt", encrypt).await, "DisabledException");
        for number in 1..=100 {
            let input = json!({"KeyId": key, "Description": number.to_string()});
            bench.ask("UpdateKeyDescription", input).await;
            pass(10).await;
        }
        let seen = |described: Value| -> i32 {
            described["Description"].as_str().unwrap().parse().unwrap()
        };
        let before = seen(bench.describe(&key).await);
        assert!((15..=40).contains(&before), "{before}");
        pass(400).await;
        assert!(seen(bench.describe(&key).await) > before);
        pass(400).await;
        assert_eq!(seen(bench.describe(&key).await), 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_replica_is_made_and_a_primary_moved_in_sight_of_all() {
        let mut bench = late();
        let key = bench.create(json!({"MultiRegion": true})).await;
        pass(800).await;
        let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
        bench.ask("ReplicateKey", replicate).await;
        bench.region = "us-west-2";
        let encrypt = json!({"KeyId": key, "Plaintext": base64(b"x")});
        let invalid = "KMSInvalidStateException";
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            NOT_FOUND
        );
        pass(400).await;
        assert_eq!(bench.state(&key).await, "Creating");
        assert_eq!(bench.code("Encrypt", encrypt.clone()).await, invalid);
        assert_eq!(
            bench.code("DisableKey", json!({ "KeyId": key })).await,
            invalid
        );
        let describe = json!({"KeyId": key, "Description": "new"});
        assert_eq!(bench.code("UpdateKeyDescription", describe).await, "ok");
        pass(400).await;
        assert_eq!(bench.code("Encrypt", encrypt.clone()).await, invalid);
        pass(400).await;
        assert_eq!(bench.state(&key).await, "Enabled");
        bench.region = "eu-west-1";
        let update = json!({"KeyId": key, "PrimaryRegion": "us-west-2"});
        bench.ask("UpdatePrimaryRegion", update).await;
        pass(400).await;
        for region in ["eu-west-1", "us-west-2"] {
            bench.region = region;
            assert_eq!(bench.state(&key).await, "Updating");
            assert_eq!(bench.code("Encrypt", encrypt.clone()).await, "ok");
            assert_eq!(
                bench.code("DisableKey", json!({ "KeyId": key })).await,
                invalid
            );
        }
        pass(400).await;
        assert_eq!(bench.state(&key).await, "Enabled");
        assert_eq!(
            bench.code("DisableKey", json!({ "KeyId": key })).await,
            "ok"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_rotation_on_demand_takes_its_time_and_outlives_a_restart() {
        let bench = late();
        let id = |key: &str| json!({ "KeyId": key });
        let key = bench.create(json!({})).await;
        pass(800).await;
        let first = bench.describe(&key).await["CurrentKeyMaterialId"].clone();
        bench.ask("RotateKeyOnDemand", id(&key)).await;
        assert_eq!(
            bench.code("RotateKeyOnDemand", id(&key)).await,
            "ConflictException"
        );
        pass(400).await;
        let status = bench.ask("GetKeyRotationStatus", id(&key)).await;
        assert_eq!(
            status["OnDemandRotationStartDate"],
            json!(1_773_480_413.589_f64)
        );
        let kept = serde_json::to_vec(&*bench.kms.kept().0).unwrap();
        assert_eq!(bench.describe(&key).await["CurrentKeyMaterialId"], first);
        pass(400).await;
        let status = bench.ask("GetKeyRotationStatus", id(&key)).await;
        assert!(status.get("OnDemandRotationStartDate").is_none());
        assert_ne!(bench.describe(&key).await["CurrentKeyMaterialId"], first);

        let mut resumed = Bench::new();
        resumed.kms = Kms::resumed(
            serde_json::from_slice(&kept).unwrap(),
            TokenSeal::new(),
            Random::from_os(),
            Revision::default(),
            Arc::clone(&bench.kms.principals),
        );
        let rotations = resumed.ask("ListKeyRotations", id(&key)).await["Rotations"].clone();
        assert_eq!(rotations[0]["RotationType"], "ON_DEMAND");
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_of_the_sandbox_is_not_late() {
        let mut bench = late();
        let key = bench.create(json!({})).await;
        pass(800).await;
        bench
            .ask(
                "ScheduleKeyDeletion",
                json!({"KeyId": key, "PendingWindowInDays": 7}),
            )
            .await;
        pass(800).await;
        bench.days_pass(7);
        assert_eq!(
            bench.code("DescribeKey", json!({ "KeyId": key })).await,
            NOT_FOUND
        );
    }
}
