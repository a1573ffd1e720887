//! CloudHSM key stores: what is asked of a cluster, and what becomes of a connection.

use serde_json::json;

use super::super::super::testing::{Bench, base64};
use super::{
    INVALID_STATE, VALIDATION, WRONG_STATE, about, cloudhsm, cluster, connect, connection, create,
    disconnect, moves_on, on_cluster, update, with,
};

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
