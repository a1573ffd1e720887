//! What each operation has to be allowed beside its own name, and which condition keys it has.

use super::*;

/// A policy of a bucket with one statement.
fn one(statement: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statement}).to_string()
}

#[tokio::test]
async fn a_copy_takes_the_tags_only_with_leave_and_from_whom_it_should() {
    let client = empty();
    client.make_bucket("b-cp").await;
    let tagged = [("x-amz-tagging", "team=blue")];
    client.s3("PUT", "/b-cp/k", &tagged, "x").await;
    let bytes = [allow("s3:GetObject", "*"), allow("s3:PutObject", "*")];
    let anna = client.make_user("anna", &bytes).await;
    let source = ("x-amz-copy-source", "b-cp/k");
    let copy = async |more: &[(&str, &str)]| {
        let headers = [&[source], more].concat();
        anna.s3("PUT", "/b-cp/copy", &headers, "").await.code()
    };
    assert_eq!(copy(&[]).await, "AccessDenied 403");
    assert_eq!(copy(&[("x-amz-tagging-directive", "REPLACE")]).await, "ok");
    let told = anna.s3("HEAD", "/b-cp/k", &[], "").await;
    assert_eq!(told.header("x-amz-tagging-count"), "");
    let read = [bytes.as_slice(), &[allow("s3:GetObjectTagging", "*")]].concat();
    client.give("anna", &read).await;
    assert_eq!(copy(&[]).await, "AccessDenied 403");
    let told = anna.s3("HEAD", "/b-cp/k", &[], "").await;
    assert_eq!(told.header("x-amz-tagging-count"), "1");
    let both = [read.as_slice(), &[allow("s3:PutObjectTagging", "*")]].concat();
    client.give("anna", &both).await;
    assert_eq!(copy(&[]).await, "ok");
    let owner = "x-amz-source-expected-bucket-owner";
    assert_eq!(copy(&[(owner, "000000000000")]).await, "ok");
    assert_eq!(copy(&[(owner, "222222222222")]).await, "AccessDenied 403");
    assert_eq!(copy(&[(owner, "me")]).await, "InvalidArgument 400");
}

#[tokio::test]
async fn parts_and_checksums_are_opened_with_the_rights_of_the_caller() {
    let client = empty();
    client.make_bucket("b-open").await;
    let key = client.make_key("{}").await;
    client.put_sealed("/b-open/k", &key, "x").await;
    let generate = [allow("s3:*", "*"), allow("kms:GenerateDataKey", &key)];
    let anna = client.make_user("anna", &generate).await;
    let mode = [("x-amz-checksum-mode", "ENABLED")];
    assert_eq!(anna.s3("HEAD", "/b-open/k", &[], "").await.status, 200);
    assert_eq!(anna.s3("HEAD", "/b-open/k", &mode, "").await.status, 403);
    let sealed = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", key.as_str()),
    ];
    let begun = anna.s3("POST", "/b-open/p?uploads", &sealed, "").await;
    let upload = format!("/b-open/p?uploadId={}", element(begun.text(), "UploadId"));
    let part = format!("{upload}&partNumber=1");
    assert_eq!(anna.put(&part, "x").await.code(), "AccessDenied 403");
    let put = client.put(&part, "x").await;
    let etag = put.header("etag");
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part>\
         </CompleteMultipartUpload>"
    );
    assert_eq!(anna.get(&upload).await.code(), "AccessDenied 403");
    let refused = anna.s3("POST", &upload, &[], parts.clone()).await;
    assert_eq!(refused.code(), "AccessDenied 403");
    client
        .give("anna", &[allow("s3:*", "*"), allow("kms:*", &key)])
        .await;
    assert_eq!(anna.s3("HEAD", "/b-open/k", &mode, "").await.status, 200);
    assert_eq!(anna.get(&upload).await.code(), "ok");
    let size = [("x-amz-mp-object-size", "2")];
    let refused = anna.s3("POST", &upload, &size, parts.clone()).await;
    assert_eq!(refused.code(), "InvalidRequest 400");
    let done = anna.s3("POST", &upload, &[], parts).await;
    assert_eq!(done.code(), "ok", "{}", done.text());
}

#[tokio::test]
async fn who_began_an_upload_may_give_it_up() {
    let client = empty();
    client.make_bucket("b-up").await;
    let put = [allow("s3:PutObject", "*")];
    let anna = client.make_user("anna", &put).await;
    let begun = anna.s3("POST", "/b-up/k?uploads", &[], "").await;
    let upload = format!("/b-up/k?uploadId={}", element(begun.text(), "UploadId"));
    let shown = client.get(&upload).await;
    let arn = "arn:aws:iam::000000000000:user/anna";
    assert!(shown.text().contains(&format!("<Initiator><ID>{arn}</ID>")));
    let bob = client.make_user("bob", &put).await;
    assert_eq!(bob.get(&upload).await.code(), "AccessDenied 403");
    assert_eq!(anna.get(&upload).await.code(), "ok");
    let mut deny = allow("s3:AbortMultipartUpload", "*");
    deny["Effect"] = "Deny".into();
    client.give("anna", &[put[0].clone(), deny]).await;
    let refused = anna.s3("DELETE", &upload, &[], "").await;
    assert_eq!(refused.code(), "AccessDenied 403");
    client.give("anna", &put).await;
    assert_eq!(anna.s3("DELETE", &upload, &[], "").await.code(), "ok");
}

#[tokio::test]
async fn each_action_has_its_own_condition_keys() {
    let client = empty();
    client.make_bucket("b-key").await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    client.put("/b-key?versioning", enabled).await;
    let tagged = [("x-amz-tagging", "team=blue")];
    let put = client.s3("PUT", "/b-key/k", &tagged, "x").await;
    let id = put.header("x-amz-version-id").to_owned();
    let anna = client.make_user("anna", &[]).await;
    let give = async |action: &str, key: &str, value: &str| {
        let mut statement = allow(action, "*");
        statement["Condition"] = json!({"StringEquals": {key: value}});
        client
            .give("anna", &[statement, allow("s3:PutObjectTagging", "*")])
            .await;
    };
    let denied = "AccessDenied 403";
    let existing = "s3:ExistingObjectTag/team";
    give("s3:*Object", existing, "blue").await;
    assert_eq!(anna.get("/b-key/k").await.code(), "ok");
    assert_eq!(anna.put("/b-key/k", "y").await.code(), denied);
    assert_eq!(anna.s3("DELETE", "/b-key/k", &[], "").await.code(), denied);
    give("s3:PutObject", "s3:RequestObjectTag/team", "red").await;
    assert_eq!(
        anna.s3("PUT", "/b-key/k", &tagged, "y").await.code(),
        denied
    );
    let red = [("x-amz-tagging", "team=red")];
    assert_eq!(anna.s3("PUT", "/b-key/k", &red, "y").await.code(), "ok");
    give("s3:PutObject", "s3:ObjectCreationOperation", "true").await;
    assert_eq!(anna.put("/b-key/k", "y").await.code(), "ok");
    let begun = anna.s3("POST", "/b-key/k?uploads", &[], "").await;
    assert_eq!(begun.code(), denied);

    give("s3:*", "s3:VersionId", &id).await;
    let source = format!("b-key/k?versionId={id}");
    let from = async |source: &str| {
        let copy = [("x-amz-copy-source", source)];
        anna.s3("PUT", "/b-key/copy", &copy, "").await
    };
    // The copy itself is of no version: what is allowed by version alone does not allow it.
    assert_eq!(from(&source).await.code(), denied);
    let mut read = allow("s3:GetObjectVersion", "*");
    read["Condition"] = json!({"StringEquals": {"s3:VersionId": id}});
    let rest = [
        allow("s3:PutObject*", "*"),
        allow("s3:GetObjectVersionTagging", "*"),
    ];
    client
        .give("anna", &[[read].as_slice(), &rest].concat())
        .await;
    assert_eq!(from(&source).await.code(), "ok");
    let other = client.put("/b-key/k", "z").await;
    let other = other.header("x-amz-version-id");
    assert_eq!(
        from(&format!("b-key/k?versionId={other}")).await.code(),
        denied
    );

    give("s3:DeleteObjectVersion", "s3:VersionId", &id).await;
    let delete = async |id: &str| {
        let object = format!("<Object><Key>k</Key><VersionId>{id}</VersionId></Object>");
        let body = format!("<Delete>{object}</Delete>");
        let sum = checksum(body.as_bytes());
        let headers = [("x-amz-checksum-sha256", sum.as_str())];
        anna.s3("POST", "/b-key?delete", &headers, body).await
    };
    assert!(
        delete(other)
            .await
            .text()
            .contains("<Code>AccessDenied</Code>")
    );
    let deleted = delete(&id).await;
    assert!(deleted.text().contains("<Deleted>"), "{}", deleted.text());
}

#[tokio::test]
async fn comparing_what_is_written_over_or_deleted_needs_the_right_to_read() {
    let client = empty();
    client.make_bucket("b-if").await;
    let put = client.put("/b-if/k", "x").await;
    let etag = [("if-match", put.header("etag"))];
    let write = [allow("s3:PutObject", "*"), allow("s3:DeleteObject", "*")];
    let anna = client.make_user("anna", &write).await;
    for method in ["PUT", "DELETE"] {
        let refused = anna.s3(method, "/b-if/k", &etag, "x").await;
        assert_eq!(refused.code(), "AccessDenied 403", "{method}");
    }
    let all = [write.as_slice(), &[allow("s3:GetObject", "*")]].concat();
    client.give("anna", &all).await;
    assert_eq!(anna.s3("PUT", "/b-if/k", &etag, "x").await.code(), "ok");
    // Without versions the denial of either action holds.
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion",
        "Resource": "arn:aws:s3:::b-if/*"});
    assert_eq!(client.put("/b-if?policy", &one(deny)).await.code(), "ok");
    let refused = anna.s3("DELETE", "/b-if/k", &etag, "").await;
    assert_eq!(refused.code(), "AccessDenied 403");
    client.s3("DELETE", "/b-if?policy", &[], "").await;
    assert_eq!(anna.s3("DELETE", "/b-if/k", &etag, "").await.code(), "ok");
}

#[tokio::test]
async fn a_new_bucket_needs_leave_for_all_that_it_is_to_have() {
    let client = empty();
    let create = [allow("s3:CreateBucket", "*")];
    let anna = client.make_user("anna", &create).await;
    let owner = [("x-amz-object-ownership", "BucketOwnerPreferred")];
    let make = async |name: &str, headers: &[(&str, &str)]| {
        let path = format!("/{name}");
        anna.s3("PUT", &path, headers, location("eu-west-1"))
            .await
            .code()
    };
    assert_eq!(make("b-one", &[]).await, "ok");
    assert_eq!(anna.get("/").await.code(), "AccessDenied 403");
    assert_eq!(make("b-two", &owner).await, "AccessDenied 403");
    let both = [
        create[0].clone(),
        allow("s3:PutBucketOwnershipControls", "*"),
    ];
    client.give("anna", &both).await;
    assert_eq!(make("b-two", &owner).await, "ok");
    let list = [allow("s3:ListAllMyBuckets", "arn:aws:s3:::*")];
    client.give("anna", &list).await;
    assert_eq!(anna.get("/").await.code(), "ok");
}

#[tokio::test]
async fn what_is_archived_is_not_read_and_redirections_are_not_copied() {
    let client = empty();
    client.make_bucket("b-ice").await;
    let archived = [("x-amz-storage-class", "GLACIER")];
    client.s3("PUT", "/b-ice/ice", &archived, "x").await;
    assert_eq!(
        client.get("/b-ice/ice").await.code(),
        "InvalidObjectState 403"
    );
    assert_eq!(client.s3("HEAD", "/b-ice/ice", &[], "").await.status, 200);
    let copy = [("x-amz-copy-source", "b-ice/ice")];
    let refused = client.s3("PUT", "/b-ice/copy", &copy, "").await;
    assert_eq!(refused.code(), "ObjectNotInActiveTierError 403");
    let elsewhere = [("x-amz-website-redirect-location", "/there")];
    client.s3("PUT", "/b-ice/k", &elsewhere, "x").await;
    let copy = [("x-amz-copy-source", "b-ice/k")];
    assert_eq!(
        client.s3("PUT", "/b-ice/copy", &copy, "").await.code(),
        "ok"
    );
    let told = client.s3("HEAD", "/b-ice/copy", &[], "").await;
    assert_eq!(told.header("x-amz-website-redirect-location"), "");
}

#[tokio::test]
async fn who_is_anonymous_has_what_the_policy_leaves_to_everybody() {
    let client = empty();
    client.make_bucket("b-pub").await;
    client.put("/b-pub/k", "for all").await;
    let key = client.make_key("{}").await;
    client.put_sealed("/b-pub/sealed", &key, "x").await;
    let ask = async |method: &str, path: &str| {
        let uri = format!("http://127.0.0.1:4600{path}");
        let request = Request::builder().method(method).uri(uri);
        let request = request.body(Bytes::new()).unwrap();
        let answer = client.sandbox.handle(request).await.unwrap();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        (answer.status().as_u16(), text)
    };
    let refused = async |path: &str| element(&ask("GET", path).await.1, "Message");
    let everybody = one(
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*Object",
        "Resource": "arn:aws:s3:::b-pub/*"}),
    );
    let put = async |policy: &str| client.put("/b-pub?policy", policy).await.code();
    assert_eq!(refused("/b-pub/k").await, "Access Denied");
    assert_eq!(put(&everybody).await, "AccessDenied 403");
    let block = |restrict: bool| {
        format!(
            "<PublicAccessBlockConfiguration><RestrictPublicBuckets>{restrict}\
             </RestrictPublicBuckets></PublicAccessBlockConfiguration>"
        )
    };
    client.put("/b-pub?publicAccessBlock", &block(false)).await;
    assert_eq!(put(&everybody).await, "ok");
    assert_eq!(ask("GET", "/b-pub/k").await, (200, "for all".into()));
    assert_eq!(ask("PUT", "/b-pub/new").await.0, 200);
    assert_eq!(refused("/b-pub").await, "Access Denied");
    assert_eq!(ask("PUT", "/b-new").await.0, 403);
    let (status, text) = ask("POST", "/b-pub/k?uploads").await;
    assert_eq!(status, 403);
    assert!(text.contains("Anonymous users cannot"), "{text}");
    let sealed = refused("/b-pub/sealed").await;
    assert!(
        sealed.ends_with("require AWS Signature Version 4."),
        "{sealed}"
    );
    client.put("/b-pub?publicAccessBlock", &block(true)).await;
    assert_eq!(refused("/b-pub/k").await, "Access Denied");
    client.put("/b-pub?publicAccessBlock", &block(false)).await;
    let known = everybody.replace(
        "\"Action\"",
        "\"Condition\":{\"Null\":{\"aws:PrincipalArn\":false}},\"Action\"",
    );
    assert_eq!(put(&known).await, "ok");
    assert_eq!(refused("/b-pub/k").await, "Access Denied");
    let account = everybody.replace("\"*\"", "{\"AWS\":\"000000000000\"}");
    assert_eq!(put(&account).await, "ok");
    assert_eq!(refused("/b-pub/k").await, "Access Denied");
}

#[tokio::test]
async fn headers_that_contradict_each_other_are_refused_and_lists_are_back_without_controls() {
    let client = empty();
    client.make_bucket("b-odd").await;
    client.put("/b-odd/k", "x").await;
    let range = [("range", "bytes=0-0")];
    let refused = client.s3("GET", "/b-odd/k?partNumber=1", &range, "").await;
    assert_eq!(refused.code(), "InvalidRequest 400");
    for tags in ["a=1&a=2", "%ff=1"] {
        let refused = client
            .s3("PUT", "/b-odd/k", &[("x-amz-tagging", tags)], "x")
            .await;
        assert_eq!(refused.code(), "InvalidArgument 400", "{tags}");
    }
    let private = [("x-amz-acl", "private")];
    let refused = client.s3("PUT", "/b-odd/k", &private, "x").await;
    assert_eq!(refused.code(), "AccessControlListNotSupported 400");
    client
        .s3("DELETE", "/b-odd?ownershipControls", &[], "")
        .await;
    assert_eq!(
        client.s3("PUT", "/b-odd/k", &private, "x").await.code(),
        "ok"
    );
}
