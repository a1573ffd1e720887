//! What OwnKey itself remembers of the sandbox when that is put back to how it is seeded.

use ownkey_model::{AccountId, Change, Registration, RegistrationId, Result};

use crate::Context;

/// Makes sure that nothing half done is left behind, and forgets that the sandbox ever held material:
/// its seeded keys come back with the same ARNs, and with no material that they would insist on.
/// `OperationsOpen` while there are operations on it that have not ended.
pub async fn leave_sandbox(cx: &Context) -> Result<()> {
    cx.blocking(|cx| {
        let registrations = cx.store.registrations()?;
        // By account, so that it does not matter over which registration something was done. An account
        // that is also reached as a real one keeps what is known of it.
        let is_real = |account: &AccountId| {
            let mut of_account = registrations.iter().filter(|one| one.account == *account);
            of_account.any(|one| !one.is_sandbox())
        };
        let sandboxes = registrations.iter().filter(|one| one.is_sandbox());
        let accounts = sandboxes.map(|one| one.account.clone());
        let accounts: Vec<AccountId> = accounts.filter(|one| !is_real(one)).collect();
        cx.store.forget_places(&accounts)
    })
    .await
}

/// Tells everyone who shows the sandbox to ask again; what is shown is brought up to date by the next
/// synchronisation.
pub async fn return_to_sandbox(cx: &Context) -> Result<()> {
    let sandboxes = cx.blocking(sandboxes).await?;
    for registration in sandboxes {
        (cx.announce)(Change::Keys { registration });
    }
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Materials);
    Ok(())
}

fn sandboxes(cx: &Context) -> Result<Vec<RegistrationId>> {
    let registrations = cx.store.registrations()?;
    Ok(registrations
        .into_iter()
        .filter(Registration::is_sandbox)
        .map(|one| one.id)
        .collect())
}
