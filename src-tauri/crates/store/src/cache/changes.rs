//! The table `changes`: a number that is another one after each change, so that what was derived
//! from the cache is known to be of the same state.

use rusqlite::Transaction;

use crate::failure::Outcome;

pub(super) const TABLES: &str = "
    CREATE TABLE changes(number INTEGER NOT NULL) STRICT;
    INSERT INTO changes(number) VALUES(1);";

/// The number of the state that a snapshot shows.
pub(crate) fn change(snapshot: &Transaction<'_>) -> Outcome<i64> {
    Ok(snapshot
        .prepare_cached("SELECT number FROM changes")?
        .query_row([], |row| row.get(0))?)
}

/// Marks the state that a transaction is about to leave behind as another one.
pub(super) fn mark(transaction: &Transaction<'_>) -> Outcome<()> {
    transaction
        .prepare_cached("UPDATE changes SET number = number + 1")?
        .execute([])?;
    Ok(())
}
