//! Sealed material and what is known about it.

use ownkey_material::{Fingerprint, RecordLabel, SealedRecord, SealedRecords};
use ownkey_model::{
    AppError, BackupFile, KeyArn, KeySpec, MaterialId, MaterialOrigin, MaterialPlace, Operation,
    OperationId, OperationKind, OperationState, OperationStep, RegistrationId, SourceTier, Step,
    StepState, StoredMaterial,
};
use ownkey_store::{Database, NewMaterial, StepEnd, Store};

use crate::support::*;

pub(crate) fn material_id(number: u8) -> MaterialId {
    MaterialId::parse(&format!("material-{number}")).expect("an id")
}

/// A material of its own bytes and fingerprint; the higher its number, the later it was sealed.
pub(crate) fn material(number: u8) -> NewMaterial {
    NewMaterial {
        record: SealedRecord {
            label: RecordLabel {
                id: material_id(number),
                spec: KeySpec::Hmac256,
                tier: SourceTier::Local,
                created_at: in_days(number.into()),
            },
            sealed: vec![number; 64],
        },
        name: format!("material number {number}"),
        origin: MaterialOrigin::Generated,
        fingerprint: Fingerprint::from_bytes([number; 32]),
        check_value: None,
    }
}

fn backup(path: &str, day: i64) -> BackupFile {
    BackupFile {
        path: path.into(),
        written_at: in_days(day),
        verified_at: None,
        sandbox: false,
        own_passphrase: false,
    }
}

/// An operation that uses material 1, with one step.
fn operation(key: &KeyArn) -> Operation {
    Operation {
        id: OperationId("one".into()),
        kind: OperationKind::ImportMaterial,
        registration: RegistrationId("first".into()),
        account: account(ACCOUNT),
        region: region(WEST),
        alias: None,
        state: OperationState::Open,
        running: false,
        opened_at: now(),
        closed_at: None,
        key: Some(key.clone()),
        material: Some(material_id(1)),
        before: None,
        steps: vec![OperationStep {
            number: 0,
            step: Step::AwaitEnabled,
            undo: false,
            state: StepState::Waiting,
            asked_at: None,
            ended_at: None,
            request_id: None,
            outcome: None,
            error: None,
        }],
        error: None,
        undo: None,
    }
}

/// Writes down imports of materials into keys: material, key's number, day.
fn import(store: &Store, imports: &[(u8, u32, i64)]) {
    let operation = operation(&arn(WEST, 1));
    store.open_operation(&operation, None).expect("room for it");
    for (of, key, day) in imports {
        let place = MaterialPlace {
            key: arn(WEST, *key),
            kms_material_id: None,
            imported_at: in_days(*day),
            valid_to: None,
            removed_at: None,
        };
        let of = material_id(*of);
        let end = StepEnd {
            place: Some((&of, place)),
            ..StepEnd::default()
        };
        store
            .end_step(&operation.id, 0, in_days(*day), end)
            .expect("it is open");
    }
    store
        .close_operation(&operation.id, OperationState::Finished, now())
        .expect("it is open");
}

#[test]
fn a_material_comes_back_as_it_was_given() {
    let (folder, store, _) = open_registered();
    assert_eq!(store.has_materials(), Ok(false));
    let mut given = material(1);
    given.name = "Bestellungen'; DROP TABLE materials; --\u{202e}🔑".into();
    given.origin = MaterialOrigin::File {
        name: "key\"}.pem".into(),
    };
    given.check_value = Some("0a1b2c".into());
    store.add_material(&given).expect("room for it");
    drop(store);
    let store = Store::open(folder.path()).expect("the store");
    let expected = StoredMaterial {
        id: material_id(1),
        name: given.name.clone(),
        spec: KeySpec::Hmac256,
        tier: SourceTier::Local,
        origin: given.origin.clone(),
        fingerprint: "0101 0101 0101 0101".into(),
        check_value: Some("0a1b2c".into()),
        created_at: in_days(1),
        places: vec![],
        backups: vec![],
    };
    assert_eq!(store.material(&material_id(1)), Ok(expected.clone()));
    assert_eq!(store.materials(), Ok(vec![expected]));
    assert_eq!(store.has_materials(), Ok(true));
    assert_eq!(store.fetch(&material_id(1)), Ok(Some(given.record)));
}

#[test]
fn a_material_that_is_not_there_is_not_found() {
    let (_folder, store, _) = open_registered();
    let not_found = AppError::NotFound {
        what: "material material-1".into(),
    };
    let one = material_id(1);
    assert_eq!(store.material(&one), Err(not_found.clone()));
    assert_eq!(
        store.record_backup(&one, &backup("/a", 1)),
        Err(not_found.clone())
    );
    assert_eq!(store.remove_material(&one), Err(not_found));
}

#[test]
fn a_sealed_record_is_never_replaced() {
    let (_folder, store, _) = open_registered();
    let first = material(1);
    store.put(&first.record).expect("room for it");
    let other = SealedRecord {
        sealed: vec![9; 64],
        ..first.record.clone()
    };
    let taken = AppError::NameTaken {
        name: material_id(1).to_string(),
    };
    assert_eq!(store.put(&other), Err(taken.clone()));
    assert_eq!(
        store.add_material(&NewMaterial {
            record: other,
            ..first.clone()
        }),
        Err(taken)
    );
    assert_eq!(store.fetch(&material_id(1)), Ok(Some(first.record.clone())));
    assert_eq!(store.list(), Ok(vec![first.record]));
    assert_eq!(store.materials(), Ok(vec![]), "nothing of it was written");
}

#[test]
fn sealed_records_are_listed_as_they_were_made_and_removed_once() {
    let (_folder, store, _) = open_registered();
    for number in [2, 3, 1] {
        store.put(&material(number).record).expect("room for it");
    }
    let listed = || store.list().expect("records");
    assert_eq!(listed(), [1, 2, 3].map(|number| material(number).record));
    for _ in 0..2 {
        SealedRecords::remove(&store, &material_id(2)).expect("none is no error");
    }
    assert_eq!(listed(), [1, 3].map(|number| material(number).record));
    assert_eq!(store.fetch(&material_id(2)), Ok(None));
}

#[test]
fn materials_are_listed_the_latest_first() {
    let (_folder, store, _) = open_registered();
    for number in [2, 3, 1] {
        store.add_material(&material(number)).expect("room for it");
    }
    let ids: Vec<_> = store
        .materials()
        .expect("materials")
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids, [3, 2, 1].map(material_id));
}

#[test]
fn the_same_bytes_are_recognised_in_the_oldest_material() {
    let (_folder, store, _) = open_registered();
    let fingerprint = Fingerprint::from_bytes([7; 32]);
    assert_eq!(store.material_of(&fingerprint), Ok(None));
    for number in [3, 2] {
        let twin = NewMaterial {
            fingerprint,
            ..material(number)
        };
        store.add_material(&twin).expect("room for it");
    }
    store.add_material(&material(1)).expect("room for it");
    assert_eq!(store.material_of(&fingerprint), Ok(Some(material_id(2))));
}

#[test]
fn a_key_knows_its_materials_and_a_material_its_keys_the_latest_import_first() {
    let (_folder, store, _) = open_registered();
    for number in 1..=3 {
        store.add_material(&material(number)).expect("room for it");
    }
    import(
        &store,
        &[(1, 1, 1), (2, 1, 2), (1, 2, 3), (3, 2, 4), (1, 1, 5)],
    );
    let of_key = |number| store.materials_of_key(&arn(WEST, number));
    assert_eq!(of_key(1), Ok(vec![material_id(1), material_id(2)]));
    assert_eq!(of_key(2), Ok(vec![material_id(3), material_id(1)]));
    assert_eq!(of_key(3), Ok(vec![]));
    let places: Vec<_> = store
        .material(&material_id(1))
        .expect("it is there")
        .places
        .into_iter()
        .map(|place| (place.key, place.imported_at))
        .collect();
    assert_eq!(
        places,
        [(arn(WEST, 1), in_days(5)), (arn(WEST, 2), in_days(3))]
    );
}

#[test]
fn a_backup_is_known_by_its_path() {
    let (_folder, store, _) = open_registered();
    store.add_material(&material(1)).expect("room for it");
    let one = material_id(1);
    let hostile = backup("/tmp/'; DROP TABLE backups; --/ä.age", 2);
    for written in [&backup("/a", 1), &hostile, &backup("/b", 3)] {
        store.record_backup(&one, written).expect("it is there");
    }
    let verified = BackupFile {
        verified_at: Some(in_days(9)),
        sandbox: true,
        own_passphrase: false,
        ..backup("/a", 1)
    };
    store.record_backup(&one, &verified).expect("it is there");
    let backups = store.material(&one).expect("it is there").backups;
    assert_eq!(backups, [backup("/b", 3), hostile, verified]);
}

#[test]
fn a_removed_material_leaves_nothing() {
    let (_folder, store, _) = open_registered();
    for number in 1..=2 {
        store.add_material(&material(number)).expect("room for it");
    }
    let one = material_id(1);
    import(&store, &[(1, 1, 1), (2, 1, 2)]);
    store
        .record_backup(&one, &backup("/a", 1))
        .expect("it is there");
    store.remove_material(&one).expect("it is there");
    assert!(store.material(&one).is_err());
    assert_eq!(store.fetch(&one), Ok(None));
    assert_eq!(
        store.materials_of_key(&arn(WEST, 1)),
        Ok(vec![material_id(2)])
    );
    store.add_material(&material(1)).expect("the id is free");
    let again = store.material(&one).expect("it is there");
    assert_eq!((again.places, again.backups), (vec![], vec![]));
}

#[test]
fn a_removed_material_is_not_in_the_files_any_more() {
    let (folder, store, _) = open_registered();
    let mut secret = material(1);
    secret.record.sealed = b"sealed bytes that must go".repeat(400);
    store.add_material(&secret).expect("room for it");
    store.remove_material(&material_id(1)).expect("it is there");
    drop(store);
    let bytes = std::fs::read(folder.path().join("journal.db")).expect("the journal");
    let found = bytes
        .windows(25)
        .any(|window| window == b"sealed bytes that must go");
    assert!(!found);
}

#[test]
fn a_material_stays_while_an_operation_that_has_not_ended_uses_it() {
    let (_folder, store, _) = open_registered();
    let one = material_id(1);
    let open = operation(&arn(WEST, 1));
    store
        .open_operation(&open, Some(&material(1)))
        .expect("room for it");
    let in_use = Err(AppError::MaterialInUse);
    assert_eq!(store.remove_material(&one), in_use);
    assert_eq!(SealedRecords::remove(&store, &one), in_use);
    store
        .close_operation(&open.id, OperationState::Undone, now())
        .expect("it is open");
    assert_eq!(store.remove_material(&one), Ok(()));
    assert_eq!(
        store.operation(&open.id).expect("it is there").material,
        Some(one),
        "the record of what was done stays"
    );
}

#[test]
fn the_keys_of_an_account_that_begins_anew_are_forgotten_and_no_others() {
    let (_folder, store, _) = open_registered();
    store.add_material(&material(1)).expect("room for it");
    import(&store, &[(1, 1, 1), (1, 2, 2)]);
    let places = || {
        let one = store.material(&material_id(1)).expect("it is there");
        one.places.len()
    };
    store.forget_places(&[]).expect("nothing to forget");
    store
        .forget_places(&[account("222222222222")])
        .expect("nothing to forget");
    assert_eq!(places(), 2);
    let open = Operation {
        id: OperationId("two".into()),
        ..operation(&arn(WEST, 1))
    };
    store.open_operation(&open, None).expect("room for it");
    let refused = store.forget_places(&[account(ACCOUNT)]);
    assert_eq!(refused, Err(AppError::OperationsOpen { count: 1 }));
    assert_eq!(places(), 2);
    store
        .close_operation(&open.id, OperationState::Undone, now())
        .expect("it is open");
    store
        .forget_places(&[account(ACCOUNT)])
        .expect("nothing is open");
    assert_eq!(places(), 0);
    assert_eq!(store.materials_of_key(&arn(WEST, 1)), Ok(vec![]));
}

#[test]
fn a_full_disk_keeps_no_half_of_a_material() {
    let (folder, store, _) = open_registered();
    store.add_material(&material(1)).expect("room for it");
    store
        .limit_pages(Database::Journal, Some(1))
        .expect("a limit");
    let mut large = material(2);
    large.name = "x".repeat(60_000);
    assert_eq!(
        store.add_material(&large),
        Err(AppError::DiskFull {
            path: folder.path().join("journal.db").display().to_string()
        })
    );
    assert_eq!(store.list(), Ok(vec![material(1).record]));
    store
        .limit_pages(Database::Journal, None)
        .expect("no limit");
    store.add_material(&large).expect("room again");
}

#[test]
fn the_backup_folder_is_the_one_chosen_last() {
    let (folder, store, _) = open_registered();
    assert_eq!(store.backup_folder(), Ok(None));
    for chosen in ["/home/me/Documents", "/mnt/'stick'; --"] {
        store.set_backup_folder(chosen).expect("room for it");
        assert_eq!(store.backup_folder(), Ok(Some(chosen.into())));
    }
    drop(store);
    let store = Store::open(folder.path()).expect("the store");
    assert_eq!(store.backup_folder(), Ok(Some("/mnt/'stick'; --".into())));
}
