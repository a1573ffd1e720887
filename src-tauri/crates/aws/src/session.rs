//! Signing in over a connection.

use std::{sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, SdkConfig, profile::ProfileFileCredentialsProvider, timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_kms::config::retry::RetryConfig;
use aws_smithy_async::{
    rt::sleep::{SharedAsyncSleep, TokioSleep},
    time::SystemTimeSource,
};
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region as SdkRegion;
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    AccountId, AppError, Change, Clock, Connection, ConnectionId, ConnectionKind, Field, Partition,
    Profile, Region, Result, Role, SignInId, SignInRequest, SignInRequestId, SignInState,
    Timestamp,
};

use crate::{
    CallerIdentity, InProcess, Kms, Next,
    asked::Asked,
    calls, in_process,
    pacing::{Pacer, Where},
    profiles,
};

/// The way to AWS and to the sandbox; cheap to clone, and to be made once: it holds the pacing of
/// the whole program.
#[derive(Clone)]
pub struct Aws {
    network: SharedHttpClient,
    sandbox: Option<SharedHttpClient>,
    pacer: Pacer,
}

/// What [`Aws`] is given from outside.
pub struct AwsParts {
    /// A sandbox that answers in this process, if there is one.
    pub sandbox: Option<InProcess>,
    /// Where the secrets of access keys lie.
    pub vault: Arc<dyn Vault>,
    /// When sessions run out.
    pub clock: Arc<dyn Clock>,
    /// Told when a person is asked for something, and when a connection signs in or fails to.
    pub announce: Arc<dyn Fn(Change) + Send + Sync>,
}

impl Aws {
    /// Nothing is asked yet.
    pub fn new(parts: AwsParts) -> Self {
        let sandbox = parts.sandbox;
        Self {
            network: aws_smithy_http_client::Builder::new()
                .tls_provider(tls::Provider::Rustls(
                    tls::rustls_provider::CryptoMode::AwsLc,
                ))
                .build_https(),
            sandbox: sandbox.map(in_process::http_client),
            pacer: Pacer::new(),
        }
    }

    /// The profiles of the AWS configuration files, sorted by name.
    pub async fn profiles(&self) -> Result<Vec<Profile>> {
        profiles::list().await
    }

    /// Signs in over a connection, and to a role over it; from then on the credentials are renewed
    /// before they run out, by whichever call finds them near their end. A session that is there
    /// already is used again.
    ///
    /// May wait for a person to type an MFA code. `SignInNeeded` if somebody has to sign in in the
    /// browser first, `SignInCancelled`, `RoleRefused`, `CredentialProcessFailed`,
    /// `AccessKeyMissing`, `NoCredentials`, the keychain's and AWS's errors.
    pub async fn session(&self, connection: &Connection, role: Option<&Role>) -> Result<Session> {
        self.try_session(connection, role, None).await
    }

    /// The same, for a connection that is only tried: with a secret that is not kept, and without a
    /// trace in [`Self::sign_in_state`].
    pub async fn try_session(
        &self,
        connection: &Connection,
        role: Option<&Role>,
        secret: Option<Secret>,
    ) -> Result<Session> {
        if role.is_some() || secret.is_some() {
            todo!()
        }
        let config = match &connection.kind {
            ConnectionKind::Sandbox => {
                let sandbox = self.sandbox.clone().ok_or_else(|| {
                    AppError::invalid(Field::Connection, "This program has no sandbox.")
                })?;
                SdkConfig::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .http_client(sandbox)
                    .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
                    .time_source(SystemTimeSource::new())
                    .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                        "test", "test", None, None, "sandbox",
                    )))
                    .region(region_of(connection, None))
                    .endpoint_url("http://sandbox.invalid")
                    .retry_config(retries())
                    .timeout_config(timeouts())
                    .build()
            }
            ConnectionKind::AccessKey { .. } => todo!(),
            ConnectionKind::Profile { profile } => {
                let known = profiles::find(profile).await?;
                let mut loader = aws_config::defaults(BehaviorVersion::latest())
                    .http_client(self.network.clone())
                    .profile_name(profile)
                    // Else keys in the environment would win over the profile that was chosen.
                    .credentials_provider(
                        ProfileFileCredentialsProvider::builder()
                            .profile_name(profile)
                            .build(),
                    )
                    .region(region_of(connection, known.region.as_deref()))
                    .retry_config(retries())
                    .timeout_config(timeouts());
                if let Some(url) = &connection.endpoint_url {
                    loader = loader.endpoint_url(url.as_str());
                }
                loader.load().await
            }
        };
        Ok(Session {
            inner: Arc::new(Inner {
                profile: match &connection.kind {
                    ConnectionKind::Sandbox | ConnectionKind::AccessKey { .. } => None,
                    ConnectionKind::Profile { profile } => Some(profile.clone()),
                },
                config,
                pacer: self.pacer.clone(),
            }),
        })
    }
}

/// What a person has to do with signing in.
impl Aws {
    /// How a connection stands.
    pub fn sign_in_state(&self, connection: &ConnectionId) -> SignInState {
        todo!("{connection:?}")
    }

    /// Forgets a connection's session, so that the next call signs in anew.
    pub fn forget(&self, connection: &ConnectionId) {
        todo!("{connection:?}")
    }

    /// What a person is asked for now, the oldest first.
    pub fn sign_in_requests(&self) -> Vec<SignInRequest> {
        todo!()
    }

    /// Gives an MFA code to everybody who waits for it. `NotFound` if nobody does.
    pub fn answer_mfa_request(&self, request: &SignInRequestId, code: Secret) -> Result<()> {
        todo!("{request:?} {}", code.expose().len())
    }

    /// Gives up: whoever waits is told `SignInCancelled`.
    pub fn cancel_sign_in_request(&self, request: &SignInRequestId) {
        todo!("{request:?}")
    }

    /// Signs in in the browser, for all profiles that share the sign-in; ends when that is done.
    /// `SignInFailed` if the page said no or the time for it ran out; `NotFound` for a sign-in that
    /// nobody asked for since the program was started.
    pub async fn sign_in(
        &self,
        sign_in: &SignInId,
        open_page: &(dyn Fn(&str) -> Result<()> + Send + Sync),
    ) -> Result<()> {
        open_page(&sign_in.0)
    }
}

/// The secrets of access keys, in the keychain beside the id of the key that they belong to.
impl Aws {
    /// Whether the keychain has the secret of the connection's access key.
    pub async fn keeps_access_key(&self, connection: &Connection) -> Result<bool> {
        todo!("{connection:?}")
    }

    /// Keeps the secret of the connection's access key.
    pub async fn keep_access_key(&self, connection: &Connection, secret: Secret) -> Result<()> {
        todo!("{connection:?} {}", secret.expose().len())
    }

    /// Removes the kept secret unless it is that of the connection's access key.
    pub async fn drop_other_access_key(&self, connection: &Connection) -> Result<()> {
        todo!("{connection:?}")
    }

    /// Removes the kept secret, if there is one.
    pub async fn remove_access_key(&self, connection: &Connection) -> Result<()> {
        todo!("{connection:?}")
    }
}

/// Signed in over one connection; cheap to clone.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    profile: Option<String>,
    config: SdkConfig,
    pacer: Pacer,
}

impl Session {
    /// Who signs in. `sts:GetCallerIdentity` needs no permission, so a refusal is one of the
    /// credentials.
    pub async fn caller_identity(&self) -> Result<CallerIdentity> {
        let asked = self.asked("sts", "sts:GetCallerIdentity");
        self.paced(&asked, || {
            calls::caller_identity(&self.inner.config, &asked)
        })
        .await
        .map_err(|error| self.name_profile(error))
    }

    /// The account's alias. Refused without `iam:ListAccountAliases`.
    pub async fn account_alias(&self) -> Result<Option<String>> {
        let asked = self.asked("iam", "iam:ListAccountAliases");
        self.paced(&asked, || calls::account_alias(&self.inner.config, &asked))
            .await
    }

    /// The ARNs of all users, sorted. Refused without `iam:ListUsers`; `ListCutShort` if AWS does
    /// not give the whole list.
    pub async fn users(&self) -> Result<Vec<String>> {
        let asked = self.asked("iam", "iam:ListUsers");
        self.listed(&asked, |marker| {
            calls::users(&self.inner.config, marker, &asked)
        })
        .await
    }

    /// The ARNs of all roles but those that AWS services made for themselves, sorted. Refused
    /// without `iam:ListRoles`; `ListCutShort` if AWS does not give the whole list.
    pub async fn roles(&self) -> Result<Vec<String>> {
        let asked = self.asked("iam", "iam:ListRoles");
        self.listed(&asked, |marker| {
            calls::roles(&self.inner.config, marker, &asked)
        })
        .await
    }

    /// The regions that the account can use, sorted. Refused without `ec2:DescribeRegions`.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        let asked = self.asked("ec2", "ec2:DescribeRegions");
        self.paced(&asked, || calls::regions(&self.inner.config, &asked))
            .await
    }

    /// The regions that every account of the partition can use, for when AWS may not be asked.
    pub fn likely_regions(&self, partition: Partition) -> Vec<Region> {
        calls::regions_enabled_by_default(partition)
    }

    /// When the sign-in has to be renewed; `None` if it lasts.
    pub fn expires_at(&self) -> Option<Timestamp> {
        None
    }

    /// The server that is asked instead of AWS, whoever said so.
    pub fn endpoint_url(&self) -> Option<String> {
        self.inner.config.endpoint_url().map(str::to_owned)
    }

    /// What IAM says that a user's or role's policies permit on every resource: the actions in their
    /// order, each with whether it is allowed. Refused without `iam:SimulatePrincipalPolicy`.
    pub async fn simulate(&self, principal: &str, actions: &[&str]) -> Result<Vec<(String, bool)>> {
        todo!("{principal} {actions:?}")
    }

    /// The ARN of a role of the account by its name, with its path. Refused without `iam:GetRole`.
    pub async fn role_arn(&self, name: &str) -> Result<String> {
        todo!("{name}")
    }

    /// KMS in one region of the account.
    pub fn kms(&self, account: &AccountId, region: &Region) -> Kms {
        let config = aws_sdk_kms::config::Builder::from(&self.inner.config)
            .region(SdkRegion::new(region.as_str().to_owned()))
            .build();
        Kms::new(
            aws_sdk_kms::Client::from_conf(config),
            self.inner.pacer.clone(),
            Where {
                endpoint: self.inner.config.endpoint_url().unwrap_or("aws").to_owned(),
                account: account.as_str().to_owned(),
                region: region.as_str().to_owned(),
            },
            self.endpoint_of("kms", region.as_str(), region.partition()),
        )
    }

    /// All pages of a list, sorted.
    async fn listed<F: Future<Output = Result<(Vec<String>, Next)>>>(
        &self,
        asked: &Asked,
        page: impl Fn(Option<String>) -> F,
    ) -> Result<Vec<String>> {
        let mut list = Vec::new();
        let mut next = Next::Start;
        while let Some(marker) = next.marker() {
            let (some, following) = self.paced(asked, || page(marker.clone())).await?;
            list.extend(some);
            next = following.after(marker.as_deref());
        }
        list.sort();
        calls::whole(list, &next)
    }

    async fn paced<T, F: Future<Output = Result<T>>>(
        &self,
        asked: &Asked,
        request: impl FnMut() -> F,
    ) -> Result<T> {
        // The account is not known before the first answer: whoever signs in alike shares the lane.
        let at = Where {
            endpoint: asked.endpoint.clone(),
            account: self.inner.profile.clone().unwrap_or_default(),
            region: self.region().to_owned(),
        };
        self.inner.pacer.patiently(&at, asked.action, request).await
    }

    fn region(&self) -> &str {
        self.inner
            .config
            .region()
            .map_or("us-east-1", |region| region.as_ref())
    }

    fn asked(&self, service: &str, action: &'static str) -> Asked {
        let region = self.region();
        let partition = Region::parse(region).map_or(Partition::Aws, |region| region.partition());
        Asked {
            action,
            resource: "*".into(),
            endpoint: self.endpoint_of(service, region, partition),
        }
    }

    fn endpoint_of(&self, service: &str, region: &str, partition: Partition) -> String {
        match self.inner.config.endpoint_url() {
            Some(url) => url
                .split("://")
                .last()
                .unwrap_or(url)
                .trim_end_matches('/')
                .to_owned(),
            None => format!("{service}.{region}.{}", partition.dns_suffix()),
        }
    }

    fn name_profile(&self, error: AppError) -> AppError {
        match (error, &self.inner.profile) {
            (AppError::NoCredentials { cause, .. }, Some(profile)) => AppError::NoCredentials {
                profile: profile.clone(),
                cause,
            },
            (error, _) => error,
        }
    }
}

fn region_of(connection: &Connection, of_profile: Option<&str>) -> SdkRegion {
    let region = connection
        .region
        .as_ref()
        .map(Region::as_str)
        .or(of_profile);
    SdkRegion::new(region.unwrap_or("us-east-1").to_owned())
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build()
}
