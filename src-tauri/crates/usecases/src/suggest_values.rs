//! Completes what is typed into a filter.

use ownkey_model::{KeyProperty, Result, Scope, Suggestion};

use crate::Context;

const AT_MOST: u32 = 50;

/// The most frequent values of a property that contain the text.
pub async fn suggest_values(
    cx: &Context,
    scope: Scope,
    property: KeyProperty,
    text: String,
) -> Result<Vec<Suggestion>> {
    let now = cx.clock.now();
    cx.blocking(move |cx| cx.store.suggestions(&scope, property, &text, AT_MOST, now))
        .await
}
