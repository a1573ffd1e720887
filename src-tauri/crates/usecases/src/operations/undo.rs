//! What undoing an operation does: a pure function of what the journal says.

use ownkey_model::{
    AppError, Expiry, ImportType, Operation, OperationKind, OperationState, Result, Step,
    StepOutcome, StepState, Timestamp, UndoOffer,
};

/// AWS's shortest waiting period.
const DAYS: u32 = 7;

/// What undoing would do; nothing for an operation that has ended.
pub(super) fn undo_offer(operation: &Operation, now: Timestamp) -> Option<UndoOffer> {
    if operation.state.is_closed() {
        return None;
    }
    let imported = was_asked(operation, |step| {
        matches!(step, Step::ImportMaterial { .. })
    });
    Some(match operation.kind {
        OperationKind::UploadKey => {
            if !was_asked(operation, |step| matches!(step, Step::CreateKey { .. })) {
                return Some(UndoOffer::Close);
            }
            UndoOffer::RemoveKey {
                key: operation.key.clone(),
                confirmation: imported.then(|| name_of(operation)),
            }
        }
        OperationKind::ImportMaterial if !imported => UndoOffer::Close,
        OperationKind::ImportMaterial => {
            let before = operation
                .before
                .as_ref()
                .map(|before| before.held(imported_id(operation).as_deref()));
            match (before, &operation.key) {
                (Some((true, Expiry::At(at))), _) if at <= now => UndoOffer::TooLate,
                (Some((true, expiry)), _) => UndoOffer::RestoreExpiry { expiry },
                (_, Some(key)) => UndoOffer::RemoveMaterial {
                    key: key.clone(),
                    confirmation: name_of(operation),
                },
                (_, None) => UndoOffer::Close,
            }
        }
    })
}

/// What AWS calls the material of an import: by its answer, else by what was sent.
pub(super) fn imported_id(operation: &Operation) -> Option<String> {
    operation
        .steps
        .iter()
        .find_map(|one| match (&one.outcome, &one.step) {
            (
                Some(StepOutcome::Imported {
                    kms_material_id: Some(id),
                }),
                _,
            ) => Some(id.clone()),
            (
                _,
                Step::ImportMaterial {
                    kms_material_id, ..
                },
            ) => kms_material_id.clone(),
            _ => None,
        })
}

/// The steps that undo, once it is known whether a key was made. What may have been done is undone as if
/// it had been: each of these steps does no harm where there is nothing to undo. Empty: closing is enough.
pub(super) fn undo_steps(operation: &Operation, now: Timestamp) -> Result<Vec<Step>> {
    let import = operation
        .steps
        .iter()
        .find(|one| !one.undo && matches!(one.step, Step::ImportMaterial { .. }))
        .map(|one| one.step.clone());
    let mut steps = Vec::new();
    match undo_offer(operation, now) {
        None => return Err(AppError::OperationClosed),
        Some(UndoOffer::Close) => {}
        Some(UndoOffer::TooLate) => {
            return Err(AppError::KeyNotReady {
                key: name_of(operation),
                state: "its former expiry has passed".into(),
            });
        }
        Some(UndoOffer::RemoveKey { key: None, .. }) => {}
        Some(UndoOffer::RemoveKey { key: Some(_), .. }) => {
            let alias = was_asked(operation, |step| matches!(step, Step::CreateAlias { .. }));
            if let (true, Some(alias)) = (alias, &operation.alias) {
                steps.push(Step::DeleteAlias {
                    alias: alias.clone(),
                });
            }
            steps.push(Step::ScheduleKeyDeletion { days: DAYS });
        }
        Some(UndoOffer::RemoveMaterial { .. }) => steps.push(Step::DeleteMaterial),
        Some(UndoOffer::RestoreExpiry { expiry: former }) => {
            if let Some(Step::ImportMaterial {
                spec,
                wrapping_algorithm,
                wrapping_key_spec,
                import_type,
                ..
            }) = import
            {
                steps.push(Step::ImportMaterial {
                    spec,
                    wrapping_algorithm,
                    wrapping_key_spec,
                    import_type: import_type.map(|_| ImportType::ExistingKeyMaterial),
                    kms_material_id: imported_id(operation),
                    expiry: former,
                });
            }
        }
    }
    Ok(steps)
}

/// What has to be typed before an operation is undone; nothing if a click is enough.
pub(super) fn confirmation(operation: &Operation, now: Timestamp) -> Option<String> {
    match undo_offer(operation, now) {
        Some(UndoOffer::RemoveKey { confirmation, .. }) => confirmation,
        Some(UndoOffer::RemoveMaterial { confirmation, .. }) => Some(confirmation),
        _ => None,
    }
    .filter(|_| operation.state == OperationState::Open)
}

/// What people know the key by.
pub(super) fn name_of(operation: &Operation) -> String {
    match (&operation.alias, &operation.key) {
        (Some(alias), _) => alias.to_string(),
        (None, Some(key)) => key.key_id().to_owned(),
        (None, None) => operation.id.to_string(),
    }
}

/// Whether AWS may have done a step: it was asked, and nothing says that it was not done.
fn was_asked(operation: &Operation, wanted: impl Fn(&Step) -> bool) -> bool {
    operation.steps.iter().any(|one| {
        !one.undo && matches!(one.state, StepState::Asked | StepState::Done) && wanted(&one.step)
    })
}
