//! A sandbox that goes on with the state of another is the same sandbox.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::StateRefused;
use crate::random::Random;
use crate::state;

fn options() -> Options {
    Options {
        randomness: Some(1),
        ..Options::default()
    }
}

/// The sandbox after a restart.
fn restarted(sandbox: &Sandbox) -> Sandbox {
    Sandbox::resume(options(), &sandbox.state()).unwrap()
}

pub(super) async fn ask(client: &Client, operation: &str, input: Value) -> Value {
    let (status, answer) = client.kms(operation, &input.to_string()).await.unwrap();
    assert_eq!(status, 200, "{operation} {input}: {answer}");
    answer
}

pub(super) async fn code(client: &Client, operation: &str, input: Value) -> Value {
    let (_, answer) = client.kms(operation, &input.to_string()).await.unwrap();
    answer["__type"].clone()
}

fn moved(client: &Client, sandbox: &Sandbox) -> Client {
    Client {
        sandbox: sandbox.clone(),
        ..client.clone()
    }
}

#[tokio::test]
async fn nothing_is_lost_or_added_by_being_written_and_read() {
    for seed in [Seed::Company, Seed::Empty, Seed::Keys(50)] {
        let options = Options { seed, ..options() };
        let sandbox = Sandbox::new(options.clone());
        let client = Client::new(&sandbox, "test");
        ask(&client, "CreateKey", json!({"MultiRegion": true})).await;
        let kept = sandbox.state();
        assert!(kept.len() < 1_000_000, "{} bytes", kept.len());
        let again = Sandbox::resume(options, &kept).unwrap().state();
        // The clock's offset is the same to the nanosecond, and so is all else.
        assert_eq!(kept, again);
    }
}

#[tokio::test]
async fn what_was_handed_out_before_a_restart_stays_good() {
    let sandbox = Sandbox::new(options());
    let client = Client::new(&sandbox, "test");
    let key = ask(&client, "CreateKey", json!({"MultiRegion": true})).await["KeyMetadata"]["KeyId"]
        .clone();
    let plaintext = STANDARD.encode("hello");
    let old = ask(
        &client,
        "Encrypt",
        json!({"KeyId": key, "Plaintext": plaintext}),
    )
    .await;
    ask(&client, "RotateKeyOnDemand", json!({"KeyId": key})).await;
    ask(
        &client,
        "ReplicateKey",
        json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
    )
    .await;
    ask(
        &client,
        "CreateAlias",
        json!({"AliasName": "alias/kept", "TargetKeyId": key}),
    )
    .await;
    let tags = json!({"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": "é"}]});
    ask(&client, "TagResource", tags).await;
    let policy = ask(&client, "GetKeyPolicy", json!({"KeyId": key})).await["Policy"].clone();
    let policy = policy.as_str().unwrap().replace("Enable IAM", "Kept");
    ask(
        &client,
        "PutKeyPolicy",
        json!({"KeyId": key, "Policy": policy}),
    )
    .await;
    let rsa = json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"});
    let rsa = ask(&client, "CreateKey", rsa).await["KeyMetadata"]["KeyId"].clone();
    let public = ask(&client, "GetPublicKey", json!({"KeyId": rsa})).await["PublicKey"].clone();
    let waiting =
        ask(&client, "CreateKey", json!({"Origin": "EXTERNAL"})).await["KeyMetadata"]["KeyId"]
            .clone();
    let parameters = json!({"KeyId": waiting, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"});
    let parameters = ask(&client, "GetParametersForImport", parameters).await;
    let role = format!("Action=AssumeRole&{ROLE}&ExternalId=ownkey-sandbox");
    let (_, session) = client.query("sts", &role).await.unwrap();
    let session = client.with_session(&session);

    let sandbox = restarted(&sandbox);
    let client = moved(&client, &sandbox);
    let opened = ask(
        &client,
        "Decrypt",
        json!({"CiphertextBlob": old["CiphertextBlob"]}),
    )
    .await;
    assert_eq!(opened["Plaintext"], plaintext);
    let west = Client {
        region: "us-west-2",
        ..client.clone()
    };
    let opened = ask(
        &west,
        "Decrypt",
        json!({"CiphertextBlob": old["CiphertextBlob"]}),
    )
    .await;
    assert_eq!(opened["Plaintext"], plaintext);
    let described = ask(&client, "DescribeKey", json!({"KeyId": "alias/kept"})).await;
    assert_eq!(described["KeyMetadata"]["KeyId"], key);
    let aliases = ask(&client, "ListAliases", json!({"KeyId": key})).await;
    assert_eq!(aliases["Aliases"][0]["AliasName"], "alias/kept");
    let tags = ask(&client, "ListResourceTags", json!({"KeyId": key})).await;
    assert_eq!(tags["Tags"][0]["TagValue"], "é");
    assert_eq!(
        ask(&client, "GetKeyPolicy", json!({"KeyId": key})).await["Policy"],
        policy
    );
    let rotations = ask(&client, "ListKeyRotations", json!({"KeyId": key})).await;
    assert_eq!(rotations["Rotations"][0]["RotationType"], "ON_DEMAND");
    assert_eq!(
        ask(&client, "GetPublicKey", json!({"KeyId": rsa})).await["PublicKey"],
        public
    );
    let (status, xml) = moved(&session, &sandbox)
        .query("sts", "Action=GetCallerIdentity")
        .await
        .unwrap();
    assert_eq!(
        (status, element(&xml, "Account").as_str()),
        (200, "222222222222")
    );
    let import = crate::kms::testing::request(&parameters, "RSAES_OAEP_SHA_256", &[7; 32]);
    ask(&client, "ImportKeyMaterial", import).await;
    let described = ask(&client, "DescribeKey", json!({"KeyId": waiting})).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
}

#[tokio::test]
async fn what_was_to_happen_after_a_restart_still_happens() {
    let sandbox = Sandbox::new(options());
    let client = Client::new(&sandbox, "test");
    let doomed = ask(&client, "CreateKey", json!({})).await["KeyMetadata"]["KeyId"].clone();
    ask(
        &client,
        "ScheduleKeyDeletion",
        json!({"KeyId": doomed, "PendingWindowInDays": 7}),
    )
    .await;
    let role = format!("Action=AssumeRole&{ROLE}&ExternalId=ownkey-sandbox");
    let (_, session) = client.query("sts", &role).await.unwrap();
    let session = client.with_session(&session);
    let day = Duration::from_secs(86_400);
    let later = sandbox.advance(6 * day);

    let sandbox = restarted(&sandbox);
    assert!(sandbox.now() - later < time::Duration::minutes(1));
    let client = moved(&client, &sandbox);
    let described = ask(&client, "DescribeKey", json!({"KeyId": doomed})).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], "PendingDeletion");
    let session = moved(&session, &sandbox);
    assert_eq!(
        code(&session, "ListKeys", json!({})).await,
        "ExpiredTokenException"
    );
    sandbox.advance(day);
    assert_eq!(
        code(&client, "DescribeKey", json!({"KeyId": doomed})).await,
        "NotFoundException"
    );
    sandbox.reset();
    assert!(sandbox.now() - OffsetDateTime::now_utc() < time::Duration::minutes(1));
}

#[tokio::test]
async fn ids_do_not_come_twice() {
    let mut sandbox = Sandbox::new(options());
    let mut ids = BTreeSet::new();
    for turn in 1..=5 {
        let client = Client::new(&sandbox, "test");
        let key = ask(&client, "CreateKey", json!({})).await;
        ids.insert(key["KeyMetadata"]["KeyId"].to_string());
        assert_eq!(ids.len(), turn);
        sandbox = restarted(&sandbox);
    }
}

#[tokio::test]
async fn replicas_share_a_pair_that_is_made_after_the_restart() {
    let sandbox = Sandbox::new(options());
    let client = Client::new(&sandbox, "test");
    let asked = json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "MultiRegion": true});
    let key = ask(&client, "CreateKey", asked).await["KeyMetadata"]["KeyId"].clone();
    ask(
        &client,
        "ReplicateKey",
        json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
    )
    .await;
    let sandbox = restarted(&sandbox);
    let here = moved(&client, &sandbox);
    let there = Client {
        region: "us-west-2",
        ..here.clone()
    };
    let public = ask(&here, "GetPublicKey", json!({"KeyId": key})).await;
    let before = sandbox.revision();
    let other = ask(&there, "GetPublicKey", json!({"KeyId": key})).await;
    assert_eq!(public["PublicKey"], other["PublicKey"]);
    assert_eq!(sandbox.revision(), before);
}

#[tokio::test]
async fn the_revision_grows_with_every_change_and_not_by_looking() {
    let sandbox = Sandbox::new(options());
    let client = Client::new(&sandbox, "test");
    let key = ask(&client, "CreateKey", json!({})).await["KeyMetadata"]["KeyId"].clone();
    let pair = json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"});
    let pair = ask(&client, "CreateKey", pair).await["KeyMetadata"]["KeyId"].clone();
    let mut last = sandbox.revision();
    let mut grew = |sandbox: &Sandbox| std::mem::replace(&mut last, sandbox.revision()) != last;
    assert!(!grew(&sandbox));
    for (operation, input, expected) in [
        ("ListKeys", json!({}), false),
        ("DescribeKey", json!({"KeyId": key}), false),
        (
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": key}),
            true,
        ),
        (
            "CreateAlias",
            json!({"AliasName": "alias/a", "TargetKeyId": key}),
            false,
        ),
        // The key has a last use now; a dry run is none.
        (
            "Encrypt",
            json!({"KeyId": key, "Plaintext": "eA==", "DryRun": true}),
            false,
        ),
        ("Encrypt", json!({"KeyId": key, "Plaintext": "eA=="}), true),
        ("DisableKey", json!({"KeyId": key}), true),
        ("GetPublicKey", json!({"KeyId": pair}), true),
        ("GetPublicKey", json!({"KeyId": pair}), false),
    ] {
        client.kms(operation, &input.to_string()).await.unwrap();
        assert_eq!(grew(&sandbox), expected, "{operation} {input}");
    }
    sandbox.inject(Fault::every("kms", "EnableKey", FaultKind::DropAnswer));
    client
        .kms("EnableKey", &json!({"KeyId": key}).to_string())
        .await
        .unwrap_err();
    assert!(grew(&sandbox), "a dropped answer is a change all the same");
    let role = format!("Action=AssumeRole&{ROLE}&ExternalId=ownkey-sandbox");
    client.query("sts", &role).await.unwrap();
    assert!(grew(&sandbox));
    sandbox.advance(Duration::from_secs(1));
    assert!(grew(&sandbox));
    sandbox.reset();
    assert!(grew(&sandbox));
}

#[test]
fn what_is_not_whole_is_refused() {
    let kept = Sandbox::new(Options {
        seed: Seed::Empty,
        ..options()
    })
    .state();
    let refused = |bytes: &[u8]| Sandbox::resume(options(), bytes).err();
    for length in 0..kept.len() {
        let refusal = refused(&kept[..length]);
        assert!(matches!(
            refusal,
            Some(StateRefused::NotAState | StateRefused::Damaged)
        ));
    }
    for place in 0..kept.len() {
        let mut changed = kept.to_vec();
        changed[place] ^= 1;
        assert!(refused(&changed).is_some(), "byte {place}");
    }
    assert_eq!(
        refused(b"SQLite format 3\0\n"),
        Some(StateRefused::NotAState)
    );
    let newer = String::from_utf8(kept.to_vec()).unwrap();
    let newer = newer.replacen("state 1 ", "state 2 ", 1);
    assert_eq!(
        refused(newer.as_bytes()),
        Some(StateRefused::Newer { version: 2 })
    );
}

/// A digest can be right and the content strange all the same: written by hand, or by a version
/// that has forgotten to raise its number.
#[tokio::test]
async fn strange_contents_are_refused_or_lived_with() {
    let sandbox = Sandbox::new(options());
    let kept = sandbox.state();
    let contents: Value = state::read(&kept).unwrap();
    let body = contents.to_string().into_bytes();
    let random = Random::seeded(11);
    let mut lived_with = 0;
    for _ in 0..300 {
        let mut body = body.clone();
        for _ in 0..=random.bytes::<1>()[0] % 3 {
            let place = u32::from_be_bytes(random.bytes()) as usize % body.len();
            body[place] = b"0123456789\"{}[],:aZ "[usize::from(random.bytes::<1>()[0]) % 20];
        }
        let Ok(contents) = serde_json::from_slice::<Value>(&body) else {
            continue;
        };
        let Ok(sandbox) = Sandbox::resume(options(), &state::write(&contents)) else {
            continue;
        };
        lived_with += 1;
        let client = Client::new(&sandbox, "123456789012");
        ask(&client, "CreateKey", json!({})).await;
        client.kms("ListAliases", "{}").await.unwrap();
        sandbox.state();
    }
    assert!(lived_with > 20, "{lived_with}");
}
