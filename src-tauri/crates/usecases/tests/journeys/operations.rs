//! Operations beside each other, and what happens around them while they are open.

use ownkey_model::{
    AppError, ImportDraft, KeySpec, MaterialChoice, Operation, OperationId, OperationQuery,
    OperationState, Step,
};
use ownkey_store::Store;
use ownkey_usecases::{
    Context, apply_import, apply_upload, finish_operation, leave_operation, list_operations,
    open_sandbox, plan_import, plan_upload, remove_registration, synchronise, undo_operation,
};
use tokio_util::sync::CancellationToken;

use crate::uploads::{draft, planned, stopped_after, uploaded};
use crate::world::{World, sandbox_id};

fn made(step: &Step) -> bool {
    matches!(step, Step::CreateKey { .. })
}

async fn open_ones(world: &World) -> Vec<Operation> {
    let query = OperationQuery {
        open_only: true,
        key: None,
        skip: 0,
        limit: 50,
    };
    let page = list_operations(&world.cx, query).await.expect("listed");
    page.operations
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_at_once_make_two_keys() {
    let world = World::company().await;
    let (one, two) = (
        draft(KeySpec::Hmac256, "one"),
        draft(KeySpec::SymmetricDefault, "two"),
    );
    let (one, two) = tokio::join!(uploaded(&world, &one), uploaded(&world, &two));
    let (one, two) = (one.expect("uploaded"), two.expect("uploaded"));
    for operation in [&one, &two] {
        assert_eq!(operation.state, OperationState::Finished, "{operation:?}");
    }
    assert_ne!(one.key, two.key);
    assert_ne!(one.material, two.material);
    assert_eq!(world.done("CreateKey"), 2);
    assert_eq!(open_ones(&world).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_worked_on_once_at_a_time() {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(KeySpec::Hmac256, "twice"), made).await;
    let go = CancellationToken::new();
    let finish = || finish_operation(&world.cx, stopped.id.clone(), &|_| {}, &go);
    let (one, two, undo) = tokio::join!(
        finish(),
        finish(),
        undo_operation(&world.cx, stopped.id.clone(), "", &|_| {}, &go)
    );
    assert_eq!(one.expect("finished").state, OperationState::Finished);
    assert_eq!(two, Err(AppError::OperationRunning));
    assert_eq!(undo, Err(AppError::OperationRunning));
    assert_eq!(world.done("CreateKey"), 1);
    assert_eq!(world.done("ImportKeyMaterial"), 1);
    let closed = finish().await;
    assert_eq!(closed, Err(AppError::OperationClosed));
}

#[tokio::test]
async fn a_plan_in_whose_time_the_world_changed_is_not_carried_out() {
    let world = World::company().await;
    let upload = draft(KeySpec::Hmac256, "shown");
    let shown = planned(&world, &upload).await.expect("planned");
    // The same name was given away meanwhile.
    let mut other = shown.clone();
    other.operation.0 = "another".into();
    let go = CancellationToken::new();
    let first = apply_upload(&world.cx, upload.clone(), other, &|_| {}, &go).await;
    assert_eq!(first.expect("uploaded").state, OperationState::Finished);
    let refused = apply_upload(&world.cx, upload.clone(), shown.clone(), &|_| {}, &go).await;
    assert!(
        matches!(refused, Err(AppError::AliasTaken { .. })),
        "{refused:?}"
    );
    // What was shown was changed on its way.
    let free = draft(KeySpec::Hmac256, "free");
    let mut altered = planned(&world, &free).await.expect("planned");
    altered.steps.remove(1);
    let refused = apply_upload(&world.cx, free, altered, &|_| {}, &go).await;
    assert!(
        matches!(refused, Err(AppError::PlanChanged { .. })),
        "{refused:?}"
    );
    assert_eq!(world.done("CreateKey"), 1);
    assert_eq!(open_ones(&world).await, []);
}

#[tokio::test]
async fn a_registration_stays_as_long_as_an_operation_needs_it() {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(KeySpec::Hmac256, "needed"), made).await;
    let remove = || remove_registration(&world.cx, sandbox_id());
    assert_eq!(remove().await, Err(AppError::OperationsOpen { count: 1 }));
    let go = CancellationToken::new();
    let ended = finish_operation(&world.cx, stopped.id, &|_| {}, &go).await;
    assert_eq!(ended.expect("finished").state, OperationState::Finished);
    assert_eq!(remove().await, Ok(()));
    let query = OperationQuery {
        open_only: false,
        key: None,
        skip: 0,
        limit: 50,
    };
    let page = list_operations(&world.cx, query).await.expect("listed");
    assert_eq!(page.total, 1, "what was done stays on record");
}

#[tokio::test]
async fn an_upload_into_a_region_that_was_not_registered_is_refused() {
    let world = World::company().await;
    let mut elsewhere = draft(KeySpec::Hmac256, "elsewhere");
    elsewhere.region = "cn-north-1".into();
    let refused = plan_upload(&world.cx, OperationId("e".into()), elsewhere).await;
    assert!(
        matches!(refused, Err(AppError::InvalidInput { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_key_that_somebody_else_is_deleting_is_undone() {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(KeySpec::Hmac256, "deleted"), made).await;
    let key = stopped.key.clone().expect("made");
    let body = serde_json::json!({ "KeyId": key, "PendingWindowInDays": 7 });
    world
        .ask(key.region().as_str(), "ScheduleKeyDeletion", body)
        .await
        .expect("the administrator may");
    let go = CancellationToken::new();
    let undone = undo_operation(&world.cx, stopped.id, "", &|_| {}, &go)
        .await
        .expect("undone");
    assert_eq!(undone.state, OperationState::Undone, "{:?}", undone.error);
}

#[tokio::test]
async fn a_key_of_an_open_operation_takes_no_other_import() {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(KeySpec::SymmetricDefault, "half"), made).await;
    let key = stopped.key.clone().expect("made");
    let draft = ImportDraft {
        key: key.clone(),
        material: MaterialChoice::Generate,
        key_expiration: false,
        valid_to: None,
    };
    let refused = plan_import(&world.cx, OperationId("beside".into()), draft).await;
    let key = key.to_string();
    assert_eq!(refused, Err(AppError::KeyInOperation { key }));
}

#[tokio::test]
async fn a_key_that_got_other_material_meanwhile_is_not_taken_for_ours() {
    for spec in [KeySpec::SymmetricDefault, KeySpec::Hmac256] {
        not_taken_for_ours(spec).await;
    }
}

async fn not_taken_for_ours(spec: KeySpec) {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(spec, "theirs"), made).await;
    let key = stopped.key.clone().expect("made");
    // Somebody else imports in the meantime, over another program.
    let other = Context {
        store: Store::open(world.folder.path().join("other").as_path()).expect("a fresh folder"),
        ..world.cx.clone()
    };
    open_sandbox(&other).await.expect("the sandbox answers");
    synchronise(&other, sandbox_id(), &|_| {}, &CancellationToken::new())
        .await
        .expect("read");
    let draft = ImportDraft {
        key: key.clone(),
        material: MaterialChoice::Generate,
        key_expiration: false,
        valid_to: None,
    };
    let go = CancellationToken::new();
    let plan = plan_import(&other, OperationId("other".into()), draft.clone())
        .await
        .expect("planned");
    let imported = apply_import(&other, draft, plan, &|_| {}, &go)
        .await
        .expect("imported");
    assert_eq!(imported.state, OperationState::Finished, "{imported:?}");

    let finished = finish_operation(&world.cx, stopped.id.clone(), &|_| {}, &go)
        .await
        .expect("stopped");
    assert_eq!(finished.state, OperationState::Open);
    assert!(
        matches!(finished.error, Some(AppError::OtherMaterial { .. })),
        "{:?}",
        finished.error
    );
}

#[tokio::test]
async fn an_operation_is_left_as_it_is_by_typing_and_holds_nothing_any_more() {
    let world = World::company().await;
    let stopped = stopped_after(&world, &draft(KeySpec::Hmac256, "left"), made).await;
    let key = stopped.key.clone().expect("made");
    let refused = leave_operation(&world.cx, stopped.id.clone(), "").await;
    let expected = "alias/left".to_owned();
    assert_eq!(refused, Err(AppError::NotConfirmed { expected }));
    let calls = world.sandbox.calls().len();
    let left = leave_operation(&world.cx, stopped.id.clone(), "alias/left")
        .await
        .expect("left");
    assert_eq!(left.state, OperationState::LeftAsIs);
    assert_eq!(world.sandbox.calls().len(), calls, "AWS is asked nothing");
    assert_eq!(open_ones(&world).await, []);
    let go = CancellationToken::new();
    let again = finish_operation(&world.cx, stopped.id, &|_| {}, &go).await;
    assert_eq!(again, Err(AppError::OperationClosed));
    // The key is there and can be given its material by an import of its own.
    let draft = ImportDraft {
        key,
        material: MaterialChoice::Generate,
        key_expiration: false,
        valid_to: None,
    };
    assert!(
        plan_import(&world.cx, OperationId("after".into()), draft)
            .await
            .is_ok()
    );
}
