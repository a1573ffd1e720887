//! `kms:ListResourceTags`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html>

use aws_sdk_kms::Client;
use ownkey_model::{Result, Tag};

use super::Next;
use crate::asked::Asked;

pub(crate) async fn tags(
    client: &Client,
    id: &str,
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<Tag>, Next)> {
    let answer = client
        .list_resource_tags()
        .key_id(id)
        .limit(50)
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let tags = answer
        .tags
        .unwrap_or_default()
        .into_iter()
        .map(|tag| Tag {
            key: tag.tag_key,
            value: tag.tag_value,
        })
        .collect();
    Ok((tags, Next::of(answer.truncated, answer.next_marker)))
}
