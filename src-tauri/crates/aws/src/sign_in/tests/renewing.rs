//! Credentials that AWS no longer takes, or seems not to: when others are fetched, and when not.

use ownkey_model::{AppError, SignInState};

use super::{BEGAN, CALLER, ROLE, SERIAL, World, code, given, profile, refused};

fn mfa_config() -> String {
    format!(
        "[profile jo]\naws_access_key_id = AKIAJO\naws_secret_access_key = s\nmfa_serial = {SERIAL}\n\
         [profile a]\nrole_arn = {ROLE}\nsource_profile = jo\n"
    )
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_sts_does_not_share_asks_for_no_code_and_changes_no_standing() {
    let session = given("GetSessionToken", "ASIASESSION", BEGAN);
    let off = refused("InvalidClientTokenId", "The security token is invalid");
    let world = World::new(
        &mfa_config(),
        &[(200, &session), (403, &off), (200, CALLER), (403, &off)],
    );
    let jo = profile("jo");
    let person = async {
        let asked = world.asked().await;
        world
            .aws
            .answer_mfa_request(&asked.id, code("123456"))
            .await
    };
    let (session, answered) = tokio::join!(world.aws.session(&jo, None), person);
    answered.expect("it waits");
    let session = session.expect("a session");
    for _ in 0..2 {
        let alias = session.account_alias().await;
        assert!(
            matches!(alias, Err(AppError::CredentialsRefused { .. })),
            "{alias:?}"
        );
    }
    assert_eq!(
        world.actions(),
        [
            "GetSessionToken",
            "ListAccountAliases",
            "GetCallerIdentity",
            "ListAccountAliases"
        ]
    );
    assert!(matches!(
        world.aws.sign_in_state(&jo.id),
        SignInState::SignedIn { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_sts_shares_renews_what_can_be_renewed() {
    let (first, second) = (
        given("AssumeRole", "ASIA1", BEGAN),
        given("AssumeRole", "ASIA2", BEGAN),
    );
    let no = refused("InvalidClientTokenId", "The security token is invalid");
    let config = mfa_config().replace(&format!("mfa_serial = {SERIAL}\n"), "");
    let world = World::new(
        &config,
        &[
            (200, &first),
            (403, &no),
            (403, &no),
            (200, &second),
            (403, &no),
            (403, &no),
        ],
    );
    let a = profile("a");
    let session = world.aws.session(&a, None).await.expect("a session");
    let alias = session.account_alias().await;
    assert!(
        matches!(alias, Err(AppError::CredentialsRefused { .. })),
        "{alias:?}"
    );
    assert_eq!(world.sent()[4].signed_by, "ASIA2");
    assert_eq!(world.actions()[5], "GetCallerIdentity");
    assert!(matches!(
        world.aws.sign_in_state(&a.id),
        SignInState::Failed { .. }
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn a_programs_key_that_was_replaced_is_fetched_anew_for_the_role_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = folder.path().join("count").display().to_string();
    let config = format!(
        "[profile p]\ncredential_process = echo run >> {count}; echo \"{{\\\"Version\\\":1,\
         \\\"AccessKeyId\\\":\\\"AKIA$(wc -l < {count} | tr -d ' ')\\\",\\\"SecretAccessKey\\\":\\\"s\\\"}}\"\n\
         [profile r]\nrole_arn = {ROLE}\nsource_profile = p\n"
    );
    let (first, second) = (
        given("AssumeRole", "ASIA1", BEGAN),
        given("AssumeRole", "ASIA2", BEGAN + 3_600),
    );
    let no = refused("InvalidClientTokenId", "The security token is invalid");
    let world = World::new(
        &config,
        &[(200, &first), (403, &no), (200, &second), (200, CALLER)],
    );
    let session = world.aws.session(&profile("r"), None).await;
    let session = session.expect("a session");
    world.clock.pass(3_600);
    session.caller_identity().await.expect("an answer");
    let signers: Vec<String> = world.sent().into_iter().map(|one| one.signed_by).collect();
    assert_eq!(signers, ["AKIA1", "AKIA1", "AKIA2", "ASIA2"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_renewed_ahead_of_time_is_used_to_its_end() {
    let first = given("AssumeRole", "ASIA1", BEGAN);
    let no = refused("AccessDenied", "User is not authorized");
    let config = mfa_config().replace(&format!("mfa_serial = {SERIAL}\n"), "");
    let world = World::new(
        &config,
        &[
            (200, &first),
            (403, &no),
            (200, CALLER),
            (200, CALLER),
            (403, &no),
            (200, CALLER),
            (403, &no),
        ],
    );
    let session = world.aws.session(&profile("a"), None).await;
    let session = session.expect("a session");
    world.clock.pass(3_301);
    for wait in [0, 0, 30] {
        world.clock.pass(wait);
        session.caller_identity().await.expect("an answer");
    }
    let (renew, ask) = ("AssumeRole", "GetCallerIdentity");
    assert_eq!(world.actions(), [renew, renew, ask, ask, renew, ask]);
    world.clock.pass(3_600);
    let ended = session.caller_identity().await;
    assert!(
        matches!(ended, Err(AppError::RoleRefused { .. })),
        "{ended:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn forgetting_a_connection_leaves_others_what_they_share() {
    let session = given("GetSessionToken", "ASIASESSION", BEGAN);
    let assumed = given("AssumeRole", "ASIAA", BEGAN);
    let world = World::new(&mfa_config(), &[(200, &session), (200, &assumed)]);
    let (jo, a) = (profile("jo"), profile("a"));
    let person = async {
        let asked = world.asked().await;
        world
            .aws
            .answer_mfa_request(&asked.id, code("123456"))
            .await
    };
    let (session, answered) = tokio::join!(world.aws.session(&jo, None), person);
    assert!(session.is_ok() && answered.is_ok());
    for _ in 0..2 {
        assert!(world.aws.session(&a, None).await.is_ok());
        world.aws.forget(&a.id);
    }
    assert_eq!(
        world.actions(),
        ["GetSessionToken", "AssumeRole", "AssumeRole"]
    );
}
