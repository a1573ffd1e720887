//! What AWS is asked over a connection; how one signs in is in `sign_in`.

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::region::Region as SdkRegion;
use ownkey_material::{Secret, Vault};
use ownkey_model::{
    AccountId, Change, Clock, Connection, ConnectionId, Partition, Profile, Region, Result, Role,
    SignInId, SignInRequest, SignInRequestId, SignInState, Timestamp,
};

use crate::{
    CallerIdentity, Decision, InProcess, Kms, Next,
    asked::Asked,
    calls,
    config::{self, Surroundings},
    in_process, network,
    pacing::{Pacer, Where},
    sign_in::{self, Memory, SignedIn, Ways},
};

/// The way to AWS and to the sandbox; cheap to clone, and to be made once: it holds the credentials
/// and the pacing of the whole program.
#[derive(Clone)]
pub struct Aws {
    pub(crate) ways: Ways,
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
        let surroundings = Surroundings::real();
        let network = network::http_client(&surroundings.env);
        Self::over(parts, network, surroundings)
    }

    /// Over a network, with AWS's settings from there.
    pub(crate) fn over(
        parts: AwsParts,
        network: Result<SharedHttpClient>,
        surroundings: Surroundings,
    ) -> Self {
        Self {
            ways: Ways {
                network,
                sandbox: parts.sandbox.map(in_process::http_client),
                memory: Memory::new(parts.vault, parts.clock, parts.announce, surroundings),
            },
            pacer: Pacer::new(),
        }
    }

    /// The profiles of the AWS configuration files, sorted by name; those that cannot be used say
    /// why.
    pub async fn profiles(&self) -> Result<Vec<Profile>> {
        sign_in::list_profiles(&self.ways.memory.surroundings).await
    }

    /// Signs in over a connection, and to a role over it; from then on the credentials are renewed
    /// before they run out, by whichever call finds them near their end. A session that is there
    /// already is used again.
    ///
    /// May wait for a person to type an MFA code. `SignInNeeded` if somebody has to sign in in the
    /// browser first, `SignInCancelled`, `RoleRefused`, `CredentialProcessFailed`,
    /// `AccessKeyMissing`, `NoCredentials`, the keychain's and AWS's errors.
    pub async fn session(&self, connection: &Connection, role: Option<&Role>) -> Result<Session> {
        let signed_in = self.ways.sign_in(connection, role, None, true).await?;
        Ok(Session::new(signed_in, self.pacer.clone()))
    }

    /// The same, for a connection that is only tried: with a secret that is not kept, and without a
    /// trace in [`Self::sign_in_state`].
    pub async fn try_session(
        &self,
        connection: &Connection,
        role: Option<&Role>,
        secret: Option<Secret>,
    ) -> Result<Session> {
        let signed_in = self.ways.sign_in(connection, role, secret, false).await?;
        Ok(Session::new(signed_in, self.pacer.clone()))
    }
}

/// What a person has to do with signing in.
impl Aws {
    /// How a connection stands.
    pub fn sign_in_state(&self, connection: &ConnectionId) -> SignInState {
        self.ways.memory.state(connection)
    }

    /// Forgets a connection's session, so that the next call signs in anew.
    pub fn forget(&self, connection: &ConnectionId) {
        self.ways.memory.forget(connection);
    }

    /// What a person is asked for now, the oldest first.
    pub fn sign_in_requests(&self) -> Vec<SignInRequest> {
        self.ways.memory.requests.list()
    }

    /// Gives an MFA code to everybody who waits for it, and ends when AWS has judged it. `NotFound`
    /// if nobody waits; `InvalidInput` for what is no code or one that AWS refuses, and the request
    /// stays open.
    pub async fn answer_mfa_request(&self, request: &SignInRequestId, code: Secret) -> Result<()> {
        self.ways.memory.requests.answer(request, code).await
    }

    /// Gives up: whoever waits is told `SignInCancelled`.
    pub fn cancel_sign_in_request(&self, request: &SignInRequestId) {
        self.ways.memory.requests.cancel(request);
    }

    /// Signs in in the browser, for all profiles that share the sign-in; ends when that is done.
    /// `SignInFailed` if the page said no or the time for it ran out; `SignInCancelled`; `NotFound`
    /// for a sign-in that nobody asked for since the program was started.
    pub async fn sign_in(
        &self,
        sign_in: &SignInId,
        open_page: &(dyn Fn(&str) -> Result<()> + Send + Sync),
    ) -> Result<()> {
        self.ways.memory.sign_in(sign_in, open_page).await
    }
}

/// The secrets of access keys, in the keychain beside the id of the key that they belong to.
impl Aws {
    /// Whether the keychain has the secret of the connection's access key.
    pub async fn keeps_access_key(&self, connection: &Connection) -> Result<bool> {
        self.ways.memory.access_keys.keeps(connection).await
    }

    /// Keeps the secret of the connection's access key.
    pub async fn keep_access_key(&self, connection: &Connection, secret: Secret) -> Result<()> {
        self.ways.memory.access_keys.keep(connection, &secret).await
    }

    /// Removes the kept secret, if there is one.
    pub async fn remove_access_key(&self, connection: &Connection) -> Result<()> {
        self.ways.memory.access_keys.remove(connection).await
    }
}

/// Signed in over one connection; cheap to clone.
#[derive(Clone)]
pub struct Session {
    inner: Arc<Inner>,
}

struct Inner {
    signed_in: SignedIn,
    config: SdkConfig,
    pacer: Pacer,
}

impl Session {
    fn new(signed_in: SignedIn, pacer: Pacer) -> Self {
        let inner = Inner {
            config: signed_in.config(),
            signed_in,
            pacer,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Who signs in. `sts:GetCallerIdentity` needs no permission, so a refusal is one of the
    /// credentials.
    pub async fn caller_identity(&self) -> Result<CallerIdentity> {
        let asked = self.asked("STS", "sts:GetCallerIdentity");
        self.paced(&asked, || {
            calls::caller_identity(&self.inner.config, &asked)
        })
        .await
    }

    /// The account's alias. Refused without `iam:ListAccountAliases`.
    pub async fn account_alias(&self) -> Result<Option<String>> {
        let asked = self.asked("IAM", "iam:ListAccountAliases");
        self.paced(&asked, || calls::account_alias(&self.inner.config, &asked))
            .await
    }

    /// The ARNs of all users, sorted. Refused without `iam:ListUsers`; `ListCutShort` if AWS does
    /// not give the whole list.
    pub async fn users(&self) -> Result<Vec<String>> {
        let asked = self.asked("IAM", "iam:ListUsers");
        self.listed(&asked, |marker| {
            calls::users(&self.inner.config, marker, &asked)
        })
        .await
    }

    /// The ARNs of all roles but those that AWS services made for themselves, sorted. Refused
    /// without `iam:ListRoles`; `ListCutShort` if AWS does not give the whole list.
    pub async fn roles(&self) -> Result<Vec<String>> {
        let asked = self.asked("IAM", "iam:ListRoles");
        self.listed(&asked, |marker| {
            calls::roles(&self.inner.config, marker, &asked)
        })
        .await
    }

    /// The regions that the account can use, sorted. Refused without `ec2:DescribeRegions`.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        let asked = self.asked("EC2", "ec2:DescribeRegions");
        self.paced(&asked, || calls::regions(&self.inner.config, &asked))
            .await
    }

    /// The regions that every account of the partition can use, for when AWS may not be asked.
    pub fn likely_regions(&self, partition: Partition) -> Vec<Region> {
        calls::regions_enabled_by_default(partition)
    }

    /// When the sign-in has to be renewed; `None` if it lasts.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.inner.signed_in.expires_at()
    }

    /// The server that is asked instead of AWS, whoever said so.
    pub fn endpoint_url(&self) -> Option<String> {
        config::endpoint_url(&self.inner.config, "KMS")
    }

    /// What IAM says that a user's or role's policies permit on every resource: the actions that IAM
    /// knows, each with its decision. Refused without `iam:SimulatePrincipalPolicy`.
    pub async fn simulate(
        &self,
        principal: &str,
        actions: &[&str],
    ) -> Result<Vec<(String, Decision)>> {
        let asked = Asked {
            resource: principal.to_owned(),
            ..self.asked("IAM", "iam:SimulatePrincipalPolicy")
        };
        self.listed(&asked, |marker| {
            calls::simulate(&self.inner.config, principal, actions, marker, &asked)
        })
        .await
    }

    /// The ARN of a role of the account by its name, with its path. Refused without `iam:GetRole`.
    pub async fn role_arn(&self, name: &str) -> Result<String> {
        let asked = Asked {
            resource: name.to_owned(),
            ..self.asked("IAM", "iam:GetRole")
        };
        self.paced(&asked, || calls::role_arn(&self.inner.config, name, &asked))
            .await
    }

    /// KMS in one region of the account.
    pub fn kms(&self, account: &AccountId, region: &Region) -> Kms {
        let config = aws_sdk_kms::config::Builder::from(&self.inner.config)
            .region(SdkRegion::new(region.as_str().to_owned()))
            .build();
        Kms::new(
            aws_sdk_kms::Client::from_conf(config),
            self.inner.signed_in.clone(),
            self.inner.pacer.clone(),
            Where {
                endpoint: self.endpoint_url().unwrap_or_else(|| "aws".into()),
                account: account.as_str().to_owned(),
                region: region.as_str().to_owned(),
            },
            config::endpoint(&self.inner.config, "KMS", "kms", region.as_str()),
        )
    }

    /// All pages of a list, sorted.
    async fn listed<T: Ord, F: Future<Output = Result<(Vec<T>, Next)>>>(
        &self,
        asked: &Asked,
        page: impl Fn(Option<String>) -> F,
    ) -> Result<Vec<T>> {
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
            account: self.inner.signed_in.lane(),
            region: config::region(&self.inner.config).to_owned(),
        };
        let signed_in = &self.inner.signed_in;
        signed_in
            .paced(&self.inner.pacer, &at, asked.action, request)
            .await
    }

    fn asked(&self, service_id: &str, action: &'static str) -> Asked {
        let settings = &self.inner.config;
        let host = service_id.to_ascii_lowercase();
        Asked {
            action,
            resource: "*".into(),
            endpoint: config::endpoint(settings, service_id, &host, config::region(settings)),
        }
    }
}
