//! What encryption, decryption and both in one promise.

use serde_json::json;

use crate::kms::testing::{Bench, base64};

#[tokio::test]
async fn encryption_context_key_and_dry_run_count() {
    let bench = Bench::new();
    let key = bench.create(json!({})).await;
    let other = bench.create(json!({})).await;
    let mut input =
        json!({"KeyId": key, "Plaintext": base64(b"hello"), "EncryptionContext": {"a": "b"}});
    let blob = bench.ask("Encrypt", input.clone()).await["CiphertextBlob"].clone();
    input["DryRun"] = json!(true);
    assert_eq!(
        bench.code("Encrypt", input).await,
        "DryRunOperationException"
    );
    let open = json!({"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}});
    assert_eq!(
        bench.ask("Decrypt", open.clone()).await["Plaintext"],
        base64(b"hello")
    );
    assert_eq!(
        bench
            .code("Decrypt", json!({ "CiphertextBlob": blob }))
            .await,
        "InvalidCiphertextException"
    );
    let mut wrong = open.clone();
    wrong["KeyId"] = json!(other);
    assert_eq!(bench.code("Decrypt", wrong).await, "IncorrectKeyException");
    let mut granted = open;
    granted["GrantTokens"] = json!(["x"]);
    assert_eq!(
        bench.code("Decrypt", granted).await,
        "InvalidGrantTokenException"
    );
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_gives_nothing() {
    let bench = Bench::new();
    let key = bench.create(json!({})).await;
    let blob = bench
        .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
        .await["CiphertextBlob"]
        .clone();
    let (over, validation) = ("DryRunOperationException", "ValidationException");
    let garbage = base64(&[9; 200]);
    let ignoring = json!(["IGNORE_CIPHERTEXT"]);
    for (input, code) in [
        (json!({"KeyId": key, "CiphertextBlob": blob}), over),
        (
            json!({"KeyId": key, "CiphertextBlob": garbage}),
            "InvalidCiphertextException",
        ),
        (
            json!({"KeyId": key, "CiphertextBlob": garbage, "DryRunModifiers": ignoring}),
            over,
        ),
        (json!({"KeyId": key, "DryRunModifiers": ignoring}), over),
        (
            json!({"CiphertextBlob": blob, "DryRunModifiers": ignoring}),
            validation,
        ),
        (json!({"KeyId": key}), validation),
        (json!({"KeyId": key, "DryRunModifiers": ["X"]}), validation),
    ] {
        let mut decrypt = input.clone();
        decrypt["DryRun"] = json!(true);
        assert_eq!(
            bench.code("Decrypt", decrypt.clone()).await,
            code,
            "{input}"
        );
        decrypt["SourceKeyId"] = decrypt["KeyId"].take();
        decrypt["DestinationKeyId"] = json!(key);
        assert_eq!(bench.code("ReEncrypt", decrypt).await, code, "{input}");
    }
    let asked = json!({"CiphertextBlob": blob, "DryRunModifiers": ignoring});
    assert_eq!(bench.code("Decrypt", asked.clone()).await, "ok");
    let mut strict = bench;
    strict.kms = strict.kms.behaving(crate::kms::Manner {
        strict: true,
        ..Default::default()
    });
    assert_eq!(strict.code("Decrypt", asked).await, validation);
}

#[tokio::test]
async fn a_context_has_an_upper_limit_and_an_asymmetric_ciphertext_needs_its_key_named() {
    let bench = Bench::new();
    let key = bench.create(json!({})).await;
    // {"a":""} are eight characters.
    for (length, code) in [(8184, "ok"), (8185, "ValidationException")] {
        let input = json!({
            "KeyId": key, "Plaintext": base64(b"x"),
            "EncryptionContext": {"a": "x".repeat(length)},
        });
        assert_eq!(bench.code("Encrypt", input).await, code);
    }
    let unnamed =
        json!({"CiphertextBlob": base64(b"x"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(bench.code("Decrypt", unnamed).await, "ValidationException");
}

#[tokio::test]
async fn rsa_keys_encrypt_and_other_usages_are_refused() {
    let bench = Bench::new();
    let key = bench
        .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
        .await;
    for algorithm in ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"] {
        let input =
            json!({"KeyId": key, "Plaintext": base64(b"hello"), "EncryptionAlgorithm": algorithm});
        let blob = bench.ask("Encrypt", input).await["CiphertextBlob"].clone();
        let open = json!({"KeyId": key, "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm});
        assert_eq!(
            bench.ask("Decrypt", open).await["Plaintext"],
            base64(b"hello")
        );
    }
    let usage = "InvalidKeyUsageException";
    assert_eq!(
        bench
            .code("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
            .await,
        usage
    );
    let signing = bench
        .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}))
        .await;
    let input = json!({"KeyId": signing, "Plaintext": base64(b"x"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"});
    assert_eq!(bench.code("Encrypt", input).await, usage);
}

#[tokio::test]
async fn ciphertext_moves_from_key_to_key_without_showing_its_plaintext() {
    let bench = Bench::new();
    let native = bench.create(json!({})).await;
    let imported = bench.external().await;
    assert_eq!(bench.import(&imported, &[1; 32], json!({})).await, "ok");
    let rsa = bench
        .create(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}))
        .await;
    let seal =
        json!({"KeyId": native, "Plaintext": base64(b"hi"), "EncryptionContext": {"a": "b"}});
    let blob = bench.ask("Encrypt", seal).await["CiphertextBlob"].clone();
    let asked = json!({
        "CiphertextBlob": blob, "SourceEncryptionContext": {"a": "b"},
        "DestinationKeyId": imported, "DestinationEncryptionContext": {"c": "d"},
    });
    let moved = bench.ask("ReEncrypt", asked.clone()).await;
    assert!(moved["SourceKeyId"].as_str().unwrap().ends_with(&native));
    assert!(moved["KeyId"].as_str().unwrap().ends_with(&imported));
    let id = bench.describe(&imported).await["CurrentKeyMaterialId"].clone();
    assert_eq!(moved["DestinationKeyMaterialId"], id);
    let open = json!({"CiphertextBlob": moved["CiphertextBlob"], "EncryptionContext": {"c": "d"}});
    assert_eq!(bench.ask("Decrypt", open).await["Plaintext"], base64(b"hi"));
    let mut to_rsa = asked.clone();
    to_rsa["DestinationKeyId"] = json!(rsa);
    to_rsa["DestinationEncryptionContext"] = json!({});
    to_rsa["DestinationEncryptionAlgorithm"] = json!("RSAES_OAEP_SHA_256");
    let moved = bench.ask("ReEncrypt", to_rsa).await;
    let back = json!({
        "CiphertextBlob": moved["CiphertextBlob"], "SourceKeyId": rsa,
        "SourceEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "DestinationKeyId": native,
    });
    assert_eq!(bench.code("ReEncrypt", back).await, "ok");
    let mut wrong = asked.clone();
    wrong["SourceEncryptionContext"] = json!({});
    assert_eq!(
        bench.code("ReEncrypt", wrong).await,
        "InvalidCiphertextException"
    );
    let mut wrong = asked.clone();
    wrong["SourceKeyId"] = json!(imported);
    assert_eq!(
        bench.code("ReEncrypt", wrong).await,
        "IncorrectKeyException"
    );
    bench.ask("DisableKey", json!({"KeyId": imported})).await;
    assert_eq!(bench.code("ReEncrypt", asked).await, "DisabledException");
}

#[tokio::test]
async fn a_native_replica_opens_what_its_primary_sealed() {
    let mut bench = Bench::new();
    let key = bench.create(json!({ "MultiRegion": true })).await;
    let blob = bench
        .ask("Encrypt", json!({"KeyId": key, "Plaintext": base64(b"x")}))
        .await;
    bench
        .ask(
            "ReplicateKey",
            json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
        )
        .await;
    let open = json!({ "CiphertextBlob": blob["CiphertextBlob"] });
    bench.region = "us-east-1";
    assert_eq!(
        bench.code("Decrypt", open.clone()).await,
        "AccessDeniedException"
    );
    bench.region = "us-west-2";
    assert_eq!(bench.ask("Decrypt", open).await["Plaintext"], base64(b"x"));
    let replica = bench.describe(&key).await;
    assert_eq!(
        replica["MultiRegionConfiguration"]["MultiRegionKeyType"],
        "REPLICA"
    );
    let again = json!({"KeyId": key, "ReplicaRegion": "us-east-1"});
    assert_eq!(
        bench.code("ReplicateKey", again).await,
        "UnsupportedOperationException"
    );
}
