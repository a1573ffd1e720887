//! Uploading key material: into a new key, or into one that exists.

mod check;
mod import;
mod plan;
mod shell_commands;
mod upload;

pub use check::{check_upload, preview_policy};
pub use import::{apply_import, check_import, offer_import, plan_import};
pub use upload::{apply_upload, plan_upload};
