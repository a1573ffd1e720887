//! How each service changes the tags of what it has.

use serde_json::{Map, Value, json};

use super::Asked;
use super::change::Change;
use super::input::invalid;
use crate::api::ApiError;
use crate::encoding::percent_encode;
use crate::query::Params;
use crate::{cloudtrail, iam, logs, organizations, s3};

impl Asked<'_> {
    pub(super) async fn change_one(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, service, region, account, resource] = parts[..] else {
            return Err(invalid("The ARN is not valid."));
        };
        let is_here = account == self.call.account && region == self.call.region;
        let is_global = account == self.call.account && region.is_empty();
        let is_own = match service {
            "iam" | "organizations" => is_global && self.is_home_of_the_global(),
            "s3" => true,
            _ => is_here,
        };
        let (kind, id) = resource.split_once(['/', ':']).unwrap_or((resource, ""));
        match (service, kind) {
            ("kms", "key") if is_own => self.change_key(arn, change).await,
            ("iam", _) if is_own => self.change_in_iam(arn, change),
            ("s3", bucket) if id.is_empty() => self.change_bucket(arn, bucket, change).await,
            ("cloudhsm", "cluster") if is_own => self.change_cluster(id, change),
            ("cloudtrail", "trail") if is_own => self.change_trail(arn, change),
            ("logs", "log-group") if is_own => self.change_log_group(arn, change),
            ("organizations", "account" | "ou" | "policy" | "root") if is_own => {
                self.change_in_organization(id, change)
            }
            ("kms", "key")
            | ("iam", _)
            | ("cloudhsm", "cluster")
            | ("cloudtrail", "trail")
            | ("logs", "log-group") => Err(invalid("The resource does not exist in this account.")),
            _ => Err(unsupported()),
        }
    }

    async fn change_key(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let (operation, input) = match change {
            Change::Add(tags) => {
                let tags = listed(tags, "TagKey", "TagValue");
                ("TagResource", json!({ "KeyId": arn, "Tags": tags }))
            }
            Change::Remove(keys) => ("UntagResource", json!({ "KeyId": arn, "TagKeys": keys })),
        };
        let (kms, input) = (self.around.kms, members(input));
        let done = kms.answer(self.call, operation, &input).await;
        done.map(|_| ())
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

    fn change_cluster(&self, id: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let (operation, input) = match change {
            Change::Add(tags) => {
                let tags = listed(tags, "Key", "Value");
                ("TagResource", json!({ "ResourceId": id, "TagList": tags }))
            }
            Change::Remove(keys) => {
                let input = json!({ "ResourceId": id, "TagKeyList": keys });
                ("UntagResource", input)
            }
        };
        let cloudhsm = self.around.cloudhsm;
        let done = cloudhsm.answer(self.call, operation, &members(input));
        done.map(|_| ())
    }

    fn change_trail(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let (operation, tags) = match change {
            Change::Add(tags) => ("AddTags", listed(tags, "Key", "Value")),
            Change::Remove(keys) => {
                let keys = keys.iter().map(|key| json!({ "Key": key }));
                ("RemoveTags", keys.collect())
            }
        };
        let input = json!({ "ResourceId": arn, "TagsList": tags });
        cloudtrail::answer(self.around, self.call, operation, &members(input)).map(|_| ())
    }

    fn change_log_group(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let (operation, input) = match change {
            Change::Add(tags) => {
                let tags: Map<String, Value> = tags
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), (*value).into()))
                    .collect();
                ("TagResource", json!({ "resourceArn": arn, "tags": tags }))
            }
            Change::Remove(keys) => {
                let input = json!({ "resourceArn": arn, "tagKeys": keys });
                ("UntagResource", input)
            }
        };
        logs::answer(self.around, self.call, operation, &members(input)).map(|_| ())
    }

    /// By the last word of the ARN, which is the id.
    fn change_in_organization(&self, path: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let id = path.rsplit('/').next().unwrap_or_default();
        let (operation, input) = match change {
            Change::Add(tags) => {
                let tags = listed(tags, "Key", "Value");
                ("TagResource", json!({ "ResourceId": id, "Tags": tags }))
            }
            Change::Remove(keys) => {
                let input = json!({ "ResourceId": id, "TagKeys": keys });
                ("UntagResource", input)
            }
        };
        organizations::answer(self.around, self.call, operation, &members(input)).map(|_| ())
    }

    fn change_in_iam(&self, arn: &str, change: &Change<'_>) -> Result<(), ApiError> {
        let taggable = self.around.iam.read().taggable(&self.call.account, arn);
        let Some(iam::tagged::Taggable { noun, member, name }) = taggable else {
            return Err(invalid("The resource does not exist in this account."));
        };
        let written = |text: &str| percent_encode(text.as_bytes());
        let mut form = format!("{member}={}", written(&name));
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
        done.map_or_else(|| Err(unsupported()), |done| done.map(|_| ()))
    }
}

/// Tags as lists of objects have them.
fn listed(tags: &[(&str, &str)], key: &str, value: &str) -> Value {
    let one = |(name, text): &(&str, &str)| json!({ key: name, value: text });
    tags.iter().map(one).collect()
}

fn members(input: Value) -> Map<String, Value> {
    match input {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn unsupported() -> ApiError {
    invalid("The resource type does not support this operation.")
}
