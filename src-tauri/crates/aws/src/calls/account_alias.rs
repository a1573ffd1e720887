//! `iam:ListAccountAliases`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>

use aws_config::SdkConfig;
use ownkey_model::Result;

use crate::asked::Asked;

/// The account's alias; AWS allows one.
pub(crate) async fn account_alias(config: &SdkConfig, asked: &Asked) -> Result<Option<String>> {
    let answer = aws_sdk_iam::Client::new(config)
        .list_account_aliases()
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(answer.account_aliases.into_iter().next())
}
