//! `TagResources`, `UntagResources`: every resource is changed by its own service (`bearers`), which also
//! asks for its own permission. What fails there is told, and stops nothing else.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagResources.html>

use serde_json::{Map, Value, json};

use super::Asked;
use super::input::invalid;
use crate::api::{ApiError, ApiResult};
use crate::regions::Partition;

/// What is to become of the tags of each resource.
pub(super) enum Change<'a> {
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
}
