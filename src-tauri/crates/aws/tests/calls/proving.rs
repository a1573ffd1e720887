//! What is asked before and after an import: parameters, aliases, and proofs of what AWS holds.

use ownkey_aws::{Answered, ImportParameters};
use ownkey_model::{AppError, Timestamp};
use serde_json::json;

use crate::recorder::{KEY, REQUEST_ID, Recorder, Reply, alias, key, says};

#[tokio::test]
async fn import_parameters_are_asked_for_and_read() {
    let body = r#"{"KeyId":"k","ImportToken":"dG9rZW4=","PublicKey":"AAEC/w==",
        "ParametersValidTo":1763805600.5}"#;
    let aws = Recorder::new(&[says(body)]);
    let kms = aws.kms().await;
    let outcome = kms
        .import_parameters(&key(), "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")
        .await;
    assert_eq!(
        outcome,
        Ok(Answered {
            value: ImportParameters {
                public_key: vec![0, 1, 2, 255],
                token: b"token".to_vec(),
                valid_to: Timestamp::parse("2025-11-22T10:00:00Z").expect("a time"),
            },
            request_id: Some(REQUEST_ID.into()),
        })
    );
    let sent = aws.only();
    assert_eq!(sent.target, "GetParametersForImport");
    assert_eq!(
        sent.json(),
        json!({
            "KeyId": KEY,
            "WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256",
            "WrappingKeySpec": "RSA_4096",
        })
    );
}

#[tokio::test]
async fn parameters_without_a_token_are_no_parameters() {
    let aws = Recorder::new(&[says(r#"{"KeyId":"k","PublicKey":"AAEC"}"#)]);
    let kms = aws.kms().await;
    let outcome = kms
        .import_parameters(&key(), "RSAES_OAEP_SHA_256", "RSA_4096")
        .await;
    assert!(matches!(outcome, Err(AppError::Aws { aws_code, .. })
        if aws_code == "MalformedAnswer"));
}

#[tokio::test]
async fn a_public_key_is_read() {
    let aws = Recorder::new(&[says(r#"{"KeyId":"k","PublicKey":"AAEC/w=="}"#)]);
    let outcome = aws.kms().await.public_key(&key()).await;
    assert_eq!(outcome, Ok(vec![0, 1, 2, 255]));
    let sent = aws.only();
    assert_eq!(sent.target, "GetPublicKey");
    assert_eq!(sent.json(), json!({"KeyId": KEY}));
}

#[tokio::test]
async fn a_mac_is_asked_for_and_read() {
    let body = r#"{"KeyId":"k","Mac":"AAEC/w==","MacAlgorithm":"HMAC_SHA_384"}"#;
    let aws = Recorder::new(&[says(body)]);
    let kms = aws.kms().await;
    let outcome = kms.generate_mac(&key(), b"token", "HMAC_SHA_384").await;
    assert_eq!(outcome, Ok(vec![0, 1, 2, 255]));
    let sent = aws.only();
    assert_eq!(sent.target, "GenerateMac");
    assert_eq!(
        sent.json(),
        json!({"KeyId": KEY, "Message": "dG9rZW4=", "MacAlgorithm": "HMAC_SHA_384"})
    );
}

#[tokio::test]
async fn an_alias_leads_to_its_key_or_nowhere() {
    let body = r#"{"KeyMetadata":{"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab",
        "Arn":"arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}"#;
    let aws = Recorder::new(&[says(body)]);
    assert_eq!(
        aws.kms().await.alias_target(&alias()).await,
        Ok(Some(key()))
    );
    let sent = aws.only();
    assert_eq!(sent.target, "DescribeKey");
    assert_eq!(sent.json(), json!({"KeyId": "alias/orders"}));

    let body = r#"{"__type":"NotFoundException","message":"Alias is not found."}"#;
    let aws = Recorder::new(&[Reply::Says(400, body)]);
    assert_eq!(aws.kms().await.alias_target(&alias()).await, Ok(None));

    let body = r#"{"__type":"AccessDeniedException","message":"not authorized"}"#;
    let aws = Recorder::new(&[Reply::Says(400, body)]);
    assert!(matches!(
        aws.kms().await.alias_target(&alias()).await,
        Err(AppError::AccessDenied { resource, .. }) if resource == "alias/orders"
    ));
}
