//! `GetAccountSummary`: how much of everything there is, and how much there may be.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html>

use super::access_keys::MOST_KEYS;
use super::account::Account;
use super::answers::Asked;
use super::attached::MOST_ATTACHED;
use super::documents::{MANAGED_SIZE, TRUST_SIZE};
use super::groups::{MOST_GROUPS, MOST_PER_USER};
use super::instance_profiles::MOST_PROFILES;
use super::managed::MOST_POLICIES;
use super::roles::MOST_ROLES;
use super::users::MOST_USERS;
use super::versions::MOST_VERSIONS;
use crate::api::ApiError;
use crate::xml::Xml;

impl Asked<'_> {
    pub(super) fn summary(&self) -> Result<Xml, ApiError> {
        self.allow("iam:GetAccountSummary", "*")?;
        let nobody = Account::default();
        let state = self.iam.read();
        let account = self.account(&state).unwrap_or(&nobody);
        let devices = account.mfa_devices.values();
        let in_use = devices.filter(|device| device.holder.is_some()).count();
        let versions = account.policies.values();
        let versions: usize = versions.map(|policy| policy.versions.len()).sum();
        let providers = account.oidc_providers.len() + account.saml_providers.len();
        let entries = [
            ("AccessKeysPerUserQuota", MOST_KEYS),
            ("AccountAccessKeysPresent", 0),
            ("AccountMFAEnabled", 0),
            ("AccountPasswordPresent", 0),
            ("AccountSigningCertificatesPresent", 0),
            ("AssumeRolePolicySizeQuota", TRUST_SIZE),
            ("AttachedPoliciesPerGroupQuota", MOST_ATTACHED),
            ("AttachedPoliciesPerRoleQuota", MOST_ATTACHED),
            ("AttachedPoliciesPerUserQuota", MOST_ATTACHED),
            ("GlobalEndpointTokenVersion", 1),
            ("GroupPolicySizeQuota", 5_120),
            ("Groups", account.groups.len()),
            ("GroupsPerUserQuota", MOST_PER_USER),
            ("GroupsQuota", MOST_GROUPS),
            ("InstanceProfiles", account.instance_profiles.len()),
            ("InstanceProfilesQuota", MOST_PROFILES),
            ("MFADevices", account.mfa_devices.len()),
            ("MFADevicesInUse", in_use),
            ("Policies", account.policies.len()),
            ("PoliciesQuota", MOST_POLICIES),
            ("PolicySizeQuota", MANAGED_SIZE),
            ("PolicyVersionsInUse", versions),
            ("PolicyVersionsInUseQuota", 10_000),
            ("Providers", providers),
            ("RolePolicySizeQuota", 10_240),
            ("Roles", account.roles.len()),
            ("RolesQuota", MOST_ROLES),
            ("ServerCertificates", 0),
            ("ServerCertificatesQuota", 20),
            ("SigningCertificatesPerUserQuota", 2),
            ("UserPolicySizeQuota", 2_048),
            ("Users", account.users.len()),
            ("UsersQuota", MOST_USERS),
            ("VersionsPerPolicyQuota", MOST_VERSIONS),
        ];
        let map = entries.into_iter().fold(Xml::new(), |map, (key, value)| {
            map.inside("entry", Xml::new().text("key", key).text("value", value))
        });
        Ok(Xml::new().inside("SummaryMap", map))
    }
}
