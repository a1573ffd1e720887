//! Roles: what is sent to assume them, when their sessions are renewed, and what a refusal says.

use ownkey_model::{AppError, Connection, ConnectionKind, SignInState};

use super::{BEGAN, CALLER, ROLE, World, connection, given, profile, refused, role};

fn over_sandbox(external_id: Option<&str>) -> Connection {
    Connection {
        role: Some(role(external_id)),
        ..connection(ConnectionKind::Sandbox)
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_with_its_external_id_and_a_readable_name() {
    let assumed = given("AssumeRole", "ASIAOPS", BEGAN);
    let world = World::new("", &[(200, &assumed), (200, CALLER)]);
    let session = world.aws.session(&over_sandbox(Some("x-1")), None).await;
    let session = session.expect("a session");
    session.caller_identity().await.expect("an answer");
    let sent = world.sent();
    for part in [
        "Action=AssumeRole&",
        "ExternalId=x-1",
        "RoleSessionName=ownkey-Ops-team",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2FOps",
    ] {
        assert!(sent[0].body.contains(part), "{part} in {sent:?}");
    }
    assert!(!sent[0].body.contains("DurationSeconds"));
    assert_eq!(
        (sent[0].signed_by.as_str(), sent[1].signed_by.as_str()),
        ("test", "ASIAOPS")
    );
    let end = session.expires_at().expect("a session ends");
    assert_eq!(end.unix_seconds(), BEGAN + 3_600);
}

#[tokio::test(start_paused = true)]
async fn a_refused_role_names_who_asked_and_whether_an_external_id_was_given() {
    let no = refused("AccessDenied", "User is not authorized");
    let world = World::new("", &[(403, &no)]);
    let over = over_sandbox(Some("x-1"));
    let error = world.aws.session(&over, None).await.map(drop);
    let expected = |request_id: &Option<String>| AppError::RoleRefused {
        role: ROLE.into(),
        from: "Ops team".into(),
        external_id_given: true,
        cause: "User is not authorized".into(),
        request_id: request_id.clone(),
    };
    let Err(found @ AppError::RoleRefused { request_id, .. }) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(*found, expected(request_id));
    assert!(matches!(
        world.aws.sign_in_state(&over.id),
        SignInState::Failed { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_only_tried_leaves_no_trace() {
    let assumed = given("AssumeRole", "ASIAOPS", BEGAN);
    let world = World::new("", &[(200, &assumed)]);
    let over = over_sandbox(None);
    let tried = world.aws.try_session(&over, None, None).await;
    assert!(tried.is_ok());
    assert_eq!(world.aws.sign_in_state(&over.id), SignInState::NotYet);
    // What it was given is not asked for twice.
    let saved = world.aws.session(&over, None).await;
    assert!(saved.is_ok());
    assert_eq!(world.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_session_near_its_end_is_renewed_once_for_all_who_need_it() {
    let first = given("AssumeRole", "ASIA1", BEGAN);
    let second = given("AssumeRole", "ASIA2", BEGAN + 3_400);
    let world = World::new("", &[(200, &first), (200, &second), (200, CALLER)]);
    let session = world.aws.session(&over_sandbox(None), None).await;
    let session = session.expect("a session");
    world.clock.pass(3_301);
    let (one, other) = tokio::join!(session.caller_identity(), session.caller_identity());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(
        world.actions(),
        [
            "AssumeRole",
            "AssumeRole",
            "GetCallerIdentity",
            "GetCallerIdentity"
        ]
    );
    assert_eq!(world.sent()[3].signed_by, "ASIA2");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_aws_no_longer_takes_is_renewed_and_the_call_repeated() {
    let first = given("AssumeRole", "ASIA1", BEGAN);
    let second = given("AssumeRole", "ASIA2", BEGAN);
    let ended = refused("ExpiredToken", "The security token is expired");
    let world = World::new(
        "",
        &[(200, &first), (403, &ended), (200, &second), (200, CALLER)],
    );
    let session = world.aws.session(&over_sandbox(None), None).await;
    let session = session.expect("a session");
    session.caller_identity().await.expect("the second time");
    assert_eq!(world.sent()[3].signed_by, "ASIA2");
}

#[tokio::test(start_paused = true)]
async fn a_forgotten_connection_signs_in_anew() {
    let assumed = given("AssumeRole", "ASIAOPS", BEGAN);
    let world = World::new("", &[(200, &assumed)]);
    let over = over_sandbox(None);
    assert!(world.aws.session(&over, None).await.is_ok());
    world.aws.forget(&over.id);
    assert_eq!(world.aws.sign_in_state(&over.id), SignInState::NotYet);
    assert!(world.aws.session(&over, None).await.is_ok());
    assert_eq!(world.actions(), ["AssumeRole", "AssumeRole"]);
}

#[tokio::test(start_paused = true)]
async fn roles_are_assumed_in_the_order_in_which_they_build_on_each_other() {
    let config = "\
        [profile keys]\naws_access_key_id = AKIA1\naws_secret_access_key = s\n\
        [profile near]\nrole_arn = arn:aws:iam::111111111111:role/Near\nsource_profile = keys\n\
        duration_seconds = 900\nrole_session_name = mine\n\
        [profile far]\nrole_arn = arn:aws:iam::111111111111:role/Far\nsource_profile = near\n";
    let (near, far, over) = (
        given("AssumeRole", "ASIANEAR", BEGAN),
        given("AssumeRole", "ASIAFAR", BEGAN),
        given("AssumeRole", "ASIAOVER", BEGAN),
    );
    let world = World::new(config, &[(200, &near), (200, &far), (200, &over)]);
    let far = profile("far");
    let registered = role(None);
    let session = world.aws.session(&far, Some(&registered)).await;
    assert!(session.is_ok());
    let sent = world.sent();
    let signers: Vec<&str> = sent.iter().map(|one| one.signed_by.as_str()).collect();
    assert_eq!(signers, ["AKIA1", "ASIANEAR", "ASIAFAR"]);
    assert!(sent[0].body.contains("DurationSeconds=900"), "{sent:?}");
    assert!(sent[0].body.contains("RoleSessionName=mine"), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_token_from_a_file_assumes_a_role_without_other_credentials() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token");
    std::fs::write(&file, "ey.token\n").expect("written");
    let config = format!(
        "[profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = {}\n",
        file.display()
    );
    let assumed = given("AssumeRoleWithWebIdentity", "ASIAWEB", BEGAN);
    let world = World::new(&config, &[(200, &assumed), (200, CALLER)]);
    let session = world.aws.session(&profile("web"), None).await;
    let session = session.expect("a session");
    session.caller_identity().await.expect("an answer");
    let sent = world.sent();
    assert!(
        sent[0].body.ends_with("&WebIdentityToken=ey.token"),
        "{sent:?}"
    );
    assert_eq!(
        (sent[0].signed_by.as_str(), sent[1].signed_by.as_str()),
        ("", "ASIAWEB")
    );

    std::fs::remove_file(&file).expect("removed");
    world.clock.pass(3_600);
    let error = session.caller_identity().await;
    assert!(
        matches!(&error, Err(AppError::FileFailed { path, .. }) if *path == file.display().to_string()),
        "{error:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_programs_credentials_are_used_until_they_are_near_their_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let count = folder.path().join("count").display().to_string();
    let config = format!(
        "[profile p]\ncredential_process = echo run >> {count}; echo '{{\"Version\":1,\"AccessKeyId\":\"ASIAPROC\",\
         \"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2027-01-15T09:00:00Z\"}}'\n"
    );
    let world = World::new(&config, &[(200, CALLER)]);
    let runs = || {
        let text = std::fs::read_to_string(&count).expect("it ran");
        text.lines().count()
    };
    let session = world.aws.session(&profile("p"), None).await;
    let session = session.expect("a session");
    session.caller_identity().await.expect("an answer");
    assert_eq!(runs(), 1);
    assert_eq!(world.sent()[0].signed_by, "ASIAPROC");
    world.clock.pass(3_301);
    session.caller_identity().await.expect("an answer");
    assert_eq!(runs(), 2);
}
