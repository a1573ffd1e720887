//! Secret bytes, and where they are kept.
//!
//! Here live the types that hold plaintext and the traits by which others keep it. Here must not
//! live: a log line, a file, a database, a network, or any way to print or copy a secret.

#![forbid(unsafe_code)]

mod secret;
mod vault;

pub use secret::Secret;
pub use vault::Vault;
