//! Connections: tried, kept with their secrets, changed, removed.

use ownkey_model::{
    AppError, Connection, ConnectionDraft, ConnectionEntry, ConnectionId, ConnectionKind,
    ConnectionKindDraft, Field, KeySpec, OperationState, RegistrationChange, SignInState, Step,
};
use ownkey_sandbox::{ACCESS_KEY_ID, SECRET_ACCESS_KEY};
use ownkey_usecases::{
    change_connection, change_registration, finish_operation, list_connections, read_account,
    register_account, remove_connection, remove_registration, test_connection,
};
use tokio_util::sync::CancellationToken;

use crate::typing::{access_key_draft, registration_draft, role_draft, sandbox_draft};
use crate::uploads::{draft, stopped_after};
use crate::world::{World, sandbox_id};

const NO_ROLE: (&str, &str) = ("", "");

async fn entry(world: &World, name: &str) -> Option<ConnectionEntry> {
    let all = list_connections(&world.cx).await.expect("listed");
    all.into_iter().find(|one| one.connection.name == name)
}

/// Whether a text lies in the keychain, in whatever entry.
fn keeps(world: &World, text: &str) -> bool {
    let kept = world.vault.kept();
    let holds = |entry: &Vec<u8>| {
        entry
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    kept.iter().any(holds)
}

async fn account_over(world: &World, connection: &ConnectionId) -> Result<String, AppError> {
    let role = role_draft(NO_ROLE.0, NO_ROLE.1);
    let report = read_account(&world.cx, connection.clone(), &role).await?;
    Ok(report.account.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tells_the_account_and_who_holds_its_regions_and_keeps_nothing() {
    let world = World::company().await;
    let url = world.listening().await;
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let draft = access_key_draft("Tried", &url, ACCESS_KEY_ID, Some(secret));
    let report = test_connection(&world.cx, &draft, None)
        .await
        .expect("signed in");
    assert_eq!(report.account.as_str(), "111111111111");
    assert_eq!(report.account_alias.as_deref(), Some("acme-production"));
    assert_eq!(report.caller_arn, "arn:aws:iam::111111111111:user/test");
    assert_eq!(report.endpoint_url.as_deref(), Some(url.as_str()));
    assert_eq!((report.expires_at, &report.refused[..]), (None, &[][..]));
    let held = report.regions.iter().filter(|one| one.held_by.is_some());
    assert_eq!(held.count(), report.regions.len(), "all by the first start");
    assert_eq!(entry(&world, "Tried").await, None);
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_wrong_or_missing_is_told() {
    let world = World::company().await;
    let url = world.listening().await;
    let secret = world.typed("wrong").await;
    let wrong = access_key_draft("Wrong", &url, ACCESS_KEY_ID, Some(secret));
    let refused = test_connection(&world.cx, &wrong, None).await;
    assert!(
        matches!(refused, Err(AppError::CredentialsRefused { .. })),
        "{refused:?}"
    );
    let missing = access_key_draft("Missing", &url, ACCESS_KEY_ID, None);
    for refused in [
        test_connection(&world.cx, &missing, None).await.map(|_| ()),
        world.added(&missing).await.map(|_| ()),
    ] {
        assert!(
            matches!(
                refused,
                Err(AppError::InvalidInput {
                    field: Field::SecretAccessKey,
                    ..
                })
            ),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_lies_in_the_keychain_alone_and_goes_with_its_connection() {
    let world = World::company().await;
    let url = world.listening().await;
    let kept = world.connected("Kept", &url, ACCESS_KEY_ID).await;
    assert!(keeps(&world, SECRET_ACCESS_KEY));
    let entry_of = entry(&world, "Kept").await.expect("listed");
    assert_eq!(entry_of.sign_in, SignInState::NotYet);
    assert_eq!(entry_of.used_by, Vec::<String>::new());
    assert_eq!(
        account_over(&world, &kept.id).await.as_deref(),
        Ok("111111111111")
    );
    let signed_in = entry(&world, "Kept").await.expect("listed").sign_in;
    assert_eq!(signed_in, SignInState::SignedIn { until: None });

    remove_connection(&world.cx, kept.id.clone())
        .await
        .expect("removed");
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
    assert_eq!(entry(&world, "Kept").await, None);
    let gone = account_over(&world, &kept.id).await;
    assert!(matches!(gone, Err(AppError::NotFound { .. })), "{gone:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_the_keychain_lost_is_asked_for_again() {
    let world = World::company().await;
    let url = world.listening().await;
    let mut kept = world.connected("Kept", &url, ACCESS_KEY_ID).await;
    world.vault.lose_everything();
    let missing = AppError::AccessKeyMissing {
        connection: "Kept".into(),
    };
    assert_eq!(account_over(&world, &kept.id).await, Err(missing.clone()));
    let state = entry(&world, "Kept").await.expect("listed").sign_in;
    assert_eq!(state, SignInState::Failed { error: missing });
    // Typed once more, it works again.
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let draft = access_key_draft("Kept", &url, ACCESS_KEY_ID, Some(secret));
    kept = change_connection(&world.cx, kept.id, &draft)
        .await
        .expect("changed");
    assert!(account_over(&world, &kept.id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_no_access_key_is_kept_and_the_reason_is_told() {
    let world = World::company().await;
    let url = world.listening().await;
    world.vault.lock_up(true);
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let locked = access_key_draft("Locked", &url, ACCESS_KEY_ID, Some(secret));
    assert_eq!(world.added(&locked).await, Err(AppError::KeychainLocked));
    world.vault.lock_up(false);
    world.vault.take_away(true);
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let nowhere = access_key_draft("Nowhere", &url, ACCESS_KEY_ID, Some(secret));
    let refused = world.added(&nowhere).await;
    assert!(
        matches!(refused, Err(AppError::KeychainMissing { .. })),
        "{refused:?}"
    );
    for name in ["Locked", "Nowhere"] {
        assert_eq!(entry(&world, name).await, None, "nothing is kept");
    }
    // A connection that needs no secret needs no keychain.
    let other = world.added(&sandbox_draft("Other")).await.expect("kept");
    let removed = remove_connection(&world.cx, other.id).await;
    assert_eq!(removed, Ok(()));
    world.vault.take_away(false);
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_whose_secret_cannot_be_removed_stays() {
    let world = World::company().await;
    let url = world.listening().await;
    let kept = world.connected("Kept", &url, ACCESS_KEY_ID).await;
    world.vault.lock_up(true);
    let refused = remove_connection(&world.cx, kept.id.clone()).await;
    assert_eq!(refused, Err(AppError::KeychainLocked));
    assert!(entry(&world, "Kept").await.is_some());
    world.vault.lock_up(false);
    assert_eq!(remove_connection(&world.cx, kept.id).await, Ok(()));
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_key_takes_the_place_of_the_one_before() {
    let world = World::company().await;
    let url = world.listening().await;
    let kept = world.connected("Kept", &url, ACCESS_KEY_ID).await;
    assert_eq!(
        account_over(&world, &kept.id).await.as_deref(),
        Ok("111111111111")
    );
    // Another name alone needs no secret.
    let renamed = access_key_draft("Renamed", &url, ACCESS_KEY_ID, None);
    change_connection(&world.cx, kept.id.clone(), &renamed)
        .await
        .expect("renamed");
    assert!(account_over(&world, &kept.id).await.is_ok());
    // Another key does.
    let other = access_key_draft("Renamed", &url, "900000000001", None);
    let refused = change_connection(&world.cx, kept.id.clone(), &other).await;
    assert!(
        matches!(refused, Err(AppError::InvalidInput { .. })),
        "{refused:?}"
    );
    assert!(account_over(&world, &kept.id).await.is_ok(), "as it was");
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let other = access_key_draft("Renamed", &url, "900000000001", Some(secret));
    change_connection(&world.cx, kept.id.clone(), &other)
        .await
        .expect("changed");
    assert_eq!(
        account_over(&world, &kept.id).await.as_deref(),
        Ok("900000000001"),
        "the session before is forgotten"
    );
    assert_eq!(world.vault.kept().len(), 1);
    // A keychain that refuses leaves everything as it was.
    world.vault.lock_up(true);
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let third = access_key_draft("Third", &url, "900000000002", Some(secret));
    let refused = change_connection(&world.cx, kept.id.clone(), &third).await;
    assert_eq!(refused, Err(AppError::KeychainLocked));
    world.vault.lock_up(false);
    assert!(entry(&world, "Third").await.is_none());
    assert_eq!(
        account_over(&world, &kept.id).await.as_deref(),
        Ok("900000000001")
    );
    // A connection that signs in otherwise leaves no secret behind.
    change_connection(&world.cx, kept.id.clone(), &sandbox_draft("Renamed"))
        .await
        .expect("changed");
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_before_the_way_to_sign_in_that_names_it() {
    let world = World::company().await;
    let url = world.listening().await;
    let kept = world.connected("Kept", &url, ACCESS_KEY_ID).await;
    // What would be refused leaves the secret.
    let taken = change_connection(&world.cx, kept.id.clone(), &sandbox_draft("Sandbox")).await;
    let name = "Sandbox".into();
    assert_eq!(taken, Err(AppError::NameTaken { name }));
    assert!(account_over(&world, &kept.id).await.is_ok());
    // So does a keychain that does not let go of it: the connection still names it.
    world.vault.lock_up(true);
    let refused = change_connection(&world.cx, kept.id.clone(), &sandbox_draft("Kept")).await;
    assert_eq!(refused, Err(AppError::KeychainLocked));
    world.vault.lock_up(false);
    let still = entry(&world, "Kept").await.expect("listed").connection;
    assert_eq!(still, kept);
    assert!(account_over(&world, &kept.id).await.is_ok());
    // One that was left behind all the same goes with its connection.
    let otherwise = Connection {
        kind: ConnectionKind::Sandbox,
        endpoint_url: None,
        ..kept
    };
    let written = world.cx.store.change_connection(&otherwise);
    assert_eq!(written, Ok(()));
    assert!(keeps(&world, SECRET_ACCESS_KEY));
    assert_eq!(remove_connection(&world.cx, otherwise.id).await, Ok(()));
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_that_are_open_stay_on_their_server() {
    let world = World::company().await;
    let url = world.listening().await;
    let made = |step: &Step| matches!(step, Step::CreateKey { .. });
    let stopped = stopped_after(&world, &draft(KeySpec::Hmac256, "here"), made).await;
    let sandbox = ConnectionId("sandbox".into());
    let elsewhere = async || {
        let secret = world.typed(SECRET_ACCESS_KEY).await;
        let draft = access_key_draft("Sandbox", &url, ACCESS_KEY_ID, Some(secret));
        change_connection(&world.cx, sandbox.clone(), &draft).await
    };
    let open = AppError::OperationsOpen { count: 1 };
    assert_eq!(elsewhere().await, Err(open.clone()));
    assert!(!keeps(&world, SECRET_ACCESS_KEY));
    let other = world.connected("Other", &url, ACCESS_KEY_ID).await;
    let moved = async || {
        let change = RegistrationChange::Connection {
            connection: other.id.clone(),
            role: role_draft(NO_ROLE.0, NO_ROLE.1),
        };
        change_registration(&world.cx, sandbox_id(), &change).await
    };
    assert_eq!(moved().await, Err(open));
    // A name is no server.
    let renamed = change_connection(&world.cx, sandbox.clone(), &sandbox_draft("Built in")).await;
    assert_eq!(renamed.expect("changed").name, "Built in");
    let go = CancellationToken::new();
    let ended = finish_operation(&world.cx, stopped.id, &|_| {}, &go).await;
    assert_eq!(ended.expect("finished").state, OperationState::Finished);
    assert_eq!(moved().await.expect("moved").connection, other);
    assert!(elsewhere().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_in_use_stays_on_its_account() {
    let world = World::company().await;
    let url = world.listening().await;
    let kept = world.connected("Kept", &url, "900000000001").await;
    let draft = registration_draft("Nine", &kept.id, &["eu-west-1"]);
    register_account(&world.cx, "nine".into(), &draft)
        .await
        .expect("registered");

    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let elsewhere = access_key_draft("Kept", &url, ACCESS_KEY_ID, Some(secret));
    let refused = change_connection(&world.cx, kept.id.clone(), &elsewhere).await;
    let changed = AppError::AccountChanged {
        expected: "900000000001".into(),
        found: "111111111111".into(),
    };
    assert_eq!(refused, Err(changed));
    let secret = world.typed("wrong").await;
    let wrong = access_key_draft("Kept", &url, "900000000001", Some(secret));
    let refused = change_connection(&world.cx, kept.id.clone(), &wrong).await;
    assert!(
        matches!(refused, Err(AppError::CredentialsRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(
        entry(&world, "Kept").await.expect("listed").connection,
        kept
    );
    assert_eq!(
        account_over(&world, &kept.id).await.as_deref(),
        Ok("900000000001")
    );
    assert!(!keeps(&world, "wrong"));

    let in_use = AppError::ConnectionInUse {
        connection: "Kept".into(),
        used_by: vec!["Nine".into()],
    };
    let removed = remove_connection(&world.cx, kept.id.clone()).await;
    assert_eq!(removed, Err(in_use));
    assert!(keeps(&world, SECRET_ACCESS_KEY), "nothing is removed");
    remove_registration(&world.cx, ownkey_model::RegistrationId("nine".into()))
        .await
        .expect("removed");
    assert_eq!(remove_connection(&world.cx, kept.id).await, Ok(()));
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_and_a_refused_one_keeps_no_secret() {
    let world = World::company().await;
    let url = world.listening().await;
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let taken = ConnectionDraft {
        name: "SANDBOX".into(),
        ..access_key_draft("", &url, ACCESS_KEY_ID, Some(secret))
    };
    let refused = ownkey_usecases::add_connection(&world.cx, "new".into(), &taken).await;
    let name = "SANDBOX".into();
    assert_eq!(refused, Err(AppError::NameTaken { name }));
    assert_eq!(world.vault.kept(), Vec::<Vec<u8>>::new());
    let other = world.connected("Other", &url, ACCESS_KEY_ID).await;
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let taken = access_key_draft("sandbox", &url, ACCESS_KEY_ID, Some(secret));
    let refused = change_connection(&world.cx, other.id.clone(), &taken).await;
    let name = "sandbox".into();
    assert_eq!(refused, Err(AppError::NameTaken { name }));
    assert!(account_over(&world, &other.id).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_databases() {
    let world = World::company().await;
    let url = world.listening().await;
    let secret = "PlantedSecretAccessKeyPlantedSecret";
    let typed = world.typed(secret).await;
    let draft = access_key_draft("Planted", &url, "900000000001", Some(typed));
    assert!(!format!("{draft:?}").contains(secret));
    assert!(matches!(draft.kind, ConnectionKindDraft::AccessKey { .. }));
    world.added(&draft).await.expect("kept");
    for file in ["journal.db", "journal.db-wal", "cache.db", "cache.db-wal"] {
        let bytes = file_bytes(&world.folder.path().join(file));
        let found = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!found, "{file}");
    }
}

#[allow(clippy::disallowed_methods, reason = "looks from outside")]
fn file_bytes(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}
