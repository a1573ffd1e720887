//! Sessions that the `aws login` command leaves behind: read by the SDK, begun by the command.

use std::time::Duration;

use aws_config::login::LoginCredentialsProvider;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, error::CredentialsError},
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use ownkey_model::{AppError, Result, SignInId, SignInWay, Wanted};
use tokio::{io::AsyncReadExt, process::Command};

use super::{Asking, program::Program};
use crate::asked::innermost;

/// In the sentences about a session that is not there, has ended, or that AWS no longer takes.
const ENDED: &[&str] = &[
    "cached Login token file",
    "token is expired",
    "session has expired",
    "Please reauthenticate",
    "AccessDeniedException",
];

/// How long a person may take in the browser.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// A `login_session` and the profile that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoginSource {
    pub(crate) profile: String,
    /// The ARN of who signed in.
    pub(crate) session: String,
}

impl LoginSource {
    /// The sign-in that this needs.
    pub(crate) fn derive_sign_in(&self) -> SignInId {
        SignInId(format!("login/{}", self.profile))
    }
}

/// The session's credentials, renewed if they can be. `SignInNeeded` if there is none, it has ended
/// or AWS no longer takes it; `SignInFailed` for what signing in does not mend.
pub(crate) async fn credentials(asking: &Asking, source: &LoginSource) -> Result<Credentials> {
    LoginCredentialsProvider::builder(&source.session)
        .configure(&asking.provider_config())
        .build()
        .provide_credentials()
        .await
        .map_err(|error| failure(source, &error))
}

/// What a failure means. The SDK names the kinds of it in its sentences only.
fn failure(source: &LoginSource, error: &CredentialsError) -> AppError {
    let cause = innermost(error);
    let causes = || {
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| {
            error.source()
        })
    };
    let timed_out = matches!(error, CredentialsError::ProviderTimedOut(_));
    if timed_out || causes().any(|one| one.is::<ConnectorError>() || is_time_out(&one.to_string()))
    {
        return AppError::EndpointUnreachable {
            endpoint: "signin.aws.amazon.com".into(),
            cause,
        };
    }
    let has_no_file = causes().any(|one| {
        one.downcast_ref::<std::io::Error>()
            .is_some_and(|one| one.kind() == std::io::ErrorKind::NotFound)
    });
    let said: Vec<String> = causes().map(ToString::to_string).collect();
    let has_ended = said
        .iter()
        .any(|one| ENDED.iter().any(|ended| one.contains(ended)));
    if has_no_file || has_ended {
        AppError::SignInNeeded {
            sign_in: source.derive_sign_in(),
            way: SignInWay::Login {
                profile: source.profile.clone(),
            },
            cause,
        }
    } else {
        failed(&cause)
    }
}

fn is_time_out(said: &str) -> bool {
    said.contains("timed out") || said.contains("timeout")
}

/// Has the `aws` command sign a person in.
pub(crate) async fn sign_in(asking: &Asking, source: &LoginSource) -> Result<()> {
    let mut command = Command::new("aws");
    command.args(["login", "--profile", &source.profile]);
    run(asking, source, command, LIMIT).await
}

/// Runs the command while a person signs in, and ends it if that takes too long or was given up.
pub(super) async fn run(
    asking: &Asking,
    source: &LoginSource,
    command: Command,
    limit: Duration,
) -> Result<()> {
    let mut program = Program::start(command).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => failed(
            "The aws command is not installed, or not found. Install version 2 of the AWS CLI, or \
             run \"aws login\" elsewhere.",
        ),
        _ => failed(&format!("The aws command could not be started: {error}.")),
    })?;
    let mut shown = asking.memory().requests.publish(
        &asking.connection,
        Wanted::Login {
            profile: source.profile.clone(),
        },
    );
    let (output, errors) = program.outputs();
    let ended = async {
        // Read, so that it never waits to write; told to nobody, since it may hold an address that
        // signs in.
        let (mut unheard, mut said) = (tokio::io::sink(), Vec::new());
        let hear = async {
            if let Some(mut output) = output {
                drop(tokio::io::copy(&mut output, &mut unheard).await);
            }
        };
        let listen = async {
            if let Some(errors) = errors {
                drop(errors.take(64 * 1024).read_to_end(&mut said).await);
            }
        };
        tokio::join!(hear, listen);
        program.ended().await
    };
    let status = tokio::select! {
        outcome = tokio::time::timeout(limit, ended) => {
            outcome.map_err(|_| failed("The time for signing in has run out."))?
        }
        () = shown.cancelled() => return Err(AppError::SignInCancelled),
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(&format!(
            "\"aws login\" ended with {}.",
            status
                .code()
                .map_or("a signal".to_owned(), |code| format!("status {code}"))
        ))),
        Err(error) => Err(failed(&format!("\"aws login\" was lost: {error}."))),
    }
}

fn failed(cause: &str) -> AppError {
    AppError::SignInFailed {
        cause: cause.to_owned(),
    }
}
