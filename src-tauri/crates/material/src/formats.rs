//! What users bring, read for the kind of key they want: raw bytes, hex, base64, JWK, PEM, DER.
//!
//! Where one file can be read in two ways, nothing is guessed: the readings are named, and the
//! caller says which.

mod asn1;
mod bytes;
mod jwk;
mod pem;
mod refusal;
mod text;

use ownkey_model::Partition;

pub(crate) use asn1::read_der;
pub(crate) use bytes::check_bytes;
pub use refusal::{Found, ReadError};

use crate::keys::PrivateKey;
use crate::spec::Shape;
use crate::{KeySpec, Material};

/// The largest file that is read; the largest key in the most verbose form has a tenth of it.
pub const FILE_LIMIT: usize = 64 * 1024;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// The file's bytes are the material.
    Raw,
    /// A JSON Web Key, RFC 7517: `oct`, `RSA` or `EC`.
    Jwk,
    /// PEM text: PKCS#8, PKCS#1 or SEC1.
    Pem,
    /// The same in DER.
    Der,
    /// Hexadecimal digits, bytes separated by nothing, blanks, colons, hyphens or line ends.
    Hex,
    /// Base64 or base64url, padded or not.
    Base64,
}

/// One of several ways in which a file can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PossibleReading {
    /// The way.
    pub reading: Reading,
    /// How many bytes of material it would give.
    pub length: usize,
}

/// What a file turned out to be.
pub struct Imported {
    /// The material.
    pub material: Material,
    /// How the file was read.
    pub reading: Reading,
}

/// Reads what a user brought. Without a choice the way of reading is recognised; if there are
/// several, [`ReadError::Ambiguous`] names them and the user's answer comes back as the choice.
///
/// The result is canonical: the same key gives the same bytes, in whatever form it was brought
/// (an RSA key keeps its numbers, of which the private exponent and the order of the primes may
/// differ between programs).
pub fn read(
    file: &[u8],
    spec: KeySpec,
    partition: Partition,
    choice: Option<Reading>,
) -> Result<Imported, ReadError> {
    if file.is_empty() {
        return Err(ReadError::Empty);
    }
    if file.len() > FILE_LIMIT {
        return Err(ReadError::TooLarge {
            found: file.len(),
            limit: FILE_LIMIT,
        });
    }
    match Shape::of(spec) {
        Shape::Aes | Shape::Hmac => bytes::read_bytes(file, spec, partition, choice),
        Shape::Rsa { .. } | Shape::Ec(_) => {
            let reading = choice.unwrap_or_else(|| recognise_key(file));
            Ok(Imported {
                material: Material::from_key(spec, read_key(file, spec, reading)?),
                reading,
            })
        }
    }
}

/// How to read a file in which a private key is expected. There is no doubt about it: DER has bytes
/// that no text has.
fn recognise_key(file: &[u8]) -> Reading {
    if !text::is_text(file) {
        Reading::Der
    } else if jwk::looks_like_jwk(file) {
        Reading::Jwk
    } else if pem::looks_like_pem(file) {
        Reading::Pem
    } else if text::read_hex(file).is_some() {
        Reading::Hex
    } else {
        Reading::Base64
    }
}

fn read_key(file: &[u8], spec: KeySpec, reading: Reading) -> Result<PrivateKey, ReadError> {
    let unreadable = || ReadError::Unreadable { expected: spec };
    match reading {
        Reading::Raw => Err(unreadable()),
        Reading::Jwk => jwk::read_key(file, spec),
        Reading::Pem => pem::read_key(file, spec),
        Reading::Der => read_der(spec, file),
        Reading::Hex => read_der(spec, text::read_hex(file).ok_or_else(unreadable)?.expose()),
        Reading::Base64 => read_der(
            spec,
            text::read_base64(file).ok_or_else(unreadable)?.expose(),
        ),
    }
}
