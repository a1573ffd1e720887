//! The tables `registrations` and `registration_regions`: accounts and the regions looked at.

use std::collections::HashMap;

use ownkey_model::{
    AccountId, AppError, ConnectionId, KeysIn, Partition, Region, Registration, RegistrationId,
    RegistrationPage, RegistrationQuery, Result, Role, Scope, Timestamp,
};
use rusqlite::{OptionalExtension, Transaction, named_params};

use super::{connections, operations};
use crate::Store;
use crate::failure::{Failure, Outcome, stored};

pub(super) const VERSION_1: &str = "
    CREATE TABLE registrations(
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        account TEXT NOT NULL,
        account_alias TEXT,
        partition TEXT NOT NULL,
        caller_arn TEXT NOT NULL,
        connection TEXT NOT NULL REFERENCES connections(id),
        created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE registration_regions(
        registration TEXT NOT NULL REFERENCES registrations(id) ON DELETE CASCADE,
        partition TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        PRIMARY KEY(partition, account, region)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX registration_regions_by_registration ON registration_regions(registration, region);";

impl Store {
    /// All registrations, by name. `synced_at` is when the cache last read one through to the end.
    pub fn registrations(&self) -> Result<Vec<Registration>> {
        let synced = self.synced_at()?;
        self.parts
            .journal
            .read(|connection| load(connection, None, &synced))
    }

    /// One registration. `NotFound` if there is none.
    pub fn registration(&self, id: &RegistrationId) -> Result<Registration> {
        let synced = self.synced_at()?;
        self.parts
            .journal
            .read(|connection| load(connection, Some(id), &synced))?
            .pop()
            .ok_or_else(|| not_found(id))
    }

    /// Writes a registration, and its connection if that is new. `NameTaken` if another
    /// registration (ignoring case) or another connection has the name; `RegionsTaken` if another
    /// registration of the same account holds some of the regions. Nothing is written then.
    pub fn add_registration(&self, registration: &Registration) -> Result<()> {
        self.parts.journal.write(|transaction| {
            refuse_name(transaction, registration)?;
            refuse_regions(transaction, registration)?;
            connections::put(transaction, &registration.connection)?;
            insert(transaction, registration)
        })
    }

    /// Removes a registration, its connection if nothing else uses it, and its cached keys.
    /// `NotFound` if there is none; `OperationsOpen` while operations over it have not ended.
    pub fn remove_registration(&self, id: &RegistrationId) -> Result<()> {
        // The cache's writer is held for the whole time: a synchronisation that is under way finds
        // the registration either whole or gone.
        self.parts.cache.with_writer(|writer| {
            self.parts.journal.write(|transaction| {
                operations::refuse_while_open(transaction, "registration = ?", &id.0)?;
                let removed =
                    transaction.execute("DELETE FROM registrations WHERE id = ?", [&id.0])?;
                if removed == 0 {
                    return Err(not_found(id).into());
                }
                connections::remove_unused(transaction)
            })?;
            crate::cache::forget_registration(writer, id)
        })
    }

    /// A page of the registrations that a question means, by name.
    pub fn find_registrations(&self, query: &RegistrationQuery) -> Result<RegistrationPage> {
        todo!("{query:?}")
    }

    /// Moves a registration to a connection, and to a role over it. `NotFound` if either is gone.
    pub fn change_registration_connection(
        &self,
        id: &RegistrationId,
        connection: &ConnectionId,
        role: Option<&Role>,
        caller_arn: &str,
        at: Timestamp,
    ) -> Result<()> {
        todo!("{id:?} {connection:?} {role:?} {caller_arn} {at:?}")
    }

    /// Gives a registration other regions, and forgets the cached keys of those it leaves.
    /// `RegionsTaken` if another registration of the account holds some; `OperationsOpen` while
    /// operations in a region that it leaves have not ended. Nothing is changed then.
    pub fn change_registration_regions(
        &self,
        id: &RegistrationId,
        regions: &[Region],
        at: Timestamp,
    ) -> Result<()> {
        todo!("{id:?} {regions:?} {at:?}")
    }

    /// How many keys of a registration are cached in each of its regions, those that are gone left
    /// out.
    pub fn keys_by_region(&self, registration: &Registration) -> Result<Vec<KeysIn>> {
        todo!("{registration:?}")
    }

    /// How many operations over a registration have not ended.
    pub fn open_operations(&self, id: &RegistrationId) -> Result<u32> {
        todo!("{id:?}")
    }

    /// Refuses with `NotFound` what concerns a registration that is no longer there.
    pub(crate) fn require_registration(&self, id: &RegistrationId) -> Result<()> {
        self.parts.journal.read(|connection| {
            connection
                .prepare_cached("SELECT 1 FROM registrations WHERE id = ?")?
                .query_row([&id.0], |_| Ok(()))
                .optional()?
                .ok_or_else(|| not_found(id).into())
        })
    }

    /// The registrations of a scope: named by it, and with a region in it.
    pub(crate) fn registrations_in(&self, scope: &Scope) -> Result<Vec<RegistrationId>> {
        self.parts.journal.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT registration, region FROM registration_regions
                 ORDER BY registration, region",
            )?;
            let mut found: Vec<RegistrationId> = Vec::new();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id = RegistrationId(row.get(0)?);
                let region: String = row.get(1)?;
                let wanted = (scope.registrations.is_empty() || scope.registrations.contains(&id))
                    && (scope.regions.is_empty()
                        || scope.regions.iter().any(|one| one.as_str() == region));
                if wanted && found.last() != Some(&id) {
                    found.push(id);
                }
            }
            Ok(found)
        })
    }
}

fn not_found(id: &RegistrationId) -> AppError {
    AppError::NotFound {
        what: format!("registration {}", id.0),
    }
}

fn refuse_name(transaction: &Transaction<'_>, new: &Registration) -> Outcome<()> {
    let mut statement = transaction.prepare("SELECT name FROM registrations")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        if name.to_lowercase() == new.name.to_lowercase() {
            return Err(AppError::NameTaken {
                name: new.name.clone(),
            }
            .into());
        }
    }
    Ok(())
}

fn refuse_regions(transaction: &Transaction<'_>, new: &Registration) -> Outcome<()> {
    let mut statement = transaction.prepare(
        "SELECT o.name, r.region FROM registration_regions r
         JOIN registrations o ON o.id = r.registration
         WHERE r.partition = ? AND r.account = ? ORDER BY o.name, r.region",
    )?;
    let mut rows = statement.query([new.partition.as_str(), new.account.as_str()])?;
    let mut taken: Option<(String, Vec<String>)> = None;
    while let Some(row) = rows.next()? {
        let (name, region): (String, String) = (row.get(0)?, row.get(1)?);
        if new.regions.iter().any(|one| one.as_str() == region) {
            let (by, regions) = taken.get_or_insert_with(|| (name.clone(), Vec::new()));
            if *by == name {
                regions.push(region);
            }
        }
    }
    match taken {
        Some((by, regions)) => Err(AppError::RegionsTaken { regions, by }.into()),
        None => Ok(()),
    }
}

fn insert(transaction: &Transaction<'_>, new: &Registration) -> Outcome<()> {
    transaction.execute(
        "INSERT INTO registrations(id, name, account, account_alias, partition, caller_arn,
            connection, created_at)
         VALUES(:id, :name, :account, :account_alias, :partition, :caller_arn, :connection,
            :created_at)",
        named_params! {
            ":id": new.id.0,
            ":name": new.name,
            ":account": new.account.as_str(),
            ":account_alias": new.account_alias,
            ":partition": new.partition.as_str(),
            ":caller_arn": new.caller_arn,
            ":connection": new.connection.id.0,
            ":created_at": new.created_at.unix_seconds(),
        },
    )?;
    let mut statement = transaction.prepare(
        "INSERT INTO registration_regions(registration, partition, account, region)
         VALUES(?, ?, ?, ?)",
    )?;
    for region in &new.regions {
        statement.execute([
            &new.id.0,
            new.partition.as_str(),
            new.account.as_str(),
            region.as_str(),
        ])?;
    }
    Ok(())
}

fn load(
    connection: &rusqlite::Connection,
    id: Option<&RegistrationId>,
    synced: &HashMap<RegistrationId, Timestamp>,
) -> Outcome<Vec<Registration>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT r.id, r.name, r.account, r.account_alias, r.partition, r.caller_arn, r.created_at,
            {}
         FROM registrations r JOIN connections c ON c.id = r.connection
         WHERE ?1 IS NULL OR r.id = ?1 ORDER BY r.name",
        connections::COLUMNS
    ))?;
    let mut rows = statement.query([id.map(|one| &one.0)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = RegistrationId(row.get(0)?);
        let partition: String = row.get(4)?;
        found.push(Registration {
            name: row.get(1)?,
            account: stored(AccountId::parse(&row.get::<_, String>(2)?))?,
            account_alias: row.get(3)?,
            partition: Partition::parse(&partition)
                .ok_or_else(|| Failure::Unreadable(format!("partition {partition}")))?,
            caller_arn: row.get(5)?,
            connection: connections::read(row, 7)?,
            regions: regions(connection, &id)?,
            role: None,
            created_at: Timestamp::from_unix_seconds(row.get(6)?),
            updated_at: Timestamp::from_unix_seconds(row.get(6)?),
            synced_at: synced.get(&id).copied(),
            id,
        });
    }
    Ok(found)
}

fn regions(connection: &rusqlite::Connection, id: &RegistrationId) -> Outcome<Vec<Region>> {
    let mut statement = connection.prepare_cached(
        "SELECT region FROM registration_regions WHERE registration = ? ORDER BY region",
    )?;
    let mut rows = statement.query([&id.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored(Region::parse(&row.get::<_, String>(0)?))?);
    }
    Ok(found)
}
