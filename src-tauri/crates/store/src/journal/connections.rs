//! The table `connections`: ways to sign in, without their secrets.

use ownkey_model::{
    AppError, Connection, ConnectionId, ConnectionKind, EndpointUrl, Region, Result,
};
use rusqlite::{OptionalExtension, Row, Transaction, named_params};

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

impl Store {
    /// All connections by name, each with the names of the registrations that use it.
    pub fn connections(&self) -> Result<Vec<(Connection, Vec<String>)>> {
        todo!()
    }

    /// One connection. `NotFound` if there is none.
    pub fn connection(&self, id: &ConnectionId) -> Result<Connection> {
        todo!("{id:?}")
    }

    /// The same, or `ConnectionInUse` if registrations use it.
    pub fn unused_connection(&self, id: &ConnectionId) -> Result<Connection> {
        todo!("{id:?}")
    }

    /// Writes a new connection. `NameTaken` if another one has the name, ignoring case.
    pub fn add_connection(&self, connection: &Connection) -> Result<()> {
        todo!("{connection:?}")
    }

    /// Writes a connection anew under its identity. `NotFound`, `NameTaken`.
    pub fn change_connection(&self, connection: &Connection) -> Result<()> {
        todo!("{connection:?}")
    }

    /// Removes a connection. `NotFound`; `ConnectionInUse` if registrations use it.
    pub fn remove_connection(&self, id: &ConnectionId) -> Result<()> {
        todo!("{id:?}")
    }
}

/// What [`read`] expects, with `c` for the table.
pub(super) const COLUMNS: &str = "c.id, c.name, c.kind, c.region, c.endpoint_url";

/// Writes a connection, or writes it again under the same identity.
pub(super) fn put(transaction: &Transaction<'_>, connection: &Connection) -> Outcome<()> {
    let taken = transaction
        .query_row(
            "SELECT 1 FROM connections WHERE name = ? AND id <> ?",
            [&connection.name, &connection.id.0],
            |_| Ok(()),
        )
        .optional()?;
    if taken.is_some() {
        return Err(AppError::NameTaken {
            name: connection.name.clone(),
        }
        .into());
    }
    transaction.execute(
        "INSERT INTO connections(id, name, kind, region, endpoint_url)
         VALUES(:id, :name, :kind, :region, :endpoint_url)
         ON CONFLICT(id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
            region = excluded.region, endpoint_url = excluded.endpoint_url",
        named_params! {
            ":id": connection.id.0,
            ":name": connection.name,
            ":kind": serde_json::to_string(&connection.kind)?,
            ":region": connection.region.as_ref().map(Region::as_str),
            ":endpoint_url": connection.endpoint_url.as_ref().map(EndpointUrl::as_str),
        },
    )?;
    Ok(())
}

/// Removes the connections that no registration uses.
pub(super) fn remove_unused(transaction: &Transaction<'_>) -> Outcome<()> {
    transaction.execute(
        "DELETE FROM connections WHERE id NOT IN (SELECT connection FROM registrations)",
        [],
    )?;
    Ok(())
}

/// Reads a connection from [`COLUMNS`], of which the first stands at `first`.
pub(super) fn read(row: &Row<'_>, first: usize) -> Outcome<Connection> {
    let kind: String = row.get(first + 2)?;
    let region: Option<String> = row.get(first + 3)?;
    let endpoint_url: Option<String> = row.get(first + 4)?;
    Ok(Connection {
        id: ConnectionId(row.get(first)?),
        name: row.get(first + 1)?,
        kind: serde_json::from_str::<ConnectionKind>(&kind)?,
        role: None,
        fips: false,
        region: stored(region.map(|text| Region::parse(&text)).transpose())?,
        endpoint_url: stored(
            endpoint_url
                .map(|text| EndpointUrl::parse(&text))
                .transpose(),
        )?,
    })
}
