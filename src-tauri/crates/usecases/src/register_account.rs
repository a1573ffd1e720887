//! Registers an account with the regions to look at.

use ownkey_aws::Session;
use ownkey_model::{
    AppError, Change, ConnectionReport, Field, Region, Registration, RegistrationDraft,
    RegistrationId, Result,
};

use crate::{
    Context,
    read_account::{LISTS_REGIONS, sign_in_and_report},
};

/// Signs in once more, so that what is kept is what was true, and keeps the registration.
/// `NameTaken`, `RegionsTaken`.
pub async fn register_account(
    cx: &Context,
    id: String,
    draft: &RegistrationDraft,
) -> Result<Registration> {
    let (name, role, regions) = draft.parse()?;
    let (session, report) = sign_in_and_report(cx, draft.connection.clone(), &draft.role).await?;
    must_be_enabled(&session, &regions, &report).await?;
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

/// Refuses regions that the account cannot use. Where AWS did not list them, only those are known
/// that every account has; any other one is asked itself.
pub(crate) async fn must_be_enabled(
    session: &Session,
    regions: &[Region],
    report: &ConnectionReport,
) -> Result<()> {
    let not_listed = report.refused.iter().any(|one| one.action == LISTS_REGIONS);
    for region in regions {
        if report.regions.iter().any(|entry| entry.region == *region) {
            continue;
        }
        let refused = |reason: String| Err(AppError::invalid(Field::Regions, reason));
        let not_enabled = format!("{region} is not enabled in account {}.", report.account);
        if !not_listed {
            return refused(not_enabled);
        }
        match session.kms(&report.account, region).list_keys(None).await {
            // Who may not list keys there is known there all the same.
            Ok(_) | Err(AppError::AccessDenied { .. }) => {}
            // So a region answers that is off for the account, or of another partition.
            Err(AppError::CredentialsRefused { .. }) => return refused(not_enabled),
            Err(_) => {
                return refused(format!(
                    "Whether {region} is enabled in account {} could not be checked: the account's \
                     regions may not be listed, and KMS does not answer there.",
                    report.account
                ));
            }
        }
    }
    Ok(())
}
