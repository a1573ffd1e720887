//! Registrations as they are kept and removed, and preferences.

use ownkey_model::{
    AppError, ConnectionKind, EndpointUrl, Preference, RegistrationId, SyncOutcome,
};

use crate::support::*;

#[test]
fn a_registration_comes_back_as_it_was_given() {
    let (_folder, store) = open();
    let mut given = registration("Produktion 'Ü' %_\u{202e}🔑", ACCOUNT, &[EAST, WEST]);
    given.account_alias = Some("acme\"; DROP TABLE registrations; --".into());
    given.role = Some(role(
        "arn:aws:iam::222222222222:role/path/OwnKey",
        Some("x-1"),
    ));
    given.updated_at = in_days(1);
    given.connection.name = "Work".into();
    given.connection.kind = ConnectionKind::Profile {
        profile: "acme prod".into(),
    };
    given.connection.role = Some(role("arn:aws:iam::333333333333:role/Hop", None));
    given.connection.region = Some(region(WEST));
    given.connection.endpoint_url =
        Some(EndpointUrl::parse("http://127.0.0.1:5002").expect("a URL"));
    given.regions.sort();
    store
        .add_connection(&given.connection)
        .expect("room for it");
    store.add_registration(&given).expect("room for it");
    assert_eq!(store.registration(&given.id), Ok(given.clone()));
    assert_eq!(store.registrations(), Ok(vec![given]));
}

#[test]
fn a_registration_needs_a_connection_that_is_kept() {
    let (_folder, store) = open();
    let refused = store.add_registration(&registration("first", ACCOUNT, &[EAST]));
    let not_found = AppError::NotFound {
        what: "connection sandbox".into(),
    };
    assert_eq!(refused, Err(not_found));
    assert_eq!(store.registrations(), Ok(vec![]));
}

#[test]
fn a_registration_that_is_not_there_is_not_found() {
    let (_folder, store, _) = open_registered();
    let other = RegistrationId("other".into());
    let not_found = AppError::NotFound {
        what: "registration other".into(),
    };
    assert_eq!(store.registration(&other), Err(not_found.clone()));
    assert_eq!(store.remove_registration(&other), Err(not_found.clone()));
    assert_eq!(store.begin_sync(&other), Err(not_found));
}

#[test]
fn a_name_is_given_once_whatever_its_case() {
    let (_folder, store, _) = open_registered();
    let mut second = registration("FIRST", "222222222222", &[EAST]);
    assert_eq!(
        store.add_registration(&second),
        Err(AppError::NameTaken {
            name: "FIRST".into()
        })
    );
    second.name = "Größe".into();
    assert_eq!(store.add_registration(&second), Ok(()));
    let third = registration("GRÖSSE", "333333333333", &[EAST]);
    assert_eq!(store.add_registration(&third), Ok(()), "ß is not ss");
    let fourth = registration("GRÖẞE", "444444444444", &[EAST]);
    assert!(
        store.add_registration(&fourth).is_err(),
        "nor is it only ASCII"
    );
}

#[test]
fn a_region_of_an_account_belongs_to_one_registration() {
    let (_folder, store, _) = open_registered();
    let taken = registration("second", ACCOUNT, &["ap-south-1", WEST, EAST]);
    assert_eq!(
        store.add_registration(&taken),
        Err(AppError::RegionsTaken {
            regions: vec![WEST.into(), EAST.into()],
            by: "first".into()
        })
    );
    assert_eq!(
        store.registrations().expect("registrations").len(),
        1,
        "nothing was written"
    );
    let disjoint = registration("second", ACCOUNT, &["ap-south-1"]);
    assert_eq!(store.add_registration(&disjoint), Ok(()));
    let other_account = registration("third", "222222222222", &[EAST]);
    assert_eq!(store.add_registration(&other_account), Ok(()));
}

#[test]
fn removing_a_registration_takes_its_keys_and_frees_its_regions() {
    let (_folder, store, first) = open_registered();
    let second = registration("second", "222222222222", &[EAST]);
    store.add_registration(&second).expect("a registration");
    let one = tagged(key(EAST, 1), &[("team", "web")]);
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&one),
        &[alias("one", &one)],
    );
    let run = store.begin_sync(&first).expect("a run");

    store.remove_registration(&first).expect("it is there");

    assert!(store.key(&one.arn).is_err());
    assert!(store.find_keys("one", 10).expect("hits").is_empty());
    assert!(
        store
            .record_keys(run, &first, &[one], now())
            .is_err_and(|error| matches!(error, AppError::NotFound { .. })),
        "a synchronisation that was under way brings nothing back"
    );
    let again = registration("first", ACCOUNT, &[EAST, WEST]);
    assert_eq!(store.add_registration(&again), Ok(()));
    assert_eq!(store.last_sync(&first), Ok(None));
}

#[test]
fn a_registration_knows_when_it_was_last_read_to_the_end() {
    let (_folder, store, first) = open_registered();
    let synced_at = || store.registration(&first).expect("it is there").synced_at;
    assert_eq!(synced_at(), None);
    let finish = |outcome, at| {
        let report = report(&first, outcome, at);
        store.finish_sync(&report).expect("a report");
        assert_eq!(store.last_sync(&first), Ok(Some(report)));
    };
    finish(SyncOutcome::Cancelled, in_days(1));
    assert_eq!(synced_at(), None);
    finish(SyncOutcome::Partial, in_days(2));
    assert_eq!(synced_at(), Some(in_days(2)));
    finish(SyncOutcome::Cancelled, in_days(3));
    assert_eq!(synced_at(), Some(in_days(2)));
    finish(SyncOutcome::Complete, in_days(4));
    assert_eq!(synced_at(), Some(in_days(4)));
}

#[test]
fn a_preference_is_replaced_by_its_successor() {
    let (_folder, store) = open();
    for value in ["[1]", "[1,2]"] {
        let preference = Preference::parse("columns".into(), value.into()).expect("JSON");
        store.remember(&preference).expect("room for it");
        assert_eq!(store.preferences(), Ok(vec![preference]));
    }
}
