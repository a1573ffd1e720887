//! `kms:GetKeyPolicy`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html>

use aws_sdk_kms::Client;
use ownkey_model::Result;

use crate::asked::Asked;

pub(crate) async fn key_policy(client: &Client, id: &str, asked: &Asked) -> Result<String> {
    let answer = client
        .get_key_policy()
        .key_id(id)
        .policy_name("default")
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(answer.policy.unwrap_or_default())
}
