//! Material sealed for the local store.
//!
//! A record is `version (1) | nonce (24) | XChaCha20-Poly1305 ciphertext and tag`. The key is
//! derived from the master key; the label is authenticated with it, so that neither can be altered
//! and no two records can be swapped. Nonces are random: 24 bytes need no counter.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

use crate::crypto::fill_randomly;
use crate::derivation::{Purpose, derive_key};
use crate::{CryptoFailure, MasterKey, Material, ReadError, RecordLabel, SealedRecord, Secret};

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// Binds a seal to this use, should the same key ever be used for another.
const CONTEXT: &[u8] = b"ownkey/sealed-material";

/// Why material was not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The label speaks of another kind of key than the material is for.
    #[error("the label does not describe the material")]
    WrongLabel,
    /// The library failed.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

/// Why a record did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Sealed by a newer OwnKey, or no record at all.
    #[error("record version {found}; this program knows {VERSION}")]
    UnknownVersion {
        /// The version.
        found: u8,
    },
    /// Shorter than any record.
    #[error("{found} bytes are too few for a sealed record")]
    TooShort {
        /// How many bytes there are.
        found: usize,
    },
    /// Altered, labelled as another one, or sealed under another master key; which of these cannot
    /// be told.
    #[error("the record is not genuine, or was sealed under another master key")]
    NotGenuine,
    /// It opened, and holds no material of its kind.
    #[error(transparent)]
    NotMaterial(#[from] ReadError),
    /// The library failed.
    #[error(transparent)]
    Crypto(#[from] CryptoFailure),
}

/// Seals material under the master key.
pub fn seal(
    master: &MasterKey,
    label: RecordLabel,
    material: &Material,
) -> Result<SealedRecord, SealError> {
    if label.spec != material.spec() {
        return Err(SealError::WrongLabel);
    }
    let mut nonce = [0; NONCE];
    fill_randomly(&mut nonce)?;
    let payload = Payload {
        msg: material.expose(),
        aad: &bound(&label, VERSION),
    };
    let ciphertext = cipher(master, Purpose::Sealing)?
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| CryptoFailure)?;
    Ok(SealedRecord {
        label,
        sealed: [&[VERSION], nonce.as_slice(), &ciphertext].concat(),
    })
}

/// Opens a record, and checks what it holds.
pub fn open(master: &MasterKey, record: &SealedRecord) -> Result<Material, OpenError> {
    let (&found, rest) = record
        .sealed
        .split_first()
        .ok_or(OpenError::TooShort { found: 0 })?;
    if found != VERSION {
        return Err(OpenError::UnknownVersion { found });
    }
    let (nonce, ciphertext) = match rest.split_first_chunk::<NONCE>() {
        Some((nonce, ciphertext)) if ciphertext.len() > TAG => (nonce, ciphertext),
        _ => {
            return Err(OpenError::TooShort {
                found: record.sealed.len(),
            });
        }
    };
    let payload = Payload {
        msg: ciphertext,
        aad: &bound(&record.label, found),
    };
    let bytes = cipher(master, Purpose::Sealing)?
        .decrypt(&XNonce::from(*nonce), payload)
        .map_err(|_| OpenError::NotGenuine)?;
    Ok(Material::from_canonical(
        record.label.spec,
        Secret::new(bytes),
    )?)
}

pub(crate) fn cipher(
    master: &MasterKey,
    purpose: Purpose,
) -> Result<XChaCha20Poly1305, CryptoFailure> {
    let key = derive_key(master, purpose)?;
    XChaCha20Poly1305::new_from_slice(key.as_ref()).map_err(|_| CryptoFailure)
}

/// What is authenticated beside the ciphertext. Each part has its length before it, so that no two
/// labels are written alike.
fn bound(label: &RecordLabel, version: u8) -> Vec<u8> {
    let created_at = label.created_at.unix_seconds().to_be_bytes();
    let parts: [&[u8]; 6] = [
        CONTEXT,
        &[version],
        label.id.as_str().as_bytes(),
        label.spec.as_str().as_bytes(),
        label.tier.as_str().as_bytes(),
        &created_at,
    ];
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}
