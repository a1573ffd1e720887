//! Operations that need several permissions, and keys whose policy nobody chose.

use serde_json::json;

use super::{DENIED, OWN, anna};
use crate::api::Call;
use crate::kms::testing::{Bench, base64};

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
