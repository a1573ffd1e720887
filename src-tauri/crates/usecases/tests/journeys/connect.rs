//! Connecting, registering, and the first start.

use ownkey_model::{AppError, ConnectionId, Field, KeyView, Region, RegistrationDraft, RoleDraft};
use ownkey_sandbox::{Fault, FaultKind};
use ownkey_usecases::{
    list_registrations, open_sandbox, register_account, remove_registration, test_connection,
};

use crate::typing::sandbox_draft;
use crate::world::{World, sandbox_id};

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_is_registered_once_with_every_region() {
    let world = World::company().await;
    open_sandbox(&world.cx).await.expect("nothing to do");
    let registrations = list_registrations(&world.cx).await.expect("listed");
    let [sandbox] = &registrations[..] else {
        panic!("{registrations:?}")
    };
    assert_eq!(sandbox.account_alias.as_deref(), Some("acme-production"));
    assert!(sandbox.regions.len() >= 28, "{:?}", sandbox.regions);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_test_may_not_ask_is_listed_and_the_usual_regions_are_offered() {
    let world = World::company().await;
    world.sandbox.inject(Fault::every(
        "ec2",
        "DescribeRegions",
        FaultKind::AccessDenied,
    ));
    world.sandbox.inject(Fault::every(
        "iam",
        "ListAccountAliases",
        FaultKind::AccessDenied,
    ));
    let report = test_connection(&world.cx, &sandbox_draft("Tried"), None)
        .await
        .expect("the sign-in is good");
    let refused: Vec<&str> = report
        .refused
        .iter()
        .map(|one| one.action.as_str())
        .collect();
    assert_eq!(refused, ["iam:ListAccountAliases", "ec2:DescribeRegions"]);
    for refusal in &report.refused {
        assert!(
            matches!(refusal.error, AppError::AccessDenied { .. }),
            "{refusal:?}"
        );
    }
    assert!(report.regions.len() >= 17);
    assert!(
        report
            .regions
            .iter()
            .all(|entry| entry.held_by.as_deref() == Some("Sandbox"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_registration_asks_nothing_of_aws() {
    let world = World::company().await;
    world.synchronise().await.expect("the sandbox answers");
    world.sandbox.clear_calls();
    remove_registration(&world.cx, sandbox_id())
        .await
        .expect("removed");
    assert_eq!(world.sandbox.calls(), []);
    assert_eq!(world.keys(KeyView::All).await.matching, 0);
    assert_eq!(list_registrations(&world.cx).await, Ok(vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_the_account_cannot_use_is_refused() {
    let world = World::company().await;
    let regions = vec![Region::parse("xx-nowhere-1").expect("well-formed")];
    let draft = RegistrationDraft {
        name: "Nowhere".into(),
        connection: ConnectionId("sandbox".into()),
        role: RoleDraft::default(),
        regions,
    };
    let error = register_account(&world.cx, "n".into(), &draft)
        .await
        .expect_err("not enabled");
    assert!(matches!(error, AppError::InvalidInput { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_regions_may_not_be_listed_a_region_is_asked_itself() {
    let world = World::company().await;
    remove_registration(&world.cx, sandbox_id())
        .await
        .expect("removed");
    let denied = |service, operation| Fault::every(service, operation, FaultKind::AccessDenied);
    world.sandbox.inject(denied("ec2", "DescribeRegions"));
    let register = async |id: &str, code: &str| {
        let draft = RegistrationDraft {
            name: id.into(),
            connection: ConnectionId("sandbox".into()),
            role: RoleDraft::default(),
            regions: vec![Region::parse(code).expect("well-formed")],
        };
        register_account(&world.cx, id.into(), &draft).await
    };
    let reason = |refused| match refused {
        Err(AppError::InvalidInput {
            field: Field::Regions,
            reason,
        }) => reason,
        other => panic!("{other:?}"),
    };
    let opted_in = register("Zurich", "eu-central-2").await;
    assert_eq!(opted_in.expect("KMS answers there").regions.len(), 1);
    let off = reason(register("China", "cn-north-1").await);
    assert_eq!(off, "cn-north-1 is not enabled in account 111111111111.");
    world.sandbox.inject(denied("kms", "ListKeys"));
    assert!(register("Milan", "eu-south-1").await.is_ok());
    world.sandbox.clear_faults();
    world.sandbox.inject(denied("ec2", "DescribeRegions"));
    world
        .sandbox
        .inject(Fault::every("kms", "ListKeys", FaultKind::InternalError));
    let unknown = reason(register("Spain", "eu-south-2").await);
    assert!(unknown.contains("could not be checked"), "{unknown}");
}
