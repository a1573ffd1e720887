//! GovCloud and the China Regions: accounts, ARNs and credentials of their own.

use serde_json::json;

use super::resume::{ask, code};
use super::*;

fn client(sandbox: &Sandbox, key_id: &str, region: &'static str) -> Client {
    Client {
        region,
        ..Client::new(sandbox, key_id)
    }
}

#[tokio::test]
async fn every_arn_carries_the_partition_of_its_account() {
    let sandbox = company();
    for (account, region, word) in [
        ("555555555555", "us-gov-west-1", "aws-us-gov"),
        ("666666666666", "cn-north-1", "aws-cn"),
        ("987654321098", "cn-northwest-1", "aws-cn"),
        ("987654321097", "eu-west-1", "aws"),
    ] {
        let client = client(&sandbox, account, region);
        let (_, xml) = client
            .query("sts", "Action=GetCallerIdentity")
            .await
            .unwrap();
        let arn = format!("arn:{word}:iam::{account}:user/administrator");
        assert_eq!(element(&xml, "Arn"), arn);
        let key = ask(&client, "CreateKey", json!({})).await["KeyMetadata"].clone();
        let prefix = format!("arn:{word}:kms:{region}:{account}:key/");
        assert!(key["Arn"].as_str().unwrap().starts_with(&prefix), "{key}");
        let policy = json!({"KeyId": key["KeyId"], "PolicyName": "default"});
        let policy = ask(&client, "GetKeyPolicy", policy).await["Policy"].clone();
        let root = format!("arn:{word}:iam::{account}:root");
        assert!(policy.as_str().unwrap().contains(&root), "{policy}");
        let put = json!({"KeyId": key["KeyId"], "Policy": policy});
        assert_eq!(code(&client, "PutKeyPolicy", put).await, Value::Null);
        let (_, xml) = client.query("iam", "Action=GetUser").await.unwrap();
        assert_eq!(element(&xml, "Arn"), arn);
    }
    let federal = client(&sandbox, "555555555555", "us-gov-east-1");
    let keys = ask(&federal, "ListKeys", json!({})).await;
    assert_eq!(keys["Keys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn no_partition_knows_the_credentials_of_another() {
    let sandbox = company();
    let first = client(&sandbox, "123412341234", "us-gov-west-1");
    assert_eq!(ask(&first, "ListKeys", json!({})).await["Truncated"], false);
    for (key_id, region) in [
        ("test", "us-gov-west-1"),
        ("555555555555", "eu-west-1"),
        ("666666666666", "us-gov-west-1"),
        ("123412341234", "us-east-1"),
    ] {
        let client = client(&sandbox, key_id, region);
        let refused = code(&client, "ListKeys", json!({})).await;
        assert_eq!(refused, "UnrecognizedClientException", "{key_id} {region}");
        for (service, action, code) in [
            ("sts", "GetCallerIdentity", "InvalidClientTokenId"),
            ("iam", "ListUsers", "InvalidClientTokenId"),
            ("ec2", "DescribeRegions", "AuthFailure"),
        ] {
            let form = format!("Action={action}");
            let (_, xml) = client.query(service, &form).await.unwrap();
            assert_eq!(element(&xml, "Code"), code, "{key_id} {region}");
        }
    }
}

#[tokio::test]
async fn regions_are_those_of_the_partition() {
    let sandbox = company();
    for (account, region, names, host) in [
        (
            "555555555555",
            "us-gov-west-1",
            ["us-gov-east-1", "us-gov-west-1"],
            "ec2.us-gov-east-1.amazonaws.com",
        ),
        (
            "666666666666",
            "cn-north-1",
            ["cn-north-1", "cn-northwest-1"],
            "ec2.cn-north-1.amazonaws.com.cn",
        ),
    ] {
        let client = client(&sandbox, account, region);
        let (_, xml) = client.query("ec2", "Action=DescribeRegions").await.unwrap();
        assert_eq!(xml.matches("<item>").count(), 2);
        assert!(names.iter().all(|name| xml.contains(name)), "{xml}");
        assert_eq!(element(&xml, "regionEndpoint"), host);
    }
    let federal = client(&sandbox, "555555555555", "us-gov-west-1");
    let key = ask(&federal, "CreateKey", json!({"MultiRegion": true})).await;
    let replicate =
        |region: &str| json!({"KeyId": key["KeyMetadata"]["KeyId"], "ReplicaRegion": region});
    assert_eq!(
        code(&federal, "ReplicateKey", replicate("eu-west-1")).await,
        "ValidationException"
    );
    assert_eq!(
        code(&federal, "ReplicateKey", replicate("us-gov-east-1")).await,
        Value::Null
    );
}

#[tokio::test]
async fn roles_are_assumed_within_a_partition_only() {
    let sandbox = company();
    let assume = |arn: &str| format!("Action=AssumeRole&RoleSessionName=me&RoleArn={arn}");
    let federal = client(&sandbox, "555555555555", "us-gov-west-1");
    let role = "arn:aws-us-gov:iam::555555555555:role/KeyAdministrator";
    let (status, xml) = federal.query("sts", &assume(role)).await.unwrap();
    assert_eq!(status, 200, "{xml}");
    assert_eq!(
        element(&xml, "Arn"),
        "arn:aws-us-gov:sts::555555555555:assumed-role/KeyAdministrator/me"
    );
    let session = federal.with_session(&xml);
    assert_eq!(session.kms("ListKeys", "{}").await.unwrap().0, 200);
    let elsewhere = Client {
        region: "eu-west-1",
        ..session
    };
    assert_eq!(
        code(&elsewhere, "ListKeys", json!({})).await,
        "UnrecognizedClientException"
    );
    for (role, status) in [
        (
            "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole",
            400,
        ),
        (
            "arn:aws-us-gov:iam::222222222222:role/OrganizationAccountAccessRole",
            403,
        ),
    ] {
        let (is, xml) = federal.query("sts", &assume(role)).await.unwrap();
        assert_eq!(is, status, "{xml}");
    }
}

#[tokio::test]
async fn china_has_shorter_keys_and_no_hybrid_wrapping() {
    let sandbox = company();
    let china = client(&sandbox, "666666666666", "cn-north-1");
    let key = ask(&china, "CreateKey", json!({"Origin": "EXTERNAL"})).await;
    let key = &key["KeyMetadata"]["KeyId"];
    let parameters = |algorithm: &str| json!({"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": "RSA_2048"});
    let hybrid = parameters("RSA_AES_KEY_WRAP_SHA_256");
    assert_eq!(
        code(&china, "GetParametersForImport", hybrid).await,
        "UnsupportedOperationException"
    );
    for (length, expected) in [
        (32, json!("IncorrectKeyMaterialException")),
        (16, Value::Null),
    ] {
        let set = ask(
            &china,
            "GetParametersForImport",
            parameters("RSAES_OAEP_SHA_256"),
        )
        .await;
        let import = crate::kms::testing::request(&set, "RSAES_OAEP_SHA_256", &vec![7; length]);
        assert_eq!(code(&china, "ImportKeyMaterial", import).await, expected);
    }
    for key in [key.clone(), json!("alias/china/logs")] {
        let sealed = ask(
            &china,
            "Encrypt",
            json!({"KeyId": key, "Plaintext": "aGVsbG8="}),
        )
        .await;
        let open = json!({"CiphertextBlob": sealed["CiphertextBlob"]});
        assert_eq!(ask(&china, "Decrypt", open).await["Plaintext"], "aGVsbG8=");
    }
}
