//! Whether a bucket keeps what is put over or deleted.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html>

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::errors::{malformed_xml, not_implemented};
use crate::s3::state::Versioning;
use crate::xml::Xml;

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetBucketVersioning")?;
    asked.with_bucket(|bucket| {
        let status = bucket.versioning.map(|set| match set {
            Versioning::Enabled => "Enabled",
            Versioning::Suspended => "Suspended",
        });
        Ok(asked.xml(
            "VersioningConfiguration",
            Xml::new().maybe("Status", status),
        ))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutBucketVersioning")?;
    let root = asked.document("VersioningConfiguration")?;
    root.only(&["Status", "MfaDelete"])?;
    if root.word("MfaDelete", &["Enabled", "Disabled"])? == Some("Enabled") {
        return Err(not_implemented("MfaDelete"));
    }
    let set = match root.word("Status", &["Enabled", "Suspended"])? {
        Some("Enabled") => Versioning::Enabled,
        Some(_) => Versioning::Suspended,
        None => {
            return Err(ApiError::new(
                "IllegalVersioningConfigurationException",
                "The Versioning element must be specified",
            ));
        }
    };
    if root.inner.is_empty() {
        return Err(malformed_xml());
    }
    asked.change_bucket(|bucket| {
        if bucket.replication.is_some() && set == Versioning::Suspended {
            return Err(ApiError::new(
                "InvalidBucketState",
                "A replication configuration is present on this bucket, so you cannot change the \
                 versioning state. To change the versioning state, first delete the replication \
                 configuration.",
            )
            .with_status(409));
        }
        bucket.versioning = Some(set);
        Ok(())
    })?;
    Ok(asked.empty(200))
}
