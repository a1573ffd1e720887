//! Lists the connections.

use ownkey_model::{ConnectionEntry, Result};

use crate::Context;

/// All connections by name, with what uses them and how they stand.
pub async fn list_connections(cx: &Context) -> Result<Vec<ConnectionEntry>> {
    let found = cx.blocking(|cx| cx.store.connections()).await?;
    let entry = |(connection, used_by): (ownkey_model::Connection, Vec<String>)| ConnectionEntry {
        sign_in: cx.aws.sign_in_state(&connection.id),
        used_by,
        connection,
    };
    Ok(found.into_iter().map(entry).collect())
}
