//! What of IAM bears tags, as those see it who search by tags and change tags everywhere. Users and roles
//! are not found by tags, but can be tagged so.
//!
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html>

use super::State;
use super::account::{Account, Tags, iam_arn};

/// How IAM's own operations on tags speak of a resource.
pub(crate) struct Taggable {
    /// What follows `Tag` and `Untag` in their names.
    pub(crate) noun: &'static str,
    /// The member that names the resource, and its value.
    pub(crate) member: &'static str,
    pub(crate) name: String,
}

impl State {
    /// ARNs with their tags.
    pub(crate) fn tagged(&self, account: &str) -> Vec<(String, Tags)> {
        let Some(home) = self.accounts.get(account) else {
            return Vec::new();
        };
        let policies = home.policies.values().map(|policy| {
            let resource = format!("policy{}{}", policy.path, policy.name);
            (resource, &policy.tags)
        });
        let devices = home.mfa_devices.iter();
        let devices = devices.map(|(resource, device)| (resource.clone(), &device.tags));
        let profiles = home.instance_profiles.values();
        let profiles = profiles.map(|profile| (profile.resource(), &profile.tags));
        let oidc = home.oidc_providers.iter();
        let oidc = oidc.map(|(url, provider)| (format!("oidc-provider/{url}"), &provider.tags));
        let saml = home.saml_providers.iter();
        let saml = saml.map(|(name, provider)| (format!("saml-provider/{name}"), &provider.tags));
        policies
            .chain(devices)
            .chain(profiles)
            .chain(oidc)
            .chain(saml)
            .map(|(resource, tags)| (iam_arn(home.partition, account, &resource), tags.clone()))
            .collect()
    }

    /// The resource of this ARN, if it is there and can be tagged.
    pub(crate) fn taggable(&self, account: &str, arn: &str) -> Option<Taggable> {
        let home = self.accounts.get(account)?;
        let resource = arn.strip_prefix(&iam_arn(home.partition, account, ""))?;
        let (kind, name) = resource.split_once('/')?;
        if let Some((noun, member)) = by_arn(kind) {
            return Some(Taggable {
                noun,
                member,
                name: arn.to_owned(),
            });
        }
        // These are told by their names, and an ARN with another path is not theirs.
        let name = name.rsplit('/').next()?;
        let (noun, member) = match kind {
            "user" => ("User", "UserName"),
            "role" => ("Role", "RoleName"),
            "instance-profile" => ("InstanceProfile", "InstanceProfileName"),
            "server-certificate" => ("ServerCertificate", "ServerCertificateName"),
            _ => return None,
        };
        (home.resource_named(kind, name)? == resource).then(|| Taggable {
            noun,
            member,
            name: name.to_owned(),
        })
    }
}

impl Account {
    /// The whole resource part of the ARN of what has this name.
    fn resource_named(&self, kind: &str, name: &str) -> Option<String> {
        match kind {
            "user" => {
                let user = self.users.get(name)?;
                Some(format!("user{}{}", user.path, user.name))
            }
            "role" => {
                let role = self.roles.get(name)?;
                Some(format!("role{}{}", role.path, role.name))
            }
            "instance-profile" => Some(self.instance_profiles.get(name)?.resource()),
            _ => None,
        }
    }
}

/// Those whose operations take the ARN.
fn by_arn(kind: &str) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        "policy" => ("Policy", "PolicyArn"),
        "mfa" => ("MFADevice", "SerialNumber"),
        "oidc-provider" => ("OpenIDConnectProvider", "OpenIDConnectProviderArn"),
        "saml-provider" => ("SAMLProvider", "SAMLProviderArn"),
        _ => return None,
    })
}
