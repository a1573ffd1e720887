//! `kms:ScheduleKeyDeletion`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{KeyArn, Result, Timestamp};

use super::{Answered, once, timestamp};
use crate::asked::Asked;

/// AWS names no time for a primary key whose replicas have to go first.
pub(crate) async fn schedule_key_deletion(
    client: &Client,
    key: &KeyArn,
    days: u32,
    asked: &Asked,
) -> Result<Answered<Option<Timestamp>>> {
    let answer = client
        .schedule_key_deletion()
        .key_id(key.as_str())
        // A number that AWS refuses is AWS's to refuse.
        .pending_window_in_days(i32::try_from(days).unwrap_or(i32::MAX))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered {
        request_id: answer.request_id().map(str::to_owned),
        value: answer.deletion_date.as_ref().map(timestamp),
    })
}
