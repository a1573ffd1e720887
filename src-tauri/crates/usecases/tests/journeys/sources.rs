//! Material in the store: made, read, backed up, verified, exported, restored, removed.

#![allow(
    clippy::disallowed_methods,
    reason = "looks at the backup files from outside, and spoils them"
)]

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use ownkey_material::{
    Passphrase, WrappingAlgorithm, WrappingKey, WrappingKeySpec, read as read_material, wrap,
};
use ownkey_model::{
    AppError, BackupProblem, FileProblem, KeySpec, MaterialChoice, MaterialOrigin, OperationState,
    Partition, Result, SealedText, StoredMaterial, UploadDraft,
};
use ownkey_usecases::{
    back_up_material, export_material, list_materials, make_envelope, make_material,
    remove_material, remove_registration, restore_backup, set_up_backups, store_material,
    verify_backup,
};

use crate::uploads::{draft, made, uploaded};
use crate::world::{World, sandbox_id};

/// Envelopes are sealed here by the program's own wrapping, which takes 32 bytes: so many it has.
const PASSPHRASE: &str = "correct horse battery staple 12!";
const ANOTHER: &str = "another horse, another staple 1!";
const BYTES: &[u8] = b"0123456789abcdef0123456789ABCDE!";

fn passphrase(text: &str) -> Passphrase {
    Passphrase::choose(text.to_owned()).expect("a strong one")
}

/// What the window makes of a passphrase that was typed.
async fn typed(world: &World, text: &str) -> SealedText {
    let envelope = make_envelope(&world.cx, "envelope".into())
        .await
        .expect("made");
    let key = STANDARD.decode(envelope.public_key).expect("base64");
    let key = WrappingKey::parse(key, WrappingKeySpec::Rsa2048).expect("a public key");
    let spec = KeySpec::SymmetricDefault;
    let text = read_material(text.as_bytes(), spec, Partition::Aws, None).expect("32 bytes");
    let sealed = wrap(&text.material, &key, WrappingAlgorithm::RsaesOaepSha256).expect("wrapped");
    SealedText {
        envelope: envelope.envelope,
        ciphertext: STANDARD.encode(sealed),
    }
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
    let typed = typed(world, text).await;
    restore_backup(&world.cx, "backup".into(), &typed).await
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

    let mut altered = good.clone();
    let middle = altered.len() / 2;
    altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
    fs::write(&path, &altered).expect("written");
    assert_eq!(problem(verify().await), BackupProblem::Damaged);
    fs::write(&path, b"something else").expect("written");
    assert_eq!(problem(verify().await), BackupProblem::NotBackup);
    fs::remove_file(&path).expect("removed");
    assert_eq!(problem(verify().await), BackupProblem::Missing);

    let other = make_material(&world.cx, KeySpec::EccNistP256, "Other".into())
        .await
        .expect("made");
    let other = back_up_material(&world.cx, other.id)
        .await
        .expect("backed up");
    fs::copy(&other.backups[0].path, &path).expect("copied");
    assert_eq!(problem(verify().await), BackupProblem::Different);

    fs::write(&path, &good).expect("written");
    let folder = world.folder.path().join("backups").display().to_string();
    set_up_backups(&world.cx, folder, Some(passphrase(ANOTHER)))
        .await
        .expect("set up");
    assert_eq!(problem(verify().await), BackupProblem::WrongPassphrase);
    // A new backup, under the new passphrase, beside the old one.
    let again = back_up_material(&world.cx, stored.id.clone())
        .await
        .expect("backed up");
    assert_eq!(again.backups.len(), 2);
    assert_eq!(fs::read(&path).expect("there"), good);
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
