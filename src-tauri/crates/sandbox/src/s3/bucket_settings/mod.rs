//! The settings of a bucket, one file each.

mod absent;
mod encryption;
mod ownership;
mod policy;
mod policy_conditions;
mod public_access;
mod replication;
mod tagging;
mod versioning;

use super::asked::Asked;
use crate::api::ApiError;
use crate::protocol::Rest;

pub(super) use self::encryption::BucketEncryption;
pub(super) use self::ownership::{
    canonical_id, check_acl, check_acl_headers, check_ownership, full_control, owner, put_list,
};
pub(super) use self::policy::BucketPolicy;
pub(super) use self::public_access::{PublicAccessBlock, is_public};
pub(super) use self::replication::{Replication, Rule};

/// Answers an operation on a setting; `None` if it is about something else.
pub(super) fn answer(asked: &Asked<'_>) -> Option<Result<Rest, ApiError>> {
    Some(match asked.operation {
        "GetBucketEncryption" => encryption::get(asked),
        "PutBucketEncryption" => encryption::put(asked),
        "DeleteBucketEncryption" => encryption::delete(asked),
        "GetPublicAccessBlock" => public_access::get(asked),
        "PutPublicAccessBlock" => public_access::put(asked),
        "DeletePublicAccessBlock" => public_access::delete(asked),
        "GetBucketOwnershipControls" => ownership::get(asked),
        "PutBucketOwnershipControls" => ownership::put(asked),
        "DeleteBucketOwnershipControls" => ownership::delete(asked),
        "GetBucketAcl" => ownership::acl(asked),
        "PutBucketAcl" => ownership::put_acl(asked),
        "GetBucketVersioning" => versioning::get(asked),
        "PutBucketVersioning" => versioning::put(asked),
        "GetBucketTagging" => tagging::get(asked),
        "PutBucketTagging" => tagging::put(asked),
        "DeleteBucketTagging" => tagging::delete(asked),
        "GetBucketPolicy" => policy::get(asked),
        "GetBucketPolicyStatus" => policy::status(asked),
        "PutBucketPolicy" => policy::put(asked),
        "DeleteBucketPolicy" => policy::delete(asked),
        "GetBucketReplication" => replication::get(asked),
        "PutBucketReplication" => replication::put(asked),
        "DeleteBucketReplication" => replication::delete(asked),
        _ => return absent::answer(asked),
    })
}
