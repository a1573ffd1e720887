//! What needs a person today, and counts.

use ownkey_model::{Overview, Result, Scope};

use crate::Context;

/// Read from the cache; AWS is not asked.
pub async fn read_overview(cx: &Context, scope: Scope) -> Result<Overview> {
    let now = cx.clock.now();
    cx.blocking(move |cx| cx.store.overview(&scope, now)).await
}
