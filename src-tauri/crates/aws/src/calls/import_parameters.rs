//! `kms:GetParametersForImport`.
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>

use aws_sdk_kms::{
    Client,
    operation::RequestId,
    types::{AlgorithmSpec, WrappingKeySpec},
};
use ownkey_model::{KeyArn, Result, Timestamp};

use super::{Answered, timestamp};
use crate::asked::Asked;

/// What material is wrapped under, for one key. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportParameters {
    /// The wrapping key: an RSA public key, DER (SubjectPublicKeyInfo).
    pub public_key: Vec<u8>,
    /// What has to come back together with the material.
    pub token: Vec<u8>,
    /// Until when AWS takes both.
    pub valid_to: Timestamp,
}

pub(crate) async fn import_parameters(
    client: &Client,
    key: &KeyArn,
    wrapping_algorithm: &str,
    wrapping_key_spec: &str,
    asked: &Asked,
) -> Result<Answered<ImportParameters>> {
    let answer = client
        .get_parameters_for_import()
        .key_id(key.as_str())
        .wrapping_algorithm(AlgorithmSpec::from(wrapping_algorithm))
        .wrapping_key_spec(WrappingKeySpec::from(wrapping_key_spec))
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let request_id = answer.request_id().map(str::to_owned);
    match (
        answer.public_key,
        answer.import_token,
        answer.parameters_valid_to,
    ) {
        (Some(public_key), Some(token), Some(valid_to)) => Ok(Answered {
            value: ImportParameters {
                public_key: public_key.into_inner(),
                token: token.into_inner(),
                valid_to: timestamp(&valid_to),
            },
            request_id,
        }),
        _ => Err(asked.malformed("The answer has no import parameters.", request_id)),
    }
}
