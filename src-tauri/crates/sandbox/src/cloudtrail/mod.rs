//! AWS CloudTrail: what was done, by whom. Every request whose signature holds becomes an event,
//! whether it is carried out or refused; trails deliver events to log groups, and not to S3.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html>

mod bucket;
mod delivery;
mod event;
mod input;
mod keep;
mod kinds;
mod lookup;
mod note;
mod parameters;
mod record;
mod selectors;
mod state;
mod tagged;
mod tags;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod trail_form;
mod trails;

use serde_json::{Map, Value};

use crate::api::{ApiError, ApiResult, Call};
use crate::neighbours::Around;

pub(crate) use self::keep::catch_up;
pub(crate) use self::note::{Seen, note, note_through_s3};
pub(crate) use self::state::State;

/// Answers one operation.
pub(crate) fn answer(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: &Map<String, Value>,
) -> ApiResult {
    match operation {
        "LookupEvents" => lookup::lookup_events(around, call, input),
        "CreateTrail" => trails::create_trail(around, call, input),
        "UpdateTrail" => trails::update_trail(around, call, input),
        "DeleteTrail" => trails::delete_trail(around, call, input),
        "GetTrail" => trails::trail(around, call, input),
        "DescribeTrails" => trails::describe_trails(around, call, input),
        "ListTrails" => trails::list_trails(around, call, input),
        "StartLogging" => trails::start_logging(around, call, input),
        "StopLogging" => trails::stop_logging(around, call, input),
        "GetTrailStatus" => trails::trail_status(around, call, input),
        "AddTags" => tags::add_tags(around, call, input),
        "RemoveTags" => tags::remove_tags(around, call, input),
        "ListTags" => tags::list_tags(around, call, input),
        "PutEventSelectors" => selectors::put_event_selectors(around, call, input),
        "GetEventSelectors" => selectors::event_selectors(around, call, input),
        _ => Err(ApiError::new("UnknownOperationException", "")),
    }
}
