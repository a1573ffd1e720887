//! `TagResources`, `UntagResources`: every resource is changed by its own service, which also asks for
//! its own permission. What fails there is told, and stops nothing else.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html>

use serde_json::{Map, Value, json};

use super::Asked;
use super::input::invalid;
use crate::api::{ApiError, ApiResult};
use crate::encoding::percent_encode;
use crate::query::Params;
use crate::regions::Partition;
use crate::{iam, s3};

/// What is to become of the tags of each resource.
enum Change<'a> {
    Add(Vec<(&'a str, &'a str)>),
    Remove(Vec<&'a str>),
}

impl Asked<'_> {
    pub(super) async fn tag(&self) -> ApiResult {
        let arns = self.arns()?;
        let tags = self.input.given("Tags").and_then(Value::as_object);
        let tags = tags.ok_or_else(|| invalid("Tags must be specified"))?;
        if !(1..=50).contains(&tags.len()) {
            return Err(invalid("Tags must have 1 to 50 entries"));
        }
        let tags = tags.iter().map(|(key, value)| {
            let value = value.as_str().filter(|text| text.chars().count() <= 256);
            let value = value.ok_or_else(|| invalid("Tags has a value that is none"))?;
            if !(1..=128).contains(&key.chars().count()) || key.starts_with("aws:") {
                return Err(invalid("Tags has a key that is none"));
            }
            Ok((key.as_str(), value))
        });
        let change = Change::Add(tags.collect::<Result<_, ApiError>>()?);
        self.allow("TagResources")?;
        self.change_all(arns, &change).await
    }

    pub(super) async fn untag(&self) -> ApiResult {
        let arns = self.arns()?;
        let keys = self.input.texts("TagKeys", 1..=50, 1..=128)?;
        let keys = keys.ok_or_else(|| invalid("TagKeys must be specified"))?;
        self.allow("UntagResources")?;
        self.change_all(arns, &Change::Remove(keys)).await
    }

    fn arns(&self) -> Result<Vec<&str>, ApiError> {
        let arns = self.input.texts("ResourceARNList", 1..=20, 1..=1_011)?;
        let arns = arns.ok_or_else(|| invalid("ResourceARNList must be specified"))?;
        let word = Partition::of(&self.call.region).word();
        let here = |arn: &&str| {
            let mut parts = arn.split(':');
            parts.next() == Some("arn") && parts.next() == Some(word) && parts.count() >= 4
        };
        if !arns.iter().all(here) {
            return Err(invalid("ResourceARNList has an entry that is no ARN here"));
        }
        Ok(arns)
    }

    async fn change_all(&self, arns: Vec<&str>, change: &Change<'_>) -> ApiResult {
        let mut failed = Map::new();
        for arn in arns {
            if let Err(error) = self.change_one(arn, change).await {
                let code = match error.status {
                    500.. => "InternalServiceException",
                    _ => "InvalidParameterException",
                };
                let failure = json!({
                    "StatusCode": error.status,
                    "ErrorCode": code,
                    "ErrorMessage": error.message,
                });
                failed.insert(arn.to_owned(), failure);
            }
        }
        Ok(json!({ "FailedResourcesMap": failed }))
    }

    async fn change_one(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, region, account, resource] = parts[..] else {
            return Err(invalid("The ARN is not valid."));
        };
        let is_own =
            account == self.call.account && [self.call.region.as_str(), ""].contains(&region);
        match service {
            "kms" if is_own && resource.starts_with("key/") => self.change_key(arn, change).await,
            "iam" if is_own => self.change_in_iam(arn, resource, change),
            "s3" if !resource.contains('/') => self.change_bucket(arn, resource, change).await,
            "kms" | "iam" => Err(invalid("The resource does not exist in this account.")),
            _ => Err(invalid(
                "The resource type does not support this operation.",
            )),
        }
    }

    async fn change_bucket(
        &self,
        arn: &str,
        name: &str,
        change: &Change<'_>,
    ) -> Result<(), ApiError> {
        let known = {
            let state = self.around.neighbours.s3.read();
            let buckets = state.tagged(&self.call.account, &self.call.region);
            buckets.into_iter().find(|(known, _)| known == arn)
        };
        let Some((_, mut tags)) = known else {
            return Err(invalid("The resource does not exist in this account."));
        };
        match change {
            Change::Add(added) => {
                for (key, value) in added {
                    tags.retain(|(known, _)| known != key);
                    tags.push(((*key).to_owned(), (*value).to_owned()));
                }
            }
            Change::Remove(keys) => tags.retain(|(known, _)| !keys.contains(&known.as_str())),
        }
        s3::retag(self.around, self.call, name, &tags).await
    }

    async fn change_key(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let (operation, input) = match change {
            Change::Add(tags) => {
                let tags = tags
                    .iter()
                    .map(|(key, value)| json!({ "TagKey": key, "TagValue": value }));
                let tags: Vec<Value> = tags.collect();
                ("TagResource", json!({ "KeyId": arn, "Tags": tags }))
            }
            Change::Remove(keys) => ("UntagResource", json!({ "KeyId": arn, "TagKeys": keys })),
        };
        let Value::Object(input) = input else {
            return Ok(());
        };
        let done = self.around.kms.answer(self.call, operation, &input).await;
        done.map(|_| ())
    }

    /// Of IAM's resources those that this API knows: users and roles are none of them.
    fn change_in_iam(
        &self,
        arn: &str,
        resource: &str,
        change: &Change<'_>,
    ) -> Result<(), ApiError> {
        let (noun, member) = match resource.split('/').next() {
            Some("policy") => ("Policy", "PolicyArn"),
            Some("mfa") => ("MFADevice", "SerialNumber"),
            Some("oidc-provider") => ("OpenIDConnectProvider", "OpenIDConnectProviderArn"),
            Some("saml-provider") => ("SAMLProvider", "SAMLProviderArn"),
            _ => {
                return Err(invalid(
                    "The resource type does not support this operation.",
                ));
            }
        };
        let written = |text: &str| percent_encode(text.as_bytes());
        let mut form = format!("{member}={}", written(arn));
        let operation = match change {
            Change::Add(tags) => {
                for (turn, (key, value)) in (1..).zip(tags) {
                    let (key, value) = (written(key), written(value));
                    let entry = format!("Tags.member.{turn}");
                    form.push_str(&format!("&{entry}.Key={key}&{entry}.Value={value}"));
                }
                format!("Tag{noun}")
            }
            Change::Remove(keys) => {
                for (turn, key) in (1..).zip(keys) {
                    form.push_str(&format!("&TagKeys.member.{turn}={}", written(key)));
                }
                format!("Untag{noun}")
            }
        };
        let params = Params::read(None, form.as_bytes());
        let caller = &self.call.caller;
        let done = iam::answers::answer(self.around.iam, caller, self.call, &operation, &params);
        done.map_or(Ok(()), |done| done.map(|_| ()))
    }
}
