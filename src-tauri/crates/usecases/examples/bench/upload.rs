//! Many uploads of generated material: planned, reviewed by nobody, applied; each is the whole
//! operation as the window does it, with its journal, its sealed material and its verified backup.

use std::time::Instant;

use futures::{StreamExt, stream};
use ownkey_material::Passphrase;
use ownkey_model::{
    AppError, MaterialChoice, OperationId, OperationState, PolicyDraft, Region, RegistrationId,
    Result, UploadDraft,
};
use ownkey_usecases::{Context, apply_upload, plan_upload, set_up_backups};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{Case, app, counting::Counts, told};

/// As many operations at a time: enough for AWS, which hands out one wrapping key a second and
/// region; each may hold 256 MiB while a backup's passphrase is worked on.
const AT_ONCE: usize = 6;

/// Uploads so many keys into every region and tells which aliases they should have now.
pub(crate) async fn measure(case: &Case, counts: &Counts) -> Result<Value> {
    let (cx, registration) = app::open(case).await?;
    let passphrase = Passphrase::choose("only for measuring, never kept anywhere".into());
    let passphrase = passphrase.map_err(|weakness| AppError::WeakPassphrase {
        reason: weakness.to_string(),
    })?;
    set_up_backups(&cx, cx.proposed_backup_folder.clone(), Some(passphrase)).await?;

    // The regions take turns, so that both are busy from the beginning to the end.
    let mark = std::process::id();
    let wanted: Vec<(Region, String)> = (0..case.keys_per_region)
        .flat_map(|number| {
            let alias = move |region: &Region| format!("alias/bench/{mark}/{region}/{number}");
            case.regions
                .iter()
                .map(move |one| (one.clone(), alias(one)))
        })
        .collect();
    counts.start();
    let began = Instant::now();
    let outcomes: Vec<Result<OperationState>> = stream::iter(&wanted)
        .map(|(region, alias)| upload(&cx, &registration.id, region, alias))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let seconds = began.elapsed().as_secs_f64();
    let errors: Vec<String> = outcomes
        .iter()
        .filter_map(|one| match one {
            Ok(OperationState::Finished) => None,
            Ok(state) => Some(format!("{state:?}")),
            Err(error) => Some(format!("{error:?}")),
        })
        .collect();
    let aliases: Vec<&String> = wanted.iter().map(|(_, alias)| alias).collect();
    Ok(told(
        seconds,
        counts,
        json!({ "aliases": aliases, "errors": errors }),
    ))
}

async fn upload(
    cx: &Context,
    registration: &RegistrationId,
    region: &Region,
    alias: &str,
) -> Result<OperationState> {
    let draft = UploadDraft {
        registration: registration.clone(),
        region: region.to_string(),
        material: MaterialChoice::Generate,
        spec: "SYMMETRIC_DEFAULT".into(),
        usage: "ENCRYPT_DECRYPT".into(),
        alias: alias.to_owned(),
        description: String::new(),
        tags: vec![],
        multi_region: false,
        key_expiration: false,
        valid_to: None,
        policy: PolicyDraft::default(),
    };
    let id = OperationId(alias.replace('/', "-"));
    let plan = plan_upload(cx, id, draft.clone()).await?;
    let never = CancellationToken::new();
    let operation = apply_upload(cx, draft, plan, &|_| {}, &never).await?;
    if let Some(error) = operation.error {
        return Err(error);
    }
    Ok(operation.state)
}
