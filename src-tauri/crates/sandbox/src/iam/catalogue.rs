//! The policies that AWS itself manages, as far as the sandbox has them: names, paths, versions and
//! documents as AWS publishes them, in `catalogue.json`, a policy a line.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::policy::{Policy, PolicyKind};
use crate::regions::Partition;

/// A policy of AWS, of which there is the default version.
#[derive(Deserialize)]
pub(super) struct AwsPolicy {
    pub(super) name: String,
    pub(super) path: String,
    /// Its default version, such as `v1`.
    pub(super) version: String,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    #[serde(with = "rfc3339")]
    pub(super) updated: OffsetDateTime,
    document: Value,
    #[serde(skip)]
    parsed: OnceLock<Option<Arc<Policy>>>,
}

static CATALOGUE: LazyLock<BTreeMap<String, AwsPolicy>> = LazyLock::new(|| {
    let all: Vec<AwsPolicy> = serde_json::from_str(include_str!("catalogue.json"))
        .expect("the catalogue is part of the program");
    all.into_iter()
        .map(|policy| (policy.name.clone(), policy))
        .collect()
});

/// All of them, sorted by name.
pub(super) fn all() -> impl Iterator<Item = &'static AwsPolicy> {
    CATALOGUE.values()
}

/// The one of an ARN, in whatever partition.
pub(super) fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let (_, path) = arn.split_once(":iam::aws:policy/")?;
    let policy = CATALOGUE.get(path.rsplit('/').next()?)?;
    (format!("/{path}") == format!("{}{}", policy.path, policy.name)).then_some(policy)
}

impl AwsPolicy {
    pub(super) fn arn(&self, partition: Partition) -> String {
        let word = partition.word();
        format!("arn:{word}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The document; `None` if the sandbox does not understand it.
    pub(super) fn policy(&self) -> Option<&Arc<Policy>> {
        let parse = || {
            let text = self.document.to_string();
            Policy::parse(&text, PolicyKind::Identity)
                .ok()
                .map(Arc::new)
        };
        self.parsed.get_or_init(parse).as_ref()
    }

    /// Whether only roles of AWS's own services can have it.
    pub(super) fn is_for_services(&self) -> bool {
        self.path == "/aws-service-role/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_understood() {
        for policy in all() {
            let arn = policy.arn(Partition::Commercial);
            assert!(policy.policy().is_some(), "{arn}");
            assert!(std::ptr::eq(find(&arn).unwrap(), policy));
        }
        assert!(all().count() > 100);
        assert!(find("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess").is_some());
        assert!(find("arn:aws:iam::aws:policy/ViewOnlyAccess").is_none());
        assert!(find("arn:aws:iam::111111111111:policy/ReadOnlyAccess").is_none());
    }
}
