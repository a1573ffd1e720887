//! Backups: material in an `age` file that opens without OwnKey.
//!
//! The file is armored text, encrypted to a passphrase, for the stock `age` command to open:
//! `age --decrypt FILE`. Inside is JSON that says what it is:
//!
//! | Member | What |
//! | --- | --- |
//! | `format` | `ownkey-backup` |
//! | `version` | 1 |
//! | `about` | a sentence for whoever finds the file |
//! | `id` | the material's name in OwnKey |
//! | `spec` | the kind of key, as AWS spells it |
//! | `created` | when the material was sealed, RFC 3339 |
//! | `fingerprint` | what OwnKey showed on the computer that wrote the file |
//! | `material` | base64 of the bytes to import: plain for symmetric and HMAC keys, PKCS#8 DER for RSA and ECC keys |
//!
//! So `age --decrypt FILE | jq -r .material | base64 --decode` gives the bytes back.

use std::borrow::Cow;
use std::io::{Read, Write};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::scrypt;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ownkey_model::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::turns::turn;
use crate::{CryptoFailure, KeySpec, Material, MaterialId, Passphrase, ReadError, Secret};

/// The largest file that is opened as a backup.
pub const BACKUP_LIMIT: usize = 256 * 1024;

/// More than this, 1 GiB of memory, no file may ask for.
const MOST_WORK: u8 = 20;
const FORMAT: &str = "ownkey-backup";
const VERSION: u32 = 1;
const ABOUT: &str = "Key material for AWS KMS. 'material' is the base64 of the bytes to import: \
                     plain bytes for symmetric and HMAC keys, PKCS#8 DER for RSA and ECC keys. \
                     Whoever has these bytes has the key.";

/// What a backup says about its material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupLabel {
    /// The material's name.
    pub id: MaterialId,
    /// When it was sealed.
    pub created_at: Timestamp,
    /// The fingerprint as shown where the backup was written; elsewhere it would be another one.
    pub fingerprint: String,
}

/// An opened backup.
pub struct Backup {
    /// What it says about the material.
    pub label: BackupLabel,
    /// The material.
    pub material: Material,
}

/// How hard a passphrase is to try out: scrypt with N = 2 to the power of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// What every real backup has: a second and 256 MiB of memory for each attempt.
    pub const FULL: Self = Self(18);
    /// Milliseconds. For tests, and for materials that are not real.
    pub const REDUCED: Self = Self(10);
}

impl Default for WorkFactor {
    fn default() -> Self {
        Self::FULL
    }
}

/// Why a backup was not written, opened, or found right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupError {
    /// Larger than any backup.
    #[error("{found} bytes; at most {limit} are read")]
    TooLarge {
        /// Its length in bytes.
        found: usize,
        /// How many are read.
        limit: usize,
    },
    /// No `age` file.
    #[error("no age file")]
    NotAge,
    /// An `age` file for keys, not for a passphrase.
    #[error("the age file is not encrypted to a passphrase")]
    NotForPassphrase,
    /// The passphrase is wrong, or the part of the file that proves it is damaged; which of these
    /// cannot be told.
    #[error("the passphrase does not open the file")]
    WrongPassphrase,
    /// It would take more memory than a genuine backup ever does.
    #[error("work factor {found}; at most {limit} is accepted")]
    TooMuchWork {
        /// What the file asks for.
        found: u8,
        /// What is accepted.
        limit: u8,
    },
    /// The passphrase is right and the file was altered or cut short.
    #[error("the file is damaged")]
    Damaged,
    /// It opens, and OwnKey did not write it.
    #[error("the age file holds no OwnKey backup")]
    NotBackup,
    /// Written by a newer OwnKey.
    #[error("backup version {found}; this program knows {VERSION}")]
    UnknownVersion {
        /// Its version.
        found: u32,
    },
    /// The kind of key is not known.
    #[error("the backup is for a kind of key that this program does not know")]
    UnknownSpec,
    /// It holds no material of its kind.
    #[error(transparent)]
    NotMaterial(#[from] ReadError),
    /// It opens, and holds something else than it should.
    #[error("the backup holds something else")]
    Different,
    /// The library failed.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

/// The backup of a material, as armored text.
pub fn write_backup(
    material: &Material,
    label: &BackupLabel,
    passphrase: &Passphrase,
    work: WorkFactor,
) -> Result<Vec<u8>, BackupError> {
    let plaintext = encode(material, label)?;
    let mut recipient = scrypt::Recipient::new(passphrase.for_age());
    recipient.set_work_factor(work.0);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let turn = turn();
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|_| CryptoFailure)?;
    drop(turn);
    let write = || -> std::io::Result<Vec<u8>> {
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armor)?;
        writer.write_all(&plaintext)?;
        writer.finish()?.finish()
    };
    Ok(write().map_err(|_| CryptoFailure)?)
}

/// Opens a backup, armored or binary, and checks what it holds.
pub fn open_backup(file: &[u8], passphrase: &Passphrase) -> Result<Backup, BackupError> {
    if file.len() > BACKUP_LIMIT {
        return Err(BackupError::TooLarge {
            found: file.len(),
            limit: BACKUP_LIMIT,
        });
    }
    let turn = turn();
    let text = decrypt(file, passphrase)?;
    drop(turn);
    decode(&text)
}

/// Whether a file is an `age` file to a passphrase, and so can be a backup: all that can be said
/// without its passphrase.
pub fn may_be_backup(file: &[u8]) -> bool {
    file.len() <= BACKUP_LIMIT
        && age::Decryptor::new_buffered(ArmoredReader::new(file)).is_ok_and(|one| one.is_scrypt())
}

/// Whether a backup opens and holds exactly this material under this label.
pub fn verify_backup(
    file: &[u8],
    passphrase: &Passphrase,
    label: &BackupLabel,
    material: &Material,
) -> Result<(), BackupError> {
    let found = open_backup(file, passphrase)?;
    if found.label == *label && found.material.same_as(material) {
        Ok(())
    } else {
        Err(BackupError::Different)
    }
}

/// What lies in the `age` file. The material is borrowed, so that the parser makes no copy of it.
#[derive(Serialize, Deserialize)]
struct Contents<'a> {
    #[serde(borrow)]
    format: Cow<'a, str>,
    version: u32,
    #[serde(borrow, default)]
    about: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    spec: Cow<'a, str>,
    created: Timestamp,
    #[serde(borrow)]
    fingerprint: Cow<'a, str>,
    material: &'a str,
}

/// Only what does not change between versions.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    format: Cow<'a, str>,
    version: u32,
}

fn encode(material: &Material, label: &BackupLabel) -> Result<Zeroizing<Vec<u8>>, CryptoFailure> {
    let mut text = Zeroizing::new(vec![0; material.expose().len().div_ceil(3) * 4]);
    let length = STANDARD
        .encode_slice(material.expose(), &mut text)
        .map_err(|_| CryptoFailure)?;
    let contents = Contents {
        format: FORMAT.into(),
        version: VERSION,
        about: ABOUT.into(),
        id: label.id.as_str().into(),
        spec: material.spec().as_str().into(),
        created: label.created_at,
        fingerprint: label.fingerprint.as_str().into(),
        material: std::str::from_utf8(&text[..length]).map_err(|_| CryptoFailure)?,
    };
    // Room for all of it from the start: a vector that grows leaves copies behind.
    let room = text.len() + 6 * label.fingerprint.len() + 4096;
    let mut json = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer_pretty(&mut *json, &contents).map_err(|_| CryptoFailure)?;
    json.push(b'\n');
    Ok(json)
}

fn decrypt(file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<Vec<u8>>, BackupError> {
    let decryptor = age::Decryptor::new_buffered(ArmoredReader::new(file)).map_err(explain)?;
    if !decryptor.is_scrypt() {
        return Err(BackupError::NotForPassphrase);
    }
    let mut identity = scrypt::Identity::new(passphrase.for_age());
    identity.set_max_work_factor(MOST_WORK);
    let identities = std::iter::once(&identity as &dyn age::Identity);
    let mut reader = decryptor.decrypt(identities).map_err(explain)?;
    // The plaintext is shorter than the file, so this does not grow.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(file.len()));
    reader
        .read_to_end(&mut plaintext)
        .map_err(|_| BackupError::Damaged)?;
    Ok(plaintext)
}

/// Looked at by kind only: the texts come from translations that are read at run time.
fn explain(error: age::DecryptError) -> BackupError {
    use age::DecryptError as E;
    match error {
        E::DecryptionFailed | E::KeyDecryptionFailed => BackupError::WrongPassphrase,
        E::ExcessiveWork { required, .. } => BackupError::TooMuchWork {
            found: required,
            limit: MOST_WORK,
        },
        E::NoMatchingKeys => BackupError::NotForPassphrase,
        E::InvalidMac => BackupError::Damaged,
        _ => BackupError::NotAge,
    }
}

fn decode(plaintext: &[u8]) -> Result<Backup, BackupError> {
    let head: Head<'_> = serde_json::from_slice(plaintext).map_err(|_| BackupError::NotBackup)?;
    if head.format != FORMAT {
        return Err(BackupError::NotBackup);
    }
    if head.version != VERSION {
        return Err(BackupError::UnknownVersion {
            found: head.version,
        });
    }
    let contents: Contents<'_> =
        serde_json::from_slice(plaintext).map_err(|_| BackupError::NotBackup)?;
    let spec = KeySpec::parse(&contents.spec).ok_or(BackupError::UnknownSpec)?;
    let mut bytes = Zeroizing::new(vec![0; contents.material.len()]);
    let length = STANDARD
        .decode_slice(contents.material, &mut bytes)
        .map_err(|_| BackupError::NotBackup)?;
    bytes.truncate(length);
    let material = Material::from_canonical(spec, Secret::new(std::mem::take(&mut bytes)))?;
    let label = BackupLabel {
        id: MaterialId::parse(&contents.id).ok_or(BackupError::NotBackup)?,
        created_at: contents.created,
        fingerprint: contents.fingerprint.into_owned(),
    };
    Ok(Backup { label, material })
}
