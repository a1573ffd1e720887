//! Requests without sense, sent over a real socket: any answer will do, but no panic, no endless
//! answer, no silence; and afterwards honest requests are answered as before.
//!
//! `OWNKEY_FUZZ_REQUESTS` says how many.

mod asks;
mod values;
mod vocabulary;
mod wire;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::Request;
use tokio::runtime::{Builder, Runtime};

use self::asks::Asker;
use self::vocabulary::Vocabulary;
use self::wire::{Connection, Status, send_raw, written};
use super::dice::number;
use super::{Client, company};
use crate::serve::Listener;
use crate::sigv4::testing::signed;
use crate::{Options, Sandbox};

/// What an ordinary run of the tests takes the time for.
const REQUESTS: u64 = 8_000;
const SEED: u64 = 20_261_122;

/// So many requests may take rights and keys away before there is a new company.
const RESET_EVERY: u64 = 500;

/// The name of the threads on which the sandbox works.
const THREAD: &str = "fuzzed-sandbox";

/// What the sandbox's threads panicked with.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[test]
fn no_request_makes_it_panic() {
    watch_panics();
    let requests = number("OWNKEY_FUZZ_REQUESTS", REQUESTS);
    let seed = number("OWNKEY_SEED", SEED);
    let served = Served::new();
    let mut tally = Tally::default();
    served.framing(requests * 15 / 100, seed, &mut tally);
    served.signed(requests * 70 / 100, seed, &mut tally);
    served.control(requests * 5 / 100, seed, &mut tally);
    served.sign_in(requests * 10 / 100, seed, &mut tally);
    tally.print(&served.vocabulary);
    // Chance needs some tries.
    if requests >= REQUESTS {
        tally.must_show_both_sides(&served.vocabulary);
    }
}

/// A sandbox that listens.
struct Served {
    sandbox: Sandbox,
    address: SocketAddr,
    vocabulary: Vocabulary,
    _runtime: Runtime,
}

#[derive(Default)]
struct Tally {
    /// By kind of request and status; 0 is a connection that was ended instead.
    statuses: BTreeMap<(&'static str, Status), u64>,
    /// Operations that were carried out.
    done: BTreeMap<String, u64>,
    slowest: (Duration, String),
}

impl Served {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(THREAD)
            .enable_all()
            .build()
            .unwrap();
        let sandbox = company();
        let listener = runtime
            .block_on(Listener::bind(sandbox.clone(), 0))
            .unwrap();
        let address = listener.address().unwrap();
        runtime.spawn(listener.run(std::future::pending()));
        let scratch = company();
        let vocabulary = runtime.block_on(Vocabulary::learn(&Client::new(&scratch, "test")));
        Self {
            sandbox,
            address,
            vocabulary,
            _runtime: runtime,
        }
    }

    fn framing(&self, count: u64, seed: u64, tally: &mut Tally) {
        let mut asker = Asker::new(seed, &self.vocabulary);
        for _ in 0..count {
            let bytes = asker.framing();
            let begun = Instant::now();
            let status = send_raw(self.address, &bytes);
            tally.note("framing", status, begun, || {
                bytes.escape_ascii().to_string()
            });
        }
        self.must_be_well();
    }

    fn signed(&self, count: u64, seed: u64, tally: &mut Tally) {
        let left = AtomicU64::new(count);
        let ask = |seed: u64| {
            let mut tally = Tally::default();
            let mut asker = Asker::new(seed, &self.vocabulary);
            let mut connection = Connection::new(self.address);
            while let Ok(left) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            }) {
                if left % RESET_EVERY == 0 {
                    self.sandbox.reset();
                }
                let (operation, bytes) = asker.signed();
                let begun = Instant::now();
                let (status, body) = connection.exchange(&bytes);
                asker.hear(&body);
                tally.note("signed", status, begun, || operation.clone());
                assert!(
                    status != 500,
                    "{}: {}",
                    bytes.escape_ascii(),
                    body.escape_ascii()
                );
                if status == 200 {
                    *tally.done.entry(operation).or_default() += 1;
                }
            }
            tally
        };
        let tallies: Vec<Tally> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..2)
                .map(|turn| scope.spawn(move || ask(seed + 1 + turn)))
                .collect();
            asking
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        for part in tallies {
            tally.add(part);
        }
        let state = self.sandbox.state();
        assert!(
            Sandbox::resume(Options::default(), &state).is_ok(),
            "the state cannot be read back"
        );
        self.must_be_well();
    }

    fn control(&self, count: u64, seed: u64, tally: &mut Tally) {
        // The list of calls is one of the answers.
        self.sandbox.clear_calls();
        let mut asker = Asker::new(seed, &self.vocabulary);
        let mut connection = Connection::new(self.address);
        for _ in 0..count {
            let bytes = asker.control();
            let begun = Instant::now();
            let (status, body) = connection.exchange(&bytes);
            asker.hear(&body);
            tally.note("control", status, begun, || {
                bytes.escape_ascii().to_string()
            });
            if asker.dice.once_in(4) {
                // Under the faults that were asked for; a delay may be longer than anybody waits.
                self.sandbox.clear_faults();
            }
        }
        self.sandbox.reset();
        self.must_be_well();
    }

    fn sign_in(&self, count: u64, seed: u64, tally: &mut Tally) {
        let mut asker = Asker::new(seed, &self.vocabulary);
        let mut connection = Connection::new(self.address);
        for _ in 0..count {
            let bytes = asker.sign_in();
            let begun = Instant::now();
            let (status, body) = connection.exchange(&bytes);
            asker.hear(&body);
            tally.note("sign-in", status, begun, || {
                bytes.escape_ascii().to_string()
            });
        }
        self.must_be_well();
    }

    /// An honest request is answered, and nothing has panicked.
    fn must_be_well(&self) {
        let request = Request::post("/")
            .header("host", "localhost")
            .header("x-amz-target", "TrentService.ListKeys")
            .body("{}".into())
            .unwrap();
        let now = time::OffsetDateTime::now_utc();
        let request = signed(request, "987654321098", "test", "eu-west-1", "kms", now);
        let (status, body) = Connection::new(self.address).exchange(&written(&request));
        assert_eq!(status, 200, "{}", body.escape_ascii());
        let panics = PANICS.lock().unwrap();
        assert!(panics.is_empty(), "{}", panics.join("\n"));
    }
}

impl Tally {
    fn note(
        &mut self,
        kind: &'static str,
        status: Status,
        begun: Instant,
        what: impl FnOnce() -> String,
    ) {
        *self.statuses.entry((kind, status)).or_default() += 1;
        let took = begun.elapsed();
        if took > self.slowest.0 {
            let what: String = what().chars().take(200).collect();
            self.slowest = (took, format!("{kind} {what}"));
        }
    }

    fn add(&mut self, other: Self) {
        for (key, count) in other.statuses {
            *self.statuses.entry(key).or_default() += count;
        }
        for (operation, count) in other.done {
            *self.done.entry(operation).or_default() += count;
        }
        self.slowest = std::mem::take(&mut self.slowest).max(other.slowest);
    }

    #[allow(clippy::print_stdout)]
    fn print(&self, vocabulary: &Vocabulary) {
        let all: u64 = self.statuses.values().sum();
        println!(
            "{all} requests, no panic; the slowest took {:?}: {}",
            self.slowest.0, self.slowest.1
        );
        for ((kind, status), count) in &self.statuses {
            println!("{count:>9}  {kind} {status}");
        }
        let known = vocabulary.operations.len();
        println!(
            "{known} operations were asked, {} carried out",
            self.done.len()
        );
        for operation in &vocabulary.operations {
            let name = format!("{}:{}", operation.service, operation.name);
            if !self.done.contains_key(&name) {
                println!(
                    "           never carried out: {name} {:?}",
                    operation.members
                );
            }
        }
    }

    /// Requests of every kind reached what lies behind the first check.
    fn must_show_both_sides(&self, vocabulary: &Vocabulary) {
        for outcome in [
            ("framing", 400),
            ("signed", 200),
            ("signed", 400),
            ("control", 200),
            ("sign-in", 200),
            ("sign-in", 400),
        ] {
            let (kind, status) = outcome;
            assert!(
                self.statuses.contains_key(&outcome),
                "no {kind} request was answered {status}"
            );
        }
        let (done, known) = (self.done.len(), vocabulary.operations.len());
        assert!(
            done * 4 > known,
            "of {known} operations only {done} were carried out"
        );
    }
}

/// Panics of the sandbox's threads are written down; hyper and tokio would swallow them.
fn watch_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().name() == Some(THREAD)
            && let Ok(mut panics) = PANICS.lock()
        {
            panics.push(info.to_string());
        }
        before(info);
    }));
}
