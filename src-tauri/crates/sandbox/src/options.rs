//! How a sandbox is set up.

use std::str::FromStr;
use std::time::Duration;

use time::OffsetDateTime;

use crate::regions::{self, Partition};

/// The access key id of the administrator in the first account of every seed.
pub const ACCESS_KEY_ID: &str = "test";

/// The secret of [`ACCESS_KEY_ID`], and of every 12-digit access key id.
pub const SECRET_ACCESS_KEY: &str = "test";

/// What the sandbox contains at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seed {
    /// One account, 000000000000, without keys.
    Empty,
    /// A company: accounts 111111111111 and 222222222222 with some sixty keys in six regions, and
    /// a handful of keys each in 555555555555 (AWS GovCloud) and 666666666666 (China Regions).
    #[default]
    Company,
    /// Account 000000000000 with this many keys in one region.
    Keys(u32),
}

impl Seed {
    /// The account that [`ACCESS_KEY_ID`] belongs to.
    pub fn first_account(&self) -> &'static str {
        match self {
            Self::Empty | Self::Keys(_) => "000000000000",
            Self::Company => "111111111111",
        }
    }
}

/// A word that names no seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownSeed;

impl std::fmt::Display for UnknownSeed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("expected `empty`, `company` or a number of keys")
    }
}

impl std::error::Error for UnknownSeed {}

impl FromStr for Seed {
    type Err = UnknownSeed;

    fn from_str(word: &str) -> Result<Self, UnknownSeed> {
        match word {
            "empty" => Ok(Self::Empty),
            "company" => Ok(Self::Company),
            number => number.parse().map(Self::Keys).map_err(|_| UnknownSeed),
        }
    }
}

/// A region of AWS's commercial partition, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedRegion(String);

impl SeedRegion {
    pub(crate) fn name(&self) -> &str {
        &self.0
    }
}

/// A word that names no region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRegion;

impl std::fmt::Display for UnknownRegion {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("expected a region such as `eu-west-1`")
    }
}

impl std::error::Error for UnknownRegion {}

impl FromStr for SeedRegion {
    type Err = UnknownRegion;

    fn from_str(word: &str) -> Result<Self, UnknownRegion> {
        // Its account is a commercial one.
        if regions::exists(word) && Partition::of(word) == Partition::Commercial {
            Ok(Self(word.to_owned()))
        } else {
            Err(UnknownRegion)
        }
    }
}

/// The set-up of one [`Sandbox`](crate::Sandbox).
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What it contains at the start and after a reset.
    pub seed: Seed,
    /// The regions that each get a number of keys; us-east-1 if none is named.
    pub seed_regions: Vec<SeedRegion>,
    /// How long every answer takes at least.
    pub latency: Duration,
    /// Whether KMS's default request quotas hold.
    pub quotas: bool,
    /// Where the clock starts; the real time if left out.
    pub clock: Option<OffsetDateTime>,
    /// Makes ids and secrets repeatable; the operating system's randomness if left out.
    pub randomness: Option<u64>,
    /// How late changes in KMS are seen, in real time: keys, aliases and replicas that were just made
    /// are not found at first, and policies, tags and key states are the old ones. `Creating`,
    /// `Updating` and a rotation on demand end at the same time, and can be watched for the second
    /// half of it. Zero, the default, for a KMS that is consistent at once.
    pub consistency: Duration,
    /// Where AWS's documentation is unsettled, or the sandbox is kinder than it, the stricter reading:
    ///
    /// - `GetParametersForImport` refuses `RSA_AES_KEY_WRAP_SHA_1` and `RSA_AES_KEY_WRAP_SHA_256` for
    ///   keys for symmetric encryption and HMAC keys. AWS documents these algorithms for RSA and ECC
    ///   material, and does not say that others are refused.
    /// - `Decrypt` and `ReEncrypt` refuse `DryRunModifiers` without `DryRun`, where they have no
    ///   meaning.
    /// - An account can have 100,000 keys in a region, and `CreateKey` and `ReplicateKey` refuse more.
    ///
    /// Some of what is unsettled is strict always: `ImportKeyMaterial` needs `PendingImport` or
    /// `Enabled`, as its own text says, though the table of key states allows `Disabled`;
    /// `GetKeyRotationStatus` refuses keys with imported material, as that table says. And some of
    /// what AWS offers is refused in either case, as where AWS does not offer it: `Recipient`, SM2,
    /// ML-KEM, `EXTERNAL_MU`, `ED25519_PH_SHA_512`, and imported Ed25519 and ML-DSA material.
    pub strict: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_by_name_or_number() {
        assert_eq!("empty".parse(), Ok(Seed::Empty));
        assert_eq!("company".parse(), Ok(Seed::Company));
        assert_eq!("20000".parse(), Ok(Seed::Keys(20_000)));
        assert_eq!("many".parse::<Seed>(), Err(UnknownSeed));
        assert_eq!("-1".parse::<Seed>(), Err(UnknownSeed));
        assert!("eu-west-1".parse::<SeedRegion>().is_ok());
        assert_eq!("nowhere".parse::<SeedRegion>(), Err(UnknownRegion));
    }
}
