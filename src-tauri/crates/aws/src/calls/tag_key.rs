//! `kms:TagResource`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{KeyArn, Result, Tag};

use super::{Answered, once, tag};
use crate::asked::Asked;

pub(crate) async fn tag_key(
    client: &Client,
    key: &KeyArn,
    tags: &[Tag],
    asked: &Asked,
) -> Result<Answered<()>> {
    let answer = client
        .tag_resource()
        .key_id(key.as_str())
        .set_tags(Some(tags.iter().map(tag).collect()))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered::nothing(answer.request_id()))
}
