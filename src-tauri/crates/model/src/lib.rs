//! The domain's words, rules and errors.
//!
//! Here live the types that every other crate speaks in, and the rules that need nothing but them.
//! Here must not live: input or output, a clock, an AWS or Tauri type.

#![forbid(unsafe_code)]

mod account;
mod change;
mod connection;
mod error;
mod journal;
mod key;
mod key_arn;
mod key_query;
mod key_view;
mod overview;
mod region;
mod registration;
mod sync;
mod timestamp;

pub use account::{AccountId, Partition};
pub use change::Change;
pub use connection::{
    Connection, ConnectionDraft, ConnectionId, ConnectionKind, ConnectionReport, EndpointUrl,
    Profile, ProfileSignIn, RegionEntry,
};
pub use error::{AppError, Field, Result};
pub use journal::Preference;
pub use key::{
    Alias, ExpirationModel, Key, KeyState, Material, MaterialState, MultiRegion, MultiRegionRole,
    Origin, Reading, Rotation, RotationSummary, Tag,
};
pub use key_arn::KeyArn;
pub use key_query::{
    Combine, EXPIRING_WITHIN_DAYS, Filter, KeyHit, KeyPage, KeyProperty, KeyQuery, KeyView,
    Operator, Scope, Sort, Suggestion,
};
pub use key_view::{KeyDetails, KeyRow, NextAction, Related};
pub use overview::{Overview, ThisComputer, VaultState};
pub use region::Region;
pub use registration::{Registration, RegistrationDraft, RegistrationId};
pub use sync::{
    Refusal, RegionOutcome, RegionProgress, RegionStage, SyncOutcome, SyncProgress, SyncReport,
    Waiting, WaitingFor,
};
pub use timestamp::{Clock, Timestamp};
