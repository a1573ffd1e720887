//! Custom key stores as a client of KMS sees them.

use serde_json::{Value, json};
use time::Duration;

use super::super::testing::{Bench, base64};

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
async fn a_cloudhsm_key_store_lives_and_ends() {
    let mut bench = Bench::new();
    let id = create(&bench, on_cluster(&bench, "one")).await;
    let name = json!({ "CustomKeyStoreId": id });
    let store = about(&bench, &id).await;
    let cluster = cluster(&bench);
    for (member, expected) in [
        ("CustomKeyStoreName", json!("one")),
        ("CustomKeyStoreType", json!("AWS_CLOUDHSM")),
        ("CloudHsmClusterId", cluster["ClusterId"].clone()),
        ("ConnectionState", json!("DISCONNECTED")),
        ("CreationDate", json!(1_773_480_413.589_f64)),
    ] {
        assert_eq!(store[member], expected, "{member}");
    }
    assert!(!store.to_string().contains("kmsPswd"));
    assert_eq!(
        bench.code("DisconnectCustomKeyStore", name.clone()).await,
        WRONG_STATE
    );
    bench.ask("ConnectCustomKeyStore", name.clone()).await;
    assert_eq!(connection(&bench, &id).await, "CONNECTING");
    assert_eq!(
        bench.code("DeleteCustomKeyStore", name.clone()).await,
        WRONG_STATE
    );
    moves_on(&mut bench);
    assert_eq!(connection(&bench, &id).await, "CONNECTED");
    assert_eq!(
        bench.code("ConnectCustomKeyStore", name.clone()).await,
        "ok"
    );
    assert_eq!(
        bench.code("DeleteCustomKeyStore", name.clone()).await,
        WRONG_STATE
    );
    bench.ask("DisconnectCustomKeyStore", name.clone()).await;
    assert_eq!(connection(&bench, &id).await, "DISCONNECTING");
    for operation in ["ConnectCustomKeyStore", "DisconnectCustomKeyStore"] {
        assert_eq!(bench.code(operation, name.clone()).await, WRONG_STATE);
    }
    moves_on(&mut bench);
    assert_eq!(connection(&bench, &id).await, "DISCONNECTED");
    assert_eq!(
        bench.ask("DeleteCustomKeyStore", name.clone()).await,
        json!({})
    );
    for operation in [
        "DescribeCustomKeyStores",
        "DeleteCustomKeyStore",
        "ConnectCustomKeyStore",
    ] {
        assert_eq!(
            bench.code(operation, name.clone()).await,
            "CustomKeyStoreNotFoundException"
        );
    }
}

#[tokio::test]
async fn a_cluster_must_fit() {
    let mut bench = Bench::new();
    let good = on_cluster(&bench, "one");
    let other_ca = cluster(&bench)["Certificates"]["AwsHardwareCertificate"].clone();
    let made = json!({ "HsmType": "hsm2m.medium", "SubnetIds": ["subnet-01234567"] });
    let raw = cloudhsm(&bench, "CreateCluster", made)["Cluster"]["ClusterId"].clone();
    for (changes, code) in [
        (json!({ "CloudHsmClusterId": null }), VALIDATION),
        (json!({ "TrustAnchorCertificate": null }), VALIDATION),
        (json!({ "KeyStorePassword": null }), VALIDATION),
        (json!({ "KeyStorePassword": "short" }), VALIDATION),
        (json!({ "CustomKeyStoreName": null }), VALIDATION),
        (json!({ "CustomKeyStoreName": "x".repeat(257) }), VALIDATION),
        (json!({ "CloudHsmClusterId": "cluster-1" }), VALIDATION),
        (json!({ "XksProxyUriPath": "/kms/xks/v1" }), VALIDATION),
        (json!({ "CustomKeyStoreType": "MOON" }), VALIDATION),
        (
            json!({ "CloudHsmClusterId": "cluster-aaaaaaaaaaa" }),
            "CloudHsmClusterNotFoundException",
        ),
        (
            json!({ "CloudHsmClusterId": raw }),
            "CloudHsmClusterNotActiveException",
        ),
        (
            json!({ "TrustAnchorCertificate": other_ca }),
            "IncorrectTrustAnchorException",
        ),
        (
            json!({ "TrustAnchorCertificate": "not a certificate" }),
            "IncorrectTrustAnchorException",
        ),
        (json!({ "CustomKeyStoreType": "AWS_CLOUDHSM" }), "ok"),
        (json!({}), "CustomKeyStoreNameInUseException"),
        (
            json!({ "CustomKeyStoreName": "two" }),
            "CloudHsmClusterInUseException",
        ),
    ] {
        let input = with(good.clone(), changes);
        assert_eq!(
            bench.code("CreateCustomKeyStore", input.clone()).await,
            code,
            "{input}"
        );
    }
    bench.region = "us-east-1";
    let alone = cluster(&bench);
    let hsm = json!({
        "ClusterId": alone["ClusterId"], "HsmId": alone["Hsms"][0]["HsmId"],
    });
    cloudhsm(&bench, "DeleteHsm", hsm);
    moves_on(&mut bench);
    assert_eq!(
        bench
            .code("CreateCustomKeyStore", on_cluster(&bench, "one"))
            .await,
        "CloudHsmClusterInvalidConfigurationException"
    );
}

#[tokio::test]
async fn a_cluster_that_changes_shows_when_it_is_connected_to_and_used() {
    let mut bench = Bench::new();
    let id = create(&bench, on_cluster(&bench, "one")).await;
    let name = json!({ "CustomKeyStoreId": id });
    connect(&mut bench, &id).await;
    let key = json!({ "Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": id });
    let made = bench.create(key.clone()).await;
    let encrypt = json!({ "KeyId": made, "Plaintext": base64(b"x") });
    assert_eq!(bench.code("Encrypt", encrypt.clone()).await, "ok");
    let cluster = cluster(&bench);
    let cluster_id = &cluster["ClusterId"];
    let gone =
        |turn: usize| json!({ "ClusterId": cluster_id, "HsmId": cluster["Hsms"][turn]["HsmId"] });
    cloudhsm(&bench, "DeleteHsm", gone(0));
    assert_eq!(
        bench.code("CreateKey", key).await,
        "CloudHsmClusterInvalidConfigurationException"
    );
    disconnect(&mut bench, &id).await;
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "CONNECTED");
    cloudhsm(&bench, "DeleteHsm", gone(1));
    moves_on(&mut bench);
    // Neither the key nor the connection tells.
    assert_eq!(bench.state(&made).await, "Enabled");
    assert_eq!(connection(&bench, &id).await, "CONNECTED");
    assert_eq!(bench.code("Encrypt", encrypt).await, INVALID_STATE);
    disconnect(&mut bench, &id).await;
    assert_eq!(
        bench.code("ConnectCustomKeyStore", name.clone()).await,
        "CloudHsmClusterInvalidConfigurationException"
    );
    assert_eq!(connection(&bench, &id).await, "DISCONNECTED");
    cloudhsm(&bench, "DeleteCluster", json!({ "ClusterId": cluster_id }));
    assert_eq!(
        bench.code("ConnectCustomKeyStore", name.clone()).await,
        "CloudHsmClusterNotActiveException"
    );
    moves_on(&mut bench);
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "FAILED CLUSTER_NOT_FOUND");
    assert_eq!(bench.code("ConnectCustomKeyStore", name).await, WRONG_STATE);
    disconnect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "DISCONNECTED");
}

#[tokio::test]
async fn a_wrong_password_fails_and_in_the_end_locks_out() {
    let mut bench = Bench::new();
    let id = create(&bench, on_cluster(&bench, "one")).await;
    let password = |text: &str| json!({ "KeyStorePassword": text });
    assert_eq!(update(&bench, &id, password("wrong-one")).await, "ok");
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "FAILED INVALID_CREDENTIALS");
    assert_eq!(update(&bench, &id, password("kmsPswd")).await, WRONG_STATE);
    disconnect(&mut bench, &id).await;
    assert_eq!(update(&bench, &id, password("kmsPswd")).await, "ok");
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "CONNECTED");
    disconnect(&mut bench, &id).await;
    assert_eq!(update(&bench, &id, password("wrong-one")).await, "ok");
    for _ in 0..5 {
        connect(&mut bench, &id).await;
        assert_eq!(connection(&bench, &id).await, "FAILED INVALID_CREDENTIALS");
        disconnect(&mut bench, &id).await;
    }
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "FAILED USER_LOCKED_OUT");
    disconnect(&mut bench, &id).await;
    assert_eq!(update(&bench, &id, password("changed-one")).await, "ok");
    connect(&mut bench, &id).await;
    assert_eq!(connection(&bench, &id).await, "CONNECTED");
}

#[tokio::test]
async fn a_proxy_must_fit() {
    let bench = Bench::new();
    let credential = |id: &str, secret: &str| {
        json!({ "XksProxyAuthenticationCredential": {
            "AccessKeyId": id, "RawSecretAccessKey": secret } })
    };
    for (changes, code) in [
        (json!({ "XksProxyConnectivity": null }), VALIDATION),
        (json!({ "XksProxyUriEndpoint": null }), VALIDATION),
        (json!({ "XksProxyUriPath": null }), VALIDATION),
        (
            json!({ "XksProxyAuthenticationCredential": null }),
            VALIDATION,
        ),
        (
            json!({ "XksProxyUriEndpoint": "http://a.example.com" }),
            VALIDATION,
        ),
        (json!({ "XksProxyUriPath": "/kms/xks" }), VALIDATION),
        (json!({ "KeyStorePassword": "kmsPswd" }), VALIDATION),
        (json!({ "CustomKeyStoreType": null }), VALIDATION),
        (
            json!({ "XksProxyVpcEndpointServiceOwner": "111111111111" }),
            VALIDATION,
        ),
        (
            json!({ "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE" }),
            VALIDATION,
        ),
        (credential("ABC", SECRET), VALIDATION),
        (credential("ABCDEFGHIJKLMNOPQRST", "short"), VALIDATION),
        (credential("abcdefghijklmnopqrst", SECRET), VALIDATION),
        (
            credential("REFUSEDXREFUSEDXREFUSED", SECRET),
            "XksProxyIncorrectAuthenticationCredentialException",
        ),
        (
            json!({ "XksProxyUriEndpoint": "https://xks.example.org" }),
            "XksProxyUriUnreachableException",
        ),
        (
            json!({ "XksProxyUriPath": "/kms/xks/v2" }),
            "XksProxyInvalidConfigurationException",
        ),
        (json!({ "XksProxyUriPath": "/prefix/kms/xks/v1" }), "ok"),
        (json!({}), "CustomKeyStoreNameInUseException"),
        (
            json!({ "CustomKeyStoreName": "b", "XksProxyUriPath": "/kms/xks/v1" }),
            "ok",
        ),
        (
            json!({ "CustomKeyStoreName": "c" }),
            "XksProxyUriInUseException",
        ),
    ] {
        let input = with(external("a"), changes);
        assert_eq!(
            bench.code("CreateCustomKeyStore", input.clone()).await,
            code,
            "{input}"
        );
    }
    let endpoint_of_a = json!({
        "XksProxyUriEndpoint": "https://a.example.com", "XksProxyUriPath": "/x/kms/xks/v1",
    });
    let elsewhere = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0";
    for (input, code) in [
        (private("p", "0a"), "ok"),
        (
            private("q", "0a"),
            "XksProxyVpcEndpointServiceInUseException",
        ),
        (
            with(private("q", "0b"), endpoint_of_a),
            "XksProxyUriEndpointInUseException",
        ),
        (
            with(
                private("q", "0b"),
                json!({ "XksProxyVpcEndpointServiceName": elsewhere }),
            ),
            "XksProxyVpcEndpointServiceNotFoundException",
        ),
    ] {
        assert_eq!(
            bench.code("CreateCustomKeyStore", input.clone()).await,
            code,
            "{input}"
        );
    }
}

#[tokio::test]
async fn an_external_key_store_tells_all_but_its_secret() {
    let mut bench = Bench::new();
    let public = create(&bench, external("a")).await;
    let hidden = create(&bench, private("b", "0a")).await;
    let store = about(&bench, &public).await;
    assert_eq!(store["CustomKeyStoreType"], "EXTERNAL_KEY_STORE");
    for absent in [
        "CloudHsmClusterId",
        "TrustAnchorCertificate",
        "ConnectionErrorCode",
    ] {
        assert!(store.get(absent).is_none(), "{absent}");
    }
    assert_eq!(
        store["XksProxyConfiguration"],
        json!({
            "Connectivity": "PUBLIC_ENDPOINT",
            "AccessKeyId": "ABCDE22345672EXAMPLE",
            "UriEndpoint": "https://a.example.com",
            "UriPath": "/kms/xks/v1",
        })
    );
    let configuration = about(&bench, &hidden).await["XksProxyConfiguration"].clone();
    assert_eq!(configuration["Connectivity"], "VPC_ENDPOINT_SERVICE");
    assert_eq!(configuration["VpcEndpointServiceOwner"], "111111111111");
    let every = bench.ask("DescribeCustomKeyStores", json!({})).await;
    assert!(!every.to_string().contains(SECRET));
    for id in [&public, &hidden] {
        connect(&mut bench, id).await;
        assert_eq!(connection(&bench, id).await, "CONNECTED");
    }
    bench.account = "222222222222";
    assert_eq!(
        bench.ask("DescribeCustomKeyStores", json!({})).await["CustomKeyStores"],
        json!([])
    );
}

#[tokio::test]
async fn a_private_proxy_is_asked_when_it_is_connected_to() {
    let mut bench = Bench::new();
    let far = with(
        private("a", "0a"),
        json!({ "XksProxyUriEndpoint": "https://xks.internal" }),
    );
    let id = create(&bench, far).await;
    connect(&mut bench, &id).await;
    assert_eq!(
        connection(&bench, &id).await,
        "FAILED XKS_PROXY_NOT_REACHABLE"
    );
    disconnect(&mut bench, &id).await;
    let near = json!({
        "XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/kms/xks/v3",
    });
    assert_eq!(update(&bench, &id, near).await, "ok");
    connect(&mut bench, &id).await;
    assert_eq!(
        connection(&bench, &id).await,
        "FAILED XKS_PROXY_INVALID_CONFIGURATION"
    );
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
async fn what_an_update_may_change_depends_on_the_connection() {
    let mut bench = Bench::new();
    let id = create(&bench, external("a")).await;
    create(&bench, external("b")).await;
    let new_credential = json!({ "XksProxyAuthenticationCredential": {
        "AccessKeyId": "ZZZZZZZZZZZZZZZZZZZZ", "RawSecretAccessKey": SECRET } });
    connect(&mut bench, &id).await;
    for (changes, code) in [
        (
            json!({ "NewCustomKeyStoreName": "b" }),
            "CustomKeyStoreNameInUseException",
        ),
        (json!({ "NewCustomKeyStoreName": "a" }), "ok"),
        (json!({ "NewCustomKeyStoreName": "new" }), "ok"),
        (json!({ "XksProxyUriPath": "/new/kms/xks/v1" }), "ok"),
        (new_credential, "ok"),
        (
            json!({ "XksProxyUriEndpoint": "https://c.example.com" }),
            WRONG_STATE,
        ),
        (
            json!({ "XksProxyConnectivity": "PUBLIC_ENDPOINT" }),
            WRONG_STATE,
        ),
        (
            json!({ "CloudHsmClusterId": "cluster-aaaaaaaaaaa" }),
            VALIDATION,
        ),
    ] {
        assert_eq!(
            update(&bench, &id, changes.clone()).await,
            code,
            "{changes}"
        );
    }
    disconnect(&mut bench, &id).await;
    let service = "com.amazonaws.vpce.eu-west-1.vpce-svc-0a";
    let to_vpc = json!({
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyUriEndpoint": "https://private.example.com",
        "XksProxyVpcEndpointServiceName": service,
    });
    let to_public = json!({
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": "https://c.example.com",
        "XksProxyVpcEndpointServiceName": "",
    });
    for (changes, code) in [
        (
            json!({ "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE" }),
            VALIDATION,
        ),
        (
            json!({ "XksProxyVpcEndpointServiceName": service }),
            VALIDATION,
        ),
        (
            json!({ "XksProxyUriEndpoint": "https://b.example.com", "XksProxyUriPath": "/kms/xks/v1" }),
            "XksProxyUriInUseException",
        ),
        (
            json!({ "XksProxyUriEndpoint": "https://c.example.net" }),
            "XksProxyUriUnreachableException",
        ),
        (to_vpc, "ok"),
        (
            json!({ "XksProxyVpcEndpointServiceOwner": "222222222222" }),
            "ok",
        ),
    ] {
        assert_eq!(
            update(&bench, &id, changes.clone()).await,
            code,
            "{changes}"
        );
    }
    let store = about(&bench, &id).await;
    assert_eq!(store["CustomKeyStoreName"], "new");
    assert_eq!(
        store["XksProxyConfiguration"],
        json!({
            "Connectivity": "VPC_ENDPOINT_SERVICE",
            "AccessKeyId": "ZZZZZZZZZZZZZZZZZZZZ",
            "UriEndpoint": "https://private.example.com",
            "UriPath": "/new/kms/xks/v1",
            "VpcEndpointServiceName": service,
            "VpcEndpointServiceOwner": "222222222222",
        })
    );
    assert_eq!(update(&bench, &id, to_public).await, "ok");
    let configuration = about(&bench, &id).await["XksProxyConfiguration"].clone();
    assert!(configuration.get("VpcEndpointServiceName").is_none());
    assert_eq!(
        update(&bench, "cks-0", json!({})).await,
        "CustomKeyStoreNotFoundException"
    );
}

#[tokio::test]
async fn a_cloudhsm_key_store_stays_with_its_cluster() {
    let mut bench = Bench::new();
    let id = create(&bench, on_cluster(&bench, "one")).await;
    let made = json!({ "HsmType": "hsm2m.medium", "SubnetIds": ["subnet-01234567"] });
    let other = cloudhsm(&bench, "CreateCluster", made)["Cluster"]["ClusterId"].clone();
    let own = cluster(&bench);
    let own = if own["ClusterId"] == other {
        cloudhsm(&bench, "DescribeClusters", json!({}))["Clusters"][1].clone()
    } else {
        own
    };
    for (changes, code) in [
        (
            json!({ "CloudHsmClusterId": other }),
            "CloudHsmClusterNotRelatedException",
        ),
        (
            json!({ "CloudHsmClusterId": "cluster-aaaaaaaaaaa" }),
            "CloudHsmClusterNotFoundException",
        ),
        (json!({ "CloudHsmClusterId": own["ClusterId"] }), "ok"),
        (json!({ "XksProxyUriPath": "/kms/xks/v1" }), VALIDATION),
    ] {
        assert_eq!(
            update(&bench, &id, changes.clone()).await,
            code,
            "{changes}"
        );
    }
    connect(&mut bench, &id).await;
    let name = json!({ "NewCustomKeyStoreName": "two" });
    assert_eq!(update(&bench, &id, name).await, "ok");
    let password = json!({ "KeyStorePassword": "another-one" });
    assert_eq!(update(&bench, &id, password).await, WRONG_STATE);
}

#[tokio::test]
async fn keys_are_made_in_a_connected_store_of_their_origin() {
    let mut bench = Bench::new();
    let hsm = create(&bench, on_cluster(&bench, "hsm")).await;
    let xks = create(&bench, external("xks")).await;
    let in_hsm = json!({ "Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": hsm });
    let in_xks = json!({
        "Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": xks, "XksKeyId": "key-1",
    });
    for input in [&in_hsm, &in_xks] {
        assert_eq!(bench.code("CreateKey", input.clone()).await, WRONG_STATE);
    }
    connect(&mut bench, &hsm).await;
    connect(&mut bench, &xks).await;
    let key = bench.ask("CreateKey", in_hsm.clone()).await["KeyMetadata"].clone();
    assert_eq!(key, bench.describe(key["KeyId"].as_str().unwrap()).await);
    for (member, expected) in [
        ("Origin", json!("AWS_CLOUDHSM")),
        ("KeyState", json!("Enabled")),
        ("CustomKeyStoreId", json!(hsm)),
        ("CloudHsmClusterId", cluster(&bench)["ClusterId"].clone()),
        ("XksKeyConfiguration", Value::Null),
        ("CurrentKeyMaterialId", Value::Null),
    ] {
        assert_eq!(key[member], expected, "{member}");
    }
    let key = bench.ask("CreateKey", in_xks.clone()).await["KeyMetadata"].clone();
    assert_eq!(key["XksKeyConfiguration"], json!({ "Id": "key-1" }));
    assert!(key.get("CloudHsmClusterId").is_none());
    for (input, code) in [
        (
            with(
                in_hsm.clone(),
                json!({ "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY" }),
            ),
            UNSUPPORTED,
        ),
        (
            with(in_hsm.clone(), json!({ "MultiRegion": true })),
            UNSUPPORTED,
        ),
        (
            with(in_hsm.clone(), json!({ "CustomKeyStoreId": null })),
            VALIDATION,
        ),
        (
            with(in_hsm.clone(), json!({ "CustomKeyStoreId": "cks-0" })),
            "CustomKeyStoreNotFoundException",
        ),
        (
            with(in_hsm.clone(), json!({ "CustomKeyStoreId": xks })),
            VALIDATION,
        ),
        (
            with(in_hsm.clone(), json!({ "XksKeyId": "key-2" })),
            VALIDATION,
        ),
        (
            with(in_hsm.clone(), json!({ "Origin": "AWS_KMS" })),
            VALIDATION,
        ),
        (with(in_hsm, json!({ "Origin": "EXTERNAL" })), VALIDATION),
        (in_xks.clone(), "XksKeyAlreadyInUseException"),
        (
            with(in_xks.clone(), json!({ "XksKeyId": null })),
            VALIDATION,
        ),
        (
            with(in_xks.clone(), json!({ "XksKeyId": "a b" })),
            VALIDATION,
        ),
        (
            with(in_xks.clone(), json!({ "XksKeyId": "missing-1" })),
            "XksKeyNotFoundException",
        ),
        (
            with(in_xks.clone(), json!({ "XksKeyId": "disabled-1" })),
            "XksKeyInvalidConfigurationException",
        ),
        (with(in_xks, json!({ "XksKeyId": "key-2" })), "ok"),
    ] {
        assert_eq!(
            bench.code("CreateKey", input.clone()).await,
            code,
            "{input}"
        );
    }
}

#[tokio::test]
async fn keys_work_while_their_store_is_connected() {
    let mut bench = Bench::new();
    let id = create(&bench, external("xks")).await;
    connect(&mut bench, &id).await;
    let key = bench
        .create(json!({ "Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": id, "XksKeyId": "1" }))
        .await;
    let named = json!({ "KeyId": key });
    let encrypt = with(named.clone(), json!({ "Plaintext": base64(b"secret") }));
    let blob = bench.ask("Encrypt", encrypt.clone()).await["CiphertextBlob"].clone();
    let decrypt = json!({ "CiphertextBlob": blob });
    assert_eq!(
        bench.ask("Decrypt", decrypt.clone()).await["Plaintext"],
        base64(b"secret")
    );
    for operation in [
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyRotationStatus",
        "RotateKeyOnDemand",
        "DeleteImportedKeyMaterial",
    ] {
        assert_eq!(
            bench.code(operation, named.clone()).await,
            UNSUPPORTED,
            "{operation}"
        );
    }
    disconnect(&mut bench, &id).await;
    assert_eq!(bench.state(&key).await, "Unavailable");
    assert_eq!(bench.describe(&key).await["Enabled"], false);
    let refused = bench.try_ask("Encrypt", encrypt.clone()).await.unwrap_err();
    assert_eq!(refused.code, INVALID_STATE);
    assert!(
        refused.message.ends_with("is unavailable."),
        "{}",
        refused.message
    );
    assert_eq!(bench.code("Decrypt", decrypt.clone()).await, INVALID_STATE);
    let tag = with(
        named.clone(),
        json!({ "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
    );
    assert_eq!(bench.code("TagResource", tag).await, "ok");
    // It is taken note of, and shows when the store is connected again.
    assert_eq!(bench.code("DisableKey", named.clone()).await, "ok");
    assert_eq!(bench.state(&key).await, "Unavailable");
    connect(&mut bench, &id).await;
    assert_eq!(bench.state(&key).await, "Disabled");
    assert_eq!(
        bench.code("Encrypt", encrypt.clone()).await,
        "DisabledException"
    );
    bench.ask("EnableKey", named.clone()).await;
    assert_eq!(bench.code("Decrypt", decrypt).await, "ok");
}

#[tokio::test]
async fn a_store_is_kept_as_long_as_a_key_waits_for_its_deletion() {
    let mut bench = Bench::new();
    let id = create(&bench, external("xks")).await;
    let name = json!({ "CustomKeyStoreId": id });
    connect(&mut bench, &id).await;
    let place = json!({ "Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": id, "XksKeyId": "1" });
    let key = bench.create(place.clone()).await;
    disconnect(&mut bench, &id).await;
    let has_keys = "CustomKeyStoreHasCMKsException";
    assert_eq!(
        bench.code("DeleteCustomKeyStore", name.clone()).await,
        has_keys
    );
    let deletion = json!({ "KeyId": key, "PendingWindowInDays": 7 });
    bench.ask("ScheduleKeyDeletion", deletion).await;
    assert_eq!(bench.state(&key).await, "PendingDeletion");
    assert_eq!(
        bench.code("DeleteCustomKeyStore", name.clone()).await,
        has_keys
    );
    connect(&mut bench, &id).await;
    assert_eq!(bench.state(&key).await, "PendingDeletion");
    assert_eq!(
        bench.code("CreateKey", place).await,
        "XksKeyAlreadyInUseException"
    );
    disconnect(&mut bench, &id).await;
    bench.days_pass(8);
    assert_eq!(bench.code("DeleteCustomKeyStore", name).await, "ok");
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
