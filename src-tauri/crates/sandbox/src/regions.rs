//! The commercial regions of AWS. All of them are enabled in every account of the sandbox.

/// One region.
pub(crate) struct Region {
    pub(crate) name: &'static str,
    /// Whether an account has to opt in before it can use the region.
    pub(crate) opt_in: bool,
}

/// All of them, sorted by name.
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

/// Whether AWS has this region in its commercial partition.
pub(crate) fn exists(name: &str) -> bool {
    REGIONS
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
    }
}
