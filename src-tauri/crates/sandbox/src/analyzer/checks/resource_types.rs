//! The types of resources of KMS, S3, IAM and STS, by how the last field of their ARNs begins.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

const KMS: [&str; 2] = ["alias/", "key/"];

const IAM: [&str; 15] = [
    "access-report/",
    "assumed-role/",
    "delegation-request/",
    "federated-user/",
    "group/",
    "instance-profile/",
    "mfa/",
    "oidc-provider/",
    "policy/",
    "role-template/",
    "role/",
    "saml-provider/",
    "server-certificate/",
    "sms-mfa/",
    "user/",
];

/// Types of one resource for each account, which STS's actions are about.
const IAM_WHOLE: [&str; 2] = ["contextProvider", "root"];

/// Whether some type of the service has resources like this one; believed of services that are not
/// known.
pub(super) fn has(service: &str, resource: &str) -> bool {
    match service {
        "kms" => begins(&KMS, resource),
        "iam" => begins(&IAM, resource) || is_whole(&IAM_WHOLE, resource),
        // Before the first slash stands a bucket's name, which has no colon, or a word.
        "s3" => {
            let bucket = resource.split('/').next().unwrap_or_default();
            !bucket.is_empty() && (!bucket.contains(':') || bucket.contains(OPEN))
        }
        _ => true,
    }
}

/// What stands for what is not known.
const OPEN: [char; 3] = ['*', '?', '$'];

/// What is said before a wildcard or a variable, and whether there is one.
fn said(resource: &str) -> (&str, bool) {
    match resource.find(OPEN) {
        Some(end) => (&resource[..end], true),
        None => (resource, false),
    }
}

fn begins(types: &[&str], resource: &str) -> bool {
    let (said, is_open) = said(resource);
    types.iter().any(|begin| match said.strip_prefix(begin) {
        Some(name) => is_open || !name.is_empty(),
        None => is_open && begin.starts_with(said),
    })
}

fn is_whole(types: &[&str], resource: &str) -> bool {
    let (said, is_open) = said(resource);
    types
        .iter()
        .any(|name| *name == resource || is_open && name.starts_with(said))
}
