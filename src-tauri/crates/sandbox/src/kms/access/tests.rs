//! The decision table, asked as callers of all kinds would; what else decides is beside it.

mod accounts;
mod conditions;
mod permissions;
mod replaced;

use serde_json::{Value, json};

use crate::iam::caller::{Brought, Caller, Identity, SessionFacts};
use crate::kms::testing::{Bench, NOW, policy, user};

const OWN: &str = "111111111111";
const OTHER: &str = "222222222222";
const DENIED: &str = "AccessDeniedException";

/// What a table says about a caller: nothing, or why it is refused.
const FINE: &str = "";
const NO_IDENTITY: &str = "because no identity-based policy allows the kms:DescribeKey action";
const NO_BOUNDARY: &str = "because no permissions boundary allows the kms:DescribeKey action";
const NO_SESSION: &str = "because no session policy allows the kms:DescribeKey action";
const NO_RESOURCE: &str = "because no resource-based policy allows the kms:DescribeKey action";
const DENIED_BY_IDENTITY: &str = "with an explicit deny in an identity-based policy";
const DENIED_BY_SESSION: &str = "with an explicit deny in a session policy";
const DENIED_BY_BOUNDARY: &str = "with an explicit deny in a permissions boundary";
const DENIED_BY_RESOURCE: &str = "with an explicit deny in a resource-based policy";

const ALLOW: &str = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
const DENY: &str = r#"{"Effect":"Deny","Action":"kms:DescribeKey","Resource":"*"}"#;

fn statement(effect: &str, element: &str, principal: &Value, more: &Value) -> Value {
    let mut statement =
        json!({"Effect": effect, element: principal, "Action": "kms:DescribeKey", "Resource": "*"});
    for (name, value) in more.as_object().into_iter().flatten() {
        statement[name] = value.clone();
    }
    statement
}

fn allow(principal: &str) -> Value {
    statement(
        "Allow",
        "Principal",
        &json!({ "AWS": principal }),
        &json!({}),
    )
}

fn deny(principal: &str) -> Value {
    statement(
        "Deny",
        "Principal",
        &json!({ "AWS": principal }),
        &json!({}),
    )
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

fn anna(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/anna")
}

fn session(account: &str, statements: &[&str]) -> Caller {
    Caller {
        arn: format!("arn:aws:sts::{account}:assumed-role/ops/mina"),
        user_id: "AROAOPS:mina".to_owned(),
        role_arn: Some(format!("arn:aws:iam::{account}:role/ops")),
        identity: Identity::Role {
            name: "ops".into(),
            session_name: "mina".into(),
        },
        session: Some(SessionFacts {
            issued_at: NOW,
            mfa_at: None,
            policy: None,
            brought: Brought::default(),
        }),
        ..user(account, "ops", statements)
    }
}

fn narrowed(mut caller: Caller, statements: &[&str]) -> Caller {
    if let Some(session) = &mut caller.session {
        session.policy = Some(policy(statements));
    }
    caller
}

fn bounded(mut caller: Caller, statements: &[&str]) -> Caller {
    caller.boundary = Some(policy(statements));
    caller
}

/// A key of the first account with a policy of these statements.
async fn key(bench: &mut Bench, statements: &[Value]) -> String {
    let caller = bench.caller.take();
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let input = json!({"Policy": policy, "BypassPolicyLockoutSafetyCheck": true});
    let arn = bench.ask("CreateKey", input).await["KeyMetadata"]["Arn"].clone();
    bench.caller = caller;
    arn.as_str().unwrap().to_owned()
}

async fn check(statements: &[Value], caller: Caller, expected: &str) {
    let mut bench = Bench::new();
    let key = key(&mut bench, statements).await;
    let who = caller.arn.clone();
    bench.caller = Some(caller);
    let asked = bench.try_ask("DescribeKey", json!({ "KeyId": key })).await;
    let told = match asked {
        Ok(_) => String::new(),
        Err(error) => {
            assert_eq!((error.code, error.status), (DENIED, 400));
            error.message
        }
    };
    let expected = match expected {
        FINE => String::new(),
        reason => format!(
            "User: {who} is not authorized to perform: kms:DescribeKey on resource: {key} {reason}"
        ),
    };
    assert_eq!(told, expected, "{statements:?}");
}

#[tokio::test]
async fn the_table_within_the_account() {
    let own = |statements: &[&str]| user(OWN, "anna", statements);
    let role = |statements: &[&str]| session(OWN, statements);
    let (anna, root) = (anna(OWN), root(OWN));
    let ops = "arn:aws:iam::111111111111:role/ops";
    let mina = "arn:aws:sts::111111111111:assumed-role/ops/mina";
    // The policy names the user.
    check(&[allow(&anna)], own(&[]), FINE).await;
    check(&[allow(&anna)], own(&[DENY]), DENIED_BY_IDENTITY).await;
    check(&[allow(&anna)], bounded(own(&[]), &[]), FINE).await;
    check(
        &[allow(&anna)],
        bounded(own(&[]), &[DENY]),
        DENIED_BY_BOUNDARY,
    )
    .await;
    check(
        &[allow("arn:aws:iam::111111111111:user/bert")],
        own(&[ALLOW]),
        NO_RESOURCE,
    )
    .await;
    // It names the account, in whichever way, or nobody.
    for account in [root.as_str(), OWN] {
        check(&[allow(account)], own(&[ALLOW]), FINE).await;
        check(&[allow(account)], own(&[]), NO_IDENTITY).await;
        check(&[allow(account)], own(&[ALLOW, DENY]), DENIED_BY_IDENTITY).await;
        check(&[allow(account)], bounded(own(&[ALLOW]), &[]), NO_BOUNDARY).await;
        check(&[allow(account)], bounded(own(&[ALLOW]), &[ALLOW]), FINE).await;
        check(&[allow(account)], narrowed(role(&[ALLOW]), &[]), NO_SESSION).await;
        check(&[allow(account)], narrowed(role(&[ALLOW]), &[ALLOW]), FINE).await;
        check(
            &[allow(account), deny(account)],
            own(&[ALLOW]),
            DENIED_BY_RESOURCE,
        )
        .await;
        check(
            &[allow(&anna), deny(account)],
            own(&[ALLOW]),
            DENIED_BY_RESOURCE,
        )
        .await;
    }
    check(&[allow(&self::root(OTHER))], own(&[ALLOW]), NO_RESOURCE).await;
    // It names everybody.
    check(&[allow("*")], own(&[]), FINE).await;
    check(&[allow("*")], narrowed(role(&[]), &[]), FINE).await;
    check(
        &[allow("*"), deny(&anna)],
        own(&[ALLOW]),
        DENIED_BY_RESOURCE,
    )
    .await;
    // It names the role, or one session of it.
    check(&[allow(ops)], role(&[]), FINE).await;
    check(&[allow(ops)], narrowed(role(&[]), &[]), NO_SESSION).await;
    check(&[allow(ops)], narrowed(role(&[]), &[ALLOW]), FINE).await;
    check(&[allow(ops)], bounded(role(&[]), &[]), NO_BOUNDARY).await;
    check(&[allow(mina)], narrowed(bounded(role(&[]), &[]), &[]), FINE).await;
    check(
        &[allow(mina)],
        narrowed(role(&[]), &[DENY]),
        DENIED_BY_SESSION,
    )
    .await;
    check(
        &[allow(&mina.replace("mina", "otto"))],
        role(&[ALLOW]),
        NO_RESOURCE,
    )
    .await;
    check(&[allow("*"), deny(ops)], role(&[]), DENIED_BY_RESOURCE).await;
}

#[tokio::test]
async fn what_a_statement_is_about_counts() {
    let own = || user(OWN, "anna", &[ALLOW]);
    let all = json!({"AWS": "*"});
    let only = |more: Value| statement("Allow", "Principal", &all, &more);
    check(
        &[only(json!({"Action": "kms:Encrypt"}))],
        own(),
        NO_RESOURCE,
    )
    .await;
    check(
        &[only(json!({"Action": ["kms:Encrypt", "KMS:describe*"]}))],
        own(),
        FINE,
    )
    .await;
    let elsewhere = "arn:aws:kms:eu-west-1:111111111111:key/x";
    check(&[only(json!({"Resource": elsewhere}))], own(), NO_RESOURCE).await;
    check(
        &[only(
            json!({"Resource": "arn:aws:kms:*:111111111111:key/*"}),
        )],
        own(),
        FINE,
    )
    .await;
    let when = |key: &str, value: &str| only(json!({"Condition": {"StringEquals": {key: value}}}));
    check(&[when("aws:username", "anna")], own(), FINE).await;
    check(&[when("aws:username", "bert")], own(), NO_RESOURCE).await;
    check(
        &[when("kms:ViaService", "s3.eu-west-1.amazonaws.com")],
        own(),
        NO_RESOURCE,
    )
    .await;
    check(&[when("kms:CallerAccount", OWN)], own(), FINE).await;
    // Everybody but: only who is named with the account is spared.
    let but = |names: &[&str]| {
        vec![
            allow("*"),
            statement("Deny", "NotPrincipal", &json!({ "AWS": names }), &json!({})),
        ]
    };
    let (anna, root) = (anna(OWN), root(OWN));
    check(&but(&[&anna, &root]), own(), FINE).await;
    check(&but(&[&anna]), own(), DENIED_BY_RESOURCE).await;
    check(&but(&[&root]), own(), DENIED_BY_RESOURCE).await;
    check(
        &but(&[&anna, &root]),
        bounded(own(), &[ALLOW]),
        DENIED_BY_RESOURCE,
    )
    .await;
    // By tags on both sides.
    let tagged = Caller {
        tags: vec![("team".into(), "blue".into())],
        ..own()
    };
    let of_team =
        |team: &str| only(json!({"Condition": {"StringEquals": {"aws:PrincipalTag/team": team}}}));
    check(&[of_team("blue")], tagged.clone(), FINE).await;
    check(&[of_team("red")], tagged.clone(), NO_RESOURCE).await;
    check(&[of_team("blue")], own(), NO_RESOURCE).await;
    let to_all_but = statement("Allow", "NotPrincipal", &json!({"AWS": OTHER}), &json!({}));
    check(&[to_all_but], own(), NO_RESOURCE).await;
    let to_not = statement(
        "Allow",
        "Principal",
        &all,
        &json!({"Action": null, "NotAction": "kms:Encrypt"}),
    );
    let mut to_not = to_not;
    to_not.as_object_mut().unwrap().remove("Action");
    check(&[to_not], own(), FINE).await;
}
