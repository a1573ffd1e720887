//! The table `preferences`: what the window remembers.

use ownkey_model::{Preference, Result};

use crate::Store;

pub(super) const VERSION_1: &str = "
    CREATE TABLE preferences(
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;";

impl Store {
    /// All preferences, by name.
    pub fn preferences(&self) -> Result<Vec<Preference>> {
        self.parts.journal.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT name, value FROM preferences ORDER BY name")?;
            let rows = statement.query_map([], |row| {
                Ok(Preference {
                    name: row.get(0)?,
                    value: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Keeps a preference; an earlier one of the same name is replaced.
    pub fn remember(&self, preference: &Preference) -> Result<()> {
        self.parts.journal.write(|transaction| {
            transaction.execute(
                "INSERT INTO preferences(name, value) VALUES(?, ?)
                 ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                [&preference.name, &preference.value],
            )?;
            Ok(())
        })
    }
}
