//! Removes a connection.

use ownkey_model::{AppError, Change, ConnectionId, Result};

use super::secret::has_secret;
use crate::Context;

/// Forgets a connection, its secret in the keychain and its sign-in. AWS is not asked.
/// `ConnectionInUse` while registrations need it; then nothing is removed.
pub async fn remove_connection(cx: &Context, id: ConnectionId) -> Result<()> {
    let checked = id.clone();
    let connection = cx
        .blocking(move |cx| cx.store.unused_connection(&checked))
        .await?;
    // The secret first: one that nothing names would stay behind for ever.
    match cx.aws.remove_access_key(&connection).await {
        // One that signs in otherwise has no secret, unless a crash left one, and needs no keychain.
        Err(AppError::KeychainMissing { .. } | AppError::KeychainLocked)
            if !has_secret(&connection) => {}
        removed => removed?,
    }
    let removed = id.clone();
    cx.blocking(move |cx| cx.store.remove_connection(&removed))
        .await?;
    cx.aws.forget(&id);
    (cx.announce)(Change::Connections);
    Ok(())
}
