//! Why a file is refused: what was found, and what is expected.

use super::PossibleReading;
use crate::{KeySpec, Reading};

/// Why a file does not give the material that is wanted. Lengths and kinds are named, bytes never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// Larger than any key.
    #[error("{found} bytes; at most {limit} are read")]
    TooLarge {
        /// Its length in bytes.
        found: usize,
        /// How many are read.
        limit: usize,
    },
    /// It can be read in several ways: the user has to say which is meant.
    #[error("{} readings are possible", readings.len())]
    Ambiguous {
        /// The ways, the likeliest first.
        readings: Vec<PossibleReading>,
    },
    /// Nothing that is known, or damaged.
    #[error("no key material for {expected} was found")]
    Unreadable {
        /// What is wanted.
        expected: KeySpec,
    },
    /// Bytes, but not as many as the kind of key has.
    #[error("{found} bytes, read as {reading:?}; expected are {expected}")]
    WrongLength {
        /// How the file was read.
        reading: Reading,
        /// How many bytes that gave.
        found: usize,
        /// How many the kind of key has.
        expected: usize,
    },
    /// Something else than the kind of key that is wanted.
    #[error("{found:?} was found; expected is {expected}")]
    WrongKind {
        /// What it is.
        found: Found,
        /// What is wanted.
        expected: KeySpec,
    },
    /// An RSA key of another size.
    #[error("an RSA key of {found} bits was found; expected is {expected}")]
    WrongSize {
        /// The modulus's length in bits.
        found: usize,
        /// What is wanted.
        expected: KeySpec,
    },
    /// An ECC key on another curve.
    #[error("a key on another curve was found; expected is {expected}")]
    WrongCurve {
        /// What is wanted.
        expected: KeySpec,
    },
    /// Protected by a passphrase. OwnKey does not open it yet.
    #[error("the key is encrypted")]
    Encrypted,
    /// The key ends before the file does. AWS would be sent something else than was checked.
    #[error("{count} bytes follow the key")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The parts contradict each other: the private key is not the public key's, or a number is
    /// damaged.
    #[error("the parts of the {expected} key do not belong together")]
    Inconsistent {
        /// What is wanted.
        expected: KeySpec,
    },
    /// Every byte is the same: no key that anyone made.
    #[error("every byte is {}", if *zero { "zero" } else { "the same" })]
    OneByteRepeated {
        /// Whether it is zero.
        zero: bool,
    },
    /// More than one private key; which one is meant is not guessed.
    #[error("{found} private keys were found; expected is one")]
    SeveralKeys {
        /// How many.
        found: usize,
    },
}

/// What a file holds instead of what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// A symmetric key, in a JWK.
    SymmetricKey,
    /// An RSA private key.
    RsaPrivateKey,
    /// A private key on an elliptic curve.
    EcPrivateKey,
    /// A private key of another algorithm, such as Ed25519 or RSA-PSS.
    OtherPrivateKey,
    /// A private key in OpenSSH's own form; `ssh-keygen -p -m PKCS8` changes it.
    OpenSshPrivateKey,
    /// A public key only.
    PublicKey,
    /// A certificate only.
    Certificate,
    /// A PKCS#12 container (`.p12`, `.pfx`).
    Pkcs12,
}
