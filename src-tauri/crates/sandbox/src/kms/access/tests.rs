//! The decision table, asked as callers of all kinds would.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::api::Call;
use crate::iam::caller::{Brought, Caller, Identity, SessionFacts};
use crate::kms::Principals;
use crate::kms::testing::{Bench, NOW, base64, policy, user};
use crate::regions::Partition;

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

#[tokio::test]
async fn the_table_across_accounts() {
    let (anna, root) = (anna(OTHER), root(OTHER));
    let other = |statements: &[&str]| user(OTHER, "anna", statements);
    for named in [anna.as_str(), root.as_str(), OTHER, "*"] {
        check(&[allow(named)], other(&[ALLOW]), FINE).await;
        check(&[allow(named)], other(&[]), NO_IDENTITY).await;
        check(&[allow(named)], other(&[ALLOW, DENY]), DENIED_BY_IDENTITY).await;
        check(&[allow(named)], bounded(other(&[ALLOW]), &[]), NO_BOUNDARY).await;
        check(
            &[allow(named), deny(named)],
            other(&[ALLOW]),
            DENIED_BY_RESOURCE,
        )
        .await;
    }
    check(&[allow(&self::root(OWN))], other(&[ALLOW]), NO_RESOURCE).await;
    check(&[allow(&self::root(OWN))], other(&[]), NO_IDENTITY).await;
    let role = "arn:aws:iam::222222222222:role/ops";
    let session = |statements: &[&str]| session(OTHER, statements);
    check(&[allow(role)], session(&[ALLOW]), FINE).await;
    check(&[allow(role)], session(&[]), NO_IDENTITY).await;
    check(&[allow(role)], narrowed(session(&[ALLOW]), &[]), NO_SESSION).await;
}

#[tokio::test]
async fn only_some_operations_cross_accounts() {
    let mut bench = Bench::new();
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let key = key(&mut bench, &[open]).await;
    bench.caller = Some(user(OTHER, "anna", &[ALLOW]));
    let text = base64(b"x");
    for (operation, more) in [
        ("DescribeKey", json!({})),
        ("Encrypt", json!({"Plaintext": text})),
        ("GenerateDataKey", json!({"KeySpec": "AES_256"})),
        ("GetKeyRotationStatus", json!({})),
        ("ListGrants", json!({})),
        (
            "CreateGrant",
            json!({"GranteePrincipal": anna(OTHER), "Operations": ["Decrypt"]}),
        ),
    ] {
        let mut input = more;
        input["KeyId"] = json!(key);
        assert_eq!(bench.code(operation, input).await, "ok", "{operation}");
    }
    for (operation, more) in [
        ("GetKeyPolicy", json!({})),
        ("PutKeyPolicy", json!({"Policy": "{}"})),
        ("ListKeyPolicies", json!({})),
        ("ListResourceTags", json!({})),
        ("TagResource", json!({"Tags": []})),
        ("DisableKey", json!({})),
        ("ScheduleKeyDeletion", json!({})),
        ("ListKeyRotations", json!({})),
        ("ReplicateKey", json!({"ReplicaRegion": "us-east-1"})),
        ("UpdateKeyDescription", json!({"Description": "d"})),
    ] {
        let mut input = more;
        input["KeyId"] = json!(key);
        let refused = bench.try_ask(operation, input).await;
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, DENIED, "{operation}");
        let reason = format!("because no resource-based policy allows the kms:{operation} action");
        assert!(refused.message.ends_with(&reason), "{}", refused.message);
    }
}

/// What an identity policy with this condition answers to a request.
async fn asked_when(
    condition: &Value,
    operation: &str,
    input: Value,
    bench: &mut Bench,
) -> &'static str {
    let allowed =
        json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": condition});
    bench.act_as("anna", &[&allowed.to_string()]);
    let code = bench.code(operation, input).await;
    bench.act_as_administrator();
    code
}

#[tokio::test]
async fn conditions_ask_about_the_request_and_the_key() {
    let mut bench = Bench::new();
    let key = bench
        .create(json!({"MultiRegion": true, "Tags": [{"TagKey": "team", "TagValue": "a b"}]}))
        .await;
    let other = bench.create(json!({})).await;
    bench
        .ask(
            "CreateAlias",
            json!({"AliasName": "alias/app/one", "TargetKeyId": key}),
        )
        .await;
    let sealed = json!({"KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": {"Dept": "IT", "b": "c"}});
    let blob = bench.ask("Encrypt", sealed.clone()).await["CiphertextBlob"].clone();
    let moved = |to: &str| json!({"CiphertextBlob": blob, "SourceEncryptionContext": {"Dept": "IT", "b": "c"}, "DestinationKeyId": to});
    let describe = json!({"KeyId": key});
    let by_alias = json!({"KeyId": "arn:aws:kms:eu-west-1:111111111111:alias/app/one"});
    let tagged = json!({"KeyId": key, "Tags": [{"TagKey": "x", "TagValue": "1"}]});
    let hmac = json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"});
    let external = json!({"Origin": "EXTERNAL", "Tags": [{"TagKey": "x", "TagValue": "1"}]});
    let equals = |key: &str, value: &str| json!({"StringEquals": {key: value}});
    for (condition, operation, input, expected) in [
        (
            equals("kms:KeySpec", "SYMMETRIC_DEFAULT"),
            "CreateKey",
            json!({}),
            "ok",
        ),
        (
            equals("kms:KeySpec", "HMAC_256"),
            "CreateKey",
            json!({}),
            DENIED,
        ),
        (
            equals("kms:KeySpec", "HMAC_256"),
            "CreateKey",
            hmac.clone(),
            "ok",
        ),
        (
            equals("kms:CustomerMasterKeySpec", "HMAC_256"),
            "CreateKey",
            hmac.clone(),
            "ok",
        ),
        (
            equals("kms:KeyUsage", "GENERATE_VERIFY_MAC"),
            "CreateKey",
            hmac,
            "ok",
        ),
        (
            equals("kms:KeyOrigin", "EXTERNAL"),
            "CreateKey",
            json!({}),
            DENIED,
        ),
        (
            json!({"Bool": {"kms:MultiRegion": "false"}}),
            "CreateKey",
            json!({"MultiRegion": true}),
            DENIED,
        ),
        (
            equals("kms:MultiRegionKeyType", "PRIMARY"),
            "CreateKey",
            json!({"MultiRegion": true}),
            "ok",
        ),
        (
            json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            "CreateKey",
            json!({"BypassPolicyLockoutSafetyCheck": true}),
            DENIED,
        ),
        (
            json!({"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}),
            "CreateKey",
            json!({}),
            "ok",
        ),
        (
            equals("aws:RequestTag/x", "1"),
            "CreateKey",
            external.clone(),
            "ok",
        ),
        (
            equals("aws:RequestTag/x", "2"),
            "CreateKey",
            external.clone(),
            DENIED,
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["x", "y"]}}),
            "CreateKey",
            external,
            "ok",
        ),
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["y"]}}),
            "TagResource",
            tagged.clone(),
            DENIED,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["y"]}}),
            "UntagResource",
            json!({"KeyId": key, "TagKeys": ["y", "z"]}),
            "ok",
        ),
        (
            equals("aws:ResourceTag/team", "a b"),
            "TagResource",
            tagged,
            "ok",
        ),
        (
            equals("aws:ResourceTag/team", "z"),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringNotEquals": {"aws:ResourceTag/none": "z"}}),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("aws:ResourceAccount", OWN),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("kms:KeyUsage", "ENCRYPT_DECRYPT"),
            "DescribeKey",
            describe.clone(),
            "ok",
        ),
        (
            equals("kms:MultiRegionKeyType", "REPLICA"),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringLike": {"kms:RequestAlias": "alias/app/*"}}),
            "DescribeKey",
            describe.clone(),
            DENIED,
        ),
        (
            json!({"StringLike": {"kms:RequestAlias": "alias/app/*"}}),
            "DescribeKey",
            by_alias,
            "ok",
        ),
        (
            json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app/*"}}),
            "DescribeKey",
            describe,
            "ok",
        ),
        (
            json!({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app/*"}}),
            "DescribeKey",
            json!({"KeyId": other}),
            DENIED,
        ),
        (
            equals("kms:EncryptionContext:dept", "IT"),
            "Encrypt",
            sealed.clone(),
            "ok",
        ),
        (
            equals("kms:EncryptionContext:Dept", "it"),
            "Encrypt",
            sealed.clone(),
            DENIED,
        ),
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["Dept"]}}),
            "Encrypt",
            sealed.clone(),
            DENIED,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["Dept"]}}),
            "Encrypt",
            sealed.clone(),
            "ok",
        ),
        (
            equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
            "Encrypt",
            sealed,
            "ok",
        ),
        (
            json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
            "ReEncrypt",
            moved(&key),
            "ok",
        ),
        (
            json!({"Bool": {"kms:ReEncryptOnSameKey": "true"}}),
            "ReEncrypt",
            moved(&other),
            DENIED,
        ),
        (
            json!({"NumericGreaterThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "20"}}),
            "ScheduleKeyDeletion",
            json!({"KeyId": other, "PendingWindowInDays": 7}),
            DENIED,
        ),
        (
            json!({"NumericEquals": {"kms:RotationPeriodInDays": "365"}}),
            "EnableKeyRotation",
            json!({"KeyId": other}),
            "ok",
        ),
        (
            equals("kms:ReplicaRegion", "us-east-1"),
            "ReplicateKey",
            json!({"KeyId": key, "ReplicaRegion": "us-west-2"}),
            DENIED,
        ),
        (
            equals("kms:PrimaryRegion", "us-east-1"),
            "UpdatePrimaryRegion",
            json!({"KeyId": key, "PrimaryRegion": "us-west-2"}),
            DENIED,
        ),
        (
            equals("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"),
            "GetParametersForImport",
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"}),
            DENIED,
        ),
        (
            equals("kms:WrappingKeySpec", "RSA_4096"),
            "GetParametersForImport",
            json!({"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_1", "WrappingKeySpec": "RSA_2048"}),
            DENIED,
        ),
        (
            json!({"NumericLessThanEquals": {"kms:ValidTo": "1800000000.5"}}),
            "ImportKeyMaterial",
            json!({"KeyId": key, "ImportToken": "eA==", "EncryptedKeyMaterial": "eA==", "ValidTo": 1_800_000_001}),
            DENIED,
        ),
        (
            json!({"Null": {"kms:ExpirationModel": "true"}}),
            "ImportKeyMaterial",
            json!({"KeyId": key, "ImportToken": "eA==", "EncryptedKeyMaterial": "eA==", "ExpirationModel": "KEY_MATERIAL_EXPIRES"}),
            DENIED,
        ),
        (
            equals("aws:RequestedRegion", "eu-west-1"),
            "ListKeys",
            json!({}),
            "ok",
        ),
    ] {
        let code = asked_when(&condition, operation, input.clone(), &mut bench).await;
        assert_eq!(code, expected, "{condition} {operation} {input}");
    }
}

#[tokio::test]
async fn some_operations_need_more_than_their_own_permission() {
    let mut bench = Bench::new();
    let key = bench.create(json!({"MultiRegion": true})).await;
    let tags = json!([{"TagKey": "x", "TagValue": "1"}]);
    let replicate = json!({"KeyId": key, "ReplicaRegion": "us-east-1", "Tags": tags});
    let in_region = |action: &str, region: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{"StringEquals":{{"aws:RequestedRegion":"{region}"}}}}}}"#
        )
    };
    let create = in_region("kms:CreateKey", "eu-west-1");
    let create_there = in_region("kms:CreateKey", "us-east-1");
    let tag = in_region("kms:TagResource", "eu-west-1");
    let tag_there = in_region("kms:TagResource", "us-east-1");
    let duplicate = in_region("kms:ReplicateKey", "eu-west-1");
    let promote = in_region("kms:UpdatePrimaryRegion", "eu-west-1");
    let promote_there = in_region("kms:UpdatePrimaryRegion", "us-east-1");
    let tagged = json!({ "Tags": tags });
    let update = json!({"KeyId": key, "PrimaryRegion": "us-east-1"});
    for (statements, operation, input, expected) in [
        (
            vec![&create],
            "CreateKey",
            tagged.clone(),
            "kms:TagResource",
        ),
        (vec![&create, &tag], "CreateKey", tagged, ""),
        (
            vec![&create, &tag, &tag_there, &duplicate],
            "ReplicateKey",
            replicate.clone(),
            "kms:CreateKey",
        ),
        (
            vec![&create_there, &tag, &duplicate],
            "ReplicateKey",
            replicate.clone(),
            "kms:TagResource",
        ),
        (
            vec![&create_there, &tag_there],
            "ReplicateKey",
            replicate.clone(),
            "kms:ReplicateKey",
        ),
        (
            vec![&create_there, &tag_there, &duplicate],
            "ReplicateKey",
            replicate,
            "",
        ),
        (
            vec![&promote],
            "UpdatePrimaryRegion",
            update.clone(),
            "kms:UpdatePrimaryRegion",
        ),
        (
            vec![&promote, &promote_there],
            "UpdatePrimaryRegion",
            update,
            "",
        ),
    ] {
        let statements: Vec<_> = statements.into_iter().map(String::as_str).collect();
        bench.act_as("anna", &statements);
        let asked = bench.try_ask(operation, input.clone()).await;
        match asked {
            Ok(_) => assert_eq!(expected, "", "{operation} {input}"),
            Err(error) => {
                assert_eq!(error.code, DENIED, "{error:?}");
                let action =
                    format!("because no identity-based policy allows the {expected} action");
                assert!(error.message.ends_with(&action), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_policy_of_an_aws_managed_key_is_for_its_service() {
    let bench = Bench::new();
    let key = bench.describe("alias/aws/s3").await;
    let id = key["KeyId"].as_str().unwrap();
    let text = base64(b"x");
    for (operation, more) in [
        ("Encrypt", json!({"Plaintext": text})),
        ("DisableKey", json!({})),
        ("PutKeyPolicy", json!({"Policy": "{}"})),
        ("TagResource", json!({"Tags": []})),
        (
            "CreateGrant",
            json!({"GranteePrincipal": anna(OWN), "Operations": ["Decrypt"]}),
        ),
    ] {
        let mut input = more;
        input["KeyId"] = json!(id);
        let refused = bench.try_ask(operation, input).await.unwrap_err();
        let reason = format!("because no resource-based policy allows the kms:{operation} action");
        assert_eq!(refused.code, DENIED, "{operation}");
        assert!(refused.message.ends_with(&reason), "{}", refused.message);
    }
    for operation in ["GetKeyPolicy", "ListResourceTags", "ListGrants"] {
        assert_eq!(bench.code(operation, json!({ "KeyId": id })).await, "ok");
    }
    let input = json!({"KeyId": id, "Plaintext": text});
    for (service, is_allowed) in [("s3", true), ("rds", false)] {
        let call = Call {
            via: Some(service),
            ..bench.call()
        };
        let input = input.as_object().unwrap();
        let asked = bench.kms.answer(&call, "Encrypt", input).await;
        assert_eq!(asked.is_ok(), is_allowed, "{service}");
    }
}

/// Principals that come and go.
#[derive(Default)]
struct Staff(Mutex<BTreeMap<String, String>>);

impl Staff {
    fn hire(&self, arn: &str, id: &str) {
        self.0.lock().unwrap().insert(arn.to_owned(), id.to_owned());
    }
}

impl Principals for Staff {
    fn exist(&self, name: &str, _: Partition) -> bool {
        name.ends_with(":root") || self.0.lock().unwrap().contains_key(name)
    }

    fn unique_id(&self, arn: &str) -> Option<String> {
        self.0.lock().unwrap().get(arn).cloned()
    }

    fn arn(&self, id: &str) -> Option<String> {
        let staff = self.0.lock().unwrap();
        let known = staff.iter().find(|(_, known)| *known == id);
        known.map(|(arn, _)| arn.clone())
    }
}

#[tokio::test]
async fn a_new_principal_of_the_same_name_is_another_one() {
    let staff = Arc::new(Staff::default());
    let arn = anna(OWN);
    staff.hire(&arn, "AIDAFIRST");
    let mut bench = Bench::among(Arc::<Staff>::clone(&staff));
    let look = json!({"Effect": "Allow", "Principal": {"AWS": root(OWN)}, "Action": "kms:*", "Resource": "*"});
    let key = key(&mut bench, &[look, allow(&arn)]).await;
    let anna = |id: &str| Caller {
        user_id: id.to_owned(),
        ..user(OWN, "anna", &[])
    };
    let shown = |bench: &Bench| {
        let asked = json!({ "KeyId": key });
        let call = bench.call();
        let answer = super::super::policy::get_key_policy(
            &bench.kms,
            &call,
            crate::kms::parse::Input::new(asked.as_object().unwrap()),
        );
        answer.unwrap()["Policy"].as_str().unwrap().to_owned()
    };
    let put = shown(&bench);
    bench.caller = Some(anna("AIDAFIRST"));
    assert_eq!(
        bench.code("DescribeKey", json!({ "KeyId": key })).await,
        "ok"
    );
    staff.hire(&arn, "AIDASECOND");
    bench.caller = Some(anna("AIDASECOND"));
    let asked = bench.code("DescribeKey", json!({ "KeyId": key })).await;
    assert_eq!(asked, DENIED);
    bench.caller = None;
    assert_eq!(shown(&bench), put.replace(&arn, "AIDAFIRST"));
    // Put again, the name means whoever has it now; the id of who is gone means nobody.
    let again = json!({"KeyId": key, "Policy": put});
    assert_eq!(bench.code("PutKeyPolicy", again).await, "ok");
    let gone = json!({"KeyId": key, "Policy": put.replace(&arn, "AIDAFIRST")});
    let refused = bench.code("PutKeyPolicy", gone).await;
    assert_eq!(refused, "MalformedPolicyDocumentException");
    bench.caller = Some(anna("AIDASECOND"));
    assert_eq!(
        bench.code("DescribeKey", json!({ "KeyId": key })).await,
        "ok"
    );
}
