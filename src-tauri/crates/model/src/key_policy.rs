//! A key policy as the user gives it, and the text that AWS is sent.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{AccountId, AppError, Field, KeySpec, KeyUsage, Partition};

/// The longest policy that AWS takes, in bytes.
pub const LONGEST_POLICY: usize = 32_768;

/// A key policy as the window asks for it. Neither part: the default policy. Both: a contradiction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase", default)]
pub struct PolicyDraft {
    /// Raw mode: the JSON text.
    pub raw: Option<String>,
    /// Basic mode: lists of principals.
    pub basic: Option<BasicPolicy>,
    /// Sets the policy even if it does not let the caller change it afterwards.
    pub bypass_lockout_check: bool,
}

/// Basic mode. Users and roles are ARNs, or names of the key's own account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase", default)]
pub struct BasicPolicy {
    /// Users who administer the key.
    pub key_admins: Vec<String>,
    /// Roles that administer the key.
    pub key_admins_roles: Vec<String>,
    /// Users who use the key.
    pub key_users: Vec<String>,
    /// Roles that use the key.
    pub key_users_roles: Vec<String>,
    /// Other accounts that may use the key: twelve digits each.
    pub external_accounts: Vec<String>,
}

/// What a policy is for, as far as its statements depend on it.
#[derive(Debug, Clone)]
pub struct PolicyScope {
    /// The key's partition.
    pub partition: Partition,
    /// The key's account.
    pub account: AccountId,
    /// The kind of key.
    pub spec: KeySpec,
    /// What the key is for.
    pub usage: KeyUsage,
    /// Whether the key can have replicas.
    pub multi_region: bool,
}

/// A key policy, checked as far as this computer can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub struct KeyPolicy {
    /// How it was given.
    pub mode: PolicyMode,
    /// The JSON text that AWS is sent; absent for the default policy, which AWS writes itself.
    pub text: Option<String>,
    /// Whether the lockout check is bypassed.
    pub bypass_lockout_check: bool,
}

/// How a policy is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(rename_all = "camelCase")]
pub enum PolicyMode {
    /// AWS's own: the account's root may do everything, so IAM decides.
    Default,
    /// From lists of principals.
    Basic,
    /// JSON as typed.
    Raw,
}

impl PolicyDraft {
    /// The policy, or which part of the form contradicts another or is malformed.
    pub fn parse(&self, scope: &PolicyScope) -> crate::Result<KeyPolicy> {
        let (mode, text) = match (&self.raw, &self.basic) {
            (Some(_), Some(_)) => {
                return Err(AppError::invalid(
                    Field::Policy,
                    "Give the policy in one mode: as lists of principals or as JSON, not both.",
                ));
            }
            (None, None) => (PolicyMode::Default, None),
            (Some(raw), None) => (PolicyMode::Raw, Some(check_raw(raw)?)),
            (None, Some(basic)) => (PolicyMode::Basic, Some(basic.text(scope)?)),
        };
        Ok(KeyPolicy {
            mode,
            text,
            bypass_lockout_check: self.bypass_lockout_check,
        })
    }
}

/// The policy that AWS writes where none is given: the account's root may do everything, so that IAM
/// decides.
pub fn default_policy(scope: &PolicyScope) -> String {
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": { "AWS": root_of(scope.partition, &scope.account) },
            "Action": "kms:*",
            "Resource": "*",
        }],
    });
    serde_json::to_string_pretty(&policy).expect("JSON values have a text")
}

fn check_raw(text: &str) -> crate::Result<String> {
    let malformed = |reason: String| AppError::invalid(Field::Policy, reason);
    if text.len() > LONGEST_POLICY {
        return Err(malformed(format!(
            "A key policy has at most {LONGEST_POLICY} bytes; this one has {}.",
            text.len()
        )));
    }
    let policy: Value = serde_json::from_str(text).map_err(|error| {
        malformed(format!(
            "This is not JSON: line {}, column {}.",
            error.line(),
            error.column()
        ))
    })?;
    match policy.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => Ok(text.to_owned()),
        Some(Value::Object(_)) => Ok(text.to_owned()),
        _ => Err(malformed(
            "A key policy is a JSON object with at least one Statement.".into(),
        )),
    }
}

impl BasicPolicy {
    /// The statements of the reference: root, administrators, use of the key, attachment of
    /// persistent resources by AWS services only.
    fn text(&self, scope: &PolicyScope) -> crate::Result<String> {
        let admins = self.principals(
            scope,
            (&self.key_admins, Field::KeyAdmins),
            (&self.key_admins_roles, Field::KeyAdminsRoles),
        )?;
        let mut users = self.principals(
            scope,
            (&self.key_users, Field::KeyUsers),
            (&self.key_users_roles, Field::KeyUsersRoles),
        )?;
        for account in &self.external_accounts {
            let account = AccountId::parse(account.trim()).map_err(|_| {
                AppError::invalid(
                    Field::ExternalAccounts,
                    format!("{account} is no account id of twelve digits."),
                )
            })?;
            if account == scope.account {
                return Err(AppError::invalid(
                    Field::ExternalAccounts,
                    "This is the key's own account, not another one.",
                ));
            }
            users.push(root_of(scope.partition, &account));
        }
        if admins.is_empty() && users.is_empty() {
            return Err(AppError::invalid(
                Field::Policy,
                "Choose at least one administrator, user, role or account.",
            ));
        }
        users.dedup();
        let text = serde_json::to_string_pretty(&basic_policy(scope, &admins, &users))
            .expect("JSON values have a text");
        if text.len() > LONGEST_POLICY {
            return Err(AppError::invalid(
                Field::Policy,
                format!("So many principals make more than {LONGEST_POLICY} bytes of policy."),
            ));
        }
        Ok(text)
    }

    fn principals(
        &self,
        scope: &PolicyScope,
        users: (&[String], Field),
        roles: (&[String], Field),
    ) -> crate::Result<Vec<String>> {
        let mut arns = Vec::new();
        for ((names, field), kind) in [(users, "user"), (roles, "role")] {
            for name in names {
                arns.push(principal_arn(scope, name.trim(), kind, field)?);
            }
        }
        arns.sort();
        arns.dedup();
        Ok(arns)
    }
}

fn root_of(partition: Partition, account: &AccountId) -> String {
    format!("arn:{}:iam::{account}:root", partition.as_str())
}

/// An ARN of the right kind as it is; a name becomes the ARN in the key's account.
fn principal_arn(
    scope: &PolicyScope,
    name: &str,
    kind: &str,
    field: Field,
) -> crate::Result<String> {
    let refused = || {
        AppError::invalid(
            field,
            format!(
                "{name} is neither a {kind}'s name nor an ARN like \
                 arn:{}:iam::{}:{kind}/NAME.",
                scope.partition.as_str(),
                scope.account
            ),
        )
    };
    let is_path =
        |text: &str| !text.is_empty() && text.len() <= 577 && text.chars().all(is_iam_character);
    if !name.starts_with("arn:") {
        let named = is_path(name) && !name.starts_with('/') && !name.contains(':');
        return named
            .then(|| {
                format!(
                    "arn:{}:iam::{}:{kind}/{name}",
                    scope.partition.as_str(),
                    scope.account
                )
            })
            .ok_or_else(refused);
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let well_formed = matches!(parts.as_slice(), ["arn", partition, "iam", "", account, resource]
        if *partition == scope.partition.as_str()
            && AccountId::parse(account).is_ok()
            && resource.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/')).is_some_and(is_path));
    if well_formed {
        Ok(name.to_owned())
    } else {
        Err(refused())
    }
}

fn is_iam_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/_+=,.@-".contains(c)
}

fn basic_policy(scope: &PolicyScope, admins: &[String], users: &[String]) -> Value {
    let mut statements = vec![json!({
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": { "AWS": [root_of(scope.partition, &scope.account)] },
        "Action": "kms:*",
        "Resource": "*",
    })];
    if !admins.is_empty() {
        statements.push(json!({
            "Sid": "Allow access for Key Administrators",
            "Effect": "Allow",
            "Principal": { "AWS": admins },
            "Action": administration(scope),
            "Resource": "*",
        }));
    }
    if !users.is_empty() {
        statements.push(json!({
            "Sid": "Allow use of the key",
            "Effect": "Allow",
            "Principal": { "AWS": users },
            "Action": use_of_the_key(scope),
            "Resource": "*",
        }));
        statements.push(json!({
            "Sid": "Allow attachment of persistent resources",
            "Effect": "Allow",
            "Principal": { "AWS": users },
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*",
            "Condition": { "Bool": { "kms:GrantIsForAWSResource": "true" } },
        }));
    }
    json!({ "Version": "2012-10-17", "Id": "key-consolepolicy-3", "Statement": statements })
}

fn administration(scope: &PolicyScope) -> Vec<&'static str> {
    let mut actions = vec![
        "kms:Create*",
        "kms:Describe*",
        "kms:Enable*",
        "kms:List*",
        "kms:Put*",
        "kms:Update*",
        "kms:Revoke*",
        "kms:Disable*",
        "kms:Get*",
        "kms:Delete*",
        "kms:ImportKeyMaterial",
        "kms:TagResource",
        "kms:UntagResource",
        "kms:ScheduleKeyDeletion",
        "kms:CancelKeyDeletion",
    ];
    if scope.spec.has_several_materials() {
        actions.push("kms:RotateKeyOnDemand");
    }
    if scope.multi_region {
        actions.push("kms:ReplicateKey");
    }
    actions
}

fn use_of_the_key(scope: &PolicyScope) -> Vec<&'static str> {
    let mut actions = match scope.usage {
        KeyUsage::EncryptDecrypt => vec![
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ],
        KeyUsage::SignVerify => vec!["kms:Sign", "kms:Verify", "kms:DescribeKey"],
        KeyUsage::GenerateVerifyMac => vec!["kms:GenerateMac", "kms:VerifyMac", "kms:DescribeKey"],
        KeyUsage::KeyAgreement => vec!["kms:DeriveSharedSecret", "kms:DescribeKey"],
    };
    let has_public_key =
        !scope.spec.has_several_materials() && scope.usage != KeyUsage::GenerateVerifyMac;
    if has_public_key {
        actions.push("kms:GetPublicKey");
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> PolicyScope {
        PolicyScope {
            partition: Partition::Aws,
            account: AccountId::parse("123456789012").expect("an account"),
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            multi_region: false,
        }
    }

    fn parsed(basic: BasicPolicy) -> Value {
        let draft = PolicyDraft {
            basic: Some(basic),
            ..PolicyDraft::default()
        };
        let policy = draft.parse(&scope()).expect("a policy");
        assert_eq!(policy.mode, PolicyMode::Basic);
        serde_json::from_str(&policy.text.expect("a text")).expect("JSON")
    }

    fn refused(draft: PolicyDraft) -> Field {
        match draft.parse(&scope()) {
            Err(AppError::InvalidInput { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    /// The example of the reference: one key user.
    #[test]
    fn a_key_user_gets_use_and_the_attachment_for_aws_services_only() {
        let policy = parsed(BasicPolicy {
            key_users: vec!["user2".into()],
            ..BasicPolicy::default()
        });
        let statements = policy["Statement"].as_array().expect("statements");
        let sids: Vec<_> = statements.iter().map(|one| &one["Sid"]).collect();
        assert_eq!(
            sids,
            [
                "Enable IAM User Permissions",
                "Allow use of the key",
                "Allow attachment of persistent resources"
            ]
        );
        assert_eq!(
            statements[1]["Principal"]["AWS"],
            json!(["arn:aws:iam::123456789012:user/user2"])
        );
        assert_eq!(
            statements[2]["Condition"],
            json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } })
        );
        assert_eq!(statements[0]["Action"], "kms:*");
        assert_eq!(
            statements[1]["Action"],
            json!([
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey"
            ])
        );
    }

    #[test]
    fn the_lists_of_basic_mode_combine() {
        let policy = parsed(BasicPolicy {
            key_admins: vec!["arn:aws:iam::123456789012:user/admin".into()],
            key_admins_roles: vec!["ops/Admin".into()],
            key_users_roles: vec!["arn:aws:iam::123456789012:role/app".into()],
            external_accounts: vec!["444455556666".into()],
            ..BasicPolicy::default()
        });
        assert_eq!(
            policy["Statement"][1]["Principal"]["AWS"],
            json!([
                "arn:aws:iam::123456789012:role/ops/Admin",
                "arn:aws:iam::123456789012:user/admin"
            ])
        );
        assert_eq!(
            policy["Statement"][2]["Principal"]["AWS"],
            json!([
                "arn:aws:iam::123456789012:role/app",
                "arn:aws:iam::444455556666:root"
            ])
        );
    }

    #[test]
    fn what_is_no_principal_is_refused_at_its_field() {
        let user = |name: &str| PolicyDraft {
            basic: Some(BasicPolicy {
                key_users: vec![name.into()],
                ..BasicPolicy::default()
            }),
            ..PolicyDraft::default()
        };
        for bad in [
            "",
            "a b",
            "*",
            "arn:aws:iam::123456789012:role/app",
            "arn:aws-cn:iam::123456789012:user/x",
            "arn:aws:iam::12:user/x",
            "arn:aws:iam::123456789012:user/",
            "x\"}]}",
        ] {
            assert_eq!(refused(user(bad)), Field::KeyUsers, "{bad}");
        }
        let account = |id: &str| PolicyDraft {
            basic: Some(BasicPolicy {
                external_accounts: vec![id.into()],
                ..BasicPolicy::default()
            }),
            ..PolicyDraft::default()
        };
        assert_eq!(refused(account("1234")), Field::ExternalAccounts);
        assert_eq!(refused(account("123456789012")), Field::ExternalAccounts);
    }

    #[test]
    fn two_modes_at_once_are_a_contradiction() {
        let draft = PolicyDraft {
            raw: Some("{}".into()),
            basic: Some(BasicPolicy::default()),
            bypass_lockout_check: false,
        };
        assert_eq!(refused(draft), Field::Policy);
        let empty = PolicyDraft {
            basic: Some(BasicPolicy::default()),
            ..PolicyDraft::default()
        };
        assert_eq!(refused(empty), Field::Policy);
    }

    #[test]
    fn raw_mode_takes_json_with_a_statement_and_nothing_else() {
        let raw = |text: &str| PolicyDraft {
            raw: Some(text.into()),
            ..PolicyDraft::default()
        };
        for bad in ["", "{", "[]", "{}", "{\"Statement\":[]}", "\"Statement\""] {
            assert_eq!(refused(raw(bad)), Field::Policy, "{bad}");
        }
        assert_eq!(refused(raw(&" ".repeat(LONGEST_POLICY + 1))), Field::Policy);
        let text = "{\"Statement\": [{}]}";
        let policy = raw(text).parse(&scope()).expect("taken as it is");
        assert_eq!(policy.text.as_deref(), Some(text));
    }

    #[test]
    fn the_default_policy_is_aws_s_to_write() {
        let policy = PolicyDraft::default().parse(&scope()).expect("nothing");
        assert_eq!((policy.mode, policy.text), (PolicyMode::Default, None));
    }
}
