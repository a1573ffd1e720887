//! Bytes that are no material and must not lie in clear, such as the state of the sandbox.
//!
//! `version (1) | nonce (24) | XChaCha20-Poly1305 ciphertext and tag`, bound to a name.

use chacha20poly1305::XNonce;
use chacha20poly1305::aead::{Aead, Payload};

use crate::crypto::fill_randomly;
use crate::derivation::Purpose;
use crate::sealing::cipher;
use crate::{CryptoFailure, MasterKey, OpenError, Secret};

const VERSION: u8 = 1;
const NONCE: usize = 24;

/// Seals bytes under a name.
pub fn seal_bytes(master: &MasterKey, name: &str, bytes: &[u8]) -> Result<Vec<u8>, CryptoFailure> {
    let mut nonce = [0; NONCE];
    fill_randomly(&mut nonce)?;
    let payload = Payload {
        msg: bytes,
        aad: name.as_bytes(),
    };
    let ciphertext = cipher(master, Purpose::SealedBytes)?
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| CryptoFailure)?;
    Ok([&[VERSION], nonce.as_slice(), &ciphertext].concat())
}

/// Opens what was sealed under the same name and master key.
pub fn open_bytes(master: &MasterKey, name: &str, sealed: &[u8]) -> Result<Secret, OpenError> {
    let short = OpenError::TooShort {
        found: sealed.len(),
    };
    let (&found, rest) = sealed.split_first().ok_or(short.clone())?;
    if found != VERSION {
        return Err(OpenError::UnknownVersion { found });
    }
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>().ok_or(short)?;
    let payload = Payload {
        msg: ciphertext,
        aad: name.as_bytes(),
    };
    cipher(master, Purpose::SealedBytes)?
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Secret::new)
        .map_err(|_| OpenError::NotGenuine)
}
