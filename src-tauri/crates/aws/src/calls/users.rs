//! `iam:ListUsers`. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html>

use aws_config::SdkConfig;
use ownkey_model::Result;

use super::Next;
use crate::asked::Asked;

/// One page of the ARNs of users.
pub(crate) async fn users(
    config: &SdkConfig,
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<String>, Next)> {
    let answer = aws_sdk_iam::Client::new(config)
        .list_users()
        .max_items(1000)
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let arns = answer.users.into_iter().map(|user| user.arn).collect();
    Ok((arns, Next::of(answer.is_truncated, answer.marker)))
}
