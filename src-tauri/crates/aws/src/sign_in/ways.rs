//! From a connection to what has to be done to sign in over it.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use ownkey_material::Secret;
use ownkey_model::{AppError, Connection, ConnectionKind, Field, Result, Role};

use super::{
    Asking, Browsed, Chain, Memory, SignedIn, access_key, chain,
    link::{AssumedRole, Step, links},
    profiles,
};
use crate::config;

/// The ways to AWS and to the sandbox, and what is remembered of who went them; cheap to clone.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(crate) network: Result<SharedHttpClient>,
    pub(crate) sandbox: Option<SharedHttpClient>,
    pub(crate) memory: Arc<Memory>,
}

impl Ways {
    /// Signs in over a connection, and to a role over it. One that `is_kept` shows how it stands.
    pub(crate) async fn sign_in(
        &self,
        connection: &Connection,
        role: Option<&Role>,
        secret: Option<Secret>,
        is_kept: bool,
    ) -> Result<SignedIn> {
        let (steps, config) = match self.steps(connection, secret).await {
            Ok(found) => found,
            Err(error) => {
                if is_kept {
                    let nothing = Chain {
                        links: Vec::new(),
                        own: 0,
                        sign_in: None,
                    };
                    self.memory.failed(&connection.id, &nothing, &error);
                }
                return Err(error);
            }
        };
        let asking = Arc::new(Asking::new(
            Arc::clone(&self.memory),
            config,
            connection,
            is_kept,
        ));
        let chain = chain_of(steps, connection, role, &asking);
        let signed_in = SignedIn::new(asking, connection.clone(), role.cloned(), is_kept, chain);
        signed_in.credentials().await?;
        Ok(signed_in)
    }

    async fn steps(
        &self,
        connection: &Connection,
        secret: Option<Secret>,
    ) -> Result<(Vec<Step>, SdkConfig)> {
        match &connection.kind {
            ConnectionKind::Sandbox => {
                let sandbox = self.sandbox.clone().ok_or_else(|| {
                    AppError::invalid(Field::Connection, "This program has no sandbox.")
                })?;
                let credentials = Credentials::new("test", "test", None, None, "sandbox");
                Ok((
                    vec![Step::Static(credentials)],
                    config::of_sandbox(connection, sandbox),
                ))
            }
            ConnectionKind::AccessKey {
                access_key_id,
                mfa_serial,
            } => {
                let credentials = match secret {
                    Some(secret) => access_key::credentials(access_key_id, secret.expose())?,
                    None => {
                        let keys = &self.memory.access_keys;
                        keys.credentials(connection, access_key_id).await?
                    }
                };
                let mut steps = vec![Step::Static(credentials)];
                steps.extend(mfa_serial.as_ref().map(|serial| Step::MfaSession {
                    serial: serial.as_str().to_owned(),
                }));
                let surroundings = &self.memory.surroundings;
                let config =
                    config::of_network(connection, None, self.network.clone()?, surroundings)
                        .await?;
                Ok((steps, config))
            }
            ConnectionKind::Profile { profile } => {
                let surroundings = &self.memory.surroundings;
                let profiles = profiles::read(surroundings).await?;
                let steps = of_profile(&profiles, profile, connection)?;
                let region = profiles.region(profile)?;
                let config = config::of_network(
                    connection,
                    Some((profile, region.as_ref())),
                    self.network.clone()?,
                    surroundings,
                )
                .await?;
                Ok((steps, config))
            }
        }
    }
}

/// The steps of a profile's own chain.
pub(super) fn of_profile(
    profiles: &chain::Profiles,
    profile: &str,
    connection: &Connection,
) -> Result<Vec<Step>> {
    let plan = chain::plan(profiles, profile, &session_name(connection)).map_err(|problem| {
        AppError::NoCredentials {
            profile: profile.to_owned(),
            cause: problem.sentence,
        }
    })?;
    let mut steps = vec![plan.base];
    steps.extend(plan.mfa_serial.map(|serial| Step::MfaSession { serial }));
    steps.extend(plan.roles.into_iter().map(Step::Role));
    Ok(steps)
}

/// The whole chain: the connection's own steps, its role, and the role that is assumed over it.
pub(super) fn chain_of(
    mut steps: Vec<Step>,
    connection: &Connection,
    role: Option<&Role>,
    asking: &Arc<Asking>,
) -> Arc<Chain> {
    let assumed = |role: &Role| {
        Step::Role(AssumedRole {
            arn: role.arn.as_str().to_owned(),
            external_id: role.external_id.clone(),
            session_name: session_name(connection),
            seconds: None,
            mfa_serial: None,
        })
    };
    steps.extend(connection.role.as_ref().map(assumed));
    let own = steps.len();
    steps.extend(role.map(assumed));
    let browsed = match steps.first() {
        Some(Step::Sso(source)) => Some((
            source.derive_sign_in(&asking.config),
            Browsed::Sso(source.clone()),
        )),
        Some(Step::Login(source)) => {
            Some((source.derive_sign_in(), Browsed::Login(source.clone())))
        }
        _ => None,
    };
    let sign_in = browsed.as_ref().map(|(id, _)| id.clone());
    if let Some((id, with)) = browsed {
        asking.memory().may_sign_in(id, asking, with);
    }
    let at = config::endpoint_url(&asking.config, "STS").unwrap_or_else(|| "aws".into());
    Arc::new(Chain {
        links: links(steps, &at),
        own,
        sign_in,
    })
}

/// What CloudTrail shows of a role's session: the connection's name, in the letters that STS takes.
fn session_name(connection: &Connection) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) {
            c
        } else {
            '-'
        }
    };
    format!("ownkey-{}", connection.name)
        .chars()
        .map(letter)
        .take(64)
        .collect()
}
