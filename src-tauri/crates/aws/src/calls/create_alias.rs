//! `kms:CreateAlias`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{AliasName, AppError, KeyArn, Result};

use super::{Answered, once};
use crate::asked::Asked;

/// AWS answers `AlreadyExistsException` if the region has the alias, without saying for which key.
pub(crate) async fn create_alias(
    client: &Client,
    alias: &AliasName,
    key: &KeyArn,
    asked: &Asked,
) -> Result<Answered<()>> {
    let answer = client
        .create_alias()
        .alias_name(alias.as_str())
        .target_key_id(key.as_str())
        .customize()
        .config_override(once())
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(Answered::nothing(answer.request_id())),
        Err(error) => match asked.refused(error) {
            AppError::Aws { aws_code, .. } if aws_code == "AlreadyExistsException" => {
                Err(AppError::AliasTaken {
                    alias: alias.to_string(),
                    key: None,
                })
            }
            error => Err(error),
        },
    }
}
