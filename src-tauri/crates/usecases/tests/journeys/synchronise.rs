//! Synchronising: everything is read, what is refused is listed, nothing is lost.

use std::sync::Mutex;

use bytes::Bytes;
use ownkey_model::{
    AppError, Change, KeyView, Reading, RegionStage, SyncOutcome, SyncProgress, WaitingFor,
};
use ownkey_sandbox::{Fault, FaultKind, Options, Sandbox, Seed};
use ownkey_store::Database;
use ownkey_usecases::{describe_key, refresh_key, synchronise};
use tokio_util::sync::CancellationToken;

use crate::world::{World, sandbox_id};

#[tokio::test(flavor = "multi_thread")]
async fn everything_about_every_key_is_read() {
    let world = World::company().await;
    let last = Mutex::new(None);
    let report = world
        .synchronise_watching(|at| *last.lock().expect("no panic") = Some(at))
        .await
        .expect("the sandbox answers");
    assert_eq!(
        (report.outcome, &report.refusals[..]),
        (SyncOutcome::Complete, &[][..])
    );

    let listed: SyncProgress = last
        .into_inner()
        .expect("no panic")
        .expect("progress was told");
    assert_eq!(listed.listed, listed.read);
    assert!(
        listed
            .regions
            .iter()
            .all(|one| one.stage == RegionStage::Done)
    );
    let page = world.keys(KeyView::All).await;
    assert_eq!(page.matching, report.keys);
    for row in page.rows {
        let key = describe_key(&world.cx, row.arn).await.expect("cached").key;
        assert!(matches!(&key.policy, Reading::Known(text) if text.contains("Statement")));
        assert!(matches!(key.tags, Reading::Known(_)));
    }
    let changes = world.changes.lock().expect("no panic");
    assert!(changes.contains(&Change::Keys {
        registration: sandbox_id()
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_refuses_is_listed_and_does_not_stop_the_rest() {
    let world = World::company().await;
    world.sandbox.inject(Fault {
        region: Some("eu-central-1".into()),
        ..Fault::every("kms", "ListKeys", FaultKind::AccessDenied)
    });
    let report = world.synchronise().await.expect("the rest answers");
    assert_eq!(report.outcome, SyncOutcome::Partial);
    let [refusal] = &report.refusals[..] else {
        panic!("{:?}", report.refusals)
    };
    assert_eq!(
        refusal.region.as_ref().map(|one| one.as_str()),
        Some("eu-central-1")
    );
    assert!(
        matches!(&refusal.error, AppError::AccessDenied { action, resource, request_id: Some(_), .. }
            if action == "kms:ListKeys" && resource == "*"),
        "{refusal:?}"
    );
    let refused: Vec<_> = report
        .regions
        .iter()
        .filter(|one| one.stage == RegionStage::Refused)
        .collect();
    assert_eq!(refused.len(), 1);
    assert!(report.keys > 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_for_every_key_is_counted_and_not_shown_as_empty() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::every("kms", "GetKeyPolicy", FaultKind::AccessDenied));
    let report = world.synchronise().await.expect("the rest answers");
    let times: u32 = report.refusals.iter().map(|one| one.times).sum();
    assert_eq!(times, report.keys);
    assert!(
        report
            .refusals
            .iter()
            .all(|one| one.action == "kms:GetKeyPolicy")
    );
    let row = world.keys(KeyView::All).await.rows.remove(0);
    let arn = row.arn.clone();
    let key = describe_key(&world.cx, row.arn).await.expect("cached").key;
    assert!(
        matches!(&key.policy, Reading::Unknown(AppError::AccessDenied { action, resource, .. })
            if action == "kms:GetKeyPolicy" && *resource == arn.to_string()),
        "{:?}",
        key.policy
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out_and_shown() {
    let world = World::company().await;
    for nth in 1..=60 {
        world.sandbox.inject(Fault {
            region: Some("eu-central-1".into()),
            ..Fault::nth("kms", "DescribeKey", nth, FaultKind::Throttle)
        });
    }
    let waits = Mutex::new(Vec::new());
    let report = world
        .synchronise_watching(|at| {
            let waiting = at.regions.into_iter().filter_map(|region| region.waiting);
            waits.lock().expect("no panic").extend(waiting);
        })
        .await
        .expect("patience pays");
    assert_eq!(
        (report.outcome, report.refusals.len()),
        (SyncOutcome::Complete, 0)
    );
    let waits = waits.into_inner().expect("no panic");
    assert!(
        waits
            .iter()
            .any(|wait| wait.on == WaitingFor::Throttled && wait.action == "kms:DescribeKey"),
        "{waits:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_session_ends_it_with_one_error_and_the_cache_stays() {
    let world = World::company().await;
    let before = world.synchronise().await.expect("the sandbox answers").keys;
    world.sandbox.inject(Fault::nth(
        "kms",
        "DescribeKey",
        20,
        FaultKind::ExpiredToken,
    ));
    let error = world.synchronise().await.expect_err("expired");
    assert!(
        matches!(error, AppError::CredentialsExpired { .. }),
        "{error:?}"
    );
    let last = world
        .cx
        .store
        .last_sync(&sandbox_id())
        .expect("the cache answers");
    let last = last.expect("a failed one is kept too");
    assert_eq!(
        (last.outcome, last.error),
        (SyncOutcome::Failed, Some(error))
    );
    assert_eq!(world.keys(KeyView::All).await.matching, before);
    assert_eq!(world.keys(KeyView::Gone).await.matching, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_without_answer_is_unreachable() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::every("sts", "GetCallerIdentity", FaultKind::Close));
    let error = world.synchronise().await.expect_err("no answer");
    assert!(
        matches!(error, AppError::EndpointUnreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_of_a_reading_call_is_asked_again() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::nth("kms", "DescribeKey", 3, FaultKind::DropAnswer));
    world.sandbox.inject(Fault::nth(
        "kms",
        "ListAliases",
        2,
        FaultKind::InternalError,
    ));
    let report = world.synchronise().await.expect("the sandbox answers");
    assert_eq!(
        (report.outcome, report.refusals.len()),
        (SyncOutcome::Complete, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_keeps_what_was_read_and_calls_nothing_gone() {
    let world = World::of(Options {
        seed: Seed::Keys(900),
        randomness: Some(1),
        ..Options::default()
    })
    .await;
    let cancel = CancellationToken::new();
    let stop_early = |at: SyncProgress| {
        if at.read > 0 {
            cancel.cancel();
        }
    };
    let report = synchronise(&world.cx, sandbox_id(), &stop_early, &cancel)
        .await
        .expect("an outcome");
    assert_eq!(report.outcome, SyncOutcome::Cancelled);
    let kept = world.keys(KeyView::All).await.matching;
    assert!(0 < kept && kept < 900, "{kept}");
    assert_eq!(
        (world.keys(KeyView::Gone).await.matching, report.gone),
        (0, 0)
    );
    let whole = world.synchronise().await.expect("the sandbox answers");
    assert_eq!((whole.outcome, whole.keys), (SyncOutcome::Complete, 900));
    assert_eq!(world.keys(KeyView::All).await.matching, 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_vanished_is_marked_gone_and_not_dropped() {
    let world = World::company().await;
    let before = world.synchronise().await.expect("the sandbox answers");
    let doomed = world.keys(KeyView::PendingDeletion).await;
    assert!(doomed.matching > 0);
    world.advance_days(31);
    let after = world.synchronise().await.expect("the sandbox answers");
    assert!(after.gone > 0);
    assert_eq!(after.keys + after.gone, before.keys);
    let gone = world.keys(KeyView::Gone).await;
    assert_eq!(gone.matching, after.gone);
    let arn = gone.rows[0].arn.clone();
    assert!(
        describe_key(&world.cx, arn.clone())
            .await
            .expect("still cached")
            .row
            .gone_at
            .is_some()
    );
    let error = refresh_key(&world.cx, arn)
        .await
        .expect_err("AWS no longer has it");
    assert!(matches!(error, AppError::NotFound { .. }), "{error:?}");
    let again = world.synchronise().await.expect("the sandbox answers");
    assert_eq!(again.gone, 0, "a key vanishes once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_truncated_without_a_marker_ends_and_proves_nothing_gone() {
    let options = Options {
        seed: Seed::Keys(1_200),
        randomness: Some(1),
        ..Options::default()
    };
    let world = World::twisted(options, |_, target, body| {
        if !target.ends_with(".ListKeys") {
            return body;
        }
        let mut answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        if let Some(answer) = answer
            .as_object_mut()
            .filter(|one| one.contains_key("NextMarker"))
        {
            answer.remove("NextMarker");
        }
        Bytes::from(answer.to_string())
    })
    .await;
    let report = world.synchronise().await.expect("it ends");
    assert_eq!(
        (report.outcome, report.keys, report.gone),
        (SyncOutcome::Partial, 1_000, 0)
    );
    let [refusal] = &report.refusals[..] else {
        panic!("{:?}", report.refusals)
    };
    assert_eq!(
        (&*refusal.action, &refusal.error),
        ("kms:ListKeys", &AppError::ListCutShort)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_behind_the_same_connection_is_noticed_before_anything_is_read() {
    let world = World::company().await;
    let other = Sandbox::new(Options {
        seed: Seed::Empty,
        ..Options::default()
    });
    let cx = world.on(other.clone());
    let error = synchronise(&cx, sandbox_id(), &|_| {}, &CancellationToken::new())
        .await
        .expect_err("another account");
    assert_eq!(
        error,
        AppError::AccountChanged {
            expected: "111111111111".into(),
            found: "000000000000".into()
        }
    );
    assert!(other.calls().iter().all(|call| call.service != "kms"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_room_again_is_enough() {
    let world = World::company().await;
    // SQLite takes a limit below the present size as "not one page more".
    world
        .cx
        .store
        .limit_pages(Database::Cache, Some(1))
        .expect("limited");
    let path = world.folder.path().join("cache.db").display().to_string();
    assert_eq!(world.synchronise().await, Err(AppError::DiskFull { path }));
    world
        .cx
        .store
        .limit_pages(Database::Cache, None)
        .expect("lifted");
    let report = world.synchronise().await.expect("room again");
    assert_eq!(report.outcome, SyncOutcome::Complete);
    assert_eq!(world.keys(KeyView::All).await.matching, report.keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quotas_of_aws_are_kept_without_being_taught_by_refusals() {
    let world = World::of(Options {
        seed: Seed::Keys(450),
        quotas: true,
        randomness: Some(1),
        ..Options::default()
    })
    .await;
    let report = world.synchronise().await.expect("the sandbox answers");
    assert_eq!((report.outcome, report.keys), (SyncOutcome::Complete, 450));
    let calls = world.sandbox.calls();
    let throttled = calls
        .iter()
        .filter(|call| call.outcome == "ThrottlingException")
        .count();
    assert!(
        throttled * 100 < calls.len(),
        "{throttled} of {}",
        calls.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_refuses_everything_was_not_read() {
    let world = World::company().await;
    world
        .sandbox
        .inject(Fault::every("kms", "ListKeys", FaultKind::AccessDenied));
    let report = world.synchronise().await.expect("an outcome");
    assert_eq!((report.outcome, report.keys), (SyncOutcome::Partial, 0));
    assert_eq!(world.keys(KeyView::All).await.synced_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_not_be_described_is_not_gone_and_does_not_hide_that_others_are() {
    let world = World::company().await;
    let before = world.synchronise().await.expect("the sandbox answers").keys;
    world.advance_days(31);
    world
        .sandbox
        .inject(Fault::nth("kms", "DescribeKey", 5, FaultKind::AccessDenied));
    let report = world.synchronise().await.expect("the rest answers");
    assert_eq!(report.outcome, SyncOutcome::Partial);
    let refused: Vec<&str> = report.refusals.iter().map(|one| &*one.action).collect();
    assert_eq!(refused, ["kms:DescribeKey"]);
    assert!(report.gone > 0);
    assert!(world.keys(KeyView::All).await.matching + report.gone == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_while_signing_in_does_not_wait_for_the_answer() {
    let world = World::company().await;
    world.sandbox.inject(Fault {
        delay_ms: Some(60_000),
        ..Fault::every("sts", "GetCallerIdentity", FaultKind::DelayMs)
    });
    let cancel = CancellationToken::new();
    cancel.cancel();
    let report = synchronise(&world.cx, sandbox_id(), &|_| {}, &cancel)
        .await
        .expect("an outcome");
    assert_eq!(report.outcome, SyncOutcome::Cancelled);
    assert_eq!(world.keys(KeyView::All).await.synced_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_synchronisations_at_once_lose_no_key() {
    let world = World::company().await;
    let (one, other) = tokio::join!(world.synchronise(), world.synchronise());
    let (one, other) = (one.expect("an outcome"), other.expect("an outcome"));
    assert_eq!(
        (one.outcome, other.outcome),
        (SyncOutcome::Complete, SyncOutcome::Complete)
    );
    assert_eq!(
        (
            one.gone,
            other.gone,
            world.keys(KeyView::Gone).await.matching
        ),
        (0, 0, 0)
    );
    assert_eq!(world.keys(KeyView::All).await.matching, one.keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_keys_of_every_kind_show_the_material_that_aws_holds() {
    let world = World::company().await;
    world.synchronise().await.expect("the sandbox answers");
    let mut kinds = std::collections::BTreeSet::new();
    for row in world.keys(KeyView::Byok).await.rows {
        if row.state != ownkey_model::KeyState::Enabled {
            continue;
        }
        kinds.insert(row.spec.clone());
        let key = describe_key(&world.cx, row.arn).await.expect("cached").key;
        let Reading::Known(materials) = &key.materials else {
            panic!("{:?}", key.materials)
        };
        assert!(
            materials.iter().any(|one| one.imported),
            "{} {:?}",
            key.spec,
            key.arn
        );
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
}
