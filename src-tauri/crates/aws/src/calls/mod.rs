//! One file per AWS call: what is sent, and what the answer means in the domain's words.
//!
//! A call that changes something is sent once: whether it is sent again after a lost answer is
//! decided where the journal is.

mod account_alias;
mod alias_target;
mod caller_identity;
mod create_alias;
mod create_key;
mod delete_alias;
mod delete_material;
mod describe_key;
mod generate_mac;
mod import_material;
mod import_parameters;
mod key_policy;
mod list_aliases;
mod list_keys;
mod materials;
mod public_key;
mod regions;
mod role_arn;
mod roles;
mod rotation;
mod schedule_key_deletion;
mod simulate;
mod tag_key;
mod tags;
mod untag_key;
mod users;

pub(crate) use account_alias::account_alias;
pub(crate) use alias_target::alias_target;
pub use caller_identity::CallerIdentity;
pub(crate) use caller_identity::caller_identity;
pub(crate) use create_alias::create_alias;
pub use create_key::NewKey;
pub(crate) use create_key::create_key;
pub(crate) use delete_alias::delete_alias;
pub(crate) use delete_material::delete_material;
pub use describe_key::Described;
pub(crate) use describe_key::describe_key;
pub(crate) use generate_mac::generate_mac;
pub use import_material::MaterialImport;
pub(crate) use import_material::import_material;
pub use import_parameters::ImportParameters;
pub(crate) use import_parameters::import_parameters;
pub(crate) use key_policy::key_policy;
pub(crate) use list_aliases::list_aliases;
pub use list_keys::KeyIds;
pub(crate) use list_keys::list_keys;
pub(crate) use materials::materials;
pub(crate) use public_key::public_key;
pub(crate) use regions::{regions, regions_enabled_by_default};
pub(crate) use role_arn::role_arn;
pub(crate) use roles::roles;
pub(crate) use rotation::rotation;
pub(crate) use schedule_key_deletion::schedule_key_deletion;
pub use simulate::Decision;
pub(crate) use simulate::simulate;
pub(crate) use tag_key::tag_key;
pub(crate) use tags::tags;
pub(crate) use untag_key::untag_key;
pub(crate) use users::users;

use aws_sdk_kms::{config::retry::RetryConfig, types};
use aws_smithy_types::DateTime;
use ownkey_model::{AppError, Result, Tag, Timestamp};

/// An answer, with AWS's id of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered<T> {
    /// What AWS said.
    pub value: T,
    /// AWS's id of the request, by which AWS's support and CloudTrail find it.
    pub request_id: Option<String>,
}

impl Answered<()> {
    fn nothing(request_id: Option<&str>) -> Self {
        Self {
            value: (),
            request_id: request_id.map(str::to_owned),
        }
    }
}

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

/// Part of a list is not shown as the list.
pub(crate) fn whole<T>(list: Vec<T>, ended: &Next) -> Result<Vec<T>> {
    if *ended == Next::CutShort {
        Err(AppError::ListCutShort)
    } else {
        Ok(list)
    }
}

/// The SDK must not repeat what may have been done.
fn once() -> aws_sdk_kms::config::Builder {
    aws_sdk_kms::config::Builder::default().retry_config(RetryConfig::disabled())
}

fn tag(tag: &Tag) -> types::Tag {
    types::Tag::builder()
        .tag_key(&tag.key)
        .tag_value(&tag.value)
        .build()
        .expect("both parts are given")
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
