//! The KMS key of a log group.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::group_arn;
use super::input::{group_mut, group_name, invalid, named_by_arn, permit, read, text};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::evaluate::Question;
use crate::iam::policy::PolicyKind;
use crate::kms::SeenKey;
use crate::neighbours::Around;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
    kms_key_id: Option<String>,
}

impl Asked {
    fn group(&self, call: &Call) -> Result<String, ApiError> {
        match (&self.log_group_name, &self.resource_identifier) {
            (Some(_), Some(_)) => Err(invalid(
                "Only one of logGroupName and resourceIdentifier can be specified.",
            )),
            (None, Some(arn)) => {
                named_by_arn(call, arn).ok_or_else(|| invalid("Invalid resourceIdentifier"))
            }
            (name, None) => group_name(name.clone()),
        }
    }
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html>
pub(super) fn associate_kms_key(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let name = asked.group(call)?;
    let key = text("kmsKeyId", asked.kms_key_id, 256)?;
    permit(call, "AssociateKmsKey", &name, "")?;
    let key = check(around, call, &name, &key)?;
    let mut state = around.neighbours.logs.write(around.revision);
    group_mut(&mut state, call, &name)?.key = Some(key);
    Ok(Value::Null)
}

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html>
pub(super) fn disassociate_kms_key(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let name = read::<Asked>(input)?.group(call)?;
    permit(call, "DisassociateKmsKey", &name, "")?;
    let mut state = around.neighbours.logs.write(around.revision);
    group_mut(&mut state, call, &name)?.key = None;
    Ok(Value::Null)
}

/// A group's key is the ARN of an enabled symmetric key of the group's region, which the service may use
/// for the group.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html>
pub(super) fn check(
    around: &Around<'_>,
    call: &Call,
    group: &str,
    key: &str,
) -> Result<String, ApiError> {
    let seen = Some(key)
        .filter(|key| key.starts_with("arn:") && !key.contains(":alias/"))
        .and_then(|key| around.kms.seen(call, key))
        .filter(|seen| seen.arn.split(':').nth(3) == Some(call.region.as_str()));
    match seen {
        Some(seen)
            if seen.is_enabled && seen.is_symmetric && may_use(around, call, group, &seen) =>
        {
            Ok(seen.arn)
        }
        _ => Err(invalid(format!(
            "The specified KMS key does not exist or is not allowed to be used with Arn '{}'.",
            group_arn(&call.account, &call.region, group)
        ))),
    }
}

fn may_use(around: &Around<'_>, call: &Call, group: &str, key: &SeenKey) -> bool {
    let partition = call.caller.partition;
    let service = format!("logs.{}.{}", call.region, partition.domain());
    let group = group_arn(&call.account, &call.region, group);
    let context = around
        .iam
        .context_of_service(&service, &call.account, &group)
        .with("kms:EncryptionContext:aws:logs:arn", &group)
        .with_all("kms:EncryptionContextKeys", &["aws:logs:arn"]);
    let policy = around.kms.policy_of(call, &key.arn);
    let policy = policy.as_ref().map_or("", |policy| policy.text());
    let policy = (PolicyKind::Key, policy);
    // Its name is the same in all partitions.
    let anywhere = format!("logs.{}.amazonaws.com", call.region);
    let lets = |service: &str, question: &Question<'_>| {
        let iam = around.iam;
        iam.lets(service, &key.account, policy, question)
    };
    ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
        .iter()
        .all(|action| {
            let question = Question {
                action,
                resource: &key.arn,
                context: &context,
            };
            lets(&service, &question) || lets(&anywhere, &question)
        })
}
