//! Each kind of step: how it is done, and how one sees that it was done.

use std::time::Duration;

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
};
use crate::{
    Context,
    sources::{back_up, is_backed_up, open_sealed, open_vault},
};

/// How long a key may take to become what AWS said it would be.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token that ran out between two requests is replaced, but not without end.
const TOKENS: u32 = 3;

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
        Step::BackUpMaterial { .. } => on.back_up().await,
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
            expiry,
        } => {
            on.import(&Import {
                spec: *spec,
                algorithm: wrapping_algorithm,
                key_spec: wrapping_key_spec,
                import_type: *import_type,
                expiry: *expiry,
            })
            .await
        }
        Step::AwaitEnabled => on.await_enabled().await,
        Step::VerifyMaterial { proof } => on.prove(*proof).await,
        Step::TagKey { tags } => on.answered(drive.kms.tag_key(on.key()?, tags).await),
        Step::CreateAlias { alias } => on.answered(drive.kms.create_alias(alias, on.key()?).await),
        Step::RemoveOperationTag => {
            on.answered(drive.kms.untag_key(on.key()?, &[OPERATION_TAG]).await)
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
/// doing it once.
pub(super) async fn look_up(
    drive: &Drive<'_>,
    operation: &Operation,
    number: u32,
) -> Result<Option<Ended>> {
    let on = On::of(drive, operation);
    let found = Ended::with(StepOutcome::FoundDone);
    Ok(match step(operation, number)? {
        Step::CreateKey { .. } => {
            let asked_at = operation.steps[number as usize].asked_at;
            let made = find_made_key(drive, operation, asked_at).await?;
            made.map(|key| Ended::with(StepOutcome::KeyMade { key, found: true }))
        }
        Step::ImportMaterial {
            spec,
            import_type,
            expiry,
            ..
        } => on.look_up_import(*spec, *import_type, *expiry).await?,
        Step::CreateAlias { alias } => {
            let target = drive.kms.alias_target(alias).await?;
            (target.as_ref() == Some(on.key()?)).then_some(found)
        }
        Step::ScheduleKeyDeletion { .. } => {
            let key = on.describe().await?;
            let scheduled = matches!(
                key.state,
                KeyState::PendingDeletion | KeyState::PendingReplicaDeletion
            );
            scheduled.then(|| on.deletion_scheduled(key.deletion_at, None))
        }
        _ => None,
    })
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

    async fn back_up(&self) -> Result<Ended> {
        let (id, sandbox) = (self.material_id()?.clone(), self.sandbox);
        let kept = id.clone();
        let backup = self
            .cx
            .blocking(move |cx| back_up(cx, &id, sandbox))
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
        let kms_material_id = self.require_backup(id).await?;
        // AWS names a material of a key that had it before; new material has no name yet.
        let named = match import.import_type {
            Some(ImportType::ExistingKeyMaterial) => kms_material_id.as_deref(),
            _ => None,
        };
        let mut tokens = 0;
        loop {
            tokens += 1;
            let parameters = self
                .kms
                .import_parameters(key, import.algorithm, import.key_spec)
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
                        import_type: import.import_type,
                        kms_material_id: named,
                    },
                )
                .await;
            let answer = match answer {
                Err(AppError::ImportTokenExpired { .. }) if tokens < TOKENS => continue,
                Err(AppError::OtherMaterial { found, .. }) if found.is_empty() => {
                    return Err(self.refused_by_aws(id).await);
                }
                answer => answer?,
            };
            return self.imported(import.expiry, answer.value, answer.request_id);
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

    /// AWS saw that these are other bytes than the key had.
    async fn refused_by_aws(&self, id: &MaterialId) -> AppError {
        let id = id.clone();
        match self.cx.blocking(move |cx| cx.store.material(&id)).await {
            Ok(stored) => AppError::OtherMaterial {
                expected: String::new(),
                found: stored.fingerprint,
            },
            Err(error) => error,
        }
    }

    /// Nothing is imported without a verified backup, whatever the steps before say. Answers with what
    /// AWS called the material when it had it for this key.
    async fn require_backup(&self, id: &MaterialId) -> Result<Option<String>> {
        let (id, sandbox, key) = (id.clone(), self.sandbox, self.key()?.clone());
        self.cx
            .blocking(move |cx| {
                let stored = cx.store.material(&id)?;
                if !is_backed_up(&stored, sandbox) {
                    return Err(AppError::BackupsNotSetUp);
                }
                let place = stored.places.into_iter().find(|one| one.key == key);
                Ok(place.and_then(|one| one.kms_material_id))
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

    async fn look_up_import(
        &self,
        spec: KeySpec,
        import_type: Option<ImportType>,
        expiry: Expiry,
    ) -> Result<Option<Ended>> {
        let key = self.describe().await?;
        let held_before = self
            .operation
            .before
            .as_ref()
            .is_some_and(|before| before.held_material);
        let waits = matches!(key.state, KeyState::PendingImport | KeyState::Creating);
        // A key that held the material all along shows the import by its expiry alone, and importing
        // the same bytes once more does no harm.
        let done = !waits && (!held_before || key.valid_to == expiry.at());
        if !done {
            return Ok(None);
        }
        let several = spec.has_several_materials() && import_type.is_some();
        let kms_material_id = if several {
            key.current_material_id
        } else {
            None
        };
        self.imported(expiry, kms_material_id, None).map(Some)
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
            }
        }
        Ok(())
    }

    /// Only an alias that names our key: what others made of the name in the meantime is theirs.
    async fn delete_alias(&self, alias: &AliasName) -> Result<Ended> {
        if self.kms.alias_target(alias).await?.as_ref() != Some(self.key()?) {
            return Ok(Ended::with(StepOutcome::FoundDone));
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

    async fn delete_material(&self) -> Result<Ended> {
        let (key, id) = (self.key()?, self.material_id()?.clone());
        let (known, of) = (id.clone(), key.clone());
        let named = self
            .cx
            .blocking(move |cx| {
                let places = cx.store.material(&known)?.places;
                let place = places.into_iter().find(|one| one.key == of);
                Ok(place.and_then(|one| one.kms_material_id))
            })
            .await?;
        let answer = self.kms.delete_material(key, named.as_deref()).await;
        let request_id = match answer {
            Ok(answer) => answer.request_id,
            // It waits already: that is what was wanted.
            Err(AppError::KeyNotReady { .. })
                if self.describe().await?.state == KeyState::PendingImport =>
            {
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Ended {
            outcome: Some(StepOutcome::Done),
            request_id,
            removed_place: Some((id, key.clone())),
            ..Ended::default()
        })
    }

    /// A key that this operation made may not be known everywhere at once.
    async fn describe(&self) -> Result<Key> {
        let arn = self.key()?;
        let give_up = Instant::now() + PATIENCE;
        loop {
            match self.kms.describe_key(arn.as_str()).await {
                Ok(Described::CustomerManaged(key)) => return Ok(*key),
                Ok(Described::ManagedByAws) => {
                    return Err(AppError::NotFound {
                        what: arn.to_string(),
                    });
                }
                Err(AppError::NotFound { .. })
                    if self.operation.before.is_none() && Instant::now() < give_up =>
                {
                    sleep(Duration::from_secs(1)).await;
                }
                Err(error) => return Err(error),
            }
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
