//! `kms:ListKeys`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html>

use aws_sdk_kms::Client;
use ownkey_model::Result;

use super::Next;
use crate::asked::Asked;

/// One page of key ids.
#[derive(Debug, Clone)]
pub struct KeyIds {
    /// The ids.
    pub ids: Vec<String>,
    /// Where the list goes on.
    pub next: Next,
}

pub(crate) async fn list_keys(
    client: &Client,
    marker: Option<String>,
    asked: &Asked,
) -> Result<KeyIds> {
    let answer = client
        .list_keys()
        .limit(1000)
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(KeyIds {
        next: Next::of(answer.truncated, answer.next_marker),
        ids: answer
            .keys
            .unwrap_or_default()
            .into_iter()
            .filter_map(|key| key.key_id)
            .collect(),
    })
}
