//! Each kind of step: how it is done, and how one sees that it was done.

use std::{future::Future, path::PathBuf, time::Duration};

use ownkey_aws::{Answered, Described, Kms, MaterialImport, NewKey};
use ownkey_material::{
    Material, WrapError, WrappingAlgorithm, WrappingKey, WrappingKeySpec, mac, make_challenge, wrap,
};
use ownkey_model::{
    AliasName, AppError, Expiry, ImportType, Key, KeyArn, KeySpec, KeyState, MaterialId,
    MaterialPlace, OPERATION_TAG, Operation, Proof, Result, Step, StepOutcome, Tag,
};
use tokio::time::{Instant, sleep};

use super::{
    engine::{Drive, Ended},
    find_made_key::find_made_key,
    undo::imported_id,
};
use crate::{
    Context,
    sources::{back_up, back_up_into, backup_at_hand, open_sealed, open_vault},
};

/// How long a key may take to become what AWS said it would be.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token that ran out between two requests is replaced, but not without end.
const TOKENS: u32 = 3;

/// Whether a refusal may mean that what was asked for is so already, whoever did it.
pub(super) fn may_mean_done(operation: &Operation, number: u32, refusal: &AppError) -> bool {
    match step(operation, number) {
        Ok(Step::CreateAlias { .. }) => matches!(refusal, AppError::AliasTaken { .. }),
        // New material where there is some by now.
        Ok(Step::ImportMaterial { .. }) => matches!(refusal, AppError::OtherMaterial { .. }),
        Ok(Step::ScheduleKeyDeletion { .. } | Step::DeleteMaterial) => matches!(
            refusal,
            AppError::KeyNotReady { .. } | AppError::NotFound { .. }
        ),
        _ => false,
    }
}

/// Does a step. What it needs besides itself stands in the operation.
pub(super) async fn perform(
    drive: &Drive<'_>,
    operation: &Operation,
    number: u32,
) -> Result<Ended> {
    let on = On::of(drive, operation);
    match step(operation, number)? {
        // Sealed in the same transaction that opened the operation: there is no way to get here.
        Step::SealMaterial { .. } => Ok(Ended::with(StepOutcome::Done)),
        Step::BackUpMaterial { folder } => on.back_up(folder).await,
        Step::CreateKey {
            spec,
            usage,
            description,
            multi_region,
            policy,
            ..
        } => {
            let tag = Tag {
                key: OPERATION_TAG.into(),
                value: operation.id.to_string(),
            };
            let made = drive
                .kms
                .create_key(&NewKey {
                    spec: *spec,
                    usage: *usage,
                    description,
                    multi_region: *multi_region,
                    policy: policy.text.as_deref(),
                    bypass_lockout_check: policy.bypass_lockout_check,
                    tags: &[tag],
                })
                .await?;
            Ok(Ended {
                outcome: Some(StepOutcome::KeyMade {
                    key: made.value,
                    found: false,
                }),
                request_id: made.request_id,
                ..Ended::default()
            })
        }
        Step::ImportMaterial {
            spec,
            wrapping_algorithm,
            wrapping_key_spec,
            import_type,
            kms_material_id,
            expiry,
        } => {
            if is_undo(operation, number)
                && expiry.at().is_some_and(|at| at <= drive.cx.clock.now())
            {
                // What is to be restored has passed in the meantime.
                return Ok(Ended::with(StepOutcome::NotNeeded));
            }
            on.import(&Import {
                spec: *spec,
                algorithm: wrapping_algorithm,
                key_spec: wrapping_key_spec,
                import_type: *import_type,
                kms_material_id: kms_material_id.as_deref(),
                expiry: *expiry,
            })
            .await
        }
        Step::AwaitEnabled => on.await_enabled().await,
        Step::VerifyMaterial { proof } => on.prove(*proof).await,
        Step::TagKey { tags } => {
            let key = on.key()?;
            on.answered(on.once_known(|| drive.kms.tag_key(key, tags)).await)
        }
        Step::CreateAlias { alias } => {
            let key = on.key()?;
            on.answered(on.once_known(|| drive.kms.create_alias(alias, key)).await)
        }
        Step::RemoveOperationTag => {
            let key = on.key()?;
            on.answered(
                on.once_known(|| drive.kms.untag_key(key, &[OPERATION_TAG]))
                    .await,
            )
        }
        Step::DeleteAlias { alias } => on.delete_alias(alias).await,
        Step::ScheduleKeyDeletion { days } => {
            let answer = drive.kms.schedule_key_deletion(on.key()?, *days).await?;
            Ok(on.deletion_scheduled(answer.value, answer.request_id))
        }
        Step::DeleteMaterial => on.delete_material().await,
    }
}

/// Whether a step that was asked was done; nothing if it was not, or if doing it twice is the same as
/// doing it once: AWS takes the same material again and again, and no other.
pub(super) async fn look_up(
    drive: &Drive<'_>,
    operation: &Operation,
    number: u32,
) -> Result<Option<Ended>> {
    let on = On::of(drive, operation);
    let found = Ended::with(StepOutcome::FoundDone);
    Ok(match step(operation, number)? {
        Step::CreateKey { .. } => {
            let made = find_made_key(drive, operation).await?;
            made.map(|key| Ended::with(StepOutcome::KeyMade { key, found: true }))
        }
        Step::ImportMaterial { expiry, .. } => on.look_up_import(*expiry).await?,
        Step::CreateAlias { alias } => {
            let target = drive.kms.alias_target(alias).await?;
            (target.as_ref() == Some(on.key()?)).then_some(found)
        }
        Step::ScheduleKeyDeletion { .. } => match on.describe_now().await? {
            Some(key) if is_being_deleted(&key) => {
                Some(on.deletion_scheduled(key.deletion_at, None))
            }
            Some(_) => None,
            // Gone already: that is what was wanted.
            None => Some(on.deletion_scheduled(None, None)),
        },
        Step::DeleteMaterial => match on.describe_now().await? {
            Some(key) if key.state != KeyState::PendingImport && !is_being_deleted(&key) => None,
            _ => Some(Ended {
                removed_place: Some((on.material_id()?.clone(), on.key()?.clone())),
                ..found
            }),
        },
        _ => None,
    })
}

fn is_undo(operation: &Operation, number: u32) -> bool {
    operation
        .steps
        .iter()
        .any(|one| one.number == number && one.undo)
}

fn is_being_deleted(key: &Key) -> bool {
    matches!(
        key.state,
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
    )
}

fn step(operation: &Operation, number: u32) -> Result<&Step> {
    operation
        .steps
        .iter()
        .find(|one| one.number == number)
        .map(|one| &one.step)
        .ok_or_else(|| AppError::NotFound {
            what: format!("step {number} of operation {}", operation.id),
        })
}

/// What a step works on.
struct On<'a> {
    cx: &'a Context,
    kms: &'a Kms,
    operation: &'a Operation,
    sandbox: bool,
}

/// One import, as its step describes it.
struct Import<'a> {
    spec: KeySpec,
    algorithm: &'a str,
    key_spec: &'a str,
    import_type: Option<ImportType>,
    kms_material_id: Option<&'a str>,
    expiry: Expiry,
}

impl<'a> On<'a> {
    fn of(drive: &'a Drive<'_>, operation: &'a Operation) -> Self {
        Self {
            cx: drive.cx,
            kms: &drive.kms,
            operation,
            sandbox: drive.registration.is_sandbox(),
        }
    }

    fn key(&self) -> Result<&'a KeyArn> {
        self.operation
            .key
            .as_ref()
            .ok_or_else(|| AppError::NotFound {
                what: format!("the key of operation {}", self.operation.id),
            })
    }

    fn material_id(&self) -> Result<&'a MaterialId> {
        self.operation
            .material
            .as_ref()
            .ok_or_else(|| AppError::NotFound {
                what: format!("the material of operation {}", self.operation.id),
            })
    }

    fn answered(&self, answer: Result<Answered<()>>) -> Result<Ended> {
        Ok(Ended {
            outcome: Some(StepOutcome::Done),
            request_id: answer?.request_id,
            ..Ended::default()
        })
    }

    /// Into the folder that the plan showed.
    async fn back_up(&self, folder: &str) -> Result<Ended> {
        let (id, sandbox) = (self.material_id()?.clone(), self.sandbox);
        let (kept, folder) = (id.clone(), PathBuf::from(folder));
        let backup = self
            .cx
            .blocking(move |cx| back_up_into(cx, &id, sandbox, &folder))
            .await?;
        Ok(Ended {
            outcome: Some(StepOutcome::BackedUp {
                path: backup.path.clone(),
            }),
            backup: Some((kept, backup)),
            ..Ended::default()
        })
    }

    /// Fresh parameters each time: asking for them changes nothing, and a token is not worth keeping.
    async fn import(&self, import: &Import<'_>) -> Result<Ended> {
        let (key, id) = (self.key()?, self.material_id()?);
        self.require_backup(id).await?;
        let import_type = self.import_type(import.import_type).await?;
        let mut tokens = 0;
        loop {
            tokens += 1;
            let parameters = self
                .once_known(|| {
                    self.kms
                        .import_parameters(key, import.algorithm, import.key_spec)
                })
                .await?
                .value;
            let blob = self.wrap(id, import, parameters.public_key).await?;
            let answer = self
                .kms
                .import_material(
                    key,
                    &MaterialImport {
                        blob: &blob,
                        token: &parameters.token,
                        expiry: import.expiry,
                        import_type,
                        kms_material_id: import.kms_material_id,
                    },
                )
                .await;
            let answer = match answer {
                Err(AppError::ImportTokenExpired { .. }) if tokens < TOKENS => continue,
                answer => answer?,
            };
            return self.imported(import.expiry, answer.value, answer.request_id);
        }
    }

    /// As planned, unless the key that was to get its first material holds some already: by an import
    /// whose answer was lost, or by somebody else's. AWS takes the same bytes once more and refuses
    /// others, so asking for a re-import tells which.
    async fn import_type(&self, planned: Option<ImportType>) -> Result<Option<ImportType>> {
        let is_first =
            self.operation.before.is_none() || planned == Some(ImportType::NewKeyMaterial);
        if !is_first {
            return Ok(planned);
        }
        let key = self.describe().await?;
        match key.state {
            KeyState::PendingImport | KeyState::Creating => Ok(planned),
            KeyState::Enabled => Ok(planned.map(|_| ImportType::ExistingKeyMaterial)),
            _ => Err(not_ready(&key)),
        }
    }

    /// Asks again for a while as long as AWS does not know the key, if this operation made it: what was
    /// just made is not known everywhere at once.
    async fn once_known<T, F: Future<Output = Result<T>>>(&self, ask: impl Fn() -> F) -> Result<T> {
        let give_up = Instant::now() + PATIENCE;
        loop {
            match ask().await {
                Err(AppError::NotFound { .. })
                    if self.operation.before.is_none() && Instant::now() < give_up =>
                {
                    sleep(Duration::from_secs(1)).await;
                }
                answer => return answer,
            }
        }
    }

    fn imported(
        &self,
        expiry: Expiry,
        kms_material_id: Option<String>,
        request_id: Option<String>,
    ) -> Result<Ended> {
        let place = MaterialPlace {
            key: self.key()?.clone(),
            kms_material_id: kms_material_id.clone(),
            imported_at: self.cx.clock.now(),
            valid_to: expiry.at(),
            removed_at: None,
        };
        Ok(Ended {
            outcome: Some(StepOutcome::Imported { kms_material_id }),
            request_id,
            place: Some((self.material_id()?.clone(), place)),
            ..Ended::default()
        })
    }

    /// Nothing is imported without a verified backup, whatever the steps before say: one whose file is
    /// no longer there is written anew.
    async fn require_backup(&self, id: &MaterialId) -> Result<()> {
        let (id, sandbox) = (id.clone(), self.sandbox);
        self.cx
            .blocking(move |cx| {
                let stored = cx.store.material(&id)?;
                if backup_at_hand(&stored, sandbox) {
                    return Ok(());
                }
                let backup = back_up(cx, &id, sandbox)?;
                cx.store.record_backup(&id, &backup)
            })
            .await
    }

    async fn wrap(
        &self,
        id: &MaterialId,
        import: &Import<'_>,
        public_key: Vec<u8>,
    ) -> Result<Vec<u8>> {
        let (id, spec) = (id.clone(), import.spec);
        let unknown = |word: &str| AppError::NotFound {
            what: format!("wrapping by {word}"),
        };
        let algorithm =
            WrappingAlgorithm::parse(import.algorithm).ok_or_else(|| unknown(import.algorithm))?;
        let key_spec =
            WrappingKeySpec::parse(import.key_spec).ok_or_else(|| unknown(import.key_spec))?;
        self.cx
            .blocking(move |cx| {
                let failed = |error: WrapError| cx.unexpected("wrap", &error);
                let material = sealed(cx, &id)?;
                if material.spec() != spec {
                    return Err(AppError::MaterialUnreadable {
                        material: id.to_string(),
                    });
                }
                let key = WrappingKey::parse(public_key, key_spec).map_err(failed)?;
                wrap(&material, &key, algorithm).map_err(failed)
            })
            .await
    }

    /// Only an expiry that the key did not have before shows whose import it was. Otherwise it is asked
    /// for once more: AWS takes the same bytes again, and no other.
    async fn look_up_import(&self, expiry: Expiry) -> Result<Option<Ended>> {
        let before = self.operation.before.as_ref();
        let is_new = before.is_none_or(|before| before.expiry != expiry);
        let only_one = before.is_none_or(|before| before.materials.len() <= 1);
        if expiry == Expiry::Never || !is_new || !only_one {
            return Ok(None);
        }
        match self.describe_now().await? {
            Some(key) if key.state == KeyState::Enabled && key.valid_to == expiry.at() => self
                .imported(expiry, key.current_material_id, None)
                .map(Some),
            _ => Ok(None),
        }
    }

    async fn await_enabled(&self) -> Result<Ended> {
        let give_up = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(200);
        loop {
            let key = self.describe().await?;
            if key.state == KeyState::Enabled {
                return Ok(Ended::with(StepOutcome::Done));
            }
            if Instant::now() + pause > give_up {
                return Err(not_ready(&key));
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    async fn prove(&self, proof: Proof) -> Result<Ended> {
        let outcome = match self.ask_for_proof(proof).await {
            Ok(()) => StepOutcome::Proved { proof },
            Err(error @ AppError::AccessDenied { .. }) => StepOutcome::NotProved { error },
            Err(error) => return Err(error),
        };
        Ok(Ended::with(outcome))
    }

    async fn ask_for_proof(&self, proof: Proof) -> Result<()> {
        let (key, id) = (self.key()?, self.material_id()?.clone());
        let mismatch = || AppError::MaterialMismatch {
            key: key.to_string(),
        };
        match proof {
            Proof::PublicKey => {
                let ours = self
                    .cx
                    .blocking(move |cx| Ok(sealed(cx, &id)?.public_key_der().map(<[u8]>::to_vec)))
                    .await?;
                let theirs = self.kms.public_key(key).await?;
                if ours.as_deref() != Some(theirs.as_slice()) {
                    return Err(mismatch());
                }
            }
            Proof::Mac => {
                let (challenge, ours, algorithm) = self
                    .cx
                    .blocking(move |cx| {
                        let challenge = make_challenge()
                            .map_err(|failure| cx.unexpected("challenge", &failure))?;
                        let (ours, algorithm) = mac(&sealed(cx, &id)?, &challenge).ok_or(
                            AppError::MaterialUnreadable {
                                material: id.to_string(),
                            },
                        )?;
                        Ok((challenge, ours, algorithm))
                    })
                    .await?;
                let theirs = self.kms.generate_mac(key, &challenge, algorithm).await?;
                if ours != theirs {
                    return Err(mismatch());
                }
            }
            Proof::State => {
                let key = self.describe().await?;
                if key.state != KeyState::Enabled {
                    return Err(not_ready(&key));
                }
                // What AWS called the material that it took is what the key uses now.
                let of_new_key = self.operation.before.is_none();
                if let (true, Some(imported), Some(current)) = (
                    of_new_key,
                    imported_id(self.operation),
                    &key.current_material_id,
                ) && imported != *current
                {
                    return Err(mismatch());
                }
            }
        }
        Ok(())
    }

    /// Only an alias that names our key: what others made of the name in the meantime is theirs.
    async fn delete_alias(&self, alias: &AliasName) -> Result<Ended> {
        if self.kms.alias_target(alias).await?.as_ref() != Some(self.key()?) {
            return Ok(Ended::with(StepOutcome::NotNeeded));
        }
        self.answered(self.kms.delete_alias(alias).await)
    }

    fn deletion_scheduled(
        &self,
        at: Option<ownkey_model::Timestamp>,
        request_id: Option<String>,
    ) -> Ended {
        let material = self.operation.material.clone();
        Ended {
            outcome: Some(StepOutcome::DeletionScheduled { at }),
            request_id,
            removed_place: material.zip(self.operation.key.clone()),
            ..Ended::default()
        }
    }

    /// Only the material that this operation imported: without a name AWS would delete the current one,
    /// which may be another.
    async fn delete_material(&self) -> Result<Ended> {
        let (key, id) = (self.key()?, self.material_id()?.clone());
        let several = self
            .operation
            .before
            .as_ref()
            .is_some_and(|before| before.materials.len() > 1);
        let named = match imported_id(self.operation) {
            None if several => Some(self.imported_since().await?),
            named => named,
        };
        let answer = self.kms.delete_material(key, named.as_deref()).await?;
        Ok(Ended {
            outcome: Some(StepOutcome::Done),
            request_id: answer.request_id,
            removed_place: Some((id, key.clone())),
            ..Ended::default()
        })
    }

    /// AWS's name of the one material that it holds now and did not before.
    async fn imported_since(&self) -> Result<String> {
        let key = self.key()?;
        let now = self.kms.materials(key.as_str()).await?;
        let held = |id: &str| {
            let before = self.operation.before.as_ref();
            before.is_some_and(|before| before.held(Some(id)).0)
        };
        let mut new = now
            .into_iter()
            .filter(|one| one.imported)
            .filter_map(|one| one.id)
            .filter(|id| !held(id));
        match (new.next(), new.next()) {
            (Some(id), None) => Ok(id),
            _ => Err(AppError::NotFound {
                what: format!("AWS's name of the material that was imported into {key}"),
            }),
        }
    }

    async fn describe(&self) -> Result<Key> {
        let arn = self.key()?;
        match self
            .once_known(|| self.kms.describe_key(arn.as_str()))
            .await?
        {
            Described::CustomerManaged(key) => Ok(*key),
            Described::ManagedByAws => Err(AppError::NotFound {
                what: arn.to_string(),
            }),
        }
    }

    /// The key as it is now; nothing if AWS does not know it.
    async fn describe_now(&self) -> Result<Option<Key>> {
        match self.kms.describe_key(self.key()?.as_str()).await {
            Ok(Described::CustomerManaged(key)) => Ok(Some(*key)),
            Ok(Described::ManagedByAws) | Err(AppError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn sealed(cx: &Context, id: &MaterialId) -> Result<Material> {
    let master = open_vault(cx)?.ok_or(AppError::MasterKeyMissing)?;
    open_sealed(cx, &master, id)
}

fn not_ready(key: &Key) -> AppError {
    AppError::KeyNotReady {
        key: key.arn.to_string(),
        state: key.state.as_str().to_owned(),
    }
}
