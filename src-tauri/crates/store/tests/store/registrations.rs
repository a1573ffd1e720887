//! Registrations: found page by page, moved to other connections and other regions.

use ownkey_model::{
    AppError, Connection, ConnectionId, ConnectionKind, EndpointUrl, OperationState, Partition,
    RegistrationId, RegistrationPage, RegistrationQuery,
};
use ownkey_store::{Moved, Store};

use crate::operations::operation;
use crate::support::*;

/// Thirty: `Team 01` to `Team 30`, every third in GovCloud, accounts that end in their number.
fn thirty() -> (tempfile::TempDir, Store) {
    let (folder, store) = open();
    store.add_connection(&sandbox()).expect("a connection");
    for number in (1..=30).rev() {
        let (partition, code) = match number % 3 {
            0 => (Partition::AwsUsGov, "us-gov-west-1"),
            _ => (Partition::Aws, EAST),
        };
        let mut one = registration(
            &format!("Team {number:02}"),
            &format!("9000000000{number:02}"),
            &[code],
        );
        one.partition = partition;
        one.id = RegistrationId(format!("id-{number:02}-x"));
        store.add_registration(&one).expect("room for it");
    }
    (folder, store)
}

fn query() -> RegistrationQuery {
    RegistrationQuery {
        limit: 10,
        ..RegistrationQuery::default()
    }
}

fn names(page: &RegistrationPage) -> Vec<&str> {
    let registrations = page.registrations.iter();
    registrations.map(|one| one.name.as_str()).collect()
}

#[test]
fn thirty_registrations_are_paged_by_name() {
    let (_folder, store) = thirty();
    let mut seen = Vec::new();
    for skip in [0, 10, 20] {
        let page = store
            .find_registrations(&RegistrationQuery { skip, ..query() })
            .expect("found");
        assert_eq!((page.skip, page.limit, page.total), (skip, 10, 30));
        seen.extend(names(&page).into_iter().map(str::to_owned));
    }
    let all: Vec<String> = (1..=30).map(|number| format!("Team {number:02}")).collect();
    assert_eq!(seen, all);
    let behind = RegistrationQuery {
        skip: 30,
        ..query()
    };
    let behind = store.find_registrations(&behind).expect("found");
    assert_eq!((behind.total, names(&behind)), (30, vec![]));
}

#[test]
fn a_page_is_bounded_and_never_empty_by_its_limit() {
    let (_folder, store) = thirty();
    let given = |limit| {
        let query = RegistrationQuery { limit, ..query() };
        let page = store.find_registrations(&query).expect("found");
        (page.limit, page.registrations.len())
    };
    assert_eq!(given(0), (1, 1));
    assert_eq!(given(u32::MAX), (500, 30));
}

#[test]
fn every_filter_finds_a_part_of_its_text_whatever_the_case() {
    let (_folder, store) = thirty();
    let found = |query: RegistrationQuery| {
        let page = store.find_registrations(&query).expect("found");
        (page.total, names(&page).join(","))
    };
    let by_name = |name: &str| {
        found(RegistrationQuery {
            name: name.into(),
            ..query()
        })
    };
    assert_eq!(by_name(" tEAM 07 "), (1, "Team 07".into()));
    assert_eq!(by_name("m 1").0, 10);
    assert_eq!(by_name("%").0, 0, "a percent sign is one");
    assert_eq!(by_name("Team_07").0, 0, "an underscore is one");
    let by_id = |id: &str| {
        found(RegistrationQuery {
            id: id.into(),
            ..query()
        })
    };
    assert_eq!(by_id("ID-22"), (1, "Team 22".into()));
    assert_eq!(by_id("x' OR 1=1 --").0, 0);
    let by_account = found(RegistrationQuery {
        account: "000022".into(),
        ..query()
    });
    assert_eq!(by_account, (1, "Team 22".into()));
    let all_at_once = found(RegistrationQuery {
        id: "id-".into(),
        name: "team 0".into(),
        account: "9000".into(),
        cloud: Some(Partition::AwsUsGov),
        ..query()
    });
    assert_eq!(all_at_once, (3, "Team 03,Team 06,Team 09".into()));
    let nowhere = found(RegistrationQuery {
        cloud: Some(Partition::AwsCn),
        ..query()
    });
    assert_eq!(nowhere, (0, String::new()));
}

#[test]
fn names_of_every_script_are_found_and_sorted_whatever_their_case() {
    let (_folder, store) = open();
    store.add_connection(&sandbox()).expect("a connection");
    for (number, name) in ["übersee", "ZÜRICH", "Äpfel", "basel"].iter().enumerate() {
        let account = format!("90000000000{number}");
        store
            .add_registration(&registration(name, &account, &[EAST]))
            .expect("room for it");
    }
    let query = RegistrationQuery {
        name: "Ü".into(),
        ..query()
    };
    let page = store.find_registrations(&query).expect("found");
    assert_eq!(names(&page), ["ZÜRICH", "übersee"]);
    let all = store.registrations().expect("listed").into_iter();
    let all: Vec<String> = all.map(|one| one.name).collect();
    assert_eq!(all, ["basel", "ZÜRICH", "Äpfel", "übersee"]);
}

#[test]
fn a_registration_moves_to_another_connection_and_a_role_over_it() {
    let (_folder, store, first) = open_registered();
    let other = connection("other", "Other");
    store.add_connection(&other).expect("room for it");
    let before = store.registration(&first).expect("it is there");
    let over = role("arn:aws:iam::111111111111:role/OwnKey", Some("x-1"));
    let moved = |id: &RegistrationId, connection: &str, role| {
        let connection = ConnectionId(connection.into());
        let moved = Moved {
            connection: &connection,
            role,
            account_alias: Some("renamed"),
            caller_arn: "arn:new",
        };
        store.change_registration_connection(id, &moved, in_days(1))
    };
    assert_eq!(moved(&first, "other", Some(&over)), Ok(()));
    let mut expected = before;
    expected.connection = other;
    expected.role = Some(over.clone());
    expected.account_alias = Some("renamed".into());
    expected.caller_arn = "arn:new".into();
    expected.updated_at = in_days(1);
    assert_eq!(store.registration(&first), Ok(expected.clone()));

    let missing = |what: &str| Err(AppError::NotFound { what: what.into() });
    assert_eq!(moved(&first, "gone", None), missing("connection gone"));
    let nobody = RegistrationId("gone".into());
    assert_eq!(moved(&nobody, "other", None), missing("registration gone"));
    assert_eq!(
        store.registration(&first),
        Ok(expected),
        "nothing is changed"
    );
    assert_eq!(moved(&first, "sandbox", None), Ok(()));
    let back = store.registration(&first).expect("it is there");
    assert_eq!((back.role, back.connection), (None, sandbox()));
}

#[test]
fn a_region_that_is_left_takes_its_keys_and_leaves_the_others() {
    let (_folder, store, first) = open_registered();
    let (left, stays) = (tagged(key(WEST, 1), &[("team", "web")]), key(EAST, 2));
    sync(
        &store,
        &first,
        WEST,
        std::slice::from_ref(&left),
        &[alias("one", &left)],
    );
    sync(
        &store,
        &first,
        EAST,
        std::slice::from_ref(&stays),
        &[alias("two", &stays)],
    );
    let keys = || {
        let registration = store.registration(&first).expect("it is there");
        let keys = store.keys_by_region(&registration).expect("counted");
        let keys = keys.into_iter();
        keys.map(|one| (one.region.to_string(), one.keys)).collect()
    };
    let counted = |expected: &[(&str, u32)]| {
        let found: Vec<(String, u32)> = keys();
        let expected = expected
            .iter()
            .map(|(code, keys)| ((*code).to_owned(), *keys));
        assert_eq!(found, expected.collect::<Vec<_>>());
    };
    counted(&[(WEST, 1), (EAST, 1)]);
    let run = store.begin_sync(&first).expect("a run");

    let regions = [region("ap-south-1"), region(EAST)];
    store
        .change_registration_regions(&first, &regions, in_days(1))
        .expect("changed");

    counted(&[("ap-south-1", 0), (EAST, 1)]);
    assert!(store.key(&left.arn).is_err());
    assert!(store.key(&stays.arn).is_ok());
    assert!(store.find_keys("one", 10).expect("hits").is_empty());
    assert!(store.find_keys("web", 10).expect("hits").is_empty());
    assert_eq!(store.find_keys("two", 10).expect("hits").len(), 1);
    let changed = store.registration(&first).expect("it is there");
    assert_eq!(changed.regions, regions);
    assert_eq!(changed.updated_at, in_days(1));

    // A synchronisation that was under way brings back nothing of what was left.
    let both = [left.clone(), stays.clone()];
    store.record_keys(run, &first, &both, now()).expect("keys");
    let names = [alias("one", &left)];
    store
        .record_aliases(run, &first, &account(ACCOUNT), &region(WEST), &names)
        .expect("aliases");
    assert!(store.key(&left.arn).is_err());
    assert!(store.key(&stays.arn).is_ok());
    assert!(store.find_keys("one", 10).expect("hits").is_empty());
    let refreshed = store.refresh_key(&first, &left, Some(&names), now());
    assert!(matches!(refreshed, Err(AppError::NotFound { .. })));
    // Somebody else may hold the region now.
    let second = registration("second", ACCOUNT, &[WEST]);
    assert_eq!(store.add_registration(&second), Ok(()));
}

#[test]
fn regions_are_changed_as_a_whole_or_not_at_all() {
    let (_folder, store, first) = open_registered();
    let second = registration("second", ACCOUNT, &["ap-south-1"]);
    store.add_registration(&second).expect("room for it");
    let before = store.registration(&first).expect("it is there");
    let wanted = [region("ap-south-1"), region(EAST), region("sa-east-1")];
    assert_eq!(
        store.change_registration_regions(&first, &wanted, in_days(1)),
        Err(AppError::RegionsTaken {
            regions: vec!["ap-south-1".into()],
            by: "second".into()
        })
    );
    assert_eq!(store.registration(&first), Ok(before));
    let nobody = RegistrationId("gone".into());
    assert_eq!(
        store.change_registration_regions(&nobody, &wanted, in_days(1)),
        Err(AppError::NotFound {
            what: "registration gone".into()
        })
    );
}

#[test]
fn a_region_is_held_while_an_operation_there_is_open() {
    let (_folder, store, first) = open_registered();
    let in_the_west = operation("o1");
    store
        .open_operation(&in_the_west, None)
        .expect("room for it");
    assert_eq!(store.open_operations(&first), Ok(1));
    let held = store.change_registration_regions(&first, &[region(EAST)], now());
    assert_eq!(held, Err(AppError::OperationsOpen { count: 1 }));
    let registration = store.registration(&first).expect("it is there");
    assert_eq!(registration.regions.len(), 2, "nothing is changed");
    let other = store.change_registration_regions(&first, &[region(WEST)], now());
    assert_eq!(other, Ok(()));
}

#[test]
fn keys_of_a_region_that_a_crash_left_behind_are_gone_after_the_next_start() {
    let (folder, store, first) = open_registered();
    let keys = [key(WEST, 1), key(EAST, 2)];
    for one in &keys {
        let code = one.arn.region();
        sync(
            &store,
            &first,
            code.as_str(),
            std::slice::from_ref(one),
            &[],
        );
    }
    drop(store);
    // The journal has left the region, the cache has not.
    rusqlite::Connection::open(folder.path().join("journal.db"))
        .and_then(|journal| {
            journal.execute("DELETE FROM registration_regions WHERE region = ?", [WEST])
        })
        .expect("one row");
    let store = Store::open(folder.path()).expect("the same store");
    assert!(store.key(&keys[0].arn).is_err());
    assert!(store.key(&keys[1].arn).is_ok());
}

#[test]
fn open_operations_stay_on_the_server_that_they_were_begun_on() {
    let (_folder, store, first) = open_registered();
    let url = |text: &str| Some(EndpointUrl::parse(text).expect("a URL"));
    let elsewhere = Connection {
        kind: ConnectionKind::Profile {
            profile: "prod".into(),
        },
        endpoint_url: url("https://kms.example.com"),
        ..connection("elsewhere", "Elsewhere")
    };
    let alike = connection("alike", "Alike");
    for one in [&elsewhere, &alike] {
        store.add_connection(one).expect("room for it");
    }
    store
        .open_operation(&operation("o1"), None)
        .expect("room for it");
    let moved = |connection: &Connection| {
        let moved = Moved {
            connection: &connection.id,
            role: None,
            account_alias: None,
            caller_arn: "arn:new",
        };
        store.change_registration_connection(&first, &moved, now())
    };
    let open = AppError::OperationsOpen { count: 1 };
    assert_eq!(moved(&elsewhere), Err(open.clone()));
    let changed = Connection {
        id: sandbox().id,
        ..elsewhere.clone()
    };
    let renamed = Connection {
        name: "Sandbox 2".into(),
        ..changed
    };
    assert_eq!(store.change_connection(&renamed), Err(open.clone()));
    assert_eq!(store.changeable_connection(&renamed), Err(open));
    assert_eq!(store.connection(&sandbox().id), Ok(sandbox()));
    // Another way to the same server is as good, and so is any for connections that nothing needs.
    assert_eq!(moved(&alike), Ok(()));
    assert_eq!(store.change_connection(&renamed), Ok(()));
    store
        .close_operation(&operation("o1").id, OperationState::Finished, now())
        .expect("it is open");
    assert_eq!(moved(&elsewhere), Ok(()));
}
