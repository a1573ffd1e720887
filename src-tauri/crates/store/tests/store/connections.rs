//! Connections: kept, changed, removed, and who uses them.

use ownkey_model::{AccessKeyId, AppError, ConnectionId, ConnectionKind, EndpointUrl, MfaSerial};

use crate::support::*;

fn taken(name: &str) -> Result<(), AppError> {
    Err(AppError::NameTaken { name: name.into() })
}

fn not_found() -> AppError {
    AppError::NotFound {
        what: "connection other".into(),
    }
}

#[test]
fn a_connection_comes_back_as_it_was_given() {
    let (_folder, store) = open();
    let mut given = connection("c", "Zürich '%_");
    given.kind = ConnectionKind::AccessKey {
        access_key_id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("an id"),
        mfa_serial: Some(MfaSerial::parse("arn:aws:iam::111122223333:mfa/jo").expect("a serial")),
    };
    given.role = Some(role("arn:aws:iam::333333333333:role/Hop", Some("x-1")));
    given.region = Some(region(WEST));
    given.fips = true;
    store.add_connection(&given).expect("room for it");
    assert_eq!(store.connection(&given.id), Ok(given.clone()));

    given.name = "Bern".into();
    given.kind = ConnectionKind::Profile {
        profile: "bern".into(),
    };
    (given.role, given.region, given.fips) = (None, None, false);
    given.endpoint_url = Some(EndpointUrl::parse("https://kms.example.com").expect("a URL"));
    store.change_connection(&given).expect("it is there");
    assert_eq!(store.connections(), Ok(vec![(given, vec![])]));
}

#[test]
fn connections_are_listed_by_name_with_who_uses_them() {
    let (_folder, store) = open();
    for (id, name) in [("1", "zebra"), ("2", "Ärger"), ("3", "apple"), ("4", "Zoo")] {
        store
            .add_connection(&connection(id, name))
            .expect("room for it");
    }
    for (name, account) in [("b", "111111111111"), ("A", "222222222222")] {
        let mut used = registration(name, account, &[EAST]);
        used.connection = connection("3", "apple");
        store.add_registration(&used).expect("room for it");
    }
    let listed = store.connections().expect("listed").into_iter();
    let listed: Vec<(String, Vec<String>)> =
        listed.map(|(one, used_by)| (one.name, used_by)).collect();
    let nobody = Vec::new;
    let expected = [
        ("apple", vec!["A".to_owned(), "b".into()]),
        ("zebra", nobody()),
        ("Zoo", nobody()),
        ("Ärger", nobody()),
    ];
    assert_eq!(
        listed,
        expected.map(|(name, used_by)| (name.to_owned(), used_by))
    );
}

#[test]
fn the_name_of_a_connection_is_given_once_whatever_its_case() {
    let (_folder, store) = open();
    for (id, name) in [("1", "Übersee"), ("2", "Two")] {
        store
            .add_connection(&connection(id, name))
            .expect("room for it");
    }
    assert_eq!(
        store.add_connection(&connection("3", "üBERSEE")),
        taken("üBERSEE")
    );
    assert_eq!(
        store.change_connection(&connection("2", "ÜBERSEE")),
        taken("ÜBERSEE")
    );
    assert_eq!(
        store.change_connection(&connection("1", "übersee")),
        Ok(()),
        "its own"
    );
    assert_eq!(
        store.add_connection(&connection("1", "Three")),
        taken("Three"),
        "the identity"
    );
}

#[test]
fn a_connection_that_is_not_there_is_not_found() {
    let (_folder, store) = open();
    let other = ConnectionId("other".into());
    assert_eq!(store.connection(&other), Err(not_found()));
    assert_eq!(store.unused_connection(&other), Err(not_found()));
    assert_eq!(store.remove_connection(&other), Err(not_found()));
    assert_eq!(
        store.change_connection(&connection("other", "Other")),
        Err(not_found())
    );
}

#[test]
fn a_connection_stays_while_registrations_use_it_and_stays_when_they_go() {
    let (_folder, store, first) = open_registered();
    let id = sandbox().id;
    let in_use = AppError::ConnectionInUse {
        connection: "Sandbox".into(),
        used_by: vec!["first".into()],
    };
    assert_eq!(store.unused_connection(&id), Err(in_use.clone()));
    assert_eq!(store.remove_connection(&id), Err(in_use));
    store.remove_registration(&first).expect("it is there");
    assert_eq!(store.unused_connection(&id), Ok(sandbox()));
    assert_eq!(store.remove_connection(&id), Ok(()));
    assert_eq!(store.connections(), Ok(vec![]));
}
