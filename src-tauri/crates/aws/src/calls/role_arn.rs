//! `iam:GetRole`. <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use aws_config::SdkConfig;
use ownkey_model::{AppError, Result};

use crate::asked::Asked;

/// The ARN of a role by its name. `NotFound` if the account has none of that name.
pub(crate) async fn role_arn(config: &SdkConfig, name: &str, asked: &Asked) -> Result<String> {
    let answer = aws_sdk_iam::Client::new(config)
        .get_role()
        .role_name(name)
        .send()
        .await;
    match answer {
        Ok(answer) => answer
            .role
            .map(|role| role.arn)
            .ok_or_else(|| asked.malformed("The answer has no role.", None)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(|error| error.is_no_such_entity_exception()) =>
        {
            Err(AppError::NotFound {
                what: format!("role {name}"),
            })
        }
        Err(error) => Err(asked.refused(error)),
    }
}
