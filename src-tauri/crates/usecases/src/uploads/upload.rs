//! Uploads material into a new key.

use ownkey_model::{
    AppError, KeySpec, MaterialChoice, MaterialOrigin, Operation, OperationId, OperationState,
    OperationStep, Plan, Registration, Result, Step, StepOutcome, StepState, Timestamp, Upload,
    UploadDraft, VaultState,
};
use ownkey_store::NewMaterial;
use tokio_util::sync::CancellationToken;

use super::{
    check::{registration, taken},
    plan::{Seen, differences, plan},
};
use crate::{
    Context,
    operations::{Report, open_and_run},
    sources::{backup_folder, choose, new_material, open_vault},
};

/// What an upload would do. Asks this computer and AWS, and changes nothing.
pub async fn plan_upload(cx: &Context, id: OperationId, draft: UploadDraft) -> Result<Plan> {
    let registration = registration(cx, &draft).await?;
    survey(cx, id, &draft, &registration)
        .await
        .map(|(plan, _)| plan)
}

/// Does what the plan shows. `PlanChanged` if that is no longer what would be done, `BackupsNotSetUp`
/// if there is no place for a backup: nothing was done then. From the first line in the journal on,
/// what stops the operation stands in the operation.
pub async fn apply_upload(
    cx: &Context,
    draft: UploadDraft,
    shown: Plan,
    report: Report<'_>,
    cancel: &CancellationToken,
) -> Result<Operation> {
    let registration = registration(cx, &draft).await?;
    let (now, upload) = survey(cx, shown.operation.clone(), &draft, &registration).await?;
    let differences = differences(&shown, &now);
    if !differences.is_empty() {
        return Err(AppError::PlanChanged { differences });
    }
    if now.needs_backup_settings {
        return Err(AppError::BackupsNotSetUp);
    }
    let made = prepare(cx, &draft, &upload, &registration).await?;
    let (material, new) = match made {
        Some((id, new)) => (Some(id), new),
        None => (None, None),
    };
    let operation = Operation {
        alias: upload.alias,
        material,
        ..opened(&now, &registration, cx.clock.now())
    };
    open_and_run(cx, operation, new, report, cancel).await
}

/// An operation as it is when it is opened: material is sealed in the same moment.
pub(super) fn opened(plan: &Plan, registration: &Registration, now: Timestamp) -> Operation {
    let steps = plan.steps.iter().zip(0..).map(|(planned, number)| {
        let sealed = matches!(planned.step, Step::SealMaterial { .. });
        OperationStep {
            number,
            step: planned.step.clone(),
            undo: false,
            state: if sealed {
                StepState::Done
            } else {
                StepState::Waiting
            },
            asked_at: sealed.then_some(now),
            ended_at: sealed.then_some(now),
            request_id: None,
            outcome: sealed.then_some(StepOutcome::Done),
            error: None,
        }
    });
    Operation {
        id: plan.operation.clone(),
        kind: plan.kind,
        registration: registration.id.clone(),
        account: plan.account.clone(),
        region: plan.region.clone(),
        alias: None,
        state: OperationState::Open,
        running: false,
        opened_at: now,
        closed_at: None,
        key: plan.key.clone(),
        material: None,
        before: plan.before.clone(),
        steps: steps.collect(),
        error: None,
        undo: None,
    }
}

/// The material of an operation: its name, and the sealed record if it is new to the store.
pub(super) type Prepared = (ownkey_model::MaterialId, Option<NewMaterial>);

/// Makes, reads or finds the material, and seals it. Nothing is written yet.
pub(super) async fn prepare_material(
    cx: &Context,
    choice: MaterialChoice,
    spec: KeySpec,
    registration: &Registration,
    name: Option<String>,
) -> Result<Option<Prepared>> {
    let partition = registration.partition;
    cx.blocking(move |cx| {
        let Some(chosen) = choose(cx, &choice, spec, partition)? else {
            return Ok(None);
        };
        if let Some(known) = chosen.known_as {
            return Ok(Some((known, None)));
        }
        let name = name.unwrap_or_else(|| match &chosen.origin {
            MaterialOrigin::File { name } | MaterialOrigin::Restored { name } => name.clone(),
            MaterialOrigin::Generated => format!("{spec} of {}", cx.clock.now()),
        });
        let new = new_material(cx, &chosen.material, chosen.origin, name)?;
        Ok(Some((new.record.label.id.clone(), Some(new))))
    })
    .await
}

async fn prepare(
    cx: &Context,
    draft: &UploadDraft,
    upload: &Upload,
    registration: &Registration,
) -> Result<Option<Prepared>> {
    let name = upload.alias.as_ref().map(|alias| {
        alias
            .as_str()
            .trim_start_matches("alias/")
            .chars()
            .take(100)
            .collect()
    });
    prepare_material(cx, draft.material.clone(), upload.spec, registration, name).await
}

async fn survey(
    cx: &Context,
    id: OperationId,
    draft: &UploadDraft,
    registration: &Registration,
) -> Result<(Plan, Upload)> {
    let upload = draft.parse(
        registration.partition,
        &registration.account,
        &registration.regions,
        cx.clock.now(),
    )?;
    let here = look_here(cx, draft.material.clone(), upload.spec, registration).await?;
    let session = cx.sign_in_to(registration).await?;
    let caller = session.caller_identity().await?;
    registration.must_be(&caller.account, caller.partition)?;
    let kms = session.kms(&registration.account, &upload.region);
    let alias_not_checked = match &upload.alias {
        None => None,
        Some(alias) => match kms.alias_target(alias).await {
            Ok(None) => None,
            Ok(Some(key)) => return Err(taken(alias, &key)),
            Err(error @ AppError::AccessDenied { .. }) => Some(error),
            Err(error) => return Err(error),
        },
    };
    let seen = Seen {
        alias_not_checked,
        ..here
    };
    Ok((plan(id, registration, &upload, &seen)?, upload))
}

/// What this computer says: whether the material can be had, sealed, and backed up.
pub(super) async fn look_here(
    cx: &Context,
    choice: MaterialChoice,
    spec: KeySpec,
    registration: &Registration,
) -> Result<Seen> {
    let (partition, sandbox) = (registration.partition, registration.is_sandbox());
    cx.blocking(move |cx| {
        let mut seen = Seen {
            choice: choice.clone(),
            file: None,
            known: false,
            used_in: vec![],
            backup_folder: None,
            alias_not_checked: None,
        };
        if choice == MaterialChoice::Later {
            return Ok(seen);
        }
        // A keychain that is missing or locked is told before anything is begun. One that keeps nothing of
        // OwnKey's yet shows it only when it is to keep something.
        if open_vault(cx)?.is_none()
            && let VaultState::Fails { error } = cx.keychain.probe()
        {
            return Err(error);
        }
        seen.backup_folder = match backup_folder(cx, sandbox) {
            Ok(folder) => Some(folder.display().to_string()),
            Err(AppError::BackupsNotSetUp) => None,
            Err(error) => return Err(error),
        };
        if choice == MaterialChoice::Generate {
            return Ok(seen);
        }
        let Some(chosen) = choose(cx, &choice, spec, partition)? else {
            return Ok(seen);
        };
        if let (MaterialChoice::File { .. }, MaterialOrigin::File { name }) =
            (&choice, &chosen.origin)
        {
            seen.file = Some(name.clone());
        }
        if let Some(known) = &chosen.known_as {
            seen.known = true;
            let now = cx.clock.now();
            let places = cx.store.material(known)?.places;
            seen.used_in = places
                .into_iter()
                .filter(|place| place.holds_at(now))
                .map(|place| place.key)
                .collect();
        }
        Ok(seen)
    })
    .await
}
