//! What OwnKey does; one file per action.
//!
//! Here live the order of the steps, what is written down before, and what is announced after.
//! Here must not live: the name of an SDK, SQL or window type, a clock, the environment, files.

#![forbid(unsafe_code)]

mod console;
mod context;
mod describe_key;
mod describe_this_computer;
mod find_keys;
mod list_keys;
mod list_profiles;
mod list_registrations;
mod open_sandbox;
mod preferences;
mod read_key;
mod read_overview;
mod refresh_key;
mod register_account;
mod remove_registration;
mod suggest_values;
mod synchronise;
mod test_connection;

pub use context::{Context, KeychainProbe};
pub use describe_key::describe_key;
pub use describe_this_computer::describe_this_computer;
pub use find_keys::find_keys;
pub use list_keys::list_keys;
pub use list_profiles::list_profiles;
pub use list_registrations::list_registrations;
pub use open_sandbox::open_sandbox;
pub use preferences::{list_preferences, remember_preference};
pub use read_overview::read_overview;
pub use refresh_key::refresh_key;
pub use register_account::register_account;
pub use remove_registration::remove_registration;
pub use suggest_values::suggest_values;
pub use synchronise::synchronise;
pub use test_connection::test_connection;
