//! RSA wrapping keys: real ones, made ahead on a thread of its own.
//!
//! An RSA-4096 pair takes seconds of processor time. The pool is one for the process, since a key
//! belongs to nothing until it is handed out, and is handed out once.

use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};

use super::refusals::internal;
use crate::api::ApiError;

/// The size of a wrapping key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrappingKeySpec {
    Rsa2048,
    Rsa3072,
    Rsa4096,
}

impl WrappingKeySpec {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "RSA_2048" => Some(Self::Rsa2048),
            "RSA_3072" => Some(Self::Rsa3072),
            "RSA_4096" => Some(Self::Rsa4096),
            _ => None,
        }
    }

    fn size(self) -> KeySize {
        match self {
            Self::Rsa2048 => KeySize::Rsa2048,
            Self::Rsa3072 => KeySize::Rsa3072,
            Self::Rsa4096 => KeySize::Rsa4096,
        }
    }

    /// How many lie ready. AWS's own quota is one `GetParametersForImport` a second.
    fn stock(self) -> usize {
        match self {
            Self::Rsa2048 | Self::Rsa3072 => 1,
            Self::Rsa4096 => 3,
        }
    }
}

/// A wrapping key nobody else has: from stock, or made now on a blocking thread.
pub(super) async fn take(spec: WrappingKeySpec) -> Result<PrivateDecryptingKey, ApiError> {
    #[cfg(test)]
    if let Some(key) = LAID_READY.take() {
        return Ok(key);
    }
    if let Some(key) = pool().pop(spec) {
        return Ok(key);
    }
    tokio::task::spawn_blocking(move || PrivateDecryptingKey::generate(spec.size()))
        .await
        .map_err(|_| internal("The wrapping key was not made"))?
        .map_err(|_| internal("The wrapping key was not made"))
}

/// Starts filling the pool, when it becomes likely that someone will import.
pub(super) fn prepare() {
    pool();
}

#[cfg(test)]
thread_local! {
    static LAID_READY: std::cell::Cell<Option<PrivateDecryptingKey>> = const { std::cell::Cell::new(None) };
}

/// Makes this key the next one that is taken on this thread, for tests that need more keys than can
/// be made.
#[cfg(test)]
pub(super) fn lay_ready(key: PrivateDecryptingKey) {
    LAID_READY.set(Some(key));
}

struct Pool {
    shelf: Mutex<Vec<(WrappingKeySpec, PrivateDecryptingKey)>>,
    taken: Condvar,
}

impl Pool {
    fn pop(&self, spec: WrappingKeySpec) -> Option<PrivateDecryptingKey> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let place = shelf.iter().position(|(kind, _)| *kind == spec)?;
        let (_, key) = shelf.swap_remove(place);
        self.taken.notify_one();
        Some(key)
    }

    /// Fills the shelf for ever; ends with the process.
    fn fill(&self) {
        loop {
            let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
            let wanted = loop {
                match wanted(&shelf) {
                    Some(spec) => break spec,
                    None => {
                        shelf = self
                            .taken
                            .wait(shelf)
                            .unwrap_or_else(PoisonError::into_inner);
                    }
                }
            };
            drop(shelf);
            let Ok(key) = PrivateDecryptingKey::generate(wanted.size()) else {
                return;
            };
            self.shelf
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((wanted, key));
        }
    }
}

/// What is missing, the usual size first.
fn wanted(shelf: &[(WrappingKeySpec, PrivateDecryptingKey)]) -> Option<WrappingKeySpec> {
    let count = |spec| shelf.iter().filter(|(kind, _)| *kind == spec).count();
    [
        WrappingKeySpec::Rsa4096,
        WrappingKeySpec::Rsa2048,
        WrappingKeySpec::Rsa3072,
    ]
    .into_iter()
    .find(|spec| count(*spec) < spec.stock())
}

fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    static FILLER: OnceLock<()> = OnceLock::new();
    let pool = POOL.get_or_init(|| Pool {
        shelf: Mutex::default(),
        taken: Condvar::new(),
    });
    FILLER.get_or_init(|| {
        // Without the thread, every key is made when asked for: slower, not wrong.
        if let Err(error) = std::thread::Builder::new()
            .name("wrapping-keys".to_owned())
            .spawn(|| pool.fill())
        {
            tracing::warn!(%error, "wrapping keys are not made ahead");
        }
    });
    pool
}
