//! What is wrong with a program, a key file or a backup, where one error has many reasons.

use serde::{Deserialize, Serialize};

use crate::FileReading;

/// What is wrong with a `credential_process`. What it printed on its standard output is never told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "problem",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum ProcessProblem {
    /// It could not be started.
    NotStarted {
        /// What the operating system said.
        cause: String,
    },
    /// It did not end in time, and was ended.
    TimedOut {
        /// After how many seconds.
        seconds: u32,
    },
    /// It ended with an error.
    Failed {
        /// Its exit status, if it has one.
        status: Option<i32>,
        /// What it said on its error output, cut short.
        said: String,
    },
    /// What it printed is no credentials.
    Unreadable {
        /// What is missing or wrong.
        cause: String,
    },
    /// It gave credentials that have run out already.
    Expired,
}

/// What is wrong with a key file. Lengths and kinds are named, bytes never.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(
    tag = "problem",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum FileProblem {
    /// There is nothing in it.
    Empty,
    /// Larger than any key.
    TooLarge {
        /// Its length in bytes.
        found: u32,
        /// How many are read.
        limit: u32,
    },
    /// It can be read in several ways: the user has to say which is meant.
    Ambiguous {
        /// The ways, the likeliest first.
        readings: Vec<PossibleReading>,
    },
    /// Nothing that is known, or damaged.
    Unreadable,
    /// Bytes, but not as many as the kind of key has.
    WrongLength {
        /// How the file was read.
        reading: FileReading,
        /// How many bytes that gave.
        found: u32,
        /// How many the kind of key has.
        expected: u32,
    },
    /// Something else than the kind of key that is wanted.
    WrongKind {
        /// What it is, such as `an RSA private key`.
        found: String,
    },
    /// An RSA key of another size.
    WrongSize {
        /// The modulus's length in bits.
        found: u32,
    },
    /// A key on another curve.
    WrongCurve,
    /// Protected by a passphrase.
    Encrypted,
    /// The key ends before the file does.
    TrailingBytes {
        /// How many bytes follow.
        count: u32,
    },
    /// The parts contradict each other.
    Inconsistent,
    /// Every byte is zero.
    AllZero,
    /// Every byte is the same.
    OneByteRepeated,
    /// More than one private key.
    SeveralKeys {
        /// How many.
        found: u32,
    },
}

/// One of several ways in which a key file can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct PossibleReading {
    /// The way.
    pub reading: FileReading,
    /// How many bytes of material it gives.
    pub length: u32,
}

/// What is wrong with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum BackupProblem {
    /// It is not there.
    Missing,
    /// No backup of OwnKey's.
    NotBackup,
    /// The passphrase does not open it.
    WrongPassphrase,
    /// Altered or cut short.
    Damaged,
    /// Written by a newer OwnKey, or for a kind of key this one does not know.
    Newer,
    /// It opens, and holds other bytes.
    Different,
}
