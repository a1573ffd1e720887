//! Runs the steps of an operation, each written down before it is asked and after it is answered.

use ownkey_aws::Kms;
use ownkey_model::{
    AppError, BackupFile, Change, KeyArn, MaterialId, MaterialPlace, Operation, OperationId,
    OperationState, OperationStep, Registration, Result, StepOutcome, StepState,
};
use ownkey_store::{NewMaterial, StepEnd};
use tokio_util::sync::CancellationToken;

use super::{list::shown, steps};
use crate::{Context, read_key::read_key, refresh_key::aliases_of};

/// Told of every state of an operation that is worth showing.
pub(crate) type Report<'a> = &'a (dyn Fn(Operation) + Send + Sync);

/// How often a step is asked for in one run, when looking showed each time that it was not done.
const ATTEMPTS: u32 = 3;

/// What a step gave, to be written down together.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) outcome: Option<StepOutcome>,
    pub(super) request_id: Option<String>,
    pub(super) place: Option<(MaterialId, MaterialPlace)>,
    pub(super) backup: Option<(MaterialId, BackupFile)>,
    pub(super) removed_place: Option<(MaterialId, KeyArn)>,
}

impl Ended {
    pub(super) fn with(outcome: StepOutcome) -> Self {
        Self {
            outcome: Some(outcome),
            ..Self::default()
        }
    }

    fn as_end(&self) -> StepEnd<'_> {
        StepEnd {
            outcome: self.outcome.clone(),
            request_id: self.request_id.clone(),
            place: self.place.as_ref().map(|(id, place)| (id, place.clone())),
            backup: self.backup.as_ref().map(|(id, file)| (id, file.clone())),
            removed_place: self.removed_place.as_ref().map(|(id, key)| (id, key)),
        }
    }
}

/// One run over the steps of an operation.
pub(crate) struct Drive<'a> {
    pub(super) cx: &'a Context,
    pub(super) id: OperationId,
    pub(super) registration: Registration,
    pub(super) kms: Kms,
    report: Report<'a>,
    cancel: &'a CancellationToken,
}

/// Writes a new operation down, with its material, and runs it.
pub(crate) async fn open_and_run(
    cx: &Context,
    operation: Operation,
    material: Option<NewMaterial>,
    report: Report<'_>,
    cancel: &CancellationToken,
) -> Result<Operation> {
    let id = operation.id.clone();
    let _at_work = cx.in_hand.work_on(&id)?;
    // Who cannot sign in leaves nothing half done behind.
    let drive = Drive::begin(cx, &operation, report, cancel).await?;
    cx.blocking(move |cx| cx.store.open_operation(&operation, material.as_ref()))
        .await?;
    (cx.announce)(Change::Materials);
    drive.run().await
}

impl<'a> Drive<'a> {
    /// Signs in over the operation's registration, to the account that the operation is about.
    pub(super) async fn begin(
        cx: &'a Context,
        operation: &Operation,
        report: Report<'a>,
        cancel: &'a CancellationToken,
    ) -> Result<Self> {
        let id = operation.registration.clone();
        let registration = cx.blocking(move |cx| cx.store.registration(&id)).await?;
        let session = cx.sign_in_to(&registration).await?;
        registration.must_be(&operation.account, registration.partition)?;
        let caller = session.caller_identity().await?;
        registration.must_be(&caller.account, caller.partition)?;
        let kms = session.kms(&operation.account, &operation.region);
        Ok(Self {
            cx,
            id: operation.id.clone(),
            registration,
            kms,
            report,
            cancel,
        })
    }

    /// Runs what is left, until the end, a refusal, or a cancellation between two steps. The operation
    /// as it stands then is the answer; what stopped it stands in it.
    pub(super) async fn run(self) -> Result<Operation> {
        let stopped = self.run_steps().await;
        if let Err(error) = &stopped {
            tracing::warn!(operation = %self.id, %error, "an operation stopped");
        }
        self.bring_cache_up_to_date().await;
        let operation = self.tell().await?;
        match stopped {
            // The journal itself failed: what is shown may not be what is written.
            Err(error) if operation.error.is_none() => Err(error),
            _ => Ok(Operation {
                running: false,
                ..operation
            }),
        }
    }

    async fn run_steps(&self) -> Result<()> {
        loop {
            let operation = self.tell().await?;
            let undoing = operation.state == OperationState::Undoing;
            let next = operation.steps.iter().find(|one| {
                one.undo == undoing && !matches!(one.state, StepState::Done | StepState::Skipped)
            });
            let Some(step) = next.cloned() else {
                return self.close(undoing).await;
            };
            if self.cancel.is_cancelled() {
                return Ok(());
            }
            self.run_step(operation, step).await?;
        }
    }

    async fn run_step(&self, mut operation: Operation, step: OperationStep) -> Result<()> {
        let number = step.number;
        let mut asked_before = step.state == StepState::Asked;
        let mut attempt = 0;
        loop {
            if asked_before {
                match steps::look_up(self, &operation, number).await {
                    Ok(Some(ended)) => return self.end(number, ended).await,
                    Ok(None) => {}
                    Err(error) => return self.doubt(number, error).await,
                }
            }
            attempt += 1;
            self.write(move |cx, id| cx.store.begin_step(id, number, cx.clock.now()))
                .await?;
            operation = self.tell().await?;
            let error = match steps::perform(self, &operation, number).await {
                Ok(ended) => return self.end(number, ended).await,
                Err(error) => error,
            };
            if error.leaves_doubt() {
                if attempt >= ATTEMPTS {
                    return self.doubt(number, error).await;
                }
                // Perhaps only the answer was lost: looking tells, now or at the next start.
                asked_before = true;
                continue;
            }
            // A refusal may come from what was asked for being so already: by an earlier request, or by
            // somebody else. For a repeated request, as long as nobody sees it, nobody knows.
            let may_mean_done = steps::may_mean_done(&operation, number, &error);
            if asked_before || may_mean_done {
                match steps::look_up(self, &operation, number).await {
                    Ok(Some(ended)) => return self.end(number, ended).await,
                    Ok(None) if asked_before && may_mean_done => {
                        return self.doubt(number, error).await;
                    }
                    Err(unseen) if asked_before => return self.doubt(number, unseen).await,
                    Ok(None) | Err(_) => {}
                }
            }
            let refusal = error.clone();
            self.write(move |cx, id| cx.store.refuse_step(id, number, cx.clock.now(), &refusal))
                .await?;
            return Err(error);
        }
    }

    /// What stopped the operation stands in it, also when it is not known whether a step was done.
    async fn doubt(&self, number: u32, error: AppError) -> Result<()> {
        let doubt = error.clone();
        self.write(move |cx, id| cx.store.doubt_step(id, number, &doubt))
            .await?;
        Err(error)
    }

    pub(super) async fn end(&self, number: u32, ended: Ended) -> Result<()> {
        let makes_key = matches!(ended.outcome, Some(StepOutcome::KeyMade { .. }));
        let changes_material =
            ended.backup.is_some() || ended.place.is_some() || ended.removed_place.is_some();
        self.write(move |cx, id| {
            cx.store
                .end_step(id, number, cx.clock.now(), ended.as_end())
        })
        .await?;
        if changes_material {
            (self.cx.announce)(Change::Materials);
        }
        if makes_key {
            // It is in the list from now on, whatever happens to the operation.
            self.bring_cache_up_to_date().await;
        }
        Ok(())
    }

    async fn close(&self, undone: bool) -> Result<()> {
        let state = if undone {
            OperationState::Undone
        } else {
            OperationState::Finished
        };
        self.write(move |cx, id| cx.store.close_operation(id, state, cx.clock.now()))
            .await
    }

    async fn write(
        &self,
        work: impl FnOnce(&Context, &OperationId) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let id = self.id.clone();
        self.cx.blocking(move |cx| work(cx, &id)).await
    }

    /// The operation as the journal has it, told to whoever watches.
    pub(super) async fn tell(&self) -> Result<Operation> {
        let id = self.id.clone();
        let operation = self
            .cx
            .blocking(move |cx| cx.store.operation(&id).map(|one| shown(cx, one)))
            .await?;
        (self.report)(operation.clone());
        (self.cx.announce)(Change::Operations);
        Ok(operation)
    }

    /// The list shows the key at once. What cannot be read now, the next synchronisation reads.
    async fn bring_cache_up_to_date(&self) {
        let outcome = async {
            let id = self.id.clone();
            let operation = self.cx.blocking(move |cx| cx.store.operation(&id)).await?;
            let Some(arn) = operation.key else {
                return Ok(());
            };
            let Some(key) = read_key(&self.kms, arn.as_str()).await? else {
                return Ok(());
            };
            let aliases = aliases_of(&self.kms, &arn).await.ok();
            let (at, registration) = (self.cx.clock.now(), self.registration.id.clone());
            self.cx
                .blocking(move |cx| {
                    cx.store
                        .refresh_key(&registration, &key, aliases.as_deref(), at)
                })
                .await?;
            (self.cx.announce)(Change::Keys {
                registration: self.registration.id.clone(),
            });
            Ok::<(), AppError>(())
        };
        if let Err(error) = outcome.await {
            tracing::info!(operation = %self.id, %error, "the key will be shown after the next synchronisation");
        }
    }
}
