//! One page of the cached keys.

use ownkey_model::{KeyPage, KeyQuery, Result};

use crate::Context;

/// One page of the cached keys; AWS is not asked.
pub async fn list_keys(cx: &Context, query: KeyQuery) -> Result<KeyPage> {
    let now = cx.clock.now();
    cx.blocking(move |cx| cx.store.keys(&query, now)).await
}
