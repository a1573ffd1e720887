//! IAM Identity Center: a person signs in by the device flow (`oidc`), and the sign-in opens
//! credentials of roles (`portal`). Who may have which role is in `directory`.
//!
//! No request carries a signature: what it asks follows from its path (`wire`).

mod approval;
mod directory;
mod oidc;
mod portal;
pub(crate) mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use http::request::Parts;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

pub use self::approval::Approval;
pub(crate) use self::directory::USER;
pub use self::directory::{SSO_REGION, START_URL};
use crate::api::{ApiError, ApiResult};
use crate::iam::Iam;
use crate::protocol::Ask;
use crate::random::Random;
use crate::revision::{Changing, Revision};
use crate::services::Service;

/// The one instance of Identity Center of a sandbox.
pub(crate) struct Sso {
    iam: Arc<Iam>,
    random: Random,
    revision: Revision,
    state: RwLock<State>,
}

/// Registered clients, device codes that wait, and sign-ins.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct State {
    clients: BTreeMap<String, Client>,
    /// By device code.
    devices: BTreeMap<String, Device>,
    sign_ins: Vec<SignIn>,
}

#[derive(Serialize, Deserialize)]
struct Client {
    secret: String,
    scopes: Vec<String>,
    /// Empty if the client named none, which leaves it all of them.
    grants: Vec<String>,
    #[serde(with = "rfc3339")]
    expires_at: OffsetDateTime,
}

#[derive(Serialize, Deserialize)]
struct Device {
    client: String,
    user_code: String,
    #[serde(with = "rfc3339")]
    expires_at: OffsetDateTime,
    polls: u32,
    #[serde(with = "rfc3339::option")]
    polled_at: Option<OffsetDateTime>,
    /// What was decided about this code alone.
    decision: Option<bool>,
}

/// One access token. A refreshed sign-in has several, of which only the newest can be refreshed.
#[derive(Clone, Serialize, Deserialize)]
struct SignIn {
    id: String,
    client: String,
    access_token: String,
    #[serde(with = "rfc3339")]
    expires_at: OffsetDateTime,
    refresh_token: Option<String>,
    opens_portal: bool,
}

impl Sso {
    /// An instance on which nobody has signed in.
    pub(crate) fn new(
        iam: Arc<Iam>,
        random: Random,
        revision: Revision,
        now: OffsetDateTime,
    ) -> Self {
        Self::resumed(State::default(), iam, random, revision, now)
    }

    /// The instance that [`Sso::read`] gave. The roles of its permission sets are in the accounts,
    /// as Identity Center puts them there.
    pub(crate) fn resumed(
        state: State,
        iam: Arc<Iam>,
        random: Random,
        revision: Revision,
        now: OffsetDateTime,
    ) -> Self {
        directory::provision(&iam, now);
        Self {
            iam,
            random,
            revision,
            state: RwLock::new(state),
        }
    }

    /// Answers one request of either service.
    pub(crate) fn answer(
        &self,
        ask: &Ask,
        head: &Parts,
        body: &[u8],
        approval: Approval,
        now: OffsetDateTime,
    ) -> ApiResult {
        if ask.service == Service::Sso {
            return portal::answer(self, ask, head, now);
        }
        let input = serde_json::from_slice(body)
            .map_err(|_| oidc::invalid_request("The request is not a JSON object."))?;
        oidc::answer(self, &ask.operation, &input, approval, now)
    }

    /// Whether this request brings a token of somebody who is signed in.
    pub(crate) fn is_signed_in(&self, head: &Parts, now: OffsetDateTime) -> bool {
        portal::bearer(&self.read(), head, now).is_ok()
    }

    /// Approves or refuses one device code that still waits; `false` if there is none.
    pub(crate) fn decide(&self, user_code: &str, approve: bool, now: OffsetDateTime) -> bool {
        let mut state = self.write();
        let waits = |device: &Device| device.user_code == user_code && device.expires_at > now;
        let Some(code) = state
            .devices
            .iter()
            .find_map(|(code, device)| waits(device).then(|| code.clone()))
        else {
            return false;
        };
        let device = state.devices.get_mut(&code);
        device
            .map(|device| device.decision = Some(approve))
            .is_some()
    }

    /// The state, to be read.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> Changing<'_, State> {
        self.revision.open(&self.state)
    }
}

/// A refusal of the portal that stands for "sign in again".
fn unauthorized() -> ApiError {
    ApiError::new(
        "UnauthorizedException",
        "Session token not found or invalid",
    )
    .with_status(401)
}
