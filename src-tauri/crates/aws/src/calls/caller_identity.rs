//! `sts:GetCallerIdentity`.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>

use aws_config::SdkConfig;
use ownkey_model::{AccountId, Partition, Result};

use crate::asked::Asked;

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The user, the assumed role's session, or the account's root.
    pub arn: String,
    /// The partition, from the ARN.
    pub partition: Partition,
}

pub(crate) async fn caller_identity(config: &SdkConfig, asked: &Asked) -> Result<CallerIdentity> {
    let answer = aws_sdk_sts::Client::new(config)
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let arn = answer.arn.unwrap_or_default();
    let account = AccountId::parse(answer.account.as_deref().unwrap_or_default());
    let partition = arn.split(':').nth(1).and_then(Partition::parse);
    match (account, partition) {
        (Ok(account), Some(partition)) => Ok(CallerIdentity {
            account,
            arn,
            partition,
        }),
        _ => Err(asked.malformed("The answer names no account.", None)),
    }
}
