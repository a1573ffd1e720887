//! Takes the parameters of custom key stores out of a request. That each has its documented form was
//! seen to before, in `kms::shapes`.

use super::super::parse::Input;
use super::super::refusals::missing;
use crate::api::ApiError;

/// A proxy's credential.
pub(super) struct Credential<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret: &'a str,
}

/// A member that is a string.
pub(super) fn text<'a>(input: Input<'a>, member: &str) -> Result<Option<&'a str>, ApiError> {
    input.text(member, 0, usize::MAX)
}

/// The same where it must be there.
pub(super) fn required<'a>(input: Input<'a>, member: &str) -> Result<&'a str, ApiError> {
    text(input, member)?.ok_or_else(|| missing(member))
}

/// `CustomKeyStoreType`.
pub(super) fn kind(input: Input<'_>) -> Result<&str, ApiError> {
    Ok(text(input, "CustomKeyStoreType")?.unwrap_or(super::AWS_CLOUDHSM))
}

/// `XksProxyConnectivity`: whether it is a VPC endpoint service.
pub(super) fn is_vpc(input: Input<'_>) -> Result<Option<bool>, ApiError> {
    let word = text(input, "XksProxyConnectivity")?;
    Ok(word.map(|word| word == "VPC_ENDPOINT_SERVICE"))
}

/// `XksProxyAuthenticationCredential`.
pub(super) fn credential(input: Input<'_>) -> Result<Option<Credential<'_>>, ApiError> {
    let member = "XksProxyAuthenticationCredential";
    if !input.has(member) {
        return Ok(None);
    }
    let parts = input.pairs(member)?;
    let part = |name: &str| parts.get(name).copied().ok_or_else(|| missing(name));
    Ok(Some(Credential {
        access_key_id: part("AccessKeyId")?,
        secret: part("RawSecretAccessKey")?,
    }))
}

/// Region of a VPC endpoint service, by its name.
pub(super) fn region_of_service(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once(".amazonaws.vpce.")?;
    rest.split_once('.').map(|(region, _)| region)
}

/// Refuses the members that only the other type of store has.
pub(super) fn refuse_others(input: Input<'_>, kind: &str) -> Result<(), ApiError> {
    let others: &[&str] = if kind == super::AWS_CLOUDHSM {
        &EXTERNAL_MEMBERS
    } else {
        &CLOUDHSM_MEMBERS
    };
    match others.iter().find(|member| input.has(member)) {
        Some(member) => Err(super::not_of_type(member, kind)),
        None => Ok(()),
    }
}

const CLOUDHSM_MEMBERS: [&str; 3] = [
    "CloudHsmClusterId",
    "TrustAnchorCertificate",
    "KeyStorePassword",
];

const EXTERNAL_MEMBERS: [&str; 6] = [
    "XksProxyUriEndpoint",
    "XksProxyUriPath",
    "XksProxyVpcEndpointServiceName",
    "XksProxyVpcEndpointServiceOwner",
    "XksProxyAuthenticationCredential",
    "XksProxyConnectivity",
];
