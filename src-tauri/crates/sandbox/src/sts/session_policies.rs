//! The policies that narrow a session: one inline, and managed ones. What either allows is left.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>

use std::sync::Arc;

use serde_json::{Value, json};

use super::invalid;
use crate::api::ApiError;
use crate::iam::State;
use crate::iam::policy::{Policy, PolicyKind};
use crate::query::Params;

/// AWS's limit of managed policies for one session.
const MOST: usize = 10;

/// AWS's limit of an inline policy in characters, and the measure of what is packed.
pub(super) const ALLOTTED: usize = 2_048;

/// What is left of the caller's policies, and how many characters said so.
#[derive(Default)]
pub(super) struct Narrowing {
    pub(super) policy: Option<Arc<Policy>>,
    pub(super) size: usize,
}

/// Reads `Policy` and `PolicyArns`, whose policies are those of `account` and of AWS.
pub(super) fn read(params: &Params, state: &State, account: &str) -> Result<Narrowing, ApiError> {
    let mut size = 0;
    let mut policies = Vec::new();
    if let Some(text) = params.one("Policy") {
        size += text.chars().count();
        if size > ALLOTTED {
            return Err(too_large());
        }
        let policy = Policy::parse_new(text, PolicyKind::Identity)
            .map_err(|wrong| ApiError::new("MalformedPolicyDocument", wrong.0))?;
        policies.push(Arc::new(policy));
    }
    let arns: Vec<&str> = (1..)
        .map_while(|turn| params.one(&format!("PolicyArns.member.{turn}.arn")))
        .collect();
    if arns.len() > MOST {
        return Err(invalid(format!(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: \
             Member must have length less than or equal to {MOST}"
        )));
    }
    for arn in arns {
        size += arn.chars().count();
        let policy = state.managed_policy(account, arn).ok_or_else(|| {
            ApiError::new(
                "MalformedPolicyDocument",
                format!("Policy {arn} does not exist or is not attachable."),
            )
        })?;
        policies.push(policy);
    }
    let policy = match policies.len() {
        0 | 1 => policies.pop(),
        _ => Some(Arc::new(together(&policies)?)),
    };
    Ok(Narrowing { policy, size })
}

/// All statements in one document.
fn together(policies: &[Arc<Policy>]) -> Result<Policy, ApiError> {
    let mut all = Vec::new();
    for policy in policies {
        let document: Value = serde_json::from_str(&policy.text).unwrap_or_default();
        match &document["Statement"] {
            Value::Array(statements) => all.extend(statements.iter().cloned()),
            single => all.push(single.clone()),
        }
    }
    let document = json!({ "Version": "2012-10-17", "Statement": all });
    Policy::parse(&document.to_string(), PolicyKind::Identity)
        .map_err(|wrong| ApiError::new("MalformedPolicyDocument", wrong.0))
}

pub(super) fn too_large() -> ApiError {
    ApiError::new(
        "PackedPolicyTooLarge",
        "Packed policy consumes more than 100% of allotted space.",
    )
}
