//! The table `backup_folder`: where backups of key material go. It has one row, or none.

use ownkey_model::Result;
use rusqlite::OptionalExtension;

use crate::Store;

pub(super) const VERSION_2: &str = "
    CREATE TABLE backup_folder(
        only INTEGER PRIMARY KEY CHECK(only = 1),
        folder TEXT NOT NULL
    ) STRICT;";

impl Store {
    /// The folder that was chosen for backups; nothing until one was.
    pub fn backup_folder(&self) -> Result<Option<String>> {
        self.parts.journal.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT folder FROM backup_folder")?
                .query_row([], |row| row.get(0))
                .optional()?)
        })
    }

    /// Chooses the folder for backups from now on. Backups that were written stay where they are.
    pub fn set_backup_folder(&self, folder: &str) -> Result<()> {
        self.parts.journal.write(|transaction| {
            transaction.execute(
                "INSERT INTO backup_folder(only, folder) VALUES(1, ?)
                 ON CONFLICT(only) DO UPDATE SET folder = excluded.folder",
                [folder],
            )?;
            Ok(())
        })
    }
}
