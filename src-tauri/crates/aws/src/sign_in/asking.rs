//! On whose behalf AWS is asked for credentials, and where.

use std::{path::PathBuf, sync::Arc};

use aws_config::{SdkConfig, provider_config::ProviderConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_runtime::fs_util::{Os, home_dir};
use ownkey_model::{AppError, Connection, ConnectionKind, Result};

use super::{Memory, token_cache::TokenCache};
use crate::{asked::Asked, config};

/// Where the credentials of one connection are asked for, and for whom.
pub(crate) struct Asking {
    memory: Arc<Memory>,
    /// Without credentials.
    pub(crate) config: SdkConfig,
    /// Who asks, for the words of an error: a profile or a connection, by name.
    pub(crate) from: String,
    /// The connection's name; empty if it is only tried.
    pub(crate) connection: String,
    /// The server that the connection names in place of AWS, and the `aws` command knows nothing of.
    elsewhere: Option<String>,
}

impl Asking {
    pub(crate) fn new(
        memory: Arc<Memory>,
        config: SdkConfig,
        connection: &Connection,
        is_kept: bool,
    ) -> Self {
        Self {
            memory,
            config,
            from: match &connection.kind {
                ConnectionKind::Profile { profile } => profile.clone(),
                ConnectionKind::Sandbox | ConnectionKind::AccessKey { .. } => {
                    connection.name.clone()
                }
            },
            connection: if is_kept {
                connection.name.clone()
            } else {
                String::new()
            },
            elsewhere: connection
                .endpoint_url
                .as_ref()
                .map(|url| url.as_str().to_owned()),
        }
    }

    pub(crate) fn memory(&self) -> &Arc<Memory> {
        &self.memory
    }

    /// STS with the given credentials, or with none.
    pub(crate) fn sts(&self, caller: Option<&Credentials>) -> aws_sdk_sts::Client {
        let mut settings = aws_sdk_sts::config::Builder::from(&self.config);
        settings.set_credentials_provider(
            caller.map(|caller| SharedCredentialsProvider::new(caller.clone())),
        );
        aws_sdk_sts::Client::from_conf(settings.build())
    }

    /// Whether STS itself refuses credentials, in the connection's own region. No answer is no
    /// refusal.
    pub(crate) async fn are_refused(&self, credentials: &Credentials) -> bool {
        let asked = self.asked_sts("sts:GetCallerIdentity", "*");
        let sts = self.sts(Some(credentials));
        let outcome = sts.get_caller_identity().send().await;
        let refusal = outcome.map_err(|error| asked.refused(error)).err();
        matches!(
            refusal,
            Some(AppError::CredentialsRefused { .. } | AppError::CredentialsExpired { .. })
        )
    }

    pub(crate) fn asked_sts(&self, action: &'static str, resource: &str) -> Asked {
        Asked {
            action,
            resource: resource.to_owned(),
            endpoint: config::endpoint(&self.config, "STS", "sts", config::region(&self.config)),
        }
    }

    /// The same for the credentials that the SDK itself fetches.
    pub(crate) fn provider_config(&self) -> ProviderConfig {
        let mut settings = ProviderConfig::without_region()
            .with_region(self.config.region().cloned())
            .with_use_fips(self.config.use_fips())
            .with_use_dual_stack(self.config.use_dual_stack());
        if let Some(client) = self.config.http_client() {
            settings = settings.with_http_client(client);
        }
        if let Some(timeouts) = self.config.timeout_config() {
            settings = settings.with_timeout_config(timeouts.clone());
        }
        settings
    }

    /// Where the tokens of an Identity Center session are kept.
    pub(crate) fn token_cache(&self, identifier: &str) -> Result<TokenCache> {
        let home = home_dir(&self.memory.surroundings.env, Os::real()).ok_or_else(|| {
            AppError::FileFailed {
                path: "~/.aws/sso/cache".into(),
                cause: "There is no home folder.".into(),
            }
        })?;
        Ok(TokenCache::new(
            &PathBuf::from(home),
            identifier,
            self.elsewhere.as_deref(),
        ))
    }
}
