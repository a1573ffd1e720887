//! What the window remembers between starts.

use ownkey_model::{Preference, Result};

use crate::Context;

/// All preferences.
pub async fn list_preferences(cx: &Context) -> Result<Vec<Preference>> {
    cx.blocking(|cx| cx.store.preferences()).await
}

/// Keeps one, in place of an older one of the same name.
pub async fn remember_preference(cx: &Context, preference: Preference) -> Result<()> {
    cx.blocking(move |cx| cx.store.remember(&preference)).await
}
