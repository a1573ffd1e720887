//! Calls that change something: exactly what is sent, and what the answer says.

use ownkey_aws::{Answered, MaterialImport, NewKey};
use ownkey_model::{AppError, Expiry, ImportType, KeySpec, KeyUsage, Timestamp};
use serde_json::json;

use crate::recorder::{KEY, REQUEST_ID, Recorder, Reply, alias, key, says, tag};

const MADE: &str = r#"{"KeyMetadata":{"AWSAccountId":"111111111111",
    "KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab",
    "Arn":"arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "CreationDate":1763719200.123,"Enabled":false,"Description":"","KeyUsage":"ENCRYPT_DECRYPT",
    "KeyState":"PendingImport","Origin":"EXTERNAL","KeyManager":"CUSTOMER",
    "CustomerMasterKeySpec":"SYMMETRIC_DEFAULT","KeySpec":"SYMMETRIC_DEFAULT",
    "EncryptionAlgorithms":["SYMMETRIC_DEFAULT"],"MultiRegion":false}}"#;

fn answered<T>(value: T) -> Answered<T> {
    Answered {
        value,
        request_id: Some(REQUEST_ID.into()),
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

#[tokio::test]
async fn a_key_is_made_for_material_that_is_brought() {
    let aws = Recorder::new(&[says(MADE)]);
    let tags = [tag("ownkey:operation", "op-1"), tag("team", "Zoë")];
    let made = aws
        .kms()
        .await
        .create_key(&NewKey {
            spec: KeySpec::EccSecgP256K1,
            usage: KeyUsage::SignVerify,
            description: "orders \"2026\"",
            multi_region: true,
            policy: Some(r#"{"Version":"2012-10-17"}"#),
            bypass_lockout_check: true,
            tags: &tags,
        })
        .await;
    assert_eq!(made, Ok(answered(key())));
    let sent = aws.only();
    assert_eq!(sent.target, "CreateKey");
    assert_eq!(
        sent.json(),
        json!({
            "Origin": "EXTERNAL",
            "KeySpec": "ECC_SECG_P256K1",
            "KeyUsage": "SIGN_VERIFY",
            "Description": "orders \"2026\"",
            "MultiRegion": true,
            "Policy": r#"{"Version":"2012-10-17"}"#,
            "BypassPolicyLockoutSafetyCheck": true,
            "Tags": [
                {"TagKey": "ownkey:operation", "TagValue": "op-1"},
                {"TagKey": "team", "TagValue": "Zoë"},
            ],
        })
    );
}

#[tokio::test]
async fn what_a_key_is_not_given_is_not_sent() {
    let aws = Recorder::new(&[says(MADE)]);
    let new = NewKey {
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        description: "",
        multi_region: false,
        policy: None,
        bypass_lockout_check: false,
        tags: &[],
    };
    assert!(aws.kms().await.create_key(&new).await.is_ok());
    assert_eq!(
        aws.only().json(),
        json!({
            "Origin": "EXTERNAL",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "Description": "",
            "MultiRegion": false,
            "BypassPolicyLockoutSafetyCheck": false,
        })
    );
}

#[tokio::test]
async fn a_policy_that_locks_its_author_out_is_told_from_one_that_is_malformed() {
    let refusals = [
        (
            r#"{"__type":"MalformedPolicyDocumentException","message":"The new key policy will not allow you to update the key policy in the future."}"#,
            true,
        ),
        (
            r#"{"__type":"MalformedPolicyDocumentException","message":"Policy contains a statement with one or more invalid principals."}"#,
            false,
        ),
    ];
    for (body, locks_out) in refusals {
        let aws = Recorder::new(&[Reply::Says(400, body)]);
        let new = NewKey {
            spec: KeySpec::Hmac256,
            usage: KeyUsage::GenerateVerifyMac,
            description: "",
            multi_region: false,
            policy: Some("{}"),
            bypass_lockout_check: false,
            tags: &[],
        };
        match aws.kms().await.create_key(&new).await {
            Err(AppError::PolicyLocksOut { request_id, .. }) if locks_out => {
                assert_eq!(request_id.as_deref(), Some(REQUEST_ID));
            }
            Err(AppError::PolicyRefused { cause, .. }) if !locks_out => {
                assert!(cause.ends_with("invalid principals."), "{cause}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn expiring_symmetric_material_is_imported_as_new() {
    let body = r#"{"KeyId":"k","KeyMaterialId":"d7ca0f1e"}"#;
    let aws = Recorder::new(&[says(body)]);
    let import = MaterialImport {
        blob: &[0, 1, 2, 255],
        token: b"token",
        expiry: Expiry::At(at("2027-01-31T12:00:00Z")),
        import_type: Some(ImportType::NewKeyMaterial),
        kms_material_id: None,
    };
    assert_eq!(
        aws.kms().await.import_material(&key(), &import).await,
        Ok(answered(Some("d7ca0f1e".into())))
    );
    let sent = aws.only();
    assert_eq!(sent.target, "ImportKeyMaterial");
    assert_eq!(
        sent.json(),
        json!({
            "KeyId": KEY,
            "EncryptedKeyMaterial": "AAEC/w==",
            "ImportToken": "dG9rZW4=",
            "ValidTo": 1_801_396_800,
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ImportType": "NEW_KEY_MATERIAL",
        })
    );
}

#[tokio::test]
async fn known_material_is_named() {
    let aws = Recorder::new(&[says("{}")]);
    let import = MaterialImport {
        blob: b"blob",
        token: b"token",
        expiry: Expiry::Never,
        import_type: Some(ImportType::ExistingKeyMaterial),
        kms_material_id: Some("d7ca0f1e"),
    };
    assert_eq!(
        aws.kms().await.import_material(&key(), &import).await,
        Ok(answered(None))
    );
    assert_eq!(
        aws.only().json(),
        json!({
            "KeyId": KEY,
            "EncryptedKeyMaterial": "YmxvYg==",
            "ImportToken": "dG9rZW4=",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "ImportType": "EXISTING_KEY_MATERIAL",
            "KeyMaterialId": "d7ca0f1e",
        })
    );
}

#[tokio::test]
async fn asymmetric_material_is_imported_without_an_import_type_and_for_good() {
    let aws = Recorder::new(&[says("{}")]);
    let import = MaterialImport {
        blob: b"blob",
        token: b"token",
        expiry: Expiry::Never,
        import_type: None,
        kms_material_id: None,
    };
    let outcome = aws.kms().await.import_material(&key(), &import).await;
    assert_eq!(outcome, Ok(answered(None)));
    assert_eq!(
        aws.only().json(),
        json!({
            "KeyId": KEY,
            "EncryptedKeyMaterial": "YmxvYg==",
            "ImportToken": "dG9rZW4=",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        })
    );
}

#[tokio::test]
async fn the_refusals_of_an_import_are_told_apart() {
    let refused = |body| async move {
        let aws = Recorder::new(&[Reply::Says(400, body)]);
        let import = MaterialImport {
            blob: b"blob",
            token: b"token",
            expiry: Expiry::Never,
            import_type: None,
            kms_material_id: None,
        };
        let outcome = aws.kms().await.import_material(&key(), &import).await;
        outcome.expect_err("refused")
    };
    assert_eq!(
        refused(r#"{"__type":"ExpiredImportTokenException"}"#).await,
        AppError::ImportTokenExpired {
            request_id: Some(REQUEST_ID.into())
        }
    );
    assert_eq!(
        refused(r#"{"__type":"IncorrectKeyMaterialException"}"#).await,
        AppError::OtherMaterial {
            expected: String::new(),
            found: String::new()
        }
    );
    let body = r#"{"__type":"KMSInvalidStateException","message":"arn is pending deletion."}"#;
    assert_eq!(
        refused(body).await,
        AppError::KeyNotReady {
            key: KEY.into(),
            state: "arn is pending deletion.".into()
        }
    );
    let body = r#"{"__type":"InvalidCiphertextException","message":"m"}"#;
    assert!(matches!(refused(body).await, AppError::Aws { aws_code, .. }
        if aws_code == "InvalidCiphertextException"));
}

#[tokio::test]
async fn material_is_deleted_by_its_id_or_as_the_current_one() {
    for (id, expected) in [
        (None, json!({"KeyId": KEY})),
        (
            Some("d7ca0f1e"),
            json!({"KeyId": KEY, "KeyMaterialId": "d7ca0f1e"}),
        ),
    ] {
        let aws = Recorder::new(&[says(r#"{"KeyId":"k"}"#)]);
        let outcome = aws.kms().await.delete_material(&key(), id).await;
        assert_eq!(outcome, Ok(answered(())));
        let sent = aws.only();
        assert_eq!(sent.target, "DeleteImportedKeyMaterial");
        assert_eq!(sent.json(), expected);
    }
}

#[tokio::test]
async fn tags_are_put_and_taken() {
    let aws = Recorder::new(&[says("")]);
    let kms = aws.kms().await;
    let tags = [tag("team", "web"), tag("empty", "")];
    assert_eq!(kms.tag_key(&key(), &tags).await, Ok(answered(())));
    assert_eq!(
        kms.untag_key(&key(), &["ownkey:operation"]).await,
        Ok(answered(()))
    );
    let sent = aws.sent();
    let targets: Vec<_> = sent.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["TagResource", "UntagResource"]);
    assert_eq!(
        sent[0].json(),
        json!({
            "KeyId": KEY,
            "Tags": [
                {"TagKey": "team", "TagValue": "web"},
                {"TagKey": "empty", "TagValue": ""},
            ],
        })
    );
    assert_eq!(
        sent[1].json(),
        json!({"KeyId": KEY, "TagKeys": ["ownkey:operation"]})
    );
}

#[tokio::test]
async fn an_alias_is_made_and_removed() {
    let aws = Recorder::new(&[says("")]);
    let kms = aws.kms().await;
    let made = kms.create_alias(&alias(), &key()).await;
    assert_eq!(made, Ok(answered(())));
    assert_eq!(kms.delete_alias(&alias()).await, Ok(answered(())));
    let sent = aws.sent();
    let targets: Vec<_> = sent.iter().map(|one| one.target.as_str()).collect();
    assert_eq!(targets, ["CreateAlias", "DeleteAlias"]);
    assert_eq!(
        sent[0].json(),
        json!({"AliasName": "alias/orders", "TargetKeyId": KEY})
    );
    assert_eq!(sent[1].json(), json!({"AliasName": "alias/orders"}));
}

#[tokio::test]
async fn an_alias_that_is_taken_or_gone_is_named() {
    let refused = |body| Recorder::new(&[Reply::Says(400, body)]);
    let taken = refused(
        r#"{"__type":"AlreadyExistsException","message":"An alias with the name arn:aws:kms:eu-west-1:111111111111:alias/orders already exists"}"#,
    );
    assert_eq!(
        taken.kms().await.create_alias(&alias(), &key()).await,
        Err(AppError::AliasTaken {
            alias: "alias/orders".into(),
            key: None
        })
    );
    let gone = refused(r#"{"__type":"NotFoundException","message":"Alias is not found."}"#);
    assert_eq!(
        gone.kms().await.delete_alias(&alias()).await,
        Err(AppError::NotFound {
            what: "alias/orders".into()
        })
    );
}

#[tokio::test]
async fn a_keys_deletion_is_scheduled_and_its_time_told() {
    let body = r#"{"KeyId":"k","DeletionDate":1764324000.0,"KeyState":"PendingDeletion",
        "PendingWindowInDays":7}"#;
    let replicas = r#"{"KeyId":"k","KeyState":"PendingReplicaDeletion","PendingWindowInDays":7}"#;
    for (body, time) in [(body, Some(at("2025-11-28T10:00:00Z"))), (replicas, None)] {
        let aws = Recorder::new(&[says(body)]);
        let outcome = aws.kms().await.schedule_key_deletion(&key(), 7).await;
        assert_eq!(outcome, Ok(answered(time)));
        let sent = aws.only();
        assert_eq!(sent.target, "ScheduleKeyDeletion");
        assert_eq!(sent.json(), json!({"KeyId": KEY, "PendingWindowInDays": 7}));
    }
}
