//! `kms:GenerateMac`. <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html>

use aws_sdk_kms::{Client, operation::RequestId, primitives::Blob, types::MacAlgorithmSpec};
use ownkey_model::{KeyArn, Result};

use crate::asked::Asked;

pub(crate) async fn generate_mac(
    client: &Client,
    key: &KeyArn,
    message: &[u8],
    algorithm: &str,
    asked: &Asked,
) -> Result<Vec<u8>> {
    let answer = client
        .generate_mac()
        .key_id(key.as_str())
        .message(Blob::new(message))
        .mac_algorithm(MacAlgorithmSpec::from(algorithm))
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let request_id = answer.request_id().map(str::to_owned);
    match answer.mac {
        Some(mac) => Ok(mac.into_inner()),
        None => Err(asked.malformed("The answer has no MAC.", request_id)),
    }
}
