//! `iam:SimulatePrincipalPolicy`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use aws_config::SdkConfig;
use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use ownkey_model::Result;

use super::Next;
use crate::asked::Asked;

/// What a simulation says about an action on every resource. Key policies are not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The caller's policies permit it.
    Allowed,
    /// A policy denies it: nothing else can permit it.
    Denied,
    /// The caller's policies do not permit it on every resource. Others may.
    NotGranted,
    /// It hangs on conditions that a simulation knows nothing of, such as whether an MFA code was
    /// given or from where one asks.
    Conditional,
}

/// One page of what a user or role may do on every resource, as far as its policies say.
pub(crate) async fn simulate(
    config: &SdkConfig,
    principal: &str,
    actions: &[&str],
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<(String, Decision)>, Next)> {
    let answer = aws_sdk_iam::Client::new(config)
        .simulate_principal_policy()
        .policy_source_arn(principal)
        .set_action_names(Some(actions.iter().map(ToString::to_string).collect()))
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let decided = answer
        .evaluation_results
        .unwrap_or_default()
        .into_iter()
        .map(|one| {
            let lacks_context = !one.missing_context_values.unwrap_or_default().is_empty();
            let decision = match one.eval_decision {
                _ if lacks_context => Decision::Conditional,
                PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
                PolicyEvaluationDecisionType::ExplicitDeny => Decision::Denied,
                _ => Decision::NotGranted,
            };
            (one.eval_action_name, decision)
        })
        .collect();
    Ok((decided, Next::of(answer.is_truncated, answer.marker)))
}
