//! The table `connections`: ways to sign in, without their secrets.

use ownkey_model::{
    AppError, Connection, ConnectionId, ConnectionKind, EndpointUrl, Region, Result, Role, RoleArn,
};
use rusqlite::{Row, Transaction, named_params};

use super::{names, operations};
use crate::Store;
use crate::failure::{Outcome, stored};

pub(super) const VERSION_1: &str = "
    CREATE TABLE connections(
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        region TEXT,
        endpoint_url TEXT
    ) STRICT, WITHOUT ROWID;";

pub(super) const VERSION_3: &str = "
    ALTER TABLE connections ADD COLUMN role_arn TEXT;
    ALTER TABLE connections ADD COLUMN external_id TEXT;
    ALTER TABLE connections ADD COLUMN fips INTEGER NOT NULL DEFAULT 0;";

impl Store {
    /// All connections by name, each with the names of the registrations that use it.
    pub fn connections(&self) -> Result<Vec<(Connection, Vec<String>)>> {
        self.parts.journal.read(|journal| {
            let mut statement = journal.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM connections c ORDER BY fold(c.name), c.name"
            ))?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let connection = read(row, 0)?;
                let used_by = used_by(journal, &connection.id)?;
                found.push((connection, used_by));
            }
            Ok(found)
        })
    }

    /// One connection. `NotFound` if there is none.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection> {
        self.parts.journal.read(|journal| find(journal, id))
    }

    /// The same, or `ConnectionInUse` if registrations use it.
    pub fn unused_connection(&self, id: &ConnectionId) -> Result<Connection> {
        self.parts.journal.read(|journal| find_unused(journal, id))
    }

    /// Writes a new connection. `NameTaken` if another one has the name, ignoring case, or the
    /// identity.
    pub fn add_connection(&self, connection: &Connection) -> Result<()> {
        self.parts.journal.write(|transaction| {
            names::refuse_taken(
                transaction,
                "connections",
                &connection.name,
                &connection.id.0,
            )?;
            let written = put(
                transaction,
                "INSERT INTO connections(id, name, kind, region, endpoint_url, role_arn,
                    external_id, fips)
                 VALUES(:id, :name, :kind, :region, :endpoint_url, :role_arn, :external_id, :fips)
                 ON CONFLICT(id) DO NOTHING",
                connection,
            )?;
            if written {
                return Ok(());
            }
            Err(AppError::NameTaken {
                name: connection.name.clone(),
            }
            .into())
        })
    }

    /// A connection as it is, if it may be changed to another one; the same refusals as
    /// [`change_connection`](Self::change_connection), for whoever does something before.
    pub fn changeable_connection(&self, connection: &Connection) -> Result<Connection> {
        self.parts
            .journal
            .read(|journal| find_changeable(journal, connection))
    }

    /// Writes a connection anew under its identity. `NotFound`, `NameTaken`; `OperationsOpen` if it
    /// would ask another server while operations over it have not ended: they are about keys of the
    /// server before.
    pub fn change_connection(&self, connection: &Connection) -> Result<()> {
        self.parts.journal.write(|transaction| {
            find_changeable(transaction, connection)?;
            let written = put(
                transaction,
                "UPDATE connections SET name = :name, kind = :kind, region = :region,
                    endpoint_url = :endpoint_url, role_arn = :role_arn,
                    external_id = :external_id, fips = :fips
                 WHERE id = :id",
                connection,
            )?;
            if written {
                return Ok(());
            }
            Err(not_found(&connection.id).into())
        })
    }

    /// Removes a connection. `NotFound`; `ConnectionInUse` if registrations use it.
    pub fn remove_connection(&self, id: &ConnectionId) -> Result<()> {
        self.parts.journal.write(|transaction| {
            find_unused(transaction, id)?;
            transaction.execute("DELETE FROM connections WHERE id = ?", [&id.0])?;
            Ok(())
        })
    }
}

/// What [`read`] expects, with `c` for the table.
pub(super) const COLUMNS: &str =
    "c.id, c.name, c.kind, c.region, c.endpoint_url, c.role_arn, c.external_id, c.fips";

/// Reads a connection from [`COLUMNS`], of which the first stands at `first`.
pub(super) fn read(row: &Row<'_>, first: usize) -> Outcome<Connection> {
    let kind: String = row.get(first + 2)?;
    let region: Option<String> = row.get(first + 3)?;
    let endpoint_url: Option<String> = row.get(first + 4)?;
    Ok(Connection {
        id: ConnectionId(row.get(first)?),
        name: row.get(first + 1)?,
        kind: serde_json::from_str::<ConnectionKind>(&kind)?,
        role: read_role(row, first + 5)?,
        region: stored(region.map(|text| Region::parse(&text)).transpose())?,
        endpoint_url: stored(
            endpoint_url
                .map(|text| EndpointUrl::parse(&text))
                .transpose(),
        )?,
        fips: row.get(first + 7)?,
    })
}

/// Reads a role from its ARN and its external id, which stand at `first` and after it.
pub(super) fn read_role(row: &Row<'_>, first: usize) -> Outcome<Option<Role>> {
    let arn: Option<String> = row.get(first)?;
    let Some(arn) = arn else {
        return Ok(None);
    };
    Ok(Some(Role {
        arn: stored(RoleArn::parse(&arn))?,
        external_id: row.get(first + 1)?,
    }))
}

/// The connection over which something is to be done. `NotFound` if it is not there.
pub(super) fn find(journal: &rusqlite::Connection, id: &ConnectionId) -> Outcome<Connection> {
    let mut statement = journal.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM connections c WHERE c.id = ?"
    ))?;
    let mut rows = statement.query([&id.0])?;
    match rows.next()? {
        Some(row) => read(row, 0),
        None => Err(not_found(id).into()),
    }
}

fn find_changeable(journal: &rusqlite::Connection, wanted: &Connection) -> Outcome<Connection> {
    names::refuse_taken(journal, "connections", &wanted.name, &wanted.id.0)?;
    let connection = find(journal, &wanted.id)?;
    if !connection.asks_same_server(wanted) {
        operations::refuse_while_open(
            journal,
            "registration IN (SELECT id FROM registrations WHERE connection = ?)",
            [&wanted.id.0],
        )?;
    }
    Ok(connection)
}

fn find_unused(journal: &rusqlite::Connection, id: &ConnectionId) -> Outcome<Connection> {
    let connection = find(journal, id)?;
    let used_by = used_by(journal, id)?;
    if used_by.is_empty() {
        return Ok(connection);
    }
    Err(AppError::ConnectionInUse {
        connection: connection.name,
        used_by,
    }
    .into())
}

/// The names of the registrations that use a connection, sorted.
fn used_by(journal: &rusqlite::Connection, id: &ConnectionId) -> Outcome<Vec<String>> {
    Ok(journal
        .prepare_cached(
            "SELECT name FROM registrations WHERE connection = ? ORDER BY fold(name), name",
        )?
        .query_map([&id.0], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Runs a statement that writes a connection; says whether it wrote one.
fn put(
    transaction: &Transaction<'_>,
    statement: &'static str,
    connection: &Connection,
) -> Outcome<bool> {
    let role = connection.role.as_ref();
    let written = transaction.execute(
        statement,
        named_params! {
            ":id": connection.id.0,
            ":name": connection.name,
            ":kind": serde_json::to_string(&connection.kind)?,
            ":region": connection.region.as_ref().map(Region::as_str),
            ":endpoint_url": connection.endpoint_url.as_ref().map(EndpointUrl::as_str),
            ":role_arn": role.map(|role| role.arn.as_str()),
            ":external_id": role.and_then(|role| role.external_id.as_deref()),
            ":fips": connection.fips,
        },
    )?;
    Ok(written > 0)
}

fn not_found(id: &ConnectionId) -> AppError {
    AppError::NotFound {
        what: format!("connection {}", id.0),
    }
}
