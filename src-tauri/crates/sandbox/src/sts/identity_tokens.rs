//! `AssumeRoleWithWebIdentity` and `AssumeRoleWithSAML`, which nobody signs. The sandbox reaches no
//! identity provider, and so no token can be verified: each is refused as AWS refuses one for which that
//! is so.
//!
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use time::OffsetDateTime;

use super::{check_text, duration, invalid, required};
use crate::api::ApiError;
use crate::iam::Iam;
use crate::iam::account::is_account_id;
use crate::query::Params;

/// The refusal of one of the two operations; `None` if it is another one.
pub(crate) fn refuse(
    iam: &Iam,
    operation: &str,
    params: &Params,
    now: OffsetDateTime,
) -> Option<ApiError> {
    let refused = match operation {
        "AssumeRoleWithWebIdentity" => with_web_identity(iam, params, now),
        "AssumeRoleWithSAML" => with_saml(iam, params),
        _ => return None,
    };
    Some(match refused {
        Ok(refusal) | Err(refusal) => refusal,
    })
}

fn with_web_identity(
    iam: &Iam,
    params: &Params,
    now: OffsetDateTime,
) -> Result<ApiError, ApiError> {
    let account = account_of(required(params, "RoleArn", "roleArn")?)?;
    let name = required(params, "RoleSessionName", "roleSessionName")?;
    check_text("roleSessionName", name, 2..=64, "=,.@-", "[\\w+=,.@-]*")?;
    let token = required(params, "WebIdentityToken", "webIdentityToken")?;
    check_length("webIdentityToken", token, 4, 20_000)?;
    duration(params, 900..=43_200, 3_600)?;
    let Some(claims) = claims(token) else {
        return Ok(invalid_token(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an \
             Access Token)",
        ));
    };
    let Some(issuer) = claims["iss"].as_str() else {
        return Ok(invalid_token("Missing a required claim: iss"));
    };
    let expires = claims["exp"].as_i64();
    if expires.is_some_and(|end| end <= now.unix_timestamp()) {
        let end = expires.unwrap_or_default();
        return Ok(ApiError::new(
            "ExpiredTokenException",
            format!(
                "Token expired: current date/time {} must be before the expiration date/time {end}",
                now.unix_timestamp()
            ),
        ));
    }
    let url = issuer.trim_start_matches("https://").trim_end_matches('/');
    let state = iam.read();
    let known = state.accounts.get(account);
    if !known.is_some_and(|known| known.oidc_providers.contains_key(url)) {
        return Ok(invalid_token(format!(
            "No OpenIDConnect provider found in your account for {issuer}"
        )));
    }
    Ok(ApiError::new(
        "IDPCommunicationError",
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    ))
}

fn with_saml(iam: &Iam, params: &Params) -> Result<ApiError, ApiError> {
    account_of(required(params, "RoleArn", "roleArn")?)?;
    let provider = required(params, "PrincipalArn", "principalArn")?;
    let account = account_of(provider)?;
    let assertion = required(params, "SAMLAssertion", "sAMLAssertion")?;
    check_length("sAMLAssertion", assertion, 4, 100_000)?;
    duration(params, 900..=43_200, 3_600)?;
    let xml = STANDARD.decode(assertion).ok();
    let xml = xml.and_then(|xml| String::from_utf8(xml).ok());
    if !xml.is_some_and(|xml| xml.trim_start().starts_with('<') && xml.contains("Response")) {
        return Ok(invalid_token("Invalid base64 SAMLResponse"));
    }
    let name = provider
        .split_once(":saml-provider/")
        .map_or("", |(_, name)| name);
    let state = iam.read();
    let known = state.accounts.get(account);
    if !known.is_some_and(|known| known.saml_providers.contains_key(name)) {
        return Ok(invalid_token("Specified provider doesn't exist"));
    }
    Ok(invalid_token("Response signature invalid"))
}

/// What a JSON web token says about itself.
fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (head, body, _) = (parts.next()?, parts.next()?, parts.next()?);
    let read = |part: &str| -> Option<Value> {
        let bytes = URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok()?;
        let value: Value = serde_json::from_slice(&bytes).ok()?;
        value.is_object().then_some(value)
    };
    let head = read(head)?;
    (parts.next().is_none() && head["alg"].is_string())
        .then(|| read(body))
        .flatten()
}

fn account_of(arn: &str) -> Result<&str, ApiError> {
    let account = arn.split(':').nth(4).filter(|_| arn.starts_with("arn:"));
    account
        .filter(|account| is_account_id(account))
        .ok_or_else(|| invalid(format!("{arn} is invalid")))
}

fn check_length(member: &str, text: &str, least: usize, most: usize) -> Result<(), ApiError> {
    let length = text.chars().count();
    let constraint = if length < least {
        format!("greater than or equal to {least}")
    } else if length > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(invalid(format!(
        "1 validation error detected: Value at '{member}' failed to satisfy constraint: Member \
         must have length {constraint}"
    )))
}

fn invalid_token(sentence: impl Into<String>) -> ApiError {
    ApiError::new("InvalidIdentityToken", sentence)
}
