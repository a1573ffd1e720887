//! Lists the KMS registrations.

use ownkey_model::{Registration, Result};

use crate::Context;

/// All registrations, sorted by name.
pub async fn list_registrations(cx: &Context) -> Result<Vec<Registration>> {
    cx.blocking(|cx| cx.store.registrations()).await
}
