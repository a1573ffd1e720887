//! The one table from what SQLite and the file system say to what a user can act on.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::Path;

use ownkey_model::AppError;
use rusqlite::ErrorCode;

/// What can go wrong below the public functions. `?` makes it; [`Failure::at`] ends it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// SQLite refused.
    Sql(rusqlite::Error),
    /// A value that this crate wrote is no longer what it was.
    Unreadable(String),
    /// Already in the user's terms.
    Said(AppError),
}

/// The result of work inside a database.
pub(crate) type Outcome<T> = Result<T, Failure>;

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        Self::Said(error)
    }
}

impl Failure {
    /// The failure in the user's terms, for the database at `path`.
    pub(crate) fn at(self, path: &Path) -> AppError {
        match self {
            Self::Said(error) => error,
            Self::Sql(error) => sqlite(&error, path),
            Self::Unreadable(cause) => AppError::StorageDamaged {
                path: path.display().to_string(),
                cause,
            },
        }
    }

    /// Whether the file is damaged or no database at all.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Sql(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
            Self::Unreadable(_) => true,
            Self::Said(_) => false,
        }
    }
}

/// A stored value that must parse: it did when it was written.
pub(crate) fn stored<T>(parsed: Result<T, AppError>) -> Outcome<T> {
    parsed.map_err(|error| Failure::Unreadable(error.to_string()))
}

/// A failure of the file system on the data folder.
pub(crate) fn file_system(error: &io::Error, folder: &Path) -> AppError {
    let path = folder.display().to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::AlreadyExists => AppError::FolderReadOnly { path },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => AppError::DiskFull { path },
        _ => unexpected("folder", error),
    }
}

/// Logs an unforeseen failure and gives it a reference. Alike failures share one, so that the
/// same trouble is recognised when it comes again; the log has the time.
pub(crate) fn unexpected(what: &str, error: &dyn std::error::Error) -> AppError {
    let text = error.to_string();
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let reference = format!("{what}-{:08x}", hasher.finish() & 0xffff_ffff);
    tracing::error!(%reference, error = %text, "unforeseen failure");
    AppError::Unexpected { reference }
}

fn sqlite(error: &rusqlite::Error, file: &Path) -> AppError {
    let path = file.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => AppError::DiskFull { path },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            AppError::FolderReadOnly {
                path: file.parent().unwrap_or(file).display().to_string(),
            }
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => AppError::StorageDamaged {
            path,
            cause: error.to_string(),
        },
        _ => unexpected("database", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_was_not_foreseen_has_a_reference_that_names_it_again() {
        let error = rusqlite::Error::InvalidQuery;
        let first = Failure::Sql(error).at(Path::new("/x/cache.db"));
        let again = Failure::Sql(rusqlite::Error::InvalidQuery).at(Path::new("/x/cache.db"));
        assert!(matches!(&first, AppError::Unexpected { reference }
            if reference.starts_with("database-")));
        assert_eq!(first, again);
    }

    #[test]
    fn a_write_to_a_read_only_database_names_the_folder() {
        let connection = rusqlite::Connection::open_in_memory().expect("a database");
        connection
            .execute_batch("PRAGMA query_only = ON")
            .expect("a setting");
        let error = connection
            .execute_batch("CREATE TABLE t(x)")
            .expect_err("read-only");
        assert_eq!(
            Failure::from(error).at(Path::new("/folder/journal.db")),
            AppError::FolderReadOnly {
                path: "/folder".into()
            }
        );
    }

    #[test]
    fn a_database_that_cannot_be_created_names_the_folder() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let below = file.path().join("cache.db");
        let error = rusqlite::Connection::open(&below).expect_err("below a file");
        assert!(matches!(
            Failure::from(error).at(&below),
            AppError::FolderReadOnly { .. }
        ));
    }

    #[test]
    fn what_the_file_system_says_is_told_in_the_users_terms() {
        let folder = Path::new("/folder");
        let of = |kind: io::ErrorKind| file_system(&kind.into(), folder);
        let read_only = AppError::FolderReadOnly {
            path: "/folder".into(),
        };
        assert_eq!(of(io::ErrorKind::ReadOnlyFilesystem), read_only);
        assert_eq!(of(io::ErrorKind::PermissionDenied), read_only);
        assert!(matches!(
            of(io::ErrorKind::StorageFull),
            AppError::DiskFull { .. }
        ));
    }
}
