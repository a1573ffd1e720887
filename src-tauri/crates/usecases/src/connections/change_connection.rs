//! Changes a connection.

use ownkey_model::{Change, Connection, ConnectionDraft, ConnectionId, Result};

use super::secret::{has_secret, must_have_secret, typed_secret};
use crate::Context;

/// Changes how a connection signs in. Where registrations use it, the new way is tried first: it has
/// to lead to the account of each (`AccountChanged`), and to ask the same server while operations over
/// one have not ended (`OperationsOpen`). If the keychain refuses, everything stays as it was.
pub async fn change_connection(
    cx: &Context,
    id: ConnectionId,
    draft: &ConnectionDraft,
) -> Result<Connection> {
    let connection = draft.parse(id.clone())?;
    let secret = typed_secret(cx, draft)?;
    let wanted = connection.clone();
    let before = cx
        .blocking(move |cx| cx.store.changeable_connection(&wanted))
        .await?;
    must_have_secret(cx, &connection, secret.is_some()).await?;
    let used = id.clone();
    let registrations = cx
        .blocking(move |cx| {
            let mut all = cx.store.registrations()?;
            all.retain(|one| one.connection.id == used);
            Ok(all)
        })
        .await?;
    for registration in registrations {
        let typed = secret
            .as_ref()
            .map(|one| ownkey_material::Secret::new(one.expose().to_vec()));
        let session = cx
            .aws
            .try_session(&connection, registration.role.as_ref(), typed)
            .await?;
        let caller = session.caller_identity().await?;
        registration.must_be(&caller.account, caller.partition)?;
    }
    // First, as when a connection is removed: a crash in between would else leave a secret that
    // nothing names.
    if has_secret(&before) && !has_secret(&connection) {
        cx.aws.remove_access_key(&before).await?;
    }
    let kept = connection.clone();
    cx.blocking(move |cx| cx.store.change_connection(&kept))
        .await?;
    // A crash in between leaves the old key's secret, which is noticed: it is kept with its key's id.
    if let Some(secret) = secret
        && let Err(refused) = cx.aws.keep_access_key(&connection, secret).await
    {
        cx.blocking(move |cx| cx.store.change_connection(&before))
            .await?;
        return Err(refused);
    }
    cx.aws.forget(&id);
    (cx.announce)(Change::Connections);
    (cx.announce)(Change::Registrations);
    Ok(connection)
}
