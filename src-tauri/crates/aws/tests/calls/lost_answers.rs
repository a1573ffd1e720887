//! A change whose answer is lost is sent once and leaves doubt; what changes nothing is asked again.

use ownkey_aws::{Kms, MaterialImport, NewKey};
use ownkey_model::{AppError, Expiry, KeySpec, KeyUsage, Result};

use crate::recorder::{Recorder, Reply, alias, key, says, tag};

async fn create_key(kms: &Kms) -> Result<()> {
    let new = NewKey {
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        description: "",
        multi_region: false,
        policy: None,
        bypass_lockout_check: false,
        tags: &[tag("ownkey:operation", "op-1")],
    };
    kms.create_key(&new).await.map(drop)
}

/// Every call that changes something, by its name.
async fn change(kms: &Kms, call: &str) -> Result<()> {
    match call {
        "CreateKey" => create_key(kms).await,
        "ImportKeyMaterial" => {
            let import = MaterialImport {
                blob: b"blob",
                token: b"token",
                expiry: Expiry::Never,
                import_type: None,
                kms_material_id: None,
            };
            kms.import_material(&key(), &import).await.map(drop)
        }
        "DeleteImportedKeyMaterial" => kms.delete_material(&key(), None).await.map(drop),
        "TagResource" => kms.tag_key(&key(), &[tag("a", "b")]).await.map(drop),
        "UntagResource" => kms.untag_key(&key(), &["a"]).await.map(drop),
        "CreateAlias" => kms.create_alias(&alias(), &key()).await.map(drop),
        "DeleteAlias" => kms.delete_alias(&alias()).await.map(drop),
        "ScheduleKeyDeletion" => kms.schedule_key_deletion(&key(), 7).await.map(drop),
        other => panic!("no such call: {other}"),
    }
}

const CHANGES: [&str; 8] = [
    "CreateKey",
    "ImportKeyMaterial",
    "DeleteImportedKeyMaterial",
    "TagResource",
    "UntagResource",
    "CreateAlias",
    "DeleteAlias",
    "ScheduleKeyDeletion",
];

#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_is_lost_is_sent_once_and_leaves_doubt() {
    for call in CHANGES {
        for lost in [Reply::EndsEarly, Reply::StaysSilent] {
            let aws = Recorder::new(std::slice::from_ref(&lost));
            let error = change(&aws.kms().await, call).await.expect_err("lost");
            assert!(
                matches!(error, AppError::EndpointUnreachable { .. }) && error.leaves_doubt(),
                "{call}, {lost:?}: {error:?}"
            );
            assert_eq!(aws.only().target, call);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_a_server_answers_with_its_own_failure_is_sent_once_and_leaves_doubt() {
    let failures = [
        Reply::Says(500, r#"{"__type":"KMSInternalException","message":"m"}"#),
        Reply::Says(500, r#"{"__type":"DependencyTimeoutException"}"#),
        Reply::Says(503, r#"{"__type":"ServiceUnavailableException"}"#),
        Reply::Says(502, "<html>Bad Gateway</html>"),
        Reply::Says(504, ""),
    ];
    for call in CHANGES {
        for failure in &failures {
            let aws = Recorder::new(std::slice::from_ref(failure));
            let error = change(&aws.kms().await, call).await.expect_err("failed");
            assert!(error.leaves_doubt(), "{call}, {failure:?}: {error:?}");
            assert_eq!(aws.only().target, call);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_off_is_a_lost_one() {
    let whole = r#"{"KeyMetadata":{"Arn":"arn:aws:kms:eu-west-1:111111111111:key/1234abcd"}}"#;
    for length in 1..whole.len() {
        let aws = Recorder::new(&[says(&whole[..length])]);
        let error = create_key(&aws.kms().await).await.expect_err("cut off");
        assert!(
            matches!(error, AppError::EndpointUnreachable { .. }),
            "{length}: {error:?}"
        );
        assert_eq!(aws.only().target, "CreateKey");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_no_key_leaves_doubt() {
    for body in ["", "{}", r#"{"KeyMetadata":{"Arn":"arn:aws:s3:::bucket"}}"#] {
        let aws = Recorder::new(&[says(body)]);
        let error = create_key(&aws.kms().await).await.expect_err("no key");
        assert!(error.leaves_doubt(), "{body}: {error:?}");
        assert_eq!(aws.only().target, "CreateKey");
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_throttled_was_not_carried_out_and_is_sent_again() {
    let throttled = Reply::Says(
        400,
        r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#,
    );
    for call in ["DeleteAlias", "TagResource"] {
        let aws = Recorder::new(&[throttled.clone(), throttled.clone(), says("")]);
        assert_eq!(change(&aws.kms().await, call).await, Ok(()));
        assert_eq!(aws.sent().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_nothing_is_asked_again() {
    let parameters = r#"{"KeyId":"k","ImportToken":"dG9rZW4=","PublicKey":"AAEC",
        "ParametersValidTo":1763805600}"#;
    let aws = Recorder::new(&[Reply::EndsEarly, says(parameters)]);
    let kms = aws.kms().await;
    let outcome = kms
        .import_parameters(&key(), "RSAES_OAEP_SHA_256", "RSA_4096")
        .await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(aws.sent().len(), 2);

    let aws = Recorder::new(&[Reply::EndsEarly, says(r#"{"Mac":"AAEC"}"#)]);
    let kms = aws.kms().await;
    let outcome = kms.generate_mac(&key(), b"m", "HMAC_SHA_256").await;
    assert_eq!(outcome, Ok(vec![0, 1, 2]));
    assert_eq!(aws.sent().len(), 2);
}
