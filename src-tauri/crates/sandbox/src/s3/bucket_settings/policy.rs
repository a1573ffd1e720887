//! The policy of a bucket: put, shown, deleted. What it decides is weighed in `access`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{is_public, policy_conditions};
use crate::api::ApiError;
use crate::iam::condition::arn_like;
use crate::iam::evaluate::UniqueIds;
use crate::iam::policy::{Malformed, Policy, PolicyKind, Statement};
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::xml::Xml;

/// AWS's limit for the text.
const LONGEST: usize = 20 * 1024;

/// A policy that was put.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::s3) struct BucketPolicy {
    pub(in crate::s3) text: String,
    /// Of its principals, as they were when it was put.
    #[serde(default)]
    pub(in crate::s3) ids: UniqueIds,
    #[serde(skip)]
    read: OnceLock<Option<Policy>>,
}

impl BucketPolicy {
    /// What it says.
    pub(in crate::s3) fn read(&self) -> Option<&Policy> {
        let read = || Policy::parse(&self.text, PolicyKind::Bucket).ok();
        self.read.get_or_init(read).as_ref()
    }
}

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketPolicy")?;
    asked.only_owner()?;
    let text = asked.with_bucket(|bucket| {
        let policy = bucket.policy.as_ref();
        let policy = policy.ok_or_else(|| none(&bucket.name))?;
        Ok(policy.text.clone())
    })?;
    let mut rest = asked.empty(200).with("content-type", "application/json");
    rest.body = text.into();
    Ok(rest)
}

pub(super) fn status(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketPolicyStatus")?;
    asked.with_bucket(|bucket| {
        let policy = bucket.policy.as_ref();
        let policy = policy.ok_or_else(|| none(&bucket.name))?;
        let public = Xml::new().text("IsPublic", is_public(&policy.text));
        Ok(asked.xml("PolicyStatus", public))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketPolicy")?;
    asked.only_owner()?;
    let policy = read(asked)?;
    asked.change_bucket(|bucket| {
        let block = bucket.public_access_block.as_ref();
        if block.is_some_and(|block| block.block_public_policy) && is_public(&policy.text) {
            return Err(ApiError::new(
                "AccessDenied",
                format!(
                    "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \
                     \"{}\" because public policies are prevented by the BlockPublicPolicy \
                     setting in S3 Block Public Access.",
                    asked.call.principal,
                    asked.bucket_arn()
                ),
            )
            .with_status(403));
        }
        bucket.policy = Some(policy);
        Ok(())
    })?;
    Ok(asked.empty(204))
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:DeleteBucketPolicy")?;
    asked.only_owner()?;
    asked.change_bucket(|bucket| {
        bucket.policy = None;
        Ok(())
    })?;
    Ok(asked.empty(204))
}

fn read(asked: &Asked<'_>) -> Result<BucketPolicy, ApiError> {
    let malformed = |sentence: &str| ApiError::new("MalformedPolicy", sentence);
    if asked.body.len() > LONGEST {
        return Err(malformed(
            "Policy exceeds the maximum allowed document size.",
        ));
    }
    let first = "Policies must be valid JSON and the first byte must be '{'";
    let text = std::str::from_utf8(&asked.body).map_err(|_| malformed(first))?;
    let document: Option<Value> = serde_json::from_str(text).ok();
    let document = document.filter(|_| text.starts_with('{'));
    let document = document.ok_or_else(|| malformed(first))?;
    let read = Policy::parse_new(text, PolicyKind::Bucket);
    let read = read.map_err(|Malformed(sentence)| malformed(sentence))?;
    let arn = asked.bucket_arn();
    let iam = asked.around.iam.read();
    let mut ids = UniqueIds::new();
    for (statement, said) in read.statements.iter().zip(statements(&document)) {
        let resources = statement.resources.iter();
        let mut patterns = resources.flat_map(|resources| &resources.patterns);
        if !patterns.all(|pattern| is_within(pattern, &arn)) {
            return Err(malformed("Policy has invalid resource"));
        }
        let mut actions = statement.actions.patterns.iter();
        if !actions.all(|action| action == "*" || is_of_s3(action)) {
            return Err(malformed("Policy has invalid action"));
        }
        let reached = Reached::by(statement);
        let actions = &statement.actions;
        let is_open = |action: &String| action.contains(['*', '?']);
        let mut patterns = actions.patterns.iter();
        if !actions.excludes && !patterns.all(|action| is_open(action) || reached.has(action)) {
            return Err(malformed(
                "Action does not apply to any resource(s) in statement",
            ));
        }
        let patterns = (!actions.excludes).then_some(actions.patterns.as_slice());
        policy_conditions::check(&said["Condition"], patterns, |action| reached.has(action))
            .map_err(malformed)?;
        let principals = statement.principals.iter();
        for name in principals.flat_map(|principals| &principals.aws) {
            if !iam.has_principal(name, asked.partition()) {
                return Err(malformed("Invalid principal in policy"));
            }
            if let Some(id) = iam.unique_id(name) {
                ids.insert(name.clone(), id);
            }
        }
    }
    Ok(BucketPolicy {
        text: text.to_owned(),
        ids,
        read: OnceLock::new(),
    })
}

fn statements(document: &Value) -> &[Value] {
    match &document["Statement"] {
        Value::Array(statements) => statements,
        single => std::slice::from_ref(single),
    }
}

/// What is among the resources of a statement: actions on objects need objects, and those on buckets
/// the bucket.
struct Reached {
    bucket: bool,
    objects: bool,
}

impl Reached {
    fn by(statement: &Statement) -> Self {
        let resources = statement.resources.as_ref();
        let Some(resources) = resources.filter(|resources| !resources.excludes) else {
            return Self {
                bucket: true,
                objects: true,
            };
        };
        let mut patterns = resources.patterns.iter();
        Self {
            bucket: patterns.clone().any(|pattern| !pattern.contains('/')),
            objects: patterns.any(|pattern| pattern.contains(['/', '*', '?'])),
        }
    }

    fn has(&self, action: &str) -> bool {
        if is_of_objects(action) {
            self.objects
        } else {
            self.bucket
        }
    }
}

/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
fn is_of_objects(action: &str) -> bool {
    const OTHERS: &[&str] = &[
        "abortmultipartupload",
        "bypassgovernanceretention",
        "initiatereplication",
        "listmultipartuploadparts",
        "objectowneroverridetobucketowner",
        "replicatedelete",
        "replicatetags",
    ];
    let action = action.to_ascii_lowercase();
    let name = action.strip_prefix("s3:").unwrap_or(&action);
    OTHERS.contains(&name) || name.contains("object") && !name.contains("bucket")
}

fn is_of_s3(action: &str) -> bool {
    let vendor = action.split(':').next().unwrap_or_default();
    vendor.eq_ignore_ascii_case("s3")
}

/// Whether a pattern names this bucket or objects in it.
fn is_within(pattern: &str, arn: &str) -> bool {
    let bucket = pattern.split('/').next().unwrap_or(pattern);
    bucket == arn || arn_like(bucket, arn) && pattern != "*"
}

fn none(bucket: &str) -> ApiError {
    ApiError::new("NoSuchBucketPolicy", "The bucket policy does not exist")
        .with_status(404)
        .about("BucketName", bucket)
}
