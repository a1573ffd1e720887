//! The external key store proxies and key managers of the simulated world, as KMS finds them.
//!
//! A proxy answers at every endpoint `https://*.example.com`, at every path with the version `v1` of
//! the proxy API, with every credential and for every external key, and so does one behind any
//! VPC endpoint service of the region. So that the refusals can be met too: access key ids that
//! begin with `REFUSED` are not accepted, external keys whose id begins with `missing` are not
//! there, and those whose id begins with `disabled` are disabled.

use super::form;
use super::store::{Connectivity, Failure, Proxy};
use crate::api::{ApiError, Call};

/// What goes wrong when KMS asks a proxy how it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    NotReachable,
    WrongPath,
    WrongCredential,
}

/// KMS sends the proxy a `GetHealthStatus` request.
pub(super) fn ask(proxy: &Proxy) -> Result<(), Trouble> {
    let host = proxy.endpoint.to_ascii_lowercase();
    let name = host.strip_prefix("https://").unwrap_or(&host);
    let is_there = name
        .strip_suffix(".example.com")
        .is_some_and(|name| !name.is_empty());
    if !is_there {
        Err(Trouble::NotReachable)
    } else if !proxy.path.ends_with("/v1") {
        Err(Trouble::WrongPath)
    } else if proxy.access_key_id.starts_with("REFUSED") {
        Err(Trouble::WrongCredential)
    } else {
        Ok(())
    }
}

/// Refuses a name under which KMS finds no VPC endpoint service in its region.
pub(super) fn find_service(call: &Call, proxy: &Proxy) -> Result<(), ApiError> {
    let Connectivity::VpcEndpointService { name, .. } = &proxy.connectivity else {
        return Ok(());
    };
    if form::region_of_service(name) == Some(call.region.as_str()) {
        return Ok(());
    }
    Err(ApiError::new(
        "XksProxyVpcEndpointServiceNotFoundException",
        format!("The VPC endpoint service {name} was not found."),
    ))
}

/// The external key manager looks for a key.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/create-xks-keys.html>
pub(super) fn find_key(id: &str) -> Result<(), ApiError> {
    let refusal = if id.starts_with("missing") {
        ("XksKeyNotFoundException", "does not exist")
    } else if id.starts_with("disabled") {
        ("XksKeyInvalidConfigurationException", "is not enabled")
    } else {
        return Ok(());
    };
    let (code, what) = refusal;
    Err(ApiError::new(
        code,
        format!("The external key {id} {what}."),
    ))
}

impl Trouble {
    /// Where a request is answered only after the proxy was asked.
    pub(super) fn refusal(self, proxy: &Proxy) -> ApiError {
        let (code, sentence) = match self {
            Self::NotReachable => (
                "XksProxyUriUnreachableException",
                "The external key store proxy cannot be reached",
            ),
            Self::WrongPath => (
                "XksProxyInvalidConfigurationException",
                "The external key store proxy does not know the path",
            ),
            Self::WrongCredential => (
                "XksProxyIncorrectAuthenticationCredentialException",
                "The external key store proxy rejected the credential",
            ),
        };
        let (endpoint, path) = (&proxy.endpoint, &proxy.path);
        ApiError::new(code, format!("{sentence}: {endpoint}{path}."))
    }

    /// Where the proxy is asked later.
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::NotReachable => Failure::XksProxyNotReachable,
            Self::WrongPath => Failure::XksProxyInvalidConfiguration,
            Self::WrongCredential => Failure::InvalidCredentials,
        }
    }
}
