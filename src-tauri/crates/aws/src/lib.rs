//! AWS, as OwnKey asks it.
//!
//! Here live the `aws-*` crates, one file per AWS call, the only table from SDK errors to
//! [`AppError`](ownkey_model::AppError), signing in with all that is remembered of it, and the
//! pacing below AWS's quotas. No SDK type leaves this crate. The real SDK always makes the call;
//! what varies is the HTTP client below it: the network, or a function in this process that answers
//! for AWS.

#![forbid(unsafe_code)]

mod asked;
mod calls;
mod config;
mod in_process;
mod kms;
mod network;
mod pacing;
mod session;
mod sign_in;

pub use calls::{
    Answered, CallerIdentity, Decision, Described, ImportParameters, KeyIds, MaterialImport,
    NewKey, Next,
};
pub use in_process::{Answer, InProcess, NoAnswer};
pub use kms::Kms;
pub use session::{Aws, AwsParts, Session};
