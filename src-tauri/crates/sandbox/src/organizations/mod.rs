//! AWS Organizations: the organization, its accounts, units and policies.
//!
//! Service control policies are kept here and decide in `crate::iam::authorise`; `enforced` carries
//! them over.
//!
//! <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html>

mod accounts;
mod asked;
mod attachments;
mod closing;
mod creation;
mod enforced;
mod handshake;
mod input;
mod invitations;
mod kinds;
mod organization;
mod permissions;
mod policies;
mod policy_types;
mod record;
mod seeded;
mod tagged;
mod tags;
#[cfg(test)]
mod tests;
mod tree;
mod trusted_access;
mod units;

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;
use asked::Asked;
pub(crate) use enforced::enforce;
pub(crate) use record::State;

/// Answers one operation.
pub(crate) fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked = Asked::new(around, call, input);
    asked.settle();
    match operation {
        "AcceptHandshake" => asked.accept_handshake(),
        "AttachPolicy" => asked.attach_policy(),
        "CancelHandshake" => asked.cancel_handshake(),
        "CloseAccount" => asked.close_account(),
        "CreateAccount" => asked.create_account(),
        "CreateOrganization" => asked.create_organization(),
        "CreateOrganizationalUnit" => asked.create_unit(),
        "CreatePolicy" => asked.create_policy(),
        "DeclineHandshake" => asked.decline_handshake(),
        "DeleteOrganization" => asked.delete_organization(),
        "DeleteOrganizationalUnit" => asked.delete_unit(),
        "DeletePolicy" => asked.delete_policy(),
        "DescribeAccount" => asked.describe_account(),
        "DescribeCreateAccountStatus" => asked.describe_creation(),
        "DescribeHandshake" => asked.describe_handshake(),
        "DescribeOrganization" => asked.describe_organization(),
        "DescribeOrganizationalUnit" => asked.describe_unit(),
        "DescribePolicy" => asked.describe_policy(),
        "DetachPolicy" => asked.detach_policy(),
        "DisableAWSServiceAccess" => asked.disable_access(),
        "DisablePolicyType" => asked.disable_policy_type(),
        "EnableAWSServiceAccess" => asked.enable_access(),
        "EnablePolicyType" => asked.enable_policy_type(),
        "InviteAccountToOrganization" => asked.invite_account(),
        "LeaveOrganization" => asked.leave(),
        "ListAWSServiceAccessForOrganization" => asked.list_access(),
        "ListAccounts" => asked.list_accounts(),
        "ListAccountsForParent" => asked.list_accounts_for_parent(),
        "ListChildren" => asked.list_children(),
        "ListCreateAccountStatus" => asked.list_creations(),
        "ListHandshakesForAccount" => asked.list_received_handshakes(),
        "ListHandshakesForOrganization" => asked.list_sent_handshakes(),
        "ListOrganizationalUnitsForParent" => asked.list_units(),
        "ListParents" => asked.list_parents(),
        "ListPolicies" => asked.list_policies(),
        "ListPoliciesForTarget" => asked.list_policies_for_target(),
        "ListRoots" => asked.list_roots(),
        "ListTagsForResource" => asked.list_tags(),
        "ListTargetsForPolicy" => asked.list_targets(),
        "MoveAccount" => asked.move_account(),
        "RemoveAccountFromOrganization" => asked.remove_account(),
        "TagResource" => asked.tag(),
        "UntagResource" => asked.untag(),
        "UpdateOrganizationalUnit" => asked.update_unit(),
        "UpdatePolicy" => asked.update_policy(),
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}
