//! MFA codes: asked for once, again after a wrong one, and not at all once a person gave up.

use ownkey_model::{
    AccessKeyId, AppError, ConnectionKind, Field, MfaSerial, SignInRequestId, SignInState, Wanted,
};

use super::{BEGAN, CALLER, SERIAL, World, code, connection, given, profile, refused};

const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code.";

fn config() -> String {
    format!(
        "[profile jo]\naws_access_key_id = AKIAJO\naws_secret_access_key = s\n\
         [profile a]\nrole_arn = arn:aws:iam::111111111111:role/A\nsource_profile = jo\nmfa_serial = {SERIAL}\n\
         [profile b]\nrole_arn = arn:aws:iam::111111111111:role/B\nsource_profile = jo\nmfa_serial = {SERIAL}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn one_code_serves_all_profiles_that_share_a_device() {
    let session = given("GetSessionToken", "ASIASESSION", BEGAN);
    let (a, b) = (
        given("AssumeRole", "ASIAA", BEGAN),
        given("AssumeRole", "ASIAB", BEGAN),
    );
    let world = World::new(&config(), &[(200, &session), (200, &a), (200, &b)]);
    let person = async {
        let asked = world.asked().await;
        let serial = SERIAL.into();
        assert_eq!(asked.wanted, Wanted::MfaCode { serial });
        assert_eq!(asked.connection, "Ops team");
        world
            .aws
            .answer_mfa_request(&asked.id, code("123456"))
            .await
    };
    let (profile_a, profile_b) = (profile("a"), profile("b"));
    let (one, other, answered) = tokio::join!(
        world.aws.session(&profile_a, None),
        world.aws.session(&profile_b, None),
        person
    );
    assert!(one.is_ok() && other.is_ok() && answered.is_ok());

    let sent = world.sent();
    assert_eq!(
        world.actions(),
        ["GetSessionToken", "AssumeRole", "AssumeRole"]
    );
    assert!(sent[0].body.contains("TokenCode=123456"), "{sent:?}");
    assert_eq!(sent[0].signed_by, "AKIAJO");
    for assumed in &sent[1..] {
        assert_eq!(assumed.signed_by, "ASIASESSION");
        assert!(!assumed.body.contains("TokenCode"), "{assumed:?}");
    }
    assert!(world.aws.sign_in_requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_code_is_asked_for_again_with_the_reason() {
    let wrong = refused("AccessDenied", WRONG);
    let (session, role) = (
        given("GetSessionToken", "ASIASESSION", BEGAN),
        given("AssumeRole", "ASIAA", BEGAN),
    );
    let world = World::new(&config(), &[(403, &wrong), (200, &session), (200, &role)]);
    let person = async {
        let asked = world.asked().await;
        for (tried, begins) in [("12345x", "A code has 6 digits."), ("000000", WRONG)] {
            let answered = world.aws.answer_mfa_request(&asked.id, code(tried)).await;
            assert!(
                matches!(
                    &answered,
                    Err(AppError::InvalidInput { field: Field::MfaCode, reason })
                        if reason.starts_with(begins)
                ),
                "{answered:?}"
            );
            let open = world.aws.sign_in_requests();
            assert_eq!(open, std::slice::from_ref(&asked), "it waits");
        }
        let answered = world
            .aws
            .answer_mfa_request(&asked.id, code("111111"))
            .await;
        answered.expect("taken");
    };
    let profile = profile("a");
    let (session, ()) = tokio::join!(world.aws.session(&profile, None), person);
    assert!(session.is_ok());
    assert!(matches!(
        world.aws.sign_in_state(&profile.id),
        SignInState::SignedIn { until: Some(_) }
    ));
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_not_the_callers_is_named_and_no_other_code_is_asked_for() {
    for (sentence, expected) in [
        (
            "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
            "verify your MFA serial number",
        ),
        ("User is not authorized", "sts:GetSessionToken"),
    ] {
        let no = refused("AccessDenied", sentence);
        let world = World::new(&config(), &[(403, &no)]);
        let person = async {
            let asked = world.asked().await;
            world
                .aws
                .answer_mfa_request(&asked.id, code("123456"))
                .await
        };
        let profile = profile("a");
        let (session, answered) = tokio::join!(world.aws.session(&profile, None), person);
        answered.expect("it waits");
        let error = session.map(drop).expect_err("no session");
        assert!(
            matches!(&error, AppError::SignInFailed { cause }
                if cause.contains(SERIAL) && cause.contains(expected)),
            "{error:?}"
        );
        assert!(error.concerns_all_regions());
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_gives_up_is_told_so_and_nothing_is_sent() {
    let world = World::new(&config(), &[(200, CALLER)]);
    let person = async {
        let asked = world.asked().await;
        world.aws.cancel_sign_in_request(&asked.id);
    };
    let profile = profile("a");
    let (session, ()) = tokio::join!(world.aws.session(&profile, None), person);
    assert_eq!(session.map(drop), Err(AppError::SignInCancelled));
    assert!(world.sent().is_empty() && world.aws.sign_in_requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_request_is_gone_with_whoever_waits() {
    let world = World::new(&config(), &[(200, CALLER)]);
    let profile = profile("a");
    tokio::select! {
        _ = world.aws.session(&profile, None) => panic!("nobody answered"),
        _ = world.asked() => {}
    }
    assert!(world.aws.sign_in_requests().is_empty());
    let late = world
        .aws
        .answer_mfa_request(&SignInRequestId("request-1".into()), code("123456"))
        .await;
    assert!(matches!(late, Err(AppError::NotFound { .. })), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn an_access_key_is_kept_beside_its_id_and_asks_for_its_device() {
    let session = given("GetSessionToken", "ASIASESSION", BEGAN);
    let world = World::new("", &[(200, &session), (200, CALLER)]);
    let kind = |id: &str| ConnectionKind::AccessKey {
        access_key_id: AccessKeyId::parse(id).expect("an id"),
        mfa_serial: Some(MfaSerial::parse(SERIAL).expect("a serial number")),
    };
    let kept = connection(kind("AKIAKEPT"));
    let secret = ownkey_material::Secret::new(b"s3cret".to_vec());
    let done = world.aws.keep_access_key(&kept, secret).await;
    done.expect("a keychain");
    let entry = world.vault.0.lock().expect("not poisoned").clone();
    assert_eq!(entry["c-1/secret-access-key"], b"AKIAKEPT\ns3cret");

    let person = async {
        let asked = world.asked().await;
        world
            .aws
            .answer_mfa_request(&asked.id, code("123456"))
            .await
    };
    let (session, answered) = tokio::join!(world.aws.session(&kept, None), person);
    answered.expect("it waits");
    let caller = session.expect("a session").caller_identity().await;
    caller.expect("an answer");
    assert_eq!(world.sent()[1].signed_by, "ASIASESSION");

    let other = connection(kind("AKIAOTHER"));
    assert_eq!(world.aws.keeps_access_key(&other).await, Ok(false));
    assert_eq!(
        world.aws.session(&other, None).await.map(drop),
        Err(AppError::AccessKeyMissing {
            connection: "Ops team".into()
        })
    );
    let removed = world.aws.remove_access_key(&kept).await;
    removed.expect("a keychain");
    assert_eq!(world.aws.keeps_access_key(&kept).await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_only_tried_is_judged_by_itself() {
    let session = given("GetSessionToken", "ASIASESSION", BEGAN);
    let wrong = refused("InvalidClientTokenId", "The security token is invalid");
    let world = World::new("", &[(200, &session), (403, &wrong)]);
    let tried = connection(ConnectionKind::AccessKey {
        access_key_id: AccessKeyId::parse("AKIATRIED").expect("an id"),
        mfa_serial: Some(MfaSerial::parse(SERIAL).expect("a serial number")),
    });
    for (secret, good) in [("right", true), ("right", true), ("wrong", false)] {
        let secret = ownkey_material::Secret::new(secret.as_bytes().to_vec());
        let before = world.sent().len();
        let trial = world.aws.try_session(&tried, None, Some(secret));
        let outcome = tokio::select! {
            biased;
            outcome = trial => outcome.map(drop),
            never = async {
                loop {
                    let asked = world.asked().await;
                    assert_eq!(asked.connection, "");
                    let answered = world.aws.answer_mfa_request(&asked.id, code("123456")).await;
                    answered.expect("it waits");
                }
            } => never,
        };
        assert_eq!(outcome.is_ok(), good, "{outcome:?}");
        // A session of the same key and secret is not asked for again.
        let again = before > 0 && good;
        assert_eq!(world.sent().len() - before, usize::from(!again));
    }
}
