//! IAM Identity Center: a role's credentials for the token of whoever signed in in the browser.
//! <https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html>

use aws_config::{
    SdkConfig,
    profile::{Profile, ProfileSet},
};
use aws_credential_types::Credentials;
use aws_sdk_kms::config::Region as SdkRegion;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ownkey_model::{AppError, Partition, Region, Result, SignInId, SignInWay, Timestamp};
use zeroize::Zeroizing;

use super::{
    Asking,
    chain::{Unusable, text},
    device_flow,
    token_cache::{TokenCache, TokenFile},
};
use crate::{asked::Asked, config};

/// A token is renewed so long before its end.
const AHEAD: i64 = 5 * 60;

/// What a client is registered for where the profile says nothing.
const SCOPE: &str = "sso:account:access";

/// A role of an account that Identity Center gives, and who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SsoSource {
    /// The name of the `[sso-session]`, if the profile has one.
    pub(crate) session: Option<String>,
    pub(crate) start_url: String,
    pub(crate) region: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) account: String,
    pub(crate) role: String,
}

impl SsoSource {
    /// What a profile says, or a sentence about what is missing.
    pub(crate) fn read(set: &ProfileSet, profile: &Profile) -> std::result::Result<Self, Unusable> {
        let own = |key: &str| {
            text(profile, key)
                .map(str::to_owned)
                .ok_or_else(|| Unusable::new(format!("The profile has no {key}.")))
        };
        let session = text(profile, "sso_session");
        let (start_url, region, scopes) = match session {
            None => (own("sso_start_url")?, own("sso_region")?, None),
            Some(name) => {
                let section = set.sso_session(name).ok_or_else(|| {
                    Unusable::new(format!(
                        "There is no [sso-session {name}] in the AWS configuration file."
                    ))
                })?;
                let of_session = |key: &str| {
                    section
                        .get(key)
                        .filter(|value| !value.trim().is_empty())
                        .map(str::to_owned)
                        .ok_or_else(|| Unusable::new(format!("[sso-session {name}] has no {key}.")))
                };
                for key in ["sso_start_url", "sso_region"] {
                    if text(profile, key).is_some_and(|other| section.get(key) != Some(other)) {
                        return Err(Unusable::new(format!(
                            "The profile and [sso-session {name}] differ about {key}."
                        )));
                    }
                }
                (
                    of_session("sso_start_url")?,
                    of_session("sso_region")?,
                    of_session("sso_registration_scopes").ok(),
                )
            }
        };
        if Region::parse(&region).is_err() {
            return Err(Unusable::new("The profile's sso_region is no region."));
        }
        Ok(Self {
            session: session.map(str::to_owned),
            start_url,
            region,
            scopes: scopes.map_or_else(
                || vec![SCOPE.to_owned()],
                |scopes| {
                    scopes
                        .split(',')
                        .map(|scope| scope.trim().to_owned())
                        .filter(|scope| !scope.is_empty())
                        .collect()
                },
            ),
            account: own("sso_account_id")?,
            role: own("sso_role_name")?,
        })
    }

    /// What the token is kept under.
    pub(crate) fn identifier(&self) -> &str {
        self.session.as_deref().unwrap_or(&self.start_url)
    }

    /// How Identity Center is asked: it has FIPS endpoints in GovCloud only.
    pub(super) fn settings(&self, config: &SdkConfig) -> SdkConfig {
        let in_gov_cloud = Region::parse(&self.region)
            .is_ok_and(|region| region.partition() == Partition::AwsUsGov);
        let fips = config.use_fips().filter(|_| in_gov_cloud);
        let mut settings = config.to_builder();
        settings.set_use_fips(fips);
        settings.build()
    }

    /// The sign-in that this needs; the same for all roles of the session.
    pub(crate) fn derive_sign_in(&self, config: &SdkConfig) -> SignInId {
        let endpoint = config::endpoint(&self.settings(config), "SSO OIDC", "oidc", &self.region);
        SignInId(format!("sso/{}/{endpoint}", self.identifier()))
    }

    fn needed(&self, asking: &Asking, cause: &str) -> AppError {
        AppError::SignInNeeded {
            sign_in: self.derive_sign_in(&asking.config),
            way: SignInWay::Sso {
                start_url: self.start_url.clone(),
            },
            cause: cause.to_owned(),
        }
    }
}

/// The role's credentials. `SignInNeeded` if nobody is signed in; `SignInFailed` if whoever is may
/// not have the role.
pub(crate) async fn credentials(asking: &Asking, source: &SsoSource) -> Result<Credentials> {
    let token = token(asking, source).await?;
    let config = &source.settings(&asking.config);
    let asked = Asked {
        action: "sso:GetRoleCredentials",
        resource: format!("role {} of account {}", source.role, source.account),
        endpoint: config::endpoint(config, "SSO", "portal.sso", &source.region),
    };
    let settings = aws_sdk_sso::config::Builder::from(config)
        .region(SdkRegion::new(source.region.clone()))
        .build();
    let answer = aws_sdk_sso::Client::from_conf(settings)
        .get_role_credentials()
        .access_token(token.as_str())
        .account_id(&source.account)
        .role_name(&source.role)
        .send()
        .await;
    let given = match answer {
        Ok(answer) => answer.role_credentials,
        Err(error) => {
            let code = error.code().unwrap_or_default().to_owned();
            let cause = error.message().unwrap_or_default().to_owned();
            return Err(match (code.as_str(), asked.refused(error)) {
                ("UnauthorizedException", _) => {
                    source.needed(asking, "AWS no longer takes the sign-in.")
                }
                (
                    "ForbiddenException" | "ResourceNotFoundException",
                    AppError::Aws { request_id, .. },
                )
                | (_, AppError::AccessDenied { request_id, .. }) => AppError::SignInFailed {
                    cause: format!(
                        "AWS does not give {} ({}): {cause}{}",
                        asked.resource,
                        asked.action,
                        request_id.map_or(String::new(), |id| format!(" Request {id}.")),
                    ),
                },
                (_, error) => error,
            });
        }
    };
    let incomplete = || asked.malformed("The answer has no credentials.", None);
    let given = given.ok_or_else(incomplete)?;
    let (Some(id), Some(secret)) = (given.access_key_id, given.secret_access_key) else {
        return Err(incomplete());
    };
    // Milliseconds, as no other of AWS's answers has them.
    let end = Timestamp::from_unix_seconds(given.expiration / 1_000);
    Ok(Credentials::new(
        id,
        secret,
        given.session_token,
        (given.expiration > 0).then(|| super::system_time(end)),
        "sso",
    ))
}

/// The token of whoever signed in, renewed near its end if it can be.
async fn token(asking: &Asking, source: &SsoSource) -> Result<Zeroizing<String>> {
    let cache = asking.token_cache(source.identifier())?;
    // A refresh token is taken once: whoever comes second finds what the first one was given.
    let _turn = asking.memory().requests.turn(source.identifier()).await;
    let file = cache.latest(&asking.memory().unwritten).await?;
    let now = asking.memory().clock.now();
    let left = file
        .time("expiresAt")
        .map_or(0, |end| end.unix_seconds() - now.unix_seconds());
    let held = file
        .text("accessToken")
        .filter(|_| left > 0)
        .map(|token| Zeroizing::new(token.to_owned()));
    match held {
        Some(token) if left > AHEAD => Ok(token),
        held => match (refresh(asking, source, &cache, file, now).await, held) {
            (Ok(Some(token)), _) | (Ok(None) | Err(_), Some(token)) => Ok(token),
            (Ok(None), None) => {
                Err(source.needed(asking, "Nobody is signed in, or the sign-in ran out."))
            }
            (Err(error), None) => Err(error),
        },
    }
}

/// A new token for the refresh token; `None` if there is none or AWS no longer takes it.
async fn refresh(
    asking: &Asking,
    source: &SsoSource,
    cache: &TokenCache,
    file: TokenFile,
    now: Timestamp,
) -> Result<Option<Zeroizing<String>>> {
    let (Some(id), Some(secret), Some(refresh)) = (
        file.text("clientId"),
        file.text("clientSecret"),
        file.text("refreshToken"),
    ) else {
        return Ok(None);
    };
    if file
        .time("registrationExpiresAt")
        .is_none_or(|end| end <= now)
    {
        return Ok(None);
    }
    let oidc = device_flow::client(&asking.config, source);
    let answer = oidc
        .create_token()
        .client_id(id)
        .client_secret(secret)
        .grant_type("refresh_token")
        .refresh_token(refresh)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let asked = device_flow::asked(&asking.config, source, "sso-oauth:CreateToken");
            let refusal = error.as_service_error().is_some_and(|error| {
                !(error.is_internal_server_exception() || error.is_slow_down_exception())
            });
            return if refusal {
                Ok(None)
            } else {
                Err(asked.refused(error))
            };
        }
    };
    Ok(device_flow::keep_token(asking, cache, file, answer, source, now).await)
}
