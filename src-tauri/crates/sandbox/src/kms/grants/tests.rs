//! Grants, from being made to being ended, and what they let in.

use std::time::Duration;

use serde_json::{Value, json};

use crate::kms::Manner;
use crate::kms::testing::{Bench, base64, user};

const DENIED: &str = "AccessDeniedException";
const OTHER: &str = "222222222222";
const ANNA: &str = "arn:aws:iam::111111111111:user/anna";
const BERT: &str = "arn:aws:iam::111111111111:user/bert";
const STRANGER: &str = "arn:aws:iam::222222222222:user/anna";

fn grant(key: &str, grantee: &str, operations: &[&str]) -> Value {
    json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": operations})
}

fn with(mut input: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn sealed(key: &str, context: Value) -> Value {
    json!({"KeyId": key, "Plaintext": base64(b"x"), "EncryptionContext": context})
}

/// The ARN of a new key.
async fn make_key(bench: &Bench) -> String {
    let made = bench.ask("CreateKey", json!({})).await;
    made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_grant_lets_its_grantee_do_its_operations_until_it_is_revoked() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    for (account, grantee) in [("111111111111", ANNA), (OTHER, STRANGER)] {
        bench.caller = None;
        let input = grant(&key, grantee, &["Encrypt", "DescribeKey"]);
        let made = bench.ask("CreateGrant", input).await;
        let id = made["GrantId"].as_str().unwrap();
        assert_eq!(id.len(), 64);
        bench.caller = Some(user(account, "anna", &[]));
        let token = json!({"GrantTokens": [made["GrantToken"]]});
        let seal = sealed(&key, json!({}));
        assert_eq!(bench.code("Encrypt", seal.clone()).await, "ok");
        assert_eq!(bench.code("Encrypt", with(seal.clone(), token)).await, "ok");
        let describe = json!({ "KeyId": key });
        assert_eq!(bench.code("DescribeKey", describe.clone()).await, "ok");
        assert_eq!(bench.code("ListGrants", describe).await, DENIED);
        bench.caller = Some(user(account, "bert", &[]));
        assert_eq!(bench.code("Encrypt", seal.clone()).await, DENIED);
        // A deny in the own policies wins over the grant.
        let deny = r#"{"Effect":"Deny","Action":"kms:Encrypt","Resource":"*"}"#;
        bench.caller = Some(user(account, "anna", &[deny]));
        assert_eq!(bench.code("Encrypt", seal.clone()).await, DENIED);
        bench.caller = None;
        let revoke = json!({"KeyId": key, "GrantId": id});
        let dry = with(revoke.clone(), json!({"DryRun": true}));
        assert_eq!(
            bench.code("RevokeGrant", dry).await,
            "DryRunOperationException"
        );
        bench.ask("RevokeGrant", revoke.clone()).await;
        assert_eq!(bench.code("RevokeGrant", revoke).await, "NotFoundException");
        bench.caller = Some(user(account, "anna", &[]));
        assert_eq!(bench.code("Encrypt", seal).await, DENIED);
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_grant_counts_later_or_with_its_token() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    bench.kms = bench.kms.behaving(Manner {
        consistency: Duration::from_secs(5),
        ..Manner::default()
    });
    let made = bench
        .ask("CreateGrant", grant(&key, ANNA, &["Encrypt"]))
        .await;
    bench.act_as("anna", &[]);
    let seal = sealed(&key, json!({}));
    let with_token = with(seal.clone(), json!({"GrantTokens": [made["GrantToken"]]}));
    assert_eq!(bench.code("Encrypt", seal.clone()).await, DENIED);
    assert_eq!(bench.code("Encrypt", with_token).await, "ok");
    tokio::time::advance(Duration::from_secs(6)).await;
    assert_eq!(bench.code("Encrypt", seal).await, "ok");
}

#[tokio::test]
async fn an_account_as_grantee_leaves_it_to_its_policies() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    let root = "arn:aws:iam::222222222222:root";
    bench
        .ask("CreateGrant", grant(&key, root, &["Encrypt"]))
        .await;
    bench.caller = Some(user(OTHER, "anna", &[]));
    let seal = sealed(&key, json!({}));
    assert_eq!(bench.code("Encrypt", seal.clone()).await, DENIED);
    let allow = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
    bench.caller = Some(user(OTHER, "anna", &[allow]));
    assert_eq!(bench.code("Encrypt", seal).await, "ok");
}

#[tokio::test]
async fn constraints_ask_for_an_encryption_context() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    let context = |name: &str| json!({"Constraints": {name: {"Dept": "IT"}}});
    for (constraint, sent, expected) in [
        (
            "EncryptionContextSubset",
            json!({"dept": "IT", "a": "b"}),
            "ok",
        ),
        ("EncryptionContextSubset", json!({"Dept": "it"}), DENIED),
        ("EncryptionContextSubset", json!({}), DENIED),
        ("EncryptionContextEquals", json!({"Dept": "IT"}), "ok"),
        (
            "EncryptionContextEquals",
            json!({"Dept": "IT", "a": "b"}),
            DENIED,
        ),
    ] {
        bench.caller = None;
        let input = with(
            grant(&key, ANNA, &["Encrypt", "DescribeKey"]),
            context(constraint),
        );
        let made = bench.ask("CreateGrant", input).await;
        bench.act_as("anna", &[]);
        let asked = bench.code("Encrypt", sealed(&key, sent.clone())).await;
        assert_eq!(asked, expected, "{constraint} {sent}");
        let described = bench.code("DescribeKey", json!({ "KeyId": key })).await;
        assert_eq!(described, "ok");
        bench.caller = None;
        let revoke = json!({"KeyId": key, "GrantId": made["GrantId"]});
        bench.ask("RevokeGrant", revoke).await;
    }
    // On behalf of a resource nothing is asked here.
    let source = json!({"Constraints": {"SourceArn": "arn:aws:s3:eu-west-1:111111111111:bucket"}});
    let input = with(grant(&key, ANNA, &["Encrypt"]), source);
    bench.ask("CreateGrant", input).await;
    bench.act_as("anna", &[]);
    assert_eq!(bench.code("Encrypt", sealed(&key, json!({}))).await, DENIED);
}

#[tokio::test]
async fn who_may_grant_by_a_grant_may_only_grant_on_what_it_gives() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    let parent = with(
        grant(&key, ANNA, &["Encrypt", "Decrypt", "CreateGrant"]),
        json!({"Constraints": {"EncryptionContextSubset": {"Dept": "IT"}}}),
    );
    bench.ask("CreateGrant", parent).await;
    bench.act_as("anna", &[]);
    let subset = json!({"EncryptionContextSubset": {"Dept": "IT", "a": "b"}});
    let equals = json!({"EncryptionContextEquals": {"Dept": "IT"}});
    let other = json!({"EncryptionContextSubset": {"a": "b"}});
    for (operations, constraints, expected) in [
        (&["Encrypt"][..], subset.clone(), "ok"),
        (&["Encrypt", "CreateGrant"], equals.clone(), "ok"),
        (&["Encrypt"], other, DENIED),
        (&["Encrypt"], Value::Null, DENIED),
        (&["Encrypt", "GenerateDataKey"], subset, DENIED),
        (&["DescribeKey"], equals, DENIED),
    ] {
        let input = with(
            grant(&key, BERT, operations),
            json!({"Constraints": constraints}),
        );
        let asked = bench.code("CreateGrant", input.clone()).await;
        assert_eq!(asked, expected, "{input}");
    }
}

#[tokio::test]
async fn grants_are_listed_and_found_by_who_retires_them() {
    let bench = Bench::new();
    let (key, other) = (make_key(&bench).await, make_key(&bench).await);
    let mut ids = Vec::new();
    for turn in 0..5 {
        let retiring = json!({"RetiringPrincipal": BERT, "Name": format!("n{turn}")});
        let key = if turn == 4 { &other } else { &key };
        let input = with(
            grant(key, if turn == 0 { BERT } else { ANNA }, &["Decrypt"]),
            retiring,
        );
        let made = bench.ask("CreateGrant", input).await;
        ids.push(made["GrantId"].as_str().unwrap().to_owned());
    }
    let input = with(
        grant(&key, ANNA, &["Encrypt"]),
        json!({"RetiringPrincipal": ANNA}),
    );
    let own = bench.ask("CreateGrant", input).await["GrantId"].clone();
    let list = |more: Value| with(json!({ "KeyId": key }), more);
    let by = |grantee: &str| list(json!({ "GranteePrincipal": grantee }));
    let count = |answer: Value| answer["Grants"].as_array().unwrap().len();
    assert_eq!(count(bench.ask("ListGrants", list(json!({}))).await), 5);
    assert_eq!(count(bench.ask("ListGrants", by(BERT)).await), 1);
    let one = bench
        .ask("ListGrants", list(json!({ "GrantId": own })))
        .await;
    let shown = &one["Grants"][0];
    for (member, expected) in [
        ("KeyId", json!(key)),
        ("GrantId", own),
        ("GranteePrincipal", json!(ANNA)),
        ("RetiringPrincipal", json!(ANNA)),
        ("IssuingAccount", json!("arn:aws:iam::111111111111:root")),
        ("Operations", json!(["Encrypt"])),
        ("CreationDate", json!(1_773_480_413.589_f64)),
    ] {
        assert_eq!(shown[member], expected, "{member}");
    }
    for absent in ["Constraints", "Name"] {
        assert_eq!(shown.get(absent), None, "{absent}");
    }
    let mut seen = Vec::new();
    let mut input = json!({"RetiringPrincipal": BERT, "Limit": 2});
    loop {
        let page = bench.ask("ListRetirableGrants", input.clone()).await;
        let grants = page["Grants"].as_array().unwrap();
        seen.extend(
            grants
                .iter()
                .map(|grant| grant["GrantId"].as_str().unwrap().to_owned()),
        );
        if page["Truncated"] == false {
            break;
        }
        input["Marker"] = page["NextMarker"].clone();
    }
    ids.sort();
    assert_eq!(seen, ids);
    let elsewhere = json!({ "RetiringPrincipal": STRANGER });
    assert_eq!(bench.code("ListRetirableGrants", elsewhere).await, DENIED);
    let input = list(json!({"GrantId": "x"}));
    assert_eq!(
        bench.code("ListGrants", input).await,
        "InvalidGrantIdException"
    );
}

#[tokio::test]
async fn a_name_makes_a_repetition_the_same_grant() {
    let bench = Bench::new();
    let key = make_key(&bench).await;
    let input = grant(&key, ANNA, &["Decrypt"]);
    let named = with(input.clone(), json!({"Name": "job/1"}));
    let first = bench.ask("CreateGrant", named.clone()).await;
    let again = bench.ask("CreateGrant", named.clone()).await;
    assert_eq!(first["GrantId"], again["GrantId"]);
    assert_ne!(first["GrantToken"], again["GrantToken"]);
    let different = with(named, json!({"Operations": ["Encrypt"]}));
    let third = bench.ask("CreateGrant", different).await;
    assert_ne!(third["GrantId"], first["GrantId"]);
    let nameless = bench.ask("CreateGrant", input.clone()).await;
    assert_ne!(
        bench.ask("CreateGrant", input).await["GrantId"],
        nameless["GrantId"]
    );
}

#[tokio::test]
async fn who_may_retire_a_grant() {
    let mut bench = Bench::new();
    let key = make_key(&bench).await;
    let allow = r#"{"Effect":"Allow","Action":"kms:RetireGrant","Resource":"*"}"#;
    let deny = r#"{"Effect":"Deny","Action":"kms:RetireGrant","Resource":"*"}"#;
    for (retiring, operations, caller, expected) in [
        (
            BERT,
            &["Decrypt"][..],
            user("111111111111", "bert", &[]),
            "ok",
        ),
        (
            BERT,
            &["Decrypt"],
            user("111111111111", "bert", &[deny]),
            DENIED,
        ),
        (
            BERT,
            &["Decrypt"],
            user("111111111111", "anna", &[]),
            DENIED,
        ),
        (
            BERT,
            &["Decrypt", "RetireGrant"],
            user("111111111111", "anna", &[]),
            "ok",
        ),
        (
            BERT,
            &["Decrypt"],
            user("111111111111", "carl", &[allow]),
            "ok",
        ),
        (BERT, &["Decrypt"], user(OTHER, "carl", &[allow]), DENIED),
        (STRANGER, &["Decrypt"], user(OTHER, "anna", &[]), "ok"),
        (
            "arn:aws:iam::222222222222:root",
            &["Decrypt"],
            user(OTHER, "anna", &[]),
            DENIED,
        ),
        (
            "arn:aws:iam::222222222222:root",
            &["Decrypt"],
            user(OTHER, "anna", &[allow]),
            "ok",
        ),
    ] {
        for by_token in [false, true] {
            bench.caller = None;
            let input = with(
                grant(&key, ANNA, operations),
                json!({ "RetiringPrincipal": retiring }),
            );
            let made = bench.ask("CreateGrant", input).await;
            let retire = if by_token {
                json!({"GrantToken": made["GrantToken"]})
            } else {
                json!({"KeyId": key, "GrantId": made["GrantId"]})
            };
            bench.caller = Some(caller.clone());
            if expected == "ok" {
                let dry = with(retire.clone(), json!({"DryRun": true}));
                assert_eq!(
                    bench.code("RetireGrant", dry).await,
                    "DryRunOperationException"
                );
            }
            let asked = bench.code("RetireGrant", retire.clone()).await;
            assert_eq!(asked, expected, "{retiring} {}", caller.arn);
            if expected == "ok" {
                let gone = if by_token {
                    "InvalidGrantTokenException"
                } else {
                    "NotFoundException"
                };
                assert_eq!(bench.code("RetireGrant", retire).await, gone);
            }
        }
    }
    bench.caller = None;
    let both = json!({"KeyId": key, "GrantToken": "x"});
    assert_eq!(bench.code("RetireGrant", both).await, "ValidationException");
}

#[tokio::test]
async fn requests_that_aws_refuses_are_refused() {
    let bench = Bench::new();
    let key = make_key(&bench).await;
    let of = |input: Value| bench.create(input);
    let mac = of(json!({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})).await;
    let signing = of(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})).await;
    let rsa = of(json!({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"})).await;
    let waiting = bench.external().await;
    let gone = of(json!({})).await;
    bench.ask("DisableKey", json!({ "KeyId": gone })).await;
    let wrong = "ValidationException";
    let subset = json!({"Constraints": {"EncryptionContextSubset": {"a": "b"}}});
    let service = json!({"KeyId": key, "GranteeServicePrincipal": "dms.amazonaws.com", "Operations": ["Decrypt"]});
    let source = json!({"Constraints": {"SourceArn": "arn:aws:dms:eu-west-1:111111111111:task:x"}});
    let many: serde_json::Map<_, _> = (0..9).map(|n| (n.to_string(), json!("v"))).collect();
    for (input, code) in [
        (grant(&key, ANNA, &["Decrypt"]), "ok"),
        (grant(&key, ANNA, &[]), wrong),
        (grant(&key, ANNA, &["Sign"]), wrong),
        (grant(&key, ANNA, &["GetPublicKey"]), wrong),
        (grant(&key, ANNA, &["DisableKey"]), wrong),
        (
            grant(&mac, ANNA, &["GenerateMac", "VerifyMac", "DescribeKey"]),
            "ok",
        ),
        (grant(&mac, ANNA, &["Decrypt"]), wrong),
        (
            grant(
                &signing,
                ANNA,
                &["Sign", "Verify", "GetPublicKey", "RetireGrant"],
            ),
            "ok",
        ),
        (grant(&signing, ANNA, &["DeriveSharedSecret"]), wrong),
        (
            grant(&rsa, ANNA, &["Encrypt", "ReEncryptTo", "GetPublicKey"]),
            "ok",
        ),
        (grant(&rsa, ANNA, &["GenerateDataKey"]), wrong),
        (with(grant(&rsa, ANNA, &["Encrypt"]), subset), wrong),
        (
            with(
                grant(&key, ANNA, &["Encrypt"]),
                json!({"Constraints": {"EncryptionContextEquals": many}}),
            ),
            wrong,
        ),
        (
            with(grant(&key, ANNA, &["Encrypt"]), json!({"Name": "a b"})),
            wrong,
        ),
        (
            grant(&key, "arn:aws:iam::111111111111:user/nobody", &["Decrypt"]),
            "InvalidArnException",
        ),
        (
            grant(&key, "s3.amazonaws.com", &["Decrypt"]),
            "InvalidArnException",
        ),
        (
            grant(&key, "111111111111", &["Decrypt"]),
            "InvalidArnException",
        ),
        (json!({"KeyId": key, "Operations": ["Decrypt"]}), wrong),
        (
            with(grant(&key, ANNA, &["Decrypt"]), service.clone()),
            wrong,
        ),
        (service.clone(), wrong),
        (with(service.clone(), source.clone()), wrong),
        (
            with(
                with(service, source),
                json!({"RetiringServicePrincipal": "dms.amazonaws.com"}),
            ),
            "ok",
        ),
        (
            with(
                grant(&key, ANNA, &["Decrypt"]),
                json!({"GrantTokens": ["x"]}),
            ),
            "InvalidGrantTokenException",
        ),
        (
            with(grant(&key, ANNA, &["Decrypt"]), json!({"DryRun": true})),
            "DryRunOperationException",
        ),
        (
            grant(&waiting, ANNA, &["Decrypt"]),
            "KMSInvalidStateException",
        ),
        (grant(&gone, ANNA, &["Decrypt"]), "DisabledException"),
        (grant("alias/none", ANNA, &["Decrypt"]), "NotFoundException"),
    ] {
        assert_eq!(
            bench.code("CreateGrant", input.clone()).await,
            code,
            "{input}"
        );
    }
}
