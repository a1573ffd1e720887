//! `kms:GetKeyRotationStatus`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html>

use aws_sdk_kms::Client;
use ownkey_model::{AppError, Result, Rotation};

use super::timestamp;
use crate::asked::Asked;

/// AWS answers `UnsupportedOperationException` for asymmetric, HMAC and imported keys: they have
/// no automatic rotation, which is no fault.
pub(crate) async fn rotation(client: &Client, id: &str, asked: &Asked) -> Result<Option<Rotation>> {
    match client.get_key_rotation_status().key_id(id).send().await {
        Ok(answer) => Ok(Some(Rotation {
            enabled: answer.key_rotation_enabled,
            period_days: answer
                .rotation_period_in_days
                .and_then(|days| u32::try_from(days).ok()),
            next_at: answer.next_rotation_date.as_ref().map(timestamp),
        })),
        Err(error) => match asked.refused(error) {
            AppError::Aws { aws_code, .. } if aws_code == "UnsupportedOperationException" => {
                Ok(None)
            }
            error => Err(error),
        },
    }
}
