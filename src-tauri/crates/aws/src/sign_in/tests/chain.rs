//! What a profile builds on, read as the `aws` command reads it.

use std::path::Path;

use super::World;
use crate::sign_in::{
    chain::{self, Plan},
    link::Step,
    profiles,
};

/// The plan in one line.
fn shown(plan: &Plan) -> String {
    let base = match &plan.base {
        Step::Static(keys) => format!(
            "{}{}",
            keys.access_key_id(),
            keys.session_token().map_or("", |_| "+token")
        ),
        Step::Process(source) => format!("process {}", source.command),
        Step::Sso(source) => format!(
            "sso {} {} {} {}:{} {}",
            source.identifier(),
            source.start_url,
            source.region,
            source.account,
            source.role,
            source.scopes.join("+")
        ),
        Step::Login(source) => format!("login {} {}", source.profile, source.session),
        Step::Computer(source) => format!("{source:?}"),
        Step::WebIdentity(source) => format!(
            "web {} {} {}",
            source.role, source.token_file, source.session_name
        ),
        Step::MfaSession { .. } | Step::Role(_) => "no base".into(),
    };
    let mfa = plan.mfa_serial.iter().map(|serial| format!("mfa {serial}"));
    let roles = plan.roles.iter().map(|role| {
        let name = role.arn.rsplit('/').next().unwrap_or_default();
        let mut text = format!("role {name} as {}", role.session_name);
        for (what, value) in [("ext", &role.external_id), ("mfa", &role.mfa_serial)] {
            if let Some(value) = value {
                text += &format!(" {what} {value}");
            }
        }
        text + &role
            .seconds
            .map_or(String::new(), |seconds| format!(" for {seconds}"))
    });
    let parts: Vec<String> = std::iter::once(base).chain(mfa).chain(roles).collect();
    parts.join(", ")
}

const CONFIG: &str = "\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = s
region = eu-west-1
[profile temporary]
aws_access_key_id = ASIA1
aws_secret_access_key = s
aws_session_token = t
mfa_serial = S1
[profile device]
aws_access_key_id = AKIA1
aws_secret_access_key = s
mfa_serial = S1
[profile half]
aws_access_key_id = AKIA1
[profile other-half]
aws_secret_access_key = s
[profile nothing]
region = eu-west-1
[profile process]
credential_process = /opt/creds --for me
aws_access_key_id = AKIAUNUSED
aws_secret_access_key = s
[profile process-and-file]
credential_process = /opt/creds
[profile sso]
sso_session = corp
sso_account_id = 111111111111
sso_role_name = Admin
[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access, codewhisperer:completions
[profile sso-old]
sso_start_url = https://old.example/start
sso_region = us-east-1
sso_account_id = 111111111111
sso_role_name = Admin
[profile sso-half]
sso_session = corp
sso_account_id = 111111111111
[profile sso-lost]
sso_session = lost
sso_account_id = 111111111111
sso_role_name = Admin
[profile sso-evil]
sso_start_url = https://old.example/start
sso_region = evil.example/
sso_account_id = 111111111111
sso_role_name = Admin
[profile login]
login_session = arn:aws:iam::111111111111:user/jo
[profile web]
role_arn = arn:aws:iam::111111111111:role/Web
web_identity_token_file = /run/token
[profile web-half]
web_identity_token_file = /run/token
[profile role]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = default
external_id = x-1
role_session_name = me
duration_seconds = 7200
[profile role-device]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = default
mfa_serial = S2
[profile role-over-device]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = device
[profile role-over-temporary]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = temporary
mfa_serial = S2
[profile chained]
role_arn = arn:aws:iam::111111111111:role/Two
source_profile = role-device
[profile chained-device]
role_arn = arn:aws:iam::111111111111:role/Two
source_profile = role-device
mfa_serial = S3
[profile role-over-sso]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = sso-old
[profile role-over-web]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = web
[profile role-over-nothing]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = nothing
[profile role-over-missing]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = missing
[profile self]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = self
aws_access_key_id = AKIASELF
aws_secret_access_key = s
mfa_serial = S1
[profile over-self]
role_arn = arn:aws:iam::111111111111:role/Two
source_profile = self
[profile self-without]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = self-without
[profile round-a]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = round-b
[profile round-b]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = round-c
[profile round-c]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = round-a
[profile two-sources]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = default
credential_source = Environment
[profile no-source]
role_arn = arn:aws:iam::111111111111:role/One
[profile instance]
role_arn = arn:aws:iam::111111111111:role/One
credential_source = Ec2InstanceMetadata
[profile instance-device]
role_arn = arn:aws:iam::111111111111:role/One
credential_source = Ec2InstanceMetadata
mfa_serial = S1
[profile container]
role_arn = arn:aws:iam::111111111111:role/One
credential_source = ECSCONTAINER
[profile environment]
role_arn = arn:aws:iam::111111111111:role/One
credential_source = Environment
[profile odd-source]
role_arn = arn:aws:iam::111111111111:role/One
credential_source = Elsewhere
[profile odd-role]
role_arn = the admin role
source_profile = default
[profile odd-time]
role_arn = arn:aws:iam::111111111111:role/One
source_profile = default
duration_seconds = 60
";

const CREDENTIALS: &str = "\
[process-and-file]
aws_access_key_id = AKIAFILE
aws_secret_access_key = s
";

#[tokio::test]
async fn each_profile_builds_on_what_the_aws_command_takes() {
    let world = World::with(CONFIG, CREDENTIALS, Path::new("/nowhere"), &[(200, "")]);
    let surroundings = &world.aws.ways.memory.surroundings;
    let profiles = profiles::read(surroundings).await.expect("good files");
    let sso = "sso corp https://corp.example/start eu-central-1 111111111111:Admin \
               sso:account:access+codewhisperer:completions";
    let old = "sso https://old.example/start https://old.example/start us-east-1 \
               111111111111:Admin sso:account:access";
    let role_over_old = format!("{old}, role One as ownkey-x");
    for (name, expected) in [
        ("default", "AKIADEFAULT"),
        ("temporary", "ASIA1+token"),
        ("device", "AKIA1, mfa S1"),
        ("process", "process /opt/creds --for me"),
        ("process-and-file", "AKIAFILE"),
        ("sso", sso),
        ("sso-old", old),
        ("login", "login login arn:aws:iam::111111111111:user/jo"),
        (
            "web",
            "web arn:aws:iam::111111111111:role/Web /run/token ownkey-x",
        ),
        ("role", "AKIADEFAULT, role One as me ext x-1 for 7200"),
        ("role-device", "AKIADEFAULT, mfa S2, role One as ownkey-x"),
        ("role-over-device", "AKIA1, mfa S1, role One as ownkey-x"),
        (
            "role-over-temporary",
            "ASIA1+token, role One as ownkey-x mfa S2",
        ),
        (
            "chained",
            "AKIADEFAULT, mfa S2, role One as ownkey-x, role Two as ownkey-x",
        ),
        ("role-over-sso", &role_over_old),
        (
            "role-over-web",
            "web arn:aws:iam::111111111111:role/Web /run/token ownkey-x, role One as ownkey-x",
        ),
        ("self", "AKIASELF, mfa S1, role One as ownkey-x"),
        ("over-self", "AKIASELF, mfa S1, role Two as ownkey-x"),
        ("instance", "Ec2InstanceMetadata, role One as ownkey-x"),
        ("container", "EcsContainer, role One as ownkey-x"),
        ("environment", "Environment, role One as ownkey-x"),
    ] {
        let plan = chain::plan(&profiles, name, "ownkey-x").expect(name);
        assert_eq!(shown(&plan), expected, "{name}");
    }
    for (name, expected) in [
        ("missing", "no profile of this name"),
        ("half", "no secret access key"),
        ("other-half", "no access key ID"),
        ("nothing", "holds no credentials"),
        ("sso-half", "has no sso_role_name"),
        ("sso-lost", "no [sso-session lost]"),
        ("sso-evil", "sso_region is no region"),
        ("web-half", "no role_arn"),
        (
            "role-over-nothing",
            "Profile nothing: The profile holds no credentials.",
        ),
        (
            "role-over-missing",
            "builds on profile missing, which does not exist",
        ),
        (
            "self-without",
            "names itself as its source and has no access key",
        ),
        (
            "round-a",
            "in a circle: round-a, round-b, round-c, round-a.",
        ),
        (
            "chained-device",
            "Role arn:aws:iam::111111111111:role/Two has an mfa_serial",
        ),
        ("instance-device", "assumed from another role"),
        ("two-sources", "both source_profile and credential_source"),
        ("no-source", "neither source_profile nor credential_source"),
        ("odd-source", "credential_source that is unknown"),
        ("odd-role", "no role's ARN"),
        ("odd-time", "duration_seconds other than"),
    ] {
        let problem = chain::plan(&profiles, name, "ownkey-x").map(|plan| shown(&plan));
        let problem = problem.expect_err(name).sentence;
        assert!(problem.contains(expected), "{name}: {problem}");
    }
}

#[tokio::test]
async fn the_list_of_profiles_says_what_each_needs_and_which_cannot_be_used() {
    let world = World::with(CONFIG, CREDENTIALS, Path::new("/nowhere"), &[(200, "")]);
    let list = world.aws.profiles().await.expect("good files");
    assert!(list.is_sorted_by(|a, b| a.name < b.name));
    let find = |name: &str| {
        let found = list.iter().find(|one| one.name == name);
        found.expect(name).clone()
    };
    let over_device = find("role-over-device");
    assert_eq!(over_device.mfa_serial.as_deref(), Some("S1"));
    assert_eq!(over_device.source_profile.as_deref(), Some("device"));
    assert_eq!(over_device.problem, None);
    assert_eq!(find("default").region.as_deref(), Some("eu-west-1"));
    let unusable: Vec<&str> = list
        .iter()
        .filter(|one| one.problem.is_some())
        .map(|one| one.name.as_str())
        .collect();
    for name in ["self-without", "round-a", "round-b", "nothing", "sso-lost"] {
        assert!(unusable.contains(&name), "{name}");
    }
    assert!(!unusable.contains(&"chained"), "{unusable:?}");
}
