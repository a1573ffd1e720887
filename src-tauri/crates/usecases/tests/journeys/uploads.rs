//! Uploading: from the form to the enabled key, and what stops on the way.

use ownkey_model::{
    AppError, Field, KeySpec, KeyState, MaterialChoice, Operation, OperationId, OperationState,
    Partition, Plan, PolicyDraft, Proof, Result, Step, StepOutcome, StepState, Tag, UploadDraft,
};
use ownkey_usecases::{
    apply_upload, describe_key, finish_operation, list_materials, plan_upload, undo_operation,
};
use tokio_util::sync::CancellationToken;

use crate::world::{World, sandbox_id};

pub(crate) fn draft(spec: KeySpec, alias: &str) -> UploadDraft {
    UploadDraft {
        registration: sandbox_id(),
        region: "eu-central-1".into(),
        material: MaterialChoice::Generate,
        spec: spec.as_str().into(),
        usage: spec.usages()[0].as_str().into(),
        alias: alias.into(),
        description: "Made by a journey".into(),
        tags: vec![],
        multi_region: false,
        key_expiration: false,
        valid_to: None,
        policy: PolicyDraft::default(),
    }
}

pub(crate) async fn planned(world: &World, draft: &UploadDraft) -> Result<Plan> {
    let id = OperationId(format!("operation-{}", draft.alias));
    plan_upload(&world.cx, id, draft.clone()).await
}

pub(crate) async fn uploaded(world: &World, draft: &UploadDraft) -> Result<Operation> {
    uploaded_as(world, &format!("operation-{}", draft.alias), draft).await
}

pub(crate) async fn uploaded_as(world: &World, id: &str, draft: &UploadDraft) -> Result<Operation> {
    let plan = plan_upload(&world.cx, OperationId(id.into()), draft.clone()).await?;
    let go = CancellationToken::new();
    apply_upload(&world.cx, draft.clone(), plan, &|_| {}, &go).await
}

/// A key with material of OwnKey's own making.
pub(crate) async fn made(world: &World, spec: KeySpec, alias: &str) -> Operation {
    let operation = uploaded(world, &draft(spec, alias)).await.expect("begun");
    assert_eq!(operation.state, OperationState::Finished, "{operation:?}");
    operation
}

/// An upload that was stopped after its first step of a kind.
pub(crate) async fn stopped_after(
    world: &World,
    draft: &UploadDraft,
    is_last: fn(&Step) -> bool,
) -> Operation {
    let plan = planned(world, draft).await.expect("planned");
    let cancel = CancellationToken::new();
    let watch = |operation: Operation| {
        let mut done = operation.steps.iter();
        if done.any(|one| one.state == StepState::Done && is_last(&one.step)) {
            cancel.cancel();
        }
    };
    let stopped = apply_upload(&world.cx, draft.clone(), plan, &watch, &cancel)
        .await
        .expect("stopped");
    assert_eq!(stopped.state, OperationState::Open);
    stopped
}

#[tokio::test]
async fn material_of_every_kind_becomes_an_enabled_key_that_is_proved() {
    let world = World::company().await;
    for spec in KeySpec::ALL {
        let draft = draft(spec, &format!("journey/{spec}"));
        let operation = uploaded(&world, &draft).await.expect("uploaded");
        assert_eq!(
            operation.state,
            OperationState::Finished,
            "{spec}: {:?}",
            operation.error
        );
        let proof = operation.steps.iter().find_map(|step| match step.outcome {
            Some(StepOutcome::Proved { proof }) => Some(proof),
            _ => None,
        });
        let expected = match spec.byte_length(Partition::Aws) {
            None => Proof::PublicKey,
            Some(_) if spec == KeySpec::SymmetricDefault => Proof::State,
            Some(_) => Proof::Mac,
        };
        assert_eq!(proof, Some(expected), "{spec}");
        let key = operation.key.expect("made");
        let shown = describe_key(&world.cx, key).await.expect("in the list");
        assert_eq!(shown.row.state, KeyState::Enabled);
        assert_eq!(shown.aliases, [format!("alias/journey/{spec}")]);
        assert_eq!(shown.row.tags, []);
    }
    let materials = list_materials(&world.cx).await.expect("listed");
    assert_eq!(materials.len(), KeySpec::ALL.len());
    for material in materials {
        assert_eq!(material.places.len(), 1);
        assert!(material.backups[0].verified_at.is_some());
    }
}

#[tokio::test]
async fn the_steps_are_those_of_the_promise_in_their_order() {
    let world = World::company().await;
    let upload = UploadDraft {
        tags: vec![Tag {
            key: "team".into(),
            value: "payments".into(),
        }],
        ..draft(KeySpec::SymmetricDefault, "ordered")
    };
    let operation = uploaded(&world, &upload).await.expect("uploaded");
    let words: Vec<String> = operation
        .steps
        .iter()
        .map(|one| {
            assert_eq!(one.state, StepState::Done);
            let step = serde_json::to_value(&one.step).expect("JSON");
            step["step"].as_str().expect("a word").to_owned()
        })
        .collect();
    assert_eq!(
        words,
        [
            "sealMaterial",
            "backUpMaterial",
            "createKey",
            "importMaterial",
            "awaitEnabled",
            "verifyMaterial",
            "tagKey",
            "createAlias",
            "removeOperationTag"
        ]
    );
    let changing: Vec<String> = world
        .sandbox
        .calls()
        .into_iter()
        .map(|call| call.operation)
        .filter(|one| !one.starts_with("List") && !one.starts_with("Describe"))
        .collect();
    let order = [
        "CreateKey",
        "GetParametersForImport",
        "ImportKeyMaterial",
        "TagResource",
        "CreateAlias",
        "UntagResource",
    ];
    let made: Vec<&str> = changing
        .iter()
        .map(String::as_str)
        .filter(|one| order.contains(one))
        .collect();
    assert_eq!(made, order);
}

#[tokio::test]
async fn a_key_can_wait_for_its_material() {
    let world = World::company().await;
    let later = UploadDraft {
        material: MaterialChoice::Later,
        ..draft(KeySpec::SymmetricDefault, "later")
    };
    let operation = uploaded(&world, &later).await.expect("made");
    assert_eq!(operation.state, OperationState::Finished);
    let key = operation.key.expect("made");
    let shown = describe_key(&world.cx, key).await.expect("in the list");
    assert_eq!(shown.row.state, KeyState::PendingImport);
}

#[tokio::test]
async fn an_alias_that_is_taken_is_told_before_anything_is_begun() {
    let world = World::company().await;
    uploaded(&world, &draft(KeySpec::Hmac256, "taken"))
        .await
        .expect("the first");
    let calls = world.sandbox.calls().len();
    let refused = planned(&world, &draft(KeySpec::Hmac256, "taken")).await;
    assert!(
        matches!(&refused, Err(AppError::AliasTaken { alias, key: Some(_) }) if alias == "alias/taken"),
        "{refused:?}"
    );
    let asked: Vec<_> = world.sandbox.calls().split_off(calls);
    assert!(asked.iter().all(|call| call.operation != "CreateKey"));
}

#[tokio::test]
async fn a_plan_that_no_longer_holds_is_not_carried_out() {
    let world = World::company().await;
    let first = draft(KeySpec::Hmac256, "changed");
    let plan = planned(&world, &first).await.expect("planned");
    let other = UploadDraft {
        description: "Something else".into(),
        ..first
    };
    let refused = apply_upload(&world.cx, other, plan, &|_| {}, &CancellationToken::new()).await;
    assert!(
        matches!(&refused, Err(AppError::PlanChanged { differences }) if differences.len() == 1),
        "{refused:?}"
    );
}

#[tokio::test]
async fn cancelling_stops_between_steps_and_finishing_goes_on() {
    let world = World::company().await;
    let upload = draft(KeySpec::Hmac256, "cancelled");
    let stopped = stopped_after(&world, &upload, |step| {
        matches!(step, Step::CreateKey { .. })
    })
    .await;
    assert_eq!(stopped.error, None);
    assert!(matches!(
        stopped.steps.iter().find(|one| one.state == StepState::Waiting),
        Some(step) if matches!(step.step, Step::ImportMaterial { .. })
    ));
    let finished = finish_operation(&world.cx, stopped.id, &|_| {}, &CancellationToken::new())
        .await
        .expect("finished");
    assert_eq!(finished.state, OperationState::Finished);
    assert_eq!(finished.key, stopped.key);
}

#[tokio::test]
async fn undoing_removes_the_key_and_keeps_the_material() {
    let world = World::company().await;
    let upload = draft(KeySpec::Hmac256, "undone");
    let stopped = stopped_after(&world, &upload, |step| {
        matches!(step, Step::CreateAlias { .. })
    })
    .await;
    let go = CancellationToken::new();
    let refused = undo_operation(&world.cx, stopped.id.clone(), "", &|_| {}, &go).await;
    assert_eq!(
        refused,
        Err(AppError::NotConfirmed {
            expected: "alias/undone".into()
        })
    );
    let undone = undo_operation(&world.cx, stopped.id, "alias/undone", &|_| {}, &go)
        .await
        .expect("undone");
    assert_eq!(undone.state, OperationState::Undone, "{:?}", undone.error);
    let shown = describe_key(&world.cx, undone.key.expect("known"))
        .await
        .expect("in the list");
    assert_eq!(shown.row.state, KeyState::PendingDeletion);
    assert_eq!(shown.aliases, Vec::<String>::new());
    let materials = list_materials(&world.cx).await.expect("listed");
    assert_eq!(materials.len(), 1);
    assert!(materials[0].places[0].removed_at.is_some());
    // An operation's name is used once; the alias is free again.
    let used = planned(&world, &upload).await.expect("planned");
    let refused = apply_upload(&world.cx, upload.clone(), used, &|_| {}, &go).await;
    assert!(
        matches!(refused, Err(AppError::NameTaken { .. })),
        "{refused:?}"
    );
    let again = uploaded_as(&world, "another", &upload).await;
    assert_eq!(again.expect("uploaded").state, OperationState::Finished);
}

#[tokio::test]
async fn a_locked_keychain_is_told_before_anything_is_begun() {
    let world = World::company().await;
    world.vault.lock_up(true);
    let refused = planned(&world, &draft(KeySpec::Hmac256, "locked")).await;
    assert_eq!(refused, Err(AppError::KeychainLocked));
}

#[tokio::test]
async fn what_is_wrong_with_the_form_is_told_at_its_field() {
    let world = World::company().await;
    let wrong = UploadDraft {
        key_expiration: true,
        valid_to: Some("2001-01-01T00:00:00Z".into()),
        ..draft(KeySpec::Hmac256, "late")
    };
    let refused = planned(&world, &wrong).await;
    assert!(matches!(
        refused,
        Err(AppError::InvalidInput {
            field: Field::ValidTo,
            ..
        })
    ));
}
