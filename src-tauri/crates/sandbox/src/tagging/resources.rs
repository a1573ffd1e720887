//! Everything in an account's region that bears tags, in the order of the ARNs. What is global is in
//! us-east-1 (and its like in other partitions).
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>

use std::ops::ControlFlow;

use super::Asked;
use crate::iam::account::Tags;
use crate::regions::Partition;

/// Sees one resource with its tags, and says whether to go on.
pub(super) type Visit<'v> = dyn FnMut(&str, &[(&str, &str)]) -> ControlFlow<()> + 'v;

impl Asked<'_> {
    /// Shows those whose ARN comes after `after`.
    pub(super) fn each(&self, after: &str, visit: &mut Visit<'_>) {
        let _ = self.visit_all(after, visit);
    }

    fn visit_all(&self, after: &str, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let account = &self.call.account;
        let region = &self.call.region;
        let tagged = self.around.cloudhsm.read().tagged(account, region);
        show(tagged, after, visit)?;
        let trails = &self.around.neighbours.cloudtrail;
        let tagged = trails.read().tagged(account, region);
        show(tagged, after, visit)?;
        if self.is_home_of_the_global() {
            let tagged = self.around.iam.read().tagged(account);
            show(tagged, after, visit)?;
        }
        self.around.kms.visit_tags(self.call, after, visit)?;
        let tagged = self.around.neighbours.logs.read().tagged(account, region);
        show(tagged, after, visit)?;
        if self.is_home_of_the_global() {
            let tagged = self.around.neighbours.organizations.read().tagged(account);
            show(tagged, after, visit)?;
        }
        let tagged = self.around.neighbours.s3.read().tagged(account, region);
        show(tagged, after, visit)
    }

    pub(super) fn is_home_of_the_global(&self) -> bool {
        let home = match Partition::of(&self.call.region) {
            Partition::Commercial => "us-east-1",
            Partition::GovCloud => "us-gov-west-1",
            Partition::China => "cn-north-1",
        };
        self.call.region == home
    }
}

fn show(mut tagged: Vec<(String, Tags)>, after: &str, visit: &mut Visit<'_>) -> ControlFlow<()> {
    tagged.sort_unstable();
    for (arn, tags) in tagged {
        if arn.as_str() > after && !tags.is_empty() {
            let tags = tags
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()));
            visit(&arn, &tags.collect::<Vec<_>>())?;
        }
    }
    ControlFlow::Continue(())
}
