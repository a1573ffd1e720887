//! The people and roles of the seeded company, and the administrators that every seed has.
//!
//! The keys of the company are not planted here but in `crate::seed`.

use std::collections::BTreeSet;
use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::State;
use super::account::{Account, Group, InlinePolicy, Role, User, iam_arn, stable_id};
use super::policy::{Policy, PolicyKind};
use crate::SECRET_ACCESS_KEY;
use crate::regions::Partition;

/// The account in which the company runs its production.
pub(crate) const PRODUCTION: &str = "111111111111";
/// The account in which the company does its analytics.
pub(crate) const ANALYTICS: &str = "222222222222";
/// The company's account in AWS GovCloud (US).
const FEDERAL: &str = "555555555555";
/// The company's account in the China Regions.
const CHINA: &str = "666666666666";

/// May list and describe; is refused `kms:GetKeyPolicy`, and everything in eu-central-1.
pub const AUDITOR_KEY_ID: &str = "AKIASANDBOXAUDITOR00";
/// Has an MFA device, `arn:aws:iam::111111111111:mfa/priya.nair`.
pub const MFA_USER_KEY_ID: &str = "AKIASANDBOXMFAUSER00";

/// The external id that the role `OwnKeyAdministrator` of the second account asks for.
pub const EXTERNAL_ID: &str = "ownkey-sandbox";

/// By which the accounts know their Identity Center.
const SAML_PROVIDER: &str = "5f0c2be19d37a84e";

pub(crate) const ADMINISTRATOR_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// A user that may do everything.
pub(crate) fn administrator(account: &str, name: &str, now: OffsetDateTime) -> User {
    user(account, "/", name, now, &[ADMINISTRATOR_ACCESS])
}

/// The role that Identity Center makes of a permission set.
pub(crate) fn reserved_role(
    account: &str,
    region: &str,
    name: &str,
    description: &str,
    policy: &str,
    now: OffsetDateTime,
) -> Role {
    let path = format!("/aws-reserved/sso.amazonaws.com/{region}/");
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{account}:saml-provider/AWSSSO_{SAML_PROVIDER}_DO_NOT_DELETE"}},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"]}}]}}"#
    );
    let created = now - Duration::days(366);
    role(
        account,
        &path,
        name,
        created,
        description,
        &trust,
        &[policy],
    )
}

/// The accounts with their users, roles and access keys.
pub(crate) fn plant(state: &mut State, now: OffsetDateTime) {
    let days_ago = |days: i64| now - Duration::days(days);
    state
        .accounts
        .insert(PRODUCTION.to_owned(), aliased("acme-production"));
    state
        .accounts
        .insert(ANALYTICS.to_owned(), aliased("acme-analytics"));
    plant_elsewhere(state, now);

    for (account, path, name, days, policies) in [
        (
            PRODUCTION,
            "/",
            "anna.berger",
            1_460,
            &[KEY_CUSTODIAN, READ_ONLY][..],
        ),
        (PRODUCTION, "/", "james.whitfield", 1_212, &[READ_ONLY]),
        (PRODUCTION, "/", "maria.schulz", 1_033, &[KEY_CUSTODIAN]),
        (PRODUCTION, "/", "nadia.petrova", 512, &[READ_ONLY]),
        (PRODUCTION, "/", "tom.keller", 871, &[READ_ONLY]),
        (PRODUCTION, "/", "yuki.tanaka", 96, &[READ_ONLY]),
        (PRODUCTION, "/", "auditor", 733, &[AUDITOR]),
        (PRODUCTION, "/service/", "backup-agent", 902, &[USE_KEYS]),
        (PRODUCTION, "/service/", "ci-deploy", 1_101, &[DEPLOY]),
        (PRODUCTION, "/service/", "monitoring", 655, &[READ_ONLY]),
        (
            PRODUCTION,
            "/service/",
            "terraform",
            1_455,
            &[ADMINISTRATOR_ACCESS],
        ),
        (ANALYTICS, "/", "lucas.moreau", 640, &[READ_ONLY]),
        (ANALYTICS, "/service/", "warehouse-loader", 512, &[USE_KEYS]),
    ] {
        state.add_user(account, user(account, path, name, days_ago(days), policies));
    }
    let security_lead = user(
        PRODUCTION,
        "/",
        "priya.nair",
        days_ago(389),
        &[READ_ONLY, ASSUME_WITH_MFA],
    );
    state.add_user(PRODUCTION, security_lead);
    state.add_mfa_device(PRODUCTION, "priya.nair", days_ago(389));
    state.add_access_key(AUDITOR_KEY_ID, SECRET_ACCESS_KEY, PRODUCTION, "auditor");
    state.add_access_key(MFA_USER_KEY_ID, SECRET_ACCESS_KEY, PRODUCTION, "priya.nair");

    for (account, path, name, days) in [
        (PRODUCTION, "/", "Administrators", 1_461),
        (PRODUCTION, "/", "KeyCustodians", 1_230),
        (PRODUCTION, "/", "Auditors", 733),
        (PRODUCTION, "/engineering/", "Platform", 870),
        (ANALYTICS, "/", "DataEngineers", 640),
    ] {
        state.add_group(account, group(account, path, name, days_ago(days)));
    }

    for role in production_roles(now) {
        state.add_role(PRODUCTION, role);
    }
    for mut role in analytics_roles(now) {
        role.longest_session = 43_200;
        state.add_role(ANALYTICS, role);
    }
}

/// One account in each of the other partitions, with a role that its own principals may assume.
fn plant_elsewhere(state: &mut State, now: OffsetDateTime) {
    for (id, alias, partition) in [
        (FEDERAL, "acme-federal", Partition::GovCloud),
        (CHINA, "acme-china", Partition::China),
    ] {
        let account = Account {
            alias: Some(alias.to_owned()),
            ..Account::new(partition)
        };
        state.accounts.insert(id.to_owned(), account);
        let root = iam_arn(partition, id, "root");
        let administrator = role(
            id,
            "/",
            "KeyAdministrator",
            now - Duration::days(410),
            "Administers keys, may not use them",
            &trusts_principal(&root, ""),
            &[KEY_CUSTODIAN, READ_ONLY],
        );
        state.add_role(id, administrator);
    }
}

fn production_roles(now: OffsetDateTime) -> Vec<Role> {
    let role = |path, name, days, description, trust: &str, policies| {
        role(
            PRODUCTION,
            path,
            name,
            now - Duration::days(days),
            description,
            trust,
            policies,
        )
    };
    vec![
        role(
            "/",
            "BreakGlass",
            980,
            "Emergency access, with MFA only",
            &trusts_accounts(
                PRODUCTION,
                r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            ),
            &[ADMINISTRATOR_ACCESS][..],
        ),
        role(
            "/",
            "KeyAdministrator",
            1_230,
            "Administers keys, may not use them",
            &trusts_accounts(PRODUCTION, ""),
            &[KEY_CUSTODIAN, READ_ONLY],
        ),
        role(
            "/",
            "SecurityAudit",
            1_460,
            "Reads configuration for the yearly audit",
            &trusts_accounts(PRODUCTION, ""),
            &[READ_ONLY],
        ),
        role(
            "/engineering/",
            "PlatformEngineer",
            870,
            "Day-to-day work of the platform team",
            &trusts_accounts(PRODUCTION, ""),
            &[READ_ONLY, USE_KEYS],
        ),
        role(
            "/",
            "github-actions-deploy",
            410,
            "Deployments from GitHub Actions",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{PRODUCTION}:oidc-provider/token.actions.githubusercontent.com"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:acme/*"}}}}}}]}}"#
            ),
            &[DEPLOY],
        ),
        role(
            "/service-role/",
            "documents-service",
            620,
            "Encrypts uploaded documents",
            &trusts("ecs-tasks"),
            &[USE_KEYS],
        ),
        role(
            "/service-role/",
            "orders-worker",
            702,
            "Order processing",
            &trusts("ecs-tasks"),
            &[USE_KEYS],
        ),
        role(
            "/service-role/",
            "payments-api",
            955,
            "Card payments",
            &trusts("lambda"),
            &[USE_KEYS],
        ),
        role(
            "/service-role/",
            "s3-replication",
            388,
            "Replicates documents to Ireland",
            &trusts("s3"),
            &[USE_KEYS],
        ),
        role(
            "/aws-service-role/rds.amazonaws.com/",
            "AWSServiceRoleForRDS",
            910,
            "Allows Amazon RDS to manage AWS resources on your behalf",
            &trusts("rds"),
            &[],
        ),
        role(
            "/aws-service-role/support.amazonaws.com/",
            "AWSServiceRoleForSupport",
            1_461,
            "Enables resource access for AWS to provide billing, administrative and support services",
            &trusts("support"),
            &[],
        ),
    ]
}

fn analytics_roles(now: OffsetDateTime) -> Vec<Role> {
    let role = |path, name, days, description, trust: &str, policies| {
        role(
            ANALYTICS,
            path,
            name,
            now - Duration::days(days),
            description,
            trust,
            policies,
        )
    };
    let external = format!(r#""StringEquals":{{"sts:ExternalId":"{EXTERNAL_ID}"}}"#);
    vec![
        role(
            "/",
            "OwnKeyAdministrator",
            45,
            "OwnKey administers keys of this account",
            &trusts_accounts(PRODUCTION, &external),
            &[ADMINISTRATOR_ACCESS][..],
        ),
        role(
            "/",
            "OrganizationAccountAccessRole",
            1_200,
            "",
            &trusts_accounts(PRODUCTION, ""),
            &[ADMINISTRATOR_ACCESS],
        ),
        role(
            "/",
            "DataEngineer",
            640,
            "Work of the analytics team",
            &trusts_accounts(ANALYTICS, ""),
            &[READ_ONLY, USE_KEYS],
        ),
        role(
            "/service-role/",
            "glue-etl",
            501,
            "Nightly transformations",
            &trusts("glue"),
            &[USE_KEYS],
        ),
        role(
            "/service-role/",
            "redshift-loader",
            498,
            "Loads the warehouse",
            &trusts("redshift"),
            &[USE_KEYS],
        ),
    ]
}

const AUDITOR: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Look","Effect":"Allow","Action":["kms:Describe*","kms:Get*","kms:List*","iam:Get*","iam:List*","ec2:Describe*"],"Resource":"*"},
    {"Sid":"NoPolicies","Effect":"Deny","Action":"kms:GetKeyPolicy","Resource":"*"},
    {"Sid":"NotInFrankfurt","Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"eu-central-1"}}}]}"#;

pub(crate) const READ_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Describe*","kms:Get*","kms:List*","iam:Get*","iam:List*","ec2:Describe*","tag:Get*","cloudtrail:LookupEvents"],"Resource":"*"}]}"#;

pub(crate) const KEY_CUSTODIAN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","ec2:*","s3:*","iam:*","sts:*"],"Resource":"*"}]}"#;

const USE_KEYS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"arn:aws:kms:*:*:key/*"}]}"#;

const DEPLOY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:*","lambda:*","s3:*","kms:DescribeKey","kms:ListAliases"],"Resource":"*"}]}"#;

const ASSUME_WITH_MFA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::111111111111:role/*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}}]}"#;

fn aliased(alias: &str) -> Account {
    Account {
        alias: Some(alias.to_owned()),
        ..Account::default()
    }
}

fn trusts_accounts(account: &str, condition: &str) -> String {
    trusts_principal(&iam_arn(Partition::Commercial, account, "root"), condition)
}

fn trusts_principal(principal: &str, condition: &str) -> String {
    let condition = match condition {
        "" => String::new(),
        inner => format!(r#","Condition":{{{inner}}}"#),
    };
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"{condition}}}]}}"#
    )
}

fn trusts(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}.amazonaws.com"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

fn group(account: &str, path: &str, name: &str, created: OffsetDateTime) -> Group {
    Group {
        name: name.to_owned(),
        path: path.to_owned(),
        id: stable_id("AGPA", account, name),
        created,
        members: BTreeSet::new(),
        policies: Vec::new(),
        attached: Vec::new(),
    }
}

fn user(account: &str, path: &str, name: &str, created: OffsetDateTime, policies: &[&str]) -> User {
    User {
        policies: policies.iter().enumerate().map(inline).collect(),
        ..User::new(name, path, stable_id("AIDA", account, name), created)
    }
}

fn role(
    account: &str,
    path: &str,
    name: &str,
    created: OffsetDateTime,
    description: &str,
    trust: &str,
    policies: &[&str],
) -> Role {
    Role {
        name: name.to_owned(),
        path: path.to_owned(),
        id: stable_id("AROA", account, name),
        created,
        description: description.to_owned(),
        trust: Arc::new(parsed(trust, PolicyKind::Trust)),
        policies: policies.iter().enumerate().map(inline).collect(),
        attached: Vec::new(),
        boundary: None,
        longest_session: 3_600,
        tags: Vec::new(),
    }
}

fn inline((turn, text): (usize, &&str)) -> InlinePolicy {
    InlinePolicy {
        name: format!("acme-{}", turn + 1),
        policy: Arc::new(parsed(text, PolicyKind::Identity)),
    }
}

fn parsed(text: &str, kind: PolicyKind) -> Policy {
    Policy::parse(text, kind).expect("the seed's own documents are well-formed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_company_stands_and_its_ids_repeat() {
        let mut state = State::default();
        plant(
            &mut state,
            OffsetDateTime::UNIX_EPOCH + Duration::days(20_000),
        );
        let production = &state.accounts[PRODUCTION];
        let analytics = &state.accounts[ANALYTICS];
        let (people, roles) = (production.users.len(), production.roles.len());
        assert!(people >= 12 && roles >= 11, "{people} users, {roles} roles");
        assert!(production.roles.contains_key("AWSServiceRoleForRDS"));
        assert!(analytics.users.len() >= 2 && analytics.roles.len() >= 5);
        assert_eq!(
            production.users["auditor"].id,
            stable_id("AIDA", PRODUCTION, "auditor")
        );
        assert_eq!(production.users["auditor"].id.len(), 21);
    }
}
