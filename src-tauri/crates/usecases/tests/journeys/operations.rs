//! Operations beside each other, and what happens around them while they are open.

use ownkey_model::{
    AppError, KeySpec, Operation, OperationId, OperationQuery, OperationState, Step,
};
use ownkey_usecases::{
    apply_upload, finish_operation, list_operations, plan_upload, remove_registration,
    undo_operation,
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
