//! How objects of a bucket are encrypted if the request does not say.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>

use serde::{Deserialize, Serialize};

use crate::api::ApiError;
use crate::protocol::Rest;
use crate::s3::asked::Asked;
use crate::s3::encryption::{AES256, DSSE, KMS};
use crate::s3::errors::{invalid_argument, malformed_xml};
use crate::xml::Xml;

/// What was put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::s3) struct BucketEncryption {
    algorithm: String,
    /// As it was named.
    pub(in crate::s3) key: Option<String>,
    #[serde(default)]
    pub(in crate::s3) bucket_key: bool,
    /// Kinds of encryption that are not taken.
    #[serde(default)]
    blocked: Vec<String>,
}

impl BucketEncryption {
    /// Whether objects under a key of the client's own are not taken.
    pub(in crate::s3) fn blocks_customer_keys(&self) -> bool {
        self.blocked.iter().any(|kind| kind == "SSE-C")
    }

    /// The word of an algorithm of KMS.
    pub(in crate::s3) fn word(&self) -> Option<&'static str> {
        [KMS, DSSE].into_iter().find(|word| *word == self.algorithm)
    }
}

pub(super) fn get(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:GetEncryptionConfiguration")?;
    asked.with_bucket(|bucket| {
        let never_set = BucketEncryption {
            algorithm: AES256.to_owned(),
            key: None,
            bucket_key: false,
            blocked: vec!["SSE-C".to_owned()],
        };
        let set = bucket.encryption.as_ref().unwrap_or(&never_set);
        let by_default = Xml::new()
            .text("SSEAlgorithm", &set.algorithm)
            .maybe("KMSMasterKeyID", set.key.as_ref());
        let blocked = set
            .blocked
            .iter()
            .fold(Xml::new(), |xml, kind| xml.text("EncryptionType", kind));
        let mut rule = Xml::new()
            .inside("ApplyServerSideEncryptionByDefault", by_default)
            .text("BucketKeyEnabled", set.bucket_key);
        if !blocked.is_empty() {
            rule = rule.inside("BlockedEncryptionTypes", blocked);
        }
        Ok(asked.xml(
            "ServerSideEncryptionConfiguration",
            Xml::new().inside("Rule", rule),
        ))
    })
}

pub(super) fn put(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutEncryptionConfiguration")?;
    let root = asked.document("ServerSideEncryptionConfiguration")?;
    let rule = root.only(&["Rule"])?.need("Rule")?.only(&[
        "ApplyServerSideEncryptionByDefault",
        "BucketKeyEnabled",
        "BlockedEncryptionTypes",
    ])?;
    let blocked = match rule.one("BlockedEncryptionTypes")? {
        None => vec!["SSE-C".to_owned()],
        Some(blocked) => {
            let kinds = blocked.only(&["EncryptionType"])?;
            let kinds = kinds.inner.iter().map(|kind| match kind.text.as_str() {
                "NONE" | "SSE-C" => Ok(kind.text.clone()),
                _ => Err(malformed_xml()),
            });
            kinds.collect::<Result<_, _>>()?
        }
    };
    let (algorithm, key) = match rule.one("ApplyServerSideEncryptionByDefault")? {
        None => (AES256, None),
        Some(by_default) => {
            let by_default = by_default.only(&["SSEAlgorithm", "KMSMasterKeyID"])?;
            let algorithm = by_default.word("SSEAlgorithm", &[AES256, KMS, DSSE])?;
            let key = by_default.text_of("KMSMasterKeyID")?;
            (algorithm.ok_or_else(malformed_xml)?, key)
        }
    };
    if algorithm == AES256 && key.is_some() {
        return Err(invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or \
             aws:kms:dsse",
            "ApplyServerSideEncryptionByDefault",
            AES256,
        ));
    }
    if let Some(key) = key.filter(|key| key.is_empty() || !key.is_ascii()) {
        let sentence = "Invalid KMS keyId";
        return Err(invalid_argument(sentence, "KMSMasterKeyID", key));
    }
    let set = BucketEncryption {
        algorithm: algorithm.to_owned(),
        key: key.map(str::to_owned),
        bucket_key: rule.flag("BucketKeyEnabled")?.unwrap_or_default(),
        blocked,
    };
    asked.change_bucket(|bucket| {
        bucket.encryption = Some(set);
        Ok(())
    })?;
    Ok(asked.empty(200))
}

pub(super) fn delete(asked: &Asked<'_>) -> Result<Rest, ApiError> {
    asked.allow_bucket("s3:PutEncryptionConfiguration")?;
    asked.change_bucket(|bucket| {
        bucket.encryption = None;
        Ok(())
    })?;
    Ok(asked.empty(204))
}
