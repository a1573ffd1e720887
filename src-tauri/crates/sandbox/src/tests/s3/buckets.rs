//! Buckets, and what is set on them.

use super::*;

#[tokio::test]
async fn a_bucket_is_made_once_and_where_it_is_asked_for() {
    let own = empty();
    let foreign = Client {
        key_id: "222222222222".into(),
        ..own.clone()
    };
    let first = own.at("us-east-1");
    let (here, there) = (location("eu-west-1"), location("us-west-2"));
    for (client, name, body, code) in [
        (&own, "one", here.as_str(), "ok"),
        (&own, "one", &here, "BucketAlreadyOwnedByYou 409"),
        (&foreign, "one", &here, "BucketAlreadyExists 409"),
        (&own, "two", "", "IllegalLocationConstraintException 400"),
        (
            &own,
            "two",
            &there,
            "IllegalLocationConstraintException 400",
        ),
        (&own, "Two", &here, "InvalidBucketName 400"),
        (&own, "two", "<Nonsense/>", "MalformedXML 400"),
        (&first, "two", "", "ok"),
        (&first, "two", "", "ok"),
        (&first, "one", "", "BucketAlreadyOwnedByYou 409"),
    ] {
        let asked = client.put(&format!("/{name}"), body).await;
        assert_eq!(asked.code(), code, "{name} {body}");
    }
    let listed = own.get("/").await;
    assert!(listed.text().contains("<Name>one</Name>") && listed.text().contains("<Name>two"));
    assert!(!foreign.get("/").await.text().contains("<Name>"));
    let of_region = "/?bucket-region=eu-west-1";
    assert_eq!(own.get(of_region).await.text().matches("<Name>").count(), 1);
    assert_eq!(first.get(of_region).await.code(), "InvalidArgument 400");
    let head = own.s3("HEAD", "/one", &[], "").await;
    assert_eq!(
        (head.status, head.header("x-amz-bucket-region")),
        (200, "eu-west-1")
    );
    for (client, code) in [(&foreign, "403"), (&first, "301")] {
        let head = client.s3("HEAD", "/one", &[], "").await;
        assert_eq!(
            (head.code().as_str(), head.header("x-amz-bucket-region")),
            (code, "eu-west-1")
        );
    }
    assert_eq!(own.s3("HEAD", "/none", &[], "").await.code(), "404");
    assert_eq!(own.get("/none?policy").await.code(), "NoSuchBucket 404");
    let moved = first.get("/one").await;
    assert_eq!(moved.code(), "PermanentRedirect 301");
    assert_eq!(first.get("/one?location").await.code(), "ok");
    let expected = [("x-amz-expected-bucket-owner", "999999999999")];
    let asked = own.s3("GET", "/one", &expected, "").await;
    assert_eq!(asked.code(), "AccessDenied 403");
    own.put("/one/key", "x").await;
    assert_eq!(
        own.s3("DELETE", "/one", &[], "").await.code(),
        "BucketNotEmpty 409"
    );
    assert_eq!(own.s3("DELETE", "/one/key", &[], "").await.code(), "ok");
    assert_eq!(own.s3("DELETE", "/one", &[], "").await.code(), "ok");
}

#[tokio::test]
async fn settings_come_back_as_they_were_put() {
    let client = empty();
    client.make_bucket("b-set").await;
    for (name, root, inner) in [
        (
            "encryption",
            "ServerSideEncryptionConfiguration",
            "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
             <KMSMasterKeyID>arn:aws:kms:eu-west-1:1:key/k</KMSMasterKeyID>\
             </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled>",
        ),
        (
            "publicAccessBlock",
            "PublicAccessBlockConfiguration",
            "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
             <BlockPublicPolicy>true</BlockPublicPolicy>\
             <RestrictPublicBuckets>false</RestrictPublicBuckets>",
        ),
        (
            "versioning",
            "VersioningConfiguration",
            "<Status>Enabled</Status>",
        ),
        (
            "tagging",
            "Tagging",
            "<TagSet><Tag><Key>a</Key><Value>b &amp; c</Value></Tag></TagSet>",
        ),
        (
            "ownershipControls",
            "OwnershipControls",
            "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>",
        ),
    ] {
        let path = format!("/b-set?{name}");
        let whole = inner.replace(" &amp; ", "-");
        let close = if name == "encryption" { "</Rule>" } else { "" };
        let put = client
            .put(&path, &format!("<{root}>{whole}{close}</{root}>"))
            .await;
        assert_eq!(put.code(), "ok", "{name}: {}", put.text());
        let shown = client.get(&path).await;
        assert!(shown.text().contains(&whole), "{}", shown.text());
        for wrong in ["", "<Other/>", "<a>"] {
            assert_eq!(client.put(&path, wrong).await.code(), "MalformedXML 400");
        }
        let stray = format!("<{root}><Stray/></{root}>");
        assert_eq!(
            client.put(&path, &stray).await.code(),
            "MalformedXML 400",
            "{name}"
        );
    }
    for (name, code) in [
        ("lifecycle", "NoSuchLifecycleConfiguration 404"),
        ("cors", "NoSuchCORSConfiguration 404"),
        ("website", "NoSuchWebsiteConfiguration 404"),
        ("replication", "ReplicationConfigurationNotFoundError 404"),
        ("policy", "NoSuchBucketPolicy 404"),
        ("logging", "ok"),
        ("notification", "ok"),
        ("acl", "ok"),
    ] {
        let asked = client.get(&format!("/b-set?{name}")).await;
        assert_eq!(asked.code(), code, "{name}");
    }
    let acl = client
        .s3("PUT", "/b-set?acl", &[("x-amz-acl", "public-read")], "")
        .await;
    assert_eq!(acl.code(), "AccessControlListNotSupported 400");
}

#[tokio::test]
async fn a_bucket_that_was_never_set_up_is_closed_and_encrypts_by_itself() {
    let client = empty();
    client.make_bucket("b-new").await;
    let block = client.get("/b-new?publicAccessBlock").await;
    assert_eq!(block.text().matches(">true<").count(), 4);
    let encryption = client.get("/b-new?encryption").await;
    assert_eq!(element(encryption.text(), "SSEAlgorithm"), "AES256");
    assert!(
        !client
            .get("/b-new?versioning")
            .await
            .text()
            .contains("Status")
    );
}

#[tokio::test]
async fn lists_that_let_everybody_in_are_blocked_where_lists_are_allowed() {
    let client = empty();
    client.make_bucket("b-acl").await;
    client
        .s3("DELETE", "/b-acl?ownershipControls", &[], "")
        .await;
    client.put("/b-acl/k", "x").await;
    let everybody = "uri=http://acs.amazonaws.com/groups/global/AllUsers";
    let public = [
        ("x-amz-acl", "public-read"),
        ("x-amz-acl", "public-read-write"),
        ("x-amz-acl", "authenticated-read"),
        ("x-amz-grant-read", everybody),
    ];
    for path in ["/b-acl?acl", "/b-acl/k", "/b-acl/k?acl"] {
        for header in public {
            let put = client.s3("PUT", path, &[header], "").await;
            assert_eq!(put.code(), "AccessDenied 403", "{path} {header:?}");
        }
        let list = [("x-amz-acl", "log-delivery-write")];
        let put = client.s3("PUT", path, &list, "").await;
        assert_eq!(put.code(), "NotImplemented 501", "{path}");
    }
    client
        .s3("DELETE", "/b-acl?publicAccessBlock", &[], "")
        .await;
    let put = client.s3("PUT", "/b-acl?acl", &public[..1], "").await;
    assert_eq!(put.code(), "NotImplemented 501");
}

#[tokio::test]
async fn what_browsers_and_s3_control_ask_is_refused_by_name() {
    let client = empty();
    client.make_bucket("b-cors").await;
    let asked = [
        ("origin", "https://example.com"),
        ("access-control-request-method", "GET"),
    ];
    let answered = client.s3("OPTIONS", "/b-cors/k", &asked, "").await;
    assert_eq!(answered.code(), "AccessForbidden 403");
    assert!(
        answered
            .text()
            .contains("CORS is not enabled for this bucket")
    );
    let answered = client.s3("OPTIONS", "/b-cors/k", &[], "").await;
    assert_eq!(answered.code(), "BadRequest 400");
    let account = [("x-amz-account-id", "111122223333")];
    let path = "/v20180820/configuration/publicAccessBlock";
    for method in ["GET", "PUT", "DELETE"] {
        let answered = client.s3(method, path, &account, "").await;
        assert_eq!(answered.code(), "NotImplemented 501", "{method}");
    }
}
