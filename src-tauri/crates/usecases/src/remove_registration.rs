//! Removes a registration.

use ownkey_model::{Change, RegistrationId, Result};

use crate::Context;

/// Forgets the registration and its cached keys; the connection stays. AWS is not asked: no key there
/// is touched. `OperationsOpen` while operations need it.
pub async fn remove_registration(cx: &Context, id: RegistrationId) -> Result<()> {
    let removed = id.clone();
    cx.blocking(move |cx| cx.store.remove_registration(&removed))
        .await?;
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Connections);
    (cx.announce)(Change::Keys { registration: id });
    Ok(())
}
