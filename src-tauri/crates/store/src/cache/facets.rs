//! The table `facets`: each combination of a key's coarse properties, with how many keys have it.
//!
//! There are at most a few thousand combinations, however many keys there are. So a filter on
//! coarse properties is decided on this small table, and what it matches is counted without
//! looking at a key; triggers in `keys` keep the counts.

use std::collections::HashMap;

use ownkey_model::{Key, MultiRegionRole, RegistrationId, RotationSummary};
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};

use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE facets(
        id INTEGER PRIMARY KEY,
        registration TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        state TEXT NOT NULL,
        origin TEXT NOT NULL,
        spec TEXT NOT NULL,
        usage TEXT NOT NULL,
        multi_region TEXT NOT NULL,
        rotation TEXT NOT NULL,
        named INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        gone INTEGER NOT NULL,
        keys INTEGER NOT NULL DEFAULT 0,
        UNIQUE(registration, region, gone, state, origin, spec, usage, multi_region, rotation,
            named, expires, account)
    ) STRICT;";

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Facet {
    pub(super) registration: String,
    account: String,
    region: String,
    state: &'static str,
    origin: &'static str,
    spec: String,
    usage: String,
    multi_region: &'static str,
    rotation: &'static str,
    /// Whether it has an alias.
    pub(super) named: bool,
    /// Whether its material runs out.
    expires: bool,
    /// Whether it vanished from AWS.
    pub(super) gone: bool,
}

impl Facet {
    /// The combination of a key that was just read.
    pub(super) fn of(registration: &RegistrationId, key: &Key, named: bool) -> Self {
        Self {
            registration: registration.0.clone(),
            account: key.arn.account().as_str().to_owned(),
            region: key.arn.region().as_str().to_owned(),
            state: key.state.as_str(),
            origin: key.origin.as_str(),
            spec: key.spec.clone(),
            usage: key.usage.clone(),
            multi_region: match key.multi_region.as_ref().map(|part| part.role) {
                Some(MultiRegionRole::Primary) => "PRIMARY",
                Some(MultiRegionRole::Replica) => "REPLICA",
                None => "NO",
            },
            rotation: RotationSummary::of(&key.rotation).as_str(),
            named,
            expires: key.valid_to.is_some(),
            gone: false,
        }
    }
}

/// The ids of combinations, remembered for one transaction.
#[derive(Default)]
pub(super) struct FacetIds(HashMap<Facet, i64>);

impl FacetIds {
    /// The id of a combination, which is written if it is new.
    pub(super) fn id(&mut self, transaction: &Transaction<'_>, facet: Facet) -> Outcome<i64> {
        if let Some(id) = self.0.get(&facet) {
            return Ok(*id);
        }
        let id = find_or_insert(transaction, &facet)?;
        self.0.insert(facet, id);
        Ok(id)
    }
}

/// The id of the combination that differs from another one in having an alias or not.
pub(super) fn with_named(transaction: &Transaction<'_>, id: i64, named: bool) -> Outcome<i64> {
    sibling(transaction, id, "named", named)
}

/// The id of the combination that differs from another one in being gone or not.
pub(super) fn with_gone(transaction: &Transaction<'_>, id: i64, gone: bool) -> Outcome<i64> {
    sibling(transaction, id, "gone", gone)
}

/// Forgets the combinations of a registration, or of one region of it; the keys are gone already.
pub(super) fn forget(
    transaction: &Transaction<'_>,
    id: &RegistrationId,
    region: Option<&str>,
) -> Outcome<()> {
    transaction.execute(
        "DELETE FROM facets WHERE registration = ?1 AND (?2 IS NULL OR region = ?2)",
        params![id.0, region],
    )?;
    Ok(())
}

/// Forgets the combinations that no key has any more.
pub(super) fn forget_unused(transaction: &Transaction<'_>) -> Outcome<()> {
    transaction.execute("DELETE FROM facets WHERE keys = 0", [])?;
    Ok(())
}

fn find_or_insert(transaction: &Transaction<'_>, facet: &Facet) -> Outcome<i64> {
    let values = named_params! {
        ":registration": facet.registration, ":account": facet.account, ":region": facet.region,
        ":state": facet.state, ":origin": facet.origin, ":spec": facet.spec,
        ":usage": facet.usage, ":multi_region": facet.multi_region,
        ":rotation": facet.rotation, ":named": facet.named, ":expires": facet.expires,
        ":gone": facet.gone,
    };
    let found = transaction
        .prepare_cached(
            "SELECT id FROM facets WHERE registration = :registration AND region = :region
                AND gone = :gone AND state = :state AND origin = :origin AND spec = :spec
                AND usage = :usage AND multi_region = :multi_region AND rotation = :rotation
                AND named = :named AND expires = :expires AND account = :account",
        )?
        .query_row(values, |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(id),
        None => Ok(transaction
            .prepare_cached(
                "INSERT INTO facets(registration, account, region, state, origin, spec, usage,
                    multi_region, rotation, named, expires, gone)
                 VALUES(:registration, :account, :region, :state, :origin, :spec, :usage,
                    :multi_region, :rotation, :named, :expires, :gone)
                 RETURNING id",
            )?
            .query_row(values, |row| row.get(0))?),
    }
}

/// `flag` is a column of this file, never a user's text.
fn sibling(
    transaction: &Transaction<'_>,
    id: i64,
    flag: &'static str,
    value: bool,
) -> Outcome<i64> {
    const ALL: [&str; 12] = [
        "registration",
        "account",
        "region",
        "state",
        "origin",
        "spec",
        "usage",
        "multi_region",
        "rotation",
        "named",
        "expires",
        "gone",
    ];
    let same = |glue: &str, write: &dyn Fn(&str) -> String| ALL.map(write).join(glue);
    let equal = same(" AND ", &|column| {
        if column == flag {
            format!("b.{column} = :value")
        } else {
            format!("b.{column} = a.{column}")
        }
    });
    let first = |row: &Row<'_>| row.get(0);
    let values = named_params! { ":id": id, ":value": value };
    let found = transaction
        .prepare_cached(&format!(
            "SELECT b.id FROM facets a JOIN facets b ON {equal} WHERE a.id = :id"
        ))?
        .query_row(values, first)
        .optional()?;
    if let Some(found) = found {
        return Ok(found);
    }
    let copied = same(", ", &|column| {
        if column == flag {
            ":value".to_owned()
        } else {
            column.to_owned()
        }
    });
    Ok(transaction
        .prepare_cached(&format!(
            "INSERT INTO facets({}) SELECT {copied} FROM facets WHERE id = :id RETURNING id",
            ALL.join(", ")
        ))?
        .query_row(values, first)?)
}
