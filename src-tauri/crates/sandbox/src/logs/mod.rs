//! Amazon CloudWatch Logs: groups, streams and events. Nothing is stored compressed or encrypted,
//! and a class of groups makes no difference.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html>

mod columns;
mod events;
mod filter;
mod groups;
mod input;
mod json_pattern;
mod keys;
mod pattern;
mod regular;
mod store;
mod streams;
mod tagged;
mod tags;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;
use crate::regions::Partition;

pub(crate) use self::store::{State, millis};

/// Answers one operation.
pub(crate) fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        "CreateLogGroup" => groups::create_log_group(around, call, input),
        "DeleteLogGroup" => groups::delete_log_group(around, call, input),
        "DescribeLogGroups" => groups::describe_log_groups(around, call, input),
        "PutLogGroupDeletionProtection" => {
            groups::put_log_group_deletion_protection(around, call, input)
        }
        "PutRetentionPolicy" => groups::put_retention_policy(around, call, input),
        "DeleteRetentionPolicy" => groups::delete_retention_policy(around, call, input),
        "CreateLogStream" => streams::create_log_stream(around, call, input),
        "DeleteLogStream" => streams::delete_log_stream(around, call, input),
        "DescribeLogStreams" => streams::describe_log_streams(around, call, input),
        "PutLogEvents" => events::put_log_events(around, call, input),
        "GetLogEvents" => events::log_events(around, call, input),
        "FilterLogEvents" => filter::filter_log_events(around, call, input),
        "TagResource" => tags::tag_resource(around, call, input),
        "UntagResource" => tags::untag_resource(around, call, input),
        "ListTagsForResource" => tags::list_tags_for_resource(around, call, input),
        "AssociateKmsKey" => keys::associate_kms_key(around, call, input),
        "DisassociateKmsKey" => keys::disassociate_kms_key(around, call, input),
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}

/// The ARN of a group, without `:*`.
pub(crate) fn group_arn(account: &str, region: &str, name: &str) -> String {
    let partition = Partition::of(region).word();
    format!("arn:{partition}:logs:{region}:{account}:log-group:{name}")
}

/// The ARN of a stream; with an empty name what operations on the group are asked about.
pub(crate) fn stream_arn(group_arn: &str, stream: &str) -> String {
    format!("{group_arn}:log-stream:{stream}")
}
