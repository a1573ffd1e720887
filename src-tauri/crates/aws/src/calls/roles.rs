//! `iam:ListRoles`. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html>

use aws_config::SdkConfig;
use ownkey_model::Result;

use super::Next;
use crate::asked::Asked;

/// Roles that AWS services made for themselves have a path below this one.
const OF_SERVICES: &str = "/aws-service-role/";

/// One page of the ARNs of roles, without those of AWS services.
pub(crate) async fn roles(
    config: &SdkConfig,
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<String>, Next)> {
    let answer = aws_sdk_iam::Client::new(config)
        .list_roles()
        .max_items(1000)
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let arns = answer
        .roles
        .into_iter()
        .filter(|role| !role.path.starts_with(OF_SERVICES))
        .map(|role| role.arn)
        .collect();
    Ok((arns, Next::of(answer.is_truncated, answer.marker)))
}
