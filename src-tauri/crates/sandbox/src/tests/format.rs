//! States that earlier versions have written can still be gone on with.
//!
//! `state-1` was written by [`write_history`] when the format had version 1. If the test below fails,
//! people's states fail with it: give a new member a default, or raise the version and keep reading
//! the older one.

use serde_json::{Value, json};

use super::resume::{ask, code};
use super::*;

const WRITTEN: &[u8] = include_bytes!("state-1");

#[tokio::test]
async fn a_state_of_version_1_is_still_understood() {
    let sandbox = Sandbox::resume(Options::default(), WRITTEN).unwrap();
    let client = Client::new(&sandbox, "test");
    // What has to come out is noted in the descriptions.
    let kept = ask(&client, "DescribeKey", json!({"KeyId": "alias/kept"})).await;
    let blob = kept["KeyMetadata"]["Description"].clone();
    for region in ["eu-west-1", "us-west-2"] {
        let client = Client {
            region,
            ..client.clone()
        };
        let opened = ask(&client, "Decrypt", json!({"CiphertextBlob": blob})).await;
        assert_eq!(opened["Plaintext"], "aGVsbG8=");
    }
    let pair = ask(&client, "DescribeKey", json!({"KeyId": "alias/pair"})).await;
    let public = ask(&client, "GetPublicKey", json!({"KeyId": "alias/pair"})).await;
    assert_eq!(pair["KeyMetadata"]["Description"], public["PublicKey"]);
    let assume =
        "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/Guest&RoleSessionName=me";
    assert_eq!(client.query("sts", assume).await.unwrap().0, 200);
    assert_eq!(code(&client, "CreateKey", json!({})).await, Value::Null);
}

/// Every kind of thing that a state of version 1 can contain.
#[tokio::test]
#[ignore = "writes the sample; run it only for a new version of the format"]
async fn write_history() {
    let sandbox = Sandbox::new(Options {
        seed: Seed::Empty,
        randomness: Some(1),
        ..Options::default()
    });
    let client = Client::new(&sandbox, "test");
    let create =
        async |input: Value| ask(&client, "CreateKey", input).await["KeyMetadata"]["KeyId"].clone();
    let alias = async |name: &str, key: &Value| {
        let input = json!({"AliasName": name, "TargetKeyId": key});
        ask(&client, "CreateAlias", input).await;
    };
    let describe = async |key: &Value, text: &Value| {
        let input = json!({"KeyId": key, "Description": text});
        ask(&client, "UpdateKeyDescription", input).await;
    };

    let key =
        create(json!({"MultiRegion": true, "Tags": [{"TagKey": "a", "TagValue": "b"}]})).await;
    alias("alias/kept", &key).await;
    let sealed = json!({"KeyId": key, "Plaintext": "aGVsbG8="});
    let sealed = ask(&client, "Encrypt", sealed).await["CiphertextBlob"].clone();
    describe(&key, &sealed).await;
    ask(&client, "EnableKeyRotation", json!({"KeyId": key})).await;
    ask(&client, "RotateKeyOnDemand", json!({"KeyId": key})).await;
    let replicate = json!({"KeyId": key, "ReplicaRegion": "us-west-2"});
    ask(&client, "ReplicateKey", replicate).await;

    let pair = create(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    alias("alias/pair", &pair).await;
    let public = ask(&client, "GetPublicKey", json!({"KeyId": pair})).await["PublicKey"].clone();
    describe(&pair, &public).await;
    create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"})).await;

    let imported = create(json!({"Origin": "EXTERNAL"})).await;
    let parameters = json!({"KeyId": imported, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    for (byte, kind) in [(1, "NEW_KEY_MATERIAL"), (2, "NEW_KEY_MATERIAL")] {
        let set = ask(&client, "GetParametersForImport", parameters.clone()).await;
        let mut import = crate::kms::testing::request(&set, "RSAES_OAEP_SHA_256", &[byte; 32]);
        import["ImportType"] = json!(kind);
        import["KeyMaterialDescription"] = json!("sample");
        import["ExpirationModel"] = json!("KEY_MATERIAL_EXPIRES");
        import["ValidTo"] = json!((sandbox.now() + time::Duration::days(364)).unix_timestamp());
        ask(&client, "ImportKeyMaterial", import).await;
    }
    let doomed = create(json!({"MultiRegion": true})).await;
    let replicate = json!({"KeyId": doomed, "ReplicaRegion": "us-west-2"});
    ask(&client, "ReplicateKey", replicate).await;
    ask(&client, "ScheduleKeyDeletion", json!({"KeyId": doomed})).await;
    let doomed = create(json!({})).await;
    ask(&client, "ScheduleKeyDeletion", json!({"KeyId": doomed})).await;
    ask(&client, "DescribeKey", json!({"KeyId": "alias/aws/s3"})).await;

    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]}"#;
    let policy = r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    let (trust, policy) = (
        percent_encode(trust.as_bytes()),
        percent_encode(policy.as_bytes()),
    );
    for (service, form) in [
        (
            "iam",
            format!(
                "Action=CreateRole&RoleName=Guest&Description=sample&AssumeRolePolicyDocument={trust}&Tags.member.1.Key=a&Tags.member.1.Value=b"
            ),
        ),
        (
            "iam",
            format!("Action=PutRolePolicy&RoleName=Guest&PolicyName=p&PolicyDocument={policy}"),
        ),
        (
            "sts",
            format!(
                "Action=AssumeRole&RoleArn=arn:aws:iam::000000000000:role/Guest&RoleSessionName=me&Policy={policy}"
            ),
        ),
        (
            "sts",
            format!(
                "Action=GetSessionToken&SerialNumber=arn:aws:iam::000000000000:mfa/test&TokenCode={}",
                mfa_code(OffsetDateTime::now_utc())
            ),
        ),
    ] {
        let (status, xml) = client.query(service, &form).await.unwrap();
        assert_eq!(status, 200, "{xml}");
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/state-1");
    std::fs::write(path, sandbox.state()).unwrap();
}
