//! Secret bytes: what they are, how they are read, wrapped, sealed, recognised and backed up.
//!
//! Here live the types that hold plaintext, everything that turns it into something safe, and the
//! traits by which others keep the result. Here must not live: a log line, a file, a database, a
//! network, a clock, or any way to print or copy a secret.
//!
//! The way of a material: [`read`] or [`generate`] makes it, [`seal`] and [`write_backup`] keep it,
//! a [`Fingerprint`] recognises it, [`wrap`] readies it for AWS.

#![forbid(unsafe_code)]

mod backup;
mod crypto;
mod derivation;
mod envelope;
mod fingerprint;
mod formats;
mod generate;
mod keys;
mod mac;
mod master_key;
mod material;
mod passphrase;
mod record;
mod sealed_bytes;
mod sealing;
mod secret;
mod spec;
mod turns;
mod vault;
mod wrapping;

pub use backup::{
    BACKUP_LIMIT, Backup, BackupError, BackupLabel, WorkFactor, may_be_backup, open_backup,
    verify_backup, write_backup,
};
pub use crypto::CryptoFailure;
pub use envelope::Envelope;
pub use fingerprint::{Fingerprint, FingerprintKey, key_check_value};
pub use formats::{FILE_LIMIT, Found, Imported, PossibleReading, ReadError, Reading, read};
pub use generate::generate;
pub use mac::{mac, make_challenge};
pub use master_key::{MASTER_KEY_ENTRY, MasterKey, MasterKeyError};
pub use material::Material;
pub use ownkey_model::{KeySpec, MaterialId, SourceTier};
pub use passphrase::{Passphrase, WeakPassphrase};
pub use record::{RecordLabel, SealedRecord, SealedRecords, make_material_id};
pub use sealed_bytes::{open_bytes, seal_bytes};
pub use sealing::{OpenError, SealError, open, seal};
pub use secret::Secret;
pub use vault::Vault;
pub use wrapping::{
    WrapError, WrappingAlgorithm, WrappingKey, WrappingKeySpec, choose_algorithm, wrap,
};
