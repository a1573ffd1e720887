//! What each operation takes: its members, whether they have to be there, and what they may look
//! like. Whether a request fits is found out in `input`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html>

/// One member of a request.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: Shape,
}

/// What a value may look like.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// A name of at most so many characters.
    Name(usize),
    /// `/` or `/…/`.
    Path,
    /// The same with the characters of names only.
    PolicyPath,
    /// `/…`.
    Prefix,
    Arn,
    Document,
    /// A text of so many characters.
    Text(usize, usize),
    /// A description.
    Description,
    /// One of these.
    Word(&'static [&'static str]),
    Number(u32, u32),
    Flag,
    /// Six digits.
    Code,
    /// An access key id, or another id of letters and digits.
    Id,
    /// The same of at least so many.
    LongId(usize),
    Version,
    Alias,
    Tags,
    /// At least one, of so many characters each.
    List(usize, usize),
    /// None or more.
    MaybeList(usize, usize),
}

use Shape::{
    Alias, Arn, Code, Description, Document, Flag, Id, List, LongId, MaybeList, Name, Number, Path,
    PolicyPath, Prefix, Tags, Text, Version, Word,
};

const fn must(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        required: true,
        shape,
    }
}

const fn may(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        required: false,
        shape,
    }
}

const USER: Member = must("UserName", Name(128));
const SHORT_USER: Member = must("UserName", Name(64));
const OWN_USER: Member = may("UserName", Name(128));
const OWN_SHORT_USER: Member = may("UserName", Name(64));
const GROUP: Member = must("GroupName", Name(128));
const ROLE: Member = must("RoleName", Name(64));
const PROFILE: Member = must("InstanceProfileName", Name(128));
const PASSWORD: Member = may("Password", Text(1, 128));
const RESET_REQUIRED: Member = may("PasswordResetRequired", Flag);
const SSH_KEY: Member = must("SSHPublicKeyId", LongId(20));
const SIGNING_CERTIFICATE: Member = must("CertificateId", LongId(24));
const SERVER_CERTIFICATE: Member = must("ServerCertificateName", Name(128));
const SERVICE_CREDENTIAL: Member = must("ServiceSpecificCredentialId", LongId(20));
const STATUS: Member = must("Status", Word(&["Active", "Inactive", "Expired"]));
const POLICY: Member = must("PolicyName", Name(128));
const POLICY_ARN: Member = must("PolicyArn", Arn);
const DOCUMENT: Member = must("PolicyDocument", Document);
const BOUNDARY: Member = must("PermissionsBoundary", Arn);
const MARKER: Member = may("Marker", Text(1, 320));
const ITEMS: Member = may("MaxItems", Number(1, 1_000));
const PREFIX: Member = may("PathPrefix", Prefix);
const TAGS: Member = must("Tags", Tags);
const NEW_TAGS: Member = may("Tags", Tags);
const TAG_KEYS: Member = must("TagKeys", List(1, 128));
const SERIAL: Member = must("SerialNumber", Text(9, 256));
const KEY_ID: Member = must("AccessKeyId", Id);
const FIRST_CODE: Member = must("AuthenticationCode1", Code);
const SECOND_CODE: Member = must("AuthenticationCode2", Code);
const ROLE_DESCRIPTION: Member = may("Description", Description);
const SESSION_LENGTH: Member = may("MaxSessionDuration", Number(3_600, 43_200));
const OIDC: Member = must("OpenIDConnectProviderArn", Arn);
const SAML: Member = must("SAMLProviderArn", Arn);
const USAGE: Member = may(
    "PolicyUsageFilter",
    Word(&["PermissionsPolicy", "PermissionsBoundary"]),
);
const ENCRYPTION: Member = may("AssertionEncryptionMode", Word(&["Required", "Allowed"]));
const SOURCE_ARN: Member = must("PolicySourceArn", Arn);
const ACTIONS: Member = must("ActionNames", List(3, 128));
const RESOURCES: Member = may("ResourceArns", MaybeList(1, 2_048));
const BOUNDARIES: Member = may("PermissionsBoundaryPolicyInputList", MaybeList(1, 131_072));
const RESOURCE_POLICY: Member = may("ResourcePolicy", Document);
const RESOURCE_OWNER: Member = may("ResourceOwner", Text(1, 2_048));
const SIMULATED_CALLER: Member = may("CallerArn", Text(1, 2_048));
const HANDLING: Member = may("ResourceHandlingOption", Text(1, 64));

/// The members of an operation; those that are not here are not looked at.
pub(super) fn members(operation: &str) -> &'static [Member] {
    match operation {
        "AddClientIDToOpenIDConnectProvider" | "RemoveClientIDFromOpenIDConnectProvider" => {
            const { &[OIDC, must("ClientID", Text(1, 255))] }
        }
        "AddRoleToInstanceProfile" | "RemoveRoleFromInstanceProfile" => const { &[PROFILE, ROLE] },
        "AddUserToGroup" | "RemoveUserFromGroup" => const { &[GROUP, USER] },
        "AttachGroupPolicy" | "DetachGroupPolicy" => const { &[GROUP, POLICY_ARN] },
        "AttachRolePolicy" | "DetachRolePolicy" => const { &[ROLE, POLICY_ARN] },
        "AttachUserPolicy" | "DetachUserPolicy" => const { &[SHORT_USER, POLICY_ARN] },
        "ChangePassword" => {
            const {
                &[
                    must("OldPassword", Text(1, 128)),
                    must("NewPassword", Text(1, 128)),
                ]
            }
        }
        "CreateAccessKey" => const { &[OWN_USER] },
        "CreateAccountAlias" | "DeleteAccountAlias" => const { &[must("AccountAlias", Alias)] },
        "CreateGroup" => const { &[may("Path", Path), GROUP] },
        "CreateInstanceProfile" => const { &[PROFILE, may("Path", Path), NEW_TAGS] },
        "CreateLoginProfile" => const { &[OWN_SHORT_USER, PASSWORD, RESET_REQUIRED] },
        "CreateOpenIDConnectProvider" => {
            const {
                &[
                    must("Url", Text(1, 255)),
                    may("ClientIDList", MaybeList(1, 255)),
                    may("ThumbprintList", MaybeList(40, 40)),
                    NEW_TAGS,
                ]
            }
        }
        "CreatePolicy" => {
            const {
                &[
                    POLICY,
                    may("Path", PolicyPath),
                    DOCUMENT,
                    may("Description", Text(0, 1_000)),
                    NEW_TAGS,
                ]
            }
        }
        "CreatePolicyVersion" => const { &[POLICY_ARN, DOCUMENT, may("SetAsDefault", Flag)] },
        "CreateRole" => {
            const {
                &[
                    may("Path", Path),
                    ROLE,
                    must("AssumeRolePolicyDocument", Document),
                    ROLE_DESCRIPTION,
                    SESSION_LENGTH,
                    may("PermissionsBoundary", Arn),
                    NEW_TAGS,
                ]
            }
        }
        "CreateSAMLProvider" => {
            const {
                &[
                    must("SAMLMetadataDocument", Text(1_000, 10_000_000)),
                    must("Name", Name(128)),
                    NEW_TAGS,
                    ENCRYPTION,
                    may("AddPrivateKey", Text(1, 16_384)),
                ]
            }
        }
        "CreateServiceLinkedRole" => {
            const {
                &[
                    must("AWSServiceName", Name(128)),
                    ROLE_DESCRIPTION,
                    may("CustomSuffix", Name(64)),
                ]
            }
        }
        "CreateUser" => {
            const {
                &[
                    may("Path", Path),
                    SHORT_USER,
                    may("PermissionsBoundary", Arn),
                    NEW_TAGS,
                ]
            }
        }
        "CreateVirtualMFADevice" => {
            const {
                &[
                    may("Path", Path),
                    must("VirtualMFADeviceName", Name(226)),
                    NEW_TAGS,
                ]
            }
        }
        "DeactivateMFADevice" => const { &[OWN_USER, SERIAL] },
        "DeleteAccessKey" => const { &[OWN_USER, KEY_ID] },
        "DeleteGroup" => const { &[GROUP] },
        "DeleteGroupPolicy" | "GetGroupPolicy" => const { &[GROUP, POLICY] },
        "DeleteInstanceProfile" | "GetInstanceProfile" => const { &[PROFILE] },
        "DeleteLoginProfile" | "GetLoginProfile" => const { &[OWN_SHORT_USER] },
        "DeleteOpenIDConnectProvider" | "GetOpenIDConnectProvider" => const { &[OIDC] },
        "DeletePolicy" | "GetPolicy" => const { &[POLICY_ARN] },
        "DeletePolicyVersion" | "GetPolicyVersion" | "SetDefaultPolicyVersion" => {
            const { &[POLICY_ARN, must("VersionId", Version)] }
        }
        "DeleteRole" | "DeleteRolePermissionsBoundary" | "DeleteServiceLinkedRole" | "GetRole" => {
            const { &[ROLE] }
        }
        "DeleteRolePolicy" | "GetRolePolicy" => const { &[ROLE, POLICY] },
        "DeleteSAMLProvider" | "GetSAMLProvider" => const { &[SAML] },
        "DeleteSSHPublicKey" => const { &[SHORT_USER, SSH_KEY] },
        "DeleteServerCertificate" | "GetServerCertificate" => const { &[SERVER_CERTIFICATE] },
        "DeleteServiceSpecificCredential" | "ResetServiceSpecificCredential" => {
            const { &[OWN_SHORT_USER, SERVICE_CREDENTIAL] }
        }
        "DeleteSigningCertificate" => const { &[OWN_USER, SIGNING_CERTIFICATE] },
        "DeleteUser" => const { &[USER] },
        "DeleteUserPermissionsBoundary" => const { &[SHORT_USER] },
        "DeleteUserPolicy" | "GetUserPolicy" => const { &[USER, POLICY] },
        "DeleteVirtualMFADevice" => const { &[SERIAL] },
        "EnableMFADevice" | "ResyncMFADevice" => const { &[USER, SERIAL, FIRST_CODE, SECOND_CODE] },
        "GenerateServiceLastAccessedDetails" => {
            const {
                &[
                    must("Arn", Arn),
                    may("Granularity", Word(&["SERVICE_LEVEL", "ACTION_LEVEL"])),
                ]
            }
        }
        "GetAccessKeyLastUsed" => const { &[KEY_ID] },
        "GetAccountAuthorizationDetails" => {
            const { &[may("Filter", MaybeList(1, 128)), ITEMS, MARKER] }
        }
        "GetContextKeysForCustomPolicy" => const { &[must("PolicyInputList", List(1, 131_072))] },
        "GetContextKeysForPrincipalPolicy" => {
            const { &[SOURCE_ARN, may("PolicyInputList", MaybeList(1, 131_072))] }
        }
        "GetGroup" | "ListGroupPolicies" => const { &[GROUP, MARKER, ITEMS] },
        "GetMFADevice" => const { &[SERIAL, may("UserName", Name(64))] },
        "GetSSHPublicKey" => {
            const { &[SHORT_USER, SSH_KEY, must("Encoding", Word(&["SSH", "PEM"]))] }
        }
        "GetServiceLastAccessedDetails" => const { &[must("JobId", Text(36, 36)), ITEMS, MARKER] },
        "GetServiceLastAccessedDetailsWithEntities" => {
            const {
                &[
                    must("JobId", Text(36, 36)),
                    must("ServiceNamespace", Text(1, 64)),
                    ITEMS,
                    MARKER,
                ]
            }
        }
        "GetServiceLinkedRoleDeletionStatus" => const { &[must("DeletionTaskId", Text(1, 1_000))] },
        "GetUser" => const { &[OWN_USER] },
        "ListAccessKeys" | "ListMFADevices" | "ListSigningCertificates" => {
            const { &[OWN_USER, MARKER, ITEMS] }
        }
        "ListAccountAliases" => const { &[MARKER, ITEMS] },
        "ListAttachedGroupPolicies" => const { &[GROUP, PREFIX, MARKER, ITEMS] },
        "ListAttachedRolePolicies" => const { &[ROLE, PREFIX, MARKER, ITEMS] },
        "ListAttachedUserPolicies" => const { &[SHORT_USER, PREFIX, MARKER, ITEMS] },
        "ListEntitiesForPolicy" => {
            const {
                &[
                    POLICY_ARN,
                    may(
                        "EntityFilter",
                        Word(&[
                            "User",
                            "Role",
                            "Group",
                            "LocalManagedPolicy",
                            "AWSManagedPolicy",
                        ]),
                    ),
                    PREFIX,
                    USAGE,
                    MARKER,
                    ITEMS,
                ]
            }
        }
        "ListGroups"
        | "ListInstanceProfiles"
        | "ListRoles"
        | "ListServerCertificates"
        | "ListUsers" => const { &[PREFIX, MARKER, ITEMS] },
        "ListGroupsForUser" | "ListUserPolicies" | "ListUserTags" => {
            const { &[USER, MARKER, ITEMS] }
        }
        "ListInstanceProfilesForRole" | "ListRolePolicies" | "ListRoleTags" => {
            const { &[ROLE, MARKER, ITEMS] }
        }
        "ListInstanceProfileTags" => const { &[PROFILE, MARKER, ITEMS] },
        "ListMFADeviceTags" => const { &[SERIAL, MARKER, ITEMS] },
        "ListOpenIDConnectProviderTags" => const { &[OIDC, MARKER, ITEMS] },
        "ListPolicies" => {
            const {
                &[
                    may("Scope", Word(&["All", "AWS", "Local"])),
                    may("OnlyAttached", Flag),
                    PREFIX,
                    USAGE,
                    MARKER,
                    ITEMS,
                ]
            }
        }
        "ListPoliciesGrantingServiceAccess" => {
            const {
                &[
                    MARKER,
                    must("Arn", Arn),
                    must("ServiceNamespaces", List(1, 64)),
                ]
            }
        }
        "ListPolicyTags" | "ListPolicyVersions" => const { &[POLICY_ARN, MARKER, ITEMS] },
        "ListSAMLProviderTags" => const { &[SAML, MARKER, ITEMS] },
        "ListSSHPublicKeys" => const { &[OWN_SHORT_USER, MARKER, ITEMS] },
        "ListServerCertificateTags" => const { &[SERVER_CERTIFICATE, MARKER, ITEMS] },
        "ListServiceSpecificCredentials" => {
            const {
                &[
                    OWN_SHORT_USER,
                    may("ServiceName", Text(1, 128)),
                    may("AllUsers", Flag),
                    MARKER,
                    ITEMS,
                ]
            }
        }
        "ListVirtualMFADevices" => {
            const {
                &[
                    may("AssignmentStatus", Word(&["Assigned", "Unassigned", "Any"])),
                    MARKER,
                    ITEMS,
                ]
            }
        }
        "PutGroupPolicy" => const { &[GROUP, POLICY, DOCUMENT] },
        "PutRolePermissionsBoundary" => const { &[ROLE, BOUNDARY] },
        "PutRolePolicy" => const { &[ROLE, POLICY, DOCUMENT] },
        "PutUserPermissionsBoundary" => const { &[SHORT_USER, BOUNDARY] },
        "PutUserPolicy" => const { &[USER, POLICY, DOCUMENT] },
        "SimulateCustomPolicy" => {
            const {
                &[
                    must("PolicyInputList", List(1, 131_072)),
                    BOUNDARIES,
                    ACTIONS,
                    RESOURCES,
                    RESOURCE_POLICY,
                    RESOURCE_OWNER,
                    SIMULATED_CALLER,
                    HANDLING,
                    ITEMS,
                    MARKER,
                ]
            }
        }
        "SimulatePrincipalPolicy" => {
            const {
                &[
                    SOURCE_ARN,
                    may("PolicyInputList", MaybeList(1, 131_072)),
                    BOUNDARIES,
                    ACTIONS,
                    RESOURCES,
                    RESOURCE_POLICY,
                    RESOURCE_OWNER,
                    SIMULATED_CALLER,
                    HANDLING,
                    ITEMS,
                    MARKER,
                ]
            }
        }
        "TagInstanceProfile" => const { &[PROFILE, TAGS] },
        "TagMFADevice" => const { &[SERIAL, TAGS] },
        "TagOpenIDConnectProvider" => const { &[OIDC, TAGS] },
        "TagPolicy" => const { &[POLICY_ARN, TAGS] },
        "TagRole" => const { &[ROLE, TAGS] },
        "TagSAMLProvider" => const { &[SAML, TAGS] },
        "TagServerCertificate" => const { &[SERVER_CERTIFICATE, TAGS] },
        "TagUser" => const { &[USER, TAGS] },
        "UntagInstanceProfile" => const { &[PROFILE, TAG_KEYS] },
        "UntagMFADevice" => const { &[SERIAL, TAG_KEYS] },
        "UntagOpenIDConnectProvider" => const { &[OIDC, TAG_KEYS] },
        "UntagPolicy" => const { &[POLICY_ARN, TAG_KEYS] },
        "UntagRole" => const { &[ROLE, TAG_KEYS] },
        "UntagSAMLProvider" => const { &[SAML, TAG_KEYS] },
        "UntagServerCertificate" => const { &[SERVER_CERTIFICATE, TAG_KEYS] },
        "UntagUser" => const { &[USER, TAG_KEYS] },
        "UpdateAccessKey" => const { &[OWN_USER, KEY_ID, STATUS] },
        "UpdateAccountPasswordPolicy" => {
            const {
                &[
                    may("MinimumPasswordLength", Number(6, 128)),
                    may("RequireSymbols", Flag),
                    may("RequireNumbers", Flag),
                    may("RequireUppercaseCharacters", Flag),
                    may("RequireLowercaseCharacters", Flag),
                    may("AllowUsersToChangePassword", Flag),
                    may("MaxPasswordAge", Number(1, 1_095)),
                    may("PasswordReusePrevention", Number(1, 24)),
                    may("HardExpiry", Flag),
                ]
            }
        }
        "UpdateAssumeRolePolicy" => const { &[ROLE, DOCUMENT] },
        "UpdateGroup" => const { &[GROUP, may("NewPath", Path), may("NewGroupName", Name(128))] },
        "UpdateLoginProfile" => const { &[SHORT_USER, PASSWORD, RESET_REQUIRED] },
        "UpdateOpenIDConnectProviderThumbprint" => {
            const { &[OIDC, must("ThumbprintList", List(40, 40))] }
        }
        "UpdateRole" => const { &[ROLE, ROLE_DESCRIPTION, SESSION_LENGTH] },
        "UpdateRoleDescription" => const { &[ROLE, ROLE_DESCRIPTION] },
        "UpdateSAMLProvider" => {
            const {
                &[
                    SAML,
                    may("SAMLMetadataDocument", Text(1_000, 10_000_000)),
                    ENCRYPTION,
                    may("AddPrivateKey", Text(1, 16_384)),
                    may("RemovePrivateKey", Id),
                ]
            }
        }
        "UpdateSSHPublicKey" => const { &[SHORT_USER, SSH_KEY, STATUS] },
        "UpdateServerCertificate" => {
            const {
                &[
                    SERVER_CERTIFICATE,
                    may("NewPath", Path),
                    may("NewServerCertificateName", Name(128)),
                ]
            }
        }
        "UpdateServiceSpecificCredential" => {
            const { &[OWN_SHORT_USER, SERVICE_CREDENTIAL, STATUS] }
        }
        "UpdateSigningCertificate" => const { &[OWN_USER, SIGNING_CERTIFICATE, STATUS] },
        "UpdateUser" => const { &[USER, may("NewPath", Path), may("NewUserName", Name(64))] },
        _ => &[],
    }
}
