//! Reads one key anew.

use ownkey_aws::{Kms, Next};
use ownkey_model::{Alias, AppError, Change, KeyArn, KeyDetails, Result};

use crate::{Context, describe_key, read_key::read_key};

/// Asks AWS for the key and brings its cached copy up to date. Its aliases, which AWS lists by
/// key too, are read with it.
pub async fn refresh_key(cx: &Context, arn: KeyArn) -> Result<KeyDetails> {
    let known = arn.clone();
    let registration = cx
        .blocking(move |cx| {
            let (row, _, _) = cx.store.key(&known)?;
            cx.store.registration(&row.registration)
        })
        .await?;
    let session = cx.sign_in_to(&registration).await?;
    let kms = session.kms(&registration.account, &arn.region());
    let (caller, key, aliases) = tokio::join!(
        session.caller_identity(),
        read_key(&kms, arn.as_str()),
        aliases_of(&kms, &arn)
    );
    let caller = caller?;
    registration.must_be(&caller.account, caller.partition)?;
    let key = key?.ok_or_else(|| AppError::NotFound {
        what: arn.to_string(),
    })?;
    // Aliases that AWS will not list stay as they were last seen.
    let aliases = aliases.ok();
    let at = cx.clock.now();
    let id = registration.id.clone();
    cx.blocking(move |cx| cx.store.refresh_key(&id, &key, aliases.as_deref(), at))
        .await?;
    (cx.announce)(Change::Keys {
        registration: registration.id,
    });
    describe_key(cx, arn).await
}

/// All aliases of a key.
pub(crate) async fn aliases_of(kms: &Kms, arn: &KeyArn) -> Result<Vec<Alias>> {
    let mut aliases = Vec::new();
    let mut next = Next::Start;
    while let Some(marker) = next.marker() {
        let (page, following) = kms.list_aliases(Some(arn), marker.clone()).await?;
        aliases.extend(page);
        next = following.after(marker.as_deref());
    }
    if next == Next::CutShort {
        Err(AppError::ListCutShort)
    } else {
        Ok(aliases)
    }
}
