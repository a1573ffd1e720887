//! Custom key stores as a client of KMS sees them. Here is what the tests share, and what both kinds
//! of stores do.

mod cloudhsm;
mod external;
mod keys;

use serde_json::{Value, json};
use time::Duration;

use super::super::testing::Bench;

const VALIDATION: &str = "ValidationException";
const WRONG_STATE: &str = "CustomKeyStoreInvalidStateException";
const INVALID_STATE: &str = "KMSInvalidStateException";
const UNSUPPORTED: &str = "UnsupportedOperationException";

const SECRET: &str = "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=";

fn moves_on(bench: &mut Bench) {
    bench.now += Duration::milliseconds(1);
}

fn with(mut input: Value, more: Value) -> Value {
    for (member, value) in more.as_object().unwrap() {
        input[member] = value.clone();
    }
    input
}

fn cloudhsm(bench: &Bench, operation: &str, input: Value) -> Value {
    let input = input.as_object().unwrap();
    bench
        .kms
        .cloudhsm
        .answer(&bench.call(), operation, input)
        .unwrap()
}

/// The cluster that every account has.
fn cluster(bench: &Bench) -> Value {
    cloudhsm(bench, "DescribeClusters", json!({}))["Clusters"][0].clone()
}

/// The request for a CloudHSM key store on that cluster.
fn on_cluster(bench: &Bench, name: &str) -> Value {
    let cluster = cluster(bench);
    json!({
        "CustomKeyStoreName": name,
        "CloudHsmClusterId": cluster["ClusterId"],
        "TrustAnchorCertificate": cluster["Certificates"]["ClusterCertificate"],
        "KeyStorePassword": "kmsPswd",
    })
}

/// The request for an external key store with a public endpoint.
fn external(name: &str) -> Value {
    json!({
        "CustomKeyStoreName": name,
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": format!("https://{name}.example.com"),
        "XksProxyUriPath": "/kms/xks/v1",
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": "ABCDE12345670EXAMPLE".replace(['1', '0'], "2"),
            "RawSecretAccessKey": SECRET,
        },
    })
}

/// The request for one behind a VPC endpoint service.
fn private(name: &str, service: &str) -> Value {
    with(
        external(name),
        json!({
            "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
            "XksProxyVpcEndpointServiceName":
                format!("com.amazonaws.vpce.eu-west-1.vpce-svc-{service}"),
        }),
    )
}

async fn create(bench: &Bench, input: Value) -> String {
    let answer = bench.ask("CreateCustomKeyStore", input).await;
    answer["CustomKeyStoreId"].as_str().unwrap().to_owned()
}

async fn about(bench: &Bench, id: &str) -> Value {
    let input = json!({ "CustomKeyStoreId": id });
    bench.ask("DescribeCustomKeyStores", input).await["CustomKeyStores"][0].clone()
}

async fn connection(bench: &Bench, id: &str) -> String {
    let store = about(bench, id).await;
    let state = store["ConnectionState"].as_str().unwrap();
    match store["ConnectionErrorCode"].as_str() {
        Some(code) => format!("{state} {code}"),
        None => state.to_owned(),
    }
}

async fn connect(bench: &mut Bench, id: &str) {
    let name = json!({ "CustomKeyStoreId": id });
    assert_eq!(bench.ask("ConnectCustomKeyStore", name).await, json!({}));
    moves_on(bench);
}

async fn disconnect(bench: &mut Bench, id: &str) {
    let name = json!({ "CustomKeyStoreId": id });
    assert_eq!(bench.ask("DisconnectCustomKeyStore", name).await, json!({}));
    moves_on(bench);
}

async fn update(bench: &Bench, id: &str, changes: Value) -> &'static str {
    let input = with(json!({ "CustomKeyStoreId": id }), changes);
    bench.code("UpdateCustomKeyStore", input).await
}

#[tokio::test]
async fn stores_are_found_by_id_by_name_and_page_by_page() {
    let bench = Bench::new();
    let mut ids = Vec::new();
    for turn in 0..10 {
        ids.push(create(&bench, external(&format!("s{turn}"))).await);
    }
    assert_eq!(
        bench
            .code("CreateCustomKeyStore", external("eleventh"))
            .await,
        "LimitExceededException"
    );
    let by_name = bench
        .ask(
            "DescribeCustomKeyStores",
            json!({ "CustomKeyStoreName": "s3" }),
        )
        .await;
    assert_eq!(
        by_name["CustomKeyStores"][0]["CustomKeyStoreId"],
        ids[3].as_str()
    );
    assert_eq!(by_name["Truncated"], false);
    ids.sort();
    let (mut found, mut input) = (Vec::new(), json!({ "Limit": 4 }));
    loop {
        let page = bench.ask("DescribeCustomKeyStores", input.clone()).await;
        for store in page["CustomKeyStores"].as_array().unwrap() {
            found.push(store["CustomKeyStoreId"].as_str().unwrap().to_owned());
        }
        if page["Truncated"] == false {
            break;
        }
        input["Marker"] = page["NextMarker"].clone();
    }
    assert_eq!(found, ids);
    for (input, code) in [
        (
            json!({ "CustomKeyStoreId": ids[0], "CustomKeyStoreName": "s0" }),
            VALIDATION,
        ),
        (
            json!({ "CustomKeyStoreName": "S3" }),
            "CustomKeyStoreNotFoundException",
        ),
        (
            json!({ "CustomKeyStoreId": "cks-0" }),
            "CustomKeyStoreNotFoundException",
        ),
        (json!({ "Marker": "%%" }), "InvalidMarkerException"),
        (json!({ "Limit": 0 }), VALIDATION),
    ] {
        assert_eq!(bench.code("DescribeCustomKeyStores", input).await, code);
    }
}

#[tokio::test]
async fn a_kept_state_knows_stores_connections_and_keys() {
    let mut bench = Bench::new();
    let id = create(&bench, external("xks")).await;
    connect(&mut bench, &id).await;
    let key = bench
        .create(json!({ "Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": id, "XksKeyId": "1" }))
        .await;
    let resumed = |bench: &Bench| {
        let kept = serde_json::to_vec(&*bench.kms.kept().0).unwrap();
        let mut again = Bench::new();
        *again.kms.world.write().unwrap() = serde_json::from_slice(&kept).unwrap();
        again.now = bench.now;
        again
    };
    let again = resumed(&bench);
    assert_eq!(again.describe(&key).await, bench.describe(&key).await);
    assert_eq!(about(&again, &id).await, about(&bench, &id).await);
    disconnect(&mut bench, &id).await;
    let name = json!({ "CustomKeyStoreId": id });
    bench.ask("ConnectCustomKeyStore", name).await;
    let mut again = resumed(&bench);
    assert_eq!(connection(&again, &id).await, "CONNECTING");
    assert_eq!(again.state(&key).await, "Unavailable");
    moves_on(&mut again);
    assert_eq!(connection(&again, &id).await, "CONNECTED");
    assert_eq!(again.state(&key).await, "Enabled");
}
