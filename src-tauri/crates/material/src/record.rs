//! Sealed material and its label, and where both lie.

use ownkey_model::{KeySpec, MaterialId, Result, SourceTier, Timestamp};

use crate::CryptoFailure;
use crate::crypto::fill_randomly;

/// A new name for a material, 128 random bits.
pub fn make_material_id() -> std::result::Result<MaterialId, CryptoFailure> {
    let mut bytes = [0; 16];
    fill_randomly(&mut bytes)?;
    let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    MaterialId::parse(&text).ok_or(CryptoFailure)
}

/// What stands beside sealed bytes in clear. The seal covers it: with any part changed, the bytes
/// do not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLabel {
    /// The material's name.
    pub id: MaterialId,
    /// What kind of key it is for.
    pub spec: KeySpec,
    /// Where it comes from.
    pub tier: SourceTier,
    /// When it was sealed.
    pub created_at: Timestamp,
}

/// Sealed material. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// What it is.
    pub label: RecordLabel,
    /// Version, nonce, ciphertext and tag.
    pub sealed: Vec<u8>,
}

/// Where sealed records lie.
pub trait SealedRecords: Send + Sync {
    /// Keeps a new record; when this returns, a crash does not lose it. An id that is taken is
    /// refused, whatever the bytes. Only restoring puts one in the place of another, which had become
    /// unreadable, and says so.
    fn put(&self, record: &SealedRecord) -> Result<()>;

    /// The record of an id, or nothing if there is none.
    fn fetch(&self, id: &MaterialId) -> Result<Option<SealedRecord>>;

    /// Every record, in the order of creation.
    fn list(&self) -> Result<Vec<SealedRecord>>;

    /// Removes a record. That there is none is no error.
    fn remove(&self, id: &MaterialId) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_names_are_alike() {
        let (one, two) = (make_material_id(), make_material_id());
        assert_ne!(one, two);
        assert_eq!(one.expect("random bytes").as_str().len(), 32);
    }
}
