//! Plans: pure functions from what was asked for and what was seen to a list of steps.

use ownkey_material::{WrappingKeySpec, choose_algorithm};
use ownkey_model::{
    AppError, Expiry, Field, ImportType, KeyArn, KeySpec, MaterialChoice, OperationId,
    OperationKind, Partition, Plan, PlanNote, PlannedStep, Proof, Registration, Result, Step,
    Upload,
};

use super::shell_commands::ShellCommands;

/// What the computer and AWS were asked before an upload is planned.
pub(super) struct Seen {
    /// Where the material comes from.
    pub(super) choice: MaterialChoice,
    /// The name of the file it was read from.
    pub(super) file: Option<String>,
    /// Whether it is in the store already.
    pub(super) known: bool,
    /// The other keys that hold the same bytes.
    pub(super) used_in: Vec<KeyArn>,
    /// Where its backup goes; absent if backups are not set up.
    pub(super) backup_folder: Option<String>,
    /// Why the alias could not be looked up.
    pub(super) alias_not_checked: Option<AppError>,
}

/// The way a material is wrapped and imported.
pub(super) struct ImportWay {
    pub(super) spec: KeySpec,
    pub(super) partition: Partition,
    pub(super) import_type: Option<ImportType>,
    pub(super) kms_material_id: Option<String>,
    pub(super) expiry: Expiry,
}

/// What an upload does.
pub(super) fn plan(
    operation: OperationId,
    registration: &Registration,
    upload: &Upload,
    seen: &Seen,
) -> Result<Plan> {
    let waits = seen.choice == MaterialChoice::Later;
    let mut steps = Vec::new();
    if !waits {
        steps.push(Step::SealMaterial {
            spec: upload.spec,
            known: seen.known,
        });
        steps.push(Step::BackUpMaterial {
            folder: seen.backup_folder.clone().unwrap_or_default(),
        });
    }
    steps.push(Step::CreateKey {
        region: upload.region.clone(),
        spec: upload.spec,
        usage: upload.usage,
        description: upload.description.clone(),
        multi_region: upload.multi_region,
        policy: upload.policy.clone(),
    });
    if !waits {
        let new = upload
            .spec
            .has_several_materials()
            .then_some(ImportType::NewKeyMaterial);
        steps.extend(import_steps(&ImportWay {
            spec: upload.spec,
            partition: registration.partition,
            import_type: new,
            kms_material_id: None,
            expiry: upload.expiry,
        })?);
    }
    if !upload.tags.is_empty() {
        steps.push(Step::TagKey {
            tags: upload.tags.clone(),
        });
    }
    if let Some(alias) = &upload.alias {
        steps.push(Step::CreateAlias {
            alias: alias.clone(),
        });
    }
    steps.push(Step::RemoveOperationTag);
    let mut notes = material_notes(seen, upload.expiry);
    notes.push(PlanNote::MultiRegionIsForGood {
        multi_region: upload.multi_region,
    });
    if upload.policy.bypass_lockout_check {
        notes.push(PlanNote::LockoutCheckBypassed);
    }
    if waits {
        notes.push(PlanNote::Waits);
    }
    if let Some(error) = &seen.alias_not_checked {
        notes.push(PlanNote::AliasNotChecked {
            error: error.clone(),
        });
    }
    Ok(finish(
        Plan {
            operation,
            kind: OperationKind::UploadKey,
            account: registration.account.clone(),
            region: upload.region.clone(),
            key: None,
            before: None,
            steps: vec![],
            notes,
            requests: 0,
            seconds: 0,
            needs_backup_settings: !waits && seen.backup_folder.is_none(),
        },
        steps,
        registration,
    ))
}

/// The steps by which material comes into a key that is there.
pub(super) fn import_steps(way: &ImportWay) -> Result<Vec<Step>> {
    let algorithm = choose_algorithm(way.spec, way.partition).map_err(|_| {
        AppError::invalid(
            Field::KeySpec,
            format!("AWS takes no {} material in this partition.", way.spec),
        )
    })?;
    Ok(vec![
        Step::ImportMaterial {
            spec: way.spec,
            wrapping_algorithm: algorithm.as_str().to_owned(),
            wrapping_key_spec: WrappingKeySpec::default().as_str().to_owned(),
            import_type: way.import_type,
            kms_material_id: way.kms_material_id.clone(),
            expiry: way.expiry,
        },
        Step::AwaitEnabled,
        Step::VerifyMaterial {
            proof: proof_of(way.spec),
        },
    ])
}

/// What should be known of the material before it is imported.
pub(super) fn material_notes(seen: &Seen, expiry: Expiry) -> Vec<PlanNote> {
    let mut notes = Vec::new();
    if let Some(name) = &seen.file {
        notes.push(PlanNote::FileStays { name: name.clone() });
    }
    if let Expiry::At(at) = expiry {
        notes.push(PlanNote::Expires { at });
    }
    if !seen.used_in.is_empty() {
        notes.push(PlanNote::UsedElsewhere {
            keys: seen.used_in.clone(),
        });
    }
    notes
}

/// A plan with its steps, their commands, and what they cost.
pub(super) fn finish(plan: Plan, steps: Vec<Step>, registration: &Registration) -> Plan {
    let mut notes = plan.notes;
    if registration.is_sandbox() {
        notes.push(PlanNote::Sandbox);
    }
    let requests = steps.iter().map(requests).sum();
    let seconds = steps.iter().map(seconds).sum::<u32>().max(1);
    let mut commands = ShellCommands::new(
        registration,
        &plan.region,
        &plan.operation,
        plan.key.as_ref(),
    );
    let steps = steps
        .into_iter()
        .map(|step| PlannedStep {
            commands: commands.of(&step),
            step,
        })
        .collect();
    Plan {
        steps,
        notes,
        requests,
        seconds,
        ..plan
    }
}

/// What is different between the plan that was shown and the one that would be carried out.
pub(super) fn differences(shown: &Plan, now: &Plan) -> Vec<String> {
    let mut found = Vec::new();
    if shown.operation != now.operation || shown.kind != now.kind || shown.key != now.key {
        found.push("This is the plan of something else.".to_owned());
    }
    if shown.before != now.before {
        found.push("The key is not as it was.".to_owned());
    }
    if shown.account != now.account || shown.region != now.region {
        found.push("Account or region are others now.".to_owned());
    }
    let steps =
        |plan: &Plan| -> Vec<Step> { plan.steps.iter().map(|one| one.step.clone()).collect() };
    let (before, after) = (steps(shown), steps(now));
    if before.len() != after.len() {
        found.push(format!(
            "There were {} steps; now there are {}.",
            before.len(),
            after.len()
        ));
    } else {
        for (number, (before, after)) in before.iter().zip(&after).enumerate() {
            if before != after {
                found.push(format!("Step {} is another one now.", number + 1));
            }
        }
    }
    if notes(shown) != notes(now) {
        found.push("What there is to know before has changed.".to_owned());
    }
    if shown.needs_backup_settings && !now.needs_backup_settings {
        found.push("Backups have been set up in the meantime.".to_owned());
    }
    found
}

/// The notes without what is another one at each request.
fn notes(plan: &Plan) -> Vec<PlanNote> {
    let told = |note: &PlanNote| match note {
        PlanNote::AliasNotChecked { .. } => PlanNote::AliasNotChecked {
            error: AppError::ListCutShort,
        },
        note => note.clone(),
    };
    plan.notes.iter().map(told).collect()
}

fn proof_of(spec: KeySpec) -> Proof {
    match spec {
        KeySpec::SymmetricDefault => Proof::State,
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => Proof::Mac,
        _ => Proof::PublicKey,
    }
}

fn requests(step: &Step) -> u32 {
    match step {
        Step::SealMaterial { .. } | Step::BackUpMaterial { .. } => 0,
        Step::ImportMaterial { .. } | Step::DeleteAlias { .. } => 2,
        _ => 1,
    }
}

fn seconds(step: &Step) -> u32 {
    match step {
        // The passphrase is made hard to try out: written once, opened once.
        Step::BackUpMaterial { .. } => 3,
        // One set of parameters a second is AWS's quota.
        Step::ImportMaterial { .. } => 2,
        Step::AwaitEnabled => 1,
        _ => 0,
    }
}
