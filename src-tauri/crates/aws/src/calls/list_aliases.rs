//! `kms:ListAliases`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html>

use aws_sdk_kms::Client;
use ownkey_model::{Alias, KeyArn, Result};

use super::Next;
use crate::asked::Asked;

pub(crate) async fn list_aliases(
    client: &Client,
    of: Option<&KeyArn>,
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<Alias>, Next)> {
    let answer = client
        .list_aliases()
        .limit(100)
        .set_key_id(of.map(KeyArn::to_string))
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let aliases = answer
        .aliases
        .unwrap_or_default()
        .into_iter()
        .filter_map(|alias| {
            Some(Alias {
                name: alias.alias_name?,
                target_key_id: alias.target_key_id,
            })
        })
        .collect();
    Ok((aliases, Next::of(answer.truncated, answer.next_marker)))
}
