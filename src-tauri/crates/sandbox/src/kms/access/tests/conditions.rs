//! What conditions can ask about a request and its key.

use serde_json::{Value, json};

use super::{DENIED, OWN};
use crate::kms::testing::{Bench, base64};

/// What an identity policy with this condition answers to a request.
async fn asked_when(
    condition: &Value,
    operation: &str,
    input: Value,
    bench: &mut Bench,
) -> &'static str {
    let allowed =
        json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition});
    bench.act_as("anna", &[&allowed.to_string()]);
    let code = bench.code(operation, input).await;
    bench.act_as_administrator();
    code
}

#[tokio::test]
async fn conditions_ask_about_the_request_and_the_key() {
    let mut bench = Bench::new();
    let key = bench
        .create(json!({"MultiRegion": true, "Tags": [{"TagKey": "team", "TagValue": "a b"}]}))
        .await;
    let other = bench.create(json!({})).await;
    bench
        .ask(
            "CreateAlias",
            json!({"AliasName": "alias/app/one", "TargetKeyId": key}),
        )
        .await;
    let sealed = json!({"KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": {"Dept": "IT", "b": "c"}});
    let blob = bench.ask("Encrypt", sealed.clone()).await["CiphertextBlob"].clone();
    let moved = |to: &str| json!({"CiphertextBlob": blob, "SourceEncryptionContext": {"Dept": "IT", "b": "c"}, "DestinationKeyId": to});
    let describe = json!({"KeyId": key});
    let by_alias = json!({"KeyId": "arn:aws:kms:eu-west-1:111111111111:alias/app/one"});
    let tagged = json!({"KeyId": key, "Tags": [{"TagKey": "x", "TagValue": "1"}]});
    let hmac = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
    let external = json!({"Origin": "EXTERNAL", "Tags": [{"TagKey": "x", "TagValue": "1"}]});
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (condition, operation, input, expected) in [
        (
            equals("kms:KeySpec", "SYMMETRIC_DEFAULT"),
            "CreateKey",
            json!({}),
            "ok",
        ),
        (
            equals("kms:KeySpec", "HMAC_256"),
            "CreateKey",
            json!({}),
            DENIED,
        ),
        (
            equals("kms:KeySpec", "HMAC_256"),
            "CreateKey",
            hmac.clone(),
            "ok",
        ),
        (
            equals("kms:CustomerMasterKeySpec", "HMAC_256"),
            "CreateKey",
            hmac.clone(),
            "ok",
        ),
        (
            equals("kms:KeyUsage", "GENERATE_VERIFY_MAC"),
            "CreateKey",
            hmac,
            "ok",
        ),
        (
            equals("kms:KeyOrigin", "EXTERNAL"),
            "CreateKey",
            json!({}),
            DENIED,
        ),
        (
            json!({"Bool": {"kms:MultiRegion": "false"}}),
            "CreateKey",
            json!({"MultiRegion": true}),
            DENIED,
        ),
        (
            equals("kms:MultiRegionKeyType", "PRIMARY"),
            "CreateKey",
            json!({"MultiRegion": true}),
            "ok",
        ),
        (
            json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            "CreateKey",
            json!({"BypassPolicyLockoutSafetyCheck": true}),
            DENIED,
        ),
        (
            json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            "CreateKey",
            json!({}),
            "ok",
        ),
        (
            equals("aws:RequestTag/x", "1"),
            "CreateKey",
            external.clone(),
            "ok",
        ),
        (
            equals("aws:RequestTag/x", "2"),
            "CreateKey",
            external.clone(),
            DENIED,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["x", "y"]}}),
            "CreateKey",
            external,
            "ok",
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["y"]}}),
            "TagResource",
            tagged.clone(),
            DENIED,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["y"]}}),
            "UntagResource",
            json!({"KeyId": key, "TagKeys": ["y", "z"]}),
            "ok",
        ),
        (
            equals("aws:ResourceTag/team", "a b"),
            "TagResource",
            tagged,
            "ok",
        ),
        (
            equals("aws:ResourceTag/team", "z"),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringNotEquals": {"aws:ResourceTag/none": "z"}}),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("aws:ResourceAccount", OWN),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("kms:KeyUsage", "ENCRYPT_DECRYPT"),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("kms:MultiRegionKeyType", "REPLICA"),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringLike": {"kms:RequestAlias": "alias/app/*"}}),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringLike": {"kms:RequestAlias": "alias/app/*"}}),
            "DescribeKey",
            by_alias,
            "ok",
        ),
        (
            json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app/*"}}),
            "DescribeKey",
            describe,
            "ok",
        ),
        (
            json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app/*"}}),
            "DescribeKey",
            json!({"KeyId": other}),
            DENIED,
        ),
        (
            equals("kms:EncryptionContext:dept", "IT"),
            "Encrypt",
            sealed.clone(),
            "ok",
        ),
        (
            equals("kms:EncryptionContext:Dept", "it"),
            "Encrypt",
            sealed.clone(),
            DENIED,
        ),
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["Dept"]}}),
            "Encrypt",
            sealed.clone(),
            DENIED,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["Dept"]}}),
            "Encrypt",
            sealed.clone(),
            "ok",
        ),
        (
            equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
            "Encrypt",
            sealed,
            "ok",
        ),
        (
            json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
            "ReEncrypt",
            moved(&key),
            "ok",
        ),
        (
            json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
            "ReEncrypt",
            moved(&other),
            DENIED,
        ),
        (
            json!({"NumericGreaterThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "20"}}),
            "ScheduleKeyDeletion",
            json!({"KeyId": other, "PendingWindowInDays": 7}),
            DENIED,
        ),
        (
            json!({"NumericEquals": {"kms:RotationPeriodInDays": "365"}}),
            "EnableKeyRotation",
            json!({"KeyId": other}),
            "ok",
        ),
        (
            equals("kms:ReplicaRegion", "us-east-1"),
            "ReplicateKey",
            json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
            DENIED,
        ),
        (
            equals("kms:PrimaryRegion", "us-east-1"),
            "UpdatePrimaryRegion",
            json!({"KeyId": key, "PrimaryRegion": "us-west-2"}),
            DENIED,
        ),
        (
            equals("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
            "GetParametersForImport",
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"}),
            DENIED,
        ),
        (
            equals("kms:WrappingKeySpec", "RSA_4096"),
            "GetParametersForImport",
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"}),
            DENIED,
        ),
        (
            json!({"NumericLessThanEquals": {"kms:ValidTo": "1800000000.5"}}),
            "ImportKeyMaterial",
            json!({"KeyId": key, "ImportToken": "eA==", "EncryptedKeyMaterial": "eA==", "ValidTo": 1_800_000_001}),
            DENIED,
        ),
        (
            json!({"Null": {"kms:ExpirationModel": "true"}}),
            "ImportKeyMaterial",
            json!({"KeyId": key, "ImportToken": "eA==", "EncryptedKeyMaterial": "eA==", "ExpirationModel": "KEY_MATERIAL_EXPIRES"}),
            DENIED,
        ),
        (
            equals("aws:RequestedRegion", "eu-west-1"),
            "ListKeys",
            json!({}),
            "ok",
        ),
    ] {
        let code = asked_when(&condition, operation, input.clone(), &mut bench).await;
        assert_eq!(code, expected, "{condition} {operation} {input}");
    }
}
