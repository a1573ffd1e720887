//! Sessions made of long-term credentials and the code of an MFA device.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>

use aws_credential_types::Credentials;
use ownkey_material::Secret;
use ownkey_model::{AppError, Result, Wanted};

use super::{Asking, assume_role};
use crate::asked::Asked;

/// How AWS's sentences about a device or its code begin.
const REFUSED: &str = "MultiFactorAuthentication failed";

/// In AWS's sentence about a wrong code. Others are about a device that is not the caller's, and no
/// code is the right one then.
const WRONG_CODE: &str = "invalid MFA one time pass code";

/// Credentials that AWS knows to be backed by a code, for as long as AWS gives them by itself.
/// `SignInFailed` if AWS does not give them, or does not know the device as the caller's.
pub(crate) async fn session(
    asking: &Asking,
    serial: &str,
    caller: &Credentials,
) -> Result<Credentials> {
    let asked = asking.asked_sts("sts:GetSessionToken", "*");
    with_code(asking, serial, |code| {
        ask(asking, serial, caller, code, &asked)
    })
    .await
    .map_err(|error| match error {
        // Met on the way to any call: it is not the call that was refused.
        AppError::AccessDenied { cause, .. } => AppError::SignInFailed {
            cause: format!(
                "AWS refused a session for MFA device {serial} ({}): {cause}",
                asked.action
            ),
        },
        error => error,
    })
}

/// Asks for codes until AWS takes one, or refuses for another reason, or the person gives up.
pub(super) async fn with_code<F: Future<Output = Result<Credentials>>>(
    asking: &Asking,
    serial: &str,
    mut ask: impl FnMut(Secret) -> F,
) -> Result<Credentials> {
    let requests = &asking.memory().requests;
    let _turn = requests.turn(serial).await;
    let wanted = Wanted::MfaCode {
        serial: serial.to_owned(),
    };
    let mut request = requests.publish(&asking.connection, wanted);
    loop {
        let (code, refused) = request.code().await?;
        let outcome = tokio::select! {
            outcome = ask(code) => outcome,
            () = request.cancelled() => return Err(AppError::SignInCancelled),
        };
        match outcome {
            Err(AppError::AccessDenied { cause, .. }) if cause.starts_with(REFUSED) => {
                if !cause.contains(WRONG_CODE) {
                    return Err(AppError::SignInFailed {
                        cause: format!("MFA device {serial}: {}", cause.trim()),
                    });
                }
                // Whoever gave it may have gone: then the next code is waited for all the same.
                drop(refused.send(format!(
                    "{} Each code is taken once: wait for the next one.",
                    cause.trim()
                )));
            }
            outcome => return outcome,
        }
    }
}

async fn ask(
    asking: &Asking,
    serial: &str,
    caller: &Credentials,
    code: Secret,
    asked: &Asked,
) -> Result<Credentials> {
    let answer = asking
        .sts(Some(caller))
        .get_session_token()
        .serial_number(serial)
        .token_code(String::from_utf8_lossy(code.expose()))
        .send()
        .await
        .map_err(|error| asked.refused(error))?;
    assume_role::read(answer.credentials, asked)
}
