//! Registers an account with the regions to look at.

use ownkey_model::{
    AppError, Change, ConnectionReport, Field, Region, Registration, RegistrationDraft,
    RegistrationId, Result,
};

use crate::{Context, read_account};

/// Signs in once more, so that what is kept is what was true, and keeps the registration.
/// `NameTaken`, `RegionsTaken`.
pub async fn register_account(
    cx: &Context,
    id: String,
    draft: &RegistrationDraft,
) -> Result<Registration> {
    let (name, role, regions) = draft.parse()?;
    let report = read_account(cx, draft.connection.clone(), &draft.role).await?;
    must_be_enabled(&regions, &report)?;
    let connection = draft.connection.clone();
    let connection = cx
        .blocking(move |cx| cx.store.connection(&connection))
        .await?;
    let now = cx.clock.now();
    let registration = Registration {
        id: RegistrationId(id),
        name,
        account: report.account,
        account_alias: report.account_alias,
        partition: report.partition,
        caller_arn: report.caller_arn,
        connection,
        role,
        regions,
        created_at: now,
        updated_at: now,
        synced_at: None,
    };
    let kept = registration.clone();
    cx.blocking(move |cx| cx.store.add_registration(&kept))
        .await?;
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Connections);
    Ok(registration)
}

pub(crate) fn must_be_enabled(regions: &[Region], report: &ConnectionReport) -> Result<()> {
    let unknown = regions
        .iter()
        .find(|one| !report.regions.iter().any(|entry| entry.region == **one));
    match unknown {
        None => Ok(()),
        Some(region) => Err(AppError::invalid(
            Field::Regions,
            format!("{region} is not enabled in account {}.", report.account),
        )),
    }
}
