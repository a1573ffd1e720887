//! The conditions of a bucket's policy that is put: whether S3 has the keys, whether each action of the
//! statement has them too, and whether addresses are addresses.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use std::net::IpAddr;

use serde_json::Value;

use crate::iam::condition::like_ignoring_case;

const INVALID_KEY: &str = "Policy has an invalid condition key";
const INVALID_ADDRESS: &str = "Invalid IP address in Conditions";
const NOT_APPLYING: &str =
    "Conditions do not apply to combination of actions and resources in statement";

/// Keys of every action, and those of which it is not documented well which actions have them. Of
/// one that ends in `/` the name goes on with that of a tag. In lower case, since keys are compared
/// without case.
const OF_ALL: &[&str] = &[
    "accessgrantscope",
    "accessgrantsinstancearn",
    "accessgrantslocationscope",
    "accesspointnetworkorigin",
    "accesspointtag/",
    "annotation-prefix",
    "authtype",
    "buckettag/",
    "dataaccesspointaccount",
    "dataaccesspointarn",
    "deliverysourcearn",
    "destinationregion",
    "existingjoboperation",
    "existingjobpriority",
    "inventoryaccessibleoptionalfields",
    "isreplicationpauserequest",
    "jobsuspendedcause",
    "logtype",
    "max-annotation-results",
    "object-lock-event-hold",
    "object-lock-event-hold-duration-days",
    "requestjoboperation",
    "requestjobpriority",
    "resourceaccount",
    "resourcearnbeingauthorized",
    "signatureage",
    "signatureversion",
    "tlsversion",
    "x-amz-bucket-namespace",
    "x-amz-content-sha256",
    "x-amz-object-annotation-directive",
    "x-amz-object-if-match",
];

/// The other keys, with the actions on buckets and objects that have them.
const OF_SOME: &[(&[&str], &[&str])] = &[
    (
        &["prefix", "delimiter", "max-keys"],
        &["ListBucket", "ListBucketVersions"],
    ),
    (
        &["versionid"],
        &[
            "DeleteObjectVersion",
            "DeleteObjectVersionTagging",
            "GetObjectVersion",
            "GetObjectVersionAcl",
            "GetObjectVersionAttributes",
            "GetObjectVersionTagging",
            "GetObjectVersionTorrent",
            "PutObjectVersionAcl",
            "PutObjectVersionTagging",
        ],
    ),
    (
        &["existingobjecttag/"],
        &[
            "DeleteObjectTagging",
            "DeleteObjectVersionTagging",
            "GetObject",
            "GetObjectAcl",
            "GetObjectAttributes",
            "GetObjectTagging",
            "GetObjectVersion",
            "GetObjectVersionAcl",
            "GetObjectVersionAttributes",
            "GetObjectVersionTagging",
            "PutObjectAcl",
            "PutObjectTagging",
            "PutObjectVersionAcl",
            "PutObjectVersionTagging",
        ],
    ),
    (
        &["requestobjecttag/", "requestobjecttagkeys"],
        &[
            "BypassGovernanceRetention",
            "PutObject",
            "PutObjectTagging",
            "PutObjectVersionTagging",
        ],
    ),
    (
        &[
            "x-amz-acl",
            "x-amz-grant-full-control",
            "x-amz-grant-read",
            "x-amz-grant-read-acp",
            "x-amz-grant-write",
            "x-amz-grant-write-acp",
        ],
        &[
            "BypassGovernanceRetention",
            "CreateBucket",
            "PutBucketAcl",
            "PutObject",
            "PutObjectAcl",
            "PutObjectVersionAcl",
        ],
    ),
    (
        &["x-amz-storage-class"],
        &[
            "BypassGovernanceRetention",
            "PutObject",
            "PutObjectAcl",
            "PutObjectVersionAcl",
        ],
    ),
    (
        &[
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-server-side-encryption-customer-algorithm",
        ],
        &[
            "BypassGovernanceRetention",
            "PutObject",
            "ReplicateObject",
            "UpdateObjectEncryption",
        ],
    ),
    (
        &[
            "x-amz-copy-source",
            "x-amz-metadata-directive",
            "x-amz-website-redirect-location",
        ],
        &["BypassGovernanceRetention", "PutObject"],
    ),
    (
        &["if-match"],
        &["DeleteObject", "DeleteObjectVersion", "PutObject"],
    ),
    (
        &["if-none-match", "objectcreationoperation"],
        &["PutObject"],
    ),
    (
        &[
            "object-lock-mode",
            "object-lock-remaining-retention-days",
            "object-lock-retain-until-date",
        ],
        &[
            "BypassGovernanceRetention",
            "PutObject",
            "PutObjectRetention",
        ],
    ),
    (
        &["object-lock-legal-hold"],
        &[
            "BypassGovernanceRetention",
            "PutObject",
            "PutObjectLegalHold",
        ],
    ),
    (
        &["x-amz-object-ownership"],
        &["CreateBucket", "PutBucketOwnershipControls"],
    ),
    (&["locationconstraint"], &["CreateBucket"]),
];

/// Which actions have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Actions {
    All,
    These(&'static [&'static str]),
}

/// Says what is wrong with the conditions of a statement. `actions` are its patterns, nothing if it
/// says what it is not about; `reaches` says whether an action has something among its resources.
pub(super) fn check(
    conditions: &Value,
    actions: Option<&[String]>,
    reaches: impl Fn(&str) -> bool,
) -> Result<(), &'static str> {
    let operators = conditions.as_object().into_iter().flatten();
    for (operator, keys) in operators {
        let is_of_addresses = is_of_addresses(operator);
        for (key, values) in keys.as_object().into_iter().flatten() {
            let Actions::These(of_key) = actions_of(key).ok_or(INVALID_KEY)? else {
                check_addresses(values, is_of_addresses)?;
                continue;
            };
            let fits = |pattern: &String| {
                let pattern = strip_vendor(pattern);
                let mut named = of_key.iter();
                named.any(|action| like_ignoring_case(pattern, action) && reaches(action))
            };
            if actions.is_some_and(|actions| !actions.iter().all(fits)) {
                return Err(NOT_APPLYING);
            }
            check_addresses(values, is_of_addresses)?;
        }
    }
    Ok(())
}

/// `None` if there is no such key. Those of other vendors are not known here, and those of AWS itself
/// are taken whatever they are called.
fn actions_of(key: &str) -> Option<Actions> {
    let key = key.to_ascii_lowercase();
    let (vendor, name) = key.split_once(':')?;
    if vendor != "s3" {
        return Some(Actions::All);
    }
    let is = |known: &&&str| match known.strip_suffix('/') {
        Some(_) => name.len() > known.len() && name.starts_with(**known),
        None => name == **known,
    };
    if OF_ALL.iter().any(|known| is(&known)) {
        return Some(Actions::All);
    }
    let mut some = OF_SOME.iter();
    let found = some.find(|(keys, _)| keys.iter().any(|known| is(&known)));
    found.map(|(_, actions)| Actions::These(actions))
}

fn strip_vendor(pattern: &str) -> &str {
    pattern.split_once(':').map_or(pattern, |(_, name)| name)
}

fn is_of_addresses(operator: &str) -> bool {
    let plain = operator.rsplit(':').next().unwrap_or(operator);
    let plain = plain.strip_suffix("IfExists").unwrap_or(plain);
    matches!(plain, "IpAddress" | "NotIpAddress")
}

fn check_addresses(values: &Value, are_addresses: bool) -> Result<(), &'static str> {
    let values = match values {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut texts = values
        .iter()
        .map(|value| value.as_str().unwrap_or_default());
    if are_addresses && !texts.all(is_address) {
        return Err(INVALID_ADDRESS);
    }
    Ok(())
}

/// `203.0.113.0/24`, or one address of either kind, or what only the request says.
fn is_address(text: &str) -> bool {
    if text.contains("${") {
        return true;
    }
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, length.parse::<u8>().ok()),
        None => (text, Some(0)),
    };
    match (address.parse(), length) {
        (Ok(IpAddr::V4(_)), Some(length)) => length <= 32,
        (Ok(IpAddr::V6(_)), Some(length)) => length <= 128,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_s3_is_known() {
        let listed = include_str!("../../analyzer/condition_keys.txt").lines();
        for line in listed.filter(|line| line.starts_with("s3:")) {
            let name = line.split(' ').next().unwrap();
            let name = name.replace('/', "/team");
            assert!(actions_of(&name).is_some(), "{name}");
        }
        for unknown in ["s3:prefixes", "s3:ExistingObjectTag/", "prefix", "s3:"] {
            assert_eq!(actions_of(unknown), None, "{unknown}");
        }
    }
}
