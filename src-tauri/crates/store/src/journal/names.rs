//! Names that people give: compared without regard to case, in every script.

use ownkey_model::AppError;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension};

use crate::cache::fold;
use crate::failure::Outcome;

/// Teaches a database the function `fold`, which gives a text as it is compared: SQLite itself knows
/// the case of ASCII only.
pub(super) fn teach_fold(connection: &Connection) -> Outcome<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection
        .create_scalar_function("fold", 1, flags, |call| Ok(fold(&call.get::<String>(0)?)))?;
    Ok(())
}

/// Refuses with `NameTaken` a name that another row of a table has. The table is a word of this
/// program, never a user's text.
pub(super) fn refuse_taken(
    journal: &Connection,
    table: &'static str,
    name: &str,
    own_id: &str,
) -> Outcome<()> {
    let taken = journal
        .query_row(
            &format!("SELECT 1 FROM {table} WHERE fold(name) = ? AND id <> ?"),
            [&fold(name), own_id],
            |_| Ok(()),
        )
        .optional()?;
    match taken {
        Some(()) => Err(AppError::NameTaken { name: name.into() }.into()),
        None => Ok(()),
    }
}
