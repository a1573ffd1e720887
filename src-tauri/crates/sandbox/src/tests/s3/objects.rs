//! Objects, versions, lists and parts.

use super::*;

#[tokio::test]
async fn conditions_ranges_and_checksums() {
    let client = empty();
    client.make_bucket("b-obj").await;
    let absent = [("if-none-match", "*")];
    let headers = [("x-amz-meta-colour", "red"), ("content-type", "text/plain")];
    let put = client
        .s3("PUT", "/b-obj/a%2Fb%20c", &headers, "0123456789")
        .await;
    assert_eq!(put.header("etag"), "\"781e5e245d69b566979b86e28d23f2c7\"");
    assert!(!put.header("x-amz-checksum-crc64nvme").is_empty());
    let again = client.s3("PUT", "/b-obj/a/b%20c", &absent, "x").await;
    assert_eq!(again.code(), "PreconditionFailed 412");
    let got = client.get("/b-obj/a/b%20c").await;
    assert_eq!(
        (got.text(), got.header("x-amz-meta-colour")),
        ("0123456789", "red")
    );
    let etag = put.header("etag");
    for (name, value, code) in [
        ("range", "bytes=2-4", "ok"),
        ("range", "bytes=10-", "InvalidRange 416"),
        ("if-match", etag, "ok"),
        ("if-match", "\"x\"", "PreconditionFailed 412"),
        ("if-none-match", etag, "304"),
        ("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT", "304"),
        (
            "if-unmodified-since",
            "Mon, 01 Jan 2001 00:00:00 GMT",
            "PreconditionFailed 412",
        ),
    ] {
        let asked = client
            .s3("GET", "/b-obj/a/b%20c", &[(name, value)], "")
            .await;
        assert_eq!(asked.code(), code, "{name}: {value}");
        if value == "bytes=2-4" {
            assert_eq!((asked.status, asked.text()), (206, "234"));
            assert_eq!(asked.header("content-range"), "bytes 2-4/10");
        }
    }
    for (name, value, code) in [
        ("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "BadDigest 400"),
        ("content-md5", "x", "InvalidDigest 400"),
        ("x-amz-checksum-crc32", "AAAAAA==", "BadDigest 400"),
        ("x-amz-checksum-crc32", "x", "InvalidRequest 400"),
        ("x-amz-checksum-crc32", "y/U6HA==", "BadDigest 400"),
        (
            "x-amz-acl",
            "public-read",
            "AccessControlListNotSupported 400",
        ),
        ("x-amz-storage-class", "SOFT", "InvalidStorageClass 400"),
        (
            "x-amz-server-side-encryption",
            "rot13",
            "InvalidArgument 400",
        ),
        ("x-amz-tagging", "aws:a=b", "InvalidTag 400"),
        ("if-match", "\"x\"", "NoSuchKey 404"),
    ] {
        let asked = client
            .s3("PUT", "/b-obj/other", &[(name, value)], "123")
            .await;
        assert_eq!(asked.code(), code, "{name}: {value}");
    }
}

#[tokio::test]
async fn versions_stay_until_they_are_named() {
    let client = empty();
    client.make_bucket("b-ver").await;
    client.put("/b-ver/k", "0").await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    client.put("/b-ver?versioning", enabled).await;
    let first = client.put("/b-ver/k", "1").await;
    let first = first.header("x-amz-version-id");
    let deleted = client.s3("DELETE", "/b-ver/k", &[], "").await;
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let marker = deleted.header("x-amz-version-id");
    let gone = client.get("/b-ver/k").await;
    assert_eq!(
        (gone.code().as_str(), gone.header("x-amz-delete-marker")),
        ("NoSuchKey 404", "true")
    );
    let version = |id: &str| format!("/b-ver/k?versionId={id}");
    for (id, expected) in [
        ("null", "0"),
        (first, "1"),
        (marker, "MethodNotAllowed 405"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "NoSuchVersion 404"),
        ("x", "InvalidArgument 400"),
    ] {
        let asked = client.get(&version(id)).await;
        match asked.status {
            200 => assert_eq!(asked.text(), expected),
            _ => assert_eq!(asked.code(), expected),
        }
    }
    let listed = client.get("/b-ver?versions&max-keys=2").await;
    assert_eq!(element(listed.text(), "IsTruncated"), "true");
    let (key, id) = (
        element(listed.text(), "NextKeyMarker"),
        element(listed.text(), "NextVersionIdMarker"),
    );
    let rest = client
        .get(&format!(
            "/b-ver?versions&key-marker={key}&version-id-marker={id}"
        ))
        .await;
    assert_eq!(element(rest.text(), "VersionId"), "null");
    let not_empty = client.s3("DELETE", "/b-ver", &[], "").await;
    assert_eq!(not_empty.code(), "BucketNotEmpty 409");
    assert_eq!(
        client.s3("DELETE", &version(marker), &[], "").await.status,
        204
    );
    assert_eq!(client.get("/b-ver/k").await.text(), "1");
}

#[tokio::test]
async fn lists_are_paged_and_folded_at_the_delimiter() {
    let client = empty();
    client.make_bucket("b-list").await;
    for key in ["a/1", "a/2", "b", "c/1", "d%20%C3%A4"] {
        client.put(&format!("/b-list/{key}"), "").await;
    }
    let mut token = String::new();
    let mut seen = Vec::new();
    loop {
        let path = format!("/b-list?list-type=2&delimiter=%2F&max-keys=1{token}");
        let page = client.get(&path).await;
        let inner = page
            .text()
            .split("<Contents>")
            .nth(1)
            .map(|rest| element(rest, "Key"));
        let folded = page.text().split("<CommonPrefixes>").nth(1);
        seen.push(
            inner
                .or(folded.map(|rest| element(rest, "Prefix")))
                .unwrap(),
        );
        if element(page.text(), "IsTruncated") == "false" {
            break;
        }
        token = format!(
            "&continuation-token={}",
            element(page.text(), "NextContinuationToken")
        );
    }
    assert_eq!(seen, ["a/", "b", "c/", "d \u{e4}"]);
    let encoded = client.get("/b-list?prefix=d&encoding-type=url").await;
    assert_eq!(element(encoded.text(), "Key"), "d%20%C3%A4");
    let many = "<Delete><Object><Key>a/1</Key></Object><Object><Key>none</Key></Object></Delete>";
    let refused = client.s3("POST", "/b-list?delete", &[], many).await;
    assert_eq!(refused.code(), "InvalidRequest 400");
    let sum = [("x-amz-checksum-crc32", "AAAAAA==")];
    let refused = client.s3("POST", "/b-list?delete", &sum, many).await;
    assert_eq!(refused.code(), "BadDigest 400");
}

#[tokio::test]
async fn the_one_part_of_an_empty_object_is_empty() {
    let client = empty();
    client.make_bucket("b-none").await;
    client.put("/b-none/k", "").await;
    let part = client.get("/b-none/k?partNumber=1").await;
    assert_eq!((part.status, part.text()), (206, ""));
}

#[tokio::test]
async fn parts_make_one_object() {
    let client = empty();
    client.make_bucket("b-mp").await;
    let key = client.make_key("{}").await;
    let headers = [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", key.as_str()),
    ];
    let begun = client.s3("POST", "/b-mp/k?uploads", &headers, "").await;
    let id = element(begun.text(), "UploadId");
    let large = "a".repeat(5 * 1024 * 1024);
    let mut etags = Vec::new();
    for (number, body) in [(1, large.as_str()), (2, "end"), (3, "unused")] {
        let path = format!("/b-mp/k?partNumber={number}&uploadId={id}");
        let part = client.put(&path, body).await;
        assert_eq!(part.code(), "ok", "{}", part.text());
        etags.push(part.header("etag").replace('"', "&quot;"));
    }
    let list = |parts: &[usize]| {
        let parts: String = parts
            .iter()
            .map(|part| {
                let etag = &etags[part - 1];
                format!("<Part><PartNumber>{part}</PartNumber><ETag>{etag}</ETag></Part>")
            })
            .collect();
        format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
    };
    let path = format!("/b-mp/k?uploadId={id}");
    for (body, code) in [
        (list(&[]), "MalformedXML 400"),
        (list(&[2, 1]), "InvalidPartOrder 400"),
        (list(&[2, 3]), "EntityTooSmall 400"),
        (list(&[1]).replace("&quot;", ""), "ok"),
    ] {
        if code != "ok" {
            assert_eq!(client.s3("POST", &path, &[], body).await.code(), code);
        }
    }
    let done = client.s3("POST", &path, &[], list(&[1, 2])).await;
    assert_eq!(done.code(), "ok", "{}", done.text());
    assert!(element(done.text(), "ETag").ends_with("-2&quot;"));
    let got = client.get("/b-mp/k").await;
    assert_eq!(got.text(), format!("{large}end"));
    assert_eq!(
        client.s3("POST", &path, &[], list(&[1, 2])).await.code(),
        "NoSuchUpload 404"
    );
}

#[tokio::test]
async fn readers_say_nothing_of_encryption_and_keys_of_clients_are_blocked_or_missing() {
    let client = empty();
    client.make_bucket("b-enc").await;
    client.put("/b-enc/k", "x").await;
    let own = [("x-amz-server-side-encryption-customer-algorithm", "AES256")];
    let word = [("x-amz-server-side-encryption", "AES256")];
    for (header, code) in [(own, "InvalidRequest 400"), (word, "InvalidArgument 400")] {
        let got = client.s3("GET", "/b-enc/k", &header, "").await;
        assert_eq!(got.code(), code);
        assert_eq!(client.s3("HEAD", "/b-enc/k", &header, "").await.status, 400);
    }
    let copy = [
        ("x-amz-copy-source", "b-enc/k"),
        (
            "x-amz-copy-source-server-side-encryption-customer-key-md5",
            "x",
        ),
    ];
    let copied = client.s3("PUT", "/b-enc/c", &copy, "").await;
    assert_eq!(copied.code(), "InvalidRequest 400");
    let put = async || client.s3("PUT", "/b-enc/k", &own, "x").await.code();
    assert_eq!(put().await, "AccessDenied 403");
    let open = "<ServerSideEncryptionConfiguration><Rule><BlockedEncryptionTypes>\
                <EncryptionType>NONE</EncryptionType></BlockedEncryptionTypes></Rule>\
                </ServerSideEncryptionConfiguration>";
    assert_eq!(client.put("/b-enc?encryption", open).await.code(), "ok");
    assert_eq!(put().await, "NotImplemented 501");
}

#[tokio::test]
async fn a_delete_marker_only_lets_itself_be_deleted() {
    let client = empty();
    client.make_bucket("b-mark").await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    client.put("/b-mark?versioning", on).await;
    let marker = client.s3("DELETE", "/b-mark/k", &[], "").await;
    let path = format!("/b-mark/k?versionId={}", marker.header("x-amz-version-id"));
    let got = client.get(&path).await;
    assert_eq!(
        (got.code().as_str(), got.header("allow")),
        ("MethodNotAllowed 405", "DELETE")
    );
}
