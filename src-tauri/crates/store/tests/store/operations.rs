//! Operations: every change of a step, and what is written together or not at all.

use ownkey_model::{
    AliasName, AppError, BackupFile, Expiry, KeyBefore, KeySpec, MaterialPlace, Operation,
    OperationId, OperationKind, OperationPage, OperationQuery, OperationState, OperationStep,
    RegistrationId, Step, StepOutcome, StepState, Tag,
};
use ownkey_store::{Database, StepEnd, Store};

use crate::materials::{material, material_id};
use crate::support::*;

fn id(name: &str) -> OperationId {
    OperationId(name.into())
}

fn step(number: u32, step: Step) -> OperationStep {
    OperationStep {
        number,
        step,
        undo: false,
        state: StepState::Waiting,
        asked_at: None,
        ended_at: None,
        request_id: None,
        outcome: None,
        error: None,
    }
}

/// An upload of three steps, none of which was begun.
pub(crate) fn operation(name: &str) -> Operation {
    let alias = AliasName::parse("orders").expect("an alias");
    Operation {
        id: id(name),
        kind: OperationKind::UploadKey,
        registration: RegistrationId("first".into()),
        account: account(ACCOUNT),
        region: region(WEST),
        alias: Some(alias.clone()),
        state: OperationState::Open,
        running: false,
        opened_at: now(),
        closed_at: None,
        key: None,
        material: Some(material_id(1)),
        before: None,
        steps: vec![
            OperationStep {
                state: StepState::Done,
                ended_at: Some(now()),
                outcome: Some(StepOutcome::Done),
                ..step(
                    0,
                    Step::SealMaterial {
                        spec: KeySpec::Hmac256,
                        known: false,
                    },
                )
            },
            step(1, Step::AwaitEnabled),
            step(2, Step::CreateAlias { alias }),
        ],
        error: None,
        undo: None,
    }
}

fn unreachable() -> AppError {
    AppError::EndpointUnreachable {
        endpoint: "kms.eu-west-1.amazonaws.com".into(),
        cause: "timed out".into(),
    }
}

fn denied() -> AppError {
    AppError::AccessDenied {
        action: "kms:CreateAlias".into(),
        resource: arn(WEST, 1).to_string(),
        cause: "no identity-based policy allows it".into(),
        request_id: Some("r-1".into()),
    }
}

/// A store with the operation "one" and its material.
fn open_with_operation() -> (tempfile::TempDir, Store, OperationId) {
    let (folder, store, _) = open_registered();
    store
        .open_operation(&operation("one"), Some(&material(1)))
        .expect("room for it");
    (folder, store, id("one"))
}

fn read(store: &Store, of: &OperationId) -> Operation {
    store.operation(of).expect("it is there")
}

fn everything() -> OperationQuery {
    OperationQuery {
        open_only: false,
        key: None,
        skip: 0,
        limit: 200,
    }
}

fn names(page: &OperationPage) -> Vec<&str> {
    page.operations
        .iter()
        .map(|one| one.id.0.as_str())
        .collect()
}

#[test]
fn an_operation_comes_back_as_it_was_given() {
    let (folder, store, _) = open_registered();
    let given = Operation {
        kind: OperationKind::ImportMaterial,
        key: Some(arn(WEST, 1)),
        before: Some(KeyBefore {
            materials: vec![],
            held_material: true,
            expiry: Expiry::At(in_days(3)),
        }),
        error: Some(unreachable()),
        ..operation("one")
    };
    store.open_operation(&given, None).expect("room for it");
    drop(store);
    let store = Store::open(folder.path()).expect("the store");
    assert_eq!(store.operation(&given.id), Ok(given));
}

#[test]
fn text_that_means_something_to_sql_or_json_stays_text() {
    let (_folder, store, _) = open_registered();
    let hostile = "'; DROP TABLE operations; -- \"}],\u{0}\u{202e}🔑";
    let mut given = operation(hostile);
    given.steps.push(step(
        3,
        Step::TagKey {
            tags: vec![Tag {
                key: hostile.into(),
                value: hostile.into(),
            }],
        },
    ));
    given.registration = RegistrationId(hostile.into());
    given.error = Some(AppError::NotFound {
        what: hostile.into(),
    });
    let mut hostile = registration("hostile", "222222222222", &[WEST]);
    hostile.id = given.registration.clone();
    store.add_registration(&hostile).expect("room for it");
    store.open_operation(&given, None).expect("room for it");
    assert_eq!(store.operation(&given.id), Ok(given));
}

#[test]
fn an_operation_that_is_not_there_is_not_found() {
    let (_folder, store, one) = open_with_operation();
    let not_found = |what: &str| AppError::NotFound { what: what.into() };
    let other = id("other");
    assert_eq!(store.operation(&other), Err(not_found("operation other")));
    assert_eq!(
        store.begin_step(&other, 0, now()),
        Err(not_found("operation other"))
    );
    assert_eq!(
        store.refuse_step(&one, 3, now(), &denied()),
        Err(not_found("step 3 of operation one"))
    );
    assert_eq!(read(&store, &one).error, None, "nothing of it was written");
}

#[test]
fn an_operation_is_opened_with_its_material_or_not_at_all() {
    let (_folder, store, _) = open_with_operation();
    assert_eq!(
        store.open_operation(&operation("two"), Some(&material(1))),
        Err(AppError::NameTaken {
            name: material_id(1).to_string()
        })
    );
    assert_eq!(
        store.open_operation(&operation("one"), Some(&material(2))),
        Err(AppError::NameTaken { name: "one".into() })
    );
    let page = store.operations(&everything()).expect("operations");
    assert_eq!(names(&page), ["one"]);
    let materials = store.materials().expect("materials");
    assert_eq!(materials.len(), 1);
}

#[test]
fn a_step_is_asked_and_then_done() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, in_days(1)).expect("it is open");
    let asked = OperationStep {
        state: StepState::Asked,
        asked_at: Some(in_days(1)),
        ..step(1, Step::AwaitEnabled)
    };
    assert_eq!(read(&store, &one).steps[1], asked);
    let end = StepEnd {
        outcome: Some(StepOutcome::FoundDone),
        request_id: Some("r-7".into()),
        ..StepEnd::default()
    };
    store
        .end_step(&one, 1, in_days(2), end)
        .expect("it is open");
    let after = read(&store, &one);
    assert_eq!(
        after.steps[1],
        OperationStep {
            state: StepState::Done,
            ended_at: Some(in_days(2)),
            request_id: Some("r-7".into()),
            outcome: Some(StepOutcome::FoundDone),
            ..asked
        }
    );
    let untouched = operation("one").steps;
    assert_eq!(
        (&after.steps[0], &after.steps[2]),
        (&untouched[0], &untouched[2])
    );
}

#[test]
fn the_key_that_a_step_made_is_the_operations() {
    let (_folder, store, one) = open_with_operation();
    let end = StepEnd {
        outcome: Some(StepOutcome::KeyMade {
            key: arn(WEST, 1),
            found: true,
        }),
        ..StepEnd::default()
    };
    store.end_step(&one, 1, now(), end).expect("it is open");
    assert_eq!(read(&store, &one).key, Some(arn(WEST, 1)));
}

#[test]
fn a_refused_step_stops_its_operation_until_it_is_asked_again() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 2, in_days(1)).expect("it is open");
    store
        .refuse_step(&one, 2, in_days(2), &denied())
        .expect("it is open");
    let stopped = read(&store, &one);
    assert_eq!(stopped.error, Some(denied()));
    assert_eq!(
        stopped.steps[2],
        OperationStep {
            state: StepState::Refused,
            asked_at: Some(in_days(1)),
            ended_at: Some(in_days(2)),
            error: Some(denied()),
            ..operation("one").steps[2].clone()
        }
    );
    store.clear_operation_error(&one).expect("it is open");
    store.begin_step(&one, 2, in_days(3)).expect("it is open");
    let again = read(&store, &one);
    assert_eq!(again.error, None);
    assert_eq!(
        again.steps[2],
        OperationStep {
            state: StepState::Asked,
            asked_at: Some(in_days(3)),
            ..operation("one").steps[2].clone()
        }
    );
}

#[test]
fn a_step_in_doubt_stays_asked_and_says_why() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, now()).expect("it is open");
    store
        .doubt_step(&one, 1, &unreachable())
        .expect("it is open");
    let doubted = read(&store, &one);
    assert_eq!(doubted.error, Some(unreachable()));
    assert_eq!(
        doubted.steps[1],
        OperationStep {
            state: StepState::Asked,
            asked_at: Some(now()),
            error: Some(unreachable()),
            ..step(1, Step::AwaitEnabled)
        }
    );
}

#[test]
fn undoing_skips_what_was_not_done_and_appends_its_steps_once() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, now()).expect("it is open");
    store
        .refuse_step(&one, 1, now(), &denied())
        .expect("it is open");
    let undo = [Step::ScheduleKeyDeletion { days: 7 }, Step::DeleteMaterial];
    for _ in 0..2 {
        store.begin_undo(&one, &undo).expect("it is open");
        let undoing = read(&store, &one);
        assert_eq!(undoing.state, OperationState::Undoing);
        let states: Vec<_> = undoing
            .steps
            .iter()
            .map(|one| (one.number, one.undo, one.state))
            .collect();
        assert_eq!(
            states,
            [
                (0, false, StepState::Done),
                (1, false, StepState::Skipped),
                (2, false, StepState::Skipped),
                (3, true, StepState::Waiting),
                (4, true, StepState::Waiting),
            ]
        );
        assert_eq!(undoing.steps[3].step, undo[0]);
        assert_eq!(undoing.steps[4].step, undo[1]);
    }
}

#[test]
fn what_was_asked_and_not_found_done_is_skipped_when_undoing_begins() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, now()).expect("it is open");
    store.begin_undo(&one, &[]).expect("it is open");
    assert_eq!(read(&store, &one).steps[1].state, StepState::Skipped);
}

#[test]
fn a_closed_operation_stays_as_it_ended() {
    for end in [OperationState::Finished, OperationState::Undone] {
        let (_folder, store, one) = open_with_operation();
        store.begin_step(&one, 1, now()).expect("it is open");
        store
            .doubt_step(&one, 1, &unreachable())
            .expect("it is open");
        store
            .close_operation(&one, end, in_days(1))
            .expect("it is open");
        let closed = read(&store, &one);
        assert_eq!(
            (closed.state, closed.closed_at, &closed.error),
            (end, Some(in_days(1)), &None)
        );
        assert_eq!(closed.steps[1].state, StepState::Asked);
        assert_eq!(closed.steps[2].state, StepState::Skipped);
        let refused = [
            store.begin_step(&one, 1, now()),
            store.end_step(&one, 1, now(), StepEnd::default()),
            store.refuse_step(&one, 1, now(), &denied()),
            store.doubt_step(&one, 1, &denied()),
            store.clear_operation_error(&one),
            store.begin_undo(&one, &[Step::DeleteMaterial]),
            store.close_operation(&one, OperationState::Undone, now()),
        ];
        for outcome in refused {
            assert_eq!(outcome, Err(AppError::OperationClosed));
        }
        assert_eq!(read(&store, &one), closed);
    }
}

#[test]
fn what_came_of_a_step_is_written_with_its_end() {
    let (_folder, store, one) = open_with_operation();
    let (of, key) = (material_id(1), arn(WEST, 1));
    let place = MaterialPlace {
        key: key.clone(),
        kms_material_id: Some("a1".into()),
        imported_at: now(),
        valid_to: Some(in_days(30)),
        removed_at: None,
    };
    let backup = BackupFile {
        path: "/backups/one.age".into(),
        written_at: now(),
        verified_at: Some(now()),
        sandbox: false,
        own_passphrase: false,
    };
    let end = StepEnd {
        place: Some((&of, place.clone())),
        backup: Some((&of, backup.clone())),
        ..StepEnd::default()
    };
    store.end_step(&one, 1, now(), end).expect("it is open");
    let stored = store.material(&of).expect("it is there");
    assert_eq!(stored.places, std::slice::from_ref(&place));
    assert_eq!(stored.backups, [backup]);

    let removed = StepEnd {
        removed_place: Some((&of, &key)),
        ..StepEnd::default()
    };
    store
        .end_step(&one, 2, in_days(1), removed)
        .expect("it is open");
    let removed = MaterialPlace {
        removed_at: Some(in_days(1)),
        ..place.clone()
    };
    let places = || store.material(&of).expect("it is there").places;
    assert_eq!(places(), [removed]);

    let again = StepEnd {
        place: Some((&of, place.clone())),
        ..StepEnd::default()
    };
    store
        .end_step(&one, 2, in_days(2), again)
        .expect("it is open");
    assert_eq!(places(), [place], "imported once more, it is there again");
}

#[test]
fn a_step_does_not_end_without_what_belongs_to_it() {
    let (_folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, now()).expect("it is open");
    let before = read(&store, &one);
    let unknown = material_id(9);
    let end = StepEnd {
        outcome: Some(StepOutcome::KeyMade {
            key: arn(WEST, 1),
            found: false,
        }),
        backup: Some((
            &unknown,
            BackupFile {
                path: "/x".into(),
                written_at: now(),
                verified_at: None,
                sandbox: false,
                own_passphrase: false,
            },
        )),
        ..StepEnd::default()
    };
    assert_eq!(
        store.end_step(&one, 1, now(), end),
        Err(AppError::NotFound {
            what: format!("material {unknown}")
        })
    );
    assert_eq!(read(&store, &one), before);
}

#[test]
fn a_full_disk_leaves_an_operation_as_it_was() {
    let (folder, store, one) = open_with_operation();
    store.begin_step(&one, 1, now()).expect("it is open");
    let before = read(&store, &one);
    store
        .limit_pages(Database::Journal, Some(1))
        .expect("a limit");
    let full = AppError::DiskFull {
        path: folder.path().join("journal.db").display().to_string(),
    };
    let long = AppError::NotFound {
        what: "x".repeat(60_000),
    };
    assert_eq!(store.refuse_step(&one, 1, now(), &long), Err(full.clone()));
    assert_eq!(store.doubt_step(&one, 1, &long), Err(full.clone()));
    let steps = vec![
        Step::BackUpMaterial {
            folder: "x".repeat(60_000)
        };
        2
    ];
    assert_eq!(store.begin_undo(&one, &steps), Err(full.clone()));
    let mut two = operation("two");
    two.error = Some(long);
    assert_eq!(store.open_operation(&two, Some(&material(2))), Err(full));
    assert_eq!(read(&store, &one), before);
    assert_eq!(store.materials().expect("materials").len(), 1);

    store
        .limit_pages(Database::Journal, None)
        .expect("no limit");
    store
        .open_operation(&two, Some(&material(2)))
        .expect("room again");
}

#[test]
fn a_registration_stays_while_an_operation_over_it_has_not_ended_and_the_record_stays_longer() {
    let (_folder, store, first) = open_registered();
    store
        .open_operation(&operation("one"), Some(&material(1)))
        .expect("room for it");
    let open = Err(AppError::OperationsOpen { count: 1 });
    assert_eq!(store.remove_registration(&first), open);
    assert!(store.registration(&first).is_ok());
    store
        .close_operation(&id("one"), OperationState::Finished, now())
        .expect("it is open");
    let ended = read(&store, &id("one"));
    store.remove_registration(&first).expect("nothing is open");
    assert_eq!(read(&store, &id("one")), ended);
}

#[test]
fn an_operation_is_opened_only_in_a_region_that_its_registration_holds() {
    let (_folder, store, first) = open_registered();
    let open = || store.open_operation(&operation("one"), Some(&material(1)));
    let missing = |what: &str| Err(AppError::NotFound { what: what.into() });
    store
        .change_registration_regions(&first, &[region(EAST)], now())
        .expect("nothing is open");
    assert_eq!(
        open(),
        missing("region eu-west-1 of registration first"),
        "left while somebody signed in"
    );
    store.remove_registration(&first).expect("nothing is open");
    assert_eq!(open(), missing("registration first"));
    assert_eq!(store.operations(&everything()).expect("listed").total, 0);
    assert_eq!(store.materials(), Ok(vec![]), "nothing is written");
}

#[test]
fn operations_are_paged_the_latest_first() {
    let (_folder, store, _) = open_registered();
    for number in 0..250_u32 {
        let mut one = operation(&format!("{number:03}"));
        // Two of each second, so that the order among equals shows too.
        one.opened_at = in_days(i64::from(number / 2));
        one.key = (number % 100 == 0).then(|| arn(WEST, 7));
        if number >= 10 {
            one.state = OperationState::Finished;
            one.closed_at = Some(in_days(300));
        }
        store.open_operation(&one, None).expect("room for it");
    }
    let page = |query: OperationQuery| store.operations(&query).expect("operations");
    let all = page(OperationQuery {
        limit: u32::MAX,
        ..everything()
    });
    assert_eq!((all.total, all.operations.len()), (250, 200));
    assert_eq!(names(&all)[..4], ["248", "249", "246", "247"]);
    let rest = page(OperationQuery {
        skip: 200,
        ..everything()
    });
    assert_eq!((rest.total, rest.operations.len()), (250, 50));
    assert_eq!(names(&rest)[..2], ["048", "049"]);
    let open = page(OperationQuery {
        open_only: true,
        limit: 3,
        ..everything()
    });
    assert_eq!((open.total, names(&open)), (10, vec!["008", "009", "006"]));
    let of_key = page(OperationQuery {
        key: Some(arn(WEST, 7)),
        ..everything()
    });
    assert_eq!(
        (of_key.total, names(&of_key)),
        (3, vec!["200", "100", "000"])
    );
    let both = page(OperationQuery {
        open_only: true,
        key: Some(arn(WEST, 7)),
        ..everything()
    });
    assert_eq!((both.total, names(&both)), (1, vec!["000"]));
}
