//! The profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that AWS's own
//! environment variables name.

use aws_config::profile::{ProfileSet, load};
use aws_types::os_shim_internal::{Env, Fs};
use ownkey_model::{AppError, Profile, ProfileSignIn, Result};

/// All profiles, sorted by name.
pub(crate) async fn list() -> Result<Vec<Profile>> {
    let set = read().await?;
    let mut profiles: Vec<Profile> = set
        .profiles()
        .filter_map(|name| describe(&set, name))
        .collect();
    profiles.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(profiles)
}

/// One profile; refused if it is not there or OwnKey cannot sign in with it.
pub(crate) async fn find(name: &str) -> Result<Profile> {
    let refused = |cause: &str| AppError::NoCredentials {
        profile: name.to_owned(),
        cause: cause.to_owned(),
    };
    let profile = describe(&read().await?, name).ok_or_else(|| {
        refused("There is no profile of this name in the AWS configuration files.")
    })?;
    match profile.sign_in {
        ProfileSignIn::StaticKeys => Ok(profile),
        ProfileSignIn::Nothing => Err(refused("The profile holds no access key.")),
        _ => Err(refused(
            "OwnKey signs in with profiles that hold an access key.",
        )),
    }
}

async fn read() -> Result<ProfileSet> {
    load(&Fs::real(), &Env::real(), &Default::default(), None)
        .await
        .map_err(|error| AppError::NoCredentials {
            profile: String::new(),
            cause: error.to_string(),
        })
}

fn describe(set: &ProfileSet, name: &str) -> Option<Profile> {
    let profile = set.get_profile(name)?;
    let has = |key: &str| profile.get(key).is_some_and(|value| !value.is_empty());
    let sign_in = if has("role_arn") {
        ProfileSignIn::AssumeRole
    } else if has("sso_session") || has("sso_start_url") {
        ProfileSignIn::Sso
    } else if has("login_session") {
        ProfileSignIn::Login
    } else if has("credential_process") {
        // The SDK prefers it to keys in the same profile, and it runs a program.
        ProfileSignIn::CredentialProcess
    } else if has("aws_access_key_id") && has("aws_secret_access_key") {
        ProfileSignIn::StaticKeys
    } else {
        ProfileSignIn::Nothing
    };
    Some(Profile {
        name: name.to_owned(),
        sign_in,
        region: profile.get("region").map(str::to_owned),
        role_arn: None,
        source_profile: None,
        mfa_serial: None,
        endpoint_url: None,
        problem: None,
    })
}
