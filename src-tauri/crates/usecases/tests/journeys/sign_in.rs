//! Signing in: codes that a person types, roles over a connection, sessions that run out.

use ownkey_model::{
    AppError, Change, Connection, ConnectionDraft, ConnectionId, ConnectionKindDraft,
    ConnectionReport, Field, RegistrationDraft, Result, RoleDraft, SignInState, SyncOutcome,
    Wanted,
};
use ownkey_sandbox::{
    AUDITOR_KEY_ID, EXTERNAL_ID, Fault, FaultKind, MFA_USER_KEY_ID, SECRET_ACCESS_KEY,
};
use ownkey_usecases::{
    cancel_sign_in_request, list_connections, list_sign_in_requests, read_account,
    register_account, synchronise, test_connection,
};
use tokio_util::sync::CancellationToken;

use crate::typing::{
    OTHER_ROLE, access_key_draft, code_shown_in, registration_draft, role_draft, shown_code,
    wrong_code,
};
use crate::world::World;

const DEVICE: &str = "arn:aws:iam::111111111111:mfa/priya.nair";
/// May be assumed after a code only.
const BREAK_GLASS: &str = "arn:aws:iam::111111111111:role/BreakGlass";

/// An access key whose owner has an MFA device.
async fn with_device(world: &World, url: &str, name: &str) -> ConnectionDraft {
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    ConnectionDraft {
        kind: ConnectionKindDraft::AccessKey {
            access_key_id: MFA_USER_KEY_ID.into(),
            secret: Some(secret),
            mfa_serial: DEVICE.into(),
        },
        role: role_draft(BREAK_GLASS, ""),
        ..access_key_draft(name, url, MFA_USER_KEY_ID, None)
    }
}

async fn kept_with_device(world: &World, name: &str) -> Connection {
    let url = world.listening().await;
    let draft = with_device(world, &url, name).await;
    world.added(&draft).await.expect("kept")
}

async fn account_over(world: &World, connection: &Connection) -> Result<ConnectionReport> {
    read_account(&world.cx, connection.id.clone(), &RoleDraft::default()).await
}

async fn standing(world: &World, connection: &ConnectionId) -> SignInState {
    let all = list_connections(&world.cx).await.expect("listed");
    let found = all.into_iter().find(|one| one.connection.id == *connection);
    found.expect("it is there").sign_in
}

fn refusal(answered: Result<()>) -> String {
    match answered {
        Err(AppError::InvalidInput {
            field: Field::MfaCode,
            reason,
        }) => reason,
        other => panic!("{other:?}"),
    }
}

fn asked_times(world: &World, operation: &str) -> usize {
    let calls = world.sandbox.calls().into_iter();
    calls.filter(|call| call.operation == operation).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_code_signs_in() {
    let world = World::company().await;
    let priya = kept_with_device(&world, "Priya").await;
    let answering = async {
        let request = world.asked().await;
        assert_eq!(request.connection, "Priya");
        let serial = DEVICE.into();
        assert_eq!(request.wanted, Wanted::MfaCode { serial });
        world.answer(&request, &shown_code()).await
    };
    let (report, answered) = tokio::join!(account_over(&world, &priya), answering);
    assert_eq!(answered, Ok(()));
    let report = report.expect("signed in");
    let caller = "arn:aws:sts::111111111111:assumed-role/BreakGlass/";
    assert!(report.caller_arn.starts_with(caller), "{report:?}");
    assert!(report.expires_at.is_some());
    assert_eq!(list_sign_in_requests(&world.cx), []);
    assert!(matches!(
        standing(&world, &priya.id).await,
        SignInState::SignedIn { until: Some(_) }
    ));
    let told = world.changes.lock().expect("no panic").clone();
    assert!(told.contains(&Change::SignIns) && told.contains(&Change::Connections));
    // The session is there: nobody is asked again.
    account_over(&world, &priya).await.expect("still signed in");
    assert_eq!(asked_times(&world, "GetSessionToken"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_asked_for_again() {
    let world = World::company().await;
    let priya = kept_with_device(&world, "Priya").await;
    let answering = async {
        let first = world.asked().await;
        let said = refusal(world.answer(&first, "123").await);
        assert!(said.contains("6 digits"), "{said}");
        let said = refusal(world.answer(&first, &wrong_code()).await);
        assert!(said.contains("MultiFactorAuthentication failed"), "{said}");
        assert_eq!(world.asked().await, first, "it is still open");
        let answered = world.answer(&first, &shown_code()).await;
        (first, answered)
    };
    let (report, (request, answered)) = tokio::join!(account_over(&world, &priya), answering);
    assert_eq!(answered, Ok(()));
    let late = world.answer(&request, &shown_code()).await;
    assert!(matches!(late, Err(AppError::NotFound { .. })), "{late:?}");
    assert!(report.is_ok(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_not_given_ends_what_waits_for_it() {
    let world = World::company().await;
    let priya = kept_with_device(&world, "Priya").await;
    let giving_up = async {
        let request = world.asked().await;
        cancel_sign_in_request(&world.cx, &request.id);
    };
    let (report, ()) = tokio::join!(account_over(&world, &priya), giving_up);
    assert_eq!(report, Err(AppError::SignInCancelled));
    assert_eq!(list_sign_in_requests(&world.cx), []);
    assert_eq!(
        standing(&world, &priya.id).await,
        SignInState::Failed {
            error: AppError::SignInCancelled
        }
    );
    assert_eq!(asked_times(&world, "GetSessionToken"), 0);
    // Who tries again is asked again.
    let answering = async {
        let request = world.asked().await;
        world.answer(&request, &shown_code()).await
    };
    let (report, _) = tokio::join!(account_over(&world, &priya), answering);
    assert!(report.is_ok(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_is_enough_for_all_that_share_the_device() {
    let world = World::company().await;
    let url = world.listening().await;
    let one = with_device(&world, &url, "One").await;
    let one = world.added(&one).await.expect("kept");
    let two = ConnectionDraft {
        role: RoleDraft::default(),
        ..with_device(&world, &url, "Two").await
    };
    let two = world.added(&two).await.expect("kept");
    let answering = async {
        let request = world.asked().await;
        world.answer(&request, &shown_code()).await
    };
    let (first, second, answered) = tokio::join!(
        account_over(&world, &one),
        account_over(&world, &two),
        answering
    );
    assert_eq!(answered, Ok(()));
    assert_eq!(
        second.expect("signed in").caller_arn,
        "arn:aws:iam::111111111111:user/priya.nair"
    );
    assert!(first.is_ok());
    assert_eq!(asked_times(&world, "GetSessionToken"), 1);
    // A third one, later, and only tried.
    let three = with_device(&world, &url, "Three").await;
    let tried = test_connection(&world.cx, &three, None).await;
    assert!(tried.is_ok(), "{tried:?}");
    assert_eq!(asked_times(&world, "GetSessionToken"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_again_when_the_session_of_the_code_runs_out() {
    let world = World::company().await;
    let priya = kept_with_device(&world, "Priya").await;
    let signed_in = async |code: String| {
        let answering = async {
            let request = world.asked().await;
            world.answer(&request, &code).await
        };
        let (report, answered) = tokio::join!(account_over(&world, &priya), answering);
        answered.expect("taken along");
        report.expect("signed in")
    };
    signed_in(shown_code()).await;
    // The role's hour ends, and is renewed with the session that the code began.
    world.advance_minutes(3 * 60);
    assert_eq!(standing(&world, &priya.id).await, SignInState::NotYet);
    account_over(&world, &priya).await.expect("renewed");
    assert_eq!(asked_times(&world, "GetSessionToken"), 1);
    world.advance_minutes(36 * 60);
    // The device shows another code by then.
    signed_in(code_shown_in(30)).await;
    assert_eq!(asked_times(&world, "GetSessionToken"), 2);
    let refused = world.sandbox.calls().into_iter();
    let refused: Vec<_> = refused.filter(|call| call.outcome != "ok").collect();
    assert_eq!(refused, [], "renewed before AWS had to say so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_anew_before_its_session_ends() {
    let world = World::company().await;
    let draft = RegistrationDraft {
        role: role_draft(OTHER_ROLE, EXTERNAL_ID),
        ..registration_draft(
            "Analytics",
            &ConnectionId("sandbox".into()),
            &["us-east-1", "eu-west-1"],
        )
    };
    let registered = register_account(&world.cx, "analytics".into(), &draft)
        .await
        .expect("registered");
    let read = async || {
        let go = CancellationToken::new();
        synchronise(&world.cx, registered.id.clone(), &|_| {}, &go).await
    };
    assert_eq!(asked_times(&world, "AssumeRole"), 1);
    world.advance_minutes(50);
    assert_eq!(read().await.expect("read").refusals, []);
    assert_eq!(asked_times(&world, "AssumeRole"), 1, "it lasts an hour");
    world.advance_minutes(6);
    assert_eq!(read().await.expect("read").refusals, []);
    assert_eq!(
        asked_times(&world, "AssumeRole"),
        2,
        "less than five minutes are left"
    );
    world.advance_days(2);
    assert_eq!(read().await.expect("read").refusals, []);
    let calls = world.sandbox.calls();
    assert!(calls.iter().all(|call| call.outcome == "ok"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_aws_ends_early_is_renewed_once_and_the_call_repeated() {
    let world = World::company().await;
    let draft = RegistrationDraft {
        role: role_draft(OTHER_ROLE, EXTERNAL_ID),
        ..registration_draft("Analytics", &ConnectionId("sandbox".into()), &["us-east-1"])
    };
    let registered = register_account(&world.cx, "analytics".into(), &draft)
        .await
        .expect("registered");
    world
        .sandbox
        .inject(Fault::nth("kms", "ListKeys", 1, FaultKind::ExpiredToken));
    let go = CancellationToken::new();
    let report = synchronise(&world.cx, registered.id.clone(), &|_| {}, &go)
        .await
        .expect("read");
    assert_eq!(
        (report.outcome, &report.refusals[..]),
        (SyncOutcome::Complete, &[][..])
    );
    assert_eq!(asked_times(&world, "AssumeRole"), 2);
    // One that ends at once whatever is done is told.
    world
        .sandbox
        .inject(Fault::every("kms", "ListKeys", FaultKind::ExpiredToken));
    let report = synchronise(&world.cx, registered.id, &|_| {}, &go).await;
    let told = match &report {
        Ok(report) => report.error.clone(),
        Err(error) => Some(error.clone()),
    };
    assert!(
        matches!(told, Some(AppError::CredentialsExpired { .. })),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_assume_a_role_is_told_which_and_by_whom() {
    let world = World::company().await;
    let url = world.listening().await;
    let auditor = world.connected("Auditor", &url, AUDITOR_KEY_ID).await;
    let role = role_draft("arn:aws:iam::111111111111:role/KeyAdministrator", "");
    let refused = read_account(&world.cx, auditor.id, &role).await;
    let Err(AppError::RoleRefused {
        role,
        from,
        external_id_given,
        request_id,
        ..
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!(role, "arn:aws:iam::111111111111:role/KeyAdministrator");
    assert_eq!((from.as_str(), external_id_given), ("Auditor", false));
    assert!(request_id.is_some());
    // A role that asks for a code, over a connection that brings none.
    let priya = world.connected("Priya", &url, MFA_USER_KEY_ID).await;
    let refused = read_account(&world.cx, priya.id, &role_draft(BREAK_GLASS, "")).await;
    assert!(
        matches!(refused, Err(AppError::RoleRefused { .. })),
        "{refused:?}"
    );
    assert_eq!(list_sign_in_requests(&world.cx), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_the_registration_is_assumed_with_that_of_its_connection() {
    let world = World::company().await;
    let url = world.listening().await;
    let secret = world.typed(SECRET_ACCESS_KEY).await;
    let draft = ConnectionDraft {
        role: role_draft(
            "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole",
            "",
        ),
        ..access_key_draft("Hop", &url, "test", Some(secret))
    };
    let hop = world.added(&draft).await.expect("kept");
    let over = role_draft("arn:aws:iam::222222222222:role/DataEngineer", "");
    let report = read_account(&world.cx, hop.id.clone(), &over)
        .await
        .expect("signed in");
    let caller = "arn:aws:sts::222222222222:assumed-role/DataEngineer/";
    assert!(report.caller_arn.starts_with(caller), "{report:?}");
    let report = account_over(&world, &hop).await.expect("signed in");
    assert!(report.caller_arn.contains("OrganizationAccountAccessRole"));
}
