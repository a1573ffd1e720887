//! Tries a connection before anything is kept.

use ownkey_model::{
    AppError, ConnectionDraft, ConnectionId, ConnectionReport, Refusal, Region, RegionEntry, Result,
};

use crate::Context;

/// Signs in and asks for the account, its alias and its regions. What is refused is listed; only
/// a failed sign-in is an error.
pub async fn test_connection(cx: &Context, draft: &ConnectionDraft) -> Result<ConnectionReport> {
    let connection = draft.parse(ConnectionId("draft".into()), "draft")?;
    let session = cx.aws.session(&connection).await?;
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
            refused.push(refusal("ec2:DescribeRegions", error));
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
