//! Callers of another account than the key's.

use serde_json::json;

use super::{
    ALLOW, DENIED, DENIED_BY_IDENTITY, DENIED_BY_RESOURCE, DENY, FINE, NO_BOUNDARY, NO_IDENTITY,
    NO_RESOURCE, NO_SESSION, OTHER, OWN, allow, anna, bounded, check, deny, key, narrowed, root,
    session,
};
use crate::kms::testing::{Bench, base64, user};

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
    check(&[allow(&super::root(OWN))], other(&[ALLOW]), NO_RESOURCE).await;
    check(&[allow(&super::root(OWN))], other(&[]), NO_IDENTITY).await;
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
