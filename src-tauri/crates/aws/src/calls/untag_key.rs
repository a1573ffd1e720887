//! `kms:UntagResource`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{KeyArn, Result};

use super::{Answered, once};
use crate::asked::Asked;

pub(crate) async fn untag_key(
    client: &Client,
    key: &KeyArn,
    names: &[&str],
    asked: &Asked,
) -> Result<Answered<()>> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    let answer = client
        .untag_resource()
        .key_id(key.as_str())
        .set_tag_keys(Some(names))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    Ok(Answered::nothing(answer.request_id()))
}
