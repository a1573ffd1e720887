//! What KMS remembers of a custom key store, and how its connection changes as time passes.
//!
//! Nothing connects in truth. A connection that was begun is there (or has failed) as soon as the
//! clock has moved on at all, where AWS takes up to 20 minutes: whoever asks again sees the end, and
//! a clock that stands still shows `CONNECTING`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;
use zeroize::Zeroizing;

use crate::kms::kept;

/// One custom key store; its id is its key in the map.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct CustomKeyStore {
    pub(super) name: Box<str>,
    #[serde(with = "rfc3339")]
    pub(super) created: OffsetDateTime,
    pub(super) backing: Backing,
    pub(super) connection: Connection,
}

/// What the keys are really in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Backing {
    CloudHsm {
        cluster_id: Box<str>,
        trust_anchor: Box<str>,
        user: KmsUser,
    },
    External(Proxy),
}

/// The crypto user `kmsuser` of a cluster. No API makes users: the sandbox takes it that the
/// customer has set the password that `CreateCustomKeyStore` names, as AWS asks them to beforehand.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html>
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KmsUser {
    /// The password in the cluster.
    #[serde(with = "kept::bytes")]
    pub(super) password: Zeroizing<Vec<u8>>,
    /// The one that KMS was told last.
    #[serde(with = "kept::bytes")]
    pub(super) told: Zeroizing<Vec<u8>>,
    /// Logins that failed in a row.
    pub(super) failures: u32,
}

/// How an external key store proxy is reached.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Proxy {
    pub(super) connectivity: Connectivity,
    pub(super) endpoint: Box<str>,
    pub(super) path: Box<str>,
    pub(super) access_key_id: Box<str>,
    #[serde(with = "kept::bytes")]
    pub(super) secret: Zeroizing<Vec<u8>>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Connectivity {
    Public,
    VpcEndpointService { name: Box<str>, owner: Box<str> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Connection {
    Disconnected,
    Connecting {
        #[serde(with = "rfc3339")]
        since: OffsetDateTime,
        /// Why it is going to fail.
        failure: Option<Failure>,
    },
    Connected,
    Failed(Failure),
    Disconnecting {
        #[serde(with = "rfc3339")]
        since: OffsetDateTime,
    },
}

/// Why a connection failed; AWS knows more reasons, which cannot come about here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Failure {
    InvalidCredentials,
    UserLockedOut,
    ClusterNotFound,
    XksProxyNotReachable,
    XksProxyInvalidConfiguration,
}

/// Failed logins after which CloudHSM locks a user out.
const FAILURES_MAX: u32 = 5;

impl CustomKeyStore {
    /// Lets the connection arrive where it was going, if the clock has moved since.
    pub(super) fn settle(&mut self, now: OffsetDateTime) {
        self.connection = match self.connection {
            Connection::Connecting { since, failure } if now > since => {
                failure.map_or(Connection::Connected, Connection::Failed)
            }
            Connection::Disconnecting { since } if now > since => Connection::Disconnected,
            unchanged => unchanged,
        };
    }

    /// Since when the connection is changing.
    pub(super) fn changing_since(&self) -> Option<OffsetDateTime> {
        match self.connection {
            Connection::Connecting { since, .. } | Connection::Disconnecting { since } => {
                Some(since)
            }
            _ => None,
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection == Connection::Connected
    }

    /// Of a CloudHSM key store.
    pub(in crate::kms) fn cluster_id(&self) -> Option<&str> {
        match &self.backing {
            Backing::CloudHsm { cluster_id, .. } => Some(cluster_id),
            Backing::External(_) => None,
        }
    }

    /// Of an external key store.
    pub(super) fn proxy(&self) -> Option<&Proxy> {
        match &self.backing {
            Backing::CloudHsm { .. } => None,
            Backing::External(proxy) => Some(proxy),
        }
    }

    /// AWS's word for the type.
    pub(super) fn kind(&self) -> &'static str {
        match self.backing {
            Backing::CloudHsm { .. } => super::AWS_CLOUDHSM,
            Backing::External(_) => super::EXTERNAL_KEY_STORE,
        }
    }
}

impl KmsUser {
    /// With the password that the customer has just set.
    pub(super) fn new(password: &str) -> Self {
        let password = Zeroizing::new(password.as_bytes().to_vec());
        Self {
            told: password.clone(),
            password,
            failures: 0,
        }
    }

    /// KMS logs in with the password it was told.
    pub(super) fn log_in(&mut self) -> Option<Failure> {
        if self.is_locked_out() {
            return Some(Failure::UserLockedOut);
        }
        if self.told == self.password {
            self.failures = 0;
            return None;
        }
        self.failures += 1;
        Some(Failure::InvalidCredentials)
    }

    /// KMS is told a password, which changes none in the cluster. A user who is locked out gets in
    /// again only with a new password, so the customer is taken to have set this one.
    pub(super) fn tell(&mut self, password: &str) {
        if self.is_locked_out() {
            *self = Self::new(password);
        } else {
            self.told = Zeroizing::new(password.as_bytes().to_vec());
        }
    }

    fn is_locked_out(&self) -> bool {
        self.failures >= FAILURES_MAX
    }
}

impl Connection {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Disconnected => "DISCONNECTED",
            Self::Connecting { .. } => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::Failed(_) => "FAILED",
            Self::Disconnecting { .. } => "DISCONNECTING",
        }
    }
}

impl Failure {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InvalidCredentials => "INVALID_CREDENTIALS",
            Self::UserLockedOut => "USER_LOCKED_OUT",
            Self::ClusterNotFound => "CLUSTER_NOT_FOUND",
            Self::XksProxyNotReachable => "XKS_PROXY_NOT_REACHABLE",
            Self::XksProxyInvalidConfiguration => "XKS_PROXY_INVALID_CONFIGURATION",
        }
    }
}

/// The place of a key in a custom key store.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(in crate::kms) store: Arc<str>,
    /// The key of the external key manager, in an external key store.
    pub(in crate::kms) external_key: Option<Box<str>>,
}
