//! What a connection leads to.

use ownkey_aws::Session;
use ownkey_model::{
    AppError, ConnectionId, ConnectionReport, Refusal, Region, RegionEntry, Result, RoleDraft,
};

use crate::Context;

/// The account and the regions enabled for it over a connection, or of the role that is assumed over
/// it. What is refused is listed; only a failed sign-in is an error.
pub async fn read_account(
    cx: &Context,
    connection: ConnectionId,
    role: &RoleDraft,
) -> Result<ConnectionReport> {
    Ok(sign_in_and_report(cx, connection, role).await?.1)
}

/// The same, with the session for further questions.
pub(crate) async fn sign_in_and_report(
    cx: &Context,
    connection: ConnectionId,
    role: &RoleDraft,
) -> Result<(Session, ConnectionReport)> {
    let role = role.parse()?;
    let connection = cx
        .blocking(move |cx| cx.store.connection(&connection))
        .await?;
    let session = cx.aws.session(&connection, role.as_ref()).await?;
    let report = report_on(cx, &session).await?;
    Ok((session, report))
}

/// What lists the regions that an account can use.
pub(crate) const LISTS_REGIONS: &str = "ec2:DescribeRegions";

pub(crate) async fn report_on(cx: &Context, session: &Session) -> Result<ConnectionReport> {
    let caller = session.caller_identity().await?;
    let (alias, regions) = tokio::join!(session.account_alias(), session.regions());

    let mut refused = Vec::new();
    let account_alias = alias.unwrap_or_else(|error| {
        refused.push(refusal("iam:ListAccountAliases", error));
        None
    });
    let regions = match regions {
        Ok(regions) => regions,
        Err(error) => {
            refused.push(refusal(LISTS_REGIONS, error));
            session.likely_regions(caller.partition)
        }
    };
    let account = caller.account.clone();
    let taken = cx.blocking(|cx| cx.store.registrations()).await?;
    let held_by = |region: &Region| {
        taken
            .iter()
            .find(|one| {
                one.account == account
                    && one.partition == caller.partition
                    && one.regions.contains(region)
            })
            .map(|one| one.name.clone())
    };
    Ok(ConnectionReport {
        account_alias,
        caller_arn: caller.arn,
        partition: caller.partition,
        regions: regions
            .into_iter()
            .map(|region| RegionEntry {
                held_by: held_by(&region),
                region,
            })
            .collect(),
        endpoint_url: session.endpoint_url(),
        expires_at: session.expires_at(),
        refused,
        account: caller.account,
    })
}

fn refusal(action: &str, error: AppError) -> Refusal {
    Refusal {
        region: None,
        action: action.to_owned(),
        error,
        times: 1,
    }
}
