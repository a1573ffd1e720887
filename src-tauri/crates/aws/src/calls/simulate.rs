//! `iam:SimulatePrincipalPolicy`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use aws_config::SdkConfig;
use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use ownkey_model::Result;

use super::Next;
use crate::asked::Asked;

/// One page of those of the actions that a user or role may do on every resource, as far as its
/// policies say.
pub(crate) async fn allowed_actions(
    config: &SdkConfig,
    principal: &str,
    actions: &[&str],
    marker: Option<String>,
    asked: &Asked,
) -> Result<(Vec<String>, Next)> {
    let answer = aws_sdk_iam::Client::new(config)
        .simulate_principal_policy()
        .policy_source_arn(principal)
        .set_action_names(Some(actions.iter().map(ToString::to_string).collect()))
        .set_marker(marker)
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let allowed = answer
        .evaluation_results
        .unwrap_or_default()
        .into_iter()
        .filter(|one| one.eval_decision == PolicyEvaluationDecisionType::Allowed)
        .map(|one| one.eval_action_name)
        .collect();
    Ok((allowed, Next::of(answer.is_truncated, answer.marker)))
}
