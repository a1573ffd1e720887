//! What the person at the browser does, which nobody sits at here.

use serde::{Deserialize, Serialize};

/// How device codes are answered. It is looked at when a client asks for its token, so a change
/// also counts for the codes that wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// The first question for the token is answered with it.
    #[default]
    AtOnce,
    /// The code waits until it expires, unless it is decided alone.
    Never,
    /// The person says no.
    Deny,
    /// So many questions are told to wait before the token is given out.
    AfterPolls(u32),
}

impl Approval {
    /// The decision after so many questions; `None` if the person is still thinking.
    pub(super) fn after(self, polls: u32) -> Option<bool> {
        match self {
            Self::AtOnce => Some(true),
            Self::Never => None,
            Self::Deny => Some(false),
            Self::AfterPolls(wanted) => (polls >= wanted).then_some(true),
        }
    }
}
