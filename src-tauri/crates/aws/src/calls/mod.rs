//! One file per AWS call: what is sent, and what the answer means in the domain's words.

mod account_alias;
mod caller_identity;
mod describe_key;
mod key_policy;
mod list_aliases;
mod list_keys;
mod materials;
mod regions;
mod rotation;
mod tags;

pub(crate) use account_alias::account_alias;
pub use caller_identity::CallerIdentity;
pub(crate) use caller_identity::caller_identity;
pub use describe_key::Described;
pub(crate) use describe_key::describe_key;
pub(crate) use key_policy::key_policy;
pub(crate) use list_aliases::list_aliases;
pub use list_keys::KeyIds;
pub(crate) use list_keys::list_keys;
pub(crate) use materials::materials;
pub(crate) use regions::{regions, regions_enabled_by_default};
pub(crate) use rotation::rotation;
pub(crate) use tags::tags;

use aws_smithy_types::DateTime;
use ownkey_model::Timestamp;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// At the beginning.
    Start,
    /// From this marker.
    Marker(String),
    /// Nowhere: the list is complete.
    End,
    /// The server says that there is more and gives no way to ask for it, or leads in a circle.
    /// What came so far is not everything.
    CutShort,
}

impl Next {
    fn of(truncated: bool, marker: Option<String>) -> Self {
        match (truncated, marker.filter(|marker| !marker.is_empty())) {
            (false, _) => Self::End,
            (true, Some(marker)) => Self::Marker(marker),
            (true, None) => Self::CutShort,
        }
    }

    /// What to send for the next page; `None` if there is none to ask for.
    pub fn marker(&self) -> Option<Option<String>> {
        match self {
            Self::Start => Some(None),
            Self::Marker(marker) => Some(Some(marker.clone())),
            Self::End | Self::CutShort => None,
        }
    }

    /// The same, unless it leads back to where it came from: such a list would never end.
    pub fn after(self, sent: Option<&str>) -> Self {
        match &self {
            Self::Marker(marker) if Some(marker.as_str()) == sent => Self::CutShort,
            _ => self,
        }
    }
}

fn timestamp(at: &DateTime) -> Timestamp {
    Timestamp::from_unix_seconds(at.secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_truncated_without_a_marker_is_cut_short_and_ends() {
        assert_eq!(Next::of(true, None).marker(), None);
        assert_eq!(Next::of(true, Some(String::new())), Next::CutShort);
        assert_eq!(Next::of(false, Some("ignored".into())), Next::End);
    }

    #[test]
    fn a_marker_that_repeats_ends_the_list() {
        let next = Next::of(true, Some("a".into()));
        assert_eq!(next.clone().after(None), next);
        assert_eq!(next.after(Some("a")), Next::CutShort);
    }
}
