//! Types of policies: service control policies can be enabled and disabled; the sandbox has no others,
//! and says that they are not available.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html>

use serde_json::json;

use super::asked::Asked;
use super::input::is_root;
use super::record::{Organization, SERVICE_CONTROL};
use crate::api::{ApiError, ApiResult};

/// All that AWS has.
pub(super) const TYPES: [&str; 14] = [
    SERVICE_CONTROL,
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
            if kind != SERVICE_CONTROL || !organization.all_features {
                return Err(not_available());
            }
            if organization.controls {
                return Err(ApiError::new(
                    "PolicyTypeAlreadyEnabledException",
                    "The specified policy type is already enabled in the specified root.",
                ));
            }
            organization.enable_controls();
            Ok(json!({ "Root": organization.show_root() }))
        })
    }

    /// Takes every policy of the type away from everything in the root.
    pub(super) fn disable_policy_type(&self) -> ApiResult {
        let (root, kind) = self.root_and_type()?;
        self.change_controls("DisablePolicyType", Some(root), |organization| {
            organization.need_root(root)?;
            if kind != SERVICE_CONTROL || !organization.controls {
                return Err(not_enabled());
            }
            organization.controls = false;
            organization.attached.clear();
            Ok(json!({ "Root": organization.show_root() }))
        })
    }

    fn root_and_type(&self) -> Result<(&str, &str), ApiError> {
        let root = self.input.id("RootId", is_root)?;
        Ok((root, self.policy_type("PolicyType")?))
    }
}

impl Organization {
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

pub(super) fn not_available() -> ApiError {
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
