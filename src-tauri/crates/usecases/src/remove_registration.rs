//! Removes a registration.

use ownkey_model::{AppError, Change, RegistrationId, Result};

use crate::{Context, operations::open_operations};

/// Forgets the registration, its cached keys, and its connection if nothing else uses it. AWS is
/// not asked: no key there is touched. `OperationsOpen` while operations need it.
pub async fn remove_registration(cx: &Context, id: RegistrationId) -> Result<()> {
    let removed = id.clone();
    cx.blocking(move |cx| {
        let open = open_operations(cx, std::slice::from_ref(&removed))?;
        if open > 0 {
            return Err(AppError::OperationsOpen { count: open });
        }
        cx.store.remove_registration(&removed)
    })
    .await?;
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Keys { registration: id });
    Ok(())
}
