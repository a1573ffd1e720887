//! Trails: made, changed, started and stopped. That files go to a bucket is remembered, and none do.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::input::{permit, read, trail_arn};
use super::trail_form::{Trail, named, not_found};
use super::{bucket, delivery, tags};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::authorise::authorize;
use crate::neighbours::Around;
use crate::protocol::seconds;

/// Trails of an account in one region.
const MOST: usize = 5;

/// Characters of a prefix.
const LONGEST_PREFIX: usize = 200;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Asked {
    name: Option<String>,
    s3_bucket_name: Option<String>,
    s3_key_prefix: Option<String>,
    sns_topic_name: Option<String>,
    include_global_service_events: Option<bool>,
    is_multi_region_trail: Option<bool>,
    enable_log_file_validation: Option<bool>,
    cloud_watch_logs_log_group_arn: Option<String>,
    cloud_watch_logs_role_arn: Option<String>,
    kms_key_id: Option<String>,
    is_organization_trail: Option<bool>,
    tags_list: Option<Vec<tags::Tag>>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>
pub(super) fn create_trail(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let mut asked: Asked = read(input)?;
    let (name, _) = named(call, asked.name.as_deref())?;
    if asked.s3_bucket_name.is_none() {
        return Err(bad_bucket());
    }
    let arn = trail_arn(&call.account, &call.region, &name);
    permit(call, "CreateTrail", &arn)?;
    let tags = tags::read(asked.tags_list.take().unwrap_or_default())?;
    let mut trail = Trail {
        name: name.clone(),
        account: call.account.clone(),
        home: call.region.clone(),
        global: true,
        tags,
        ..Trail::default()
    };
    apply(around, call, &mut trail, asked)?;
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    let own = |trail: &&Trail| trail.account == call.account && trail.home == call.region;
    if state.trails.contains_key(&arn) {
        return Err(ApiError::new(
            "TrailAlreadyExistsException",
            format!("Trail {name} already exists for customer: {}", call.account),
        ));
    }
    if state.trails.values().filter(own).count() >= MOST {
        return Err(ApiError::new(
            "MaximumNumberOfTrailsExceededException",
            format!(
                "User: {} already has {MOST} trails in {}.",
                call.account, call.region
            ),
        ));
    }
    let shown = trail.show(&arn, false);
    state.trails.insert(arn, trail);
    Ok(shown)
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html>
pub(super) fn update_trail(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let arn = own_arn(around, call, "UpdateTrail", asked.name.as_deref())?;
    let known = around
        .neighbours
        .cloudtrail
        .read()
        .trails
        .get(&arn)
        .cloned();
    let mut trail = known.ok_or_else(|| not_found(&arn, &call.account))?;
    apply(around, call, &mut trail, asked)?;
    let shown = trail.show(&arn, false);
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    state.trails.insert(arn, trail);
    Ok(shown)
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html>
pub(super) fn delete_trail(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let arn = own_arn(around, call, "DeleteTrail", asked.name.as_deref())?;
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    state.trails.remove(&arn);
    Ok(json!({}))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html>
pub(super) fn trail(around: &Around<'_>, call: &Call, input: &Map<String, Value>) -> ApiResult {
    let asked: Asked = read(input)?;
    let (arn, trail) = seen(around, call, "GetTrail", asked.name.as_deref())?;
    Ok(json!({ "Trail": trail.show(&arn, true) }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    trail_name_list: Option<Vec<String>>,
    include_shadow_trails: Option<bool>,
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html>
pub(super) fn describe_trails(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Describe = read(input)?;
    let shadows = asked.include_shadow_trails.unwrap_or(true);
    let names = asked.trail_name_list.unwrap_or_default();
    let wanted: Vec<_> = names
        .iter()
        .map(|name| named(call, Some(name)).map(|(name, _)| name))
        .collect::<Result<_, _>>()?;
    permit(call, "DescribeTrails", "*")?;
    let state = around.neighbours.cloudtrail.read();
    let shown: Vec<Value> = state
        .trails
        .iter()
        .filter(|(_, trail)| {
            trail.account == call.account
                && (trail.home == call.region || shadows && trail.all_regions)
                && (wanted.is_empty() || wanted.contains(&trail.name))
        })
        .map(|(arn, trail)| trail.show(arn, true))
        .collect();
    Ok(json!({ "trailList": shown }))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html>
/// The trails of all regions; there are few, so that one page has them.
pub(super) fn list_trails(
    around: &Around<'_>,
    call: &Call,
    _input: &Map<String, Value>,
) -> ApiResult {
    permit(call, "ListTrails", "*")?;
    let state = around.neighbours.cloudtrail.read();
    let own = state
        .trails
        .iter()
        .filter(|(_, trail)| trail.account == call.account);
    let shown: Vec<Value> = own
        .map(
            |(arn, trail)| json!({ "TrailARN": arn, "Name": trail.name, "HomeRegion": trail.home }),
        )
        .collect();
    Ok(json!({ "Trails": shown }))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html>
pub(super) fn start_logging(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    switch(around, call, "StartLogging", input)
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html>
pub(super) fn stop_logging(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    switch(around, call, "StopLogging", input)
}

fn switch(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let arn = own_arn(around, call, operation, asked.name.as_deref())?;
    let mut state = around.neighbours.cloudtrail.write(around.revision);
    if let Some(trail) = state.trails.get_mut(&arn) {
        trail.logging = operation == "StartLogging";
        let moment = match trail.logging {
            true => &mut trail.started,
            false => &mut trail.stopped,
        };
        *moment = Some(call.now);
    }
    Ok(json!({}))
}

/// <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html>
pub(super) fn trail_status(
    around: &Around<'_>,
    call: &Call,
    input: &Map<String, Value>,
) -> ApiResult {
    let asked: Asked = read(input)?;
    let (_, trail) = seen(around, call, "GetTrailStatus", asked.name.as_deref())?;
    let told = |at: Option<time::OffsetDateTime>| at.map(seconds).unwrap_or_default();
    let mut shown = json!({
        "IsLogging": trail.logging,
        "LatestDeliveryAttemptTime": "",
        "LatestNotificationAttemptTime": "",
        "LatestNotificationAttemptSucceeded": "",
        "LatestDeliveryAttemptSucceeded": "",
        "TimeLoggingStarted": told(trail.started),
        "TimeLoggingStopped": told(trail.stopped),
    });
    for (member, at) in [
        ("StartLoggingTime", trail.started),
        ("StopLoggingTime", trail.stopped),
        ("LatestCloudWatchLogsDeliveryTime", trail.delivered),
    ] {
        if let Some(at) = at {
            shown[member] = at.unix_timestamp().into();
        }
    }
    if let Some(error) = &trail.delivery_error {
        shown["LatestCloudWatchLogsDeliveryError"] = error.as_str().into();
    }
    Ok(shown)
}

/// The trail of a name, as it is seen in this region, if the caller may.
pub(super) fn seen(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    asked: Option<&str>,
) -> Result<(String, Trail), ApiError> {
    let (name, home) = named(call, asked)?;
    permit(call, operation, &trail_arn(&call.account, &home, &name))?;
    let state = around.neighbours.cloudtrail.read();
    let mut trails = state.trails.iter();
    let found = trails.find(|(_, trail)| {
        trail.account == call.account && trail.name == name && trail.is_in(&home)
    });
    let found = found.map(|(arn, trail)| (arn.clone(), trail.clone()));
    found.ok_or_else(|| not_found(&trail_arn(&call.account, &home, &name), &call.account))
}

/// The ARN of a trail that is changed, which has to be done in its home region.
pub(super) fn own_arn(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    asked: Option<&str>,
) -> Result<String, ApiError> {
    let (arn, trail) = seen(around, call, operation, asked)?;
    if trail.home != call.region {
        return Err(ApiError::new(
            "InvalidHomeRegionException",
            format!(
                "The trail can be changed in its home region, {}, only.",
                trail.home
            ),
        ));
    }
    Ok(arn)
}

/// Takes what was asked into a trail.
fn apply(
    around: &Around<'_>,
    call: &Call,
    trail: &mut Trail,
    asked: Asked,
) -> Result<(), ApiError> {
    if let Some(bucket) = asked.s3_bucket_name {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        if !(3..=63).contains(&bucket.len()) || !bucket.bytes().all(fits) {
            return Err(bad_bucket());
        }
        trail.bucket = bucket;
    }
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    if let Some(prefix) = asked.s3_key_prefix {
        if prefix.chars().count() > LONGEST_PREFIX {
            return Err(ApiError::new(
                "InvalidS3PrefixException",
                format!("S3 prefix is longer than {LONGEST_PREFIX} characters."),
            ));
        }
        trail.prefix = filled(prefix);
    }
    // There is no SNS here, and so no topic.
    match asked.sns_topic_name.map(filled) {
        Some(Some(_)) => {
            return Err(ApiError::new(
                "InsufficientSnsTopicPolicyException",
                "SNS Topic does not exist or the topic policy is incorrect!",
            ));
        }
        Some(None) => trail.topic = None,
        None => {}
    }
    trail.global = asked.include_global_service_events.unwrap_or(trail.global);
    trail.all_regions = asked.is_multi_region_trail.unwrap_or(trail.all_regions);
    trail.validation = asked.enable_log_file_validation.unwrap_or(trail.validation);
    trail.of_organization = asked.is_organization_trail.unwrap_or(trail.of_organization);
    if trail.all_regions && !trail.global {
        return Err(ApiError::new(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        ));
    }
    let region = bucket::check(around, trail)?;
    let key = match asked.kms_key_id {
        Some(key) => filled(key),
        None => trail.key.take(),
    };
    trail.key = match key {
        Some(key) => Some(bucket::key(around, call, trail, &region, &key)?),
        None => None,
    };
    let changed =
        asked.cloud_watch_logs_log_group_arn.is_some() || asked.cloud_watch_logs_role_arn.is_some();
    if let Some(group) = asked.cloud_watch_logs_log_group_arn {
        trail.log_group = filled(group);
    }
    if let Some(role) = asked.cloud_watch_logs_role_arn {
        trail.log_role = filled(role);
    }
    if !changed {
        return Ok(());
    }
    match (&trail.log_group, &trail.log_role) {
        (None, None) => Ok(()),
        (Some(_), Some(role)) => {
            authorize(&call.caller, call, "iam:PassRole", role)?;
            delivery::check(around, call, trail)
        }
        _ => Err(ApiError::new(
            "InvalidParameterCombinationException",
            "You must specify values for both CloudWatch Logs log group ARN and role ARN.",
        )),
    }
}

fn bad_bucket() -> ApiError {
    ApiError::new(
        "InvalidS3BucketNameException",
        "Bucket name must have 3 to 63 letters, digits, periods or dashes.",
    )
}
