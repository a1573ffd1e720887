//! What OwnKey does; one file per action.
//!
//! Here live the order of the steps, what is written down before, and what is announced after.
//! Here must not live: the name of an SDK, SQL or window type, a clock, the environment, files.

#![forbid(unsafe_code)]

mod change_registration;
mod connections;
mod console;
mod context;
mod describe_key;
mod describe_registration;
mod describe_this_computer;
mod find_keys;
mod find_registrations;
mod in_hand;
mod list_keys;
mod list_principals;
mod list_registrations;
mod open_sandbox;
mod operations;
mod preferences;
mod probe_permissions;
mod read_account;
mod read_key;
mod read_overview;
mod refresh_key;
mod register_account;
mod remove_registration;
mod sources;
mod start_sandbox_over;
mod suggest_values;
mod synchronise;
mod uploads;

pub use change_registration::change_registration;
pub use connections::{
    add_connection, answer_mfa_request, cancel_sign_in_request, change_connection,
    list_connections, list_profiles, list_sign_in_requests, open_sign_in_page, remove_connection,
    sign_in, test_connection,
};
pub use context::{Context, KeychainProbe};
pub use describe_key::describe_key;
pub use describe_registration::describe_registration;
pub use describe_this_computer::describe_this_computer;
pub use find_keys::find_keys;
pub use find_registrations::find_registrations;
pub use in_hand::{InHand, KeyFile, drop_file, take_file};
pub use list_keys::list_keys;
pub use list_principals::list_principals;
pub use list_registrations::list_registrations;
pub use open_sandbox::open_sandbox;
pub use operations::{
    describe_operation, finish_operation, leave_operation, list_operations, undo_operation, works,
};
pub use preferences::{list_preferences, remember_preference};
pub use probe_permissions::probe_permissions;
pub use read_account::read_account;
pub use read_overview::read_overview;
pub use refresh_key::refresh_key;
pub use register_account::register_account;
pub use remove_registration::remove_registration;
pub use sources::{
    back_up_material, backup_name, export_material, list_materials, make_envelope, make_material,
    open_new_passphrase, read_backup_settings, remove_material, restore_backup, set_up_backups,
    store_material, verify_backup,
};
pub use start_sandbox_over::{leave_sandbox, return_to_sandbox};
pub use suggest_values::suggest_values;
pub use synchronise::synchronise;
pub use uploads::{
    apply_import, apply_upload, check_import, check_upload, offer_import, plan_import, plan_upload,
    preview_policy,
};
