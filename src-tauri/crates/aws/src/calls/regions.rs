//! `ec2:DescribeRegions`.
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>
//!
//! One signed Query request over the SDK's own orchestrator and HTTP client: EC2's whole SDK
//! would cost minutes of compiling for this one call.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::{
    body::SdkBody,
    error::{ErrorMetadata, metadata::ProvideErrorMetadata},
};
use ownkey_model::{AppError, Partition, Region, Result};
use quick_xml::{Reader, events::Event};

use crate::{
    asked::Asked,
    config::{self, region},
};

const BODY: &str = "Action=DescribeRegions&Version=2016-11-15";

/// The regions enabled for the account, sorted.
pub(crate) async fn regions(config: &SdkConfig, asked: &Asked) -> Result<Vec<Region>> {
    let body = Operation::builder()
        .service_name("ec2")
        .operation_name("DescribeRegions")
        .http_client(config.http_client().ok_or_else(|| unsent(asked))?)
        .endpoint_url(&endpoint(config))
        .no_auth()
        .standard_retry(config.retry_config().ok_or_else(|| unsent(asked))?)
        .timeout_config(
            config
                .timeout_config()
                .cloned()
                .ok_or_else(|| unsent(asked))?,
        )
        .sleep_impl(config.sleep_impl().ok_or_else(|| unsent(asked))?)
        .time_source(config.time_source().ok_or_else(|| unsent(asked))?)
        .serializer(Ok)
        .deserializer(read)
        .build()
        .invoke(signed(config, asked).await?)
        .await
        .map_err(|error| asked.refused(error))?;
    parse(&body)
        .ok_or_else(|| asked.malformed("The answer is not the XML that EC2 documents.", None))
}

/// The regions that every account of a partition can use without asking.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>
pub(crate) fn regions_enabled_by_default(partition: Partition) -> Vec<Region> {
    let codes: &[&str] = match partition {
        Partition::Aws => &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ca-central-1",
            "eu-central-1",
            "eu-north-1",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
        Partition::AwsUsGov => &["us-gov-east-1", "us-gov-west-1"],
        Partition::AwsCn => &["cn-north-1", "cn-northwest-1"],
    };
    codes
        .iter()
        .filter_map(|code| Region::parse(code).ok())
        .collect()
}

/// As EC2's own endpoint rules have it: GovCloud's only endpoints are FIPS endpoints.
/// <https://docs.aws.amazon.com/AWSEC2/latest/DevGuide/ec2-endpoints.html>
fn endpoint(config: &SdkConfig) -> String {
    if let Some(url) = config::endpoint_url(config, "EC2") {
        return format!("{}/", url.trim_end_matches('/'));
    }
    let region = region(config);
    let partition = Region::parse(region).map_or(Partition::Aws, |one| one.partition());
    let host = match (config.use_fips(), partition) {
        (Some(true), Partition::Aws | Partition::AwsCn) => "ec2-fips",
        _ => "ec2",
    };
    format!("https://{host}.{region}.{}/", partition.dns_suffix())
}

async fn signed(config: &SdkConfig, asked: &Asked) -> Result<HttpRequest> {
    let credentials = config
        .credentials_provider()
        .ok_or_else(|| unsent(asked))?
        .provide_credentials()
        .await
        .map_err(|error| AppError::NoCredentials {
            profile: String::new(),
            cause: error.to_string(),
        })?;
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region(config))
        .name("ec2")
        .time(config.time_source().map_or_else(SystemTime::now, |source| {
            aws_smithy_async::time::TimeSource::now(&source)
        }))
        .settings(SigningSettings::default())
        .build()
        .map_err(|_| unsent(asked))?
        .into();
    let mut request = http::Request::post(endpoint(config))
        .header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .body(SdkBody::from(BODY))
        .map_err(|_| unsent(asked))?;
    let uri = request.uri().to_string();
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let signable = SignableRequest::new(
        "POST",
        &uri,
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(BODY.as_bytes()),
    )
    .map_err(|_| unsent(asked))?;
    let (instructions, _) = sign(signable, &parameters)
        .map_err(|_| unsent(asked))?
        .into_parts();
    instructions.apply_to_request_http1x(&mut request);
    HttpRequest::try_from(request).map_err(|_| unsent(asked))
}

/// A success's body, or EC2's error.
fn read(response: &HttpResponse) -> std::result::Result<Vec<u8>, OrchestratorError<Ec2Error>> {
    let body = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return Ok(body.to_vec());
    }
    let metadata = ErrorMetadata::builder()
        .code(text_of(body, "Code").unwrap_or_else(|| "Unknown".into()))
        .message(text_of(body, "Message").unwrap_or_default())
        .build();
    Err(OrchestratorError::operation(Ec2Error { metadata }))
}

fn parse(body: &[u8]) -> Option<Vec<Region>> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut regions = Vec::new();
    let (mut in_name, mut answered) = (false, false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                in_name = tag.local_name().as_ref() == "regionName";
                answered |= tag.local_name().as_ref() == "DescribeRegionsResponse";
            }
            Event::Text(text) if in_name => {
                regions.push(Region::parse(text.trim()).ok()?);
                in_name = false;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    regions.sort();
    regions.dedup();
    answered.then_some(regions)
}

fn text_of(body: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => inside = tag.local_name().as_ref() == name,
            Event::Text(text) if inside => return Some(text.to_string()),
            Event::Eof => return None,
            _ => {}
        }
    }
}

fn unsent(asked: &Asked) -> AppError {
    AppError::Aws {
        action: asked.action.to_owned(),
        aws_code: "NotSent".into(),
        cause: "The request could not be made.".into(),
        request_id: None,
    }
}

#[derive(Debug)]
struct Ec2Error {
    metadata: ErrorMetadata,
}

impl ProvideErrorMetadata for Ec2Error {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl std::fmt::Display for Ec2Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.metadata.fmt(f)
    }
}

impl std::error::Error for Ec2Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_from_ec2s_answer() {
        let body = br#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>59dbff89</requestId>
              <regionInfo>
                <item><regionName>us-east-1</regionName><regionEndpoint>e</regionEndpoint></item>
                <item><regionName>eu-west-1</regionName><optInStatus>o</optInStatus></item>
              </regionInfo>
            </DescribeRegionsResponse>"#;
        let codes: Vec<String> = parse(body)
            .expect("well-formed")
            .into_iter()
            .map(String::from)
            .collect();
        assert_eq!(codes, ["eu-west-1", "us-east-1"]);
    }

    #[test]
    fn what_is_no_answer_of_ec2_is_not_an_empty_list() {
        assert_eq!(parse(b"<html>captive portal</html>"), None);
        assert_eq!(parse(b""), None);
        assert_eq!(
            parse(b"<DescribeRegionsResponse><regionName>../evil</regionName></DescribeRegionsResponse>"),
            None
        );
    }

    #[test]
    fn ec2s_error_keeps_its_code_and_sentence() {
        let body = b"<Response><Errors><Error><Code>UnauthorizedOperation</Code>\
            <Message>You are not authorized</Message></Error></Errors></Response>";
        assert_eq!(
            text_of(body, "Code").as_deref(),
            Some("UnauthorizedOperation")
        );
        assert_eq!(
            text_of(body, "Message").as_deref(),
            Some("You are not authorized")
        );
    }
}
