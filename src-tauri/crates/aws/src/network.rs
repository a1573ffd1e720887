//! The HTTP client below the SDK, with what AWS's own environment variables say about it.

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::Env;
use ownkey_model::{AppError, Result};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// A file of certificates that are trusted instead of the computer's own.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// Any of these in the environment names a proxy.
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The network: over the proxies that `HTTPS_PROXY` and `NO_PROXY` name, trusting what
/// `AWS_CA_BUNDLE` names. A bundle that cannot be used is an error: to ignore it would be to trust
/// whom the person did not choose.
pub(crate) fn http_client(env: &Env) -> Result<SharedHttpClient> {
    let trust = match env.get(CA_BUNDLE).ok().filter(|path| !path.is_empty()) {
        None => TrustStore::default(),
        Some(path) => TrustStore::empty().with_pem_certificate(bundle(&path)?),
    };
    let tls = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| unusable(CA_BUNDLE, &error.to_string()))?;
    let is_proxied = PROXIES.iter().any(|name| env.get(name).is_ok());
    Ok(
        Builder::new().build_with_connector_fn(move |settings, parts| {
            let mut connector = Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .tls_context(tls.clone());
            connector.set_proxy_config(is_proxied.then(ProxyConfig::from_env));
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(parts.and_then(|parts| parts.sleep_impl()));
            connector.build()
        }),
    )
}

/// A bundle's text, once it is known to hold certificates and nothing that is none.
fn bundle(path: &str) -> Result<Vec<u8>> {
    let text = std::fs::read(path).map_err(|error| unusable(path, &error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        certificate
            .ok()
            .and_then(|certificate| roots.add(certificate).ok())
            .ok_or_else(|| unusable(path, "It holds something that is no certificate."))?;
    }
    if roots.is_empty() {
        return Err(unusable(path, "It holds no certificate."));
    }
    Ok(text)
}

fn unusable(path: &str, cause: &str) -> AppError {
    AppError::FileFailed {
        path: path.to_owned(),
        cause: format!("{CA_BUNDLE}: {cause}"),
    }
}
