//! The profiles of `~/.aws/config` and `~/.aws/credentials`, or of the files that AWS's own
//! environment variables name.

use aws_config::profile::{ProfileSet, load};
use aws_runtime::env_config::file::EnvConfigFiles;
use ownkey_model::{AppError, Profile, Region, Result};

use super::chain::{self, Plan, Profiles, text};
use crate::{asked::innermost, config::Surroundings};

/// All profiles, sorted by name; those that cannot be used say why.
pub(crate) async fn list(surroundings: &Surroundings) -> Result<Vec<Profile>> {
    let profiles = read(surroundings).await?;
    let names = profiles.set.profiles();
    let mut list: Vec<Profile> = names.filter_map(|name| describe(&profiles, name)).collect();
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(list)
}

/// The files as they are now.
pub(crate) async fn read(surroundings: &Surroundings) -> Result<Profiles> {
    let set = parse(surroundings, &surroundings.files).await?;
    let credentials = parse(surroundings, &surroundings.credentials_file).await?;
    let with_keys_in_credentials = credentials
        .profiles()
        .filter(|name| {
            credentials
                .get_profile(name)
                .is_some_and(|profile| text(profile, "aws_access_key_id").is_some())
        })
        .map(str::to_owned)
        .collect();
    Ok(Profiles {
        set,
        with_keys_in_credentials,
    })
}

impl Profiles {
    /// A profile's region, if it names one.
    pub(crate) fn region(&self, name: &str) -> Result<Option<Region>> {
        let Some(profile) = self.set.get_profile(name) else {
            return Ok(None);
        };
        chain::region(profile).map_err(|problem| AppError::NoCredentials {
            profile: name.to_owned(),
            cause: problem.sentence,
        })
    }
}

async fn parse(surroundings: &Surroundings, files: &EnvConfigFiles) -> Result<ProfileSet> {
    load(&surroundings.fs, &surroundings.env, files, None)
        .await
        .map_err(|error| AppError::NoCredentials {
            profile: String::new(),
            cause: innermost(&error),
        })
}

fn describe(profiles: &Profiles, name: &str) -> Option<Profile> {
    let profile = profiles.set.get_profile(name)?;
    let own = |key: &str| text(profile, key).map(str::to_owned);
    let planned =
        chain::plan(profiles, name, "ownkey").and_then(|plan| chain::region(profile).map(|_| plan));
    let mfa_of = |plan: &Plan| {
        let of_roles = plan.roles.iter().find_map(|role| role.mfa_serial.clone());
        plan.mfa_serial.clone().or(of_roles)
    };
    Some(Profile {
        name: name.to_owned(),
        sign_in: chain::kind(profiles, profile),
        region: own("region"),
        role_arn: own("role_arn"),
        source_profile: own("source_profile"),
        mfa_serial: planned.as_ref().map_or_else(|_| own("mfa_serial"), mfa_of),
        endpoint_url: own("endpoint_url"),
        problem: planned.err().map(|problem| problem.sentence),
    })
}
