//! Makes a connection.

use ownkey_model::{Change, Connection, ConnectionDraft, ConnectionId, Result};

use super::secret::{must_have_secret, typed_secret};
use crate::Context;

/// Keeps a connection, and its secret in the keychain. AWS is not asked. If the keychain refuses,
/// nothing is kept: a secret that nothing names would stay behind for ever, hence the order.
pub async fn add_connection(
    cx: &Context,
    id: String,
    draft: &ConnectionDraft,
) -> Result<Connection> {
    let connection = draft.parse(ConnectionId(id))?;
    let secret = typed_secret(cx, draft)?;
    must_have_secret(cx, &connection, secret.is_some()).await?;
    let kept = connection.clone();
    cx.blocking(move |cx| cx.store.add_connection(&kept))
        .await?;
    if let Some(secret) = secret
        && let Err(refused) = cx.aws.keep_access_key(&connection, secret).await
    {
        let id = connection.id;
        cx.blocking(move |cx| cx.store.remove_connection(&id))
            .await?;
        return Err(refused);
    }
    (cx.announce)(Change::Connections);
    Ok(connection)
}
