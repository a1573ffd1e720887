//! Imports material into a key that exists: one that waits for its first, whose material ran out or was
//! deleted, or whose expiry is to be another.

use ownkey_aws::{Described, Kms};
use ownkey_model::{
    AppError, Expiry, Field, ImportDraft, ImportOffer, ImportType, Key, KeyArn, KeyBefore, KeySpec,
    KeyState, Material, MaterialCheck, MaterialChoice, MaterialId, MultiRegionRole, Operation,
    OperationId, OperationKind, OperationQuery, Origin, Plan, PlanNote, Registration, Result, Step,
};
use tokio_util::sync::CancellationToken;

use super::{
    check::told,
    plan::{ImportWay, differences, finish, import_steps, material_notes},
    upload::{look_here, opened, prepare_material},
};
use crate::{
    Context,
    operations::{Report, open_and_run},
    sources::choose,
};

/// What an import into a key can be, as AWS and the store have it now.
pub async fn offer_import(cx: &Context, key: KeyArn) -> Result<ImportOffer> {
    let live = look(cx, &key).await?;
    Ok(ImportOffer {
        key,
        spec: live.spec,
        same_bytes_only: live.same_bytes_only,
        known: live.known,
        valid_to: live.key.valid_to,
        holds_material: live.holds_material,
    })
}

/// Checks the chosen material: `OtherMaterial` if it is not what the key had before, as far as OwnKey
/// knows.
pub async fn check_import(cx: &Context, draft: ImportDraft) -> Result<MaterialCheck> {
    Expiry::parse(
        draft.key_expiration,
        draft.valid_to.as_deref(),
        cx.clock.now(),
    )?;
    let live = look(cx, &draft.key).await?;
    let (check, _) = compare(cx, &draft, &live).await?;
    Ok(check)
}

/// What an import would do. Asks this computer and AWS, and changes nothing.
pub async fn plan_import(cx: &Context, id: OperationId, draft: ImportDraft) -> Result<Plan> {
    survey(cx, id, &draft).await.map(|(plan, _)| plan)
}

/// Does what the plan shows. `PlanChanged` if that is no longer what would be done, `BackupsNotSetUp`
/// if there is no place for a backup: nothing was done then. From the first line in the journal on,
/// what stops the operation stands in the operation.
pub async fn apply_import(
    cx: &Context,
    draft: ImportDraft,
    shown: Plan,
    report: Report<'_>,
    cancel: &CancellationToken,
) -> Result<Operation> {
    let (now, live) = survey(cx, shown.operation.clone(), &draft).await?;
    let differences = differences(&shown, &now);
    if !differences.is_empty() {
        return Err(AppError::PlanChanged { differences });
    }
    if now.needs_backup_settings {
        return Err(AppError::BackupsNotSetUp);
    }
    let name = live.alias.clone();
    let prepared = prepare_material(
        cx,
        draft.material.clone(),
        live.spec,
        &live.registration,
        name,
    )
    .await?;
    let (id, new) = prepared.ok_or_else(no_material)?;
    let operation = Operation {
        material: Some(id),
        ..opened(&now, &live.registration, cx.clock.now())
    };
    open_and_run(cx, operation, new, report, cancel).await
}

/// A key as AWS has it now, and what OwnKey knows of its material.
struct Live {
    registration: Registration,
    key: Key,
    spec: KeySpec,
    /// How people call it, without `alias/`.
    alias: Option<String>,
    holds_material: bool,
    same_bytes_only: bool,
    /// Whether OwnKey made the key, and so knows all that was ever imported into it.
    made_here: bool,
    /// All its materials, as far as AWS lists them.
    materials: Vec<Material>,
    known: Vec<MaterialId>,
}

async fn look(cx: &Context, arn: &KeyArn) -> Result<Live> {
    let wanted = arn.clone();
    let (registration, aliases, operations) = cx
        .blocking(move |cx| {
            let (row, _, aliases) = cx.store.key(&wanted)?;
            let operations = cx.store.operations(&OperationQuery {
                open_only: false,
                key: Some(wanted),
                skip: 0,
                limit: 200,
            })?;
            let registration = cx.store.registration(&row.registration)?;
            Ok((registration, aliases, operations.operations))
        })
        .await?;
    // Two operations on one key would undo each other's work.
    if operations.iter().any(|one| !one.state.is_closed()) {
        return Err(AppError::KeyInOperation {
            key: arn.to_string(),
        });
    }
    let made_here = operations
        .iter()
        .any(|one| one.kind == OperationKind::UploadKey);
    let session = cx.sign_in_to(&registration).await?;
    let caller = session.caller_identity().await?;
    registration.must_be(&caller.account, caller.partition)?;
    let kms = session.kms(&registration.account, &arn.region());
    let key = describe(&kms, arn).await?;
    let spec = check_key(&key)?;
    let materials = if spec.has_several_materials() {
        materials(&kms, arn).await?
    } else {
        vec![]
    };
    let of = related(&key);
    let known = cx
        .blocking(move |cx| {
            let mut known: Vec<MaterialId> = Vec::new();
            for arn in &of {
                for id in cx.store.materials_of_key(arn)? {
                    if !known.contains(&id) {
                        known.push(id);
                    }
                }
            }
            Ok(known)
        })
        .await?;
    let is_replica = key
        .multi_region
        .as_ref()
        .is_some_and(|one| one.role == MultiRegionRole::Replica);
    Ok(Live {
        registration,
        spec,
        alias: aliases
            .first()
            .map(|alias| alias.trim_start_matches("alias/").to_owned()),
        holds_material: key.state == KeyState::Enabled,
        same_bytes_only: is_replica
            || key.state == KeyState::Enabled
            || key.current_material_id.is_some()
            || materials.iter().any(|one| one.id.is_some())
            || !known.is_empty(),
        made_here,
        materials,
        known,
        key,
    })
}

/// The materials of a key. Whoever may not list them, and a server that has no such list, import all
/// the same: the key itself names the material it has.
async fn materials(kms: &Kms, arn: &KeyArn) -> Result<Vec<Material>> {
    match kms.materials(arn.as_str()).await {
        Err(AppError::AccessDenied { .. }) => Ok(vec![]),
        Err(AppError::Aws { aws_code, .. })
            if ["InvalidAction", "UnknownOperationException"].contains(&aws_code.as_str()) =>
        {
            Ok(vec![])
        }
        outcome => outcome,
    }
}

async fn describe(kms: &Kms, arn: &KeyArn) -> Result<Key> {
    match kms.describe_key(arn.as_str()).await? {
        Described::CustomerManaged(key) => Ok(*key),
        Described::ManagedByAws => Err(AppError::NotFound {
            what: arn.to_string(),
        }),
    }
}

/// Only keys for imported material, which wait for it or hold it.
fn check_key(key: &Key) -> Result<KeySpec> {
    if key.origin != Origin::External {
        return Err(AppError::invalid(
            Field::Material,
            "AWS made this key's material itself; none can be imported into it.",
        ));
    }
    if !matches!(key.state, KeyState::PendingImport | KeyState::Enabled) {
        return Err(AppError::KeyNotReady {
            key: key.arn.to_string(),
            state: key.state.as_str().to_owned(),
        });
    }
    KeySpec::parse(&key.spec).ok_or_else(|| {
        AppError::invalid(
            Field::KeySpec,
            format!("Material for {} keys cannot be imported.", key.spec),
        )
    })
}

/// The keys that share the material: the key itself first, then the rest of its multi-Region key.
fn related(key: &Key) -> Vec<KeyArn> {
    let mut of = vec![key.arn.clone()];
    if let Some(multi_region) = &key.multi_region {
        of.push(multi_region.primary.clone());
        of.extend(multi_region.replicas.iter().cloned());
    }
    of
}

/// What the comparison with the key's former material showed.
enum Compared {
    /// There was none.
    First,
    /// The bytes are those that OwnKey imported.
    Same(String),
    /// There was some, and OwnKey has not seen it.
    Unknown,
}

/// Compares by fingerprint, before anything is sent.
async fn compare(
    cx: &Context,
    draft: &ImportDraft,
    live: &Live,
) -> Result<(MaterialCheck, Compared)> {
    let (choice, spec) = (draft.material.clone(), live.spec);
    if choice == MaterialChoice::Later {
        return Err(no_material());
    }
    if choice == MaterialChoice::Generate && live.same_bytes_only {
        return Err(AppError::invalid(
            Field::Material,
            "This key takes only the bytes it had before; new ones would be refused.",
        ));
    }
    let (known, same_only) = (live.known.clone(), live.same_bytes_only);
    // AWS lists no materials of such a key: it may have had some that OwnKey has not seen.
    let unseen = !spec.has_several_materials() && !live.made_here;
    let has_others = live.materials.len() > known.len();
    let partition = live.registration.partition;
    cx.blocking(move |cx| {
        if choice == MaterialChoice::Generate {
            // Made at the very end: what is made now would be thrown away.
            let length = spec.byte_length(partition).unwrap_or(0);
            let check = MaterialCheck {
                reading: None,
                bytes: u32::try_from(length).unwrap_or(u32::MAX),
                fingerprint: None,
                known_as: None,
            };
            let compared = if unseen {
                Compared::Unknown
            } else {
                Compared::First
            };
            return Ok((check, compared));
        }
        let chosen = choose(cx, &choice, spec, partition)?.ok_or_else(no_material)?;
        let check = told(&chosen);
        let compared = match (known.first(), &chosen.known_as) {
            (None, _) if same_only || unseen => Compared::Unknown,
            (None, _) => Compared::First,
            (Some(_), Some(id)) if known.contains(id) => {
                Compared::Same(check.fingerprint.clone().unwrap_or_default())
            }
            (Some(_), _) if has_others => Compared::Unknown,
            (Some(expected), _) => {
                return Err(AppError::OtherMaterial {
                    expected: cx.store.material(expected)?.fingerprint,
                    found: check.fingerprint.unwrap_or_default(),
                });
            }
        };
        Ok((check, compared))
    })
    .await
}

async fn survey(cx: &Context, id: OperationId, draft: &ImportDraft) -> Result<(Plan, Live)> {
    let expiry = Expiry::parse(
        draft.key_expiration,
        draft.valid_to.as_deref(),
        cx.clock.now(),
    )?;
    let live = look(cx, &draft.key).await?;
    let (check, compared) = compare(cx, draft, &live).await?;
    let kms_material_id = name_at_aws(cx, check.known_as, &draft.key).await?;
    let mut seen = look_here(cx, draft.material.clone(), live.spec, &live.registration).await?;
    let of = related(&live.key);
    seen.used_in.retain(|key| !of.contains(key));
    let mut steps = vec![
        Step::SealMaterial {
            spec: live.spec,
            known: seen.known,
        },
        Step::BackUpMaterial {
            folder: seen.backup_folder.clone().unwrap_or_default(),
        },
    ];
    let import_type = live
        .spec
        .has_several_materials()
        .then_some(if live.same_bytes_only {
            ImportType::ExistingKeyMaterial
        } else {
            ImportType::NewKeyMaterial
        });
    // With one of several materials back, the key still waits for the others.
    let missing = live.materials.iter().filter(|one| !one.imported);
    let others_missing = match &kms_material_id {
        Some(id) => missing.filter(|one| one.id.as_ref() != Some(id)).count(),
        None => missing.count().saturating_sub(1),
    };
    let import = import_steps(&ImportWay {
        spec: live.spec,
        partition: live.registration.partition,
        // New material has no name yet.
        kms_material_id: kms_material_id
            .filter(|_| import_type == Some(ImportType::ExistingKeyMaterial)),
        import_type,
        expiry,
    })?;
    steps.extend(
        import
            .into_iter()
            .filter(|step| others_missing == 0 || matches!(step, Step::ImportMaterial { .. })),
    );
    let mut notes = material_notes(&seen, expiry);
    match compared {
        Compared::First => {}
        Compared::Same(fingerprint) => notes.push(PlanNote::SameBytesProved { fingerprint }),
        Compared::Unknown => notes.push(PlanNote::SameBytesUnknown),
    }
    if others_missing > 0 {
        notes.push(PlanNote::OtherMaterialsMissing {
            count: u32::try_from(others_missing).unwrap_or(u32::MAX),
        });
    }
    let plan = Plan {
        operation: id,
        kind: OperationKind::ImportMaterial,
        account: live.registration.account.clone(),
        region: draft.key.region(),
        key: Some(draft.key.clone()),
        before: Some(KeyBefore {
            held_material: live.holds_material,
            expiry: live.key.valid_to.map_or(Expiry::Never, Expiry::At),
            materials: live.materials.clone(),
        }),
        steps: vec![],
        notes,
        requests: 0,
        seconds: 0,
        needs_backup_settings: seen.backup_folder.is_none(),
    };
    Ok((finish(plan, steps, &live.registration), live))
}

/// What AWS called a material when it had it for this key.
async fn name_at_aws(cx: &Context, id: Option<MaterialId>, key: &KeyArn) -> Result<Option<String>> {
    let Some(id) = id else {
        return Ok(None);
    };
    let key = key.clone();
    cx.blocking(move |cx| {
        let places = cx.store.material(&id)?.places;
        let place = places.into_iter().find(|one| one.key == key);
        Ok(place.and_then(|one| one.kms_material_id))
    })
    .await
}

fn no_material() -> AppError {
    AppError::invalid(Field::Material, "Choose the material to import.")
}
