//! Single keys: as rows of the list, and whole.

use ownkey_model::{
    AccountId, AppError, Key, KeyArn, KeyRow, KeyState, MultiRegionRole, Origin, Region,
    RegistrationId, Result, RotationSummary, Timestamp,
};
use rusqlite::{OptionalExtension, Row, Transaction};

use crate::Store;
use crate::cache;
use crate::failure::{Outcome, stored};

impl Store {
    /// One key: its row, all that AWS said of it, and its aliases, sorted. `NotFound` if it is not
    /// cached.
    pub fn key(&self, arn: &KeyArn) -> Result<(KeyRow, Key, Vec<String>)> {
        self.parts.cache.read(|snapshot| {
            let id = id(snapshot, arn)?.ok_or_else(|| AppError::NotFound {
                what: arn.to_string(),
            })?;
            let text: String = snapshot
                .prepare_cached("SELECT key FROM key_details WHERE id = ?")?
                .query_row([id], |row| row.get(0))?;
            Ok((
                read(snapshot, id)?,
                serde_json::from_str(&text)?,
                cache::aliases_of(snapshot, arn.as_str())?,
            ))
        })
    }

    /// The rows of those of the keys that are cached, in the order in which they are asked for.
    pub fn key_rows(&self, arns: &[KeyArn]) -> Result<Vec<KeyRow>> {
        self.parts.cache.read(|snapshot| {
            let mut rows = Vec::new();
            for arn in arns {
                if let Some(id) = id(snapshot, arn)? {
                    rows.push(read(snapshot, id)?);
                }
            }
            Ok(rows)
        })
    }
}

/// The rows of keys that are there.
pub(super) fn read_all(snapshot: &Transaction<'_>, ids: &[i64]) -> Outcome<Vec<KeyRow>> {
    ids.iter().map(|id| read(snapshot, *id)).collect()
}

fn id(snapshot: &Transaction<'_>, arn: &KeyArn) -> Outcome<Option<i64>> {
    Ok(snapshot
        .prepare_cached("SELECT id FROM keys WHERE arn = ?")?
        .query_row([arn.as_str()], |row| row.get(0))
        .optional()?)
}

fn read(snapshot: &Transaction<'_>, id: i64) -> Outcome<KeyRow> {
    let mut statement = snapshot.prepare_cached(
        "SELECT k.arn, k.key_id, f.registration, f.account, f.region, r.alias, r.alias_count,
            r.description, f.state, f.origin, f.spec, f.usage, k.valid_to, r.deletion_at,
            f.multi_region, f.rotation, r.tags, r.tag_count, k.created_at, k.synced_at, k.gone_at
         FROM keys k JOIN key_rows r ON r.id = k.id JOIN facets f ON f.id = k.facet
         WHERE k.id = ?",
    )?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    key_row(row)
}

fn key_row(row: &Row<'_>) -> Outcome<KeyRow> {
    let words = |index: usize| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
    let time = |index: usize| -> rusqlite::Result<Option<Timestamp>> {
        Ok(row
            .get::<_, Option<i64>>(index)?
            .map(Timestamp::from_unix_seconds))
    };
    Ok(KeyRow {
        arn: stored(KeyArn::parse(words(0)?))?,
        key_id: row.get(1)?,
        registration: RegistrationId(row.get(2)?),
        account: stored(AccountId::parse(words(3)?))?,
        region: stored(Region::parse(words(4)?))?,
        alias: row.get(5)?,
        alias_count: row.get(6)?,
        description: row.get(7)?,
        state: KeyState::parse(words(8)?),
        origin: Origin::parse(words(9)?),
        spec: row.get(10)?,
        usage: row.get(11)?,
        valid_to: time(12)?,
        deletion_at: time(13)?,
        multi_region: match words(14)? {
            "PRIMARY" => Some(MultiRegionRole::Primary),
            "REPLICA" => Some(MultiRegionRole::Replica),
            _ => None,
        },
        rotation: RotationSummary::parse(words(15)?),
        tags: serde_json::from_str(words(16)?)?,
        tag_count: row.get(17)?,
        created_at: Timestamp::from_unix_seconds(row.get(18)?),
        synced_at: Timestamp::from_unix_seconds(row.get(19)?),
        gone_at: time(20)?,
    })
}
