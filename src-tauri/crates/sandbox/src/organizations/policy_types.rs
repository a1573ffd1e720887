//! Types of policies: those that decide (`kinds`) can be enabled and disabled; of the others the sandbox has
//! none, and says that they are not available.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html>

use serde_json::json;

use super::asked::Asked;
use super::input::is_root;
use super::kinds::Kind;
use super::record::Organization;
use crate::api::{ApiError, ApiResult};

/// All that AWS has.
pub(super) const TYPES: [&str; 14] = [
    "SERVICE_CONTROL_POLICY",
    "RESOURCE_CONTROL_POLICY",
    "TAG_POLICY",
    "BACKUP_POLICY",
    "AISERVICES_OPT_OUT_POLICY",
    "CHATBOT_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "SECURITYHUB_POLICY",
    "INSPECTOR_POLICY",
    "UPGRADE_ROLLOUT_POLICY",
    "BEDROCK_POLICY",
    "S3_POLICY",
    "NETWORK_SECURITY_DIRECTOR_POLICY",
    "GUARDDUTY_POLICY",
];

impl Asked<'_> {
    pub(super) fn enable_policy_type(&self) -> ApiResult {
        let (root, kind) = self.root_and_type()?;
        self.change_controls("EnablePolicyType", Some(root), |organization| {
            organization.need_root(root)?;
            let kind = organization.available(kind)?;
            if organization.has_enabled(kind) {
                return Err(ApiError::new(
                    "PolicyTypeAlreadyEnabledException",
                    "The specified policy type is already enabled in the specified root.",
                ));
            }
            organization.enable(kind);
            Ok(json!({ "Root": organization.show_root() }))
        })
    }

    /// Takes every policy of the type away from everything in the root.
    pub(super) fn disable_policy_type(&self) -> ApiResult {
        let (root, kind) = self.root_and_type()?;
        self.change_controls("DisablePolicyType", Some(root), |organization| {
            organization.need_root(root)?;
            let kind = Kind::named(kind).filter(|kind| organization.has_enabled(*kind));
            organization.disable(kind.ok_or_else(not_enabled)?);
            Ok(json!({ "Root": organization.show_root() }))
        })
    }

    fn root_and_type(&self) -> Result<(&str, &str), ApiError> {
        let root = self.input.id("RootId", is_root)?;
        Ok((root, self.policy_type("PolicyType")?))
    }
}

impl Organization {
    /// The type of this name, if there can be policies of it.
    pub(super) fn available(&self, word: &str) -> Result<Kind, ApiError> {
        let kind = Kind::named(word).filter(|_| self.all_features);
        kind.ok_or_else(not_available)
    }

    fn need_root(&self, id: &str) -> Result<(), ApiError> {
        if self.root == id {
            return Ok(());
        }
        Err(ApiError::new(
            "RootNotFoundException",
            "You specified a root that doesn't exist.",
        ))
    }
}

fn not_available() -> ApiError {
    ApiError::new(
        "PolicyTypeNotAvailableForOrganizationException",
        "You can't use the specified policy type with the feature set currently enabled for this \
         organization.",
    )
}

pub(super) fn not_enabled() -> ApiError {
    ApiError::new(
        "PolicyTypeNotEnabledException",
        "The specified policy type isn't currently enabled in this root.",
    )
}
