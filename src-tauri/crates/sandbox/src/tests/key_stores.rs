//! Custom key stores over signed requests: the way of a client from a cluster to a key in it.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::Client;
use crate::{Options, Sandbox};

async fn ask(client: &Client, operation: &str, input: Value) -> (u16, Value) {
    let kms = operation.starts_with("kms:");
    let (_, name) = operation.split_once(':').unwrap();
    let (service, prefix) = if kms {
        ("kms", "TrentService")
    } else {
        ("cloudhsm", "BaldrApiService")
    };
    let request = Request::post("https://aws.example/")
        .header("x-amz-target", format!("{prefix}.{name}"))
        .header("content-type", "application/x-amz-json-1.1")
        .body(Bytes::from(input.to_string()))
        .unwrap();
    let response = client.send(service, request).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(response.body()).unwrap())
}

async fn done(client: &Client, operation: &str, input: Value) -> Value {
    let (status, answer) = ask(client, operation, input).await;
    assert_eq!(status, 200, "{operation}: {answer}");
    answer
}

#[tokio::test]
async fn a_key_is_made_in_a_cluster_and_outlives_the_program() {
    let sandbox = Sandbox::new(Options::default());
    let mut client = Client::new(&sandbox, "test");
    let clusters = done(&client, "cloudhsm:DescribeClusters", json!({})).await;
    let cluster = &clusters["Clusters"][0];
    let store = json!({
        "CustomKeyStoreName": "hsm",
        "CloudHsmClusterId": cluster["ClusterId"],
        "TrustAnchorCertificate": cluster["Certificates"]["ClusterCertificate"],
        "KeyStorePassword": "kmsPswd",
    });
    let store = done(&client, "kms:CreateCustomKeyStore", store).await;
    done(&client, "kms:ConnectCustomKeyStore", store.clone()).await;
    // Without moving the clock: it runs.
    while done(&client, "kms:DescribeCustomKeyStores", store.clone()).await["CustomKeyStores"][0]["ConnectionState"]
        != "CONNECTED"
    {}
    let key = json!({ "Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store["CustomKeyStoreId"] });
    let key = done(&client, "kms:CreateKey", key).await["KeyMetadata"]["KeyId"].clone();
    let encrypt = json!({ "KeyId": key, "Plaintext": "eA==" });
    let blob = done(&client, "kms:Encrypt", encrypt).await["CiphertextBlob"].clone();

    let state = sandbox.state();
    client.sandbox = Sandbox::resume(Options::default(), &state).unwrap();
    let again = done(&client, "cloudhsm:DescribeClusters", json!({})).await;
    assert_eq!(again, clusters);
    let decrypt = json!({ "CiphertextBlob": blob });
    assert_eq!(
        done(&client, "kms:Decrypt", decrypt).await["Plaintext"],
        "eA=="
    );
}

#[tokio::test]
async fn cloudhsm_refuses_in_its_own_words() {
    let sandbox = Sandbox::new(Options::default());
    let client = Client::new(&sandbox, "test");
    let unknown = json!({ "ClusterId": "cluster-aaaaaaaaaaa" });
    let (status, refusal) = ask(&client, "cloudhsm:DeleteCluster", unknown).await;
    assert_eq!(status, 400);
    assert_eq!(refusal["__type"], "CloudHsmResourceNotFoundException");
    assert!(refusal["Message"].is_string(), "{refusal}");
    let (_, refusal) = ask(&client, "cloudhsm:DescribeCoffee", json!({})).await;
    assert_eq!(refusal["__type"], "UnknownOperationException");
    let nobody = Client::new(&sandbox, "AKIAAAAAAAAAAAAAAAAA");
    let (_, refusal) = ask(&nobody, "cloudhsm:DescribeClusters", json!({})).await;
    assert_eq!(refusal["__type"], "UnrecognizedClientException");
}
