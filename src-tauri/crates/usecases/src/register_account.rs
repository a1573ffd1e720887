//! Registers an account with the regions to look at.

use ownkey_model::{
    AppError, Change, Connection, ConnectionDraft, ConnectionId, Field, Registration,
    RegistrationDraft, RegistrationId, Result,
};

use crate::{Context, test_connection};

/// Signs in once more, so that what is kept is what was true, and keeps the registration.
pub async fn register_account(
    cx: &Context,
    id: String,
    connection: &ConnectionDraft,
    draft: &RegistrationDraft,
) -> Result<Registration> {
    let (name, regions) = draft.parse()?;
    let report = test_connection(cx, connection).await?;
    if let Some(unknown) = regions
        .iter()
        .find(|one| !report.regions.iter().any(|entry| entry.region == **one))
    {
        return Err(AppError::invalid(
            Field::Regions,
            format!("{unknown} is not enabled in account {}.", report.account),
        ));
    }
    let connection: Connection = connection.parse(ConnectionId(id.clone()), &name)?;
    let registration = Registration {
        id: RegistrationId(id),
        name,
        account: report.account,
        account_alias: report.account_alias,
        partition: report.partition,
        caller_arn: report.caller_arn,
        connection,
        regions,
        created_at: cx.clock.now(),
        synced_at: None,
    };
    let kept = registration.clone();
    cx.blocking(move |cx| cx.store.add_registration(&kept))
        .await?;
    (cx.announce)(Change::Registrations);
    Ok(registration)
}
