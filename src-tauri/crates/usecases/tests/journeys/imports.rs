//! Imports into keys that are there: a first one, the same bytes again, another expiry, a replica.

use ownkey_model::{
    AppError, Expiry, Field, ImportDraft, ImportType, KeyArn, KeySpec, KeyState, MaterialChoice,
    Operation, OperationId, OperationState, PlanNote, Result, Step, StepState, Timestamp,
    UndoOffer, UploadDraft,
};
use ownkey_sandbox::{Fault, FaultKind};
use ownkey_usecases::{
    apply_import, check_import, describe_key, finish_operation, list_materials, offer_import,
    plan_import, undo_operation,
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::uploads::{draft, made, uploaded};
use crate::world::World;

const REGION: &str = "eu-central-1";

fn into(key: &KeyArn, material: MaterialChoice, valid_to: Option<String>) -> ImportDraft {
    ImportDraft {
        key: key.clone(),
        material,
        key_expiration: valid_to.is_some(),
        valid_to,
    }
}

fn stored(operation: &Operation) -> MaterialChoice {
    MaterialChoice::Stored {
        id: operation.material.clone().expect("it has one"),
    }
}

async fn imported(world: &World, id: &str, draft: &ImportDraft) -> Result<Operation> {
    let plan = plan_import(&world.cx, OperationId(id.into()), draft.clone()).await?;
    let go = CancellationToken::new();
    apply_import(&world.cx, draft.clone(), plan, &|_| {}, &go).await
}

/// An import that was stopped as soon as AWS held the material.
async fn stopped_import(world: &World, id: &str, draft: &ImportDraft) -> Operation {
    let cancel = CancellationToken::new();
    let watch = |operation: Operation| {
        let mut steps = operation.steps.iter();
        if steps.any(|one| {
            matches!(one.step, Step::ImportMaterial { .. }) && one.state == StepState::Done
        }) {
            cancel.cancel();
        }
    };
    let plan = plan_import(&world.cx, OperationId(id.into()), draft.clone())
        .await
        .expect("planned");
    let stopped = apply_import(&world.cx, draft.clone(), plan, &watch, &cancel)
        .await
        .expect("stopped");
    assert_eq!(stopped.state, OperationState::Open);
    stopped
}

async fn undone(world: &World, operation: &Operation, typed: &str) -> Operation {
    let go = CancellationToken::new();
    undo_operation(&world.cx, operation.id.clone(), typed, &|_| {}, &go)
        .await
        .expect("undone")
}

async fn live(world: &World, key: &KeyArn) -> Value {
    let region = key.region();
    let told = world
        .ask(
            region.as_str(),
            "DescribeKey",
            json!({ "KeyId": key.as_str() }),
        )
        .await;
    told.expect("there")["KeyMetadata"].clone()
}

async fn emptied(world: &World, key: &KeyArn) {
    let input = json!({ "KeyId": key.as_str() });
    world
        .ask(key.region().as_str(), "DeleteImportedKeyMaterial", input)
        .await
        .expect("deleted");
}

/// This time of day, so many days ahead.
fn ahead(world: &World, days: u64) -> Timestamp {
    let now = ownkey_model::Clock::now(&*world.clock);
    now.plus(std::time::Duration::from_secs(days * 86_400))
}

async fn waiting_key(world: &World, spec: KeySpec) -> KeyArn {
    let later = UploadDraft {
        material: MaterialChoice::Later,
        ..draft(spec, &format!("waiting/{spec}"))
    };
    let made = uploaded(world, &later).await.expect("made");
    made.key.expect("made")
}

#[tokio::test]
async fn a_waiting_key_gets_its_first_material_and_undoing_takes_it_out_again() {
    let world = World::company().await;
    for spec in [KeySpec::SymmetricDefault, KeySpec::EccNistP256] {
        let key = waiting_key(&world, spec).await;
        let offer = offer_import(&world.cx, key.clone()).await.expect("offered");
        assert!(!offer.same_bytes_only && !offer.holds_material);
        let first = into(&key, MaterialChoice::Generate, None);
        let stopped = stopped_import(&world, &format!("first/{spec}"), &first).await;
        assert_eq!(live(&world, &key).await["KeyState"], "Enabled");
        let Some(UndoOffer::RemoveMaterial { confirmation, .. }) = &stopped.undo else {
            panic!("{:?}", stopped.undo)
        };
        let undone = undone(&world, &stopped, confirmation).await;
        assert_eq!(undone.state, OperationState::Undone, "{:?}", undone.error);
        assert_eq!(live(&world, &key).await["KeyState"], "PendingImport");
        // The material is kept, and from now on the key takes no other.
        let materials = list_materials(&world.cx).await.expect("listed");
        let kept = materials.iter().find(|one| one.spec == spec);
        assert!(kept.expect("kept").places[0].removed_at.is_some());
        let back = into(&key, stored(&stopped), None);
        let again = imported(&world, &format!("again/{spec}"), &back)
            .await
            .expect("imported");
        assert_eq!(again.state, OperationState::Finished, "{:?}", again.error);
        assert_eq!(live(&world, &key).await["KeyState"], "Enabled");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_undoing_an_import_takes_the_material_out_once() {
    let world = World::company().await;
    let key = waiting_key(&world, KeySpec::Hmac256).await;
    let first = into(&key, MaterialChoice::Generate, None);
    let stopped = stopped_import(&world, "first", &first).await;
    let lost = Fault::nth("kms", "DeleteImportedKeyMaterial", 1, FaultKind::DropAnswer);
    world.sandbox.inject(lost);
    let undone = undone(&world, &stopped, key.key_id()).await;
    assert_eq!(undone.state, OperationState::Undone, "{:?}", undone.error);
    assert_eq!(live(&world, &key).await["KeyState"], "PendingImport");
}

#[tokio::test]
async fn deleted_material_comes_back_from_the_store() {
    let world = World::company().await;
    for spec in [KeySpec::SymmetricDefault, KeySpec::Hmac256] {
        let made = made(&world, spec, &format!("deleted/{spec}")).await;
        let key = made.key.clone().expect("made");
        emptied(&world, &key).await;
        let draft = into(&key, stored(&made), None);
        let id = OperationId(format!("plan/{spec}"));
        let plan = plan_import(&world.cx, id, draft.clone())
            .await
            .expect("planned");
        assert!(
            plan.notes
                .iter()
                .any(|note| matches!(note, PlanNote::SameBytesProved { .. })),
            "{:?}",
            plan.notes
        );
        let back = imported(&world, &format!("back/{spec}"), &draft)
            .await
            .expect("imported");
        assert_eq!(back.state, OperationState::Finished, "{:?}", back.error);
        let shown = describe_key(&world.cx, key).await.expect("in the list");
        assert_eq!(shown.row.state, KeyState::Enabled);
        assert_eq!(
            list_materials(&world.cx).await.expect("listed")[0]
                .places
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn material_that_ran_out_comes_back() {
    let world = World::company().await;
    let until = ahead(&world, 2).to_string();
    let expiring = UploadDraft {
        key_expiration: true,
        valid_to: Some(until),
        ..draft(KeySpec::SymmetricDefault, "runs/out")
    };
    let made = uploaded(&world, &expiring).await.expect("uploaded");
    let key = made.key.clone().expect("made");
    world.advance_days(3);
    assert_eq!(live(&world, &key).await["KeyState"], "PendingImport");
    let offer = offer_import(&world.cx, key.clone()).await.expect("offered");
    assert!(offer.same_bytes_only && !offer.holds_material);
    assert_eq!(offer.known, [made.material.clone().expect("it has one")]);
    let back = imported(&world, "back", &into(&key, stored(&made), None)).await;
    let back = back.expect("imported");
    assert_eq!(back.state, OperationState::Finished, "{:?}", back.error);
    let told = live(&world, &key).await;
    assert_eq!(told["KeyState"], "Enabled");
    assert_eq!(told["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
}

#[tokio::test]
async fn another_expiry_is_set_and_undone_by_importing_again() {
    let world = World::company().await;
    let (former, wanted) = (ahead(&world, 10), ahead(&world, 100));
    for spec in [KeySpec::SymmetricDefault, KeySpec::Hmac256] {
        let expiring = UploadDraft {
            key_expiration: true,
            valid_to: Some(former.to_string()),
            ..draft(spec, &format!("expiry/{spec}"))
        };
        let made = uploaded(&world, &expiring).await.expect("uploaded");
        let key = made.key.clone().expect("made");
        let longer = into(&key, stored(&made), Some(wanted.to_string()));
        let stopped = stopped_import(&world, &format!("longer/{spec}"), &longer).await;
        let valid_to = |told: &Value| told["ValidTo"].as_f64().map(|at| at as i64);
        let told = live(&world, &key).await;
        assert_eq!(valid_to(&told), Some(wanted.unix_seconds()), "{told}");
        let expiry = Expiry::At(former);
        assert_eq!(stopped.undo, Some(UndoOffer::RestoreExpiry { expiry }));
        let undone = undone(&world, &stopped, "").await;
        assert_eq!(undone.state, OperationState::Undone, "{:?}", undone.error);
        let told = live(&world, &key).await;
        assert_eq!(told["KeyState"], "Enabled");
        assert_eq!(valid_to(&told), Some(former.unix_seconds()), "{told}");
    }
}

#[tokio::test]
async fn an_expiry_that_has_passed_meanwhile_cannot_be_restored() {
    let world = World::company().await;
    let expiring = UploadDraft {
        key_expiration: true,
        valid_to: Some(ahead(&world, 1).to_string()),
        ..draft(KeySpec::Hmac256, "too/late")
    };
    let made = uploaded(&world, &expiring).await.expect("uploaded");
    let key = made.key.clone().expect("made");
    let longer = into(&key, stored(&made), Some(ahead(&world, 50).to_string()));
    let stopped = stopped_import(&world, "longer", &longer).await;
    world.advance_days(2);
    let go = CancellationToken::new();
    let refused = undo_operation(&world.cx, stopped.id.clone(), "", &|_| {}, &go).await;
    assert!(
        matches!(refused, Err(AppError::KeyNotReady { .. })),
        "{refused:?}"
    );
    let ended = finish_operation(&world.cx, stopped.id, &|_| {}, &go).await;
    assert_eq!(ended.expect("finished").state, OperationState::Finished);
    assert_eq!(live(&world, &key).await["KeyState"], "Enabled");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_another_expiry_is_found_by_it() {
    let world = World::company().await;
    let made = made(&world, KeySpec::SymmetricDefault, "lost/expiry").await;
    let key = made.key.clone().expect("made");
    let before = world.done("ImportKeyMaterial");
    world.sandbox.inject(Fault::nth(
        "kms",
        "ImportKeyMaterial",
        1,
        FaultKind::DropAnswer,
    ));
    let expiring = into(&key, stored(&made), Some(ahead(&world, 9).to_string()));
    let ended = imported(&world, "expiring", &expiring)
        .await
        .expect("begun");
    assert_eq!(ended.state, OperationState::Finished, "{:?}", ended.error);
    assert_eq!(world.done("ImportKeyMaterial"), before + 1);
    assert_eq!(
        live(&world, &key).await["ExpirationModel"],
        "KEY_MATERIAL_EXPIRES"
    );
}

#[tokio::test]
async fn other_bytes_are_refused_before_anything_is_sent() {
    let world = World::company().await;
    for spec in [KeySpec::SymmetricDefault, KeySpec::Hmac256] {
        let made = made(&world, spec, &format!("other/{spec}")).await;
        let key = made.key.expect("made");
        emptied(&world, &key).await;
        world.sandbox.clear_calls();
        let other = world.pick(spec.as_str(), b"0123456789abcdef0123456789ABCDE!");
        let draft = into(&key, other, None);
        let checked = check_import(&world.cx, draft.clone()).await;
        let planned = plan_import(&world.cx, OperationId("other".into()), draft).await;
        for refused in [checked.map(drop), planned.map(drop)] {
            assert!(
                matches!(&refused, Err(AppError::OtherMaterial { expected, found })
                    if !expected.is_empty() && !found.is_empty() && expected != found),
                "{refused:?}"
            );
        }
        let new = into(&key, MaterialChoice::Generate, None);
        let refused = plan_import(&world.cx, OperationId("new".into()), new).await;
        assert!(
            matches!(
                refused,
                Err(AppError::InvalidInput {
                    field: Field::Material,
                    ..
                })
            ),
            "{refused:?}"
        );
        assert_eq!(world.done("GetParametersForImport"), 0);
        assert_eq!(world.done("ImportKeyMaterial"), 0);
    }
}

#[tokio::test]
async fn only_aws_knows_the_bytes_that_others_imported() {
    let world = World::company().await;
    world.synchronise().await.expect("the sandbox answers");
    let keys = world.keys(ownkey_model::KeyView::All).await;
    let row = keys.rows.iter().find(|row| {
        row.origin == ownkey_model::Origin::External
            && row.state == KeyState::Enabled
            && row.spec == "SYMMETRIC_DEFAULT"
    });
    let key = row.expect("the company has one").arn.clone();
    emptied(&world, &key).await;
    let other = world.pick("other", b"0123456789abcdef0123456789ABCDE!");
    let draft = into(&key, other, None);
    let plan = plan_import(&world.cx, OperationId("theirs".into()), draft.clone())
        .await
        .expect("planned");
    assert!(
        plan.notes.contains(&PlanNote::SameBytesUnknown),
        "{:?}",
        plan.notes
    );
    let refused = imported(&world, "theirs", &draft).await.expect("begun");
    assert_eq!(refused.state, OperationState::Open);
    assert!(
        matches!(&refused.error, Some(AppError::OtherMaterial { found, .. }) if found.is_empty()),
        "{:?}",
        refused.error
    );
    assert_eq!(refused.undo, Some(UndoOffer::Close));
    assert_eq!(
        undone(&world, &refused, "").await.state,
        OperationState::Undone
    );
    assert_eq!(live(&world, &key).await["KeyState"], "PendingImport");
}

#[tokio::test]
async fn a_replica_gets_the_material_of_its_primary_key_and_no_other() {
    let world = World::company().await;
    let multi_region = UploadDraft {
        multi_region: true,
        ..draft(KeySpec::SymmetricDefault, "global")
    };
    let made = uploaded(&world, &multi_region).await.expect("uploaded");
    let primary = made.key.clone().expect("made");
    let replicate = json!({ "KeyId": primary.as_str(), "ReplicaRegion": "eu-west-1" });
    let replica = world
        .ask(REGION, "ReplicateKey", replicate)
        .await
        .expect("replicated");
    let replica = replica["ReplicaKeyMetadata"]["Arn"]
        .as_str()
        .expect("an ARN");
    let replica = KeyArn::parse(replica).expect("an ARN");
    world.synchronise().await.expect("the sandbox answers");
    let offer = offer_import(&world.cx, replica.clone())
        .await
        .expect("offered");
    assert!(offer.same_bytes_only);
    assert_eq!(offer.known, [made.material.clone().expect("it has one")]);
    let other = world.pick("other", b"0123456789abcdef0123456789ABCDE!");
    let refused = check_import(&world.cx, into(&replica, other, None)).await;
    assert!(
        matches!(refused, Err(AppError::OtherMaterial { .. })),
        "{refused:?}"
    );

    let ended = imported(&world, "replica", &into(&replica, stored(&made), None)).await;
    let ended = ended.expect("imported");
    assert_eq!(ended.state, OperationState::Finished, "{:?}", ended.error);
    assert!(ended.steps.iter().any(|one| matches!(
        one.step,
        Step::ImportMaterial {
            import_type: Some(ImportType::ExistingKeyMaterial),
            ..
        }
    )));
    let sealed = world
        .ask(
            REGION,
            "Encrypt",
            json!({ "KeyId": primary.as_str(), "Plaintext": "b25lIG1lc3NhZ2U=" }),
        )
        .await
        .expect("encrypted");
    let opened = world
        .ask(
            "eu-west-1",
            "Decrypt",
            json!({ "KeyId": replica.as_str(), "CiphertextBlob": sealed["CiphertextBlob"] }),
        )
        .await
        .expect("decrypted");
    assert_eq!(opened["Plaintext"], "b25lIG1lc3NhZ2U=");
    let materials = list_materials(&world.cx).await.expect("listed");
    assert_eq!(materials[0].places.len(), 2);
}
