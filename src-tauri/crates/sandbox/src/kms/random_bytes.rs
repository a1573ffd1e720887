//! `GenerateRandom`.

use serde_json::json;
use zeroize::Zeroizing;

use super::crypto::refuse_recipient;
use super::parse::{Input, base64};
use super::refusals::missing;
use super::{Kms, custom_key_stores};
use crate::api::{ApiResult, Call};
use crate::random::Random;

/// `GenerateRandom`. The bytes are the operating system's, never those of a seeded sandbox: they leave
/// no trace in its state.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html>
pub(super) fn generate_random(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let length = input
        .whole("NumberOfBytes", 1, 1024)?
        .ok_or_else(|| missing("NumberOfBytes"))?;
    refuse_recipient(input)?;
    if let Some(store) = input.text("CustomKeyStoreId", 1, 64)? {
        custom_key_stores::permit_random(&kms.read(call.now), call, store)?;
    }
    let mut bytes = Zeroizing::new(vec![0; length as usize]);
    Random::from_os().fill(&mut bytes);
    Ok(json!({ "Plaintext": base64(&bytes) }))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::super::testing::Bench;

    #[tokio::test]
    async fn as_many_bytes_as_were_asked_for_and_others_each_time() {
        let bench = Bench::new();
        let asked = json!({"NumberOfBytes": 1024});
        let first = bench.ask("GenerateRandom", asked.clone()).await["Plaintext"].clone();
        let bytes = STANDARD.decode(first.as_str().unwrap()).unwrap();
        assert_eq!(bytes.len(), 1024);
        assert_ne!(bench.ask("GenerateRandom", asked).await["Plaintext"], first);
        for (input, code) in [
            (json!({}), "ValidationException"),
            (json!({"NumberOfBytes": 0}), "ValidationException"),
            (json!({"NumberOfBytes": 1025}), "ValidationException"),
            (
                json!({"NumberOfBytes": 1, "Recipient": {}}),
                "UnsupportedOperationException",
            ),
            (
                json!({"NumberOfBytes": 1, "CustomKeyStoreId": "cks-0"}),
                "CustomKeyStoreNotFoundException",
            ),
        ] {
            assert_eq!(bench.code("GenerateRandom", input).await, code);
        }
    }
}
