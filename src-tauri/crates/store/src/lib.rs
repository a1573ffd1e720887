//! What OwnKey keeps on this computer: two SQLite databases and the operating system's keychain.
//!
//! Here live all SQL and all use of `rusqlite` and `keyring`. Here must not live: a rule about
//! keys, a call to AWS, an unsealed secret in a database.
//!
//! Every call blocks; asynchronous callers use a thread for it. Two databases, two promises:
//! - `journal.db` is precious. It is migrated, never dropped, and a newer or damaged one is left
//!   exactly as it was found.
//! - `cache.db` only repeats what AWS said. It is dropped and made anew whenever it is not
//!   understood.

#![forbid(unsafe_code)]

mod backup_files;
mod cache;
mod failure;
mod journal;
mod keychain;
mod query;
mod store;

pub use backup_files::{
    backup_file_written_at, is_backup_file_there, look_at_backup_folder, probe_backup_folder,
    read_backup_file, replace_file, write_backup_file,
};
pub use cache::SyncRun;
pub use journal::{Moved, NewMaterial, StepEnd};
pub use keychain::Keychain;
pub use store::{Database, Store, prepare_folder};
