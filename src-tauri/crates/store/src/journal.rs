//! `journal.db`: what is precious, and how it grows from version to version.
//!
//! Here live opening and migrating; each table has a file of its own below. Never edit a migration
//! that was released: add the next.

mod backup_folder;
mod connections;
mod materials;
mod names;
mod operations;
mod preferences;
mod registrations;
mod sealed_records;

pub use materials::NewMaterial;
pub use operations::StepEnd;
pub use registrations::Moved;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ownkey_model::{AppError, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::failure::{Failure, Outcome, file_system};

/// Migration *n* leads from version *n* to version *n + 1*.
const MIGRATIONS: &[&[&str]] = &[
    &[
        connections::VERSION_1,
        registrations::VERSION_1,
        preferences::VERSION_1,
    ],
    &[
        sealed_records::VERSION_2,
        materials::VERSION_2,
        operations::VERSION_2,
        backup_folder::VERSION_2,
    ],
    &[connections::VERSION_3, registrations::VERSION_3],
];

/// The open journal: one connection, since what it does is small and rare.
pub(crate) struct Journal {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Journal {
    /// Opens and migrates the journal, or leaves the file as it is and says why.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("journal.db");
        check_header(&path)?;
        let connection = connect(&path, MIGRATIONS).map_err(|failure| failure.at(&path))?;
        Ok(Self {
            path,
            connection: Mutex::new(connection),
        })
    }

    /// Runs statements that change nothing.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Result<T> {
        work(&self.lock()).map_err(|failure| failure.at(&self.path))
    }

    /// Runs one transaction: all of it, or nothing. Its two moments are in the log at its finest,
    /// so that a test can end the program before and after each write.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Result<T> {
        let mut connection = self.lock();
        tracing::trace!(target: "ownkey::moment", "journal write begins");
        let value =
            in_transaction(&mut connection, work).map_err(|failure| failure.at(&self.path))?;
        tracing::trace!(target: "ownkey::moment", "journal write ended");
        Ok(value)
    }

    /// A panic in the middle of a transaction rolled it back, so a poisoned lock is a good one.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs one transaction on a connection that may write.
pub(crate) fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// Looks at the first bytes only: SQLite itself might write to a file that it opens.
fn check_header(path: &Path) -> Result<()> {
    let mut header = [0; 64];
    let opened = std::fs::File::open(path).and_then(|mut file| {
        if file.metadata()?.len() == 0 {
            return Ok(false);
        }
        file.read_exact(&mut header).map(|()| true)
    });
    let shown = || path.display().to_string();
    match opened {
        Ok(false) => return Ok(()),
        Ok(true) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => header = [0; 64],
        Err(error) => return Err(file_system(&error, path.parent().unwrap_or(path))),
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(AppError::StorageDamaged {
            path: shown(),
            cause: "the file is not a SQLite database".into(),
        });
    }
    // <https://sqlite.org/fileformat2.html#user_version_number>
    let found = u32::from_be_bytes([header[60], header[61], header[62], header[63]]);
    refuse_newer(found, MIGRATIONS.len(), path)
}

fn refuse_newer(found: u32, known: usize, path: &Path) -> Result<()> {
    let known = u32::try_from(known).expect("a handful of migrations");
    if found > known {
        return Err(AppError::JournalNewer {
            found,
            known,
            path: path.display().to_string(),
        });
    }
    Ok(())
}

fn connect(path: &Path, migrations: &[&[&str]]) -> Outcome<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    // Until the version is known, closing must not move a newer program's write-ahead log.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    refuse_newer(version, migrations.len(), path)?;
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Failure::Said(AppError::StorageDamaged {
            path: path.display().to_string(),
            cause: verdict,
        }));
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;",
    )?;
    names::teach_fold(&connection)?;
    migrate(&mut connection, migrations)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, migrations: &[&[&str]]) -> Outcome<()> {
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    for (migration, next) in migrations.iter().zip(1_u32..).skip(version as usize) {
        in_transaction(connection, |transaction| {
            for part in *migration {
                transaction.execute_batch(part)?;
            }
            transaction.execute_batch(&format!("PRAGMA user_version = {next}"))?;
            Ok(())
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        connection
            .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .expect("a statement")
            .query_map([], |row| row.get(0))
            .expect("rows")
            .collect::<rusqlite::Result<_>>()
            .expect("texts")
    }

    fn migrated(path: &Path, migrations: &[&[&str]]) -> Connection {
        connect(path, migrations).expect("a journal")
    }

    #[test]
    fn every_older_version_becomes_the_newest() {
        let folder = tempfile::tempdir().expect("a folder");
        let newest = schema(&migrated(&folder.path().join("newest"), MIGRATIONS));
        for version in 0..=MIGRATIONS.len() {
            let path = folder.path().join(format!("version-{version}"));
            drop(migrated(&path, &MIGRATIONS[..version]));
            assert_eq!(schema(&migrated(&path, MIGRATIONS)), newest);
        }
    }

    #[test]
    fn a_journal_of_version_1_keeps_all_it_has() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        migrated(&path, &MIGRATIONS[..1])
            .execute_batch(
                r#"INSERT INTO connections VALUES('c', 'Sandbox', '{"kind":"sandbox"}', NULL, NULL);
                INSERT INTO registrations VALUES('r', 'first', '111111111111', 'acme', 'aws',
                    'arn:aws:iam::111111111111:root', 'c', 1700000000);
                INSERT INTO registration_regions VALUES('r', 'aws', '111111111111', 'eu-west-1');
                INSERT INTO preferences VALUES('columns', '[1]');"#,
            )
            .expect("version 1's tables");
        let store = crate::Store::open(folder.path()).expect("the store");
        let registrations = store.registrations().expect("registrations");
        assert_eq!(registrations.len(), 1);
        assert_eq!(registrations[0].account_alias.as_deref(), Some("acme"));
        assert_eq!(registrations[0].regions[0].as_str(), "eu-west-1");
        assert_eq!(store.preferences().expect("preferences")[0].value, "[1]");
        assert_eq!(store.materials(), Ok(Vec::new()));
        assert_eq!(store.backup_folder(), Ok(None));
    }

    #[test]
    fn a_journal_of_version_2_keeps_its_connections_and_registrations() {
        let folder = tempfile::tempdir().expect("a folder");
        migrated(&folder.path().join("journal.db"), &MIGRATIONS[..2])
            .execute_batch(
                r#"INSERT INTO connections VALUES('c', 'Work', '{"kind":"profile","profile":"w"}',
                    'eu-west-1', 'http://127.0.0.1:5002');
                INSERT INTO registrations VALUES('r', 'first', '111111111111', NULL, 'aws',
                    'arn:aws:iam::111111111111:user/jo', 'c', 1700000000);
                INSERT INTO registration_regions VALUES('r', 'aws', '111111111111', 'eu-west-1');
                INSERT INTO operations(id, kind, registration, account, region, state, opened_at)
                    VALUES('o', '"uploadKey"', 'r', '111111111111', 'eu-west-1', '"open"', 1);"#,
            )
            .expect("version 2's tables");
        let store = crate::Store::open(folder.path()).expect("the store");
        let connections = store.connections().expect("connections");
        let [(connection, used_by)] = &connections[..] else {
            panic!("{connections:?}")
        };
        assert_eq!(used_by, &["first"]);
        assert_eq!((&connection.role, connection.fips), (&None, false));
        assert_eq!(
            connection.kind,
            ownkey_model::ConnectionKind::Profile {
                profile: "w".into()
            }
        );
        let registrations = store.registrations().expect("registrations");
        let [registration] = &registrations[..] else {
            panic!("{registrations:?}")
        };
        assert_eq!(&registration.connection, connection);
        assert_eq!(registration.role, None);
        assert_eq!(registration.updated_at, registration.created_at);
        assert_eq!(registration.created_at.unix_seconds(), 1_700_000_000);
        assert_eq!(store.open_operations(&registration.id), Ok(1));
    }

    #[test]
    fn a_migration_adds_to_what_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        let first: &[&str] = &["CREATE TABLE one(x); INSERT INTO one VALUES(7)"];
        let second: &[&str] = &["ALTER TABLE one ADD COLUMN y DEFAULT 8"];
        drop(migrated(&path, &[first]));
        let sum = |connection: &Connection| -> i64 {
            connection
                .query_row("SELECT x + y FROM one", [], |row| row.get(0))
                .expect("a row")
        };
        assert_eq!(sum(&migrated(&path, &[first, second])), 15);
        assert_eq!(sum(&migrated(&path, &[first, second])), 15, "once");
    }

    #[test]
    fn a_migration_that_fails_leaves_the_version_before_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        let first: &[&str] = &["CREATE TABLE one(x)"];
        let broken: &[&str] = &["CREATE TABLE two(x)", "CREATE TABLE one(x)"];
        drop(migrated(&path, &[first]));
        assert!(connect(&path, &[first, broken]).is_err());
        assert_eq!(schema(&migrated(&path, &[first])), ["CREATE TABLE one(x)"]);
    }
}
