//! What an action is about, as the simulation names it: the pattern of the ARNs of its type of
//! resource. The sandbox knows those of KMS, S3, STS and IAM; of other services' actions it says `*`,
//! as AWS does of actions that are about no resource.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

const KEY: &str = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}";
const ALIAS: &str = "arn:${Partition}:kms:${Region}:${Account}:alias/${Alias}";
const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";
const OBJECT: &str = "arn:${Partition}:s3:::${BucketName}/${KeyName}";
const USER: &str = "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}";
const GROUP: &str = "arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}";
const ROLE: &str = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";
const POLICY: &str = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}";
const DEVICE: &str = "arn:${Partition}:iam::${Account}:mfa/${MfaTokenIdWithPath}";
const PROFILE: &str =
    "arn:${Partition}:iam::${Account}:instance-profile/${InstanceProfileNameWithPath}";

/// The pattern of the ARNs that an action such as `kms:Encrypt` is about.
pub(super) fn of_action(action: &str) -> &'static str {
    let Some((service, name)) = action.split_once(':') else {
        return "*";
    };
    match service.to_ascii_lowercase().as_str() {
        "kms" => of_kms(name),
        "s3" => of_s3(name),
        "sts" if name.starts_with("AssumeRole") => ROLE,
        "iam" => of_iam(name),
        _ => "*",
    }
}

fn of_kms(name: &str) -> &'static str {
    match name {
        "CreateAlias" | "DeleteAlias" | "UpdateAlias" => ALIAS,
        "CreateKey" | "ListKeys" | "ListAliases" | "GenerateRandom" | "ListRetirableGrants" => "*",
        _ if name.contains("CustomKeyStore") => "*",
        _ => KEY,
    }
}

fn of_s3(name: &str) -> &'static str {
    let has = |part: &str| name.contains(part);
    let of_account = ["ListAllMyBuckets", "Account", "AccessPoint", "Job", "Lens"];
    if of_account.into_iter().any(has) {
        "*"
    } else if has("Bucket") {
        BUCKET
    } else if has("Object") || ["AbortMultipartUpload", "ListMultipartUploadParts"].contains(&name)
    {
        OBJECT
    } else {
        BUCKET
    }
}

/// IAM's actions end with what they are about, or name the holder before a policy, a tag and the like.
fn of_iam(name: &str) -> &'static str {
    let lists = [
        "ListUsers",
        "ListGroups",
        "ListRoles",
        "ListVirtualMFADevices",
    ];
    let of_account = ["Account", "Simulate", "ContextKeys", "Provider"];
    let has = |part: &str| name.contains(part);
    if lists.contains(&name) || of_account.into_iter().any(has) {
        "*"
    } else if has("VirtualMFADevice") {
        DEVICE
    } else if has("InstanceProfile") {
        PROFILE
    } else if has("Group") {
        GROUP
    } else if [
        "User",
        "AccessKey",
        "LoginProfile",
        "MFADevice",
        "ChangePassword",
    ]
    .into_iter()
    .any(has)
    {
        USER
    } else if has("Role") {
        ROLE
    } else if has("Policy") {
        POLICY
    } else {
        "*"
    }
}
