//! Signatures in the query, and of chunks.

use super::*;
use crate::sigv4::testing::{chunked, presigned};

#[tokio::test]
async fn an_address_can_be_given_away_for_a_while() {
    let client = empty();
    client.make_bucket("b-pre").await;
    client.put("/b-pre/k", "given away").await;
    let now = OffsetDateTime::now_utc();
    let ask = |uri: String| {
        let sandbox = client.sandbox.clone();
        async move {
            let request = Request::get(uri).body(Bytes::new()).unwrap();
            let answer = sandbox.handle(request).await.unwrap();
            let text = String::from_utf8(answer.body().to_vec()).unwrap();
            (answer.status().as_u16(), text)
        }
    };
    let signed = |path: &str, at| {
        let uri = format!("https://s3.eu-west-1.amazonaws.com{path}");
        presigned(&uri, "test", "test", "eu-west-1", at, 60)
    };
    let good = signed("/b-pre/k", now);
    assert_eq!(ask(good.clone()).await, (200, "given away".into()));
    let (status, text) = ask(signed("/b-pre/k", now - Duration::from_secs(90))).await;
    assert_eq!(
        (status, element(&text, "Message").as_str()),
        (403, "Request has expired")
    );
    let (status, text) = ask(good.replace("/b-pre/k", "/b-pre/other")).await;
    assert_eq!(
        (status, element(&text, "Code").as_str()),
        (403, "SignatureDoesNotMatch")
    );
    let old = json!({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Principal": "*",
        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b-pre/*",
        "Condition": {"NumericGreaterThan": {"s3:signatureAge": "20000"}}}});
    let put = client.put("/b-pre?policy", &old.to_string()).await;
    assert_eq!(put.code(), "ok", "{}", put.text());
    assert_eq!(client.get("/b-pre/k").await.code(), "ok");
    assert_eq!(
        ask(signed("/b-pre/k", OffsetDateTime::now_utc())).await.0,
        200
    );
    let aged = signed("/b-pre/k", now - Duration::from_secs(30));
    assert_eq!(ask(aged).await.0, 403);
    let (status, text) = ask("https://s3.eu-west-1.amazonaws.com/b-pre/k".into()).await;
    assert_eq!(
        (status, element(&text, "Code").as_str()),
        (403, "AccessDenied")
    );
}

#[tokio::test]
async fn chunks_are_taken_with_their_signatures_only() {
    let client = empty();
    client.make_bucket("b-chunk").await;
    for with_trailer in [false, true] {
        let uri = "https://s3.eu-west-1.amazonaws.com/b-chunk/k";
        let chunks: &[&[u8]] = &[b"hello ", b"world"];
        let trailer = with_trailer.then_some(("x-amz-checksum-crc32", "DUoRhQ=="));
        let now = OffsetDateTime::now_utc();
        let request = chunked(uri, chunks, trailer, "test", "test", "eu-west-1", now);
        let (head, body) = request.clone().into_parts();
        let answer = client.sandbox.handle(request).await.unwrap();
        let text = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status().as_u16(), 200, "{text}");
        assert_eq!(client.get("/b-chunk/k").await.text(), "hello world");
        let other = String::from_utf8(body.to_vec())
            .unwrap()
            .replace("hello", "jello");
        let request = Request::from_parts(head, Bytes::from(other));
        let answer = client.sandbox.handle(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), 403);
    }
    let unsigned = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
        ("x-amz-decoded-content-length", "11"),
        ("content-encoding", "aws-chunked"),
    ];
    let wrong = [("x-amz-content-sha256", "00")];
    let put = client.s3("PUT", "/b-chunk/u", &wrong, "x").await;
    assert_eq!(put.code(), "XAmzContentSHA256Mismatch 400");
    for (sum, code) in [("DUoRhQ==", "ok"), ("AAAAAA==", "BadDigest 400")] {
        let body = format!("b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
        let put = client.s3("PUT", "/b-chunk/u", &unsigned, body).await;
        assert_eq!(put.code(), code, "{}", put.text());
    }
    let got = client.get("/b-chunk/u").await;
    assert_eq!(
        (got.text(), got.header("content-encoding")),
        ("hello world", "")
    );
    let short = client
        .s3("PUT", "/b-chunk/u", &unsigned, "b\r\nhello")
        .await;
    assert_eq!(short.code(), "IncompleteBody 400");
}

#[tokio::test]
async fn what_follows_the_chunks_is_what_was_announced() {
    let client = empty();
    client.make_bucket("b-announced").await;
    let put = async |trailer: &str, length: &str, behind: &str| {
        let headers = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", trailer),
            ("x-amz-decoded-content-length", length),
        ];
        let given: Vec<_> = headers
            .into_iter()
            .filter(|(_, is)| !is.is_empty())
            .collect();
        let body = format!("b\r\nhello world\r\n0\r\n{behind}\r\n");
        client
            .s3("PUT", "/b-announced/k", &given, body)
            .await
            .code()
    };
    let (crc32, sum) = ("x-amz-checksum-crc32", "x-amz-checksum-crc32:DUoRhQ==\r\n");
    for (trailer, length, behind, code) in [
        (crc32, "11", sum, "ok"),
        ("", "11", "", "ok"),
        (crc32, "11", "", "MalformedTrailerError 400"),
        ("", "11", sum, "MalformedTrailerError 400"),
        (
            "x-amz-checksum-sha1",
            "11",
            sum,
            "MalformedTrailerError 400",
        ),
        ("x-foo", "11", "", "InvalidRequest 400"),
        (crc32, "", sum, "MissingContentLength 411"),
        (crc32, "eleven", sum, "InvalidArgument 400"),
        (crc32, "12", sum, "IncompleteBody 400"),
    ] {
        let answered = put(trailer, length, behind).await;
        assert_eq!(answered, code, "{trailer} {length} {behind}");
    }
}

#[tokio::test]
async fn a_query_that_is_no_signature_and_a_token_of_nobody_have_their_own_codes() {
    let client = empty();
    client.make_bucket("b-query").await;
    let uri = "https://s3.eu-west-1.amazonaws.com/b-query/k";
    let now = OffsetDateTime::now_utc();
    let good = presigned(uri, "test", "test", "eu-west-1", now, 60);
    let ask = async |uri: &str| {
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        let answer = client.sandbox.handle(request).await.unwrap();
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        format!("{} {}", element(&text, "Code"), answer.status().as_u16())
    };
    for (part, other) in [
        ("X-Amz-Expires=60", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=60", "X-Amz-Expires=soon"),
        ("X-Amz-Expires=60", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=60&", ""),
        ("X-Amz-Credential=test%2F", "X-Amz-Credential="),
    ] {
        let answered = ask(&good.replace(part, other)).await;
        assert_eq!(answered, "AuthorizationQueryParametersError 400", "{other}");
    }
    let token = [("x-amz-security-token", "of nobody")];
    let answered = client.s3("GET", "/b-query/k", &token, "").await;
    assert_eq!(answered.code(), "InvalidToken 400");
}
