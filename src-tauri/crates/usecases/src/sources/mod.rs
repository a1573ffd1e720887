//! Key material in OwnKey's own store: made or read, sealed, backed up, restored, removed.

mod back_up;
mod choose;
mod keep;
mod passphrase;
mod remove;
mod restore;
mod settings;
mod vault;

pub(crate) use back_up::{back_up, back_up_into, backup_at_hand};
pub use back_up::{back_up_material, backup_name, export_material, verify_backup};
pub(crate) use choose::{Chosen, choose};
pub(crate) use keep::{fingerprint_of, new_material};
pub use keep::{list_materials, make_material, store_material};
pub use passphrase::{make_envelope, open_new_passphrase};
pub use remove::remove_material;
pub use restore::restore_backup;
pub(crate) use settings::backup_folder;
use settings::{BackupPlace, backup_place};
pub use settings::{read_backup_settings, set_up_backups};
pub(crate) use vault::{open_sealed, open_vault, open_vault_or_make};
