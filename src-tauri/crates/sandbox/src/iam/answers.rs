//! The operations of IAM that the sandbox answers: which there are, and what all of them share. What
//! each one does is in the file of its noun.

use super::account::{Account, Tags, iam_arn};
use super::authorise::{Own, context, refusal};
use super::caller::Caller;
use super::condition::Context;
use super::evaluate::Question;
use super::holders::Kind;
use super::input;
use super::never_had::Brought;
use super::{Iam, State};
use crate::api::{ApiError, Call};
use crate::query::Params;
use crate::random::Random;
use crate::xml::Xml;

/// The condition keys, in lower case, that are absent from a request where it does not bring them.
const UNDERSTOOD: &[&str] = &[
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
    "iam:awsservicename",
    "iam:permissionsboundary",
    "iam:policyarn",
    "iam:resourcetag/",
];

/// Answers one operation; `None` if IAM has none of this name here.
pub(crate) fn answer(
    iam: &Iam,
    caller: &Caller,
    call: &Call,
    operation: &str,
    params: &Params,
) -> Option<Result<Xml, ApiError>> {
    let asked = Asked {
        iam,
        caller,
        call,
        params,
    };
    let carry_out = operation_named(operation)?;
    Some(input::check(operation, params).and_then(|()| carry_out(&asked)))
}

type Operation = fn(&Asked<'_>) -> Result<Xml, ApiError>;

fn operation_named(name: &str) -> Option<Operation> {
    use Brought::{ServiceCredential, SigningCertificate, SshKey};
    use Kind::{Group, Role, User};
    Some(match name {
        "AddClientIDToOpenIDConnectProvider" => |asked| asked.add_client_id(),
        "AddRoleToInstanceProfile" => |asked| asked.add_role_to_instance_profile(),
        "AddUserToGroup" => |asked| asked.add_user_to_group(),
        "AttachGroupPolicy" => |asked| asked.attach_policy(Group),
        "AttachRolePolicy" => |asked| asked.attach_policy(Role),
        "AttachUserPolicy" => |asked| asked.attach_policy(User),
        "ChangePassword" => |asked| asked.change_password(),
        "CreateAccessKey" => |asked| asked.create_access_key(),
        "CreateAccountAlias" => |asked| asked.create_alias(),
        "CreateGroup" => |asked| asked.create_group(),
        "CreateInstanceProfile" => |asked| asked.create_instance_profile(),
        "CreateLoginProfile" => |asked| asked.create_login_profile(),
        "CreateOpenIDConnectProvider" => |asked| asked.create_oidc_provider(),
        "CreatePolicy" => |asked| asked.create_policy(),
        "CreatePolicyVersion" => |asked| asked.create_policy_version(),
        "CreateRole" => |asked| asked.create_role(),
        "CreateSAMLProvider" => |asked| asked.create_saml_provider(),
        "CreateServiceLinkedRole" => |asked| asked.create_service_linked_role(),
        "CreateUser" => |asked| asked.create_user(),
        "CreateVirtualMFADevice" => |asked| asked.create_mfa_device(),
        "DeactivateMFADevice" => |asked| asked.deactivate_mfa_device(),
        "DeleteAccessKey" => |asked| asked.delete_access_key(),
        "DeleteAccountAlias" => |asked| asked.delete_alias(),
        "DeleteAccountPasswordPolicy" => |asked| asked.delete_password_policy(),
        "DeleteGroup" => |asked| asked.delete_group(),
        "DeleteGroupPolicy" => |asked| asked.delete_inline_policy(Group),
        "DeleteInstanceProfile" => |asked| asked.delete_instance_profile(),
        "DeleteLoginProfile" => |asked| asked.delete_login_profile(),
        "DeleteOpenIDConnectProvider" => |asked| asked.delete_oidc_provider(),
        "DeletePolicy" => |asked| asked.delete_policy(),
        "DeletePolicyVersion" => |asked| asked.delete_policy_version(),
        "DeleteRole" => |asked| asked.delete_role(),
        "DeleteRolePermissionsBoundary" => |asked| asked.delete_boundary(Role),
        "DeleteRolePolicy" => |asked| asked.delete_inline_policy(Role),
        "DeleteSAMLProvider" => |asked| asked.delete_saml_provider(),
        "DeleteSSHPublicKey" => |asked| asked.brought(SshKey, "iam:DeleteSSHPublicKey"),
        "DeleteServerCertificate" => {
            |asked| asked.server_certificate("iam:DeleteServerCertificate")
        }
        "DeleteServiceLinkedRole" => |asked| asked.delete_service_linked_role(),
        "DeleteServiceSpecificCredential" => {
            |asked| asked.brought(ServiceCredential, "iam:DeleteServiceSpecificCredential")
        }
        "DeleteSigningCertificate" => {
            |asked| asked.brought(SigningCertificate, "iam:DeleteSigningCertificate")
        }
        "DeleteUser" => |asked| asked.delete_user(),
        "DeleteUserPermissionsBoundary" => |asked| asked.delete_boundary(User),
        "DeleteUserPolicy" => |asked| asked.delete_inline_policy(User),
        "DeleteVirtualMFADevice" => |asked| asked.delete_mfa_device(),
        "DetachGroupPolicy" => |asked| asked.detach_policy(Group),
        "DetachRolePolicy" => |asked| asked.detach_policy(Role),
        "DetachUserPolicy" => |asked| asked.detach_policy(User),
        "EnableMFADevice" => |asked| asked.enable_mfa_device(),
        "GenerateCredentialReport" => |asked| asked.generate_report(),
        "GenerateServiceLastAccessedDetails" => |asked| asked.generate_last_accessed(),
        "GetAccessKeyLastUsed" => |asked| asked.access_key_last_used(),
        "GetAccountAuthorizationDetails" => |asked| asked.authorization_details(),
        "GetAccountPasswordPolicy" => |asked| asked.password_policy(),
        "GetAccountSummary" => |asked| asked.summary(),
        "GetContextKeysForCustomPolicy" => |asked| asked.context_keys_of_custom_policy(),
        "GetContextKeysForPrincipalPolicy" => |asked| asked.context_keys_of_principal(),
        "GetCredentialReport" => |asked| asked.credential_report(),
        "GetGroup" => |asked| asked.group(),
        "GetGroupPolicy" => |asked| asked.inline_policy(Group),
        "GetInstanceProfile" => |asked| asked.instance_profile(),
        "GetLoginProfile" => |asked| asked.login_profile(),
        "GetMFADevice" => |asked| asked.mfa_device(),
        "GetOpenIDConnectProvider" => |asked| asked.oidc_provider(),
        "GetPolicy" => |asked| asked.policy(),
        "GetPolicyVersion" => |asked| asked.policy_version(),
        "GetRole" => |asked| asked.role(),
        "GetRolePolicy" => |asked| asked.inline_policy(Role),
        "GetSAMLProvider" => |asked| asked.saml_provider(),
        "GetSSHPublicKey" => |asked| asked.brought(SshKey, "iam:GetSSHPublicKey"),
        "GetServerCertificate" => |asked| asked.server_certificate("iam:GetServerCertificate"),
        "GetServiceLastAccessedDetails" => |asked| asked.last_accessed(),
        "GetServiceLastAccessedDetailsWithEntities" => |asked| asked.last_accessed_entities(),
        "GetServiceLinkedRoleDeletionStatus" => |asked| asked.service_linked_role_deletion(),
        "GetUser" => |asked| asked.user(),
        "GetUserPolicy" => |asked| asked.inline_policy(User),
        "ListAccessKeys" => |asked| asked.access_keys(),
        "ListAccountAliases" => |asked| asked.aliases(),
        "ListAttachedGroupPolicies" => |asked| asked.attached_policies(Group),
        "ListAttachedRolePolicies" => |asked| asked.attached_policies(Role),
        "ListAttachedUserPolicies" => |asked| asked.attached_policies(User),
        "ListEntitiesForPolicy" => |asked| asked.entities_of_policy(),
        "ListGroupPolicies" => |asked| asked.inline_policies(Group),
        "ListGroups" => |asked| asked.groups(),
        "ListGroupsForUser" => |asked| asked.groups_of_user(),
        "ListInstanceProfileTags" => |asked| asked.instance_profile_tags(),
        "ListInstanceProfiles" => |asked| asked.instance_profiles(),
        "ListInstanceProfilesForRole" => |asked| asked.instance_profiles_of_role(),
        "ListMFADeviceTags" => |asked| asked.mfa_device_tags(),
        "ListMFADevices" => |asked| asked.mfa_devices_of_user(),
        "ListOpenIDConnectProviderTags" => |asked| asked.oidc_provider_tags(),
        "ListOpenIDConnectProviders" => |asked| asked.oidc_providers(),
        "ListPolicies" => |asked| asked.policies(),
        "ListPoliciesGrantingServiceAccess" => |asked| asked.policies_granting_access(),
        "ListPolicyTags" => |asked| asked.policy_tags(),
        "ListPolicyVersions" => |asked| asked.policy_versions(),
        "ListRolePolicies" => |asked| asked.inline_policies(Role),
        "ListRoleTags" => |asked| asked.role_tags(),
        "ListRoles" => |asked| asked.roles(),
        "ListSAMLProviderTags" => |asked| asked.saml_provider_tags(),
        "ListSAMLProviders" => |asked| asked.saml_providers(),
        "ListSSHPublicKeys" => {
            |asked| asked.brought_by_user("SSHPublicKeys", "iam:ListSSHPublicKeys")
        }
        "ListServerCertificateTags" => {
            |asked| asked.server_certificate("iam:ListServerCertificateTags")
        }
        "ListServerCertificates" => |asked| asked.server_certificates(),
        "ListServiceSpecificCredentials" => |asked| asked.service_credentials(),
        "ListSigningCertificates" => {
            |asked| asked.brought_by_user("Certificates", "iam:ListSigningCertificates")
        }
        "ListUserPolicies" => |asked| asked.inline_policies(User),
        "ListUserTags" => |asked| asked.user_tags(),
        "ListUsers" => |asked| asked.users(),
        "ListVirtualMFADevices" => |asked| asked.mfa_devices(),
        "PutGroupPolicy" => |asked| asked.put_inline_policy(Group),
        "PutRolePermissionsBoundary" => |asked| asked.put_boundary(Role),
        "PutRolePolicy" => |asked| asked.put_inline_policy(Role),
        "PutUserPermissionsBoundary" => |asked| asked.put_boundary(User),
        "PutUserPolicy" => |asked| asked.put_inline_policy(User),
        "RemoveClientIDFromOpenIDConnectProvider" => |asked| asked.remove_client_id(),
        "RemoveRoleFromInstanceProfile" => |asked| asked.remove_role_from_instance_profile(),
        "RemoveUserFromGroup" => |asked| asked.remove_user_from_group(),
        "ResetServiceSpecificCredential" => {
            |asked| asked.brought(ServiceCredential, "iam:ResetServiceSpecificCredential")
        }
        "ResyncMFADevice" => |asked| asked.resync_mfa_device(),
        "SetDefaultPolicyVersion" => |asked| asked.set_default_policy_version(),
        "SimulateCustomPolicy" => |asked| asked.simulate_custom_policy(),
        "SimulatePrincipalPolicy" => |asked| asked.simulate_principal_policy(),
        "TagInstanceProfile" => |asked| asked.tag_instance_profile(),
        "TagMFADevice" => |asked| asked.tag_mfa_device(),
        "TagOpenIDConnectProvider" => |asked| asked.tag_oidc_provider(),
        "TagPolicy" => |asked| asked.tag_policy(),
        "TagRole" => |asked| asked.tag_role(),
        "TagSAMLProvider" => |asked| asked.tag_saml_provider(),
        "TagServerCertificate" => |asked| asked.server_certificate("iam:TagServerCertificate"),
        "TagUser" => |asked| asked.tag_user(),
        "UntagInstanceProfile" => |asked| asked.untag_instance_profile(),
        "UntagMFADevice" => |asked| asked.untag_mfa_device(),
        "UntagOpenIDConnectProvider" => |asked| asked.untag_oidc_provider(),
        "UntagPolicy" => |asked| asked.untag_policy(),
        "UntagRole" => |asked| asked.untag_role(),
        "UntagSAMLProvider" => |asked| asked.untag_saml_provider(),
        "UntagServerCertificate" => |asked| asked.server_certificate("iam:UntagServerCertificate"),
        "UntagUser" => |asked| asked.untag_user(),
        "UpdateAccessKey" => |asked| asked.update_access_key(),
        "UpdateAccountPasswordPolicy" => |asked| asked.update_password_policy(),
        "UpdateAssumeRolePolicy" => |asked| asked.update_trust(),
        "UpdateGroup" => |asked| asked.update_group(),
        "UpdateLoginProfile" => |asked| asked.update_login_profile(),
        "UpdateOpenIDConnectProviderThumbprint" => |asked| asked.update_thumbprints(),
        "UpdateRole" => |asked| asked.update_role(),
        "UpdateRoleDescription" => |asked| asked.update_role_description(),
        "UpdateSAMLProvider" => |asked| asked.update_saml_provider(),
        "UpdateSSHPublicKey" => |asked| asked.brought(SshKey, "iam:UpdateSSHPublicKey"),
        "UpdateServerCertificate" => {
            |asked| asked.server_certificate("iam:UpdateServerCertificate")
        }
        "UpdateServiceSpecificCredential" => {
            |asked| asked.brought(ServiceCredential, "iam:UpdateServiceSpecificCredential")
        }
        "UpdateSigningCertificate" => {
            |asked| asked.brought(SigningCertificate, "iam:UpdateSigningCertificate")
        }
        "UpdateUser" => |asked| asked.update_user(),
        _ => return None,
    })
}

/// One authenticated question to IAM, whose members have the right shape.
pub(super) struct Asked<'a> {
    pub(super) iam: &'a Iam,
    pub(super) caller: &'a Caller,
    pub(super) call: &'a Call,
    pub(super) params: &'a Params,
}

impl<'a> Asked<'a> {
    /// Whether the caller may do this. `resource` is an ARN, or `*` where AWS knows no permission on
    /// single resources.
    pub(super) fn allow(&self, action: &str, resource: &str) -> Result<(), ApiError> {
        self.allow_with(action, resource, |context| context)
    }

    /// The same for a request that has more condition keys than every request has.
    pub(super) fn allow_with(
        &self,
        action: &str,
        resource: &str,
        more: impl FnOnce(Context) -> Context,
    ) -> Result<(), ApiError> {
        let context = context(self.caller, self.call).understanding(UNDERSTOOD);
        let context = more(context);
        let question = Question {
            action,
            resource,
            context: &context,
        };
        let outcome = Own::of(self.caller, &question).outcome();
        outcome.map_err(|reason| {
            let reason = reason.of(action).to_string();
            refusal(self.caller, action, resource, &reason)
        })
    }

    /// The same for something that is made with these tags.
    pub(super) fn allow_with_tags(
        &self,
        action: &str,
        resource: &str,
        tags: &Tags,
    ) -> Result<(), ApiError> {
        self.allow_with(action, resource, |context| with_tags(context, tags))
    }

    /// A member that has to be there.
    pub(super) fn need(&self, name: &str) -> Result<&'a str, ApiError> {
        required(self.params, name)
    }

    /// Whether a member says `true`.
    pub(super) fn says(&self, name: &str) -> bool {
        let value = self.params.one(name);
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The name in `UserName`, or the caller's own where it may be left out.
    pub(super) fn user_or_caller(&self) -> Result<&'a str, ApiError> {
        match (self.params.one("UserName"), self.caller.user_name()) {
            (Some(name), _) => Ok(name),
            (None, Some(own)) => Ok(own),
            (None, None) => Err(invalid(
                "Must specify userName when calling with non-User credentials",
            )),
        }
    }

    /// The ARN of something in the caller's account.
    pub(super) fn arn(&self, resource: &str) -> String {
        iam_arn(self.caller.partition, &self.call.account, resource)
    }

    /// The resource part of an ARN of this account.
    pub(super) fn resource_of<'t>(&self, arn: &'t str) -> Option<&'t str> {
        arn.strip_prefix(&self.arn(""))
    }

    /// The caller's account, to be read.
    pub(super) fn account<'s>(&self, state: &'s State) -> Option<&'s Account> {
        state.accounts.get(&self.call.account)
    }

    /// Changes the caller's account.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut Account, &Random) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        self.iam.change(|state, random| {
            let account = state.accounts.entry(self.call.account.clone());
            let partition = self.caller.partition;
            change(account.or_insert_with(|| Account::new(partition)), random)
        })
    }
}

/// A member that has to be there.
pub(super) fn required<'p>(params: &'p Params, name: &str) -> Result<&'p str, ApiError> {
    params.one(name).ok_or_else(|| {
        let label = input::label(name);
        invalid(&format!(
            "1 validation error detected: Value at '{label}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

pub(super) fn invalid(sentence: &str) -> ApiError {
    ApiError::new("ValidationError", sentence)
}

pub(super) fn wrong_input(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", sentence)
}

/// There is no user, group, role or policy of this name.
pub(super) fn missing(kind: &str, name: &str) -> ApiError {
    no_entity(format!("The {kind} with name {name} cannot be found."))
}

pub(super) fn no_entity(sentence: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", sentence).with_status(404)
}

pub(super) fn exists(kind: &str, name: &str) -> ApiError {
    let sentence = format!("{kind} with name {name} already exists.");
    ApiError::new("EntityAlreadyExists", sentence).with_status(409)
}

pub(super) fn conflict(sentence: impl Into<String>) -> ApiError {
    ApiError::new("DeleteConflict", sentence).with_status(409)
}

/// The refusal of what would exceed one of AWS's quotas, such as `UsersPerAccount`.
pub(super) fn over_quota(quota: &str, most: usize) -> ApiError {
    limit(format!("Cannot exceed quota for {quota}: {most}"))
}

pub(super) fn limit(sentence: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", sentence).with_status(409)
}

/// The condition keys of a request that gives tags.
pub(super) fn with_tags(context: Context, tags: &Tags) -> Context {
    if tags.is_empty() {
        return context;
    }
    let keys: Vec<_> = tags.iter().map(|(key, _)| key.as_str()).collect();
    let context = context.with_all("aws:TagKeys", &keys);
    tags.iter().fold(context, |context, (key, value)| {
        context.with(&format!("aws:RequestTag/{key}"), value)
    })
}

/// The condition keys of a request about something that has tags.
pub(super) fn about_tagged(context: Context, tags: &[(String, String)]) -> Context {
    tags.iter().fold(context, |context, (key, value)| {
        context
            .with(&format!("aws:ResourceTag/{key}"), value)
            .with(&format!("iam:ResourceTag/{key}"), value)
    })
}
