//! Random bytes for everything the sandbox makes up: ids, secrets, key material.
//!
//! A seeded stream makes a sandbox repeatable. It is for the sandbox only: nothing that leaves
//! the simulation may be protected by bytes from here.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;
use aws_lc_rs::rand;
use serde::{Deserialize, Serialize};

/// A cheaply cloned source of bytes; clones of a seeded source share one stream.
#[derive(Clone)]
pub(crate) struct Random(Source);

#[derive(Clone)]
enum Source {
    Os,
    Seeded {
        seed: u64,
        key: Arc<hmac::Key>,
        counter: Arc<AtomicU64>,
    },
}

/// How far a seeded stream was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    seed: u64,
    turn: u64,
}

impl Random {
    /// The operating system's randomness.
    pub(crate) fn from_os() -> Self {
        Self(Source::Os)
    }

    /// A deterministic stream (HMAC-SHA-256 over a counter): the same seed and the same order of
    /// questions give the same bytes.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::resumed(Position { seed, turn: 0 })
    }

    /// The stream of [`Random::position`], read on from there.
    pub(crate) fn resumed(Position { seed, turn }: Position) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes());
        Self(Source::Seeded {
            seed,
            key: Arc::new(key),
            counter: Arc::new(AtomicU64::new(turn)),
        })
    }

    /// Where a seeded stream is now; `None` for the operating system's randomness.
    pub(crate) fn position(&self) -> Option<Position> {
        match &self.0 {
            Source::Os => None,
            Source::Seeded { seed, counter, .. } => Some(Position {
                seed: *seed,
                turn: counter.load(Ordering::Relaxed),
            }),
        }
    }

    /// Overwrites `out`.
    pub(crate) fn fill(&self, out: &mut [u8]) {
        match &self.0 {
            Source::Os => rand::fill(out).expect("the operating system gives random bytes"),
            Source::Seeded { key, counter, .. } => {
                for block in out.chunks_mut(32) {
                    let turn = counter.fetch_add(1, Ordering::Relaxed);
                    let tag = hmac::sign(key, &turn.to_be_bytes());
                    block.copy_from_slice(&tag.as_ref()[..block.len()]);
                }
            }
        }
    }

    /// `N` bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }

    /// A random (version 4) UUID in its usual text form.
    pub(crate) fn uuid(&self) -> String {
        uuid::Builder::from_random_bytes(self.bytes())
            .into_uuid()
            .to_string()
    }

    /// `length` characters of AWS's id alphabet (base 32: `A` to `Z`, `2` to `7`).
    pub(crate) fn id(&self, length: usize) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut raw = vec![0; length];
        self.fill(&mut raw);
        raw.iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_repeats_itself_and_another_seed_differs() {
        let first = Random::seeded(7);
        let again = Random::seeded(7);
        assert_eq!(first.bytes::<70>(), again.bytes::<70>());
        assert_ne!(first.bytes::<32>(), Random::seeded(8).bytes::<32>());
        assert_ne!(first.bytes::<32>(), first.bytes::<32>());
        assert_ne!(Random::from_os().uuid(), Random::from_os().uuid());
        let resumed = Random::resumed(first.position().unwrap());
        assert_eq!(first.bytes::<32>(), resumed.bytes::<32>());
    }
}
