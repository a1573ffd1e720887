//! `Resource` and `NotResource`.

use super::super::actions::has_service;
use super::super::finding::Impact;
use super::{Found, Kind, Part, redundant, resource_types, variables};
use crate::iam::account::is_account_id;
use crate::iam::condition::arn_like;
use crate::regions;

const PARTITIONS: [&str; 7] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
];

pub(super) fn check(found: &mut Found, statement: &Part<'_>) {
    for name in ["Resource", "NotResource"] {
        let Some(part) = statement.member(name) else {
            continue;
        };
        if part.is_empty_list() {
            let details = "This statement includes no resources and does not affect the policy. \
                           Specify resources.";
            found.suggestion("EMPTY_ARRAY_RESOURCE", details, &part);
            continue;
        }
        let resources = part.texts(found);
        for (arn, part) in &resources {
            variables::check(found, arn, part);
            one(found, arn, part);
        }
        repeated(found, &resources);
    }
}

fn one(found: &mut Found, arn: &str, part: &Part<'_>) {
    if arn.chars().all(|letter| letter == '*') {
        return;
    }
    if !arn.starts_with("arn:") {
        let details = "Add the required prefix (arn) to the resource ARN.";
        return found.error("INVALID_ARN_PREFIX", details, part);
    }
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = fields[..] else {
        // A star at the end may stand for the rest.
        if !arn.ends_with('*') {
            let details = "Resource ARNs must include at least 6 fields in the following \
                           structure: arn:partition:service:region:account:resource";
            found.error("MISSING_ARN_FIELD", details, part);
        }
        return;
    };
    if !is_open(partition) && !PARTITIONS.contains(&partition) {
        let details = format!(
            "The resource ARN for the service {service} does not support the partition \
             {partition}. Use the supported values: {}",
            PARTITIONS.join(", ")
        );
        found.error("INVALID_PARTITION", details, part);
    }
    if !is_open(service) && service.bytes().any(|byte| byte.is_ascii_uppercase()) {
        let details = format!(
            "Update the service name {service} in the resource ARN to use all lowercase letters."
        );
        found.error("INVALID_ARN_SERVICE_CASE", details, part);
    } else if !is_open(service) && !has_service(service) {
        let details = format!("The service {service} does not exist. Use a valid service name.");
        found.error("INVALID_SERVICE", details, part);
    }
    place(found, service, region, account, part);
    if resource.is_empty() || !resource_types::has(service, resource) {
        let details = "Resource ARN does not match the expected ARN format. Update the resource \
                       portion of the ARN.";
        found.error("INVALID_ARN_RESOURCE", details, part);
    }
    if found.kind == Kind::Bucket && !is_open(service) && service != "s3" {
        let details = "The resource ARN is not supported for the resource-based policy attached \
                       to the resource type AWS::S3::Bucket.";
        found.error("UNSUPPORTED_RESOURCE_ARN_IN_POLICY", details, part);
    }
}

/// Region and account.
fn place(found: &mut Found, service: &str, region: &str, account: &str, part: &Part<'_>) {
    let of_bucket = service == "s3" && part.node.text().is_some_and(is_bucket);
    if service == "iam" || of_bucket {
        if !region.is_empty() && region != "*" {
            let details = format!(
                "The service {service} does not support specifying a Region in the resource ARN."
            );
            found.error("ARN_REGION_NOT_ALLOWED", details, part);
        }
        if of_bucket && !account.is_empty() && account != "*" {
            let details = format!(
                "The service {service} does not support specifying an account ID in the resource \
                 ARN."
            );
            found.error("ARN_ACCOUNT_NOT_ALLOWED", details, part);
            return;
        }
    } else if region.is_empty() && service == "kms" {
        let details = format!("Add a Region to the {service} resource ARN.");
        found.error("MISSING_ARN_REGION", details, part);
    } else if !region.is_empty() && !is_open(region) && !regions::exists(region) {
        let details = format!(
            "The Region {region} is not valid for this resource. Update the resource ARN to \
             include a supported Region."
        );
        found.error("INVALID_ARN_REGION", details, part);
    }
    if !account.is_empty() && account != "aws" && !is_open(account) && !is_account_id(account) {
        let details = format!(
            "The resource ARN account ID {account} is not valid. Provide a 12-digit account ID."
        );
        found.error("INVALID_ARN_ACCOUNT", details, part);
    }
}

/// Of S3's resources only access points, jobs and their like say where they are.
fn is_bucket(arn: &str) -> bool {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
    let located = ["accesspoint", "job/", "storage-lens", "access-grants"];
    !located.iter().any(|kind| resource.starts_with(kind))
}

/// Whether a wildcard or a variable leaves open what it is.
fn is_open(field: &str) -> bool {
    field.contains(['*', '?', '$'])
}

fn repeated(found: &mut Found, resources: &[(&str, Part<'_>)]) {
    let arns: Vec<_> = resources.iter().map(|(arn, _)| *arn).collect();
    let redundant: Vec<_> = redundant::among(&arns, arn_like)
        .into_iter()
        .map(|turn| resources[turn].1.place())
        .collect();
    if redundant.is_empty() {
        return;
    }
    let details = format!(
        "The {} resource ARN(s) are redundant because they reference the same resource. Review \
         the use of wildcards (*)",
        redundant.len()
    );
    found.add(Impact::Suggestion, "REDUNDANT_RESOURCE", details, redundant);
}
