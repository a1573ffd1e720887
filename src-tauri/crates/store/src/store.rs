//! The store as a whole: its folder, its lock, its two databases.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ownkey_model::{AppError, Result};

use crate::cache::Cache;
use crate::failure::{file_system, unexpected};
use crate::journal::Journal;

/// Everything that OwnKey keeps in its data folder. A clone is the same store.
#[derive(Clone)]
pub struct Store {
    pub(crate) parts: Arc<Parts>,
}

/// Dropped in this order: the lock is released only when both databases are closed.
pub(crate) struct Parts {
    pub(crate) journal: Journal,
    pub(crate) cache: Cache,
    folder: PathBuf,
    _lock: File,
}

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// `journal.db`, the precious one.
    Journal,
    /// `cache.db`, which may vanish.
    Cache,
}

impl Store {
    /// Opens the store in a folder, which is made, readable by its owner only, if it is missing.
    ///
    /// Errors: `AlreadyRunning` if another process has it open; `FolderReadOnly`; `DiskFull`;
    /// `JournalNewer` and `StorageDamaged` if the journal is not one this program may touch, in
    /// which case it is left exactly as it was. A cache that is not understood is dropped.
    pub fn open(folder: &Path) -> Result<Self> {
        prepare_folder(folder)?;
        let lock = lock(folder)?;
        let journal = Journal::open(folder)?;
        let cache = Cache::open(folder)?;
        let store = Self {
            parts: Arc::new(Parts {
                journal,
                cache,
                folder: folder.to_owned(),
                _lock: lock,
            }),
        };
        // A crash between the two databases may have left keys of a removed registration.
        store.forget_orphans()?;
        Ok(store)
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.parts.folder
    }

    /// Lets a database grow to at most so many pages of 4,096 bytes, or without limit: how tests
    /// make a disk full.
    #[doc(hidden)]
    pub fn limit_pages(&self, database: Database, pages: Option<u32>) -> Result<()> {
        // SQLite's own default, and the largest it accepts.
        let pages = pages.unwrap_or(0xffff_fffe);
        let limit = |connection: &rusqlite::Connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok(())
        };
        match database {
            Database::Journal => self.parts.journal.read(limit),
            Database::Cache => self.parts.cache.with_writer(|writer| limit(writer)),
        }
    }
}

/// Makes a folder that only its owner can look into, if it is missing. `FolderReadOnly` or
/// `DiskFull` if it cannot be made.
pub fn prepare_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| file_system(&error, folder))
}

fn lock(folder: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join("ownkey.lock"))
        .map_err(|error| file_system(&error, folder))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AppError::AlreadyRunning {
            path: folder.display().to_string(),
        }),
        Err(TryLockError::Error(error)) => Err(unexpected("lock", &error)),
    }
}
