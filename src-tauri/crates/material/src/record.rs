//! Sealed material and its label, and where both lie.

use ownkey_model::{Result, Timestamp};

use crate::crypto::fill_randomly;
use crate::{CryptoFailure, KeySpec};

/// The name of one material in the local store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MaterialId(String);

impl MaterialId {
    /// A new one, 128 random bits.
    pub fn make() -> std::result::Result<Self, CryptoFailure> {
        let mut bytes = [0; 16];
        fill_randomly(&mut bytes)?;
        Ok(Self(
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ))
    }

    /// Accepts 1 to 64 lower-case letters, digits and hyphens: a backup's file is named by it.
    pub fn parse(text: &str) -> Option<Self> {
        let well_formed = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        well_formed.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MaterialId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceTier {
    /// Made or brought here.
    Local,
    /// A Luna HSM.
    HsmLuna,
    /// A KMIP server.
    Dsm,
}

impl SourceTier {
    const ALL: [Self; 3] = [Self::Local, Self::HsmLuna, Self::Dsm];

    /// The word, as CipherTrust spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::HsmLuna => "hsm-luna",
            Self::Dsm => "dsm",
        }
    }

    /// From the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
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
    /// refused, whatever the bytes: a record is never replaced.
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
    fn an_id_is_fit_for_a_file_name_and_no_two_are_alike() {
        let (one, two) = (MaterialId::make(), MaterialId::make());
        assert_ne!(one, two);
        let one = one.expect("random bytes");
        assert_eq!(one.as_str().len(), 32);
        assert_eq!(MaterialId::parse(one.as_str()), Some(one));
        let long = "a".repeat(65);
        for bad in ["", "../x", "A", "a b", "a.b", "é", long.as_str()] {
            assert_eq!(MaterialId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_tiers_word_leads_back_to_it() {
        for tier in SourceTier::ALL {
            assert_eq!(SourceTier::parse(tier.as_str()), Some(tier));
        }
    }
}
