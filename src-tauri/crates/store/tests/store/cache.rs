//! What a synchronisation writes, and what becomes of what it does not see.

use std::sync::mpsc;
use std::time::Duration;

use ownkey_model::{
    AppError, Combine, KeyProperty, KeyQuery, KeyState, KeyView, Reading, Rotation,
    RotationSummary, Scope, Sort, SyncOutcome, Tag,
};
use ownkey_store::Store;

use crate::support::*;

pub(crate) fn query(view: KeyView) -> KeyQuery {
    KeyQuery {
        scope: Scope::default(),
        view,
        combine: Combine::And,
        filters: vec![],
        sort: Sort {
            by: KeyProperty::KeyId,
            descending: false,
        },
        skip: 0,
        limit: 100,
    }
}

fn ids(store: &Store, view: KeyView) -> Vec<String> {
    let page = store.keys(&query(view), now()).expect("a page");
    page.rows.into_iter().map(|row| row.key_id).collect()
}

fn id(number: u32) -> String {
    arn(EAST, number).key_id().to_owned()
}

#[test]
fn a_key_comes_back_as_it_was_read() {
    let (_folder, store, first) = open_registered();
    let mut one = primary(expiring(EAST, 1, 10));
    one.description = "Ключ \"; DROP TABLE keys; -- % _ 🔑\u{202e}\u{0}".into();
    one.tags = Reading::Known(
        (0..12)
            .map(|n| Tag {
                key: format!("k{n:02}"),
                value: "'".repeat(n),
            })
            .collect(),
    );
    one.policy = Reading::Unknown(AppError::KeychainLocked);
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&one),
        &[alias("b", &one), alias("A", &one)],
    );
    let (row, key, aliases) = store.key(&one.arn).expect("it is there");
    assert_eq!(key, one);
    assert_eq!(aliases, ["alias/A", "alias/b"]);
    assert_eq!(row.alias.as_deref(), Some("alias/A"));
    assert_eq!(
        (row.alias_count, row.tag_count, row.tags.len()),
        (2, Some(12), 8)
    );
    assert_eq!(row.description, one.description);
    assert_eq!((row.region, row.registration), (region(EAST), first));
    assert_eq!((row.valid_to, row.synced_at), (one.valid_to, now()));
    assert_eq!((row.rotation, row.gone_at), (RotationSummary::None, None));
    assert_eq!(
        store
            .key_rows(&[arn(EAST, 2), one.arn.clone()])
            .expect("rows")
            .len(),
        1
    );
}

#[test]
fn tags_that_were_not_read_are_not_shown_as_none() {
    let (_folder, store, first) = open_registered();
    let mut one = key(EAST, 1);
    one.tags = Reading::Unknown(AppError::KeychainLocked);
    sync(&store, &first, EAST, std::slice::from_ref(&one), &[]);
    let (row, _, _) = store.key(&one.arn).expect("it is there");
    assert_eq!((row.tag_count, row.tags), (None, vec![]));
}

#[test]
fn a_key_that_is_read_again_is_replaced() {
    let (_folder, store, first) = open_registered();
    let old = tagged(key(EAST, 1), &[("env", "dev"), ("team", "web")]);
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&old),
        &[alias("old", &old)],
    );
    let new = ownkey_model::Key {
        state: KeyState::Disabled,
        description: "Umbenannt".into(),
        rotation: Reading::Known(Some(Rotation {
            enabled: true,
            period_days: Some(90),
            next_at: None,
        })),
        ..tagged(old.clone(), &[("env", "prod")])
    };
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&new),
        &[alias("new", &new)],
    );
    let (row, key, aliases) = store.key(&new.arn).expect("it is there");
    assert_eq!((key, aliases), (new, vec!["alias/new".to_owned()]));
    assert_eq!(
        (row.state, row.rotation),
        (KeyState::Disabled, RotationSummary::On)
    );
    let found = |text| store.find_keys(text, 10).expect("hits").len();
    assert_eq!(
        (
            found("old"),
            found("new"),
            found("number"),
            found("benannt")
        ),
        (0, 1, 0, 1)
    );
    let suggested = store
        .suggestions(&Scope::default(), KeyProperty::Tag, "", 10, now())
        .expect("suggestions");
    let values: Vec<_> = suggested.into_iter().map(|one| one.value).collect();
    assert_eq!(values, ["env", "env=prod"]);
}

#[test]
fn a_key_that_a_complete_list_lacks_is_gone_until_it_is_seen_again() {
    let (_folder, store, first) = open_registered();
    let (one, two) = (key(EAST, 1), key(EAST, 2));
    let elsewhere = key(WEST, 3);
    sync(&store, &first, WEST, std::slice::from_ref(&elsewhere), &[]);
    sync(&store, &first, EAST, &[one.clone(), two.clone()], &[]);
    assert_eq!(
        sync(&store, &first, EAST, std::slice::from_ref(&one), &[]),
        1
    );
    assert_eq!(ids(&store, KeyView::Gone), [id(2)]);
    assert_eq!(ids(&store, KeyView::All), [id(1), id(3)]);
    let page = store.keys(&query(KeyView::Gone), now()).expect("a page");
    assert_eq!((page.matching, page.in_scope), (1, 2));
    assert_eq!(page.rows[0].gone_at, Some(now()));
    assert_eq!(
        sync(&store, &first, EAST, std::slice::from_ref(&one), &[]),
        0,
        "not newly"
    );
    assert_eq!(sync(&store, &first, EAST, &[one, two], &[]), 0);
    assert_eq!(ids(&store, KeyView::Gone), Vec::<String>::new());
    assert_eq!(ids(&store, KeyView::All), [id(1), id(2), id(3)]);
}

#[test]
fn a_list_that_was_cut_short_proves_nothing() {
    let (_folder, store, first) = open_registered();
    let (one, two) = (key(EAST, 1), key(EAST, 2));
    sync(
        &store,
        &first,
        EAST,
        &[one.clone(), two.clone()],
        &[alias("two", &two)],
    );
    let run = store.begin_sync(&first).expect("a run");
    store.record_keys(run, &first, &[one], now()).expect("keys");
    let gone = store.finish_region(run, &first, &region(EAST), false, false, now());
    assert_eq!(gone, Ok(0));
    let (row, _, _) = store.key(&two.arn).expect("it is there");
    assert_eq!(
        (row.gone_at, row.alias.as_deref()),
        (None, Some("alias/two"))
    );
}

#[test]
fn runs_are_numbered_upwards() {
    let (_folder, store, first) = open_registered();
    let second = registration("second", "222222222222", &[EAST]);
    store.add_registration(&second).expect("a registration");
    let one = store.begin_sync(&first).expect("a run");
    let two = store.begin_sync(&second.id).expect("a run");
    let three = store.begin_sync(&first).expect("a run");
    assert!(one < two && two < three);
}

#[test]
fn aliases_may_come_before_their_keys_or_after_them() {
    let (_folder, store, first) = open_registered();
    let one = key(EAST, 1);
    let name = |expected: &[&str]| {
        let (row, _, aliases) = store.key(&one.arn).expect("it is there");
        assert_eq!(aliases, expected);
        assert_eq!(row.alias.as_deref(), expected.first().copied());
        assert_eq!(row.alias_count as usize, expected.len());
    };
    let run = store.begin_sync(&first).expect("a run");
    let record = |alias| {
        store
            .record_aliases(run, &first, &account(ACCOUNT), &region(EAST), &[alias])
            .expect("aliases");
    };
    record(alias("m", &one));
    store
        .record_keys(run, &first, std::slice::from_ref(&one), now())
        .expect("keys");
    name(&["alias/m"]);
    record(alias("a", &one));
    name(&["alias/a", "alias/m"]);
    // An alias that names another key now.
    record(alias("a", &key(EAST, 2)));
    name(&["alias/m"]);
    // One that is not in the next complete list.
    sync(&store, &first, EAST, std::slice::from_ref(&one), &[]);
    name(&[]);
    assert!(store.find_keys("alias/m", 10).expect("hits").is_empty());
}

#[test]
fn the_same_id_in_two_regions_is_two_keys() {
    let (_folder, store, first) = open_registered();
    let (east, west) = (key(EAST, 1), key(WEST, 1));
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&east),
        &[alias("east", &east)],
    );
    sync(&store, &first, WEST, std::slice::from_ref(&west), &[]);
    let (row, _, _) = store.key(&west.arn).expect("it is there");
    assert_eq!(row.alias, None);
    assert_eq!(ids(&store, KeyView::All).len(), 2);
}

#[test]
fn the_age_of_a_scope_is_that_of_its_oldest_part() {
    let (_folder, store, first) = open_registered();
    let second = registration("second", "222222222222", &["ap-south-1"]);
    store.add_registration(&second).expect("a registration");
    let of = |registrations: &[&ownkey_model::RegistrationId], regions: &[&str]| {
        let scope = Scope {
            registrations: registrations.iter().map(|id| (*id).clone()).collect(),
            regions: regions.iter().map(|code| region(code)).collect(),
        };
        let page = store.keys(
            &KeyQuery {
                scope,
                ..query(KeyView::All)
            },
            now(),
        );
        page.expect("a page").synced_at
    };
    let finish = |id, at| {
        let report = report(id, SyncOutcome::Complete, at);
        store.finish_sync(&report).expect("a report");
    };
    finish(&first, in_days(-1));
    assert_eq!(of(&[], &[]), None, "one never was read");
    assert_eq!(of(&[&first], &[]), Some(in_days(-1)));
    assert_eq!(
        of(&[], &[EAST]),
        Some(in_days(-1)),
        "the other has no such region"
    );
    finish(&second.id, in_days(-5));
    assert_eq!(of(&[], &[]), Some(in_days(-5)));
}

#[test]
fn reading_does_not_wait_for_writing() {
    let (_folder, store, first) = open_registered();
    sync(&store, &first, EAST, &[key(EAST, 1)], &[]);
    let keys: Vec<_> = (0..3_000).map(|number| key(EAST, number)).collect();
    let run = store.begin_sync(&first).expect("a run");
    let (done, finished) = mpsc::channel();
    let writer = std::thread::spawn({
        let (store, first) = (store.clone(), first.clone());
        move || {
            store.record_keys(run, &first, &keys, now()).expect("keys");
            done.send(()).expect("the test waits");
        }
    });
    let mut reads = 0;
    while finished.recv_timeout(Duration::from_millis(1)).is_err() {
        let page = store.keys(&query(KeyView::All), now()).expect("a page");
        // All or nothing of the other thread's batch.
        assert!([1, 3_000].contains(&page.matching), "{}", page.matching);
        reads += 1;
    }
    writer.join().expect("no panic");
    assert!(reads > 1, "{reads}");
}
