//! What a connection's, a profile's and the environment's settings do to where AWS is asked.

use aws_types::os_shim_internal::Env;
use ownkey_model::{AppError, ConnectionKind, Region};

use super::{CALLER, World, connection, profile};
use crate::{Decision, network};

const KEYS: &str = "aws_access_key_id = AKIA1\naws_secret_access_key = s\n";
const REGIONS: &str = r#"<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <regionInfo><item><regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>"#;

#[tokio::test(start_paused = true)]
async fn fips_endpoints_are_asked_where_the_connection_says_so() {
    for (region, sts, ec2) in [
        (
            "us-east-1",
            "https://sts-fips.us-east-1.amazonaws.com/",
            "https://ec2-fips.us-east-1.amazonaws.com/",
        ),
        (
            "us-gov-west-1",
            "https://sts.us-gov-west-1.amazonaws.com/",
            "https://ec2.us-gov-west-1.amazonaws.com/",
        ),
    ] {
        let config = format!("[profile p]\n{KEYS}region = {region}\n");
        let world = World::new(&config, &[(200, CALLER), (200, REGIONS)]);
        let mut asked = profile("p");
        asked.fips = true;
        let session = world.aws.session(&asked, None).await.expect("keys");
        session.caller_identity().await.expect("an answer");
        session.regions().await.expect("an answer");
        let sent: Vec<String> = world.sent().into_iter().map(|one| one.url).collect();
        assert_eq!(sent, [sts, ec2]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_profiles_own_endpoints_are_asked_and_told() {
    let config = format!(
        "[profile all]\n{KEYS}endpoint_url = http://127.0.0.1:4566\n\
         [profile some]\n{KEYS}services = here\n\
         [services here]\nkms =\n  endpoint_url = http://127.0.0.1:9\n"
    );
    let world = World::new(&config, &[(200, CALLER)]);
    let all = world.aws.session(&profile("all"), None).await;
    let all = all.expect("keys");
    assert_eq!(all.endpoint_url().as_deref(), Some("http://127.0.0.1:4566"));
    all.caller_identity().await.expect("an answer");
    assert!(world.sent()[0].url.starts_with("http://127.0.0.1:4566"));

    let some = world.aws.session(&profile("some"), None).await;
    let some = some.expect("keys");
    assert_eq!(some.endpoint_url().as_deref(), Some("http://127.0.0.1:9"));
    some.caller_identity().await.expect("an answer");
    assert_eq!(world.sent()[1].url, "https://sts.us-east-1.amazonaws.com/");
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_none_never_becomes_part_of_a_host_name() {
    let config = format!("[profile p]\n{KEYS}region = evil.example/\n");
    let world = World::new(&config, &[(200, CALLER)]);
    let error = world.aws.session(&profile("p"), None).await.map(drop);
    assert!(
        matches!(&error, Err(AppError::NoCredentials { profile, .. }) if profile == "p"),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_region_is_the_connections_the_environments_or_the_profiles() {
    let config = format!("[profile p]\n{KEYS}region = eu-west-1\n[profile q]\n{KEYS}");
    let (new, old) = (
        ("AWS_REGION", "eu-west-2"),
        ("AWS_DEFAULT_REGION", "eu-west-3"),
    );
    let none = ("AWS_REGION", "");
    for (env, name, own, expected) in [
        (vec![new, old], "p", Some("sa-east-1"), "sa-east-1"),
        (vec![new, old], "p", None, "eu-west-2"),
        (vec![none, old], "p", None, "eu-west-3"),
        (vec![], "p", None, "eu-west-1"),
        (vec![old], "q", None, "eu-west-3"),
        (vec![], "q", None, "us-east-1"),
    ] {
        let world = World::within(&env, &config, "", &[(200, CALLER)]);
        let mut asked = profile(name);
        asked.region = own.map(|own| Region::parse(own).expect("a region"));
        let session = world.aws.session(&asked, None).await.expect("keys");
        session.caller_identity().await.expect("an answer");
        let expected = format!("https://sts.{expected}.amazonaws.com/");
        assert_eq!(world.sent()[0].url, expected, "{env:?}");
    }
    let world = World::within(
        &[("AWS_REGION", "evil.example/")],
        &config,
        "",
        &[(200, "")],
    );
    let error = world.aws.session(&profile("p"), None).await.map(drop);
    assert!(
        matches!(&error, Err(AppError::NoCredentials { cause, .. }) if cause.contains("AWS_REGION")),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn policies_are_simulated_page_by_page() {
    const MISSING: &str =
        "<MissingContextValues><member>aws:MultiFactorAuthPresent</member></MissingContextValues>";
    let page = |truncated: bool, action: &str, decision: &str| {
        let more = if truncated { "<Marker>m</Marker>" } else { "" };
        let missing = if action == "iam:ListUsers" {
            MISSING
        } else {
            ""
        };
        format!(
            r#"<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
            <SimulatePrincipalPolicyResult><IsTruncated>{truncated}</IsTruncated>{more}
            <EvaluationResults><member><EvalActionName>{action}</EvalActionName>
            <EvalResourceName>*</EvalResourceName><EvalDecision>{decision}</EvalDecision>{missing}</member>
            </EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"#
        )
    };
    let (first, second, third) = (
        page(true, "kms:TagResource", "allowed"),
        page(true, "iam:ListUsers", "explicitDeny").replace(">m<", ">n<"),
        page(false, "kms:CreateKey", "implicitDeny"),
    );
    let world = World::new("", &[(200, &first), (200, &second), (200, &third)]);
    let sandbox = connection(ConnectionKind::Sandbox);
    let session = world.aws.session(&sandbox, None).await.expect("a session");
    let found = session
        .simulate(
            "arn:aws:iam::111111111111:user/jo",
            &["iam:ListUsers", "kms:CreateKey", "kms:TagResource"],
        )
        .await;
    let expected = vec![
        ("iam:ListUsers".to_owned(), Decision::Conditional),
        ("kms:CreateKey".to_owned(), Decision::NotGranted),
        ("kms:TagResource".to_owned(), Decision::Allowed),
    ];
    assert_eq!(found, Ok(expected));
    assert_eq!(world.sent().len(), 3);
}

#[test]
fn a_bundle_of_certificates_that_cannot_be_used_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("empty"), "").expect("written");
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(path("broken"), broken).expect("written");
    for name in ["missing", "empty", "broken"] {
        let at = path(name).display().to_string();
        let client = network::http_client(&Env::from_slice(&[("AWS_CA_BUNDLE", &at)]));
        assert!(
            matches!(&client, Err(AppError::FileFailed { path, .. }) if *path == at),
            "{name}"
        );
    }
    assert!(network::http_client(&Env::from_slice(&[])).is_ok());
}
