//! Key policies: reading, replacing, and the little evaluation the simulation needs.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use serde_json::{Value, json};

use super::parse::Input;
use super::refusals::{limit_exceeded, not_found};
use super::{Kms, nothing, reference};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::account::iam_arn;
use crate::regions::Partition;

/// A key policy is at most 32 KB.
const POLICY_BYTES_MAX: usize = 32 * 1024;

/// The only name a policy of the customer can have.
const POLICY_NAME: &str = "default";

/// `GetKeyPolicy`.
pub(super) fn get_key_policy(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    check_name(input)?;
    let world = kms.read(call.now);
    let (_, key) = reference::permitted(&world, call, "GetKeyPolicy", input)?;
    Ok(json!({ "Policy": &*key.policy, "PolicyName": POLICY_NAME }))
}

/// `PutKeyPolicy`.
pub(super) fn put_key_policy(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    check_name(input)?;
    // Who may not put any policy is not told what is wrong with this one.
    reference::permitted(&kms.read(call.now), call, "PutKeyPolicy", input)?;
    let policy = parse(kms, call, input)?.ok_or_else(|| super::refusals::missing("Policy"))?;
    let mut world = kms.write(call.now);
    let (at, _) = reference::permitted(&world, call, "PutKeyPolicy", input)?;
    if let Some(key) = world.key_mut(&at) {
        key.policy = policy.into();
    }
    nothing()
}

/// `ListKeyPolicies`: there is always exactly one.
pub(super) fn list_key_policies(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let page = super::list::Page::parse(input, 100, 1000)?;
    let world = kms.read(call.now);
    reference::permitted(&world, call, "ListKeyPolicies", input)?;
    let names = [POLICY_NAME].into_iter().filter(|name| page.is_after(name));
    page.answer("PolicyNames", names, |name| name, |name| (*name).into())
}

/// Reads the member `Policy` of this and other operations, with the checks of
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>: the principals exist,
/// and the caller can change the policy afterwards (unless that check is bypassed).
pub(super) fn parse<'a>(
    kms: &Kms,
    call: &Call,
    input: Input<'a>,
) -> Result<Option<&'a str>, ApiError> {
    let bypass = input.flag("BypassPolicyLockoutSafetyCheck")?;
    let Some(text) = input.text("Policy", 1, 131_072)? else {
        return Ok(None);
    };
    if text.len() > POLICY_BYTES_MAX {
        return Err(limit_exceeded(
            "Key policy exceeds the maximum size of 32 KB",
        ));
    }
    let policy: Value = serde_json::from_str(text).map_err(|_| malformed("Policy is not JSON"))?;
    check_shape(&policy)?;
    let partition = Partition::of(&call.region);
    check_principals(&policy, &|name| (kms.principals)(name, partition))?;
    if !bypass && !grants(&policy, &call.account, &call.principal, "PutKeyPolicy") {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(Some(text))
}

/// Whether a stored policy by itself lets a principal do something.
pub(super) fn allows(policy: &str, account: &str, principal: &str, operation: &str) -> bool {
    serde_json::from_str(policy).is_ok_and(|policy| grants(&policy, account, principal, operation))
}

/// What KMS attaches when the creator of a key sends no policy.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>
pub(super) fn default_policy(partition: Partition, account: &str) -> String {
    let root = iam_arn(partition, account, "root");
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{root}"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// The policy of an AWS managed key, which nobody can change.
pub(super) fn aws_managed_policy(account: &str, region: &str, service: &str) -> String {
    let partition = Partition::of(region);
    json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}-1"),
        "Statement": [
            {
                "Sid": format!("Allow access through {service} for all principals in the account that are authorized to use {service}"),
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": { "StringEquals": {
                    "kms:CallerAccount": account,
                    "kms:ViaService": format!("{service}.{region}.{}", partition.domain()),
                } },
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": { "AWS": iam_arn(partition, account, "root") },
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    })
    .to_string()
}

fn check_name(input: Input<'_>) -> Result<(), ApiError> {
    match input.text("PolicyName", 1, 128)? {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => Err(not_found("No such policy exists")),
    }
}

/// The elements that every statement of a resource policy needs.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
fn check_shape(policy: &Value) -> Result<(), ApiError> {
    let members = policy
        .as_object()
        .ok_or_else(|| malformed("Policy is not an object"))?;
    if let Some(unknown) = members
        .keys()
        .find(|name| !matches!(name.as_str(), "Version" | "Id" | "Statement"))
    {
        return Err(malformed(format!("Unknown policy element {unknown}")));
    }
    if !matches!(
        members.get("Version").map(Value::as_str),
        None | Some(Some("2012-10-17" | "2008-10-17"))
    ) {
        return Err(malformed("The policy version is invalid"));
    }
    let statements = members
        .get("Statement")
        .map(one_or_many)
        .unwrap_or_default();
    if statements.is_empty() {
        return Err(malformed("The policy has no statement"));
    }
    for statement in statements {
        let member = |name: &str| statement.get(name).is_some_and(|value| !value.is_null());
        let either = |yes: &str, no: &str| member(yes) != member(no);
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) {
            return Err(malformed("A statement needs an Effect of Allow or Deny"));
        }
        if !either("Principal", "NotPrincipal") {
            return Err(malformed("A statement of a key policy needs a Principal"));
        }
        if !either("Action", "NotAction") || !either("Resource", "NotResource") {
            return Err(malformed("A statement needs an Action and a Resource"));
        }
    }
    Ok(())
}

/// Every principal has to exist, or at least to be of a kind that exists outside of the accounts.
fn check_principals(policy: &Value, is_known: &dyn Fn(&str) -> bool) -> Result<(), ApiError> {
    let statements = policy.get("Statement").map(one_or_many).unwrap_or_default();
    let named = statements.iter().flat_map(|statement| {
        let names = ["Principal", "NotPrincipal"];
        names.into_iter().filter_map(|name| statement.get(name))
    });
    let mut all_valid = true;
    for principal in named {
        all_valid &= match principal {
            Value::String(all) => all == "*",
            Value::Object(kinds) => {
                !kinds.is_empty()
                    && kinds
                        .iter()
                        .all(|(kind, names)| is_valid(kind, names, is_known))
            }
            _ => false,
        };
    }
    if all_valid {
        return Ok(());
    }
    Err(malformed(
        "Policy contains a statement with one or more invalid principals.",
    ))
}

fn is_valid(kind: &str, names: &Value, is_known: &dyn Fn(&str) -> bool) -> bool {
    let names = one_or_many(names);
    let is_valid = |name: &str| match kind {
        "AWS" => is_known(name),
        "Service" => {
            let mut labels = name.split('.');
            labels.next().is_some_and(|label| !label.is_empty())
                && [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"]
                    .iter()
                    .any(|end| name.ends_with(end))
        }
        "Federated" => !name.is_empty(),
        _ => false,
    };
    !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(is_valid))
}

/// An `Allow` without condition and no `Deny` without condition. The account's root stands for
/// every principal of the account, as KMS leaves the rest to IAM then.
fn grants(policy: &Value, account: &str, principal: &str, operation: &str) -> bool {
    let statements = policy.get("Statement").map(one_or_many).unwrap_or_default();
    let applies = |statement: &Value, effect: &str| {
        statement.get("Effect").and_then(Value::as_str) == Some(effect)
            && statement.get("Condition").is_none()
            && names_principal(statement, account, principal)
            && names_action(statement, operation)
    };
    statements
        .iter()
        .any(|statement| applies(statement, "Allow"))
        && !statements
            .iter()
            .any(|statement| applies(statement, "Deny"))
}

fn names_principal(statement: &Value, account: &str, principal: &str) -> bool {
    let Some(named) = statement.get("Principal") else {
        return false;
    };
    if named.as_str() == Some("*") {
        return true;
    }
    let role = role_of_session(principal);
    let matches = |name: &str| {
        name == "*"
            || name == account
            || name == principal
            || is_root_of(name, account)
            || role.is_some_and(|(session_account, role)| {
                name.contains(session_account)
                    && name.rsplit('/').next() == Some(role)
                    && name.contains(":role/")
            })
    };
    named
        .get("AWS")
        .map(one_or_many)
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_str)
        .any(matches)
}

fn names_action(statement: &Value, operation: &str) -> bool {
    let asked = format!("kms:{operation}").to_ascii_lowercase();
    let listed = |member: &str| {
        statement
            .get(member)
            .map(one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .any(|pattern| matches_pattern(&pattern.to_ascii_lowercase(), &asked))
    };
    if statement.get("NotAction").is_some() {
        !listed("NotAction")
    } else {
        listed("Action")
    }
}

/// `*` stands for anything, `?` for one character.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    match (pattern.chars().next(), text.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            matches_pattern(&pattern[1..], text)
                || text
                    .chars()
                    .next()
                    .is_some_and(|c| matches_pattern(pattern, &text[c.len_utf8()..]))
        }
        (Some(p), Some(t)) if p == '?' || p == t => {
            matches_pattern(&pattern[p.len_utf8()..], &text[t.len_utf8()..])
        }
        _ => false,
    }
}

fn is_root_of(name: &str, account: &str) -> bool {
    name.strip_suffix(":root")
        .is_some_and(|rest| rest.ends_with(&format!(":iam::{account}")))
}

fn role_of_session(principal: &str) -> Option<(&str, &str)> {
    let (before, session) = principal.split_once(":assumed-role/")?;
    Some((before.rsplit(':').next()?, session.split('/').next()?))
}

fn one_or_many(value: &Value) -> &[Value] {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new("MalformedPolicyDocumentException", message)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use super::*;

    const ACCOUNT: &str = "111111111111";
    const ALICE: &str = "arn:aws:iam::111111111111:user/alice";

    fn allow(principal: &Value, action: &Value) -> String {
        json!({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}]})
            .to_string()
    }

    #[test]
    fn root_a_user_and_a_role_session_are_recognised() {
        let root = default_policy(Partition::Commercial, ACCOUNT);
        assert!(allows(&root, ACCOUNT, ALICE, "Decrypt"));
        assert!(!allows(
            &root,
            "222222222222",
            "arn:aws:iam::222222222222:user/bob",
            "Decrypt"
        ));
        let alice = allow(
            &json!({"AWS": [ALICE]}),
            &json!(["kms:Enc*", "kms:Decrypt"]),
        );
        assert!(allows(&alice, ACCOUNT, ALICE, "Encrypt"));
        assert!(!allows(&alice, ACCOUNT, ALICE, "PutKeyPolicy"));
        let role = allow(
            &json!({"AWS": "arn:aws:iam::111111111111:role/path/ops"}),
            &json!("kms:*"),
        );
        let session = "arn:aws:sts::111111111111:assumed-role/ops/mina";
        assert!(allows(&role, ACCOUNT, session, "Decrypt"));
        assert!(!allows(
            &role,
            ACCOUNT,
            "arn:aws:sts::111111111111:assumed-role/dev/mina",
            "Decrypt"
        ));
    }

    #[test]
    fn a_deny_wins_and_a_conditional_allow_does_not_count() {
        let policy = json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": {"AWS": ALICE}, "Action": "kms:Decrypt", "Resource": "*"},
        ]});
        assert!(!grants(&policy, ACCOUNT, ALICE, "Decrypt"));
        assert!(grants(&policy, ACCOUNT, ALICE, "Encrypt"));
        let managed = aws_managed_policy(ACCOUNT, "eu-west-1", "s3");
        assert!(!allows(&managed, ACCOUNT, ALICE, "Encrypt"));
        assert!(allows(&managed, ACCOUNT, ALICE, "DescribeKey"));
    }

    #[tokio::test]
    async fn a_policy_names_only_principals_that_exist() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let policy = |principal: Value| {
            let root = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
            let other = json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"});
            json!({"Version": "2012-10-17", "Statement": [root, other]}).to_string()
        };
        for known in [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": ["222222222222", "arn:aws:iam::111111111111:user/test"]}),
            json!({"Service": ["s3.amazonaws.com", "logs.eu-west-1.amazonaws.com"]}),
            json!({"Federated": "cognito-identity.amazonaws.com"}),
        ] {
            let put = json!({"KeyId": key, "Policy": policy(known.clone())});
            assert_eq!(bench.code("PutKeyPolicy", put).await, "ok", "{known}");
        }
        for unknown in [
            json!("everybody"),
            json!({}),
            json!([]),
            json!({"AWS": []}),
            json!({"AWS": [ALICE, "*"]}),
            json!({"AWS": "arn:aws:iam::111111111111:role/gone"}),
            json!({"Service": "s3"}),
            json!({"Service": ".amazonaws.com"}),
            json!({"Planet": "mars"}),
            json!({"AWS": 7}),
        ] {
            let policy = policy(unknown.clone());
            for (operation, input) in [
                ("PutKeyPolicy", json!({"KeyId": key, "Policy": policy})),
                (
                    "CreateKey",
                    json!({"Policy": policy, "BypassPolicyLockoutSafetyCheck": true}),
                ),
            ] {
                let refused = bench.try_ask(operation, input).await.unwrap_err();
                assert_eq!(
                    refused.code, "MalformedPolicyDocumentException",
                    "{unknown}"
                );
                assert_eq!(
                    refused.message,
                    "Policy contains a statement with one or more invalid principals."
                );
            }
        }
    }

    #[tokio::test]
    async fn a_policy_that_locks_the_caller_out_needs_the_bypass() {
        let bench = Bench::new();
        let key = bench.create(json!({})).await;
        let locked = allow(&json!({"AWS": "222222222222"}), &json!("kms:*"));
        let mut put = json!({"KeyId": key, "Policy": locked});
        let refused = bench
            .try_ask("PutKeyPolicy", put.clone())
            .await
            .unwrap_err();
        assert_eq!(refused.code, "MalformedPolicyDocumentException");
        assert_eq!(
            refused.message,
            "The new key policy will not allow you to update the key policy in the future."
        );
        put["BypassPolicyLockoutSafetyCheck"] = json!(true);
        assert_eq!(bench.code("PutKeyPolicy", put).await, "ok");
    }

    #[test]
    fn shapes_that_aws_refuses_are_refused() {
        for bad in [
            json!([]),
            json!({}),
            json!({"Statement": []}),
            json!({"Version": "2020-01-01", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}),
            json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": "*"}]}),
            json!({"Statement": ["all"]}),
        ] {
            let error = check_shape(&bad).unwrap_err();
            assert_eq!(error.code, "MalformedPolicyDocumentException", "{bad}");
        }
    }
}
