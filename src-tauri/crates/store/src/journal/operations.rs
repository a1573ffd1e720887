//! The tables `operations` and `operation_steps`: what was begun, how far it came, how it ended.
//!
//! Here must not live: what a step means, or what comes next.

use ownkey_model::{
    AccountId, AliasName, AppError, BackupFile, KeyArn, MaterialId, MaterialPlace, Operation,
    OperationId, OperationPage, OperationQuery, OperationState, OperationStep, Region,
    RegistrationId, Result, Step, StepOutcome, StepState, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, Transaction, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{materials, registrations};
use crate::failure::{Outcome, stored};
use crate::{NewMaterial, Store};

/// No foreign key leads from here: the record of what was done outlives the registration and the
/// material. `closed_at` alone says whether an operation has ended.
pub(super) const VERSION_2: &str = "
    CREATE TABLE operations(
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        registration TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        alias TEXT,
        state TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        closed_at INTEGER,
        key TEXT,
        material TEXT,
        before TEXT,
        error TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX operations_by_time ON operations(opened_at DESC, id);
    CREATE INDEX operations_by_key ON operations(key, opened_at DESC, id);
    CREATE INDEX operations_that_are_open ON operations(material) WHERE closed_at IS NULL;
    CREATE TABLE operation_steps(
        operation TEXT NOT NULL REFERENCES operations(id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        step TEXT NOT NULL,
        undo INTEGER NOT NULL,
        state TEXT NOT NULL,
        asked_at INTEGER,
        ended_at INTEGER,
        request_id TEXT,
        outcome TEXT,
        error TEXT,
        PRIMARY KEY(operation, number)
    ) STRICT, WITHOUT ROWID;";

const LARGEST_PAGE: u32 = 200;

/// What is written in one transaction with a step's end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepEnd<'a> {
    /// What came of the step; `KeyMade` also names the operation's key.
    pub outcome: Option<StepOutcome>,
    /// AWS's id of the request that did it.
    pub request_id: Option<String>,
    /// A key that AWS holds a material for now.
    pub place: Option<(&'a MaterialId, MaterialPlace)>,
    /// A backup that was written or verified.
    pub backup: Option<(&'a MaterialId, BackupFile)>,
    /// A key that AWS no longer holds a material for.
    pub removed_place: Option<(&'a MaterialId, &'a KeyArn)>,
}

impl Store {
    /// Writes an operation with all its steps and, if given, a new material: all, or nothing.
    /// `NameTaken` if the operation's or the material's id is taken; `NotFound` if the registration is
    /// gone or has left the operation's region, as it may while somebody signs in.
    pub fn open_operation(
        &self,
        operation: &Operation,
        material: Option<&NewMaterial>,
    ) -> Result<()> {
        self.parts.journal.write(|transaction| {
            registrations::require_region(transaction, &operation.registration, &operation.region)?;
            if let Some(material) = material {
                materials::insert(transaction, material)?;
            }
            insert(transaction, operation)
        })
    }

    /// A step is about to be asked for: it is `Asked`, and what stopped it before is forgotten.
    ///
    /// This and every other change of an operation: `NotFound` if there is no such operation or
    /// step; `OperationClosed` if it has ended. Nothing is written then.
    pub fn begin_step(&self, id: &OperationId, number: u32, at: Timestamp) -> Result<()> {
        let asked = StepChange {
            state: Some(StepState::Asked),
            asked_at: Some(at),
            ..StepChange::default()
        };
        self.change(id, |transaction| asked.write(transaction, id, number))
    }

    /// A step is `Done`, with all that came of it.
    pub fn end_step(
        &self,
        id: &OperationId,
        number: u32,
        at: Timestamp,
        end: StepEnd<'_>,
    ) -> Result<()> {
        let done = StepChange {
            state: Some(StepState::Done),
            ended_at: Some(at),
            request_id: end.request_id.as_deref(),
            outcome: end.outcome.as_ref(),
            ..StepChange::default()
        };
        self.change(id, |transaction| {
            done.write(transaction, id, number)?;
            if let Some(StepOutcome::KeyMade { key, .. }) = &end.outcome {
                transaction.execute(
                    "UPDATE operations SET key = ? WHERE id = ?",
                    [key.as_str(), &id.0],
                )?;
            }
            if let Some((material, place)) = &end.place {
                materials::put_place(transaction, material, place)?;
            }
            if let Some((material, backup)) = &end.backup {
                materials::put_backup(transaction, material, backup)?;
            }
            if let Some((material, key)) = end.removed_place {
                materials::mark_removed(transaction, material, key, at)?;
            }
            Ok(())
        })
    }

    /// A step was not done: it is `Refused`, and the operation says why.
    pub fn refuse_step(
        &self,
        id: &OperationId,
        number: u32,
        at: Timestamp,
        error: &AppError,
    ) -> Result<()> {
        let refused = StepChange {
            state: Some(StepState::Refused),
            ended_at: Some(at),
            error: Some(error),
            ..StepChange::default()
        };
        self.change(id, |transaction| {
            refused.write(transaction, id, number)?;
            set_error(transaction, id, Some(error))
        })
    }

    /// Nobody knows whether a step was done: it stays as it is, and both it and the operation say
    /// why.
    pub fn doubt_step(&self, id: &OperationId, number: u32, error: &AppError) -> Result<()> {
        let doubted = StepChange {
            error: Some(error),
            ..StepChange::default()
        };
        self.change(id, |transaction| {
            doubted.write(transaction, id, number)?;
            set_error(transaction, id, Some(error))
        })
    }

    /// An operation goes on: what stopped it is forgotten.
    pub fn clear_operation_error(&self, id: &OperationId) -> Result<()> {
        self.change(id, |transaction| set_error(transaction, id, None))
    }

    /// An operation is undone from now on: what was not done is `Skipped`, and the steps that undo are
    /// appended. Whoever begins has looked up every step that is only asked for. If undoing was begun
    /// before, nothing changes.
    pub fn begin_undo(&self, id: &OperationId, steps: &[Step]) -> Result<()> {
        self.change(id, |transaction| {
            let undoing = json(&OperationState::Undoing)?;
            let begun = transaction.execute(
                "UPDATE operations SET state = ?1 WHERE id = ?2 AND state <> ?1",
                [&undoing, &id.0],
            )?;
            if begun == 0 {
                return Ok(());
            }
            for left in [StepState::Waiting, StepState::Refused, StepState::Asked] {
                skip(transaction, id, left)?;
            }
            let next: u32 = transaction.query_row(
                "SELECT COALESCE(MAX(number) + 1, 0) FROM operation_steps WHERE operation = ?",
                [&id.0],
                |row| row.get(0),
            )?;
            for (number, step) in (next..).zip(steps) {
                let step = OperationStep {
                    number,
                    step: step.clone(),
                    undo: true,
                    state: StepState::Waiting,
                    asked_at: None,
                    ended_at: None,
                    request_id: None,
                    outcome: None,
                    error: None,
                };
                insert_step(transaction, id, &step)?;
            }
            Ok(())
        })
    }

    /// An operation has ended, as `Finished` or `Undone`: nothing stops it any more, and steps that
    /// still wait are `Skipped`.
    pub fn close_operation(
        &self,
        id: &OperationId,
        state: OperationState,
        at: Timestamp,
    ) -> Result<()> {
        debug_assert!(state.is_closed(), "{state:?} is no end");
        self.change(id, |transaction| {
            skip(transaction, id, StepState::Waiting)?;
            transaction.execute(
                "UPDATE operations SET state = :state, closed_at = :at, error = NULL
                 WHERE id = :id",
                named_params! {
                    ":state": json(&state)?,
                    ":at": at.unix_seconds(),
                    ":id": id.0,
                },
            )?;
            Ok(())
        })
    }

    /// One operation. `NotFound` if there is none. Whether it is running, and what undoing it would
    /// do, is not the journal's to know: `running` is false and `undo` absent.
    pub fn operation(&self, id: &OperationId) -> Result<Operation> {
        self.parts.journal.read(|connection| {
            let mut statement = connection
                .prepare_cached(&format!("SELECT {COLUMNS} FROM operations WHERE id = ?"))?;
            let mut rows = statement.query([&id.0])?;
            match rows.next()? {
                Some(row) => read(connection, row),
                None => Err(not_found(id).into()),
            }
        })
    }

    /// The operations that are asked for, the latest first, at most 200; as in
    /// [`operation`](Self::operation).
    pub fn operations(&self, query: &OperationQuery) -> Result<OperationPage> {
        const WANTED: &str =
            "(NOT :open_only OR closed_at IS NULL) AND (:key IS NULL OR key = :key)";
        self.parts.journal.read(|connection| {
            let (open_only, key) = (query.open_only, query.key.as_ref().map(KeyArn::as_str));
            let total = connection
                .prepare_cached(&format!("SELECT COUNT(*) FROM operations WHERE {WANTED}"))?
                .query_row(
                    named_params! { ":open_only": open_only, ":key": key },
                    |row| row.get(0),
                )?;
            let mut statement = connection.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM operations WHERE {WANTED}
                 ORDER BY opened_at DESC, id LIMIT :limit OFFSET :skip"
            ))?;
            let mut rows = statement.query(named_params! {
                ":open_only": open_only,
                ":key": key,
                ":limit": query.limit.min(LARGEST_PAGE),
                ":skip": query.skip,
            })?;
            let mut operations = Vec::new();
            while let Some(row) = rows.next()? {
                operations.push(read(connection, row)?);
            }
            Ok(OperationPage { operations, total })
        })
    }

    /// Changes an operation that is there and has not ended.
    fn change(
        &self,
        id: &OperationId,
        work: impl FnOnce(&Transaction<'_>) -> Outcome<()>,
    ) -> Result<()> {
        self.parts.journal.write(|transaction| {
            let closed_at: Option<Option<i64>> = transaction
                .query_row(
                    "SELECT closed_at FROM operations WHERE id = ?",
                    [&id.0],
                    |row| row.get(0),
                )
                .optional()?;
            match closed_at {
                None => Err(not_found(id).into()),
                Some(Some(_)) => Err(AppError::OperationClosed.into()),
                Some(None) => work(transaction),
            }
        })
    }
}

/// Refuses with `OperationsOpen` what operations that have not ended would miss: those for which a
/// condition with its values holds. Asked within the transaction of what it guards.
pub(super) fn refuse_while_open(
    journal: &Connection,
    condition: &'static str,
    values: impl Params,
) -> Outcome<()> {
    let count = count_open(journal, condition, values)?;
    if count > 0 {
        return Err(AppError::OperationsOpen { count }.into());
    }
    Ok(())
}

/// How many operations that have not ended a condition with its values holds for.
pub(super) fn count_open(
    journal: &Connection,
    condition: &'static str,
    values: impl Params,
) -> Outcome<u32> {
    Ok(journal.query_row(
        &format!("SELECT COUNT(*) FROM operations WHERE closed_at IS NULL AND {condition}"),
        values,
        |row| row.get(0),
    )?)
}

/// What a step is from now on. `asked_at` stays if it is not given, and so does the state;
/// everything else is what is given, or nothing.
#[derive(Default)]
struct StepChange<'a> {
    state: Option<StepState>,
    asked_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    request_id: Option<&'a str>,
    outcome: Option<&'a StepOutcome>,
    error: Option<&'a AppError>,
}

impl StepChange<'_> {
    fn write(&self, transaction: &Transaction<'_>, id: &OperationId, number: u32) -> Outcome<()> {
        let changed = transaction.execute(
            "UPDATE operation_steps SET state = COALESCE(:state, state),
                asked_at = COALESCE(:asked_at, asked_at), ended_at = :ended_at,
                request_id = :request_id, outcome = :outcome, error = :error
             WHERE operation = :operation AND number = :number",
            named_params! {
                ":state": self.state.as_ref().map(json).transpose()?,
                ":asked_at": self.asked_at.map(Timestamp::unix_seconds),
                ":ended_at": self.ended_at.map(Timestamp::unix_seconds),
                ":request_id": self.request_id,
                ":outcome": self.outcome.map(json).transpose()?,
                ":error": self.error.map(json).transpose()?,
                ":operation": id.0,
                ":number": number,
            },
        )?;
        if changed == 0 {
            return Err(AppError::NotFound {
                what: format!("step {number} of operation {id}"),
            }
            .into());
        }
        Ok(())
    }
}

fn insert(transaction: &Transaction<'_>, new: &Operation) -> Outcome<()> {
    let written = transaction.execute(
        "INSERT INTO operations(id, kind, registration, account, region, alias, state, opened_at,
            closed_at, key, material, before, error)
         VALUES(:id, :kind, :registration, :account, :region, :alias, :state, :opened_at,
            :closed_at, :key, :material, :before, :error)
         ON CONFLICT(id) DO NOTHING",
        named_params! {
            ":id": new.id.0,
            ":kind": json(&new.kind)?,
            ":registration": new.registration.0,
            ":account": new.account.as_str(),
            ":region": new.region.as_str(),
            ":alias": new.alias.as_ref().map(AliasName::as_str),
            ":state": json(&new.state)?,
            ":opened_at": new.opened_at.unix_seconds(),
            ":closed_at": new.closed_at.map(Timestamp::unix_seconds),
            ":key": new.key.as_ref().map(KeyArn::as_str),
            ":material": new.material.as_ref().map(MaterialId::as_str),
            ":before": new.before.as_ref().map(json).transpose()?,
            ":error": new.error.as_ref().map(json).transpose()?,
        },
    )?;
    if written == 0 {
        return Err(AppError::NameTaken {
            name: new.id.to_string(),
        }
        .into());
    }
    for step in &new.steps {
        insert_step(transaction, &new.id, step)?;
    }
    Ok(())
}

fn insert_step(
    transaction: &Transaction<'_>,
    id: &OperationId,
    new: &OperationStep,
) -> Outcome<()> {
    transaction.execute(
        "INSERT INTO operation_steps(operation, number, step, undo, state, asked_at, ended_at,
            request_id, outcome, error)
         VALUES(:operation, :number, :step, :undo, :state, :asked_at, :ended_at, :request_id,
            :outcome, :error)",
        named_params! {
            ":operation": id.0,
            ":number": new.number,
            ":step": json(&new.step)?,
            ":undo": new.undo,
            ":state": json(&new.state)?,
            ":asked_at": new.asked_at.map(Timestamp::unix_seconds),
            ":ended_at": new.ended_at.map(Timestamp::unix_seconds),
            ":request_id": new.request_id,
            ":outcome": new.outcome.as_ref().map(json).transpose()?,
            ":error": new.error.as_ref().map(json).transpose()?,
        },
    )?;
    Ok(())
}

fn skip(transaction: &Transaction<'_>, id: &OperationId, state: StepState) -> Outcome<()> {
    transaction.execute(
        "UPDATE operation_steps SET state = ? WHERE operation = ? AND state = ?",
        [json(&StepState::Skipped)?, id.0.clone(), json(&state)?],
    )?;
    Ok(())
}

fn set_error(
    transaction: &Transaction<'_>,
    id: &OperationId,
    error: Option<&AppError>,
) -> Outcome<()> {
    let error = error.map(json).transpose()?;
    let values: [&dyn ToSql; 2] = [&error, &id.0];
    transaction.execute("UPDATE operations SET error = ? WHERE id = ?", &values[..])?;
    Ok(())
}

fn not_found(id: &OperationId) -> AppError {
    AppError::NotFound {
        what: format!("operation {id}"),
    }
}

/// What [`read`] expects.
const COLUMNS: &str = "id, kind, registration, account, region, alias, state, opened_at, closed_at,
    key, material, before, error";

fn read(connection: &Connection, row: &Row<'_>) -> Outcome<Operation> {
    let id = OperationId(row.get(0)?);
    let text = |column: usize| row.get::<_, Option<String>>(column);
    Ok(Operation {
        kind: from_json(row, 1)?,
        registration: RegistrationId(row.get(2)?),
        account: stored(AccountId::parse(&row.get::<_, String>(3)?))?,
        region: stored(Region::parse(&row.get::<_, String>(4)?))?,
        alias: stored(text(5)?.map(AliasName::try_from).transpose())?,
        state: from_json(row, 6)?,
        running: false,
        opened_at: Timestamp::from_unix_seconds(row.get(7)?),
        closed_at: time(row, 8)?,
        key: stored(text(9)?.map(KeyArn::try_from).transpose())?,
        material: stored(text(10)?.map(MaterialId::try_from).transpose())?,
        before: some_json(row, 11)?,
        steps: steps(connection, &id)?,
        error: some_json(row, 12)?,
        undo: None,
        id,
    })
}

fn steps(connection: &Connection, id: &OperationId) -> Outcome<Vec<OperationStep>> {
    let mut statement = connection.prepare_cached(
        "SELECT number, step, undo, state, asked_at, ended_at, request_id, outcome, error
         FROM operation_steps WHERE operation = ? ORDER BY number",
    )?;
    let mut rows = statement.query([&id.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(OperationStep {
            number: row.get(0)?,
            step: from_json(row, 1)?,
            undo: row.get(2)?,
            state: from_json(row, 3)?,
            asked_at: time(row, 4)?,
            ended_at: time(row, 5)?,
            request_id: row.get(6)?,
            outcome: some_json(row, 7)?,
            error: some_json(row, 8)?,
        });
    }
    Ok(found)
}

fn time(row: &Row<'_>, column: usize) -> Outcome<Option<Timestamp>> {
    Ok(row
        .get::<_, Option<i64>>(column)?
        .map(Timestamp::from_unix_seconds))
}

fn json<T: Serialize>(value: &T) -> Outcome<String> {
    Ok(serde_json::to_string(value)?)
}

fn from_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Outcome<T> {
    Ok(serde_json::from_str(&row.get::<_, String>(column)?)?)
}

fn some_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Outcome<Option<T>> {
    let text: Option<String> = row.get(column)?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}
