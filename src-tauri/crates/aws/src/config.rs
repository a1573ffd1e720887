//! How the SDK is set up for one connection: where it asks, over which network, how patiently.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_kms::config::{IdentityCache, retry::RetryConfig};
use aws_smithy_async::{
    rt::sleep::{SharedAsyncSleep, TokioSleep},
    time::SystemTimeSource,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::{
    os_shim_internal::{Env, Fs},
    region::Region as SdkRegion,
    service_config::ServiceConfigKey,
};
use ownkey_model::{AppError, Connection, Partition, Region, Result};

/// Nothing answers there: the sandbox is asked in this process.
const SANDBOX_URL: &str = "http://sandbox.invalid";

/// Where AWS's own settings come from.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// The environment's variables.
    pub(crate) env: Env,
    /// The configuration files, both.
    pub(crate) files: EnvConfigFiles,
    /// The credentials file alone: the `aws` command prefers its access keys to a program, and a
    /// program to access keys in the other file.
    pub(crate) credentials_file: EnvConfigFiles,
    /// How files are read.
    pub(crate) fs: Fs,
}

impl Surroundings {
    /// Those that the `aws` command has.
    pub(crate) fn real() -> Self {
        Self {
            env: Env::real(),
            files: EnvConfigFiles::default(),
            credentials_file: EnvConfigFiles::builder()
                .include_default_credentials_file(true)
                .build(),
            fs: Fs::real(),
        }
    }
}

/// For the sandbox in this process.
pub(crate) fn of_sandbox(connection: &Connection, sandbox: SharedHttpClient) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(sandbox)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SystemTimeSource::new())
        .identity_cache(IdentityCache::no_cache())
        .region(region_of(connection, None, None))
        .endpoint_url(SANDBOX_URL)
        .retry_config(retries())
        .timeout_config(timeouts())
        .build()
}

/// For the network, with what AWS's environment variables and the profile say about endpoints and the
/// region. The connection's own words win, then the environment's. `NoCredentials` if the environment
/// names a region that is none.
pub(crate) async fn of_network(
    connection: &Connection,
    profile: Option<(&str, Option<&Region>)>,
    network: SharedHttpClient,
    surroundings: &Surroundings,
) -> Result<SdkConfig> {
    let of_environment = match &connection.region {
        Some(_) => None,
        None => region_of_environment(&surroundings.env)?,
    };
    let files = match profile {
        Some(_) => surroundings.files.clone(),
        // No file is read: an access key has nothing to do with any profile.
        None => EnvConfigFiles::builder()
            .with_contents(aws_runtime::env_config::file::EnvConfigFileKind::Config, "")
            .build(),
    };
    let (name, region) = profile.unwrap_or(("default", None));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(network)
        .profile_files(files)
        .profile_name(name)
        .no_credentials()
        .identity_cache(IdentityCache::no_cache())
        .region(region_of(connection, of_environment.as_ref(), region))
        .retry_config(retries())
        .timeout_config(timeouts());
    if let Some(url) = &connection.endpoint_url {
        loader = loader.endpoint_url(url.as_str()).use_fips(false);
    } else if connection.fips {
        loader = loader.use_fips(true);
    }
    Ok(loader.load().await)
}

/// The server that answers for one of AWS's services, by the service's id, if it is not AWS.
pub(crate) fn endpoint_url(config: &SdkConfig, service_id: &str) -> Option<String> {
    if config.get_origin("endpoint_url").is_client_config() {
        return config.endpoint_url().map(str::to_owned);
    }
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build();
    config
        .service_config()
        .zip(key.ok())
        .and_then(|(settings, key)| settings.load_config(key))
        .or_else(|| config.endpoint_url().map(str::to_owned))
}

/// Host and port of a service, for the words of a failed connection.
pub(crate) fn endpoint(config: &SdkConfig, service_id: &str, host: &str, region: &str) -> String {
    match endpoint_url(config, service_id) {
        Some(url) => url
            .split("://")
            .last()
            .unwrap_or(&url)
            .trim_end_matches('/')
            .to_owned(),
        None => {
            let partition = Region::parse(region).map_or(Partition::Aws, |one| one.partition());
            let fips = if config.use_fips() == Some(true) {
                "-fips"
            } else {
                ""
            };
            format!("{host}{fips}.{region}.{}", partition.dns_suffix())
        }
    }
}

/// The region that account-wide questions are asked in.
pub(crate) fn region(config: &SdkConfig) -> &str {
    config
        .region()
        .map_or("us-east-1", |region| region.as_ref())
}

fn region_of(
    connection: &Connection,
    of_environment: Option<&Region>,
    of_profile: Option<&Region>,
) -> SdkRegion {
    let own = connection.region.as_ref();
    let region = own.or(of_environment).or(of_profile);
    SdkRegion::new(region.map_or("us-east-1", Region::as_str).to_owned())
}

/// The environment wins over a profile, and the variable that the SDKs know over the older one.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html>
fn region_of_environment(env: &Env) -> Result<Option<Region>> {
    let given = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .find_map(|name| {
            let value = env.get(name).ok()?;
            let value = value.trim();
            (!value.is_empty()).then(|| (name, Region::parse(value)))
        });
    match given {
        None => Ok(None),
        Some((_, Ok(region))) => Ok(Some(region)),
        Some((name, Err(_))) => Err(AppError::NoCredentials {
            profile: String::new(),
            cause: format!("The environment variable {name} names a region that is none."),
        }),
    }
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
