//! The organization of the seeded company.

use time::{Duration, OffsetDateTime};

use super::record::{Member, Organization, State};
use crate::Seed;
use crate::iam::company::{ANALYTICS, PRODUCTION};

impl State {
    /// What a seed begins with: only the company has an organization.
    pub(crate) fn planted(seed: Seed, now: OffsetDateTime) -> Self {
        let mut state = Self::default();
        if seed != Seed::Company {
            return state;
        }
        let root = "r-acme".to_owned();
        let member = |name: &str, days: i64, invited: bool| Member {
            name: name.to_owned(),
            email: format!("aws+{name}@acme.example"),
            parent: root.clone(),
            invited,
            joined: now - Duration::days(days),
            closed: None,
        };
        let id = "o-acme4k7w2p".to_owned();
        let first = member("acme-production", 1_461, true);
        let mut acme = Organization::new(id.clone(), root.clone(), PRODUCTION.to_owned(), first);
        let second = member("acme-analytics", 640, false);
        acme.members.insert(ANALYTICS.to_owned(), second);
        acme.begin_controls(ANALYTICS);
        state.organizations.insert(id, acme);
        state.version = 1;
        state
    }
}
