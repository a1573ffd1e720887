//! Which objects of a bucket are copied where. The copying itself is in `crate::s3::replication`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html>
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html#replication-backward-compat-considerations>

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::api::ApiError;
use crate::iam::authorise::{self, Own};
use crate::iam::evaluate::Question;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::{invalid_argument, invalid_request, malformed_xml};
use crate::s3::read_xml::Element;
use crate::s3::state::Tags;
use crate::s3::tags;
use crate::xml::Xml;

const MOST_RULES: usize = 1_000;

/// A configuration that was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::s3) struct Replication {
    /// The ARN of the role that copies.
    pub(in crate::s3) role: String,
    pub(in crate::s3) rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::s3) struct Rule {
    pub(in crate::s3) id: String,
    #[serde(default)]
    pub(in crate::s3) priority: i64,
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    pub(in crate::s3) delete_markers: bool,
    /// Whether objects under a key of KMS are copied too.
    #[serde(default)]
    pub(in crate::s3) kms_objects: bool,
    /// The name of the bucket that they are copied to.
    pub(in crate::s3) destination: String,
    /// The ARN of the key there.
    pub(in crate::s3) key: Option<String>,
    pub(in crate::s3) storage_class: Option<String>,
    /// As it was put, to be shown.
    written: Element,
}

impl Replication {
    /// The rules that an object falls under, one for each destination: that of the highest priority.
    pub(in crate::s3) fn rules_for(&self, key: &str, object_tags: &Tags) -> Vec<&Rule> {
        let mut fitting: Vec<_> = self
            .rules
            .iter()
            .filter(|rule| {
                rule.enabled
                    && key.starts_with(&rule.prefix)
                    && rule.tags.iter().all(|tag| object_tags.contains(tag))
            })
            .collect();
        fitting.sort_by_key(|rule| Reverse(rule.priority));
        let mut seen = BTreeSet::new();
        fitting.retain(|rule| seen.insert(rule.destination.as_str()));
        fitting
    }
}

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetReplicationConfiguration")?;
    asked.with_bucket(|bucket| {
        let set = bucket.replication.as_ref().ok_or_else(|| {
            ApiError::new(
                "ReplicationConfigurationNotFoundError",
                "The replication configuration was not found",
            )
            .with_status(404)
            .about("BucketName", &bucket.name)
        })?;
        let role = Xml::new().text("Role", &set.role);
        let rules = set.rules.iter();
        let xml = rules.fold(role, |xml, rule| rule.written.written(xml));
        Ok(asked.xml("ReplicationConfiguration", xml))
    })
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutReplicationConfiguration")?;
    asked.change_bucket(|bucket| {
        bucket.replication = None;
        Ok(())
    })?;
    Ok(asked.empty(204))
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutReplicationConfiguration")?;
    let root = asked.document("ReplicationConfiguration")?;
    root.only(&["Role", "Rule"])?;
    let role = root.need_text("Role")?;
    let rules = root
        .all("Rule")
        .map(|rule| read_rule(asked, rule))
        .collect::<Result<Vec<_>, _>>()?;
    check(asked, role, &rules)?;
    may_pass(asked, role)?;
    let set = Replication {
        role: role.to_owned(),
        rules,
    };
    asked.change_bucket(|bucket| {
        if !bucket.is_versioned() {
            return Err(invalid_request(
                "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
            ));
        }
        bucket.replication = Some(set);
        Ok(())
    })?;
    Ok(asked.empty(200))
}

/// Who has a role used needs the permission to hand it over.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
fn may_pass(asked: &Asked<'_>, role: &str) -> Result<(), ApiError> {
    const ACTION: &str = "iam:PassRole";
    let caller = &*asked.call.caller;
    let context = authorise::context(caller, asked.call);
    let context = context.with("iam:PassedToService", "s3.amazonaws.com");
    let question = Question {
        action: ACTION,
        resource: role,
        context: &context,
    };
    Own::of(caller, &question).outcome().map_err(|reason| {
        let sentence = reason.of(ACTION).to_string();
        authorise::refusal(caller, ACTION, role, &sentence)
    })
}

fn check(asked: &Asked<'_>, role: &str, rules: &[Rule]) -> Result<(), ApiError> {
    let is_role = role.starts_with(&format!("arn:{}:iam::", asked.partition().word()))
        && role.contains(":role/");
    if !is_role {
        return Err(invalid_argument("Invalid Role ARN", "Role", role));
    }
    if rules.is_empty() || rules.len() > MOST_RULES {
        return Err(malformed_xml());
    }
    let (mut ids, mut priorities) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules {
        if !ids.insert(&rule.id) {
            let sentence = "Rule ID must be unique. Found same ID for more than one rule";
            return Err(invalid_argument(sentence, "ID", &rule.id));
        }
        if !priorities.insert(rule.priority) && has_filter(rule) {
            let sentence = format!("Found duplicate priority {}", rule.priority);
            return Err(invalid_request(sentence));
        }
    }
    asked.with_bucket(|bucket| {
        if bucket.is_versioned() {
            return Ok(());
        }
        Err(invalid_request(
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        ))
    })?;
    let state = asked.state();
    for rule in rules {
        if rule.destination == asked.bucket {
            return Err(invalid_request(
                "Destination bucket cannot be the source bucket.",
            ));
        }
        let destination = state.bucket(asked.partition(), &rule.destination);
        match destination {
            None => return Err(invalid_request("Destination bucket must exist.")),
            Some(bucket) if !bucket.is_versioned() => {
                return Err(invalid_request(
                    "Destination bucket must have versioning enabled.",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn has_filter(rule: &Rule) -> bool {
    rule.written.all("Filter").next().is_some()
}

fn read_rule(asked: &Asked<'_>, rule: &Element) -> Result<Rule, ApiError> {
    rule.only(&[
        "ID",
        "Priority",
        "Prefix",
        "Filter",
        "Status",
        "SourceSelectionCriteria",
        "ExistingObjectReplication",
        "Destination",
        "DeleteMarkerReplication",
    ])?;
    let switch = |element: Option<&Element>| match element {
        None => Ok(None),
        Some(element) => {
            let word = element.word("Status", &["Enabled", "Disabled"])?;
            Ok(Some(word.ok_or_else(malformed_xml)? == "Enabled"))
        }
    };
    let enabled = rule.word("Status", &["Enabled", "Disabled"])?;
    let filter = rule.one("Filter")?;
    let (prefix, tags) = match filter {
        Some(filter) => read_filter(filter)?,
        None => (
            rule.text_of("Prefix")?.unwrap_or_default().to_owned(),
            Tags::new(),
        ),
    };
    let delete_markers = switch(rule.one("DeleteMarkerReplication")?)?;
    let priority = rule.text_of("Priority")?;
    let schema = "for this version of Cross Region Replication configuration schema. Please refer to \
                  S3 Developer Guide for more information.";
    if filter.is_none() && delete_markers.is_some() {
        return Err(invalid_request(format!(
            "DeleteMarkerReplication cannot be used {schema}"
        )));
    }
    if filter.is_some() {
        if delete_markers.is_none() {
            return Err(invalid_request(format!(
                "DeleteMarkerReplication must be specified {schema}"
            )));
        }
        if priority.is_none() {
            return Err(invalid_request(format!(
                "Priority must be specified {schema}"
            )));
        }
        if !tags.is_empty() && delete_markers == Some(true) {
            return Err(invalid_request(
                "Delete marker replication is not supported if any Tag filter is specified. Please \
                 refer to S3 Developer Guide for more information.",
            ));
        }
    }
    let kms_objects = match rule.one("SourceSelectionCriteria")? {
        None => None,
        Some(criteria) => {
            let criteria = criteria.only(&["SseKmsEncryptedObjects", "ReplicaModifications"])?;
            switch(criteria.one("ReplicaModifications")?)?;
            switch(criteria.one("SseKmsEncryptedObjects")?)?
        }
    };
    let destination = rule.need("Destination")?.only(&[
        "Bucket",
        "Account",
        "StorageClass",
        "AccessControlTranslation",
        "EncryptionConfiguration",
        "ReplicationTime",
        "Metrics",
    ])?;
    let bucket = destination.need_text("Bucket")?;
    let start = format!("arn:{}:s3:::", asked.partition().word());
    let bucket = bucket
        .strip_prefix(&start)
        .ok_or_else(|| invalid_argument("Invalid bucket ARN", "Bucket", bucket))?;
    let key = match destination.one("EncryptionConfiguration")? {
        None => None,
        Some(encryption) => encryption
            .only(&["ReplicaKmsKeyID"])?
            .text_of("ReplicaKmsKeyID")?,
    };
    if kms_objects == Some(true) && key.is_none() {
        return Err(invalid_request(
            "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.",
        ));
    }
    if kms_objects.is_none() && key.is_some() {
        return Err(invalid_request(
            "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
        ));
    }
    let mut written = rule.clone();
    let id = match rule.text_of("ID")? {
        Some(id) if id.chars().count() > 255 => {
            return Err(invalid_argument(
                "ID length should not exceed allowed limit of 255",
                "ID",
                id,
            ));
        }
        Some(id) if !id.is_empty() => id.to_owned(),
        _ => {
            let id = asked.around.random.uuid();
            written.inner.retain(|element| element.name != "ID");
            let name = "ID".to_owned();
            let text = id.clone();
            written.inner.insert(
                0,
                Element {
                    name,
                    text,
                    inner: Vec::new(),
                },
            );
            id
        }
    };
    Ok(Rule {
        id,
        priority: match priority {
            None => 0,
            Some(priority) => read_priority(priority)?,
        },
        enabled: enabled.ok_or_else(malformed_xml)? == "Enabled",
        prefix,
        tags,
        // The older form of a rule, which has no filter, knows no choice: it copies them.
        delete_markers: delete_markers.unwrap_or(filter.is_none()),
        kms_objects: kms_objects.unwrap_or_default(),
        destination: bucket.to_owned(),
        key: key.map(str::to_owned),
        storage_class: destination.text_of("StorageClass")?.map(str::to_owned),
        written,
    })
}

/// A whole number that is not negative.
fn read_priority(text: &str) -> Result<i64, ApiError> {
    let priority = text.trim().parse().map_err(|_| malformed_xml())?;
    if (0..=i64::from(i32::MAX)).contains(&priority) {
        return Ok(priority);
    }
    Err(malformed_xml())
}

fn read_filter(filter: &Element) -> Result<(String, Tags), ApiError> {
    let filter = match filter.only(&["Prefix", "Tag", "And"])?.one("And")? {
        Some(both) if filter.inner.len() == 1 => both.only(&["Prefix", "Tag"])?,
        Some(_) => return Err(malformed_xml()),
        None if filter.inner.len() > 1 => return Err(malformed_xml()),
        None => filter,
    };
    let set = Element {
        inner: filter.all("Tag").cloned().collect(),
        ..Element::default()
    };
    let prefix = filter.text_of("Prefix")?.unwrap_or_default();
    Ok((prefix.to_owned(), tags::of_set(&set, tags::MOST_OF_OBJECT)?))
}
