//! The one list of what crosses between the window and the backend.

use specta_typescript::Typescript;
use tauri_specta::{Builder, collect_commands, collect_events};

use crate::commands::{
    computer, connections, keys, operations, registrations, sources, synchronise, uploads,
};

/// Something the window may show has changed; whoever shows it asks again.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, specta::Type, tauri_specta::Event)]
pub struct Changed(pub ownkey_model::Change);

/// All commands and events.
pub fn builder<R: tauri::Runtime>() -> Builder<R> {
    Builder::new()
        .disable_serde_phases()
        .commands(collect_commands![
            computer::describe_this_computer,
            computer::list_preferences,
            computer::remember_preference,
            computer::start_sandbox_over,
            connections::add_connection,
            connections::answer_mfa_request,
            connections::cancel_sign_in_request,
            connections::change_connection,
            connections::list_connections,
            connections::list_profiles,
            connections::list_sign_in_requests,
            connections::open_sign_in_page,
            connections::probe_permissions,
            connections::read_account,
            connections::remove_connection,
            connections::sign_in,
            connections::test_connection,
            keys::describe_key,
            keys::find_keys,
            keys::list_keys,
            keys::open_key_in_console,
            keys::read_overview,
            keys::refresh_key,
            keys::suggest_values,
            operations::describe_operation,
            operations::finish_operation,
            operations::leave_operation,
            operations::list_operations,
            operations::undo_operation,
            registrations::change_registration,
            registrations::describe_registration,
            registrations::find_registrations,
            registrations::list_registrations,
            registrations::register_account,
            registrations::remove_registration,
            sources::back_up_material,
            sources::export_material,
            sources::list_materials,
            sources::make_envelope,
            sources::make_material,
            sources::pick_backup_file,
            sources::pick_backup_folder,
            sources::read_backup_settings,
            sources::remove_material,
            sources::restore_backup,
            sources::set_up_backups,
            sources::store_material,
            sources::verify_backup,
            synchronise::cancel_task,
            synchronise::synchronise,
            uploads::apply_import,
            uploads::apply_upload,
            uploads::check_import,
            uploads::check_upload,
            uploads::drop_file,
            uploads::list_principals,
            uploads::offer_import,
            uploads::pick_key_file,
            uploads::plan_import,
            uploads::plan_upload,
            uploads::preview_policy,
        ])
        .events(collect_events![Changed])
}

/// Writes the TypeScript that the window speaks to the backend with.
pub fn export_bindings(to: &std::path::Path) {
    builder::<tauri::Wry>()
        .export(Typescript::default(), to)
        .expect("every type that crosses has a form in TypeScript");
}
