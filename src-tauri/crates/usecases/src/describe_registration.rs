//! A registration's page.

use ownkey_model::{RegistrationDetails, RegistrationId, Result};

use crate::Context;

/// A registration with what hangs on it, from what is kept here. `NotFound` if there is none.
pub async fn describe_registration(
    cx: &Context,
    id: RegistrationId,
) -> Result<RegistrationDetails> {
    cx.blocking(move |cx| {
        let registration = cx.store.registration(&id)?;
        Ok(RegistrationDetails {
            sign_in: cx.aws.sign_in_state(&registration.connection.id),
            keys: cx.store.keys_by_region(&registration)?,
            open_operations: cx.store.open_operations(&id)?,
            registration,
        })
    })
    .await
}
