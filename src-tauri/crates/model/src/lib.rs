//! The domain's words, rules and errors.
//!
//! Here live the types that every other crate speaks in, and the rules that need nothing but them.
//! Here must not live: input or output, a clock, an AWS or Tauri type.

#![forbid(unsafe_code)]

mod account;
mod change;
mod connection;
mod connection_report;
mod error;
mod journal;
mod key;
mod key_arn;
mod key_policy;
mod key_query;
mod key_spec;
mod key_view;
mod operation;
mod overview;
mod permissions;
mod profile;
mod region;
mod registration;
mod role;
mod sealed_text;
mod sign_in;
mod stored_material;
mod sync;
mod timestamp;
mod upload;

pub use account::{AccountId, Partition};
pub use change::Change;
pub use connection::{
    Connection, ConnectionDraft, ConnectionEntry, ConnectionId, ConnectionKind,
    ConnectionKindDraft, EndpointUrl,
};
pub use connection_report::{ConnectionReport, RegionEntry};
pub use error::{
    AppError, BackupProblem, Field, FileProblem, PossibleReading, ProcessProblem, Result,
};
pub use journal::Preference;
pub use key::{
    Alias, ExpirationModel, Key, KeyState, Material, MaterialState, MultiRegion, MultiRegionRole,
    Origin, Reading, Rotation, RotationSummary, Tag,
};
pub use key_arn::KeyArn;
pub use key_policy::{
    BasicPolicy, KeyPolicy, LONGEST_POLICY, PolicyDraft, PolicyMode, PolicyScope, default_policy,
};
pub use key_query::{
    Combine, EXPIRING_WITHIN_DAYS, Filter, KeyHit, KeyPage, KeyProperty, KeyQuery, KeyView,
    Operator, Scope, Sort, Suggestion,
};
pub use key_spec::{KeySpec, KeyUsage};
pub use key_view::{KeyDetails, KeyRow, NextAction, Related};
pub use operation::{
    ImportType, KeyBefore, Operation, OperationId, OperationKind, OperationPage, OperationQuery,
    OperationState, OperationStep, Plan, PlanNote, PlannedStep, Proof, Step, StepOutcome,
    StepState, UndoOffer,
};
pub use overview::{Overview, ThisComputer, VaultState};
pub use permissions::{
    Ability, Feature, KnownBy, NotSimulated, Permission, PermissionReport, Verdict,
};
pub use profile::{Profile, ProfileSignIn};
pub use region::Region;
pub use registration::{
    KeysIn, Registration, RegistrationChange, RegistrationDetails, RegistrationDraft,
    RegistrationId, RegistrationPage, RegistrationQuery, parse_regions,
};
pub use role::{AccessKeyId, MfaSerial, Role, RoleArn, RoleDraft};
pub use sealed_text::{EnvelopeKey, SealedText};
pub use sign_in::{SignInId, SignInRequest, SignInRequestId, SignInState, SignInWay, Wanted};
pub use stored_material::{
    BackupFile, BackupSettings, MaterialId, MaterialOrigin, MaterialPlace, SourceTier,
    StoredMaterial,
};
pub use sync::{
    Refusal, RegionOutcome, RegionProgress, RegionStage, SyncOutcome, SyncProgress, SyncReport,
    Waiting, WaitingFor,
};
pub use timestamp::{Clock, Timestamp};
pub use upload::{
    AliasName, Expiry, FileReading, ImportDraft, ImportOffer, MaterialCheck, MaterialChoice,
    OPERATION_TAG, PickedFile, Principals, Upload, UploadDraft, UploadPart, parse_tags,
};
