//! Changes a registration's connection or its regions.

use ownkey_model::{
    Change, Registration, RegistrationChange, RegistrationId, Result, RoleDraft, parse_regions,
};

use ownkey_store::Moved;

use crate::{
    Context, read_account, read_account::sign_in_and_report, register_account::must_be_enabled,
};

/// Changes one part. A new connection has to lead to the same account (`AccountChanged`), on the same
/// server while operations have not ended (`OperationsOpen`); new regions have to be enabled and free (`RegionsTaken`). The cached keys of a region that is no longer
/// looked at are forgotten; AWS is not changed. `OperationsOpen` while an operation in such a region
/// has not ended.
pub async fn change_registration(
    cx: &Context,
    id: RegistrationId,
    change: &RegistrationChange,
) -> Result<Registration> {
    let known = id.clone();
    let registration = cx.blocking(move |cx| cx.store.registration(&known)).await?;
    let at = cx.clock.now();
    match change {
        RegistrationChange::Connection { connection, role } => {
            let parsed = role.parse()?;
            let report = read_account(cx, connection.clone(), role).await?;
            registration.must_be(&report.account, report.partition)?;
            let (changed, connection) = (id.clone(), connection.clone());
            cx.blocking(move |cx| {
                let moved = Moved {
                    connection: &connection,
                    role: parsed.as_ref(),
                    account_alias: report.account_alias.as_deref(),
                    caller_arn: &report.caller_arn,
                };
                cx.store
                    .change_registration_connection(&changed, &moved, at)
            })
            .await?;
        }
        RegistrationChange::Regions { regions } => {
            let regions = parse_regions(regions)?;
            let role = registration
                .role
                .as_ref()
                .map(RoleDraft::from)
                .unwrap_or_default();
            let added: Vec<_> = regions
                .iter()
                .filter(|one| !registration.regions.contains(one))
                .cloned()
                .collect();
            // Leaving a region needs nobody's leave: AWS is asked only about new ones.
            if !added.is_empty() {
                let connection = registration.connection.id.clone();
                let (session, report) = sign_in_and_report(cx, connection, &role).await?;
                registration.must_be(&report.account, report.partition)?;
                must_be_enabled(&session, &added, &report).await?;
            }
            let changed = id.clone();
            cx.blocking(move |cx| cx.store.change_registration_regions(&changed, &regions, at))
                .await?;
            (cx.announce)(Change::Keys {
                registration: id.clone(),
            });
        }
    }
    (cx.announce)(Change::Registrations);
    (cx.announce)(Change::Connections);
    cx.blocking(move |cx| cx.store.registration(&id)).await
}
