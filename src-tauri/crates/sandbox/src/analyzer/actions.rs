//! The services that policies can name, and the actions of those that the sandbox knows in full:
//! `vocabulary.txt` has a service or an action a line.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::iam::condition::like_ignoring_case;

/// The actions by service; none of a service of which only the name is known.
static KNOWN: LazyLock<BTreeMap<&str, BTreeSet<&str>>> = LazyLock::new(|| {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in include_str!("vocabulary.txt").lines() {
        match line.split_once(':') {
            Some((service, action)) => known.entry(service).or_default().insert(action),
            None => !known.entry(line).or_default().is_empty(),
        };
    }
    known
});

/// Whether there is a service with this prefix.
pub(super) fn has_service(service: &str) -> bool {
    KNOWN.contains_key(service.to_ascii_lowercase().as_str())
}

/// Whether a pattern means any action of the service at all. Of a service whose actions are not known
/// every one is believed.
pub(super) fn has_action(service: &str, pattern: &str) -> bool {
    let Some(actions) = KNOWN.get(service.to_ascii_lowercase().as_str()) else {
        return false;
    };
    let mut actions = actions.iter();
    actions.len() == 0 || actions.any(|action| like_ignoring_case(pattern, action))
}
