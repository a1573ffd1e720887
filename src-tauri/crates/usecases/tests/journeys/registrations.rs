//! Registrations: over a role, of thirty accounts, of every partition; moved, changed, removed.

use ownkey_model::{
    AppError, ConnectionId, Field, KeyView, KeysIn, Partition, Registration, RegistrationChange,
    RegistrationDraft, RegistrationId, RegistrationQuery, Result, RoleDraft, SignInState,
};
use ownkey_sandbox::{ACCESS_KEY_ID, EXTERNAL_ID};
use ownkey_usecases::{
    change_registration, describe_registration, find_registrations, read_account, register_account,
    remove_registration, synchronise,
};
use tokio_util::sync::CancellationToken;

use crate::typing::{OTHER_ROLE, regions, registration_draft, role_draft, sandbox_draft};
use crate::world::{World, sandbox_id};

fn sandbox_connection() -> ConnectionId {
    ConnectionId("sandbox".into())
}

async fn register(world: &World, draft: &RegistrationDraft) -> Result<Registration> {
    register_account(&world.cx, draft.name.to_lowercase(), draft).await
}

/// The second account, over the role that may be assumed from the first one.
fn analytics(external_id: &str) -> RegistrationDraft {
    RegistrationDraft {
        role: role_draft(OTHER_ROLE, external_id),
        ..registration_draft(
            "Analytics",
            &sandbox_connection(),
            &["us-east-1", "eu-west-1"],
        )
    }
}

async fn synchronised(world: &World, id: &RegistrationId) -> u32 {
    let go = CancellationToken::new();
    let report = synchronise(&world.cx, id.clone(), &|_| {}, &go)
        .await
        .expect("read");
    assert_eq!(report.refusals, []);
    report.keys
}

async fn keys_by_region(world: &World, id: &RegistrationId) -> Vec<KeysIn> {
    let details = describe_registration(&world.cx, id.clone()).await;
    details.expect("it is there").keys
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_account_is_registered_by_a_role_with_its_external_id() {
    let world = World::company().await;
    let registered = register(&world, &analytics(EXTERNAL_ID))
        .await
        .expect("registered");
    assert_eq!(registered.account.as_str(), "222222222222");
    assert_eq!(registered.account_alias.as_deref(), Some("acme-analytics"));
    let caller = "arn:aws:sts::222222222222:assumed-role/OwnKeyAdministrator/";
    assert!(registered.caller_arn.starts_with(caller), "{registered:?}");
    let role = registered.role.clone().expect("kept");
    assert_eq!(role.arn.as_str(), OTHER_ROLE);
    assert_eq!(role.external_id.as_deref(), Some(EXTERNAL_ID));

    assert!(synchronised(&world, &registered.id).await > 0);
    let page = world.keys(KeyView::All).await;
    for row in page.rows {
        assert_eq!(row.arn.account().as_str(), "222222222222");
    }
    let details = describe_registration(&world.cx, registered.id.clone())
        .await
        .expect("it is there");
    assert_eq!(details.registration.role, registered.role);
    assert!(matches!(details.sign_in, SignInState::SignedIn { .. }));
    assert_eq!(details.open_operations, 0);
    let counted: u32 = details.keys.iter().map(|one| one.keys).sum();
    assert_eq!(counted, page.matching);

    // After a restart, too.
    let again = world.on(world.sandbox.clone());
    let go = CancellationToken::new();
    let report = synchronise(&again, registered.id, &|_| {}, &go).await;
    assert_eq!(report.expect("read").refusals, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_without_its_external_id_is_refused_and_nothing_is_kept() {
    let world = World::company().await;
    for (external_id, given) in [("someone-elses", true), ("", false)] {
        let refused = register(&world, &analytics(external_id)).await;
        let Err(AppError::RoleRefused {
            role,
            from,
            external_id_given,
            ..
        }) = refused
        else {
            panic!("{refused:?}")
        };
        assert_eq!((role.as_str(), from.as_str()), (OTHER_ROLE, "Sandbox"));
        assert_eq!(external_id_given, given);
    }
    let alone = RegistrationDraft {
        role: role_draft("", EXTERNAL_ID),
        ..analytics("")
    };
    let refused = register(&world, &alone).await;
    assert!(
        matches!(
            refused,
            Err(AppError::InvalidInput {
                field: Field::ExternalId,
                ..
            })
        ),
        "{refused:?}"
    );
    let kept = world.cx.store.registrations().expect("listed");
    assert_eq!(kept.len(), 1, "the sandbox alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_held_is_shown_and_refused() {
    let world = World::company().await;
    register(&world, &analytics(EXTERNAL_ID))
        .await
        .expect("registered");
    let role = role_draft(OTHER_ROLE, EXTERNAL_ID);
    let report = read_account(&world.cx, sandbox_connection(), &role)
        .await
        .expect("signed in");
    let held: Vec<&str> = report
        .regions
        .iter()
        .filter(|one| one.held_by.as_deref() == Some("Analytics"))
        .map(|one| one.region.as_str())
        .collect();
    assert_eq!(held, ["eu-west-1", "us-east-1"]);
    let free = report.regions.iter().filter(|one| one.held_by.is_none());
    assert!(
        free.count() > 20,
        "the sandbox's regions are another account's"
    );

    let mut overlapping = analytics(EXTERNAL_ID);
    overlapping.name = "Second".into();
    overlapping.regions = regions(&["us-east-1", "us-east-2"]);
    assert_eq!(
        register(&world, &overlapping).await,
        Err(AppError::RegionsTaken {
            regions: vec!["us-east-1".into()],
            by: "Analytics".into()
        })
    );
    let mut named_alike = analytics(EXTERNAL_ID);
    named_alike.name = "ANALYTICS".into();
    named_alike.regions = regions(&["us-east-2"]);
    let name = "ANALYTICS".into();
    assert_eq!(
        register_account(&world.cx, "other".into(), &named_alike).await,
        Err(AppError::NameTaken { name })
    );
    overlapping.regions = regions(&["us-east-2"]);
    assert!(register(&world, &overlapping).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_registrations_are_found_by_filter_and_page() {
    let world = World::company().await;
    let url = world.listening().await;
    let role = role_draft(OTHER_ROLE, EXTERNAL_ID);
    let offered = read_account(&world.cx, sandbox_connection(), &role)
        .await
        .expect("signed in")
        .regions;
    for number in 1..=30 {
        let name = format!("Account {number:02}");
        let draft = if number <= 4 {
            let id = format!("9000000000{number:02}");
            let connection = world.connected(&format!("Key {number}"), &url, &id).await;
            registration_draft(&name, &connection.id, &["eu-central-1"])
        } else {
            RegistrationDraft {
                role: role.clone(),
                regions: vec![offered[number - 5].region.clone()],
                ..registration_draft(&name, &sandbox_connection(), &[])
            }
        };
        register(&world, &draft).await.expect("registered");
    }
    let found =
        async |query: RegistrationQuery| find_registrations(&world.cx, query).await.expect("found");
    let names = |page: &ownkey_model::RegistrationPage| -> Vec<String> {
        page.registrations
            .iter()
            .map(|one| one.name.clone())
            .collect()
    };
    let ten = RegistrationQuery {
        limit: 10,
        ..RegistrationQuery::default()
    };
    let last = found(RegistrationQuery {
        skip: 30,
        ..ten.clone()
    })
    .await;
    assert_eq!((last.total, names(&last)), (31, vec!["Sandbox".to_owned()]));
    let by_account = found(RegistrationQuery {
        account: "900000000003".into(),
        ..ten.clone()
    })
    .await;
    assert_eq!(names(&by_account), ["Account 03"]);
    let by_name = found(RegistrationQuery {
        name: "ACCOUNT 1".into(),
        skip: 5,
        ..ten
    })
    .await;
    assert_eq!((by_name.total, by_name.registrations.len()), (10, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_govcloud_and_china_are_registered_and_read() {
    let world = World::company().await;
    let url = world.listening().await;
    for (account, cloud, region) in [
        ("555555555555", Partition::AwsUsGov, "us-gov-west-1"),
        ("666666666666", Partition::AwsCn, "cn-north-1"),
    ] {
        let secret = world.typed(ownkey_sandbox::SECRET_ACCESS_KEY).await;
        let mut draft = crate::typing::access_key_draft(account, &url, account, Some(secret));
        draft.region = region.into();
        let connection = world.added(&draft).await.expect("kept");
        let report = read_account(&world.cx, connection.id.clone(), &RoleDraft::default())
            .await
            .expect("signed in");
        assert_eq!(
            (report.account.as_str(), report.partition),
            (account, cloud)
        );
        assert_eq!(report.refused, []);
        assert_eq!(report.regions.len(), 2, "{:?}", report.regions);
        let draft = RegistrationDraft {
            regions: report.regions.into_iter().map(|one| one.region).collect(),
            ..registration_draft(account, &connection.id, &[])
        };
        let registered = register(&world, &draft).await.expect("registered");
        assert_eq!(registered.partition, cloud);
        assert!(synchronised(&world, &registered.id).await > 0);
        let query = RegistrationQuery {
            cloud: Some(cloud),
            limit: 10,
            ..RegistrationQuery::default()
        };
        let page = find_registrations(&world.cx, query).await.expect("found");
        assert_eq!(page.total, 1);
        let prefix = format!("arn:{}:kms:", cloud.as_str());
        let rows = world.keys(KeyView::All).await.rows.into_iter();
        let of_account = rows.filter(|row| row.arn.account().as_str() == account);
        let arns: Vec<String> = of_account.map(|row| row.arn.to_string()).collect();
        assert!(!arns.is_empty() && arns.iter().all(|arn| arn.starts_with(&prefix)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_moves_to_another_way_to_the_same_account_only() {
    let world = World::company().await;
    let registered = register(&world, &analytics(EXTERNAL_ID))
        .await
        .expect("registered");
    let before = synchronised(&world, &registered.id).await;
    world.advance_minutes(1);
    world.sandbox.clear_calls();
    let url = world.listening().await;
    let own_key = world.connected("Own key", &url, "222222222222").await;
    let moved_to = async |connection: &ConnectionId, role: RoleDraft| {
        let change = RegistrationChange::Connection {
            connection: connection.clone(),
            role,
        };
        change_registration(&world.cx, registered.id.clone(), &change).await
    };
    // Without the role, the sandbox's connection leads to the first account.
    let elsewhere = moved_to(&sandbox_connection(), RoleDraft::default()).await;
    let changed = AppError::AccountChanged {
        expected: "222222222222".into(),
        found: "111111111111".into(),
    };
    assert_eq!(elsewhere, Err(changed));
    let refused = moved_to(&sandbox_connection(), role_draft(OTHER_ROLE, "wrong")).await;
    assert!(
        matches!(refused, Err(AppError::RoleRefused { .. })),
        "{refused:?}"
    );
    let moved = moved_to(&own_key.id, RoleDraft::default())
        .await
        .expect("moved");
    assert_eq!((&moved.connection, &moved.role), (&own_key, &None));
    assert_eq!(
        moved.caller_arn,
        "arn:aws:iam::222222222222:user/administrator"
    );
    assert!(moved.updated_at > moved.created_at);
    assert_eq!(moved.regions, registered.regions);
    assert_eq!(
        world.operations_asked(),
        [
            "ec2:DescribeRegions",
            "iam:ListAccountAliases",
            "sts:AssumeRole",
            "sts:GetCallerIdentity"
        ],
        "nothing is changed in AWS"
    );
    let counted: u32 = keys_by_region(&world, &moved.id)
        .await
        .iter()
        .map(|one| one.keys)
        .sum();
    assert_eq!(counted, before, "the cached keys stay");
    assert_eq!(synchronised(&world, &moved.id).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_that_are_left_take_their_keys_from_the_lists_and_nothing_from_aws() {
    let world = World::company().await;
    world.synchronise().await.expect("read");
    let before = world.keys(KeyView::All).await;
    let frankfurt = "eu-central-1";
    let there = before
        .rows
        .iter()
        .filter(|row| row.region.as_str() == frankfurt);
    let there = u32::try_from(there.count()).expect("a few");
    assert!(there > 0 && there < before.matching);
    world.sandbox.clear_calls();
    let registration = world.cx.store.registration(&sandbox_id()).expect("there");
    let mut stay = registration.regions.clone();
    stay.retain(|region| region.as_str() != frankfurt);
    let change = async |regions| {
        let change = RegistrationChange::Regions { regions };
        change_registration(&world.cx, sandbox_id(), &change).await
    };
    let changed = change(stay.clone()).await.expect("changed");
    assert_eq!(changed.regions, stay);
    assert_eq!(world.sandbox.calls(), [], "leaving needs nobody's leave");
    let after = world.keys(KeyView::All).await;
    assert_eq!(after.matching, before.matching - there);
    assert!(
        after
            .rows
            .iter()
            .all(|row| row.region.as_str() != frankfurt)
    );

    // What was left is free for another registration, and can be taken back when that is gone.
    let other = registration_draft("Frankfurt", &sandbox_connection(), &[frankfurt]);
    let other = register(&world, &other).await.expect("registered");
    world.sandbox.clear_calls();
    let taken = change(registration.regions.clone()).await;
    let taken_by = AppError::RegionsTaken {
        regions: vec![frankfurt.into()],
        by: "Frankfurt".into(),
    };
    assert_eq!(taken, Err(taken_by));
    remove_registration(&world.cx, other.id)
        .await
        .expect("removed");
    let nowhere = change(regions(&["xx-no-1"])).await;
    assert!(matches!(
        nowhere,
        Err(AppError::InvalidInput {
            field: Field::Regions,
            ..
        })
    ));
    let back = change(registration.regions.clone()).await.expect("changed");
    assert_eq!(back.regions, registration.regions);
    assert_eq!(
        world.operations_asked(),
        [
            "ec2:DescribeRegions",
            "iam:ListAccountAliases",
            "sts:GetCallerIdentity"
        ],
        "nothing is changed in AWS"
    );
    world.synchronise().await.expect("read");
    assert_eq!(world.keys(KeyView::All).await.matching, before.matching);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_registration_leaves_the_keys_in_aws_and_the_connection_here() {
    let world = World::company().await;
    let connection = world
        .added(&sandbox_draft("Second way"))
        .await
        .expect("kept");
    let draft = RegistrationDraft {
        role: role_draft(OTHER_ROLE, EXTERNAL_ID),
        ..registration_draft("Analytics", &connection.id, &["us-east-1"])
    };
    let registered = register(&world, &draft).await.expect("registered");
    let keys = synchronised(&world, &registered.id).await;
    world.sandbox.clear_calls();
    remove_registration(&world.cx, registered.id)
        .await
        .expect("removed");
    assert_eq!(world.sandbox.calls(), []);
    assert_eq!(world.keys(KeyView::All).await.matching, 0);
    let again = register(&world, &draft).await.expect("registered");
    assert_eq!(synchronised(&world, &again.id).await, keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_behind_the_same_connection_is_noticed_before_anything_is_read() {
    let world = World::company().await;
    let url = world.listening().await;
    let connection = world.connected("Key", &url, ACCESS_KEY_ID).await;
    let mut registration = world.cx.store.registration(&sandbox_id()).expect("there");
    remove_registration(&world.cx, sandbox_id())
        .await
        .expect("removed");
    registration.id = RegistrationId("moved".into());
    registration.name = "Moved".into();
    registration.connection = connection;
    registration.account = ownkey_model::AccountId::parse("999999999999").expect("an account");
    world
        .cx
        .store
        .add_registration(&registration)
        .expect("kept");
    let go = CancellationToken::new();
    let report = synchronise(&world.cx, registration.id, &|_| {}, &go).await;
    assert!(
        matches!(&report, Err(AppError::AccountChanged { .. }))
            || report
                .as_ref()
                .is_ok_and(|one| matches!(one.error, Some(AppError::AccountChanged { .. }))),
        "{report:?}"
    );
    let kms = world.sandbox.calls().into_iter();
    assert_eq!(kms.filter(|call| call.service == "kms").count(), 0);
}
