//! What happens when a store is opened: on nothing, on something strange, on no room.

use std::fs;
use std::path::Path;

use ownkey_model::{AppError, Preference};
use ownkey_store::{Database, Store};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::*;

fn remembered(store: &Store) -> Vec<String> {
    let all = store.preferences().expect("preferences");
    all.into_iter().map(|one| one.name).collect()
}

fn remember(store: &Store, name: &str) {
    let preference = Preference::parse(name.into(), "1".into()).expect("a preference");
    store.remember(&preference).expect("room for it");
}

/// `Store` prints nothing, so `expect_err` is not for it.
fn refused(folder: &Path) -> AppError {
    match Store::open(folder) {
        Ok(_) => panic!("the store opened"),
        Err(error) => error,
    }
}

#[cfg(unix)]
#[test]
fn a_missing_folder_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let parent = TempDir::new().expect("a folder");
    let folder = parent.path().join("new").join("OwnKey");
    let store = Store::open(&folder).expect("a new store");
    assert_eq!(store.folder(), folder);
    let mode = fs::metadata(&folder)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_second_store_on_the_same_folder_is_refused_until_the_first_is_gone() {
    let (folder, store) = open();
    let clone = store.clone();
    drop(store);
    assert!(
        matches!(refused(folder.path()), AppError::AlreadyRunning { path }
        if path == folder.path().display().to_string())
    );
    drop(clone);
    assert!(Store::open(folder.path()).is_ok());
}

#[test]
fn what_was_remembered_is_there_after_a_restart() {
    let (folder, store) = open();
    remember(&store, "columns");
    drop(store);
    let store = Store::open(folder.path()).expect("the same store");
    assert_eq!(remembered(&store), ["columns"]);
}

#[test]
fn a_newer_journal_is_refused_and_not_touched() {
    let (folder, store) = open();
    drop(store);
    let file = folder.path().join("journal.db");
    let newer = Connection::open(&file).expect("the journal");
    newer
        .execute_batch("PRAGMA user_version = 99; CREATE TABLE from_the_future(x)")
        .expect("written");
    drop(newer);
    let before = fs::read(&file).expect("bytes");
    assert_eq!(
        refused(folder.path()),
        AppError::JournalNewer {
            found: 99,
            known: 3,
            path: file.display().to_string()
        }
    );
    assert_eq!(fs::read(&file).expect("bytes"), before);
}

#[test]
fn a_newer_journal_whose_last_write_is_still_in_its_log_is_refused_and_not_touched() {
    let (folder, store) = open();
    drop(store);
    let file = folder.path().join("journal.db");
    // As a crash of the newer program leaves it: the new version stands in the log alone.
    let newer = Connection::open(&file).expect("the journal");
    newer
        .execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99")
        .expect("written");
    let crashed = TempDir::new().expect("a folder");
    for name in ["journal.db", "journal.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).expect("a copy");
    }
    let files =
        || ["journal.db", "journal.db-wal"].map(|name| fs::read(crashed.path().join(name)).ok());
    let before = files();
    assert!(matches!(
        refused(crashed.path()),
        AppError::JournalNewer { found: 99, .. }
    ));
    assert_eq!(files(), before);
}

#[test]
fn a_journal_that_is_no_database_is_refused_and_not_touched() {
    for bytes in [
        b"short".to_vec(),
        b"This is a letter, and has nothing to do with any database. ".repeat(200),
        // A good first page header, and nothing behind it.
        [b"SQLite format 3\0".to_vec(), vec![0; 5_000]].concat(),
    ] {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("journal.db");
        fs::write(&file, &bytes).expect("written");
        assert!(
            matches!(refused(folder.path()), AppError::StorageDamaged { path, .. }
                if path == file.display().to_string())
        );
        assert_eq!(fs::read(&file).expect("bytes"), bytes);
    }
}

#[test]
fn a_journal_that_is_damaged_inside_is_refused_and_not_touched() {
    let (folder, store) = open();
    for number in 0..200 {
        remember(&store, &format!("preference {number}"));
    }
    drop(store);
    let file = folder.path().join("journal.db");
    let mut bytes = fs::read(&file).expect("bytes");
    for byte in bytes.iter_mut().skip(4_096) {
        *byte ^= 0x5a;
    }
    fs::write(&file, &bytes).expect("written");
    assert!(matches!(
        refused(folder.path()),
        AppError::StorageDamaged { .. }
    ));
    assert_eq!(fs::read(&file).expect("bytes"), bytes);
}

#[test]
fn a_cache_that_is_not_understood_is_made_anew_and_the_journal_stays() {
    let unknown_version = |file: &Path| {
        let cache = Connection::open(file).expect("the cache");
        cache
            .execute_batch("PRAGMA user_version = 4711")
            .expect("written");
    };
    let no_database = |file: &Path| fs::write(file, "no database").expect("written");
    let without_version = |file: &Path| {
        fs::remove_file(file).expect("removed");
        let cache = Connection::open(file).expect("a database");
        cache
            .execute_batch("CREATE TABLE other(x)")
            .expect("written");
    };
    let removed = |file: &Path| fs::remove_file(file).expect("removed");
    let spoilers: [&dyn Fn(&Path); 4] =
        [&unknown_version, &no_database, &without_version, &removed];
    for spoil in spoilers {
        let (folder, store, first) = open_registered();
        sync(&store, &first, EAST, &[key(EAST, 1)], &[]);
        drop(store);
        spoil(&folder.path().join("cache.db"));
        let store = Store::open(folder.path()).expect("the store");
        assert_eq!(store.registrations().expect("registrations").len(), 1);
        assert!(store.key(&arn(EAST, 1)).is_err());
        sync(&store, &first, EAST, &[key(EAST, 1)], &[]);
        assert!(store.key(&arn(EAST, 1)).is_ok());
    }
}

#[test]
fn damage_that_shows_late_is_told_and_mended_by_the_next_start() {
    let (folder, store, first) = open_registered();
    let keys: Vec<_> = (0..400).map(|number| key(EAST, number)).collect();
    sync(&store, &first, EAST, &keys, &[]);
    drop(store);
    let file = folder.path().join("cache.db");
    let mut bytes = fs::read(&file).expect("bytes");
    let from = bytes.len() / 3;
    for byte in bytes.iter_mut().skip(from) {
        *byte ^= 0x5a;
    }
    fs::write(&file, &bytes).expect("written");
    if let Ok(store) = Store::open(folder.path()) {
        let told: Vec<_> = (0..400)
            .filter_map(|number| store.key(&arn(EAST, number)).err())
            .collect();
        assert!(
            told.iter()
                .any(|error| matches!(error, AppError::StorageDamaged { .. })),
            "{told:?}"
        );
    }
    let store = Store::open(folder.path()).expect("the store");
    sync(&store, &first, EAST, &keys, &[]);
    assert!(store.key(&arn(EAST, 399)).is_ok());
}

#[test]
fn keys_of_a_registration_that_the_journal_does_not_have_are_forgotten() {
    let (folder, store, first) = open_registered();
    sync(&store, &first, EAST, &[key(EAST, 1)], &[]);
    drop(store);
    fs::remove_file(folder.path().join("journal.db")).expect("removed");
    let store = Store::open(folder.path()).expect("the store");
    assert!(matches!(
        store.key(&arn(EAST, 1)),
        Err(AppError::NotFound { .. })
    ));
}

#[test]
fn a_full_disk_is_told_and_nothing_written_before_is_lost() {
    let (folder, store, first) = open_registered();
    remember(&store, "before");
    sync(&store, &first, EAST, &[key(EAST, 1)], &[]);

    store
        .limit_pages(Database::Journal, Some(1))
        .expect("a limit");
    let large = Preference::parse("large".into(), format!("\"{}\"", "x".repeat(60_000)));
    let large = large.expect("a preference");
    assert_eq!(
        store.remember(&large),
        Err(AppError::DiskFull {
            path: folder.path().join("journal.db").display().to_string()
        })
    );
    store
        .limit_pages(Database::Cache, Some(1))
        .expect("a limit");
    let keys: Vec<_> = (0..2_000).map(|number| key(EAST, number)).collect();
    let run = store.begin_sync(&first).expect("a run");
    assert_eq!(
        store.record_keys(run, &first, &keys, now()),
        Err(AppError::DiskFull {
            path: folder.path().join("cache.db").display().to_string()
        })
    );
    assert_eq!(remembered(&store), ["before"]);
    assert!(store.key(&arn(EAST, 1)).is_ok());
    assert!(
        store.key(&arn(EAST, 2)).is_err(),
        "a batch is all or nothing"
    );

    store
        .limit_pages(Database::Journal, None)
        .expect("no limit");
    store.limit_pages(Database::Cache, None).expect("no limit");
    store.remember(&large).expect("room again");
    store
        .record_keys(run, &first, &keys, now())
        .expect("room again");
    drop(store);
    let store = Store::open(folder.path()).expect("the store");
    assert_eq!(remembered(&store), ["before", "large"]);
    assert!(store.key(&arn(EAST, 1_999)).is_ok());
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let below = file.path().join("OwnKey");
    assert_eq!(
        refused(&below),
        AppError::FolderReadOnly {
            path: below.display().to_string()
        }
    );
}

/// Permissions do not bind root, as whom tests often run: then the test runs itself once more, as
/// nobody, on a folder that is named in the environment.
#[cfg(unix)]
#[test]
fn a_read_only_folder_is_told() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const FOLDER: &str = "OWNKEY_TEST_READ_ONLY_FOLDER";
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    };
    let check = |folder: &Path| {
        let expected = AppError::FolderReadOnly {
            path: folder.display().to_string(),
        };
        assert_eq!(refused(folder), expected);
    };
    if let Some(folder) = std::env::var_os(FOLDER) {
        return check(Path::new(&folder));
    }
    let new = TempDir::new().expect("a folder");
    let (used, store) = open();
    drop(store);
    for folder in [new.path(), used.path()] {
        for entry in fs::read_dir(folder).expect("entries") {
            mode(&entry.expect("an entry").path(), 0o444);
        }
        mode(folder, 0o555);
        let writable = fs::write(folder.join("probe"), b"").is_ok();
        if !writable {
            check(folder);
            mode(folder, 0o755);
            continue;
        }
        fs::remove_file(folder.join("probe")).expect("removed");
        let place = TempDir::new().expect("a folder");
        mode(place.path(), 0o755);
        let program = place.path().join("test");
        fs::copy(std::env::current_exe().expect("this program"), &program).expect("a copy");
        let done = std::process::Command::new(&program)
            .args(["--exact", "start::a_read_only_folder_is_told"])
            .env(FOLDER, folder)
            .current_dir("/")
            .uid(65_534)
            .gid(65_534)
            .output()
            .expect("the test as nobody");
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success() && said.contains("1 passed"), "{said}");
    }
}

#[test]
fn the_caches_size_is_that_of_its_files() {
    let (folder, store, first) = open_registered();
    let empty = store.cache_bytes().expect("a size");
    let keys: Vec<_> = (0..500).map(|number| key(EAST, number)).collect();
    sync(&store, &first, EAST, &keys, &[]);
    let full = store.cache_bytes().expect("a size");
    let main = fs::metadata(folder.path().join("cache.db"))
        .expect("a file")
        .len();
    assert!(full > empty && full >= main, "{empty} {full} {main}");
}
