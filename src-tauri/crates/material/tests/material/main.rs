//! The crate as its users see it: files in, canonical material out, wrapped, sealed, backed up.

mod backing_up;
mod fingerprints;
mod making;
mod master_key;
mod reading_bytes;
mod reading_keys;
mod sealing;
mod support;
mod wrapping;
