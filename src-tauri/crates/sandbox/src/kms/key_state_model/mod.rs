//! Random lives of keys, told twice: by this KMS, and by a small model of AWS's key-state table that
//! was written separately. They must agree on every outcome and on all that can be seen afterwards.
//!
//! `OWNKEY_SEQUENCES` says how many lives, `OWNKEY_SEED` where to begin. A disagreement is printed
//! with its seed and with as few steps as still show it.

mod drive;
mod model;
mod refusals;
mod seen;
mod steps;
mod table;

use std::sync::atomic::{AtomicU64, Ordering};

use self::drive::{Disagreement, Outcomes, WrappingKeys, drive};
use self::steps::{Kind, Step, derive_sequence};
use crate::tests::dice::number;

/// What an ordinary run of the tests takes the time for.
const SEQUENCES: u64 = 2_000;
const SEED: u64 = 20_261_122;

#[test]
fn random_sequences_agree_with_the_key_state_table() {
    let sequences = number("OWNKEY_SEQUENCES", SEQUENCES);
    let first = number("OWNKEY_SEED", SEED);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let take = || {
            let mut tally = Tally::default();
            let runner = Runner::new();
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= sequences {
                    return tally;
                }
                runner.run(first.wrapping_add(turn), &mut tally);
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        let joined = running.into_iter().map(|thread| thread.join());
        joined
            .map(|tally| tally.expect("a sequence disagrees, see above"))
            .collect()
    });
    let mut total = Tally::default();
    for tally in tallies {
        total.steps += tally.steps;
        for (outcome, count) in tally.outcomes {
            *total.outcomes.entry(outcome).or_default() += count;
        }
    }
    total.print(sequences);
    total.must_show_both_sides(sequences);
}

#[derive(Default)]
struct Tally {
    steps: usize,
    outcomes: Outcomes,
}

struct Runner {
    runtime: tokio::runtime::Runtime,
    wrapping_keys: WrappingKeys,
}

impl Runner {
    fn new() -> Self {
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .unwrap(),
            wrapping_keys: WrappingKeys::make(),
        }
    }

    /// One sequence; panics with its shortest form if it disagrees.
    fn run(&self, seed: u64, tally: &mut Tally) {
        let (kind, multi_region, steps) = derive_sequence(seed);
        tally.steps += steps.len();
        let Err(found) = self.drive((kind, multi_region), &steps, &mut tally.outcomes) else {
            return;
        };
        let (steps, found) = self.shrink((kind, multi_region), steps, found);
        let listed: String = steps.iter().map(|step| format!("  {step:?}\n")).collect();
        panic!(
            "seed {seed}: {kind:?}, multi-Region {multi_region}\n{listed}{}",
            found.what
        );
    }

    fn drive(
        &self,
        key: (Kind, bool),
        steps: &[Step],
        outcomes: &mut Outcomes,
    ) -> Result<(), Disagreement> {
        self.runtime
            .block_on(drive(key, steps, &self.wrapping_keys, outcomes))
    }

    /// Leaves out every step without which there still is a disagreement.
    fn shrink(
        &self,
        key: (Kind, bool),
        mut steps: Vec<Step>,
        mut found: Disagreement,
    ) -> (Vec<Step>, Disagreement) {
        steps.truncate(found.step + 1);
        let mut place = steps.len();
        while place > 0 {
            place -= 1;
            let mut fewer = steps.clone();
            fewer.remove(place);
            if let Err(again) = self.drive(key, &fewer, &mut Outcomes::new()) {
                fewer.truncate(again.step + 1);
                (steps, found) = (fewer, again);
                // What could not be left out before may be now.
                place = steps.len();
            }
        }
        (steps, found)
    }
}

impl Tally {
    #[allow(clippy::print_stdout)]
    fn print(&self, sequences: u64) {
        let asked: u64 = self.outcomes.values().sum();
        println!(
            "{sequences} sequences, {} steps, {asked} operations, no disagreement",
            self.steps
        );
        for ((operation, code), count) in &self.outcomes {
            println!("{count:>9}  {operation} {code}");
        }
    }

    /// Every operation was carried out at times, and refused at times.
    fn must_show_both_sides(&self, sequences: u64) {
        if sequences < SEQUENCES {
            return;
        }
        let never_refused = ["DescribeKey"];
        for (operation, _) in self.outcomes.keys() {
            let codes = self.outcomes.keys().filter(|(name, _)| name == operation);
            let (done, refused): (Vec<&str>, Vec<&str>) =
                codes.map(|(_, code)| *code).partition(|code| *code == "ok");
            assert!(!done.is_empty(), "{operation} was never carried out");
            assert!(
                !refused.is_empty() || never_refused.contains(operation),
                "{operation} was never refused"
            );
        }
    }
}
