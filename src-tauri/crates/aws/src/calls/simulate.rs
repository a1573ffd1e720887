//! `iam:SimulatePrincipalPolicy`.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html>

use aws_config::SdkConfig;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};
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
    /// given or from where one asks; or it may, since the organization denies it.
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
    // One result for each action: what is said of all resources together.
    let results = answer.evaluation_results.unwrap_or_default();
    let decided = results
        .into_iter()
        .map(|one| (one.eval_action_name.clone(), decision(&one)))
        .collect();
    Ok((decided, Next::of(answer.is_truncated, answer.marker)))
}

fn decision(one: &EvaluationResult) -> Decision {
    // Neither the statements nor the missing keys of service control policies are among those told, so
    // that a denial of theirs, which none of the caller's own explains, may hang on conditions.
    let by_organization = one
        .organizations_decision_detail()
        .is_some_and(|detail| !detail.allowed_by_organizations());
    let unexplained = one.matched_statements().is_empty();
    match one.eval_decision() {
        _ if !one.missing_context_values().is_empty() => Decision::Conditional,
        PolicyEvaluationDecisionType::Allowed => Decision::Allowed,
        PolicyEvaluationDecisionType::ExplicitDeny if by_organization && unexplained => {
            Decision::Conditional
        }
        PolicyEvaluationDecisionType::ExplicitDeny => Decision::Denied,
        _ => Decision::NotGranted,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::{OrganizationsDecisionDetail, Statement};

    use super::*;

    #[test]
    fn a_denial_by_the_organization_alone_may_hang_on_conditions() {
        let allowed_above = |allowed| {
            OrganizationsDecisionDetail::builder()
                .allowed_by_organizations(allowed)
                .build()
        };
        let denied = || {
            EvaluationResult::builder()
                .eval_action_name("kms:CreateKey")
                .eval_decision(PolicyEvaluationDecisionType::ExplicitDeny)
        };
        let above = denied().organizations_decision_detail(allowed_above(false));
        assert_eq!(
            decision(&above.build().expect("a result")),
            Decision::Conditional
        );
        let own = Statement::builder().source_policy_id("own").build();
        let both = denied()
            .organizations_decision_detail(allowed_above(false))
            .matched_statements(own);
        assert_eq!(decision(&both.build().expect("a result")), Decision::Denied);
        let below = denied().organizations_decision_detail(allowed_above(true));
        assert_eq!(
            decision(&below.build().expect("a result")),
            Decision::Denied
        );
    }
}
