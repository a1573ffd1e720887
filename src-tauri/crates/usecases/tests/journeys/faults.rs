//! Answers that are lost, refusals and quotas, at every call that changes something.

use ownkey_model::{
    AppError, KeySpec, Operation, OperationState, PolicyDraft, Result, Step, StepOutcome,
    StepState, Tag, UndoOffer, UploadDraft,
};
use ownkey_sandbox::{Fault, FaultKind, Options};
use ownkey_usecases::{finish_operation, undo_operation};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::uploads::{draft, stopped_after, uploaded};
use crate::world::World;

const REGION: &str = "eu-central-1";

/// The calls of an upload that change something, in their order.
const CHANGING: [&str; 5] = [
    "CreateKey",
    "ImportKeyMaterial",
    "TagResource",
    "CreateAlias",
    "UntagResource",
];

fn tagged(alias: &str) -> UploadDraft {
    UploadDraft {
        tags: vec![Tag {
            key: "team".into(),
            value: "payments".into(),
        }],
        ..draft(KeySpec::Hmac256, alias)
    }
}

async fn finished(world: &World, operation: &Operation) -> Result<Operation> {
    let go = CancellationToken::new();
    finish_operation(&world.cx, operation.id.clone(), &|_| {}, &go).await
}

/// The finished key is as asked for, and there is one of it.
async fn expect_whole(world: &World, operation: &Operation, what: &str) {
    assert_eq!(
        (operation.state, &operation.error),
        (OperationState::Finished, &None),
        "{what}"
    );
    let key = operation.key.as_ref().expect("made").as_str();
    let told = world
        .ask(REGION, "DescribeKey", json!({ "KeyId": key }))
        .await
        .expect("there");
    assert_eq!(told["KeyMetadata"]["KeyState"], "Enabled", "{what}");
    let tags = world
        .ask(REGION, "ListResourceTags", json!({ "KeyId": key }))
        .await
        .expect("there");
    let expected = json!([{ "TagKey": "team", "TagValue": "payments" }]);
    assert_eq!(tags["Tags"], expected, "{what}");
    let alias = operation.alias.as_ref().expect("asked for").as_str();
    let named = world
        .ask(REGION, "DescribeKey", json!({ "KeyId": alias }))
        .await
        .expect("there");
    assert_eq!(named["KeyMetadata"]["Arn"], key, "{what}");
}

/// Every upload meets the fault once, at another call each time; all are to come to their end by
/// themselves, with one key each.
async fn each_call_meets(kind: FaultKind) {
    let world = World::company().await;
    for (turn, call) in CHANGING.into_iter().enumerate() {
        world.sandbox.inject(Fault::nth("kms", call, 1, kind));
        let operation = uploaded(&world, &tagged(&format!("met/{call}")))
            .await
            .expect("begun");
        expect_whole(&world, &operation, call).await;
        assert_eq!(world.done("CreateKey"), turn + 1, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_second_key() {
    each_call_meets(FaultKind::DropAnswer).await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_lost_is_sent_again() {
    each_call_meets(FaultKind::Close).await;
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out() {
    each_call_meets(FaultKind::Throttle).await;
}

#[tokio::test(start_paused = true)]
async fn what_went_wrong_inside_aws_is_asked_again() {
    each_call_meets(FaultKind::InternalError).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_tells_by_what_the_step_was_found() {
    let world = World::company().await;
    for call in ["CreateKey", "ImportKeyMaterial", "CreateAlias"] {
        let lost = Fault::nth("kms", call, 1, FaultKind::DropAnswer);
        world.sandbox.inject(lost);
    }
    let operation = uploaded(&world, &tagged("found")).await.expect("begun");
    expect_whole(&world, &operation, "found").await;
    let outcome = |wanted: fn(&Step) -> bool| {
        let mut steps = operation.steps.iter();
        steps
            .find(|one| wanted(&one.step))
            .and_then(|one| one.outcome.clone())
    };
    assert!(matches!(
        outcome(|step| matches!(step, Step::CreateKey { .. })),
        Some(StepOutcome::KeyMade { found: true, .. })
    ));
    assert!(matches!(
        outcome(|step| matches!(step, Step::CreateAlias { .. })),
        Some(StepOutcome::FoundDone)
    ));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_allowed_stands_in_the_operation_and_finishing_goes_on_once_it_is() {
    let world = World::company().await;
    let calls = [
        "CreateKey",
        "GetParametersForImport",
        "ImportKeyMaterial",
        "TagResource",
        "CreateAlias",
        "UntagResource",
    ];
    for (turn, call) in calls.into_iter().enumerate() {
        let denied = Fault::every("kms", call, FaultKind::AccessDenied);
        world.sandbox.inject(denied);
        let stopped = uploaded(&world, &tagged(&format!("denied/{call}")))
            .await
            .expect("begun");
        assert_eq!(stopped.state, OperationState::Open, "{call}");
        assert!(
            matches!(&stopped.error, Some(AppError::AccessDenied { action, .. })
                if *action == format!("kms:{call}")),
            "{call}: {:?}",
            stopped.error
        );
        let mut refused = stopped.steps.iter();
        let refused = refused.find(|one| one.state == StepState::Refused);
        assert_eq!(refused.expect("one").error, stopped.error, "{call}");
        let still = finished(&world, &stopped).await.expect("tried");
        assert_eq!(still.state, OperationState::Open, "{call}");
        world.sandbox.clear_faults();
        let ended = finished(&world, &stopped).await.expect("finished");
        expect_whole(&world, &ended, call).await;
        assert!(stopped.key.is_none() || stopped.key == ended.key, "{call}");
        assert_eq!(world.done("CreateKey"), turn + 1, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_proof_that_is_not_allowed_is_told_and_stops_nothing() {
    let world = World::company().await;
    let denied = Fault::every("kms", "GenerateMac", FaultKind::AccessDenied);
    world.sandbox.inject(denied);
    let operation = uploaded(&world, &tagged("unproved")).await.expect("begun");
    expect_whole(&world, &operation, "unproved").await;
    assert!(operation.steps.iter().any(|one| matches!(
        one.outcome,
        Some(StepOutcome::NotProved {
            error: AppError::AccessDenied { .. }
        })
    )));
}

#[tokio::test(start_paused = true)]
async fn while_nobody_answers_the_operation_waits_and_says_why() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::every("kms", "CreateAlias", FaultKind::Close));
    let stopped = uploaded(&world, &tagged("silent")).await.expect("begun");
    assert_eq!(stopped.state, OperationState::Open);
    assert!(
        matches!(stopped.error, Some(AppError::EndpointUnreachable { .. })),
        "{:?}",
        stopped.error
    );
    assert!(stopped.steps.iter().any(|one| {
        matches!(one.step, Step::CreateAlias { .. }) && one.state == StepState::Asked
    }));
    world.sandbox.clear_faults();
    let ended = finished(&world, &stopped).await.expect("finished");
    expect_whole(&world, &ended, "silent").await;
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_refused_stands_in_the_operation_and_makes_no_second_key() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::nth("kms", "CreateKey", 1, FaultKind::DropAnswer));
    world
        .sandbox
        .inject(Fault::every("kms", "ListKeys", FaultKind::AccessDenied));
    let stopped = uploaded(&world, &tagged("unseen")).await.expect("begun");
    assert_eq!((stopped.state, &stopped.key), (OperationState::Open, &None));
    assert!(
        matches!(&stopped.error, Some(AppError::AccessDenied { action, .. }) if action == "kms:ListKeys"),
        "{:?}",
        stopped.error
    );
    let still = finished(&world, &stopped).await.expect("tried");
    assert!(matches!(still.error, Some(AppError::AccessDenied { .. })));
    assert_eq!(world.done("CreateKey"), 1);
    world.sandbox.clear_faults();
    let ended = finished(&world, &stopped).await.expect("finished");
    expect_whole(&world, &ended, "unseen").await;
    assert_eq!(world.done("CreateKey"), 1);
}

#[tokio::test(start_paused = true)]
async fn undoing_survives_lost_answers_and_refusals() {
    let world = World::company().await;
    for (call, kind) in [
        ("DeleteAlias", FaultKind::DropAnswer),
        ("ScheduleKeyDeletion", FaultKind::DropAnswer),
        ("DeleteAlias", FaultKind::AccessDenied),
        ("ScheduleKeyDeletion", FaultKind::AccessDenied),
    ] {
        let alias = format!("undone/{call}/{kind:?}");
        let stopped = stopped_after(&world, &tagged(&alias), |step| {
            matches!(step, Step::CreateAlias { .. })
        })
        .await;
        world.sandbox.inject(Fault::nth("kms", call, 1, kind));
        let go = CancellationToken::new();
        let typed = format!("alias/{alias}");
        let mut undone = undo_operation(&world.cx, stopped.id.clone(), &typed, &|_| {}, &go)
            .await
            .expect("begun");
        if kind == FaultKind::AccessDenied {
            assert_eq!(undone.state, OperationState::Undoing, "{alias}");
            assert!(matches!(undone.error, Some(AppError::AccessDenied { .. })));
            undone = finished(&world, &stopped).await.expect("goes on undoing");
        }
        assert_eq!(undone.state, OperationState::Undone, "{alias}");
        let key = undone.key.expect("known").to_string();
        let told = world
            .ask(REGION, "DescribeKey", json!({ "KeyId": key }))
            .await
            .expect("there");
        assert_eq!(told["KeyMetadata"]["KeyState"], "PendingDeletion");
        let named = world
            .ask(REGION, "DescribeKey", json!({ "KeyId": typed }))
            .await;
        assert_eq!(named, Err("NotFoundException".into()), "{alias}");
        assert_eq!(undone.undo, None::<UndoOffer>);
    }
}

#[tokio::test]
async fn an_import_token_that_ran_out_is_replaced_without_asking() {
    let options = Options {
        randomness: Some(1),
        ..Options::default()
    };
    let world = World::twisted(options, |sandbox, target, body| {
        let mut asked = sandbox.calls();
        asked.retain(|call| call.operation == "GetParametersForImport");
        if target.ends_with(".GetParametersForImport") && asked.len() == 1 {
            sandbox.advance(std::time::Duration::from_secs(25 * 3_600));
        }
        body
    })
    .await;
    let operation = uploaded(&world, &tagged("slow")).await.expect("begun");
    expect_whole(&world, &operation, "slow").await;
    let outcomes: Vec<String> = world
        .sandbox
        .calls()
        .into_iter()
        .filter(|call| call.operation == "ImportKeyMaterial")
        .map(|call| call.outcome)
        .collect();
    assert_eq!(outcomes, ["ExpiredImportTokenException", "ok"]);
}

#[tokio::test]
async fn a_policy_that_locks_its_author_out_is_refused_unless_that_check_is_bypassed() {
    let world = World::company().await;
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::111111111111:root" },
            "Action": [
                "kms:Create*", "kms:Describe*", "kms:Get*", "kms:List*", "kms:Generate*",
                "kms:ImportKeyMaterial", "kms:TagResource", "kms:UntagResource", "kms:Schedule*",
            ],
            "Resource": "*",
        }],
    });
    let locking = |alias: &str, bypass_lockout_check| UploadDraft {
        policy: PolicyDraft {
            raw: Some(policy.to_string()),
            basic: None,
            bypass_lockout_check,
        },
        ..tagged(alias)
    };
    let refused = uploaded(&world, &locking("locked", false))
        .await
        .expect("begun");
    assert!(
        matches!(refused.error, Some(AppError::PolicyLocksOut { .. })),
        "{:?}",
        refused.error
    );
    assert_eq!(refused.undo, Some(UndoOffer::Close));
    let go = CancellationToken::new();
    let closed = undo_operation(&world.cx, refused.id, "", &|_| {}, &go).await;
    assert_eq!(closed.expect("closed").state, OperationState::Undone);
    assert_eq!(world.done("CreateKey"), 0);
    let bypassed = uploaded(&world, &locking("bypassed", true))
        .await
        .expect("begun");
    expect_whole(&world, &bypassed, "bypassed").await;
    assert_eq!(world.done("CreateKey"), 1);
}
