//! What a person is asked for while somebody waits.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use ownkey_material::Secret;
use ownkey_model::{AppError, Change, Field, Result, SignInRequest, SignInRequestId, Wanted};
use tokio::sync::{OwnedMutexGuard, oneshot};

/// Told when a request comes or goes.
pub(crate) type Announce = Arc<dyn Fn(Change) + Send + Sync>;

/// All open requests; cheap to clone.
#[derive(Clone)]
pub(crate) struct Requests {
    open: Arc<Mutex<Vec<Open>>>,
    turns: Arc<Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>>,
    count: Arc<AtomicU64>,
    announce: Announce,
}

struct Open {
    request: SignInRequest,
    /// Gone as soon as it was answered.
    waiter: oneshot::Sender<Answer>,
}

enum Answer {
    Code(Secret),
    Cancelled,
}

impl Requests {
    pub(crate) fn new(announce: Announce) -> Self {
        Self {
            open: Arc::default(),
            turns: Arc::default(),
            count: Arc::default(),
            announce,
        }
    }

    /// The open ones, the oldest first.
    pub(crate) fn list(&self) -> Vec<SignInRequest> {
        self.lock().iter().map(|one| one.request.clone()).collect()
    }

    /// Gives the code to whoever waits for it. One that is no code leaves the request open.
    pub(crate) fn answer(&self, id: &SignInRequestId, code: Secret) -> Result<()> {
        let well_formed = code.expose().len() == 6 && code.expose().iter().all(u8::is_ascii_digit);
        let open = {
            let mut all = self.lock();
            let index = all
                .iter()
                .position(|one| {
                    one.request.id == *id && matches!(one.request.wanted, Wanted::MfaCode { .. })
                })
                .ok_or_else(gone)?;
            if !well_formed {
                return Err(AppError::invalid(Field::MfaCode, "A code has 6 digits."));
            }
            all.remove(index)
        };
        let outcome = open.waiter.send(Answer::Code(code));
        (self.announce)(Change::SignIns);
        outcome.map_err(|_| gone())
    }

    /// Gives up on a request. That there is none is no error.
    pub(crate) fn cancel(&self, id: &SignInRequestId) {
        if let Some(open) = self.take(id) {
            // Whoever waited may have gone in the meantime.
            drop(open.waiter.send(Answer::Cancelled));
            (self.announce)(Change::SignIns);
        }
    }

    /// Whoever asks for codes of a device takes turns: a device shows one code at a time, and AWS
    /// takes each code once.
    pub(crate) async fn turn(&self, serial: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(turns.entry(serial.to_owned()).or_default())
        };
        turn.lock_owned().await
    }

    /// Asks for the code that a device shows. The request is gone with whoever waits.
    pub(crate) async fn mfa_code(
        &self,
        connection: &str,
        serial: &str,
        refused: Option<String>,
    ) -> Result<Secret> {
        let serial = serial.to_owned();
        let mut request = self.publish(connection, Wanted::MfaCode { serial, refused });
        match (&mut request.answer).await {
            Ok(Answer::Code(code)) => Ok(code),
            Ok(Answer::Cancelled) | Err(_) => Err(AppError::SignInCancelled),
        }
    }

    /// Shows something that ends by itself or is cancelled. It is gone with what is given back.
    pub(crate) fn publish(&self, connection: &str, wanted: Wanted) -> Published {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let id = SignInRequestId(format!("request-{number}"));
        let (waiter, answer) = oneshot::channel();
        let request = SignInRequest {
            id: id.clone(),
            connection: connection.to_owned(),
            wanted,
        };
        self.lock().push(Open { request, waiter });
        (self.announce)(Change::SignIns);
        Published {
            requests: self.clone(),
            id,
            answer,
        }
    }

    fn take(&self, id: &SignInRequestId) -> Option<Open> {
        let mut open = self.lock();
        let index = open.iter().position(|one| one.request.id == *id)?;
        Some(open.remove(index))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is shown.
pub(crate) struct Published {
    requests: Requests,
    id: SignInRequestId,
    answer: oneshot::Receiver<Answer>,
}

impl Published {
    /// Ends when a person gave up.
    pub(crate) async fn cancelled(&mut self) {
        // The sender goes only with an answer, which for these is always the same.
        drop((&mut self.answer).await);
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        if self.requests.take(&self.id).is_some() {
            (self.requests.announce)(Change::SignIns);
        }
    }
}

fn gone() -> AppError {
    AppError::NotFound {
        what: "sign-in request".into(),
    }
}
