//! Signing in to Identity Center in the browser: the device flow.
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_StartDeviceAuthorization.html>

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_kms::config::Region as SdkRegion;
use aws_sdk_ssooidc::{
    error::SdkError,
    operation::{
        create_token::{CreateTokenError, CreateTokenOutput},
        start_device_authorization::StartDeviceAuthorizationError,
    },
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use ownkey_model::{AppError, Result, Timestamp, Wanted};
use zeroize::Zeroizing;

use super::{
    Asking,
    sso::SsoSource,
    token_cache::{TokenCache, TokenFile},
};
use crate::{asked::Asked, config};

/// The name under which people see the program in their sign-in page.
const CLIENT_NAME: &str = "OwnKey";

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How much longer AWS wants to be left alone if it was asked too often.
const SLOWER: Duration = Duration::from_secs(5);

/// Asks a person to sign in, waits for it, and keeps the token.
pub(crate) async fn sign_in(
    asking: &Asking,
    source: &SsoSource,
    open_page: &(dyn Fn(&str) -> Result<()> + Send + Sync),
) -> Result<()> {
    let oidc = client(&asking.config, source);
    let cache = asking.token_cache(source.identifier())?;
    let now = asking.memory().clock.now();
    let asked = asked(&asking.config, source, "sso-oauth:StartDeviceAuthorization");
    let start = async |file: &TokenFile| {
        let (id, secret) = client_of(file);
        oidc.start_device_authorization()
            .client_id(id)
            .client_secret(secret.as_str())
            .start_url(&source.start_url)
            .send()
            .await
    };
    let (mut file, is_new) = registered(asking, source, &oidc, &cache, now).await?;
    let mut started = start(&file).await;
    let is_unknown = |error: &SdkError<StartDeviceAuthorizationError, HttpResponse>| {
        error
            .as_service_error()
            .is_some_and(StartDeviceAuthorizationError::is_invalid_client_exception)
    };
    if !is_new && started.as_ref().is_err_and(is_unknown) {
        register(asking, source, &oidc, &cache, &mut file, now).await?;
        started = start(&file).await;
    }
    let started = started.map_err(|error| asked.refused(error))?;
    let (id, secret) = client_of(&file);
    let (Some(device), Some(code)) = (started.device_code, started.user_code) else {
        return Err(asked.malformed("The answer has no code.", None));
    };
    let device = Zeroizing::new(device);
    let url = started
        .verification_uri_complete
        .or(started.verification_uri)
        .filter(|url| may_be_opened(url))
        .ok_or_else(|| failed("The address of the sign-in page is not one to be opened."))?;
    let life = Duration::from_secs(u64::try_from(started.expires_in).unwrap_or(600));
    let mut pause = Duration::from_secs(u64::try_from(started.interval).unwrap_or(5).max(1));

    let mut shown = asking.memory().requests.publish(
        &asking.connection,
        Wanted::Browser {
            url: url.clone(),
            user_code: code,
            expires_at: now.plus(life),
        },
    );
    if let Err(error) = open_page(&url) {
        // The page's address is shown: it can be opened by hand.
        tracing::warn!(%error, "the browser was not opened");
    }
    let approved = async {
        loop {
            tokio::time::sleep(pause).await;
            let answer = oidc
                .create_token()
                .client_id(&id)
                .client_secret(secret.as_str())
                .grant_type(DEVICE_CODE)
                .device_code(device.as_str())
                .send()
                .await;
            let error = match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(CreateTokenError::AuthorizationPendingException(_)) => {}
                Some(CreateTokenError::SlowDownException(_)) => pause += SLOWER,
                Some(CreateTokenError::ExpiredTokenException(_)) => return Err(ran_out()),
                Some(CreateTokenError::AccessDeniedException(_)) => {
                    return Err(failed("The sign-in was refused in the browser."));
                }
                // AWS is unwell, which says nothing about the code.
                _ if error
                    .raw_response()
                    .is_some_and(|answer| answer.status().is_server_error()) => {}
                _ => {
                    let asked = self::asked(&asking.config, source, "sso-oauth:CreateToken");
                    match asked.refused(error) {
                        // No answer is no refusal: the code's life ends the asking.
                        AppError::EndpointUnreachable { .. } | AppError::Throttled { .. } => {}
                        error => return Err(error),
                    }
                }
            }
        }
    };
    let token = tokio::select! {
        outcome = tokio::time::timeout(life, approved) => outcome.unwrap_or_else(|_| Err(ran_out())),
        () = shown.cancelled() => Err(AppError::SignInCancelled),
    }?;
    drop(shown);
    let now = asking.memory().clock.now();
    keep_token(asking, &cache, file, token, source, now)
        .await
        .map(drop)
        .ok_or_else(|| asked.malformed("The answer has no token.", None))
}

/// Whether an address that a server gave may be given to the browser.
fn may_be_opened(url: &str) -> bool {
    let Ok(url) = url.parse::<http::Uri>() else {
        return false;
    };
    let here = ["localhost", "127.0.0.1", "[::1]"];
    match url.scheme_str() {
        Some("https") => url.host().is_some(),
        Some("http") => url.host().is_some_and(|host| here.contains(&host)),
        _ => false,
    }
}

/// The token file with a client, and whether it was registered just now.
async fn registered(
    asking: &Asking,
    source: &SsoSource,
    oidc: &aws_sdk_ssooidc::Client,
    cache: &TokenCache,
    now: Timestamp,
) -> Result<(TokenFile, bool)> {
    let mut file = cache.read().await?;
    let lasts = file
        .time("registrationExpiresAt")
        .is_some_and(|end| end > now.plus(Duration::from_secs(60 * 60)));
    if lasts && file.text("clientId").is_some() && file.text("clientSecret").is_some() {
        return Ok((file, false));
    }
    register(asking, source, oidc, cache, &mut file, now).await?;
    Ok((file, true))
}

/// Registers a client and writes it down: AWS counts registrations, and this sign-in may end early.
async fn register(
    asking: &Asking,
    source: &SsoSource,
    oidc: &aws_sdk_ssooidc::Client,
    cache: &TokenCache,
    file: &mut TokenFile,
    now: Timestamp,
) -> Result<()> {
    let asked = asked(&asking.config, source, "sso-oauth:RegisterClient");
    let answer = oidc
        .register_client()
        .client_name(CLIENT_NAME)
        .client_type("public")
        .set_scopes(Some(source.scopes.clone()))
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    let (Some(id), Some(secret)) = (answer.client_id, answer.client_secret.map(Zeroizing::new))
    else {
        return Err(asked.malformed("The answer has no client.", None));
    };
    let end = Timestamp::from_unix_seconds(answer.client_secret_expires_at).to_string();
    file.set("clientId", Some(&id));
    file.set("clientSecret", Some(&secret));
    file.set("registrationExpiresAt", Some(&end));
    // It was given to the client of before.
    file.set("refreshToken", None);
    if file.text("accessToken").is_none() {
        // Whoever else reads the file sees that there is no token in it any more.
        file.set("startUrl", Some(&source.start_url));
        file.set("region", Some(&source.region));
        file.set("expiresAt", Some(&now.to_string()));
    }
    if let Err(error) = cache.write(file).await {
        tracing::warn!(%error, "the registration of a client was not written down");
    }
    Ok(())
}

/// Keeps a token that AWS gave, for the `aws` command too; `None` if there is none in the answer. One
/// that cannot be written is good all the same.
pub(super) async fn keep_token(
    asking: &Asking,
    cache: &TokenCache,
    mut file: TokenFile,
    answer: CreateTokenOutput,
    source: &SsoSource,
    now: Timestamp,
) -> Option<Zeroizing<String>> {
    let token = answer.access_token.map(Zeroizing::new)?;
    let life = u64::try_from(answer.expires_in).unwrap_or_default();
    let end = now.plus(Duration::from_secs(life)).to_string();
    file.set("startUrl", Some(&source.start_url));
    file.set("region", Some(&source.region));
    file.set("accessToken", Some(&token));
    file.set("expiresAt", Some(&end));
    if let Some(refresh) = answer.refresh_token.map(Zeroizing::new) {
        file.set("refreshToken", Some(&refresh));
    }
    cache.keep(file, &asking.memory().unwritten).await;
    Some(token)
}

/// Identity Center's sign-in in the region of the source.
pub(super) fn client(config: &SdkConfig, source: &SsoSource) -> aws_sdk_ssooidc::Client {
    let settings = aws_sdk_ssooidc::config::Builder::from(&source.settings(config))
        .region(SdkRegion::new(source.region.clone()))
        .build();
    aws_sdk_ssooidc::Client::from_conf(settings)
}

pub(super) fn asked(config: &SdkConfig, source: &SsoSource, action: &'static str) -> Asked {
    Asked {
        action,
        resource: source.start_url.clone(),
        endpoint: config::endpoint(&source.settings(config), "SSO OIDC", "oidc", &source.region),
    }
}

fn client_of(file: &TokenFile) -> (String, Zeroizing<String>) {
    let text = |field| file.text(field).unwrap_or_default().to_owned();
    (text("clientId"), Zeroizing::new(text("clientSecret")))
}

fn ran_out() -> AppError {
    failed("The time for signing in has run out.")
}

fn failed(cause: &str) -> AppError {
    AppError::SignInFailed {
        cause: cause.to_owned(),
    }
}
