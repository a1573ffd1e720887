//! What the cryptographic library is asked for everywhere: random bytes, and its one failure.

/// The cryptographic library failed, or the operating system gave it no random bytes. Not foreseen:
/// nothing that a user brings leads here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic library failed")]
pub struct CryptoFailure;

pub(crate) fn fill_randomly(bytes: &mut [u8]) -> Result<(), CryptoFailure> {
    aws_lc_rs::rand::fill(bytes).map_err(|_| CryptoFailure)
}
