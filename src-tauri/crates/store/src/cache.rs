//! `cache.db`: what AWS said last. It may vanish; nothing in it is anyone's only copy.
//!
//! Here live opening, dropping and the pool of connections; each table has a file of its own
//! below. How keys are found is in `query`.

mod aliases;
mod changes;
mod facets;
mod keys;
mod refresh;
mod sync;
mod tags;
mod texts;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ownkey_model::{RegistrationId, Result};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub(crate) use self::aliases::of as aliases_of;
pub(crate) use self::changes::change;
pub use self::sync::SyncRun;
pub(crate) use self::sync::last_report;
pub(crate) use self::texts::{exact_match, fold};
use crate::Store;
use crate::failure::{Failure, Outcome, file_system};
use crate::journal::in_transaction;
use crate::query::Latest;

/// A cache of any other version is dropped. To be raised with every change of a table below.
const VERSION: u32 = 3;

const TABLES: &[&str] = &[
    changes::TABLES,
    facets::TABLES,
    keys::TABLES,
    texts::TABLES,
    tags::TABLES,
    aliases::TABLES,
    sync::TABLES,
];

/// Pages that the writer keeps. A large cache would grow a synchronisation's memory with the number
/// of keys; the operating system keeps the file's pages anyway.
const WRITER_KIB: u32 = 1_024;

/// Pages that each read connection keeps.
const READER_KIB: u32 = 16_384;

/// How many idle read connections are kept.
const IDLE_READERS: usize = 2;

/// The open cache. Reads never wait for the writer: write-ahead log, and connections of their own.
pub(crate) struct Cache {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    numbers: Latest,
}

impl Cache {
    /// Opens the cache; one that is damaged or of another version is dropped and made anew.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("cache.db");
        let writer = match open_writer(&path) {
            Ok(Some(writer)) => writer,
            Ok(None) => make_anew(&path)?,
            Err(failure) if failure.is_damage() => make_anew(&path)?,
            Err(failure) => return Err(failure.at(&path)),
        };
        Ok(Self {
            path,
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            numbers: Latest::default(),
        })
    }

    /// Runs statements that change nothing, all on one and the same state of the cache.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Result<T> {
        let idle = self.readers().pop();
        let run = || {
            let mut reader = match idle {
                Some(reader) => reader,
                None => open_reader(&self.path)?,
            };
            let snapshot = reader.transaction_with_behavior(TransactionBehavior::Deferred)?;
            let value = work(&snapshot)?;
            drop(snapshot);
            Ok((value, reader))
        };
        let (value, reader) = run().map_err(|failure: Failure| self.explain(failure))?;
        let mut readers = self.readers();
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        Ok(value)
    }

    /// Runs one transaction: all of it, or nothing.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Outcome<T>) -> Result<T> {
        self.with_writer(|connection| {
            in_transaction(connection, |transaction| {
                changes::mark(transaction)?;
                work(transaction)
            })
        })
    }

    /// Holds the only connection that writes.
    pub(crate) fn with_writer<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Outcome<T>,
    ) -> Result<T> {
        // A panic in the middle of a transaction rolled it back: a poisoned lock is a good one.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut writer).map_err(|failure| self.explain(failure))
    }

    /// What `query` keeps of the state it saw last.
    pub(crate) fn numbers(&self) -> &Latest {
        &self.numbers
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Damage that shows only now is remembered by a mark, and mended by the next start.
    fn explain(&self, failure: Failure) -> ownkey_model::AppError {
        if failure.is_damage()
            && let Err(error) = std::fs::write(damage_mark(&self.path), b"")
        {
            tracing::warn!(%error, "the damaged cache could not be marked");
        }
        failure.at(&self.path)
    }
}

impl Store {
    /// How much room the cache takes on disk, in bytes.
    pub fn cache_bytes(&self) -> Result<u64> {
        let path = &self.parts.cache.path;
        let mut bytes = 0;
        for file in [path.clone(), beside(path, "-wal")] {
            match std::fs::metadata(&file) {
                Ok(found) => bytes += found.len(),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(file_system(&error, self.folder())),
            }
        }
        Ok(bytes)
    }

    /// Drops what is cached for registrations that the journal does not have, and for regions that
    /// they have left.
    pub(crate) fn forget_orphans(&self) -> Result<()> {
        let held = self.all_held_regions()?;
        self.parts.cache.with_writer(|writer| {
            let cached: Vec<(RegistrationId, String)> = writer
                .prepare("SELECT DISTINCT registration, region FROM facets")?
                .query_map([], |row| Ok((RegistrationId(row.get(0)?), row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            for one in cached {
                if held.contains(&one) {
                    continue;
                }
                let (id, region) = one;
                let whole = !held.iter().any(|(holder, _)| *holder == id);
                forget(writer, &id, (!whole).then_some(&region))?;
            }
            Ok(())
        })
    }
}

/// Drops everything that is cached for a registration, or for one region of it.
pub(crate) fn forget(
    writer: &mut Connection,
    id: &RegistrationId,
    region: Option<&str>,
) -> Outcome<()> {
    in_transaction(writer, |transaction| {
        changes::mark(transaction)?;
        keys::forget(transaction, id, region)?;
        aliases::forget(transaction, id, region)?;
        tags::forget_unused(transaction)?;
        if region.is_none() {
            sync::forget(transaction, id)?;
        }
        facets::forget(transaction, id, region)
    })
}

/// Nothing if the cache has to be made anew.
fn open_writer(path: &Path) -> Outcome<Option<Connection>> {
    if damage_mark(path).exists() {
        return Ok(None);
    }
    let mut connection = Connection::open(path)?;
    let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let tables: u32 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if version != VERSION && (version, tables) != (0, 0) {
        return Ok(None);
    }
    settings(&connection, WRITER_KIB)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
         PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 67108864;",
    )?;
    if version == 0 {
        in_transaction(&mut connection, |transaction| {
            for part in TABLES {
                transaction.execute_batch(part)?;
            }
            transaction.execute_batch(&format!("PRAGMA user_version = {VERSION}"))?;
            Ok(())
        })?;
    }
    Ok(Some(connection))
}

fn open_reader(path: &Path) -> Outcome<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    settings(&connection, READER_KIB)?;
    connection.execute_batch("PRAGMA query_only = ON")?;
    Ok(connection)
}

fn settings(connection: &Connection, pages_kib: u32) -> Outcome<()> {
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    // A bound of the memory that a connection takes, however large the cache becomes. The file is
    // not mapped, since mapped pages would count as the program's memory.
    connection.execute_batch(&format!(
        "PRAGMA cache_size = -{pages_kib}; PRAGMA temp_store = MEMORY;"
    ))?;
    Ok(())
}

fn make_anew(path: &Path) -> Result<Connection> {
    tracing::warn!(path = %path.display(), "the cache is not understood and made anew");
    for file in [
        path.to_owned(),
        beside(path, "-wal"),
        beside(path, "-shm"),
        beside(path, "-journal"),
        damage_mark(path),
    ] {
        match std::fs::remove_file(&file) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(file_system(&error, path.parent().unwrap_or(path))),
        }
    }
    let made = open_writer(path).map_err(|failure| failure.at(path))?;
    Ok(made.expect("a database that does not exist has no other version"))
}

fn damage_mark(path: &Path) -> PathBuf {
    beside(path, "-damaged")
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
