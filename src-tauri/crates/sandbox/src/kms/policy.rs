//! Key policies: the operations that read and replace them, and which ones are accepted. Whom they let
//! in is decided in `access`.
//!
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::access;
use super::key_policy::KeyPolicy;
use super::parse::Input;
use super::refusals::{constraint, limit_exceeded, not_found};
use super::{Kms, Principals, nothing, reference};
use crate::api::{ApiError, ApiResult, Call};
use crate::iam::account::iam_arn;
use crate::iam::named::{one_or_many, principals_in};
use crate::iam::policy::{Malformed, Policy, PolicyKind};
use crate::iam::principals::is_service_principal;
use crate::regions::Partition;

/// A key policy is at most 32 KB.
const POLICY_BYTES_MAX: usize = 32 * 1024;

/// The only name a policy of the customer can have.
const POLICY_NAME: &str = "default";

const INVALID_PRINCIPALS: &str = "Policy contains a statement with one or more invalid principals.";

/// `GetKeyPolicy`.
pub(super) fn get_key_policy(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    check_name(input)?;
    let world = kms.read(call.now);
    let (_, key) = reference::permitted(&world, call, "GetKeyPolicy", input)?;
    let policy = Arc::clone(&key.policy);
    drop(world);
    let text = policy.shown(&*kms.principals);
    Ok(json!({ "Policy": text, "PolicyName": POLICY_NAME }))
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
        key.policy = policy;
    }
    nothing()
}

/// `ListKeyPolicies`: there is always exactly one.
pub(super) fn list_key_policies(kms: &Kms, call: &Call, input: Input<'_>) -> ApiResult {
    let world = kms.read(call.now);
    let (at, _) = reference::permitted(&world, call, "ListKeyPolicies", input)?;
    let list = format!("ListKeyPolicies {}", at.arn());
    let page = super::list::Page::parse(input, &list, 100, 1000)?;
    let names = [POLICY_NAME].into_iter().filter(|name| page.is_after(name));
    page.answer("PolicyNames", names, |name| name, |name| (*name).into())
}

/// Reads the member `Policy` of this and other operations, with the checks of
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html>: the principals exist,
/// and the caller can change the policy afterwards (unless that check is bypassed). Do not hold a
/// lock of KMS: IAM is asked.
pub(super) fn parse(
    kms: &Kms,
    call: &Call,
    input: Input<'_>,
) -> Result<Option<Arc<KeyPolicy>>, ApiError> {
    let bypass = input.flag("BypassPolicyLockoutSafetyCheck")?;
    let Some(text) = input.text("Policy", 1, 131_072)? else {
        return Ok(None);
    };
    let is_allowed = |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    if !text.chars().all(is_allowed) {
        let rule = "Member must satisfy regular expression pattern: \
                    [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
        return Err(constraint(text, "policy", rule));
    }
    if text.len() > POLICY_BYTES_MAX {
        return Err(limit_exceeded(
            "Key policy exceeds the maximum size of 32 KB",
        ));
    }
    let document =
        serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    check_principals(&document, &*kms.principals, Partition::of(&call.region))?;
    Policy::parse_new(text, PolicyKind::Key).map_err(|Malformed(sentence)| malformed(sentence))?;
    let policy = KeyPolicy::bound(text, &*kms.principals);
    if !bypass && !access::keeps_the_caller(kms, call, input, &policy) {
        return Err(malformed(
            "The new key policy will not allow you to update the key policy in the future.",
        ));
    }
    Ok(Some(policy))
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

/// Every principal has to exist, or at least to be of a kind that exists outside of the accounts.
fn check_principals(
    policy: &Value,
    known: &dyn Principals,
    partition: Partition,
) -> Result<(), ApiError> {
    let mut all_valid = true;
    for principal in principals_in(policy) {
        all_valid &= match principal {
            Value::Object(kinds) => {
                let mut kinds = kinds.iter().peekable();
                kinds.peek().is_some()
                    && kinds.all(|(kind, names)| is_valid(kind, names, known, partition))
            }
            _ => principal == "*",
        };
    }
    if all_valid {
        return Ok(());
    }
    Err(malformed(INVALID_PRINCIPALS))
}

fn is_valid(kind: &str, names: &Value, known: &dyn Principals, partition: Partition) -> bool {
    let names = one_or_many(names);
    let is_valid = |name: &str| match kind {
        "AWS" => known.exist(name, partition),
        "Service" => is_service_principal(name),
        "Federated" => !name.is_empty(),
        _ => false,
    };
    !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(is_valid))
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

    #[tokio::test]
    async fn the_lockout_check_asks_the_callers_own_policies_too() {
        let mut bench = Bench::new();
        let key = bench.create(json!({})).await;
        let root = allow(&json!({"AWS": ACCOUNT}), &json!("kms:*"));
        let put = json!({"KeyId": key, "Policy": root});
        assert_eq!(bench.code("PutKeyPolicy", put.clone()).await, "ok");
        let narrowed = allow(&json!({"AWS": ACCOUNT}), &json!("kms:Describe*"));
        let narrowed = json!({"KeyId": key, "Policy": narrowed});
        let malformed = "MalformedPolicyDocumentException";
        assert_eq!(bench.code("PutKeyPolicy", narrowed).await, malformed);
        // Who may only create keys may not create one that only others could look after.
        bench.act_as(
            "anna",
            &[r#"{"Effect":"Allow","Action":"kms:CreateKey","Resource":"*"}"#],
        );
        assert_eq!(
            bench.code("CreateKey", json!({ "Policy": root })).await,
            malformed
        );
        assert_eq!(bench.code("CreateKey", json!({})).await, "ok");
        let own = allow(&json!({"AWS": bench.call().principal}), &json!("kms:*"));
        assert_eq!(
            bench.code("CreateKey", json!({ "Policy": own })).await,
            "ok"
        );
    }

    #[tokio::test]
    async fn shapes_that_aws_refuses_are_refused() {
        let bench = Bench::new();
        let fine = r#""Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*""#;
        for bad in [
            "[]".to_owned(),
            "{".into(),
            "{}".into(),
            r#"{"Statement":[]}"#.into(),
            r#"{"Statement":["all"]}"#.into(),
            format!(r#"{{"Version":"2020-01-01","Statement":[{{{fine}}}]}}"#),
            format!(r#"{{"Colour":"red","Statement":[{{{fine}}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"Colour":"red"}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"NotAction":"kms:*"}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"Sid":1}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"Sid":"a b"}},{{{fine},"Sid":"a b"}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"Condition":{{"StringSounds":{{"aws:x":"y"}}}}}}]}}"#),
            format!(r#"{{"Statement":[{{{fine},"Condition":[]}}]}}"#),
            r#"{"Statement":[{"Effect":"allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#.into(),
            r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#.into(),
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"Decrypt","Resource":"*"}]}"#.into(),
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"key"}]}"#.into(),
        ] {
            let refused = bench.code("CreateKey", json!({ "Policy": bad })).await;
            assert_eq!(refused, "MalformedPolicyDocumentException", "{bad}");
        }
        let foreign = format!(r#"{{"Id":"🔑","Statement":[{{{fine}}}]}}"#);
        let refused = bench.code("CreateKey", json!({ "Policy": foreign })).await;
        assert_eq!(refused, "ValidationException");
        let fine = format!(r#"{{"Statement":{{{fine},"Sid":"With spaces"}}}}"#);
        assert_eq!(
            bench.code("CreateKey", json!({ "Policy": fine })).await,
            "ok"
        );
    }

    #[tokio::test]
    async fn a_statement_without_action_or_resource_is_stored_and_says_nothing() {
        let mut bench = Bench::new();
        let everybody = |more: Value| {
            let mut statement = json!({"Effect": "Allow", "Principal": "*"});
            for (name, value) in more.as_object().unwrap() {
                statement[name] = value.clone();
            }
            let root = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
            json!({ "Policy": json!({"Statement": [root, statement]}).to_string() })
        };
        for (more, expected) in [
            (json!({"Action": "kms:*"}), "AccessDeniedException"),
            (json!({"Resource": "*"}), "AccessDeniedException"),
            (json!({"Action": "kms:*", "Resource": "*"}), "ok"),
        ] {
            bench.act_as_administrator();
            let key = bench.create(everybody(more.clone())).await;
            bench.act_as("anna", &[]);
            let asked = bench.code("DescribeKey", json!({ "KeyId": key })).await;
            assert_eq!(asked, expected, "{more}");
        }
    }
}
