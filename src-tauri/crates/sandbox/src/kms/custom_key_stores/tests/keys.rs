//! Keys in custom key stores.

use serde_json::{Value, json};

use super::super::super::testing::{Bench, base64};
use super::{
    INVALID_STATE, UNSUPPORTED, VALIDATION, WRONG_STATE, cluster, connect, create, disconnect,
    external, on_cluster, with,
};

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
