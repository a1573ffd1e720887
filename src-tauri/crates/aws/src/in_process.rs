//! A function in this process in place of the network, below the SDK.
//!
//! Serialisation, signing, paging, retries and error parsing stay the SDK's own.

use std::{future::Future, pin::Pin, sync::Arc};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;

/// The connection ended before an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

/// An answer on its way.
pub type Answer =
    Pin<Box<dyn Future<Output = Result<http::Response<Bytes>, NoAnswer>> + Send + 'static>>;

/// Answers HTTP requests in place of AWS.
pub type InProcess = Arc<dyn Fn(http::Request<Bytes>) -> Answer + Send + Sync>;

pub(crate) fn http_client(answer: InProcess) -> SharedHttpClient {
    InProcessClient {
        connector: Connector { answer }.into_shared(),
    }
    .into_shared()
}

#[derive(Debug)]
struct InProcessClient {
    connector: SharedHttpConnector,
}

impl HttpClient for InProcessClient {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector.clone()
    }
}

struct Connector {
    answer: InProcess,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = Arc::clone(&self.answer);
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|e| ConnectorError::user(e.into()))?;
            let (parts, body) = request.into_parts();
            let body = body
                .collect()
                .await
                .map_err(ConnectorError::user)?
                .to_bytes();
            let response = answer(http::Request::from_parts(parts, body))
                .await
                .map_err(|NoAnswer| ConnectorError::io("the connection ended early".into()))?;
            HttpResponse::try_from(response.map(SdkBody::from))
                .map_err(|e| ConnectorError::other(e.into(), None))
        })
    }
}
