//! `kms:DescribeKey` of an alias: which key it leads to.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{AliasName, AppError, KeyArn, Result};

use crate::asked::Asked;

/// AWS answers `NotFoundException` if the region has no such alias, which is no fault.
pub(crate) async fn alias_target(
    client: &Client,
    alias: &AliasName,
    asked: &Asked,
) -> Result<Option<KeyArn>> {
    let answer = match client.describe_key().key_id(alias.as_str()).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return match asked.refused(error) {
                AppError::NotFound { .. } => Ok(None),
                error => Err(error),
            };
        }
    };
    let request_id = answer.request_id().map(str::to_owned);
    let arn = answer.key_metadata.and_then(|metadata| metadata.arn);
    match KeyArn::parse(&arn.unwrap_or_default()) {
        Ok(arn) => Ok(Some(arn)),
        Err(_) => Err(asked.malformed("The answer has no usable key ARN.", request_id)),
    }
}
