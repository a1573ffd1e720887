//! Material in the store: made, read, backed up, verified, exported, restored, removed.

#![allow(
    clippy::disallowed_methods,
    reason = "looks at the backup files from outside, and spoils them"
)]

use std::{fs, path::Path};

use ownkey_material::{
    BackupLabel, FingerprintKey, MASTER_KEY_ENTRY, MasterKey, Material, Passphrase, SealedRecord,
    SealedRecords, Secret, Vault, WorkFactor, make_material_id, write_backup,
};
use ownkey_model::{
    AppError, BackupProblem, Change, Clock, ConnectionId, Field, FileProblem, ImportDraft, KeySpec,
    KeyView, MaterialChoice, MaterialId, MaterialOrigin, OperationId, OperationState,
    RegistrationDraft, Result, RoleDraft, Step, StoredMaterial, UndoOffer, UploadDraft,
};
use ownkey_store::{NewMaterial, backup_file_written_at};
use ownkey_usecases::{
    apply_import, back_up_material, export_material, leave_sandbox, list_materials, make_material,
    plan_import, register_account, remove_material, remove_registration, restore_backup,
    return_to_sandbox, set_up_backups, store_material, undo_operation, verify_backup,
};
use tokio_util::sync::CancellationToken;

use crate::uploads::{draft, made, planned, stopped_after, uploaded};
use crate::world::{World, sandbox_id};

const PASSPHRASE: &str = "correct horse battery staple 12!";
const ANOTHER: &str = "another horse, another staple 1!";
const BYTES: &[u8] = b"0123456789abcdef0123456789ABCDE!";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::choose(text.to_owned()).expect("a strong one")
}

async fn backed_up(world: &World) -> StoredMaterial {
    let folder = world.folder.path().join("backups").display().to_string();
    set_up_backups(&world.cx, folder, Some(passphrase(PASSPHRASE)))
        .await
        .expect("set up");
    let made = make_material(&world.cx, KeySpec::EccNistP256, "Signing".into())
        .await
        .expect("made");
    back_up_material(&world.cx, made.id)
        .await
        .expect("backed up")
}

async fn restored(world: &World, path: &str, text: &str) -> Result<StoredMaterial> {
    let bytes = fs::read(path).expect("there");
    world.pick_at("backup", Path::new(path), &bytes);
    let typed = world.typed(text).await;
    restore_backup(&world.cx, "backup".into(), &typed).await
}

/// The material's sealed record as a disk that lies would give it back.
fn spoil(world: &World, stored: &StoredMaterial) {
    let record = SealedRecords::fetch(&world.cx.store, &stored.id).expect("read");
    let record = record.expect("there");
    let Ok(Some(master)) = MasterKey::open(&*world.vault) else {
        panic!("it was made")
    };
    let Ok(material) = ownkey_material::open(&master, &record) else {
        panic!("it opens")
    };
    let mut sealed = record.sealed.clone();
    *sealed.last_mut().expect("bytes") ^= 1;
    let keyed = FingerprintKey::derive(&master).expect("derived");
    let spoiled = NewMaterial {
        record: SealedRecord { sealed, ..record },
        name: stored.name.clone(),
        origin: stored.origin.clone(),
        fingerprint: keyed.fingerprint(&material),
        check_value: stored.check_value.clone(),
    };
    world.cx.store.reseal_material(&spoiled).expect("spoiled");
}

/// The keys that removing a material would leave alone; none if it was removed.
async fn needing(world: &World, id: &MaterialId, name: &str) -> usize {
    match remove_material(&world.cx, id.clone(), name).await {
        Ok(()) => 0,
        Err(AppError::MaterialNeeded { keys }) => keys.len(),
        Err(other) => panic!("{other:?}"),
    }
}

fn problem<T: std::fmt::Debug>(outcome: Result<T>) -> BackupProblem {
    match outcome {
        Err(AppError::BackupUnusable { problem, .. }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_is_stored_once_and_recognised_by_its_bytes() {
    let world = World::company().await;
    let spec = KeySpec::Hmac256;
    world.pick("raw", BYTES);
    let digits: String = BYTES.iter().map(|byte| format!("{byte:02x}")).collect();
    world.pick("hex", digits.as_bytes());
    let store = |handle: &str, name: &str| {
        store_material(&world.cx, handle.into(), None, spec, name.into())
    };
    let first = store("raw", "First").await.expect("stored");
    let again = store("hex", "Second").await.expect("known");
    assert_eq!((&again.id, &again.name), (&first.id, &first.name));
    assert_eq!(
        first.origin,
        MaterialOrigin::File {
            name: "key.bin".into()
        }
    );
    assert_eq!(list_materials(&world.cx).await.expect("listed").len(), 1);
    world.pick("zeros", &[0; 32]);
    let refused = store("zeros", "Zeros").await;
    assert!(
        matches!(
            &refused,
            Err(AppError::FileRefused {
                problem: FileProblem::AllZero,
                ..
            })
        ),
        "{refused:?}"
    );
    let refused = store("never picked", "Nothing").await;
    assert_eq!(refused, Err(AppError::FileForgotten));
}

#[tokio::test]
async fn a_backup_is_verified_or_said_to_be_missing_damaged_or_another_one() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let path = stored.backups[0].path.clone();
    let verify = || verify_backup(&world.cx, stored.id.clone(), path.clone());
    assert!(
        verify().await.expect("good").backups[0]
            .verified_at
            .is_some()
    );
    let good = fs::read(&path).expect("there");
    let is_verified = || {
        let backups = world.cx.store.material(&stored.id).expect("there").backups;
        let one = backups.into_iter().find(|one| one.path == path);
        one.expect("known").verified_at.is_some()
    };
    let none = async |expected| {
        world.changes.lock().expect("no panic").clear();
        assert_eq!(problem(verify().await), expected);
        assert!(!is_verified(), "{expected:?}");
        let told = world.changes.lock().expect("no panic").clone();
        assert_eq!(told, [Change::Materials], "{expected:?}");
        // Whatever it was once, it is one again as soon as it opens.
        fs::write(&path, &good).expect("written");
        verify().await.expect("good");
        assert!(is_verified());
    };

    let mut altered = good.clone();
    let middle = altered.len() / 2;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    fs::write(&path, &altered).expect("written");
    none(BackupProblem::Damaged).await;
    fs::write(&path, b"something else").expect("written");
    none(BackupProblem::NotBackup).await;
    fs::remove_file(&path).expect("removed");
    none(BackupProblem::Missing).await;

    let other = make_material(&world.cx, KeySpec::EccNistP256, "Other".into())
        .await
        .expect("made");
    let other = back_up_material(&world.cx, other.id)
        .await
        .expect("backed up");
    fs::copy(&other.backups[0].path, &path).expect("copied");
    none(BackupProblem::Different).await;

    let folder = world.folder.path().join("backups").display().to_string();
    set_up_backups(&world.cx, folder, Some(passphrase(ANOTHER)))
        .await
        .expect("set up");
    assert_eq!(problem(verify().await), BackupProblem::WrongPassphrase);
    assert!(
        is_verified(),
        "another passphrase says nothing about the file"
    );
    // A new backup, under the new passphrase, beside the old one.
    let again = back_up_material(&world.cx, stored.id.clone())
        .await
        .expect("backed up");
    assert_eq!(again.backups.len(), 2);
    assert_eq!(fs::read(&path).expect("there"), good);
    // The one beside it is found from now on.
    let known = back_up_material(&world.cx, stored.id.clone())
        .await
        .expect("backed up");
    assert_eq!(known.backups.len(), 2);
    let folder = world.folder.path().join("backups");
    let ours = fs::read_dir(folder).expect("a folder").filter(|one| {
        let name = one.as_ref().expect("a file").file_name();
        name.to_string_lossy().contains(stored.id.as_str())
    });
    assert_eq!(ours.count(), 2);
}

#[tokio::test]
async fn a_backup_keeps_the_time_it_was_written_and_its_passphrase_whatever_is_done_with_it() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let written = stored.backups[0].clone();
    world.advance_days(3);
    let again = back_up_material(&world.cx, stored.id.clone())
        .await
        .expect("backed up");
    assert_eq!(again.backups.len(), 1);
    assert_eq!(again.backups[0].written_at, written.written_at);
    assert!(again.backups[0].verified_at > written.verified_at);
    // Restored from, it is still the one whose passphrase OwnKey has.
    restored(&world, &written.path, PASSPHRASE)
        .await
        .expect("restored");
    let known = verify_backup(&world.cx, stored.id.clone(), written.path.clone())
        .await
        .expect("verified");
    assert!(!known.backups[0].own_passphrase);
    assert_eq!(known.backups[0].written_at, written.written_at);
    // One that nobody knew is as old as its file.
    let elsewhere = World::company().await;
    let there = restored(&elsewhere, &written.path, PASSPHRASE)
        .await
        .expect("restored");
    let backup = &there.backups[0];
    assert_eq!(
        Some(backup.written_at),
        backup_file_written_at(Path::new(&written.path))
    );
    assert!(backup.own_passphrase && backup.verified_at.is_some());
}

#[tokio::test]
async fn a_damaged_record_is_sealed_anew_from_its_backup() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let path = stored.backups[0].path.clone();
    spoil(&world, &stored);
    let unreadable = back_up_material(&world.cx, stored.id.clone()).await;
    assert!(
        matches!(unreadable, Err(AppError::MaterialUnreadable { .. })),
        "{unreadable:?}"
    );
    let back = restored(&world, &path, PASSPHRASE).await.expect("restored");
    assert_eq!((&back.id, &back.name), (&stored.id, &stored.name));
    assert_eq!(back.fingerprint, stored.fingerprint);
    back_up_material(&world.cx, stored.id).await.expect("opens");
}

#[tokio::test]
async fn an_export_has_a_passphrase_of_its_own_and_is_restored_elsewhere() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let path = world.folder.path().join("export.age").display().to_string();
    export_material(
        &world.cx,
        stored.id.clone(),
        passphrase(ANOTHER),
        path.clone(),
    )
    .await
    .expect("exported");
    let elsewhere = World::company().await;
    let refused = restored(&elsewhere, &path, PASSPHRASE).await;
    assert_eq!(problem(refused), BackupProblem::WrongPassphrase);
    let there = restored(&elsewhere, &path, ANOTHER)
        .await
        .expect("restored");
    assert_eq!((&there.id, there.spec), (&stored.id, stored.spec));
    assert_eq!(
        there.origin,
        MaterialOrigin::Restored {
            name: "export.age".into()
        }
    );
    // Another computer, another fingerprint.
    assert_ne!(there.fingerprint, stored.fingerprint);
    let used = UploadDraft {
        material: MaterialChoice::Stored { id: there.id },
        ..draft(KeySpec::EccNistP256, "restored")
    };
    let operation = uploaded(&elsewhere, &used).await.expect("begun");
    assert_eq!(operation.state, OperationState::Finished, "{operation:?}");
}

#[tokio::test]
async fn a_keychain_that_lost_its_key_is_told_and_backups_bring_the_material_back() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let path = stored.backups[0].path.clone();
    world.vault.lose_everything();
    let missing = Err(AppError::MasterKeyMissing);
    assert_eq!(
        list_materials(&world.cx).await,
        missing.clone().map(|()| vec![])
    );
    let making = make_material(&world.cx, KeySpec::Hmac256, "New".into()).await;
    assert_eq!(making.map(drop), missing);
    let planning = crate::uploads::planned(&world, &draft(KeySpec::Hmac256, "lost")).await;
    assert_eq!(planning.map(drop), missing);

    let back = restored(&world, &path, PASSPHRASE).await.expect("restored");
    assert_eq!((&back.id, &back.name), (&stored.id, &stored.name));
    let listed = list_materials(&world.cx).await.expect("listed");
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].fingerprint, back.fingerprint);
    // Restored once more, it is recognised by that fingerprint.
    let again = restored(&world, &path, PASSPHRASE).await.expect("known");
    assert_eq!(
        (&again.id, &again.fingerprint),
        (&back.id, &back.fingerprint)
    );
    assert_eq!(list_materials(&world.cx).await.expect("listed").len(), 1);
    let used = UploadDraft {
        material: MaterialChoice::Stored { id: back.id },
        ..draft(KeySpec::EccNistP256, "back")
    };
    let operation = uploaded(&world, &used).await.expect("begun");
    assert_eq!(operation.state, OperationState::Finished, "{operation:?}");
}

#[tokio::test]
async fn material_that_aws_holds_is_removed_only_with_a_verified_backup() {
    let world = World::company().await;
    let made = made(&world, KeySpec::Hmac256, "held").await;
    let id = made.material.expect("it has one");
    let unnamed = remove_material(&world.cx, id.clone(), "").await;
    assert!(
        matches!(unnamed, Err(AppError::NotConfirmed { .. })),
        "{unnamed:?}"
    );
    // Nobody says any more that the account is the sandbox, and the sandbox's backup stands for no
    // real one.
    remove_registration(&world.cx, sandbox_id())
        .await
        .expect("removed");
    let needed = remove_material(&world.cx, id.clone(), "held").await;
    let keys = vec![made.key.expect("made").to_string()];
    assert_eq!(needed, Err(AppError::MaterialNeeded { keys }));
    let folder = world.folder.path().join("backups").display().to_string();
    set_up_backups(&world.cx, folder, Some(passphrase(PASSPHRASE)))
        .await
        .expect("set up");
    let kept = back_up_material(&world.cx, id.clone())
        .await
        .expect("backed up");
    let real = kept.backups.iter().find(|one| !one.sandbox).expect("one");
    remove_material(&world.cx, id, "held")
        .await
        .expect("removed");
    assert_eq!(list_materials(&world.cx).await, Ok(vec![]));
    assert!(Path::new(&real.path).exists(), "backups stay");
    let back = restored(&world, &real.path, PASSPHRASE)
        .await
        .expect("restored");
    assert_eq!(back.fingerprint, kept.fingerprint);
}

#[tokio::test]
async fn the_sandboxs_own_backup_is_enough_for_material_of_the_sandbox() {
    let world = World::company().await;
    let made = made(&world, KeySpec::Hmac256, "played").await;
    let id = made.material.expect("it has one");
    let path = list_materials(&world.cx).await.expect("listed")[0].backups[0]
        .path
        .clone();
    remove_material(&world.cx, id, "played")
        .await
        .expect("removed");
    assert_eq!(list_materials(&world.cx).await, Ok(vec![]));
    assert!(Path::new(&path).exists(), "backups stay");
}

#[tokio::test]
async fn a_backup_folder_that_is_a_file_is_told_before_anything_is_begun() {
    let world = World::company().await;
    let folder = world.folder.path().join("no folder");
    fs::write(&folder, "a file").expect("written");
    let path = folder.display().to_string();
    let refused = set_up_backups(&world.cx, path.clone(), Some(passphrase(PASSPHRASE))).await;
    assert!(
        matches!(&refused, Err(AppError::BackupFolderNotWritable { path: named, .. }) if *named == path),
        "{refused:?}"
    );
    // The sandbox's own folder.
    let backups = world.folder.path().join("sandbox").join("backups");
    fs::create_dir_all(backups.parent().expect("a folder")).expect("made");
    fs::write(&backups, "a file").expect("written");
    let refused = crate::uploads::planned(&world, &draft(KeySpec::Hmac256, "nowhere")).await;
    assert!(
        matches!(refused, Err(AppError::BackupFolderNotWritable { .. })),
        "{refused:?}"
    );
    assert_eq!(world.done("CreateKey"), 0);
    assert_eq!(list_materials(&world.cx).await, Ok(vec![]));
}

#[tokio::test]
async fn the_last_copy_is_removed_only_while_a_backup_is_seen_to_be_good() {
    let world = World::company().await;
    let id = made(&world, KeySpec::Hmac256, "held").await.material;
    let id = id.expect("it has one");
    let backup = world.cx.store.material(&id).expect("there").backups[0].clone();
    let good = fs::read(&backup.path).expect("there");
    fs::write(&backup.path, b"something else").expect("written");
    assert_eq!(needing(&world, &id, "held").await, 1);
    fs::remove_file(&backup.path).expect("removed");
    assert_eq!(needing(&world, &id, "held").await, 1);
    let shown = world.cx.store.material(&id).expect("there").backups[0].clone();
    assert_eq!(shown.verified_at, None, "what was found is shown");
    // A file with a passphrase of its own cannot be opened now, but has to be there.
    let export = world.folder.path().join("export.age").display().to_string();
    export_material(&world.cx, id.clone(), passphrase(ANOTHER), export.clone())
        .await
        .expect("exported");
    let exported = fs::read(&export).expect("there");
    fs::write(&export, b"something else").expect("written");
    assert_eq!(needing(&world, &id, "held").await, 1);
    fs::write(&export, &exported).expect("written");
    assert_eq!(needing(&world, &id, "held").await, 0);

    let id = made(&world, KeySpec::Hmac256, "again").await.material;
    let id = id.expect("it has one");
    let backup = world.cx.store.material(&id).expect("there").backups[0].clone();
    let own = fs::read(&backup.path).expect("there");
    fs::write(&backup.path, &good).expect("written");
    assert_eq!(needing(&world, &id, "again").await, 1, "another's backup");
    fs::write(&backup.path, &own).expect("written");
    assert_eq!(needing(&world, &id, "again").await, 0);
}

#[tokio::test]
async fn material_that_ran_out_or_whose_key_can_still_be_kept_is_needed() {
    let world = World::company().await;
    let expiring = UploadDraft {
        key_expiration: true,
        valid_to: Some(
            world
                .clock
                .now()
                .plus(std::time::Duration::from_secs(10 * 86_400))
                .to_string(),
        ),
        ..draft(KeySpec::Hmac256, "expiring")
    };
    let expiring = uploaded(&world, &expiring).await.expect("begun");
    assert_eq!(expiring.state, OperationState::Finished, "{expiring:?}");
    let expiring = expiring.material.expect("it has one");
    let imported = |step: &Step| matches!(step, Step::ImportMaterial { .. });
    let undone = stopped_after(&world, &draft(KeySpec::Hmac256, "undone"), imported).await;
    let Some(UndoOffer::RemoveKey {
        confirmation: Some(typed),
        ..
    }) = &undone.undo
    else {
        panic!("{:?}", undone.undo)
    };
    let go = CancellationToken::new();
    undo_operation(&world.cx, undone.id.clone(), typed, &|_| {}, &go)
        .await
        .expect("undone");
    let undone = undone.material.expect("it has one");
    for stored in list_materials(&world.cx).await.expect("listed") {
        for backup in stored.backups {
            fs::remove_file(backup.path).expect("removed");
        }
    }
    world.advance_days(29);
    assert_eq!(needing(&world, &expiring, "expiring").await, 1);
    assert_eq!(needing(&world, &undone, "undone").await, 1);
    world.advance_days(1);
    assert_eq!(needing(&world, &expiring, "expiring").await, 1);
    assert_eq!(needing(&world, &undone, "undone").await, 0);
}

#[tokio::test]
async fn a_sandbox_that_starts_over_takes_any_material_again() {
    let world = World::company().await;
    world.synchronise().await.expect("synchronised");
    let waiting = world.keys(KeyView::NeedsMaterial).await.rows;
    let waiting = waiting
        .into_iter()
        .find(|row| row.multi_region.is_none() && row.spec == "SYMMETRIC_DEFAULT")
        .expect("the company has one");
    let import = async |id: &str| {
        let draft = ImportDraft {
            key: waiting.arn.clone(),
            material: MaterialChoice::Generate,
            key_expiration: false,
            valid_to: None,
        };
        let plan = plan_import(&world.cx, OperationId(id.into()), draft.clone()).await?;
        let go = CancellationToken::new();
        apply_import(&world.cx, draft, plan, &|_| {}, &go).await
    };
    let first = import("first").await.expect("begun");
    assert_eq!(first.state, OperationState::Finished, "{first:?}");
    // Which registration it was done over does not matter.
    remove_registration(&world.cx, sandbox_id())
        .await
        .expect("removed");
    let again = RegistrationDraft {
        name: "Again".into(),
        connection: ConnectionId("sandbox".into()),
        role: RoleDraft::default(),
        regions: vec![waiting.region.clone()],
    };
    let again = register_account(&world.cx, "again".into(), &again)
        .await
        .expect("registered");
    leave_sandbox(&world.cx).await.expect("nothing is open");
    world.sandbox.reset();
    return_to_sandbox(&world.cx).await.expect("told");
    let go = CancellationToken::new();
    ownkey_usecases::synchronise(&world.cx, again.id, &|_| {}, &go)
        .await
        .expect("synchronised");
    let other = import("other").await.expect("begun");
    assert_eq!(other.state, OperationState::Finished, "{other:?}");
    assert_ne!(other.material, first.material);
}

#[tokio::test]
async fn a_master_key_that_is_none_gives_way_to_a_new_one_and_is_kept_aside() {
    let world = World::company().await;
    let stored = backed_up(&world).await;
    let path = stored.backups[0].path.clone();
    let short = Secret::new(vec![7; 31]);
    world.vault.keep(MASTER_KEY_ENTRY, &short).expect("kept");
    let missing = list_materials(&world.cx).await;
    assert_eq!(missing, Err(AppError::MasterKeyMissing));
    let back = restored(&world, &path, PASSPHRASE).await.expect("restored");
    assert_eq!((&back.id, &back.name), (&stored.id, &stored.name));
    back_up_material(&world.cx, back.id).await.expect("opens");
    let aside = format!("{MASTER_KEY_ENTRY}/damaged-1");
    let aside = world.vault.fetch(&aside).expect("read").expect("kept");
    assert!(aside.same_as(&short));
}

#[tokio::test]
async fn material_of_another_partitions_length_is_refused() {
    let world = World::company().await;
    let spec = KeySpec::SymmetricDefault;
    let Ok(chinese) = Material::from_canonical(spec, Secret::new(BYTES[..16].to_vec())) else {
        panic!("16 bytes are right in China")
    };
    let label = BackupLabel {
        id: make_material_id().expect("random bytes"),
        created_at: world.clock.now(),
        fingerprint: String::new(),
    };
    let work = WorkFactor::REDUCED;
    let file = write_backup(&chinese, &label, &passphrase(PASSPHRASE), work).expect("written");
    let path = world.folder.path().join("chinese.age");
    fs::write(&path, file).expect("written");
    let stored = restored(&world, &path.display().to_string(), PASSPHRASE)
        .await
        .expect("restored");
    let used = UploadDraft {
        material: MaterialChoice::Stored { id: stored.id },
        ..draft(spec, "chinese")
    };
    let refused = planned(&world, &used).await.map(drop);
    let reason = "This material has 16 bytes; keys in this partition take 32.";
    assert_eq!(refused, Err(AppError::invalid(Field::Material, reason)));
}

#[tokio::test]
async fn planning_makes_neither_a_folder_nor_a_passphrase() {
    let world = World::company().await;
    let plan = planned(&world, &draft(KeySpec::Hmac256, "planned"))
        .await
        .expect("planned");
    let folder = world.folder.path().join("sandbox").join("backups");
    assert!(!plan.needs_backup_settings);
    assert!(!folder.exists(), "the folder is made with the first backup");
    let kept = world
        .vault
        .fetch("sandbox/backup-passphrase")
        .expect("read");
    assert!(kept.is_none(), "so is its passphrase");
}
