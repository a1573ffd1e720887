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
use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};

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
    /// Takes what a person answers; gone with the request, which is how whoever waits learns that it
    /// was given up.
    waiter: mpsc::UnboundedSender<Answer>,
}

/// A code, and where to say why AWS does not take it; nothing is said if AWS does.
struct Answer {
    code: Secret,
    refused: oneshot::Sender<String>,
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

    /// Gives the code to whoever waits for it, and ends when AWS has judged it. One that is no code,
    /// or that AWS refuses, is `InvalidInput` and leaves the request open.
    pub(crate) async fn answer(&self, id: &SignInRequestId, code: Secret) -> Result<()> {
        let well_formed = code.expose().len() == 6 && code.expose().iter().all(u8::is_ascii_digit);
        let waiter = {
            let all = self.lock();
            let open = all.iter().find(|one| {
                one.request.id == *id && matches!(one.request.wanted, Wanted::MfaCode { .. })
            });
            open.ok_or_else(gone)?.waiter.clone()
        };
        if !well_formed {
            return Err(AppError::invalid(Field::MfaCode, "A code has 6 digits."));
        }
        let (refused, verdict) = oneshot::channel();
        waiter.send(Answer { code, refused }).map_err(|_| gone())?;
        drop(waiter);
        match verdict.await {
            Ok(reason) => Err(AppError::invalid(Field::MfaCode, reason)),
            Err(_) => Ok(()),
        }
    }

    /// Gives up on a request. That there is none is no error.
    pub(crate) fn cancel(&self, id: &SignInRequestId) {
        if self.take(id).is_some() {
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

    /// Shows something that ends by itself or is cancelled. It is gone with what is given back.
    pub(crate) fn publish(&self, connection: &str, wanted: Wanted) -> Published {
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let id = SignInRequestId(format!("request-{number}"));
        let (waiter, answers) = mpsc::unbounded_channel();
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
            answers,
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
    answers: mpsc::UnboundedReceiver<Answer>,
}

impl Published {
    /// The next code that a person gives, and where to say why it is refused. `SignInCancelled`.
    pub(crate) async fn code(&mut self) -> Result<(Secret, oneshot::Sender<String>)> {
        let answer = self.answers.recv().await.ok_or(AppError::SignInCancelled)?;
        Ok((answer.code, answer.refused))
    }

    /// Ends when a person gave up. A code that is given while another is judged is not heard.
    pub(crate) async fn cancelled(&mut self) {
        while self.answers.recv().await.is_some() {}
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
