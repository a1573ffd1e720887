//! Who may, and what KMS lets be opened.

use super::*;

#[tokio::test]
async fn bucket_policies_are_read_strictly_and_decide() {
    let client = empty();
    client.make_bucket("b-pol").await;
    let anna = client.make_user("anna", &[]).await;
    client.put("/b-pol/k", "x").await;
    let of = |principal: &str, effect: &str, action: &str, resource: &str| {
        json!({"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action,
            "Principal": {"AWS": principal}, "Resource": format!("arn:aws:s3:::{resource}")}})
        .to_string()
    };
    let arn = "arn:aws:iam::000000000000:user/anna";
    for (text, code) in [
        (String::new(), "MalformedPolicy 400"),
        ("[]".into(), "MalformedPolicy 400"),
        (of(arn, "Allow", "s3:*", "other"), "MalformedPolicy 400"),
        (of(arn, "Allow", "kms:*", "b-pol"), "MalformedPolicy 400"),
        (
            of(arn, "Allow", "s3:GetObject", "b-pol"),
            "MalformedPolicy 400",
        ),
        (
            of(arn, "Allow", "s3:ListBucket", "b-pol/*"),
            "MalformedPolicy 400",
        ),
        (
            of(
                "arn:aws:iam::000000000000:user/nobody",
                "Allow",
                "s3:*",
                "b-pol",
            ),
            "MalformedPolicy 400",
        ),
        (
            of("*", "Allow", "s3:GetObject", "b-pol/*"),
            "AccessDenied 403",
        ),
        (of(arn, "Allow", "s3:GetObject", "b-pol/*"), "ok"),
    ] {
        let put = client.put("/b-pol?policy", &text).await;
        assert_eq!(put.code(), code, "{text} {}", put.text());
    }
    assert_eq!(anna.get("/b-pol/k").await.code(), "ok");
    assert_eq!(anna.put("/b-pol/k", "y").await.code(), "AccessDenied 403");
    // Who may not list is not told what is missing.
    assert_eq!(anna.get("/b-pol/none").await.code(), "AccessDenied 403");
    client.give("anna", &[allow("s3:*", "*")]).await;
    assert_eq!(anna.get("/b-pol/none").await.code(), "NoSuchKey 404");
    assert_eq!(anna.put("/b-pol/k", "y").await.code(), "ok");
    let deny = of(arn, "Deny", "s3:PutObject", "b-pol/*");
    assert_eq!(client.put("/b-pol?policy", &deny).await.code(), "ok");
    assert_eq!(anna.put("/b-pol/k", "z").await.code(), "AccessDenied 403");
    assert_eq!(client.get("/b-pol?policy").await.text(), deny);
}

#[tokio::test]
async fn conditions_ask_how_an_object_is_encrypted() {
    let client = empty();
    client.make_bucket("b-con").await;
    let key = client.make_key("{}").await;
    let other = client.make_key("{}").await;
    let deny = |condition: Value| {
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::b-con/*", "Condition": condition})
    };
    let header = "s3:x-amz-server-side-encryption-aws-kms-key-id";
    let statements = [
        deny(json!({"Null": {header: "true"}})),
        deny(json!({"StringNotEquals": {header: key}})),
        deny(json!({"Bool": {"aws:SecureTransport": "false"}})),
    ];
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    assert_eq!(client.put("/b-con?policy", &text).await.code(), "ok");
    assert_eq!(client.put("/b-con/k", "x").await.code(), "AccessDenied 403");
    let sealed = client.put_sealed("/b-con/k", &other, "x").await;
    assert_eq!(sealed.code(), "AccessDenied 403");
    assert_eq!(client.put_sealed("/b-con/k", &key, "x").await.code(), "ok");
}

#[tokio::test]
async fn another_account_needs_both_sides() {
    let client = empty();
    client.make_bucket("b-for").await;
    client.put("/b-for/k", "x").await;
    let foreign = Client {
        key_id: "222222222222".into(),
        ..client.clone()
    };
    assert_eq!(foreign.get("/b-for/k").await.code(), "AccessDenied 403");
    let text = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow",
        "Principal": {"AWS": "222222222222"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b-for/*"}});
    assert_eq!(
        client.put("/b-for?policy", &text.to_string()).await.code(),
        "ok"
    );
    assert_eq!(foreign.get("/b-for/k").await.code(), "ok");
    let anna = foreign.make_user("anna", &[]).await;
    assert_eq!(anna.get("/b-for/k").await.code(), "AccessDenied 403");
}

#[tokio::test]
async fn an_object_is_as_readable_as_its_key() {
    let client = empty();
    client.make_bucket("b-kms").await;
    let key = client.make_key("{}").await;
    let put = client
        .put_sealed("/b-kms/k", &key, "a very secret text")
        .await;
    assert_eq!(put.code(), "ok", "{}", put.text());
    let named = "x-amz-server-side-encryption-aws-kms-key-id";
    assert_eq!(put.header(named), key);
    let kms = |operation: &'static str, more: &'static str| {
        let input = format!("{{\"KeyId\":\"{key}\"{more}}}");
        let client = client.clone();
        async move { assert_eq!(client.kms(operation, &input).await.unwrap().0, 200) }
    };
    kms("DisableKey", "").await;
    let disabled = "KMS.DisabledException 400";
    assert_eq!(client.get("/b-kms/k").await.code(), disabled);
    assert_eq!(
        client.put_sealed("/b-kms/n", &key, "x").await.code(),
        disabled
    );
    let head = client.s3("HEAD", "/b-kms/k", &[], "").await;
    assert_eq!(
        (head.code().as_str(), head.header(named)),
        ("ok", key.as_str())
    );
    kms("EnableKey", "").await;
    assert_eq!(client.get("/b-kms/k").await.text(), "a very secret text");
    kms("ScheduleKeyDeletion", "").await;
    let refused = client.get("/b-kms/k").await;
    assert_eq!(refused.code(), "KMS.KMSInvalidStateException 400");
    kms("CancelKeyDeletion", "").await;
    kms("EnableKey", "").await;
    for (key, code) in [
        (
            "11111111-2222-3333-4444-555555555555",
            "KMS.NotFoundException 400",
        ),
        (
            &key.replace("eu-west-1", "eu-west-2"),
            "KMS.NotFoundException 400",
        ),
        ("alias/none", "KMS.NotFoundException 400"),
    ] {
        assert_eq!(client.put_sealed("/b-kms/n", key, "x").await.code(), code);
    }
    // Who has no right to the key has none to the object.
    let anna = client.make_user("anna", &[allow("s3:*", "*")]).await;
    assert_eq!(anna.get("/b-kms/k").await.code(), "AccessDenied 403");
    let via = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com",
        "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::b-kms/k"}});
    let mut decrypt = allow("kms:Decrypt", &key);
    decrypt["Condition"] = via;
    client.give("anna", &[allow("s3:*", "*"), decrypt]).await;
    assert_eq!(anna.get("/b-kms/k").await.code(), "ok");
    assert_eq!(
        anna.put_sealed("/b-kms/k", &key, "x").await.code(),
        "AccessDenied 403"
    );
}

#[tokio::test]
async fn sealed_bytes_are_nowhere_in_clear_and_a_state_goes_on_with_them() {
    let client = empty();
    client.make_bucket("b-state").await;
    let key = client.make_key("{}").await;
    client
        .put_sealed("/b-state/sealed", &key, "under a key of KMS")
        .await;
    client.put("/b-state/plain", "under no key of KMS").await;
    let state = client.sandbox.state();
    let kept = String::from_utf8(state.to_vec()).unwrap();
    assert!(kept.contains(&STANDARD.encode("under no key of KMS")));
    assert!(!kept.contains(&STANDARD.encode("under a key of KMS")));
    let resumed = Client {
        sandbox: Sandbox::resume(Options::default(), &state).unwrap(),
        ..client
    };
    assert_eq!(
        resumed.get("/b-state/sealed").await.text(),
        "under a key of KMS"
    );
    assert_eq!(
        resumed.get("/b-state/plain").await.text(),
        "under no key of KMS"
    );
}

#[tokio::test]
async fn a_bucket_decides_by_default_and_s3_has_a_key_of_its_own() {
    let client = empty();
    client.make_bucket("b-def").await;
    let key = client.make_key("{}").await;
    let rule = format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>{key}</KMSMasterKeyID>\
         </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
         </ServerSideEncryptionConfiguration>"
    );
    assert_eq!(client.put("/b-def?encryption", &rule).await.code(), "ok");
    let put = client.put("/b-def/k", "x").await;
    let (named, bucket_key) = (
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-bucket-key-enabled",
    );
    assert_eq!(
        (put.header(named), put.header(bucket_key)),
        (key.as_str(), "true")
    );
    let headers = [("x-amz-server-side-encryption", "aws:kms")];
    let own = client.s3("PUT", "/b-def/own", &headers, "x").await;
    let (_, described) = client
        .kms("DescribeKey", r#"{"KeyId":"alias/aws/s3"}"#)
        .await
        .unwrap();
    assert_eq!(described["KeyMetadata"]["Arn"], own.header(named));
    assert_eq!(client.get("/b-def/own").await.text(), "x");
    // Only by way of S3.
    let direct = r#"{"KeyId":"alias/aws/s3","KeySpec":"AES_256"}"#;
    assert_eq!(client.kms("GenerateDataKey", direct).await.unwrap().0, 400);
}

#[tokio::test]
async fn conditions_of_a_bucket_policy_have_to_fit() {
    let client = empty();
    client.make_bucket("b-fit").await;
    let put = async |actions: Value, resource: &str, operator: &str, key: &str, value: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny",
            "Principal": "*", "Action": actions, "Resource": format!("arn:aws:s3:::{resource}"),
            "Condition": {operator: {key: value}}}});
        let put = client.put("/b-fit?policy", &policy.to_string()).await;
        match put.code().as_str() {
            "MalformedPolicy 400" => element(put.text(), "Message"),
            code => code.to_owned(),
        }
    };
    let all = "Conditions do not apply to combination of actions and resources in statement";
    let key = "Policy has an invalid condition key";
    let (text, list) = ("StringEquals", "s3:ListBucket");
    for (actions, resource, operator, name, value, expected) in [
        (json!(list), "b-fit", text, "s3:prefix", "a", "ok"),
        (json!("s3:*"), "b-fit", text, "s3:prefix", "a", "ok"),
        (json!("s3:*"), "b-fit/*", text, "s3:prefix", "a", all),
        (
            json!("s3:GetObject"),
            "b-fit/*",
            text,
            "s3:prefix",
            "a",
            all,
        ),
        (
            json!([list, "s3:GetBucketAcl"]),
            "b-fit",
            text,
            "s3:prefix",
            "a",
            all,
        ),
        (
            json!("s3:PutObject"),
            "b-fit/*",
            text,
            "s3:X-Amz-Acl",
            "private",
            "ok",
        ),
        (json!(list), "b-fit", text, "s3:prefixes", "a", key),
        (json!(list), "b-fit", text, "prefix", "a", key),
        (json!(list), "b-fit", text, "aws:NoSuchKey", "a", "ok"),
        (
            json!(list),
            "b-fit",
            "NotIpAddress",
            "aws:SourceIp",
            "10.0.0.0/8",
            "ok",
        ),
        (
            json!(list),
            "b-fit",
            "IpAddressIfExists",
            "aws:SourceIp",
            "10.0.0.0/33",
            "Invalid IP address in Conditions",
        ),
    ] {
        let answered = put(actions.clone(), resource, operator, name, value).await;
        assert_eq!(answered, expected, "{actions} {resource} {name} {value}");
    }
}
