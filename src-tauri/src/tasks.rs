//! Long work that can be cancelled.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

/// The long work under way, by the name that the window gave it.
#[derive(Default)]
pub(crate) struct Tasks {
    running: Mutex<HashMap<String, CancellationToken>>,
}

impl Tasks {
    /// Begins a task; it is forgotten when the guard is dropped.
    pub(crate) fn begin(&self, task: String) -> Running<'_> {
        let token = CancellationToken::new();
        self.lock().insert(task.clone(), token.clone());
        Running {
            tasks: self,
            task,
            token,
        }
    }

    /// Asks a task to stop. One that has ended already needs nothing.
    pub(crate) fn cancel(&self, task: &str) {
        if let Some(token) = self.lock().get(task) {
            token.cancel();
        }
    }

    /// Asks all of them to stop.
    pub(crate) fn cancel_all(&self) {
        for token in self.lock().values() {
            token.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task under way.
pub(crate) struct Running<'a> {
    tasks: &'a Tasks,
    task: String,
    pub(crate) token: CancellationToken,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.tasks.lock().remove(&self.task);
    }
}
