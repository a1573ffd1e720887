//! A program that prints credentials: `credential_process`.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html>
//!
//! What it prints on its standard output is a secret and is told to nobody.

use std::{borrow::Cow, process::ExitStatus, time::Duration};

use aws_credential_types::Credentials;
use ownkey_model::{AppError, ProcessProblem, Result, Timestamp};
use serde::Deserialize;
use tokio::io::{AsyncRead, AsyncReadExt};
use zeroize::Zeroizing;

use super::program::{Program, shell};

/// How long a program may take: somebody may have to touch a key or to type in its own window.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// No credentials are longer.
const LONGEST: usize = 64 * 1024;

/// How much of the error output is kept, and how much of it is told.
const HEARD: usize = 4 * 1024;
const TOLD: usize = 300;

/// A program and the profile that names it.
#[derive(Clone)]
pub(crate) struct ProcessSource {
    pub(crate) profile: String,
    pub(crate) command: String,
}

/// Runs the program and reads its credentials. `CredentialProcessFailed` for whatever is wrong.
pub(crate) async fn credentials(
    source: &ProcessSource,
    limit: Duration,
    now: Timestamp,
) -> Result<Credentials> {
    run(&source.command, limit)
        .await
        .and_then(|printed| read(&printed, now))
        .map_err(|problem| AppError::CredentialProcessFailed {
            profile: source.profile.clone(),
            problem,
        })
}

async fn run(command: &str, limit: Duration) -> std::result::Result<Printed, ProcessProblem> {
    let mut program =
        Program::start(shell(command)).map_err(|error| ProcessProblem::NotStarted {
            cause: error.to_string(),
        })?;
    let (output, errors) = program.outputs();
    let whole = async {
        let (printed, said) = tokio::join!(first(output, LONGEST + 1), first(errors, HEARD));
        (printed, said, program.ended().await)
    };
    let Ok((printed, said, status)) = tokio::time::timeout(limit, whole).await else {
        return Err(ProcessProblem::TimedOut {
            seconds: u32::try_from(limit.as_secs()).unwrap_or(u32::MAX),
        });
    };
    match status {
        Ok(status) if status.success() => Ok(printed),
        status => Err(ProcessProblem::Failed {
            status: status.ok().as_ref().and_then(ExitStatus::code),
            said: told(&said),
        }),
    }
}

/// What was printed, wiped when it is no longer needed.
type Printed = Zeroizing<Vec<u8>>;

/// The first bytes of a stream, which is read to its end so that nobody waits to write. The buffer
/// never grows: growing leaves copies behind.
async fn first(stream: Option<impl AsyncRead + Unpin>, most: usize) -> Printed {
    let mut kept = Zeroizing::new(Vec::with_capacity(most));
    let Some(mut stream) = stream else {
        return kept;
    };
    let mut piece = Zeroizing::new([0_u8; 4096]);
    while let Ok(length) = stream.read(piece.as_mut_slice()).await {
        if length == 0 {
            break;
        }
        let room = most - kept.len();
        kept.extend_from_slice(&piece[..length.min(room)]);
    }
    kept
}

/// What a program said about its failure, fit for a line of text.
fn told(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let words: Vec<Cow<'_, str>> = words.into_iter().map(without_credentials).collect();
    words.join(" ").chars().take(TOLD).collect()
}

/// A word with a mark in place of whatever in it looks like a credential: an access key's id, or a
/// long run of the letters that secrets and tokens are spelled in.
fn without_credentials(word: &str) -> Cow<'_, str> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let runs = || word.split(|c: char| !is_letter(c));
    if !runs().any(looks_like_credential) {
        return Cow::Borrowed(word);
    }
    let mut clean = String::with_capacity(word.len());
    let mut rest = word;
    for run in runs() {
        clean.push_str(if looks_like_credential(run) {
            HIDDEN
        } else {
            run
        });
        rest = &rest[run.len()..];
        if let Some(c) = rest.chars().next() {
            clean.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Cow::Owned(clean)
}

fn looks_like_credential(run: &str) -> bool {
    if ["AKIA", "ASIA"].iter().any(|kind| run.contains(kind)) {
        return true;
    }
    // After a name, such as `secret=`.
    let value = run.trim_end_matches('=');
    let value = value.rsplit('=').next().unwrap_or(value);
    let has = |kind: fn(&char) -> bool| value.chars().any(|c| kind(&c));
    value.len() >= 16
        && has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
}

/// What stands in place of what looks like a credential.
const HIDDEN: &str = "(hidden)";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    version: Option<u32>,
    #[serde(borrow)]
    access_key_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    secret_access_key: Option<Cow<'a, str>>,
    #[serde(borrow)]
    session_token: Option<Cow<'a, str>>,
    #[serde(borrow)]
    expiration: Option<Cow<'a, str>>,
}

fn read(printed: &[u8], now: Timestamp) -> std::result::Result<Credentials, ProcessProblem> {
    let unreadable = |cause: &str| ProcessProblem::Unreadable {
        cause: cause.to_owned(),
    };
    if printed.len() > LONGEST {
        return Err(unreadable("It printed more than any credentials have."));
    }
    let answer: Answer<'_> = serde_json::from_slice(printed)
        .map_err(|_| unreadable("It did not print the JSON that AWS documents."))?;
    match answer.version {
        Some(1) => {}
        Some(_) => return Err(unreadable("Its Version is not 1.")),
        None => return Err(unreadable("Version is missing.")),
    }
    let given = |value: Option<Cow<'_, str>>, missing: &str| {
        value
            .filter(|value| !value.is_empty())
            .map(Cow::into_owned)
            .ok_or_else(|| unreadable(missing))
    };
    let id = given(answer.access_key_id, "AccessKeyId is missing.")?;
    let secret = given(answer.secret_access_key, "SecretAccessKey is missing.")?;
    let end = answer
        .expiration
        .map(|end| {
            Timestamp::parse(&end).ok_or_else(|| unreadable("Expiration is no ISO 8601 time."))
        })
        .transpose()?;
    if end.is_some_and(|end| end <= now) {
        return Err(ProcessProblem::Expired);
    }
    Ok(Credentials::new(
        id,
        secret,
        answer.session_token.map(Cow::into_owned),
        end.map(super::system_time),
        "credential-process",
    ))
}
