//! What of IAM bears tags that can be searched: policies and MFA devices, but not users and roles.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>

use super::State;
use super::account::{Tags, iam_arn};

impl State {
    /// ARNs with their tags.
    pub(crate) fn tagged(&self, account: &str) -> Vec<(String, Tags)> {
        let Some(home) = self.accounts.get(account) else {
            return Vec::new();
        };
        let arn = |resource: &str| iam_arn(home.partition, account, resource);
        let policies = home.policies.values().map(|policy| {
            let resource = format!("policy{}{}", policy.path, policy.name);
            (arn(&resource), policy.tags.clone())
        });
        let devices = home
            .mfa_devices
            .iter()
            .map(|(resource, device)| (arn(resource), device.tags.clone()));
        policies.chain(devices).collect()
    }
}
