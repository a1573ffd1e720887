//! AWS regions.

use serde::{Deserialize, Serialize};

use crate::{AppError, Field, Partition};

/// An AWS region's code, such as `eu-central-1`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type,
)]
#[serde(try_from = "String", into = "String")]
#[specta(transparent)]
pub struct Region(String);

impl Region {
    /// Accepts lower-case letters, digits and hyphens, 3 to 32 characters: the form of every
    /// region's code, known today or not. The text becomes part of a host name, hence the care.
    pub fn parse(text: &str) -> crate::Result<Self> {
        let well_formed = (3..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(AppError::invalid(
                Field::Region,
                "A region looks like eu-central-1.",
            ))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition the region belongs to, by its prefix.
    pub fn partition(&self) -> Partition {
        if self.0.starts_with("cn-") {
            Partition::AwsCn
        } else if self.0.starts_with("us-gov-") {
            Partition::AwsUsGov
        } else {
            Partition::Aws
        }
    }
}

impl std::fmt::Display for Region {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Region {
    type Error = AppError;

    fn try_from(text: String) -> crate::Result<Self> {
        Self::parse(&text)
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_host_name_label_and_nothing_else() {
        for good in [
            "eu-central-1",
            "us-gov-west-1",
            "cn-north-1",
            "ap-southeast-7",
        ] {
            assert!(Region::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "e",
            "EU-central-1",
            "eu central",
            "eu.central",
            "evil.example/",
            "-eu-1",
            "eu-1-",
        ] {
            assert!(Region::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_prefix_names_the_partition() {
        let partition = |text| Region::parse(text).map(|region| region.partition());
        assert_eq!(partition("us-gov-east-1"), Ok(Partition::AwsUsGov));
        assert_eq!(partition("cn-northwest-1"), Ok(Partition::AwsCn));
        assert_eq!(partition("sa-east-1"), Ok(Partition::Aws));
    }
}
