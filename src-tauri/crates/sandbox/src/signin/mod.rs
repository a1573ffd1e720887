//! The console's sign-in as the `aws login` command uses it: a session lasts half a day and is
//! renewed every quarter of an hour (`CreateOAuth2Token`), by whoever holds its key (`dpop`).
//!
//! Nobody sits at a browser here, so a session is begun by [`Signin::begin`].

mod dpop;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime};

use crate::api::{ApiError, ApiResult};
use crate::iam::caller::{Brought, Identity, SessionFacts};
use crate::iam::{Iam, Session};
use crate::random::Random;
use crate::revision::Revision;

const CREDENTIALS_LIFE: Duration = Duration::minutes(15);
const SESSION_LIFE: Duration = Duration::hours(12);

/// How the command names itself.
const CLIENT_ID: &str = "arn:aws:signin:::devtools/same-device";

pub(crate) struct Signin {
    iam: Arc<Iam>,
    random: Random,
    revision: Revision,
    state: RwLock<State>,
}

/// The sessions that can be renewed.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct State {
    sessions: Vec<Login>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Login {
    account: String,
    user: String,
    refresh_token: String,
    #[serde(with = "rfc3339")]
    ends_at: OffsetDateTime,
    /// The public key that renewed it first; no other may after that.
    key: Option<String>,
}

impl Signin {
    /// Goes on with the sessions that [`Signin::read`] gave.
    pub(crate) fn resumed(state: State, iam: Arc<Iam>, random: Random, revision: Revision) -> Self {
        Self {
            iam,
            random,
            revision,
            state: RwLock::new(state),
        }
    }

    /// Begins a session of an IAM user. The answer is what the command keeps in its cache, except
    /// for the key, which its client makes; `None` if there is no such user.
    pub(crate) fn begin(&self, user_arn: &str, now: OffsetDateTime) -> Option<Value> {
        let login = {
            let state = self.iam.read();
            let (account, user) = state.user_of_arn(user_arn)?;
            Login {
                account: account.to_owned(),
                user: user.name.clone(),
                refresh_token: self.random.id(120),
                ends_at: now + SESSION_LIFE,
                key: None,
            }
        };
        let session = self.credentials(&login, now);
        let answer = json!({
            "accessToken": {
                "accessKeyId": session.key_id,
                "secretAccessKey": session.secret,
                "sessionToken": session.token,
                "accountId": login.account,
                "expiresAt": session.expires_at.format(&Rfc3339).unwrap_or_default(),
            },
            "tokenType": "aws_sigv4",
            "refreshToken": login.refresh_token,
            "clientId": CLIENT_ID,
        });
        let mut state = self.revision.open(&self.state);
        state.sessions.retain(|known| known.ends_at > now);
        state.sessions.push(login);
        Some(answer)
    }

    /// `CreateOAuth2Token`, which needs no signature but a proof of the session's key.
    pub(crate) fn answer(&self, head: &Parts, body: &[u8], now: OffsetDateTime) -> ApiResult {
        let input: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|_| invalid("The request is not a JSON object."))?;
        let text = |name: &str| {
            let value = input.get(name).and_then(Value::as_str);
            value.ok_or_else(|| invalid(&format!("{name} is required.")))
        };
        text("clientId")?;
        if text("grantType")? != "refresh_token" {
            return Err(invalid("The grant type is not supported."));
        }
        let token = text("refreshToken")?;
        let key = dpop::proved_key(head, OffsetDateTime::now_utc())
            .ok_or_else(|| invalid("The DPoP proof is not valid."))?;
        let login = {
            let mut state = self.revision.open(&self.state);
            let of_key = |login: &&mut Login| {
                login.refresh_token == token && login.key.as_ref().is_none_or(|own| *own == key)
            };
            let login = state
                .sessions
                .iter_mut()
                .find(of_key)
                .filter(|login| login.ends_at > now)
                .ok_or_else(expired)?;
            login.key = Some(key);
            login.refresh_token = self.random.id(120);
            login.clone()
        };
        let session = self.credentials(&login, now);
        Ok(json!({
            "accessToken": {
                "accessKeyId": session.key_id,
                "secretAccessKey": session.secret,
                "sessionToken": session.token,
            },
            "tokenType": "aws_sigv4",
            "expiresIn": (session.expires_at - now).whole_seconds(),
            "refreshToken": login.refresh_token,
        }))
    }

    /// The state, to be read.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who has an MFA device has used it at the console.
    fn credentials(&self, login: &Login, now: OffsetDateTime) -> Arc<Session> {
        let has_device = {
            let state = self.iam.read();
            let account = state.accounts.get(&login.account);
            account.is_some_and(|account| account.devices_of(&login.user).next().is_some())
        };
        let identity = Identity::User {
            name: login.user.clone(),
        };
        let facts = SessionFacts {
            issued_at: now,
            mfa_at: has_device.then_some(now),
            policy: None,
            brought: Brought::default(),
        };
        let until = login.ends_at.min(now + CREDENTIALS_LIFE);
        self.iam
            .start_session(&login.account, identity, facts, until)
    }
}

/// How the service names an error beside its code.
pub(crate) fn error_word(code: &str) -> &'static str {
    match code {
        "AccessDeniedException" => "TOKEN_EXPIRED",
        "InternalServerException" => "server_error",
        "TooManyRequestsError" => "rate_exceeded",
        _ => "INVALID_REQUEST",
    }
}

fn expired() -> ApiError {
    ApiError::new("AccessDeniedException", "The session has ended.")
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new("ValidationException", sentence)
}
