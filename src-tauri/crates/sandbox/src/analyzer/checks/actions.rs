//! `Action` and `NotAction`.

use super::super::actions::{has_action, has_service};
use super::super::finding::Impact;
use super::{Found, Kind, Part, redundant, variables};
use crate::iam::condition::like_ignoring_case;

pub(super) fn check(found: &mut Found, statement: &Part<'_>) {
    for name in ["Action", "NotAction"] {
        let Some(part) = statement.member(name) else {
            continue;
        };
        if part.is_empty_list() {
            let details = "This statement includes no actions and does not affect the policy. \
                           Specify actions.";
            found.suggestion("EMPTY_ARRAY_ACTION", details, &part);
            continue;
        }
        let actions = part.texts(found);
        for (action, part) in &actions {
            variables::refuse(found, action, part);
            one(found, action, part);
        }
        repeated(found, &actions);
    }
}

fn one(found: &mut Found, action: &str, part: &Part<'_>) {
    if action == "*" {
        return;
    }
    let Some((service, name)) = action.split_once(':') else {
        let details = format!("The action {action} does not exist.");
        return found.error("INVALID_ACTION", details, part);
    };
    if service.contains(['*', '?']) {
        let details = "Avoid using wildcards (*, ?) in the service name because it might grant \
                       unintended access to other AWS services with similar names.";
        return found.suggestion("WILDCARD_IN_SERVICE_NAME", details, part);
    }
    if !has_service(service) {
        let details = format!("The service {service} specified in the action does not exist.");
        return found.error("INVALID_SERVICE_IN_ACTION", details, part);
    }
    if !has_action(service, name) {
        let details = format!("The action {action} does not exist.");
        return found.error("INVALID_ACTION", details, part);
    }
    let resource_type = match found.kind {
        Kind::Bucket if !service.eq_ignore_ascii_case("s3") => "AWS::S3::Bucket",
        Kind::Trust if !service.eq_ignore_ascii_case("sts") => "AWS::IAM::AssumeRolePolicyDocument",
        _ => return,
    };
    let details = format!(
        "The action {action} is not supported for the resource-based policy attached to the \
         resource type {resource_type}."
    );
    found.error("UNSUPPORTED_ACTION_IN_POLICY", details, part);
}

/// Actions that another one of the list already means.
fn repeated(found: &mut Found, actions: &[(&str, Part<'_>)]) {
    let names = actions
        .iter()
        .map(|(action, _)| action.to_ascii_lowercase());
    let redundant = redundant::among(&names.collect::<Vec<_>>(), like_ignoring_case);
    let redundant: Vec<_> = redundant.into_iter().map(|turn| &actions[turn]).collect();
    let Some((first, _)) = redundant.first() else {
        return;
    };
    let details = format!(
        "The {} action(s) are redundant because they provide similar permissions. Update the \
         policy to remove the redundant action such as: {first}.",
        redundant.len()
    );
    let places = redundant.iter().map(|(_, part)| part.place()).collect();
    found.add(Impact::Suggestion, "REDUNDANT_ACTION", details, places);
}
