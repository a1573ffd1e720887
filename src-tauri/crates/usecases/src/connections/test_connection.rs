//! Tries a connection before anything is kept.

use ownkey_model::{ConnectionDraft, ConnectionId, ConnectionReport, Result};

use super::secret::{must_have_secret, typed_secret};
use crate::{Context, read_account::report_on};

/// Signs in and asks for the account, its alias and its regions. What is refused is listed; only a
/// failed sign-in is an error. `kept` names the connection that is being changed, whose secret is
/// used where none was typed.
pub async fn test_connection(
    cx: &Context,
    draft: &ConnectionDraft,
    kept: Option<ConnectionId>,
) -> Result<ConnectionReport> {
    let id = kept.unwrap_or_else(|| ConnectionId("draft".into()));
    let connection = draft.parse(id.clone())?;
    let secret = typed_secret(cx, draft)?;
    must_have_secret(cx, &connection, secret.is_some()).await?;
    let session = cx.aws.try_session(&connection, None, secret).await?;
    report_on(cx, &session).await
}
