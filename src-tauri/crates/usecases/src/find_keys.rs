//! Finds keys for the palette.

use ownkey_model::{KeyHit, Result};

use crate::Context;

const AT_MOST: u32 = 20;

/// Cached keys of all registrations by alias, id, ARN, alias ARN or description, the best first.
pub async fn find_keys(cx: &Context, text: String) -> Result<Vec<KeyHit>> {
    cx.blocking(move |cx| cx.store.find_keys(&text, AT_MOST))
        .await
}
