//! Trails as those see them who search by tags.

use super::state::State;
use crate::iam::account::Tags;

impl State {
    /// The trails of an account whose home is this region, by ARN, with their tags.
    pub(crate) fn tagged(&self, account: &str, region: &str) -> Vec<(String, Tags)> {
        let trails = self.trails.iter();
        let own = trails.filter(|(_, trail)| trail.account == account && trail.home == region);
        own.map(|(arn, trail)| (arn.clone(), trail.tags.clone().into_iter().collect()))
            .collect()
    }
}
