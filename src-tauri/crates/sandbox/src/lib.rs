//! AWS in memory on the wire level: an `http::Request` goes in, the `http::Response` that AWS
//! would give comes out.
//!
//! The sandbox knows no other crate of OwnKey and nothing of the AWS SDK, so that no mistake is
//! shared by both sides. It is used in process (below the SDK, in place of the network) and on
//! loopback ([`serve`], the `ownkey-sandbox` program). Its whole state can be kept and gone on with
//! ([`Sandbox::state`], [`Sandbox::resume`]), and calls can be made to fail ([`Sandbox::inject`]).
//! What a service does lives in its own
//! module; this file is the outside of it all.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod account;
mod analyzer;
mod api;
mod authenticate;
mod body_limits;
mod calls;
mod clock;
mod cloudhsm;
mod cloudtrail;
mod cloudwatch;
mod control;
mod dispatch;
mod ec2;
mod encoding;
mod faults;
mod iam;
mod kms;
mod lines;
mod logs;
mod neighbours;
mod options;
mod organizations;
mod protocol;
mod query;
mod quotas;
mod random;
mod regions;
mod revision;
mod s3;
mod seed;
pub mod serve;
mod services;
mod signin;
mod sigv4;
mod sso;
mod state;
mod state_file;
mod sts;
mod tagging;
#[cfg(test)]
mod tests;
mod xml;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;
use zeroize::Zeroizing;

pub use calls::RecordedCall;
pub use faults::{Fault, FaultKind};
pub use iam::company::{AUDITOR_KEY_ID, EXTERNAL_ID, MFA_USER_KEY_ID};
pub use iam::mfa::{MFA_SECRET, mfa_code};
pub use options::{
    ACCESS_KEY_ID, Options, SECRET_ACCESS_KEY, Seed, SeedRegion, UnknownRegion, UnknownSeed,
};
pub use sso::{Approval, SSO_REGION, START_URL};
pub use state::StateRefused;
pub use state_file::{StateFile, StateFileError};

/// A simulated AWS. Clones share one state.
#[derive(Clone)]
pub struct Sandbox(Arc<dispatch::World>);

/// The connection ended without an answer, as an injected fault asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the connection ended without an answer")
    }
}

impl std::error::Error for Dropped {}

impl Sandbox {
    /// Builds the state that `options` describe.
    pub fn new(options: Options) -> Self {
        Self(Arc::new(dispatch::World::new(options)))
    }

    /// Goes on with a [`Sandbox::state`]. What `options` say about the clock and the randomness
    /// counts again after a reset, and so does the seed; faults, the call list and what
    /// [`Sandbox::approve_sign_ins`] said are not kept.
    pub fn resume(options: Options, state: &[u8]) -> Result<Self, StateRefused> {
        Ok(Self(Arc::new(dispatch::World::resumed(options, state)?)))
    }

    /// Everything that AWS would remember: keys with their material, aliases, tags, policies,
    /// users, roles, credentials, sessions, sign-ins, the clock. In clear, and wiped when dropped. What was
    /// handed out before (ciphertexts, import tokens, session tokens) stays good for a sandbox that
    /// goes on with it.
    pub fn state(&self) -> Zeroizing<Vec<u8>> {
        self.0.state()
    }

    /// Grows when the state changes (now and then also when it does not). Read it *before*
    /// [`Sandbox::state`], and keep the state whenever it is larger than it was for the last state
    /// that was kept: after [`Sandbox::handle`] and before its answer, or its [`Dropped`], is given
    /// out, no answer is ever forgotten.
    pub fn revision(&self) -> u64 {
        self.0.revision()
    }

    /// Answers one request as AWS would. The control paths (`/_sandbox/…`) answer here too.
    pub async fn handle(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Dropped> {
        self.0.handle(request).await
    }

    /// The sandbox's present.
    pub fn now(&self) -> OffsetDateTime {
        self.0.now()
    }

    /// Moves the clock forwards and answers the new time. Signatures are still judged by real
    /// time; keys, tokens and sessions grow older.
    pub fn advance(&self, by: Duration) -> OffsetDateTime {
        self.0.advance(by)
    }

    /// Adds a fault to those in force. See [`FaultKind`] for what happens to the call, and
    /// [`Fault::nth`] for which call it is.
    pub fn inject(&self, fault: Fault) {
        self.0.inject(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.0.clear_faults();
    }

    /// How device codes of Identity Center are answered from now on, until a reset. At first they
    /// are approved at once.
    pub fn approve_sign_ins(&self, approval: Approval) {
        self.0.approve_sign_ins(approval);
    }

    /// Approves or refuses one device code that still waits, by the code that the person sees;
    /// `false` if there is none.
    pub fn decide_sign_in(&self, user_code: &str, approve: bool) -> bool {
        self.0.decide_sign_in(user_code, approve)
    }

    /// Begins a session of `aws login` for an IAM user; `None` if there is no such user. The answer
    /// is what that command writes into its cache, as JSON, without the members `dpopKey`, which the
    /// client makes, and `idToken`.
    pub fn begin_login(&self, user_arn: &str) -> Option<Zeroizing<String>> {
        self.0
            .begin_login(user_arn)
            .map(|begun| Zeroizing::new(begun.to_string()))
    }

    /// The latest calls (at most 100,000), oldest first.
    pub fn calls(&self) -> Vec<RecordedCall> {
        self.0.calls()
    }

    /// Forgets the calls.
    pub fn clear_calls(&self) {
        self.0.clear_calls();
    }

    /// Back to the seed: state, clock, faults, call list.
    pub fn reset(&self) {
        self.0.reset();
    }
}
