//! The tables `registrations` and `registration_regions`: accounts and the regions looked at.

use std::collections::{HashMap, HashSet};

use ownkey_model::{
    AccountId, AppError, Connection, ConnectionId, KeysIn, Partition, Region, Registration,
    RegistrationId, RegistrationPage, RegistrationQuery, Result, Role, Scope, Timestamp,
};
use rusqlite::{OptionalExtension, Params, Transaction, named_params, params};

use super::{connections, names, operations};
use crate::Store;
use crate::cache::fold;
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

pub(super) const VERSION_3: &str = "
    ALTER TABLE registrations ADD COLUMN role_arn TEXT;
    ALTER TABLE registrations ADD COLUMN external_id TEXT;
    ALTER TABLE registrations ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
    UPDATE registrations SET updated_at = created_at;";

const LARGEST_PAGE: u32 = 500;

/// Another way to a registration's account, with what was seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved<'a> {
    /// Over which connection.
    pub connection: &'a ConnectionId,
    /// The role that is assumed over it.
    pub role: Option<&'a Role>,
    /// The account's alias now.
    pub account_alias: Option<&'a str>,
    /// Who signs in now.
    pub caller_arn: &'a str,
}

impl Store {
    /// All registrations, by name. `synced_at` is when the cache last read one through to the end.
    pub fn registrations(&self) -> Result<Vec<Registration>> {
        let synced = self.synced_at()?;
        self.parts
            .journal
            .read(|journal| load(journal, "ORDER BY fold(r.name), r.name", [], &synced))
    }

    /// One registration. `NotFound` if there is none.
    pub fn registration(&self, id: &RegistrationId) -> Result<Registration> {
        let synced = self.synced_at()?;
        self.parts
            .journal
            .read(|journal| load(journal, "WHERE r.id = ?", [&id.0], &synced))?
            .pop()
            .ok_or_else(|| not_found(id))
    }

    /// A page of the registrations that a question means, by name.
    pub fn find_registrations(&self, query: &RegistrationQuery) -> Result<RegistrationPage> {
        // Every text holds the empty one.
        const MEANT: &str = "WHERE instr(fold(r.id), ?1) AND instr(fold(r.name), ?2)
            AND instr(r.account, ?3) AND (?4 IS NULL OR r.partition = ?4)";
        let synced = self.synced_at()?;
        let sought = |text: &str| fold(text.trim());
        let (id, name) = (sought(&query.id), sought(&query.name));
        let (account, cloud) = (sought(&query.account), query.cloud.map(Partition::as_str));
        let limit = query.limit.clamp(1, LARGEST_PAGE);
        self.parts.journal.read(|journal| {
            let total = journal.query_row(
                &format!("SELECT count(*) FROM registrations r {MEANT}"),
                params![id, name, account, cloud],
                |row| row.get(0),
            )?;
            let registrations = load(
                journal,
                &format!("{MEANT} ORDER BY fold(r.name), r.name LIMIT ?5 OFFSET ?6"),
                params![id, name, account, cloud, limit, query.skip],
                &synced,
            )?;
            Ok(RegistrationPage {
                skip: query.skip,
                limit,
                total,
                registrations,
            })
        })
    }

    /// Writes a registration over a connection that is kept already. `NotFound` if it is not;
    /// `NameTaken` if another registration has the name, ignoring case; `RegionsTaken` if another
    /// registration of the same account holds some of the regions. Nothing is written then.
    pub fn add_registration(&self, registration: &Registration) -> Result<()> {
        self.parts.journal.write(|transaction| {
            let (id, name) = (&registration.id, &registration.name);
            names::refuse_taken(transaction, "registrations", name, &id.0)?;
            let account = Account {
                partition: registration.partition.as_str().to_owned(),
                id: registration.account.as_str().to_owned(),
            };
            refuse_taken_regions(transaction, id, &account, &registration.regions)?;
            connections::find(transaction, &registration.connection.id)?;
            insert(transaction, registration)?;
            insert_regions(transaction, id, &account, &registration.regions)
        })
    }

    /// Moves a registration to a connection, and to a role over it. `NotFound` if either is gone;
    /// `OperationsOpen` if that asks another server while operations over the registration have not
    /// ended: they are about keys of the server before.
    pub fn change_registration_connection(
        &self,
        id: &RegistrationId,
        moved: &Moved<'_>,
        at: Timestamp,
    ) -> Result<()> {
        let role = moved.role;
        self.parts.journal.write(|transaction| {
            let connection = connections::find(transaction, moved.connection)?;
            let before = connection_of(transaction, id)?;
            if !before.asks_same_server(&connection) {
                operations::refuse_while_open(transaction, "registration = ?", [&id.0])?;
            }
            transaction.execute(
                "UPDATE registrations SET connection = :connection, role_arn = :role_arn,
                    external_id = :external_id, account_alias = :account_alias,
                    caller_arn = :caller_arn, updated_at = :at
                 WHERE id = :id",
                named_params! {
                    ":id": id.0,
                    ":connection": connection.id.0,
                    ":role_arn": role.map(|role| role.arn.as_str()),
                    ":external_id": role.and_then(|role| role.external_id.as_deref()),
                    ":account_alias": moved.account_alias,
                    ":caller_arn": moved.caller_arn,
                    ":at": at.unix_seconds(),
                },
            )?;
            Ok(())
        })
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
        self.with_cache_held(|transaction| {
            let account = account(transaction, id)?;
            refuse_taken_regions(transaction, id, &account, regions)?;
            let wanted: Vec<&str> = regions.iter().map(Region::as_str).collect();
            let wanted = serde_json::to_string(&wanted)?;
            operations::refuse_while_open(
                transaction,
                "registration = ?1 AND region NOT IN (SELECT value FROM json_each(?2))",
                [&id.0, &wanted],
            )?;
            let left: Vec<String> = transaction
                .prepare(
                    "DELETE FROM registration_regions WHERE registration = ?
                        AND region NOT IN (SELECT value FROM json_each(?)) RETURNING region",
                )?
                .query_map([&id.0, &wanted], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            insert_regions(transaction, id, &account, regions)?;
            transaction.execute(
                "UPDATE registrations SET updated_at = ? WHERE id = ?",
                params![at.unix_seconds(), id.0],
            )?;
            Ok(left
                .into_iter()
                .map(|region| (id.clone(), Some(region)))
                .collect())
        })
    }

    /// Removes a registration and its cached keys; its connection stays. `NotFound` if there is none;
    /// `OperationsOpen` while operations over it have not ended.
    pub fn remove_registration(&self, id: &RegistrationId) -> Result<()> {
        self.with_cache_held(|transaction| {
            operations::refuse_while_open(transaction, "registration = ?", [&id.0])?;
            let removed = transaction.execute("DELETE FROM registrations WHERE id = ?", [&id.0])?;
            if removed == 0 {
                return Err(not_found(id).into());
            }
            Ok(vec![(id.clone(), None)])
        })
    }

    /// How many keys of a registration are cached in each of its regions, those that are gone left
    /// out.
    pub fn keys_by_region(&self, registration: &Registration) -> Result<Vec<KeysIn>> {
        let counted: HashMap<String, u32> = self.parts.cache.read(|snapshot| {
            Ok(snapshot
                .prepare_cached(
                    "SELECT region, sum(keys) FROM facets WHERE registration = ? AND gone = 0
                     GROUP BY region",
                )?
                .query_map([&registration.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?)
        })?;
        let keys_in = |region: &Region| KeysIn {
            region: region.clone(),
            keys: counted.get(region.as_str()).copied().unwrap_or(0),
        };
        Ok(registration.regions.iter().map(keys_in).collect())
    }

    /// How many operations over a registration have not ended.
    pub fn open_operations(&self, id: &RegistrationId) -> Result<u32> {
        self.parts
            .journal
            .read(|journal| operations::count_open(journal, "registration = ?", [&id.0]))
    }

    /// Refuses with `NotFound` what concerns a registration that is no longer there.
    pub(crate) fn require_registration(&self, id: &RegistrationId) -> Result<()> {
        self.held_regions(id).map(|_| ())
    }

    /// The regions that a registration holds, by their codes. `NotFound` if it is no longer there.
    pub(crate) fn held_regions(&self, id: &RegistrationId) -> Result<HashSet<String>> {
        let held: HashSet<String> = self.parts.journal.read(|journal| {
            Ok(journal
                .prepare_cached("SELECT region FROM registration_regions WHERE registration = ?")?
                .query_map([&id.0], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?)
        })?;
        // Each has a region at least.
        if held.is_empty() {
            return Err(not_found(id));
        }
        Ok(held)
    }

    /// Every registration with each of its regions.
    pub(crate) fn all_held_regions(&self) -> Result<HashSet<(RegistrationId, String)>> {
        self.parts.journal.read(|journal| {
            Ok(journal
                .prepare_cached("SELECT registration, region FROM registration_regions")?
                .query_map([], |row| Ok((RegistrationId(row.get(0)?), row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Changes the journal, and then forgets what it answers: cached keys of registrations, of one
    /// region or of all. The cache's writer is held for the whole time: a synchronisation that is
    /// under way finds a registration and its regions either as they were or as they will be.
    fn with_cache_held(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Outcome<Vec<(RegistrationId, Option<String>)>>,
    ) -> Result<()> {
        self.parts.cache.with_writer(|writer| {
            for (id, region) in self.parts.journal.write(change)? {
                crate::cache::forget(writer, &id, region.as_deref())?;
            }
            Ok(())
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

/// Refuses with `NotFound` what is to be done in a region that the registration does not hold, or no
/// longer. Asked within the transaction of what it guards.
pub(super) fn require_region(
    transaction: &Transaction<'_>,
    id: &RegistrationId,
    region: &Region,
) -> Outcome<()> {
    account(transaction, id)?;
    let held: bool = transaction.query_row(
        "SELECT EXISTS(SELECT 1 FROM registration_regions WHERE registration = ? AND region = ?)",
        [&id.0, region.as_str()],
        |row| row.get(0),
    )?;
    if held {
        return Ok(());
    }
    Err(AppError::NotFound {
        what: format!("region {region} of registration {}", id.0),
    }
    .into())
}

fn connection_of(transaction: &Transaction<'_>, id: &RegistrationId) -> Outcome<Connection> {
    let connection: Option<String> = transaction
        .query_row(
            "SELECT connection FROM registrations WHERE id = ?",
            [&id.0],
            |row| row.get(0),
        )
        .optional()?;
    let connection = connection.ok_or_else(|| not_found(id))?;
    connections::find(transaction, &ConnectionId(connection))
}

/// Whose regions are looked at.
struct Account {
    partition: String,
    id: String,
}

fn account(transaction: &Transaction<'_>, id: &RegistrationId) -> Outcome<Account> {
    transaction
        .query_row(
            "SELECT partition, account FROM registrations WHERE id = ?",
            [&id.0],
            |row| {
                Ok(Account {
                    partition: row.get(0)?,
                    id: row.get(1)?,
                })
            },
        )
        .optional()?
        .ok_or_else(|| not_found(id).into())
}

fn refuse_taken_regions(
    transaction: &Transaction<'_>,
    own: &RegistrationId,
    account: &Account,
    wanted: &[Region],
) -> Outcome<()> {
    let mut statement = transaction.prepare(
        "SELECT o.name, r.region FROM registration_regions r
         JOIN registrations o ON o.id = r.registration
         WHERE r.partition = ? AND r.account = ? AND r.registration <> ?
         ORDER BY o.name, r.region",
    )?;
    let mut rows = statement.query([&account.partition, &account.id, &own.0])?;
    let mut taken: Option<(String, Vec<String>)> = None;
    while let Some(row) = rows.next()? {
        let (name, region): (String, String) = (row.get(0)?, row.get(1)?);
        if wanted.iter().any(|one| one.as_str() == region) {
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
    let role = new.role.as_ref();
    transaction.execute(
        "INSERT INTO registrations(id, name, account, account_alias, partition, caller_arn,
            connection, role_arn, external_id, created_at, updated_at)
         VALUES(:id, :name, :account, :account_alias, :partition, :caller_arn, :connection,
            :role_arn, :external_id, :created_at, :updated_at)",
        named_params! {
            ":id": new.id.0,
            ":name": new.name,
            ":account": new.account.as_str(),
            ":account_alias": new.account_alias,
            ":partition": new.partition.as_str(),
            ":caller_arn": new.caller_arn,
            ":connection": new.connection.id.0,
            ":role_arn": role.map(|role| role.arn.as_str()),
            ":external_id": role.and_then(|role| role.external_id.as_deref()),
            ":created_at": new.created_at.unix_seconds(),
            ":updated_at": new.updated_at.unix_seconds(),
        },
    )?;
    Ok(())
}

/// Writes the regions that the registration does not hold yet.
fn insert_regions(
    transaction: &Transaction<'_>,
    id: &RegistrationId,
    account: &Account,
    regions: &[Region],
) -> Outcome<()> {
    let mut statement = transaction.prepare(
        "INSERT INTO registration_regions(registration, partition, account, region)
         VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )?;
    for region in regions {
        statement.execute([&id.0, &account.partition, &account.id, region.as_str()])?;
    }
    Ok(())
}

/// The registrations, `r`, that SQL of this program picks and orders.
fn load(
    journal: &rusqlite::Connection,
    picked: &str,
    values: impl Params,
    synced: &HashMap<RegistrationId, Timestamp>,
) -> Outcome<Vec<Registration>> {
    let mut statement = journal.prepare_cached(&format!(
        "SELECT r.id, r.name, r.account, r.account_alias, r.partition, r.caller_arn, r.created_at,
            r.updated_at, r.role_arn, r.external_id, {}
         FROM registrations r JOIN connections c ON c.id = r.connection {picked}",
        connections::COLUMNS
    ))?;
    let mut rows = statement.query(values)?;
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
            connection: connections::read(row, 10)?,
            role: connections::read_role(row, 8)?,
            regions: regions(journal, &id)?,
            created_at: Timestamp::from_unix_seconds(row.get(6)?),
            updated_at: Timestamp::from_unix_seconds(row.get(7)?),
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
