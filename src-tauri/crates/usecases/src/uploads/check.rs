//! Checks an upload form part by part, while it is being filled in.

use ownkey_model::{
    AppError, KeyArn, KeyPolicy, MaterialCheck, PolicyScope, Registration, Result, UploadDraft,
    UploadPart, default_policy,
};

use crate::{
    Context,
    sources::{Chosen, choose},
};

/// Checks one part of the form as far as this computer can, and whether the alias is free. The field
/// to blame stands in the error.
pub async fn check_upload(
    cx: &Context,
    draft: UploadDraft,
    part: UploadPart,
) -> Result<Option<MaterialCheck>> {
    let registration = registration(cx, &draft).await?;
    match part {
        UploadPart::Material => check_material(cx, draft, registration).await,
        UploadPart::Key => {
            check_alias(cx, &draft, &registration).await?;
            Ok(None)
        }
        UploadPart::Access => {
            let kind = draft.parse_kind(registration.partition)?;
            draft.parse_access(
                registration.partition,
                &registration.account,
                kind,
                cx.clock.now(),
            )?;
            Ok(None)
        }
    }
}

/// The policy that the form describes, as JSON text; for the default policy, the one that AWS writes.
pub async fn preview_policy(cx: &Context, draft: UploadDraft) -> Result<String> {
    let registration = registration(cx, &draft).await?;
    let (spec, usage) = draft.parse_kind(registration.partition)?;
    let scope = PolicyScope {
        partition: registration.partition,
        account: registration.account,
        spec,
        usage,
        multi_region: draft.multi_region,
    };
    let KeyPolicy { text, .. } = draft.policy.parse(&scope)?;
    Ok(text.unwrap_or_else(|| default_policy(&scope)))
}

pub(super) async fn registration(cx: &Context, draft: &UploadDraft) -> Result<Registration> {
    let id = draft.registration.clone();
    cx.blocking(move |cx| cx.store.registration(&id)).await
}

/// What was chosen, and by what one recognises it.
pub(super) fn told(chosen: &Chosen) -> MaterialCheck {
    MaterialCheck {
        reading: chosen.reading,
        bytes: u32::try_from(chosen.material.expose().len()).unwrap_or(u32::MAX),
        fingerprint: chosen.fingerprint.map(|one| one.to_string()),
        known_as: chosen.known_as.clone(),
    }
}

async fn check_material(
    cx: &Context,
    draft: UploadDraft,
    registration: Registration,
) -> Result<Option<MaterialCheck>> {
    let (spec, _) = draft.parse_kind(registration.partition)?;
    cx.blocking(move |cx| {
        // Made at the very end: what is made now would be thrown away.
        if draft.material == ownkey_model::MaterialChoice::Generate {
            return Ok(None);
        }
        let chosen = choose(cx, &draft.material, spec, registration.partition)?;
        Ok(chosen.as_ref().map(told))
    })
    .await
}

async fn check_alias(cx: &Context, draft: &UploadDraft, registration: &Registration) -> Result<()> {
    let (region, alias, _) = draft.parse_key(&registration.regions)?;
    let Some(alias) = alias else {
        return Ok(());
    };
    let session = cx.sign_in_to(registration).await?;
    let kms = session.kms(&registration.account, &region);
    match kms.alias_target(&alias).await {
        Ok(None) => Ok(()),
        Ok(Some(key)) => Err(taken(&alias, &key)),
        // Not allowed to look: the plan says so.
        Err(AppError::AccessDenied { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn taken(alias: &ownkey_model::AliasName, key: &KeyArn) -> AppError {
    AppError::AliasTaken {
        alias: alias.to_string(),
        key: Some(key.to_string()),
    }
}
