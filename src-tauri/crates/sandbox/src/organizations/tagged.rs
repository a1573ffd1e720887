//! What of an organization bears tags, for those who search by tags.

use super::record::State;
use crate::iam::account::Tags;

impl State {
    /// ARNs with their tags, if the account manages an organization.
    pub(crate) fn tagged(&self, account: &str) -> Vec<(String, Tags)> {
        let own = self
            .of(account)
            .filter(|organization| organization.management == account);
        let tagged = own.into_iter().flat_map(|organization| {
            let tags = organization.tags.iter();
            tags.map(|(id, tags)| (organization.arn_of(id), tags.clone()))
        });
        tagged.collect()
    }
}
