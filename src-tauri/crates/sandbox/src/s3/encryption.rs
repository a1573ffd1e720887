//! Server-side encryption. With SSE-KMS the bytes of an object lie sealed by a data key that only
//! KMS can open again, with the rights of who asks: what the key's policy, its state and its material
//! do not let be opened cannot be read.
//!
//! With a bucket key AWS may go on with a data key for a while before it asks KMS again. Here KMS is
//! asked each time, only about the bucket in place of the object.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use super::anonymous::needs_signature;
use super::asked::{Asked, bucket_arn};
use super::errors::{access_denied, invalid_argument, invalid_request, not_implemented, of_kms};
use super::state::Bucket;
use crate::api::{ApiError, Call};
use crate::cloudtrail;
use crate::neighbours::Around;
use crate::protocol::Rest;
use crate::random::Random;
use crate::services::Service;

pub(super) const AES256: &str = "AES256";
pub(super) const KMS: &str = "aws:kms";
pub(super) const DSSE: &str = "aws:kms:dsse";

const HEADER: &str = "x-amz-server-side-encryption";

/// What says a key of the client's own, which no object has here.
const CUSTOMER: [&str; 3] = [
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
];

/// The key of S3 itself in every account and region.
const OWN_KEY: &str = "alias/aws/s3";

/// How bytes lie there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Encryption {
    /// Under keys of S3, which it always can use.
    Aes256,
    Kms(Sealed),
}

/// What is to be known to ask KMS for the data key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// `aws:kms` or `aws:kms:dsse`.
    pub(super) algorithm: String,
    /// The ARN of the key.
    pub(super) key: String,
    /// The encrypted data key, in base 64.
    wrapped: String,
    #[serde(default)]
    context: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) bucket_key: bool,
}

/// How bytes are to be encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Aes256,
    Kms {
        algorithm: &'static str,
        /// As it was named; the key of S3 itself if it was not.
        key: Option<String>,
        context: BTreeMap<String, String>,
        bucket_key: bool,
    },
}

/// Who makes a data key.
enum Maker {
    Kms,
    S3,
}

/// What opens the bytes; nothing if S3 always can.
pub(super) struct DataKey(Option<Zeroizing<Vec<u8>>>);

impl Wanted {
    /// What the request says, or else the bucket.
    pub(super) fn of(asked: &Asked<'_>, bucket: &Bucket) -> Result<Self, ApiError> {
        let by_default = bucket.encryption.as_ref();
        if CUSTOMER.iter().any(|name| asked.has_header(name)) {
            // Blocked in new buckets. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-s3-c-encryption-setting-faq.html>
            return Err(if by_default.is_none_or(|set| set.blocks_customer_keys()) {
                access_denied()
            } else {
                not_implemented(CUSTOMER[0])
            });
        }
        let key = asked.header("x-amz-server-side-encryption-aws-kms-key-id");
        let flag = asked.header("x-amz-server-side-encryption-bucket-key-enabled");
        let flag = match flag.as_deref() {
            None => None,
            Some(word) if word.eq_ignore_ascii_case("true") => Some(true),
            Some(word) if word.eq_ignore_ascii_case("false") => Some(false),
            Some(word) => {
                let name = "x-amz-server-side-encryption-bucket-key-enabled";
                return Err(invalid_argument(
                    "The bucket key flag is not valid",
                    name,
                    word,
                ));
            }
        };
        let bucket_key = flag.unwrap_or(by_default.is_some_and(|default| default.bucket_key));
        let algorithm = match asked.header(HEADER).as_deref() {
            None if key.is_some() => {
                return Err(invalid_argument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header \
                     x-amz-server-side-encryption : aws:kms",
                    HEADER,
                    "null",
                ));
            }
            None => {
                let Some(default) = by_default else {
                    return Ok(Self::Aes256);
                };
                return Ok(match default.word() {
                    None => Self::Aes256,
                    Some(algorithm) => Self::Kms {
                        algorithm,
                        key: default.key.clone(),
                        context: context_header(asked)?,
                        bucket_key: bucket_key && algorithm == KMS,
                    },
                });
            }
            Some(AES256) if key.is_some() => {
                return Err(invalid_argument(
                    "Server Side Encryption with AWS KMS managed key requires HTTP header \
                     x-amz-server-side-encryption : aws:kms",
                    HEADER,
                    AES256,
                ));
            }
            Some(AES256) => return Ok(Self::Aes256),
            Some(KMS) => KMS,
            Some(DSSE) => DSSE,
            Some(other) => {
                let sentence = "The encryption method specified is not supported";
                return Err(invalid_argument(sentence, HEADER, other));
            }
        };
        Ok(Self::Kms {
            algorithm,
            key: key.map(|key| key.into_owned()),
            context: context_header(asked)?,
            bucket_key: bucket_key && algorithm == KMS,
        })
    }

    /// Asks KMS for a data key for an object of this bucket, with the rights of the caller.
    pub(super) async fn begin(
        self,
        around: &Around<'_>,
        call: &Call,
        bucket: &str,
        object_arn: &str,
    ) -> Result<(Encryption, DataKey), ApiError> {
        self.made_by(Maker::Kms, around, call, bucket, object_arn)
            .await
    }

    /// The same with a data key of S3's own that KMS only encrypts, as replication does.
    pub(super) async fn begin_copy(
        self,
        around: &Around<'_>,
        call: &Call,
        bucket: &str,
        object_arn: &str,
    ) -> Result<(Encryption, DataKey), ApiError> {
        self.made_by(Maker::S3, around, call, bucket, object_arn)
            .await
    }

    async fn made_by(
        self,
        maker: Maker,
        around: &Around<'_>,
        call: &Call,
        bucket: &str,
        object_arn: &str,
    ) -> Result<(Encryption, DataKey), ApiError> {
        let Self::Kms {
            algorithm,
            key,
            mut context,
            bucket_key,
        } = self
        else {
            return Ok((Encryption::Aes256, DataKey(None)));
        };
        if call.caller.is_anonymous() {
            return Err(needs_signature());
        }
        let of_bucket = bucket_arn(call.caller.partition, bucket);
        let about = if bucket_key { &of_bucket } else { object_arn };
        context.insert("aws:s3:arn".to_owned(), about.to_owned());
        let call = through_s3(call, &call.region);
        if key.is_none() {
            around.kms.need_aws_managed_key(&call, OWN_KEY);
        }
        let key = key.as_deref().unwrap_or(OWN_KEY);
        let mut input = json!({"KeyId": key, "EncryptionContext": context});
        let (answer, plain) = match maker {
            Maker::Kms => {
                input["KeySpec"] = "AES_256".into();
                let answer = ask(around, &call, "GenerateDataKey", input).await?;
                let plain = STANDARD.decode(answer["Plaintext"].as_str().unwrap_or_default());
                (answer, Zeroizing::new(plain.unwrap_or_default()))
            }
            Maker::S3 => {
                // Not from the seeded stream, like the data keys of KMS.
                let mut plain = Zeroizing::new(vec![0; 32]);
                Random::from_os().fill(&mut plain);
                input["Plaintext"] = STANDARD.encode(&plain).into();
                (ask(around, &call, "Encrypt", input).await?, plain)
            }
        };
        let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let sealed = Sealed {
            algorithm: algorithm.to_owned(),
            key: word("KeyId"),
            wrapped: word("CiphertextBlob"),
            context,
            bucket_key,
        };
        Ok((Encryption::Kms(sealed), DataKey(Some(plain))))
    }
}

impl Encryption {
    /// Asks KMS to open the data key, with the rights of the caller, in the region of the bucket.
    pub(super) async fn open(
        &self,
        around: &Around<'_>,
        call: &Call,
        region: &str,
    ) -> Result<DataKey, ApiError> {
        let Self::Kms(sealed) = self else {
            return Ok(DataKey(None));
        };
        if call.caller.is_anonymous() {
            return Err(needs_signature());
        }
        let call = through_s3(call, region);
        let input = json!({
            "CiphertextBlob": sealed.wrapped,
            "EncryptionContext": sealed.context,
        });
        let answer = ask(around, &call, "Decrypt", input).await?;
        let plain = answer["Plaintext"].as_str().unwrap_or_default();
        let plain = Zeroizing::new(STANDARD.decode(plain).unwrap_or_default());
        Ok(DataKey(Some(plain)))
    }

    /// The headers that tell it.
    pub(super) fn told(&self, rest: Rest) -> Rest {
        match self {
            Self::Aes256 => rest.with(HEADER, AES256),
            Self::Kms(sealed) => {
                let key = "x-amz-server-side-encryption-aws-kms-key-id";
                let bucket_key = "x-amz-server-side-encryption-bucket-key-enabled";
                rest.with(HEADER, &sealed.algorithm)
                    .with(key, &sealed.key)
                    .maybe(bucket_key, sealed.bucket_key.then_some("true"))
            }
        }
    }

    pub(super) fn is_kms(&self) -> bool {
        matches!(self, Self::Kms(_))
    }
}

impl DataKey {
    /// The bytes as they are kept.
    pub(super) fn seal(&self, plain: &[u8]) -> Result<Bytes, ApiError> {
        let Some(key) = &self.0 else {
            return Ok(Bytes::copy_from_slice(plain));
        };
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| failed())?;
        let mut text = plain.to_vec();
        let nonce = key
            .seal_in_place_append_tag(Aad::empty(), &mut text)
            .map_err(|_| failed())?;
        Ok(Bytes::from([&nonce.as_ref()[..], &text].concat()))
    }

    /// What they were before.
    pub(super) fn unseal(&self, sealed: &[u8]) -> Result<Vec<u8>, ApiError> {
        let Some(key) = &self.0 else {
            return Ok(sealed.to_vec());
        };
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(failed)?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, key).map_err(|_| failed())?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| failed())?;
        let mut text = text.to_vec();
        let length = key
            .open_in_place(nonce, Aad::empty(), &mut text)
            .map_err(|_| failed())?
            .len();
        text.truncate(length);
        Ok(text)
    }
}

/// Refuses what a reader says of the encryption of an object: S3 knows it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
pub(super) fn check_reader(asked: &Asked<'_>) -> Result<(), ApiError> {
    if CUSTOMER.iter().any(|name| asked.has_header(name)) {
        return Err(not_applicable());
    }
    match asked.header(HEADER) {
        Some(word) => Err(invalid_argument(
            "x-amz-server-side-encryption header is not supported for this operation.",
            HEADER,
            word,
        )),
        None => Ok(()),
    }
}

/// The same of the object that is read to be copied.
pub(super) fn check_source_reader(asked: &Asked<'_>) -> Result<(), ApiError> {
    let of_source = |name: &&str| name.replacen("x-amz-", "x-amz-copy-source-", 1);
    let mut names = CUSTOMER.iter().map(of_source);
    if names.any(|name| asked.has_header(&name)) {
        return Err(not_applicable());
    }
    Ok(())
}

fn not_applicable() -> ApiError {
    invalid_request("The encryption parameters are not applicable to this object.")
}

/// The encryption context that the client adds, in base 64.
fn context_header(asked: &Asked<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    const HEADER: &str = "x-amz-server-side-encryption-context";
    let Some(text) = asked.header(HEADER) else {
        return Ok(BTreeMap::new());
    };
    let invalid = || {
        let sentence = "The header 'x-amz-server-side-encryption-context' shall be \
                        Base64-encoded UTF-8 string holding JSON which represents a string-string \
                        map";
        invalid_argument(sentence, HEADER, text.as_ref())
    };
    let json = STANDARD.decode(text.as_bytes()).map_err(|_| invalid())?;
    serde_json::from_slice(&json).map_err(|_| invalid())
}

/// The call that S3 makes in the caller's place.
fn through_s3(call: &Call, region: &str) -> Call {
    Call {
        account: call.account.clone(),
        region: region.to_owned(),
        principal: call.principal.clone(),
        caller: Arc::clone(&call.caller),
        via: Some("s3"),
        request_id: call.request_id.clone(),
        now: call.now,
    }
}

async fn ask(
    around: &Around<'_>,
    call: &Call,
    operation: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let empty = Map::new();
    let input = input.as_object().unwrap_or(&empty);
    let answer = around.kms.answer(call, operation, input).await;
    cloudtrail::note_through_s3(around, call, operation, input, &answer);
    answer.map_err(of_kms)
}

fn failed() -> ApiError {
    Service::S3.failed()
}
