//! How long a document of its kind may be.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>,
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>

use super::super::json::Node;
use super::{Found, Kind, Part};

/// Of a managed policy, in characters without white space.
const IDENTITY: usize = 6_144;
/// Of the trust policy of a role, likewise.
const TRUST: usize = 2_048;
/// Of a service control policy, in all its characters.
const SERVICE_CONTROL: usize = 10_240;

/// Finds a document that is longer than the quota that AWS says for every one of its kind.
pub(super) fn check(found: &mut Found, text: &str, root: &Node) {
    let root = Part::root(root);
    let dense = || text.chars().filter(|is| !is.is_whitespace()).count();
    match found.kind {
        Kind::Identity if dense() > IDENTITY => {
            let details = format!(
                "The {} characters in the identity policy, excluding whitespace, exceed the \
                 {IDENTITY} character maximum for inline and managed policies. We recommend that \
                 you use multiple granular policies.",
                dense()
            );
            found.warning("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", details, &root);
        }
        Kind::Trust if dense() > TRUST => {
            let details = "The characters in the role trust policy, excluding whitespace, exceed \
                           the character maximum. We recommend that you request a role trust \
                           policy length quota increase using Service Quotas and AWS Support \
                           Center. If the quotas have already been increased, then you can ignore \
                           this warning.";
            found.warning(
                "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
                details,
                &root,
            );
        }
        Kind::ServiceControl if text.chars().count() > SERVICE_CONTROL => {
            let details = format!(
                "The {} characters in the service control policy (SCP) exceed the \
                 {SERVICE_CONTROL} character maximum for SCPs. We recommend that you use multiple \
                 granular policies.",
                text.chars().count()
            );
            found.error("POLICY_SIZE_EXCEEDS_SCP_QUOTA", details, &root);
        }
        _ => {}
    }
}
