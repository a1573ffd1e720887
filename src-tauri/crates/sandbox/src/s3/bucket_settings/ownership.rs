//! Object ownership, and what is left of access control lists: an owner who has everything. Lists
//! that say more are not simulated; a bucket has them switched off unless its owner says otherwise.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>

use aws_lc_rs::digest;

use crate::api::ApiError;
use crate::encoding::hex;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::{invalid_argument, malformed_xml, not_implemented};
use crate::s3::state::Bucket;
use crate::xml::Xml;

const ENFORCED: &str = "BucketOwnerEnforced";
const WORDS: &[&str] = &["BucketOwnerPreferred", "ObjectWriter", ENFORCED];

const GRANTS: &[&str] = &[
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
];

/// The lists that let everybody in, or everybody who has an account.
const PUBLIC: &[&str] = &["public-read", "public-read-write", "authenticated-read"];

/// The same as groups in any list.
const EVERYBODY: &[&str] = &[
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
];

/// The canonical id of an account, by which S3 names owners.
pub(in crate::s3) fn canonical_id(account: &str) -> String {
    let text = format!("canonical user of {account}");
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

pub(in crate::s3) fn owner(account: &str) -> Xml {
    Xml::new().text("ID", canonical_id(account))
}

/// A word of object ownership.
pub(in crate::s3) fn check_ownership(word: &str) -> Result<(), ApiError> {
    if WORDS.contains(&word) {
        return Ok(());
    }
    let sentence = "Invalid x-amz-object-ownership header: ObjectOwnership must be one of \
                    BucketOwnerPreferred, ObjectWriter, BucketOwnerEnforced";
    Err(invalid_argument(sentence, "x-amz-object-ownership", word))
}

/// Refuses headers that would give an object an access control list.
pub(in crate::s3) fn check_acl_headers(asked: &Asked<'_>, enforced: bool) -> Result<(), ApiError> {
    let acl = asked.header("x-amz-acl");
    let grants = GRANTS.iter().find(|name| asked.has_header(name));
    match acl.as_deref() {
        None if grants.is_none() => Ok(()),
        Some("bucket-owner-full-control") => Ok(()),
        _ if enforced => Err(acl_not_supported()),
        Some("private") => Ok(()),
        _ => Err(not_implemented(grants.copied().unwrap_or("x-amz-acl"))),
    }
}

/// The same for the bucket that is asked for, which may refuse lists that let everybody in.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
pub(in crate::s3) fn check_acl(asked: &Asked<'_>) -> Result<(), ApiError> {
    let (enforced, blocks) =
        asked.with_bucket(|bucket| Ok((bucket.enforces_owner(), blocks(bucket))))?;
    let acl = asked.header("x-amz-acl").unwrap_or_default();
    let mut grants = GRANTS.iter().filter_map(|name| asked.header(name));
    let is_public = PUBLIC.contains(&&*acl) || grants.any(|grant| names_everybody(&grant));
    if !enforced && blocks && is_public {
        return Err(public_acl(asked));
    }
    check_acl_headers(asked, enforced)
}

/// Puts a list on a bucket or an object: none but the one that is there anyway.
pub(in crate::s3) fn put_list(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    if asked.body.is_empty() {
        check_acl(asked)?;
        return Ok(asked.empty(200));
    }
    asked.with_bucket(|bucket| {
        let is_public = names_everybody(&String::from_utf8_lossy(&asked.body));
        Err(if bucket.enforces_owner() {
            acl_not_supported()
        } else if blocks(bucket) && is_public {
            public_acl(asked)
        } else {
            not_implemented("AccessControlPolicy")
        })
    })
}

fn blocks(bucket: &Bucket) -> bool {
    let block = bucket.public_access_block.as_ref();
    block.is_some_and(|block| block.block_public_acls)
}

fn names_everybody(grants: &str) -> bool {
    EVERYBODY.iter().any(|group| grants.contains(group))
}

fn public_acl(asked: &Asked<'_>) -> ApiError {
    let (action, arn) = match asked.operation {
        "PutBucketAcl" => ("s3:PutBucketAcl", asked.bucket_arn()),
        "PutObjectAcl" => ("s3:PutObjectAcl", asked.object_arn()),
        _ => ("s3:PutObject", asked.object_arn()),
    };
    let sentence = format!(
        "User: {} is not authorized to perform: {action} on resource: \"{arn}\" because public \
         ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.",
        asked.call.principal
    );
    ApiError::new("AccessDenied", sentence).with_status(403)
}

fn acl_not_supported() -> ApiError {
    ApiError::new(
        "AccessControlListNotSupported",
        "The bucket does not allow ACLs",
    )
}

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketOwnershipControls")?;
    asked.with_bucket(|bucket| {
        let set = bucket.ownership.as_ref().ok_or_else(|| {
            ApiError::new(
                "OwnershipControlsNotFoundError",
                "The bucket ownership controls were not found",
            )
            .with_status(404)
            .about("BucketName", &bucket.name)
        })?;
        let rule = Xml::new().text("ObjectOwnership", set);
        Ok(asked.xml("OwnershipControls", Xml::new().inside("Rule", rule)))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketOwnershipControls")?;
    let root = asked.document("OwnershipControls")?;
    let rule = root.only(&["Rule"])?.need("Rule")?;
    let word = rule
        .only(&["ObjectOwnership"])?
        .word("ObjectOwnership", WORDS)?;
    let word = word.ok_or_else(malformed_xml)?;
    asked.change_bucket(|bucket| {
        bucket.ownership = Some(word.to_owned());
        Ok(())
    })?;
    Ok(asked.empty(200))
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketOwnershipControls")?;
    asked.change_bucket(|bucket| {
        // As it was before there were such controls: with access control lists.
        bucket.ownership = None;
        Ok(())
    })?;
    Ok(asked.empty(204))
}

/// `GetBucketAcl`.
pub(super) fn acl(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketAcl")?;
    asked.with_bucket(|bucket| Ok(asked.xml("AccessControlPolicy", full_control(&bucket.account))))
}

/// `PutBucketAcl`: refused where lists are switched off; else only the list that is there anyway.
pub(super) fn put_acl(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketAcl")?;
    put_list(asked)
}

/// The list by which the owner has everything.
pub(in crate::s3) fn full_control(account: &str) -> Xml {
    let grantee = owner(account);
    let attributes = "Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                      xsi:type=\"CanonicalUser\"";
    let grant = Xml::new()
        .inside_with("Grantee", attributes, grantee)
        .text("Permission", "FULL_CONTROL");
    Xml::new()
        .inside("Owner", owner(account))
        .inside("AccessControlList", Xml::new().inside("Grant", grant))
}
