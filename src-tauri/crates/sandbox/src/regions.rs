//! The regions of AWS by partition. All regions of an account's partition are enabled in it.

use serde::{Deserialize, Serialize};

/// A part of AWS with accounts, regions and credentials of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Partition {
    #[default]
    Commercial,
    GovCloud,
    China,
}

/// One region.
pub(crate) struct Region {
    pub(crate) name: &'static str,
    /// Whether an account has to opt in before it can use the region.
    pub(crate) opt_in: bool,
}

impl Partition {
    /// Its word in an ARN.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Commercial => "aws",
            Self::GovCloud => "aws-us-gov",
            Self::China => "aws-cn",
        }
    }

    /// The partition to which a region of this name belongs, or would belong.
    pub(crate) fn of(region: &str) -> Self {
        if region.starts_with("cn-") {
            Self::China
        } else if region.starts_with("us-gov-") {
            Self::GovCloud
        } else {
            Self::Commercial
        }
    }

    /// Its regions, sorted by name.
    pub(crate) fn regions(self) -> &'static [Region] {
        match self {
            Self::Commercial => REGIONS,
            Self::GovCloud => GOVCLOUD,
            Self::China => CHINA,
        }
    }

    /// The end of the host names of its services.
    pub(crate) fn domain(self) -> &'static str {
        match self {
            Self::Commercial | Self::GovCloud => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
        }
    }
}

/// Those of the commercial partition.
pub(crate) const REGIONS: &[Region] = &[
    opt_in("af-south-1"),
    opt_in("ap-east-1"),
    opt_in("ap-east-2"),
    default("ap-northeast-1"),
    default("ap-northeast-2"),
    default("ap-northeast-3"),
    default("ap-south-1"),
    opt_in("ap-south-2"),
    default("ap-southeast-1"),
    default("ap-southeast-2"),
    opt_in("ap-southeast-3"),
    opt_in("ap-southeast-4"),
    opt_in("ap-southeast-5"),
    opt_in("ap-southeast-6"),
    opt_in("ap-southeast-7"),
    default("ca-central-1"),
    opt_in("ca-west-1"),
    default("eu-central-1"),
    opt_in("eu-central-2"),
    default("eu-north-1"),
    opt_in("eu-south-1"),
    opt_in("eu-south-2"),
    default("eu-west-1"),
    default("eu-west-2"),
    default("eu-west-3"),
    opt_in("il-central-1"),
    opt_in("me-central-1"),
    opt_in("me-south-1"),
    opt_in("mx-central-1"),
    default("sa-east-1"),
    default("us-east-1"),
    default("us-east-2"),
    default("us-west-1"),
    default("us-west-2"),
];

const GOVCLOUD: &[Region] = &[default("us-gov-east-1"), default("us-gov-west-1")];

const CHINA: &[Region] = &[default("cn-north-1"), default("cn-northwest-1")];

/// Whether AWS has this region.
pub(crate) fn exists(name: &str) -> bool {
    Partition::of(name)
        .regions()
        .binary_search_by(|region| region.name.cmp(name))
        .is_ok()
}

const fn default(name: &'static str) -> Region {
    Region {
        name,
        opt_in: false,
    }
}

const fn opt_in(name: &'static str) -> Region {
    Region { name, opt_in: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_and_complete() {
        assert!(REGIONS.is_sorted_by(|left, right| left.name < right.name));
        assert_eq!(REGIONS.len(), 34);
        assert_eq!(REGIONS.iter().filter(|region| !region.opt_in).count(), 17);
        assert!(exists("eu-central-1") && !exists("eu-central-9"));
        assert!(exists("cn-northwest-1") && exists("us-gov-east-1") && !exists("us-gov-east-2"));
        for partition in [Partition::Commercial, Partition::GovCloud, Partition::China] {
            let regions = partition.regions();
            assert!(regions.is_sorted_by(|left, right| left.name < right.name));
            assert!(
                regions
                    .iter()
                    .all(|region| Partition::of(region.name) == partition)
            );
        }
    }
}
