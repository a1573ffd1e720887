//! What a statement allows and perhaps should not: handing on roles, and making service-linked ones.

use super::super::finding::{Impact, Place};
use super::{Found, Part};
use crate::iam::condition::like_ignoring_case;

/// An action that is dangerous on any resource.
struct Danger {
    action: &'static str,
    impact: Impact,
    on_any: &'static str,
    on_others: &'static str,
    by_star_on_any: &'static str,
    by_star_on_others: &'static str,
    unnamed_on_any: &'static str,
    unnamed_on_others: &'static str,
    /// The key of a condition that makes it harmless.
    key: &'static str,
}

const DANGERS: [Danger; 2] = [
    Danger {
        action: "iam:PassRole",
        impact: Impact::SecurityWarning,
        on_any: "PASS_ROLE_WITH_STAR_IN_RESOURCE",
        on_others: "PASS_ROLE_WITH_NOT_RESOURCE",
        by_star_on_any: "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE",
        by_star_on_others: "PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        unnamed_on_any: "PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        unnamed_on_others: "PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        key: "iam:PassedToService",
    },
    Danger {
        action: "iam:CreateServiceLinkedRole",
        impact: Impact::Warning,
        on_any: "CREATE_SLR_WITH_STAR_IN_RESOURCE",
        on_others: "CREATE_SLR_WITH_NOT_RESOURCE",
        by_star_on_any: "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE",
        by_star_on_others: "CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE",
        unnamed_on_any: "CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION",
        unnamed_on_others: "CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE",
        key: "iam:AWSServiceName",
    },
];

pub(super) fn check(found: &mut Found, statement: &Part<'_>) {
    let effect = statement.member("Effect");
    if effect.is_none_or(|effect| effect.node.text() != Some("Allow")) {
        return;
    }
    let Some(actions) = statement.member("Action") else {
        if let Some(others) = statement.member("NotAction") {
            unnamed(found, statement, &others);
        }
        return;
    };
    for danger in &DANGERS {
        let meant = actions.entries().into_iter().filter(|part| {
            let action = part.node.text();
            action.is_some_and(|action| like_ignoring_case(action, danger.action))
        });
        let meant: Vec<Part<'_>> = meant.collect();
        // What is named allows more knowingly than what a star includes.
        let named = meant.iter().find(|part| {
            let action = part.node.text();
            action.is_some_and(|action| !action.contains('*'))
        });
        let Some(action) = named.or(meant.first()) else {
            continue;
        };
        if !asks_for(statement, danger.key) {
            of(found, danger, statement, action, named.is_none());
        }
    }
}

fn of(found: &mut Found, danger: &Danger, statement: &Part<'_>, action: &Part<'_>, by_star: bool) {
    let advice = match danger.impact {
        Impact::SecurityWarning => {
            "We recommend that you specify resource ARNs or add the iam:PassedToService condition \
             key to your statement."
        }
        _ => "We recommend that you specify resource ARNs instead.",
    };
    let name = danger.action;
    let harm = match danger.impact {
        Impact::SecurityWarning => {
            format!(
                "can be overly permissive because it allows {name} permissions on multiple resources"
            )
        }
        _ => "can allow the creation of unintended service-linked roles".to_owned(),
    };
    if let Some(others) = statement.member("NotResource") {
        let (code, subject) = match by_star {
            true => (
                danger.by_star_on_others,
                "Using an action with a wildcard (*) and NotResource".to_owned(),
            ),
            false => (
                danger.on_others,
                format!("Using the {name} action with NotResource"),
            ),
        };
        let details = format!("{subject} {harm}. {advice}");
        found.add(danger.impact, code, details, places(action, &others));
    }
    let Some(resources) = statement.member("Resource") else {
        return;
    };
    if let Some(any) = any_of(&resources) {
        let (code, subject) = match by_star {
            true => (
                danger.by_star_on_any,
                "Using wildcards (*) in the action and the resource".to_owned(),
            ),
            false => (
                danger.on_any,
                format!("Using the {name} action with wildcards (*) in the resource"),
            ),
        };
        let details = format!("{subject} {harm}. {advice}");
        found.add(danger.impact, code, details, places(action, &any));
    }
}

/// Allows what `NotAction` does not name.
fn unnamed(found: &mut Found, statement: &Part<'_>, others: &Part<'_>) {
    for danger in &DANGERS {
        let is_named = others.entries().iter().any(|part| {
            let action = part.node.text();
            action.is_some_and(|action| like_ignoring_case(action, danger.action))
        });
        if is_named || asks_for(statement, danger.key) {
            continue;
        }
        let name = danger.action;
        let is_security = danger.impact == Impact::SecurityWarning;
        if let Some(resources) = statement.member("NotResource") {
            let details = match is_security {
                true => format!(
                    "Using NotAction with NotResource can be overly permissive because it can \
                     allow {name} permissions on multiple resources.. We recommend that you \
                     specify resource ARNs instead."
                ),
                false => format!(
                    "Using NotAction with NotResource can allow creation of unintended \
                     service-linked roles because it allows {name} permissions on multiple \
                     resources. We recommend that you specify resource ARNs instead."
                ),
            };
            let places = places(others, &resources);
            found.add(danger.impact, danger.unnamed_on_others, details, places);
        }
        let resources = statement.member("Resource");
        if let Some(any) = resources.as_ref().and_then(any_of) {
            let details = match is_security {
                true => format!(
                    "Using a resource with wildcards (*) and NotAction can be overly permissive \
                     because it allows {name} permissions on all resources. We recommend that you \
                     specify resource ARNs or add the iam:PassedToService condition key to your \
                     statement."
                ),
                false => format!(
                    "Using a resource with wildcards (*) and NotAction can allow creation of \
                     unintended service-linked roles because it allows {name} permissions on all \
                     resources. We recommend that you specify resource ARNs instead."
                ),
            };
            let places = places(others, &any);
            found.add(danger.impact, danger.unnamed_on_any, details, places);
        }
    }
}

/// The first resource that is any role.
fn any_of<'a>(resources: &Part<'a>) -> Option<Part<'a>> {
    let mut entries = resources.entries().into_iter();
    entries.find(|part| part.node.text().is_some_and(is_any))
}

/// Every role, or those of every account or name.
fn is_any(arn: &str) -> bool {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    resource == "*" || resource == "role/*" || arn == "*"
}

fn asks_for(statement: &Part<'_>, key: &str) -> bool {
    let Some(condition) = statement.member("Condition") else {
        return false;
    };
    let blocks = condition.members();
    let mut keys = blocks.iter().flat_map(|(_, block)| block.members());
    keys.any(|(known, _)| known.eq_ignore_ascii_case(key))
}

fn places(one: &Part<'_>, other: &Part<'_>) -> Vec<Place> {
    vec![one.place(), other.place()]
}
