//! `kms:GetPublicKey`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html>

use aws_sdk_kms::{Client, operation::RequestId};
use ownkey_model::{KeyArn, Result};

use crate::asked::Asked;

/// The public key, DER (SubjectPublicKeyInfo).
pub(crate) async fn public_key(client: &Client, key: &KeyArn, asked: &Asked) -> Result<Vec<u8>> {
    let answer = client
        .get_public_key()
        .key_id(key.as_str())
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let request_id = answer.request_id().map(str::to_owned);
    match answer.public_key {
        Some(public_key) => Ok(public_key.into_inner()),
        None => Err(asked.malformed("The answer has no public key.", request_id)),
    }
}
