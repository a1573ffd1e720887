//! A trail: how it is kept, shown and named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::delivery::SERVICE;
use super::input::trail_arn;
use crate::api::{ApiError, Call};
use crate::iam::Iam;
use crate::iam::condition::Context;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Trail {
    pub(super) name: String,
    pub(super) account: String,
    pub(super) home: String,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    pub(super) topic: Option<String>,
    pub(super) global: bool,
    pub(super) all_regions: bool,
    pub(super) validation: bool,
    pub(super) of_organization: bool,
    /// ARN of the log group, with `:*`.
    pub(super) log_group: Option<String>,
    pub(super) log_role: Option<String>,
    pub(super) key: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) logging: bool,
    #[serde(with = "rfc3339::option")]
    pub(super) started: Option<OffsetDateTime>,
    #[serde(with = "rfc3339::option")]
    pub(super) stopped: Option<OffsetDateTime>,
    #[serde(with = "rfc3339::option")]
    pub(super) delivered: Option<OffsetDateTime>,
    pub(super) delivery_error: Option<String>,
    /// The selectors, as they were put; none if they never were.
    pub(super) selectors: Option<Value>,
    /// Likewise in their advanced form.
    pub(super) advanced: Option<Value>,
}

impl Trail {
    /// The trail; where it is described, with more than where it is made.
    pub(super) fn show(&self, arn: &str, described: bool) -> Value {
        let mut shown = json!({
            "Name": self.name,
            "S3BucketName": self.bucket,
            "IncludeGlobalServiceEvents": self.global,
            "IsMultiRegionTrail": self.all_regions,
            "TrailARN": arn,
            "LogFileValidationEnabled": self.validation,
            "IsOrganizationTrail": self.of_organization,
        });
        for (member, text) in [
            ("S3KeyPrefix", &self.prefix),
            ("SnsTopicARN", &self.topic),
            ("CloudWatchLogsLogGroupArn", &self.log_group),
            ("CloudWatchLogsRoleArn", &self.log_role),
            ("KmsKeyId", &self.key),
        ] {
            if let Some(text) = text {
                shown[member] = text.as_str().into();
            }
        }
        if described {
            shown["HomeRegion"] = self.home.as_str().into();
            let custom = self.selectors.is_some() || self.advanced.is_some();
            shown["HasCustomEventSelectors"] = custom.into();
            shown["HasInsightSelectors"] = false.into();
        }
        shown
    }

    pub(super) fn arn(&self) -> String {
        trail_arn(&self.account, &self.home, &self.name)
    }

    /// What CloudTrail tells of the trail that it works for, wherever its permission is asked.
    pub(super) fn context(&self, iam: &Iam) -> Context {
        iam.context_of_service(SERVICE, &self.account, &self.arn())
    }

    /// Whether the trail is seen in a region: a copy of it is in every one, if it is for all.
    pub(super) fn is_in(&self, region: &str) -> bool {
        self.home == region || self.all_regions
    }
}

/// A trail's name and, if it was named by its ARN, its home region.
pub(super) fn named(call: &Call, name: Option<&str>) -> Result<(String, String), ApiError> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Err(ApiError::new(
            "InvalidTrailNameException",
            "Trail name cannot be blank!",
        ));
    };
    if !name.starts_with("arn:") {
        check_name(name)?;
        return Ok((name.to_owned(), call.region.clone()));
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    match parts[..] {
        [_, _, "cloudtrail", region, account, resource] if account == call.account => {
            let name = resource
                .strip_prefix("trail/")
                .ok_or_else(|| no_arn(name))?;
            check_name(name)?;
            Ok((name.to_owned(), region.to_owned()))
        }
        _ => Err(no_arn(name)),
    }
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html>
fn check_name(name: &str) -> Result<(), ApiError> {
    let bytes = name.as_bytes();
    let is_fine = |byte: &u8| byte.is_ascii_alphanumeric();
    let ends = [bytes.first(), bytes.last()];
    let doubled = |pair: &[u8]| !is_fine(&pair[0]) && !is_fine(&pair[1]);
    let fine = (3..=128).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| is_fine(byte) || b"._-".contains(byte))
        && ends.iter().all(|end| end.is_some_and(is_fine))
        && !bytes.windows(2).any(doubled)
        && name.parse::<std::net::Ipv4Addr>().is_err();
    if fine {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidTrailNameException",
        "Trail name must have 3 to 128 letters, digits, periods, underscores or dashes, start and \
         end with a letter or digit, and have no two of the others in a row.",
    ))
}

pub(super) fn not_found(name: &str, account: &str) -> ApiError {
    ApiError::new(
        "TrailNotFoundException",
        format!("Unknown trail: {name} for the user: {account}"),
    )
}

fn no_arn(arn: &str) -> ApiError {
    ApiError::new(
        "CloudTrailARNInvalidException",
        format!("The ARN {arn} is not that of a trail of this account."),
    )
}
