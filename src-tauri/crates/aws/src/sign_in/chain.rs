//! What a profile of the AWS configuration builds on, read as the `aws` command reads it, but for
//! `credential_process`: here the computer's shell runs it, there nobody does. Nothing is asked here.
//! <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>

use std::collections::HashSet;

use aws_config::profile::{Profile, ProfileSet};
use aws_credential_types::Credentials;
use ownkey_model::{ProfileSignIn, Region, RoleArn};

use super::{
    link::{AssumedRole, ComputerSource, Step, WebIdentitySource},
    login::LoginSource,
    process::ProcessSource,
    sso::SsoSource,
};

/// The profiles, with what the merged view of both files does not tell.
pub(crate) struct Profiles {
    pub(crate) set: ProfileSet,
    /// Those that have an access key in the credentials file.
    pub(crate) with_keys_in_credentials: HashSet<String>,
}

/// What has to be done, in its order, to sign in with a profile.
pub(crate) struct Plan {
    pub(crate) base: Step,
    /// The device whose code makes a session of long-term base credentials.
    pub(crate) mfa_serial: Option<String>,
    pub(crate) roles: Vec<AssumedRole>,
}

/// Why a profile cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) sentence: String,
}

impl Unusable {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
        }
    }
}

/// What a profile builds on, or a sentence about why it cannot be used. Sessions of roles that the
/// files give no name get `session_name`.
pub(crate) fn plan(profiles: &Profiles, name: &str, session_name: &str) -> Result<Plan, Unusable> {
    let mut visited: Vec<&str> = Vec::new();
    let mut roles = Vec::new();
    let mut at = name;
    let (base, of_base) = loop {
        let profile = profiles
            .set
            .get_profile(at)
            .ok_or_else(|| match visited.last() {
                None => Unusable::new(
                    "There is no profile of this name in the AWS configuration files.",
                ),
                Some(from) => Unusable::new(format!(
                    "Profile {from} builds on profile {at}, which does not exist."
                )),
            })?;
        // A source with keys of its own gives those: its role is for those who choose it.
        if !visited.is_empty() && has_keys(profile) {
            break (base(profiles, profile, session_name)?, profile);
        }
        visited.push(at);
        if text(profile, "role_arn").is_none() || text(profile, "web_identity_token_file").is_some()
        {
            let base =
                base(profiles, profile, session_name).map_err(|problem| match visited.len() {
                    1 => problem,
                    _ => Unusable::new(format!("Profile {at}: {}", problem.sentence)),
                })?;
            break (base, profile);
        }
        roles.push(role(profile, session_name)?);
        match (
            text(profile, "source_profile"),
            text(profile, "credential_source"),
        ) {
            (Some(_), Some(_)) => {
                return Err(Unusable::new(format!(
                    "Profile {at} has both source_profile and credential_source; one of them has to go."
                )));
            }
            (None, None) => {
                return Err(Unusable::new(format!(
                    "Profile {at} assumes a role and has neither source_profile nor credential_source."
                )));
            }
            (None, Some(source)) => break (computer(at, source)?, profile),
            (Some(source), None) if source == at => {
                if !has_keys(profile) {
                    return Err(Unusable::new(format!(
                        "Profile {at} names itself as its source and has no access key."
                    )));
                }
                break (keys(profile)?, profile);
            }
            (Some(source), None) if visited.contains(&source) => {
                return Err(Unusable::new(format!(
                    "The profiles build on each other in a circle: {}, {source}.",
                    visited.join(", ")
                )));
            }
            (Some(source), None) => at = source,
        }
    };
    roles.reverse();
    let mut mfa_serial = None;
    if lasts(&base) {
        // One code makes a session, with which all roles are assumed.
        let of_role = roles.first_mut().and_then(|role| role.mfa_serial.take());
        mfa_serial = of_role.or_else(|| text(of_base, "mfa_serial").map(str::to_owned));
    }
    // Whoever comes from a role has no device: no code is taken from it.
    let first_from_role = usize::from(!gives_role_session(&base));
    if let Some(role) = roles
        .iter()
        .skip(first_from_role)
        .find(|role| role.mfa_serial.is_some())
    {
        return Err(Unusable::new(format!(
            "Role {} has an mfa_serial and is assumed from another role, where AWS takes no code: \
             mfa_serial belongs to the role that is assumed with a user\u{2019}s keys.",
            role.arn
        )));
    }
    Ok(Plan {
        base,
        mfa_serial,
        roles,
    })
}

/// How a profile signs in, whether it can or not.
pub(crate) fn kind(profiles: &Profiles, profile: &Profile) -> ProfileSignIn {
    let has = |key| text(profile, key).is_some();
    if has("web_identity_token_file") {
        return ProfileSignIn::WebIdentity;
    }
    if has("role_arn") {
        return ProfileSignIn::AssumeRole;
    }
    if is_sso(profile) {
        return ProfileSignIn::Sso;
    }
    match base(profiles, profile, "ownkey") {
        Ok(Step::Static(_)) => ProfileSignIn::StaticKeys,
        Ok(Step::Login(_)) => ProfileSignIn::Login,
        Ok(Step::Process(_)) => ProfileSignIn::CredentialProcess,
        _ => ProfileSignIn::Nothing,
    }
}

/// The profile's region, if it names one; a sentence if that is none.
pub(crate) fn region(profile: &Profile) -> Result<Option<Region>, Unusable> {
    text(profile, "region")
        .map(|region| {
            Region::parse(region).map_err(|_| {
                Unusable::new(format!(
                    "Profile {} names a region that is none.",
                    profile.name()
                ))
            })
        })
        .transpose()
}

/// A value of a profile; nothing means absent.
pub(crate) fn text<'a>(profile: &'a Profile, key: &str) -> Option<&'a str> {
    profile.get(key).filter(|value| !value.trim().is_empty())
}

/// The credentials that a profile has without another one, in the order of the `aws` command.
fn base(profiles: &Profiles, profile: &Profile, session_name: &str) -> Result<Step, Unusable> {
    if let Some(token_file) = text(profile, "web_identity_token_file") {
        let role = text(profile, "role_arn").ok_or_else(|| {
            Unusable::new("The profile has a web_identity_token_file and no role_arn.")
        })?;
        return Ok(Step::WebIdentity(WebIdentitySource {
            role: role_arn(role)?,
            token_file: token_file.to_owned(),
            session_name: text(profile, "role_session_name")
                .unwrap_or(session_name)
                .to_owned(),
        }));
    }
    if is_sso(profile) {
        return SsoSource::read(&profiles.set, profile).map(Step::Sso);
    }
    if profiles.with_keys_in_credentials.contains(profile.name()) && has_keys(profile) {
        return keys(profile);
    }
    if let Some(session) = text(profile, "login_session") {
        return Ok(Step::Login(LoginSource {
            profile: profile.name().to_owned(),
            session: session.to_owned(),
        }));
    }
    if let Some(command) = text(profile, "credential_process") {
        return Ok(Step::Process(ProcessSource {
            profile: profile.name().to_owned(),
            command: command.to_owned(),
        }));
    }
    keys(profile)
}

fn is_sso(profile: &Profile) -> bool {
    [
        "sso_session",
        "sso_start_url",
        "sso_account_id",
        "sso_role_name",
    ]
    .iter()
    .any(|key| text(profile, key).is_some())
}

fn has_keys(profile: &Profile) -> bool {
    text(profile, "aws_access_key_id").is_some() && text(profile, "aws_secret_access_key").is_some()
}

fn keys(profile: &Profile) -> Result<Step, Unusable> {
    match (
        text(profile, "aws_access_key_id"),
        text(profile, "aws_secret_access_key"),
    ) {
        (Some(id), Some(secret)) => Ok(Step::Static(Credentials::new(
            id,
            secret,
            text(profile, "aws_session_token").map(str::to_owned),
            None,
            "profile",
        ))),
        (None, None) => Err(Unusable::new("The profile holds no credentials.")),
        (Some(_), None) => Err(Unusable::new(
            "The profile has an access key ID and no secret access key.",
        )),
        (None, Some(_)) => Err(Unusable::new(
            "The profile has a secret access key and no access key ID.",
        )),
    }
}

fn computer(profile: &str, source: &str) -> Result<Step, Unusable> {
    let known = [
        ("environment", ComputerSource::Environment),
        ("ec2instancemetadata", ComputerSource::Ec2InstanceMetadata),
        ("ecscontainer", ComputerSource::EcsContainer),
    ];
    known
        .into_iter()
        .find(|(name, _)| *name == source.to_ascii_lowercase())
        .map(|(_, source)| Step::Computer(source))
        .ok_or_else(|| {
            Unusable::new(format!(
                "Profile {profile} names a credential_source that is unknown: Environment, \
                 Ec2InstanceMetadata and EcsContainer are known."
            ))
        })
}

fn role(profile: &Profile, session_name: &str) -> Result<AssumedRole, Unusable> {
    let seconds = text(profile, "duration_seconds")
        .map(|seconds| {
            seconds
                .trim()
                .parse::<i32>()
                .ok()
                .filter(|seconds| (900..=43_200).contains(seconds))
                .ok_or_else(|| {
                    Unusable::new(format!(
                        "Profile {} has duration_seconds other than 900 to 43200.",
                        profile.name()
                    ))
                })
        })
        .transpose()?;
    let owned = |key| text(profile, key).map(str::to_owned);
    Ok(AssumedRole {
        arn: role_arn(text(profile, "role_arn").unwrap_or_default())?,
        external_id: owned("external_id"),
        session_name: owned("role_session_name").unwrap_or_else(|| session_name.to_owned()),
        seconds,
        mfa_serial: owned("mfa_serial"),
    })
}

fn role_arn(text: &str) -> Result<String, Unusable> {
    RoleArn::parse(text)
        .map(String::from)
        .map_err(|_| Unusable::new(format!("{text} is no role's ARN.")))
}

/// Whether credentials are certainly those of a role.
fn gives_role_session(base: &Step) -> bool {
    let from_computer = [
        ComputerSource::Ec2InstanceMetadata,
        ComputerSource::EcsContainer,
    ];
    match base {
        Step::Sso(_) | Step::WebIdentity(_) => true,
        Step::Computer(source) => from_computer.contains(source),
        _ => false,
    }
}

/// Whether credentials are those of a user, which do not end.
fn lasts(base: &Step) -> bool {
    matches!(base, Step::Static(credentials) if credentials.session_token().is_none())
}
