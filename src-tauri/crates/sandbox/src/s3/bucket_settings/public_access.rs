//! Block Public Access: its four switches, and which policies count as public.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::xml::Xml;

/// The switches. A new bucket has all of them on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::s3) struct PublicAccessBlock {
    pub(in crate::s3) block_public_acls: bool,
    pub(in crate::s3) ignore_public_acls: bool,
    pub(in crate::s3) block_public_policy: bool,
    pub(in crate::s3) restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    pub(in crate::s3) fn of_new_bucket() -> Self {
        Self {
            block_public_acls: true,
            ignore_public_acls: true,
            block_public_policy: true,
            restrict_public_buckets: true,
        }
    }
}

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketPublicAccessBlock")?;
    asked.with_bucket(|bucket| {
        let set = bucket.public_access_block.as_ref().ok_or_else(|| {
            ApiError::new(
                "NoSuchPublicAccessBlockConfiguration",
                "The public access block configuration was not found",
            )
            .with_status(404)
            .about("BucketName", &bucket.name)
        })?;
        let xml = Xml::new()
            .text("BlockPublicAcls", set.block_public_acls)
            .text("IgnorePublicAcls", set.ignore_public_acls)
            .text("BlockPublicPolicy", set.block_public_policy)
            .text("RestrictPublicBuckets", set.restrict_public_buckets);
        Ok(asked.xml("PublicAccessBlockConfiguration", xml))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketPublicAccessBlock")?;
    let root = asked.document("PublicAccessBlockConfiguration")?;
    root.only(&[
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    ])?;
    let switch = |name: &str| root.flag(name).map(Option::unwrap_or_default);
    let set = PublicAccessBlock {
        block_public_acls: switch("BlockPublicAcls")?,
        ignore_public_acls: switch("IgnorePublicAcls")?,
        block_public_policy: switch("BlockPublicPolicy")?,
        restrict_public_buckets: switch("RestrictPublicBuckets")?,
    };
    asked.change_bucket(|bucket| {
        bucket.public_access_block = Some(set);
        Ok(())
    })?;
    Ok(asked.empty(200))
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketPublicAccessBlock")?;
    asked.change_bucket(|bucket| {
        bucket.public_access_block = None;
        Ok(())
    })?;
    Ok(asked.empty(204))
}

/// Condition keys that make a policy for everybody one for a few, if their values are fixed.
const NARROWING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether a policy lets everybody in: it allows something to any principal, with no condition that
/// has fixed values.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
pub(in crate::s3) fn is_public(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    let statements = match &document["Statement"] {
        Value::Array(statements) => statements.as_slice(),
        single => std::slice::from_ref(single),
    };
    statements.iter().any(|statement| {
        statement["Effect"] == "Allow"
            && names_everybody(statement)
            && !narrows(&statement["Condition"])
    })
}

fn names_everybody(statement: &Value) -> bool {
    let principal = &statement["Principal"];
    statement.get("NotPrincipal").is_some()
        || principal == "*"
        || texts(&principal["AWS"]).contains(&"*")
}

fn narrows(condition: &Value) -> bool {
    let operators = condition.as_object().into_iter().flatten();
    operators
        .filter(|(operator, _)| {
            let plain = operator.rsplit(':').next().unwrap_or(operator);
            matches!(
                plain,
                "StringEquals"
                    | "StringEqualsIgnoreCase"
                    | "StringLike"
                    | "ArnEquals"
                    | "ArnLike"
                    | "IpAddress"
            ) && !operator.starts_with("ForAllValues")
        })
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
        .any(|(key, values)| {
            let key = key.to_ascii_lowercase();
            let values = texts(values);
            NARROWING.contains(&key.as_str())
                && !values.is_empty()
                && values.iter().all(|value| is_fixed(&key, value))
        })
}

fn is_fixed(key: &str, value: &str) -> bool {
    if key != "aws:sourceip" {
        return !value.contains(['*', '?']) && !value.contains("${");
    }
    let (address, length) = value.split_once('/').unwrap_or((value, ""));
    match (address.parse(), length.parse::<u8>()) {
        (Ok(_), Err(_)) => length.is_empty(),
        (Ok(IpAddr::V4(_)), Ok(length)) => length >= 8,
        (Ok(IpAddr::V6(_)), Ok(length)) => length >= 32,
        (Err(_), _) => false,
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        single => single.as_str().into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_public;

    #[test]
    fn a_policy_for_everybody_is_public_unless_fixed_values_narrow_it() {
        let policy = |effect: &str, principal, condition| {
            let mut statement = json!({"Effect": effect, "Principal": principal,
                "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
            if condition != json!(null) {
                statement["Condition"] = condition;
            }
            json!({ "Statement": statement }).to_string()
        };
        let everybody = || json!({"AWS": ["*"]});
        for (text, expected) in [
            (policy("Allow", json!("*"), json!(null)), true),
            (policy("Allow", everybody(), json!(null)), true),
            (policy("Deny", json!("*"), json!(null)), false),
            (
                policy("Allow", json!({"AWS": "111111111111"}), json!(null)),
                false,
            ),
            (
                policy(
                    "Allow",
                    json!("*"),
                    json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
                ),
                false,
            ),
            (
                policy(
                    "Allow",
                    json!("*"),
                    json!({"StringLike": {"aws:SourceVpc": "vpc-*"}}),
                ),
                true,
            ),
            (
                policy(
                    "Allow",
                    json!("*"),
                    json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}),
                ),
                true,
            ),
            (
                policy(
                    "Allow",
                    json!("*"),
                    json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
                ),
                false,
            ),
            (
                policy(
                    "Allow",
                    json!("*"),
                    json!({"Bool": {"aws:SecureTransport": "true"}}),
                ),
                true,
            ),
        ] {
            assert_eq!(is_public(&text), expected, "{text}");
        }
    }
}
