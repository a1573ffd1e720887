//! Fingerprints: by what one recognises material without seeing it.

use aws_lc_rs::cipher::{AES_128, AES_256, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac::{self, HMAC_SHA256};

use crate::derivation::{Purpose, derive_key};
use crate::spec::Shape;
use crate::{CryptoFailure, MasterKey, Material};

const SHOWN: usize = 8;

/// The key under which this installation's fingerprints are made. It makes them useless to others:
/// without it nobody can try out which material a fingerprint belongs to.
///
/// ```compile_fail,E0277
/// fn print(key: ownkey_material::FingerprintKey) {
///     println!("{key:?}");
/// }
/// ```
pub struct FingerprintKey(hmac::Key);

impl FingerprintKey {
    /// Derives it from the master key.
    pub fn derive(master: &MasterKey) -> Result<Self, CryptoFailure> {
        let key = derive_key(master, Purpose::Fingerprint)?;
        Ok(Self(hmac::Key::new(HMAC_SHA256, key.as_ref())))
    }

    /// The fingerprint of a material. RSA and ECC keys are recognised by their public key, since
    /// two programs may write one private key down with different numbers.
    pub fn fingerprint(&self, material: &Material) -> Fingerprint {
        let mut context = hmac::Context::with_key(&self.0);
        let spec = material.spec().as_str().as_bytes();
        context.update(&(spec.len() as u64).to_be_bytes());
        context.update(spec);
        context.update(material.public_key_der().unwrap_or(material.expose()));
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.sign().as_ref());
        Fingerprint(bytes)
    }
}

/// A keyed fingerprint: HMAC-SHA256, compared in constant time. It is no secret, and says nothing
/// outside the installation that made it.
#[derive(Clone, Copy)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From what [`as_bytes`](Self::as_bytes) gave.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// All of it, to store and to compare.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl Eq for Fingerprint {}

/// What is shown: the first eight bytes, such as `3f2a 91c0 77be 0d14`.
impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, byte) in self.0[..SHOWN].iter().enumerate() {
            if index > 0 && index % 2 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The key check value of an AES key, as HSMs show it: the first three bytes of an encrypted block
/// of zeros. Nothing for other material.
pub fn key_check_value(material: &Material) -> Result<Option<[u8; 3]>, CryptoFailure> {
    let algorithm = match (Shape::of(material.spec()), material.expose().len()) {
        (Shape::Aes, 16) => &AES_128,
        (Shape::Aes, _) => &AES_256,
        _ => return Ok(None),
    };
    let mut block = [0; 16];
    UnboundCipherKey::new(algorithm, material.expose())
        .and_then(EncryptingKey::ecb)
        .and_then(|key| key.encrypt(&mut block).map(drop))
        .map_err(|_| CryptoFailure)?;
    Ok(block.first_chunk().copied())
}
