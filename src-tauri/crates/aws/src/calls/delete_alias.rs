//! `kms:DeleteAlias`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{AliasName, Result};

use super::{Answered, once};
use crate::asked::Asked;

pub(crate) async fn delete_alias(
    client: &Client,
    alias: &AliasName,
    asked: &Asked,
) -> Result<Answered<()>> {
    let answer = client
        .delete_alias()
        .alias_name(alias.as_str())
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered::nothing(answer.request_id()))
}
