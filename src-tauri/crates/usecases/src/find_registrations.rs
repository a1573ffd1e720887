//! Finds registrations, page by page.

use ownkey_model::{RegistrationPage, RegistrationQuery, Result};

use crate::Context;

/// The registrations that a question means, by name.
pub async fn find_registrations(
    cx: &Context,
    query: RegistrationQuery,
) -> Result<RegistrationPage> {
    cx.blocking(move |cx| cx.store.find_registrations(&query))
        .await
}
