//! The tables `materials`, `material_places` and `backups`: what is known about sealed key material.
//!
//! Here must not live: the bytes, which lie sealed in a table of their own.

use ownkey_material::{Fingerprint, SealedRecord};
use ownkey_model::{
    AccountId, AppError, BackupFile, KeyArn, MaterialId, MaterialOrigin, MaterialPlace, Result,
    StoredMaterial, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};

use super::{operations, sealed_records};
use crate::Store;
use crate::failure::{Outcome, stored};

pub(super) const VERSION_2: &str = "
    CREATE TABLE materials(
        id TEXT PRIMARY KEY REFERENCES sealed_materials(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        origin TEXT NOT NULL,
        fingerprint BLOB NOT NULL CHECK(length(fingerprint) = 32),
        check_value TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX materials_by_fingerprint ON materials(fingerprint);
    CREATE TABLE material_places(
        material TEXT NOT NULL REFERENCES materials(id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        kms_material_id TEXT,
        imported_at INTEGER NOT NULL,
        valid_to INTEGER,
        removed_at INTEGER,
        PRIMARY KEY(material, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX material_places_by_key ON material_places(key);
    CREATE TABLE backups(
        material TEXT NOT NULL REFERENCES materials(id) ON DELETE CASCADE,
        path TEXT NOT NULL,
        written_at INTEGER NOT NULL,
        verified_at INTEGER,
        sandbox INTEGER NOT NULL,
        own_passphrase INTEGER NOT NULL,
        PRIMARY KEY(material, path)
    ) STRICT, WITHOUT ROWID;";

/// A material as it comes into the store: the sealed bytes and what is shown of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMaterial {
    /// The sealed bytes and their label.
    pub record: SealedRecord,
    /// What people call it; any text.
    pub name: String,
    /// How it came here.
    pub origin: MaterialOrigin,
    /// By what it is recognised.
    pub fingerprint: Fingerprint,
    /// The key check value, six hexadecimal digits; AES only.
    pub check_value: Option<String>,
}

impl Store {
    /// Writes a new material. `NameTaken` if its id is taken; nothing is written then.
    pub fn add_material(&self, material: &NewMaterial) -> Result<()> {
        self.parts
            .journal
            .write(|transaction| insert(transaction, material))
    }

    /// Seals a material anew under the id that it has already: its places and backups stay. `NotFound`
    /// if there is none.
    pub fn reseal_material(&self, material: &NewMaterial) -> Result<()> {
        let (record, id) = (&material.record, &material.record.label.id);
        self.parts.journal.write(|transaction| {
            let resealed = transaction.execute(
                "UPDATE sealed_materials SET spec = ?, tier = ?, created_at = ?, sealed = ?
                 WHERE id = ?",
                params![
                    record.label.spec.as_str(),
                    record.label.tier.as_str(),
                    record.label.created_at.unix_seconds(),
                    record.sealed,
                    id.as_str(),
                ],
            )?;
            if resealed == 0 {
                return Err(not_found(id).into());
            }
            transaction.execute(
                "UPDATE materials SET fingerprint = ?, check_value = ? WHERE id = ?",
                params![
                    material.fingerprint.as_bytes(),
                    material.check_value,
                    id.as_str(),
                ],
            )?;
            Ok(())
        })
    }

    /// Forgets the keys of these accounts that materials were imported into, as if there never had been
    /// any: the accounts begin anew, and a key that comes back with the same ARN takes any material.
    /// `OperationsOpen` while operations there have not ended; nothing is forgotten then.
    pub fn forget_places(&self, of: &[AccountId]) -> Result<()> {
        self.parts.journal.write(|transaction| {
            let accounts: Vec<&str> = of.iter().map(AccountId::as_str).collect();
            let accounts = serde_json::to_string(&accounts)?;
            operations::refuse_while_open(
                transaction,
                "account IN (SELECT value FROM json_each(?))",
                [&accounts],
            )?;
            transaction.execute(
                "DELETE FROM material_places WHERE EXISTS(
                    SELECT 1 FROM json_each(?)
                    WHERE material_places.key LIKE 'arn:%:kms:%:' || value || ':key/%')",
                [accounts],
            )?;
            Ok(())
        })
    }

    /// All materials, the latest first; places by the time of the import and backups by the time
    /// of writing, the latest first.
    pub fn materials(&self) -> Result<Vec<StoredMaterial>> {
        self.parts.journal.read(|connection| load(connection, None))
    }

    /// One material. `NotFound` if there is none.
    pub fn material(&self, id: &MaterialId) -> Result<StoredMaterial> {
        self.parts
            .journal
            .read(|connection| load(connection, Some(id)))?
            .pop()
            .ok_or_else(|| not_found(id))
    }

    /// The oldest material with these bytes, if there is one.
    pub fn material_of(&self, fingerprint: &Fingerprint) -> Result<Option<MaterialId>> {
        self.parts.journal.read(|connection| {
            let found: Option<String> = connection
                .prepare_cached(
                    "SELECT m.id FROM materials m JOIN sealed_materials s ON s.id = m.id
                     WHERE m.fingerprint = ? ORDER BY s.created_at, s.id LIMIT 1",
                )?
                .query_row([fingerprint.as_bytes()], |row| row.get(0))
                .optional()?;
            stored(found.map(MaterialId::try_from).transpose())
        })
    }

    /// Every material that OwnKey ever imported into a key and still has, the latest import first.
    pub fn materials_of_key(&self, key: &KeyArn) -> Result<Vec<MaterialId>> {
        self.parts.journal.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT material FROM material_places WHERE key = ?
                 ORDER BY imported_at DESC, material",
            )?;
            let mut rows = statement.query([key.as_str()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(stored(MaterialId::try_from(row.get::<_, String>(0)?))?);
            }
            Ok(found)
        })
    }

    /// Writes down a backup, or what is now known of one at the same path. `NotFound` if there is no
    /// such material.
    pub fn record_backup(&self, id: &MaterialId, backup: &BackupFile) -> Result<()> {
        self.parts
            .journal
            .write(|transaction| put_backup(transaction, id, backup))
    }

    /// Removes a material: the sealed bytes, its places and what is known of its backups; the
    /// backups' files stay. `NotFound` if there is none; `MaterialInUse` while an operation that has
    /// not ended uses it. Whether a backup exists is the caller's to ask.
    pub fn remove_material(&self, id: &MaterialId) -> Result<()> {
        self.parts.journal.write(|transaction| {
            if sealed_records::remove(transaction, id)? {
                Ok(())
            } else {
                Err(not_found(id).into())
            }
        })
    }

    /// Whether there is any sealed material, and so a master key that must not be made anew.
    pub fn has_materials(&self) -> Result<bool> {
        self.parts.journal.read(|connection| {
            Ok(connection
                .prepare_cached("SELECT EXISTS(SELECT 1 FROM sealed_materials)")?
                .query_row([], |row| row.get(0))?)
        })
    }
}

/// Writes a new material; `NameTaken` if its id is taken.
pub(super) fn insert(transaction: &Transaction<'_>, material: &NewMaterial) -> Outcome<()> {
    sealed_records::insert(transaction, &material.record)?;
    transaction.execute(
        "INSERT INTO materials(id, name, origin, fingerprint, check_value)
         VALUES(:id, :name, :origin, :fingerprint, :check_value)",
        named_params! {
            ":id": material.record.label.id.as_str(),
            ":name": material.name,
            ":origin": serde_json::to_string(&material.origin)?,
            ":fingerprint": material.fingerprint.as_bytes(),
            ":check_value": material.check_value,
        },
    )?;
    Ok(())
}

/// Writes down that AWS holds a material for a key; what was known of the pair is replaced.
pub(super) fn put_place(
    transaction: &Transaction<'_>,
    id: &MaterialId,
    place: &MaterialPlace,
) -> Outcome<()> {
    require(transaction, id)?;
    transaction.execute(
        "INSERT INTO material_places(material, key, kms_material_id, imported_at, valid_to,
            removed_at)
         VALUES(:material, :key, :kms_material_id, :imported_at, :valid_to, :removed_at)
         ON CONFLICT(material, key) DO UPDATE SET kms_material_id = excluded.kms_material_id,
            imported_at = excluded.imported_at, valid_to = excluded.valid_to,
            removed_at = excluded.removed_at",
        named_params! {
            ":material": id.as_str(),
            ":key": place.key.as_str(),
            ":kms_material_id": place.kms_material_id,
            ":imported_at": place.imported_at.unix_seconds(),
            ":valid_to": place.valid_to.map(Timestamp::unix_seconds),
            ":removed_at": place.removed_at.map(Timestamp::unix_seconds),
        },
    )?;
    Ok(())
}

/// Writes down that AWS no longer holds a material for a key. That it never did is no error.
pub(super) fn mark_removed(
    transaction: &Transaction<'_>,
    id: &MaterialId,
    key: &KeyArn,
    at: Timestamp,
) -> Outcome<()> {
    transaction.execute(
        "UPDATE material_places SET removed_at = :at WHERE material = :material AND key = :key",
        named_params! {
            ":at": at.unix_seconds(),
            ":material": id.as_str(),
            ":key": key.as_str(),
        },
    )?;
    Ok(())
}

/// Writes down a backup, or what is now known of one at the same path.
pub(super) fn put_backup(
    transaction: &Transaction<'_>,
    id: &MaterialId,
    backup: &BackupFile,
) -> Outcome<()> {
    require(transaction, id)?;
    transaction.execute(
        "INSERT INTO backups(material, path, written_at, verified_at, sandbox, own_passphrase)
         VALUES(:material, :path, :written_at, :verified_at, :sandbox,
            :own_passphrase)
         ON CONFLICT(material, path) DO UPDATE SET written_at = excluded.written_at,
            verified_at = excluded.verified_at, sandbox = excluded.sandbox,
            own_passphrase = excluded.own_passphrase",
        named_params! {
            ":material": id.as_str(),
            ":path": backup.path,
            ":written_at": backup.written_at.unix_seconds(),
            ":verified_at": backup.verified_at.map(Timestamp::unix_seconds),
            ":sandbox": backup.sandbox,
            ":own_passphrase": backup.own_passphrase,
        },
    )?;
    Ok(())
}

/// Refuses with `MaterialInUse` what would take a material from an operation that has not ended.
pub(super) fn refuse_while_in_use(transaction: &Transaction<'_>, id: &MaterialId) -> Outcome<()> {
    let in_use: bool = transaction.query_row(
        "SELECT EXISTS(SELECT 1 FROM operations WHERE material = ? AND closed_at IS NULL)",
        [id.as_str()],
        |row| row.get(0),
    )?;
    if in_use {
        return Err(AppError::MaterialInUse.into());
    }
    Ok(())
}

fn require(transaction: &Transaction<'_>, id: &MaterialId) -> Outcome<()> {
    transaction
        .query_row(
            "SELECT 1 FROM materials WHERE id = ?",
            [id.as_str()],
            |_| Ok(()),
        )
        .optional()?
        .ok_or_else(|| not_found(id).into())
}

fn not_found(id: &MaterialId) -> AppError {
    AppError::NotFound {
        what: format!("material {id}"),
    }
}

fn load(connection: &Connection, id: Option<&MaterialId>) -> Outcome<Vec<StoredMaterial>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.id, s.spec, s.tier, s.created_at, m.name, m.origin, m.fingerprint, m.check_value
         FROM materials m JOIN sealed_materials s ON s.id = m.id
         WHERE ?1 IS NULL OR s.id = ?1 ORDER BY s.created_at DESC, s.id",
    )?;
    let mut rows = statement.query([id.map(MaterialId::as_str)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let label = sealed_records::read_label(row, 0)?;
        found.push(StoredMaterial {
            name: row.get(4)?,
            spec: label.spec,
            tier: label.tier,
            origin: serde_json::from_str(&row.get::<_, String>(5)?)?,
            fingerprint: Fingerprint::from_bytes(row.get(6)?).to_string(),
            check_value: row.get(7)?,
            created_at: label.created_at,
            places: places(connection, &label.id)?,
            backups: backups(connection, &label.id)?,
            id: label.id,
        });
    }
    Ok(found)
}

fn places(connection: &Connection, id: &MaterialId) -> Outcome<Vec<MaterialPlace>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, kms_material_id, imported_at, valid_to, removed_at FROM material_places
         WHERE material = ? ORDER BY imported_at DESC, key",
    )?;
    let mut rows = statement.query([id.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let time = |column| -> rusqlite::Result<Option<Timestamp>> {
            Ok(row
                .get::<_, Option<i64>>(column)?
                .map(Timestamp::from_unix_seconds))
        };
        found.push(MaterialPlace {
            key: stored(KeyArn::parse(&row.get::<_, String>(0)?))?,
            kms_material_id: row.get(1)?,
            imported_at: Timestamp::from_unix_seconds(row.get(2)?),
            valid_to: time(3)?,
            removed_at: time(4)?,
        });
    }
    Ok(found)
}

fn backups(connection: &Connection, id: &MaterialId) -> Outcome<Vec<BackupFile>> {
    let mut statement = connection.prepare_cached(
        "SELECT path, written_at, verified_at, sandbox, own_passphrase FROM backups
         WHERE material = ? ORDER BY written_at DESC, path",
    )?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok(BackupFile {
            path: row.get(0)?,
            written_at: Timestamp::from_unix_seconds(row.get(1)?),
            verified_at: row
                .get::<_, Option<i64>>(2)?
                .map(Timestamp::from_unix_seconds),
            sandbox: row.get(3)?,
            own_passphrase: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
