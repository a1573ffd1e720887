//! Roles: assumed with other credentials, or with a token from a file.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>

use std::time::SystemTime;

use aws_credential_types::Credentials;
use ownkey_material::Secret;
use ownkey_model::{AppError, Result};
use zeroize::Zeroizing;

use super::{
    Asking,
    link::{AssumedRole, WebIdentitySource},
    mfa,
};
use crate::asked::Asked;

/// The credentials of a role. `RoleRefused` if AWS does not let the caller have them.
pub(crate) async fn assume(
    asking: &Asking,
    role: &AssumedRole,
    caller: &Credentials,
) -> Result<Credentials> {
    let asked = asking.asked_sts("sts:AssumeRole", &role.arn);
    let outcome = match &role.mfa_serial {
        None => ask(asking, role, caller, None, &asked).await,
        Some(serial) => {
            mfa::with_code(asking, serial, |code| {
                ask(asking, role, caller, Some((serial, code)), &asked)
            })
            .await
        }
    };
    outcome.map_err(|error| refused(asking, &role.arn, role.external_id.is_some(), error))
}

/// The credentials of a role, for the token that lies in a file.
pub(crate) async fn with_token(asking: &Asking, source: &WebIdentitySource) -> Result<Credentials> {
    let asked = asking.asked_sts("sts:AssumeRoleWithWebIdentity", &source.role);
    let failed = |cause: String| AppError::FileFailed {
        path: source.token_file.clone(),
        cause,
    };
    let path = source.token_file.clone();
    let token = tokio::task::spawn_blocking(move || std::fs::read_to_string(path))
        .await
        .map_err(|_| failed("It could not be read.".into()))?
        .map_err(|error| failed(error.to_string()))?;
    let token = Zeroizing::new(token);
    let answer = asking
        .sts(None)
        .assume_role_with_web_identity()
        .role_arn(&source.role)
        .role_session_name(&source.session_name)
        .web_identity_token(token.trim())
        .send()
        .await
        .map_err(|error| refused(asking, &source.role, false, asked.refused(error)))?;
    read(answer.credentials, &asked)
}

/// The credentials in an answer of STS.
pub(super) fn read(
    answer: Option<aws_sdk_sts::types::Credentials>,
    asked: &Asked,
) -> Result<Credentials> {
    let given = answer.ok_or_else(|| asked.malformed("The answer has no credentials.", None))?;
    let end = SystemTime::try_from(given.expiration)
        .map_err(|_| asked.malformed("The credentials have no end.", None))?;
    Ok(Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        Some(end),
        "sts",
    ))
}

async fn ask(
    asking: &Asking,
    role: &AssumedRole,
    caller: &Credentials,
    mfa: Option<(&str, Secret)>,
    asked: &Asked,
) -> Result<Credentials> {
    let mut request = asking
        .sts(Some(caller))
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name(&role.session_name)
        .set_external_id(role.external_id.clone())
        .set_duration_seconds(role.seconds);
    if let Some((serial, code)) = &mfa {
        request = request
            .serial_number(*serial)
            .token_code(String::from_utf8_lossy(code.expose()));
    }
    let answer = request.send().await.map_err(|error| asked.refused(error))?;
    read(answer.credentials, asked)
}

fn refused(asking: &Asking, role: &str, external_id_given: bool, error: AppError) -> AppError {
    match error {
        AppError::AccessDenied {
            cause, request_id, ..
        } => AppError::RoleRefused {
            role: role.to_owned(),
            from: asking.from.clone(),
            external_id_given,
            cause,
            request_id,
        },
        error => error,
    }
}
