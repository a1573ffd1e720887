//! `kms:CreateKey`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html>

use aws_sdk_kms::{
    Client,
    operation::RequestId,
    types::{self, OriginType},
};
use ownkey_model::{KeyArn, KeySpec, KeyUsage, Result, Tag};

use super::{Answered, once, tag};
use crate::asked::Asked;

/// A key to be made. It waits for its material: its origin is `EXTERNAL`.
#[derive(Debug, Clone)]
pub struct NewKey<'a> {
    /// The key spec.
    pub spec: KeySpec,
    /// The key usage.
    pub usage: KeyUsage,
    /// The description.
    pub description: &'a str,
    /// Whether it can have replicas.
    pub multi_region: bool,
    /// The key policy's text; AWS's default policy if absent.
    pub policy: Option<&'a str>,
    /// Whether AWS is not to check that the caller can change the policy afterwards.
    pub bypass_lockout_check: bool,
    /// Tags that the key has from its first moment.
    pub tags: &'a [Tag],
}

pub(crate) async fn create_key(
    client: &Client,
    new: &NewKey<'_>,
    asked: &Asked,
) -> Result<Answered<KeyArn>> {
    let tags: Vec<types::Tag> = new.tags.iter().map(tag).collect();
    let answer = client
        .create_key()
        .origin(OriginType::External)
        .key_spec(types::KeySpec::from(new.spec.as_str()))
        .key_usage(types::KeyUsageType::from(new.usage.as_str()))
        .description(new.description)
        .multi_region(new.multi_region)
        .set_policy(new.policy.map(str::to_owned))
        .bypass_policy_lockout_safety_check(new.bypass_lockout_check)
        .set_tags((!tags.is_empty()).then_some(tags))
        .customize()
        .config_override(once())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let request_id = answer.request_id().map(str::to_owned);
    let arn = answer.key_metadata.and_then(|metadata| metadata.arn);
    match KeyArn::parse(&arn.unwrap_or_default()) {
        Ok(value) => Ok(Answered { value, request_id }),
        Err(_) => Err(asked.malformed("The answer has no usable key ARN.", request_id)),
    }
}
