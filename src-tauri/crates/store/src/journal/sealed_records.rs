//! The table `sealed_materials`: key material under the master key's seal, and its label.

use ownkey_material::{RecordLabel, SealedRecord, SealedRecords};
use ownkey_model::{AppError, KeySpec, MaterialId, Result, SourceTier, Timestamp};
use rusqlite::{Row, Transaction, named_params};

use super::materials;
use crate::Store;
use crate::failure::{Failure, Outcome, stored};

pub(super) const VERSION_2: &str = "
    CREATE TABLE sealed_materials(
        id TEXT PRIMARY KEY,
        spec TEXT NOT NULL,
        tier TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT;";

const COLUMNS: &str = "id, spec, tier, created_at, sealed";

impl SealedRecords for Store {
    /// `NameTaken` if the id is taken.
    fn put(&self, record: &SealedRecord) -> Result<()> {
        self.parts
            .journal
            .write(|transaction| insert(transaction, record))
    }

    fn fetch(&self, id: &MaterialId) -> Result<Option<SealedRecord>> {
        self.parts.journal.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM sealed_materials WHERE id = ?"
            ))?;
            let mut rows = statement.query([id.as_str()])?;
            rows.next()?.map(read).transpose()
        })
    }

    fn list(&self) -> Result<Vec<SealedRecord>> {
        self.parts.journal.read(|connection| {
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM sealed_materials ORDER BY created_at, id"
            ))?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// `MaterialInUse` while an operation that has not ended uses it.
    fn remove(&self, id: &MaterialId) -> Result<()> {
        self.parts
            .journal
            .write(|transaction| remove(transaction, id).map(drop))
    }
}

/// Writes a new record; `NameTaken` if its id is taken.
pub(super) fn insert(transaction: &Transaction<'_>, record: &SealedRecord) -> Outcome<()> {
    let label = &record.label;
    let written = transaction.execute(
        "INSERT INTO sealed_materials(id, spec, tier, created_at, sealed)
         VALUES(:id, :spec, :tier, :created_at, :sealed) ON CONFLICT(id) DO NOTHING",
        named_params! {
            ":id": label.id.as_str(),
            ":spec": label.spec.as_str(),
            ":tier": label.tier.as_str(),
            ":created_at": label.created_at.unix_seconds(),
            ":sealed": record.sealed,
        },
    )?;
    if written == 0 {
        return Err(AppError::NameTaken {
            name: label.id.to_string(),
        }
        .into());
    }
    Ok(())
}

/// Removes a record with all that is known about the material; says whether there was one.
pub(super) fn remove(transaction: &Transaction<'_>, id: &MaterialId) -> Outcome<bool> {
    materials::refuse_while_in_use(transaction, id)?;
    let removed =
        transaction.execute("DELETE FROM sealed_materials WHERE id = ?", [id.as_str()])?;
    Ok(removed > 0)
}

/// The label from four columns, of which the first stands at `first`.
pub(super) fn read_label(row: &Row<'_>, first: usize) -> Outcome<RecordLabel> {
    let (id, spec, tier): (String, String, String) =
        (row.get(first)?, row.get(first + 1)?, row.get(first + 2)?);
    Ok(RecordLabel {
        id: stored(MaterialId::try_from(id))?,
        spec: KeySpec::parse(&spec).ok_or_else(|| Failure::Unreadable(format!("spec {spec}")))?,
        tier: SourceTier::parse(&tier)
            .ok_or_else(|| Failure::Unreadable(format!("tier {tier}")))?,
        created_at: Timestamp::from_unix_seconds(row.get(first + 3)?),
    })
}

fn read(row: &Row<'_>) -> Outcome<SealedRecord> {
    Ok(SealedRecord {
        label: read_label(row, 0)?,
        sealed: row.get(4)?,
    })
}
