//! Programs that print credentials, and all that can be wrong with them. Real ones.

#![cfg(unix)]

use std::time::{Duration, Instant};

use ownkey_model::{AppError, ProcessProblem, Timestamp};
use tokio::io::AsyncReadExt;

use super::BEGAN;
use crate::sign_in::{
    process::{LIMIT, ProcessSource, credentials},
    program::{Program, shell},
};

async fn run(command: &str, limit: Duration) -> Result<String, ProcessProblem> {
    let source = ProcessSource {
        profile: "p".into(),
        command: command.into(),
    };
    match credentials(&source, limit, Timestamp::from_unix_seconds(BEGAN)).await {
        Ok(found) => Ok(format!(
            "{} {} {:?}",
            found.access_key_id(),
            found.secret_access_key(),
            found.session_token()
        )),
        Err(AppError::CredentialProcessFailed { profile, problem }) => {
            assert_eq!(profile, "p");
            Err(problem)
        }
        Err(other) => panic!("{other:?}"),
    }
}

async fn unreadable(printed: &str) -> String {
    match run(&format!("printf '%s' '{printed}'"), LIMIT).await {
        Err(ProcessProblem::Unreadable { cause }) => cause,
        other => panic!("{printed}: {other:?}"),
    }
}

#[tokio::test]
async fn what_a_program_prints_is_used() {
    let lasting = r#"printf '{"Version":1,"AccessKeyId":"AKIA1","SecretAccessKey":"s3\\/x"}'"#;
    assert_eq!(run(lasting, LIMIT).await, Ok("AKIA1 s3/x None".into()));
    let ending = r#"echo '{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s","SessionToken":"t","Expiration":"2027-01-15T09:00:00Z","More":[1]}'"#;
    assert_eq!(run(ending, LIMIT).await, Ok(r#"ASIA1 s Some("t")"#.into()));
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_in_time() {
    let began = Instant::now();
    let outcome = run("sleep 600", Duration::from_millis(200)).await;
    assert_eq!(outcome, Err(ProcessProblem::TimedOut { seconds: 0 }));
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn a_program_that_is_given_up_ends_with_what_it_started() {
    let started = Program::start(shell("sleep 600 & echo started; wait"));
    let mut program = started.expect("a shell");
    let (output, _) = program.outputs();
    let mut output = output.expect("an output");
    let mut line = [0; 8];
    output.read_exact(&mut line).await.expect("a line");
    assert_eq!(&line, b"started\n");
    drop(program);
    // It ends when the last one that could write to it has.
    let rest = tokio::time::timeout(Duration::from_secs(60), output.read(&mut line)).await;
    assert_eq!(rest.expect("an end").ok(), Some(0));
}

#[tokio::test]
async fn a_program_that_fails_is_quoted_in_one_clean_line() {
    let outcome = run(
        "printf 'no\\033[31m\\n  luck' >&2; echo secret; exit 1",
        LIMIT,
    )
    .await;
    assert_eq!(
        outcome,
        Err(ProcessProblem::Failed {
            status: Some(1),
            said: "no [31m luck".into()
        })
    );
    let long = run("head -c 100000 /dev/zero | tr '\\0' x >&2; exit 3", LIMIT).await;
    let Err(ProcessProblem::Failed { status, said }) = long else {
        panic!("{long:?}");
    };
    assert_eq!((status, said.len()), (Some(3), 300));
    let missing = run("/no/such/program", LIMIT).await;
    assert!(
        matches!(
            missing,
            Err(ProcessProblem::Failed {
                status: Some(127),
                ..
            })
        ),
        "{missing:?}"
    );
}

#[tokio::test]
async fn what_looks_like_a_credential_is_not_quoted() {
    for (said, expected) in [
        (
            "key AKIAIOSFODNN7EXAMPLE, secret=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY0!",
            "key (hidden), (hidden)!",
        ),
        (
            r#"{"SessionToken":"IQoJb3JpZ2luX2VjEAD=="} expired"#,
            r#"{"SessionToken":"(hidden)"} expired"#,
        ),
        (
            "/usr/local/lib/python/site-packages: InvalidAuthenticationTokenException at line 12",
            "/usr/local/lib/python/site-packages: InvalidAuthenticationTokenException at line 12",
        ),
    ] {
        let outcome = run(&format!("echo '{said}' >&2; exit 1"), LIMIT).await;
        let said = expected.into();
        let status = Some(1);
        assert_eq!(outcome, Err(ProcessProblem::Failed { status, said }));
    }
}

#[tokio::test]
async fn what_is_no_credentials_is_told_without_quoting_it() {
    for (printed, expected) in [
        ("", "It did not print the JSON that AWS documents."),
        (
            "hunter2 rubbish",
            "It did not print the JSON that AWS documents.",
        ),
        (
            r#"{"Version":1,"AccessKeyId":7}"#,
            "It did not print the JSON that AWS documents.",
        ),
        (
            r#"{"AccessKeyId":"a","SecretAccessKey":"s"}"#,
            "Version is missing.",
        ),
        (
            r#"{"Version":2,"AccessKeyId":"a","SecretAccessKey":"s"}"#,
            "Its Version is not 1.",
        ),
        (
            r#"{"Version":1,"SecretAccessKey":"s"}"#,
            "AccessKeyId is missing.",
        ),
        (
            r#"{"Version":1,"AccessKeyId":"a","SecretAccessKey":""}"#,
            "SecretAccessKey is missing.",
        ),
        (
            r#"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":"soon"}"#,
            "Expiration is no ISO 8601 time.",
        ),
    ] {
        assert_eq!(unreadable(printed).await, expected, "{printed}");
    }
    let much = run("head -c 200000 /dev/zero", LIMIT).await;
    assert_eq!(
        much,
        Err(ProcessProblem::Unreadable {
            cause: "It printed more than any credentials have.".into()
        })
    );
}

#[tokio::test]
async fn credentials_that_have_run_out_are_none() {
    let ended = r#"echo '{"Version":1,"AccessKeyId":"ASIA1","SecretAccessKey":"s","SessionToken":"t","Expiration":"2027-01-15T08:00:00Z"}'"#;
    assert_eq!(run(ended, LIMIT).await, Err(ProcessProblem::Expired));
}
