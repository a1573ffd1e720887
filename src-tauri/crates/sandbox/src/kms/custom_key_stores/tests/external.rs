//! External key stores: what is asked of a proxy, and what is told of it.

use serde_json::json;

use super::super::super::testing::Bench;
use super::{
    SECRET, VALIDATION, WRONG_STATE, about, connect, connection, create, disconnect, external,
    private, update, with,
};

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
