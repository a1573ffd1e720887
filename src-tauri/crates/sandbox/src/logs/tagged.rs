//! Log groups as those see them who search by tags.

use super::group_arn;
use super::store::State;
use crate::iam::account::Tags;

impl State {
    /// The groups of an account in a region, by ARN, with their tags.
    pub(crate) fn tagged(&self, account: &str, region: &str) -> Vec<(String, Tags)> {
        let groups = self.groups(account, region).into_iter().flatten();
        groups
            .map(|(name, group)| {
                let tags = group.tags.clone().into_iter().collect();
                (group_arn(account, region, name), tags)
            })
            .collect()
    }
}
