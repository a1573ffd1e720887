//! Buckets themselves: made, found, listed, deleted.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/creating-buckets-s3.html>

use std::collections::BTreeMap;

use super::asked::{Asked, bucket_arn};
use super::bucket_settings::{PublicAccessBlock, check_acl_headers, check_ownership, owner};
use super::errors::{invalid_argument, no_such_bucket, not_implemented};
use super::state::{Bucket, Tags};
use super::tags;
use crate::api::ApiError;
use crate::protocol::{Rest, seconds};
use crate::xml::Xml;

/// Where a bucket needs no location.
const FIRST_REGION: &str = "us-east-1";

/// `CreateBucket`.
pub(super) fn create(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    check_name(&asked.bucket)?;
    let region = asked.call.region.as_str();
    let (location, tags) = read_configuration(asked)?;
    for action in actions(asked, &tags) {
        asked.allow_without_bucket(action, &asked.bucket_arn())?;
    }
    check_location(location.as_deref(), region)?;
    if let Some(word) = asked.header("x-amz-object-ownership") {
        check_ownership(&word)?;
    }
    let ownership = asked.header("x-amz-object-ownership");
    let ownership = ownership.as_deref().unwrap_or("BucketOwnerEnforced");
    for name in ["x-amz-bucket-object-lock-enabled", "x-amz-bucket-namespace"] {
        let given = asked.header(name);
        if given.is_some_and(|word| !matches!(&*word, "false" | "False" | "global")) {
            return Err(not_implemented(name));
        }
    }
    let enforced = ownership == "BucketOwnerEnforced";
    if check_acl_headers(asked, enforced).is_err()
        && asked.header("x-amz-acl").as_deref() != Some("private")
    {
        let sentence = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced \
                        setting";
        return Err(if enforced {
            ApiError::new("InvalidBucketAclWithObjectOwnership", sentence)
        } else {
            not_implemented("x-amz-acl")
        });
    }
    let bucket = Bucket {
        name: asked.bucket.clone(),
        account: asked.call.account.clone(),
        region: region.to_owned(),
        created: asked.now(),
        encryption: None,
        public_access_block: Some(PublicAccessBlock::of_new_bucket()),
        ownership: Some(ownership.to_owned()),
        versioning: None,
        tags,
        policy: None,
        replication: None,
        objects: BTreeMap::new(),
        uploads: BTreeMap::new(),
    };
    {
        let around = asked.around;
        let mut state = around.neighbours.s3.write(around.revision);
        match state.bucket(asked.partition(), &asked.bucket) {
            None => state.add(asked.partition(), bucket),
            Some(known) if known.account != asked.call.account => {
                return Err(ApiError::new(
                    "BucketAlreadyExists",
                    "The requested bucket name is not available. The bucket namespace is shared by \
                     all users of the system. Please select a different name and try again.",
                )
                .with_status(409)
                .about("BucketName", &asked.bucket));
            }
            // For the sake of old clients one's own bucket can be made again here.
            Some(known) if known.region == FIRST_REGION && region == FIRST_REGION => {}
            Some(_) => {
                return Err(ApiError::new(
                    "BucketAlreadyOwnedByYou",
                    "Your previous request to create the named bucket succeeded and you already \
                     own it.",
                )
                .with_status(409)
                .about("BucketName", &asked.bucket));
            }
        }
    }
    let place = if region == FIRST_REGION {
        format!("/{}", asked.bucket)
    } else {
        format!("http://{}.s3.{}/", asked.bucket, asked.partition().domain())
    };
    Ok(asked
        .empty(200)
        .with("location", place)
        .with("x-amz-bucket-arn", asked.bucket_arn()))
}

/// What the caller has to be allowed, for all that the request says of the bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
fn actions(asked: &Asked<'_>, tags: &Tags) -> impl Iterator<Item = &'static str> {
    let owns = asked.has_header("x-amz-object-ownership");
    let tagged = !tags.is_empty();
    [
        Some("s3:CreateBucket"),
        owns.then_some("s3:PutBucketOwnershipControls"),
        tagged.then_some("s3:TagResource"),
    ]
    .into_iter()
    .flatten()
}

fn read_configuration(asked: &Asked<'_>) -> Result<(Option<String>, Tags), ApiError> {
    if asked.body.is_empty() {
        return Ok((None, Tags::new()));
    }
    let root = asked.document("CreateBucketConfiguration")?;
    root.only(&["LocationConstraint", "Location", "Bucket", "Tags"])?;
    for name in ["Location", "Bucket"] {
        if root.one(name)?.is_some() {
            return Err(not_implemented(name));
        }
    }
    let set = match root.one("Tags")? {
        Some(set) => tags::of_set(set, tags::MOST_OF_BUCKET)?,
        None => Tags::new(),
    };
    let location = root.text_of("LocationConstraint")?;
    Ok((location.map(str::to_owned), set))
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
fn check_location(location: Option<&str>, region: &str) -> Result<(), ApiError> {
    let incompatible = |what: &str| {
        Err(ApiError::new(
            "IllegalLocationConstraintException",
            format!(
                "The {what} location constraint is incompatible for the region specific endpoint \
                 this request was sent to."
            ),
        ))
    };
    match location {
        None | Some("") if region == FIRST_REGION => Ok(()),
        None | Some("") => incompatible("unspecified"),
        Some(FIRST_REGION) if region == FIRST_REGION => Err(ApiError::new(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )
        .about("LocationConstraint", FIRST_REGION)),
        // The older word for it.
        Some("EU") if region == "eu-west-1" => Ok(()),
        Some(location) if location == region => Ok(()),
        Some(location) if !crate::regions::exists(location) => Err(ApiError::new(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )
        .about("LocationConstraint", location)),
        Some(location) => incompatible(location),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn check_name(name: &str) -> Result<(), ApiError> {
    const BEGINNINGS: &[&str] = &["xn--", "sthree-", "amzn-s3-demo-"];
    const ENDS: &[&str] = &[
        "-s3alias",
        "--ol-s3",
        ".mrap",
        "--x-s3",
        "--table-s3",
        "-an",
    ];
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_address =
        name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    let fine = (3..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| is_allowed(byte) || byte == b'.' || byte == b'-')
        && name.bytes().next().is_some_and(is_allowed)
        && name.bytes().last().is_some_and(is_allowed)
        && !name.contains("..")
        && !is_address
        && !BEGINNINGS.iter().any(|begin| name.starts_with(begin))
        && !ENDS.iter().any(|end| name.ends_with(end));
    if fine {
        return Ok(());
    }
    let refusal = ApiError::new("InvalidBucketName", "The specified bucket is not valid.");
    Err(refusal.about("BucketName", name))
}

/// `HeadBucket`. Where the bucket is, is told to everybody who asks for it.
pub(super) fn head(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    let region = asked.with_bucket(|bucket| Ok(bucket.region.clone()))?;
    asked
        .allow_bucket("s3:ListBucket")
        .map_err(|refusal| refusal.about("x-amz-bucket-region", &region))?;
    Ok(asked
        .empty(200)
        .with("content-type", "application/xml")
        .with("x-amz-bucket-region", region)
        .with("x-amz-bucket-arn", asked.bucket_arn())
        .with("x-amz-access-point-alias", "false"))
}

/// `GetBucketLocation`.
pub(super) fn location(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketLocation")?;
    asked.with_bucket(|bucket| {
        let region = Some(bucket.region.as_str()).filter(|region| *region != FIRST_REGION);
        Ok(asked.xml("LocationConstraint", Xml::plain(region.unwrap_or_default())))
    })
}

/// `DeleteBucket`.
pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:DeleteBucket")?;
    asked.only_owner()?;
    let around = asked.around;
    let mut state = around.neighbours.s3.write(around.revision);
    let bucket = state.bucket(asked.partition(), &asked.bucket);
    let bucket = bucket.ok_or_else(|| no_such_bucket(&asked.bucket))?;
    let refusal = |sentence| {
        ApiError::new("BucketNotEmpty", sentence)
            .with_status(409)
            .about("BucketName", &asked.bucket)
    };
    if !bucket.objects.is_empty() && bucket.versioning.is_some() {
        return Err(refusal(
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        ));
    }
    if !bucket.objects.is_empty() {
        return Err(refusal("The bucket you tried to delete is not empty"));
    }
    state.remove(asked.partition(), &asked.bucket);
    drop(state);
    Ok(asked.empty(204))
}

/// `ListBuckets`.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html>
pub(super) fn list(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    // Of no bucket; AWS's own examples name all of them.
    let all = bucket_arn(asked.partition(), "*");
    asked.allow_without_bucket("s3:ListAllMyBuckets", &all)?;
    let most = match asked.query.one("max-buckets") {
        None => usize::MAX,
        Some(text) => {
            let number = text.parse::<usize>().ok();
            let number = number.filter(|number| (1..=10_000).contains(number));
            let sentence = "Argument max-buckets must be an integer between 1 and 10000";
            number.ok_or_else(|| invalid_argument(sentence, "max-buckets", text))?
        }
    };
    let after = asked.query.one("continuation-token");
    let prefix = asked.query.one("prefix");
    let region = asked.query.one("bucket-region");
    if let Some(region) = region.filter(|region| *region != asked.call.region) {
        let sentence = "Requests for the buckets of a Region must be made to the endpoint of that \
                        Region";
        return Err(invalid_argument(sentence, "bucket-region", region));
    }
    let tells_more = [
        "max-buckets",
        "continuation-token",
        "prefix",
        "bucket-region",
    ]
    .iter()
    .any(|name| asked.query.has(name));
    let state = asked.state();
    let mut fitting = state.buckets(asked.partition()).filter(|bucket| {
        bucket.account == asked.call.account
            && prefix.is_none_or(|prefix| bucket.name.starts_with(prefix))
            && region.is_none_or(|region| bucket.region == region)
            && after.is_none_or(|after| *bucket.name > *after)
    });
    let mut last = None;
    let mut list = Xml::new();
    for bucket in fitting.by_ref().take(most) {
        let entry = Xml::new()
            .text("Name", &bucket.name)
            .text("CreationDate", milliseconds(bucket.created))
            .maybe("BucketRegion", tells_more.then_some(&bucket.region))
            .text("BucketArn", bucket_arn(asked.partition(), &bucket.name));
        list = list.inside("Bucket", entry);
        last = Some(bucket.name.as_str());
    }
    let more = fitting.next().is_some();
    let xml = Xml::new()
        .inside("Owner", owner(&asked.call.account))
        .inside("Buckets", list)
        .maybe("ContinuationToken", last.filter(|_| more))
        .maybe("Prefix", prefix);
    Ok(asked.xml("ListAllMyBucketsResult", xml))
}

/// `2026-05-01T12:00:00.000Z`: S3 writes thousandths that are always zero.
pub(super) fn milliseconds(at: time::OffsetDateTime) -> String {
    seconds(at).replace('Z', ".000Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_rules() {
        for name in ["abc", "a.b-c", "1-2-3", &"a".repeat(63)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "ab",
            "Abc",
            "a_b",
            "-abc",
            "abc-",
            "a..b",
            "192.168.0.1",
            "xn--abc",
            "abc-s3alias",
            &"a".repeat(64),
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_location_is_the_region_that_is_asked_and_absent_in_the_first_one() {
        let illegal = "IllegalLocationConstraintException";
        for (location, region, code) in [
            (None, "us-east-1", ""),
            (None, "eu-west-1", illegal),
            (Some("eu-west-1"), "eu-west-1", ""),
            (Some("eu-west-2"), "eu-west-1", illegal),
            (Some("us-east-1"), "us-east-1", "InvalidLocationConstraint"),
            (Some("us-east-1"), "eu-west-1", illegal),
            (Some("eu-west-1"), "us-east-1", illegal),
            (Some("mars-1"), "eu-west-1", "InvalidLocationConstraint"),
        ] {
            let refused = check_location(location, region).map_or_else(|error| error.code, |()| "");
            assert_eq!(refused, code, "{location:?} {region}");
        }
    }
}
