//! `aws login`: what the command is run for, and how it ends.

use std::{sync::Arc, time::Duration};

use aws_config::SdkConfig;
use ownkey_model::{AppError, SignInState, SignInWay, Wanted};
use tokio::process::Command;

use super::{World, profile};
use crate::sign_in::{
    Asking,
    login::{LoginSource, run},
    program::shell,
};

const CONFIG: &str = "[profile jo]\nlogin_session = arn:aws:iam::111111111111:user/nobody-here\n";

async fn outcome(world: &World, command: Command, limit: Duration) -> Result<(), AppError> {
    let memory = Arc::clone(&world.aws.ways.memory);
    let asking = Asking::new(memory, SdkConfig::builder().build(), &profile("jo"), true);
    let source = LoginSource {
        profile: "jo".into(),
        session: "arn".into(),
    };
    run(&asking, &source, command, limit).await
}

fn failed(outcome: Result<(), AppError>) -> String {
    match outcome {
        Err(AppError::SignInFailed { cause }) => cause,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_session_that_is_not_there_needs_the_command() {
    let world = World::new(CONFIG, &[(500, "")]);
    let jo = profile("jo");
    let error = world.aws.session(&jo, None).await.map(drop);
    let Err(AppError::SignInNeeded { sign_in, way, .. }) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(sign_in.0, "login/jo");
    assert_eq!(
        *way,
        SignInWay::Login {
            profile: "jo".into()
        }
    );
    assert!(matches!(
        world.aws.sign_in_state(&jo.id),
        SignInState::Failed { .. }
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn the_command_signs_in_fails_is_missing_or_takes_too_long() {
    let world = World::new(CONFIG, &[(500, "")]);
    let long = Duration::from_secs(60);
    let done = outcome(&world, shell("echo https://example.com"), long).await;
    assert_eq!(done, Ok(()));
    let no = failed(outcome(&world, shell("exit 7"), long).await);
    assert!(no.contains("status 7"), "{no}");
    let missing = Command::new("no-such-program-anywhere");
    let missing = failed(outcome(&world, missing, long).await);
    assert!(missing.contains("not installed"), "{missing}");
    let short = Duration::from_millis(100);
    let late = failed(outcome(&world, shell("sleep 600"), short).await);
    assert!(late.contains("time"), "{late}");
    assert!(world.aws.sign_in_requests().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn the_command_is_ended_when_a_person_gives_up() {
    let world = World::new(CONFIG, &[(500, "")]);
    let person = async {
        let shown = world.asked().await;
        assert_eq!(
            shown.wanted,
            Wanted::Login {
                profile: "jo".into()
            }
        );
        world.aws.cancel_sign_in_request(&shown.id);
    };
    let run = outcome(&world, shell("sleep 600"), Duration::from_secs(60));
    let (outcome, ()) = tokio::join!(run, person);
    assert_eq!(outcome, Err(AppError::SignInCancelled));
}
