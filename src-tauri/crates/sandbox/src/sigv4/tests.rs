//! AWS's published vectors, and what must not pass.

use time::macros::datetime;

use super::*;

/// AWS's published test suite: key AKIDEXAMPLE, `us-east-1/service`, 30 August 2015.
fn published(
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    signed: &str,
    signature: &str,
) -> Result<(), SignatureProblem> {
    let mut request = http::Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/\
                 aws4_request, SignedHeaders={signed}, Signature={signature}"
            ),
        );
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    Authorization::read(&head.headers)?.verify(&head, b"", secret, datetime!(2015-08-30 12:40 UTC))
}

#[test]
fn verifies_the_published_vectors() {
    let plain = "host;x-amz-date";
    for (name, result) in [
        (
            "get-vanilla",
            published(
                "GET",
                "/",
                &[],
                plain,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
        ),
        (
            "post-vanilla",
            published(
                "POST",
                "/",
                &[],
                plain,
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
        ),
        (
            "get-vanilla-query-order-key-case",
            published(
                "GET",
                "/?Param2=value2&Param1=value1",
                &[],
                plain,
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ),
        (
            "get-header-value-trim",
            published(
                "GET",
                "/",
                &[("my-header1", "value1"), ("my-header2", "\"a   b   c\"")],
                "host;my-header1;my-header2;x-amz-date",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
        ),
        (
            "get-slash-dot-slash",
            published(
                "GET",
                "/./",
                &[],
                plain,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
        ),
        (
            "get-relative-relative",
            published(
                "GET",
                "/example1/example2/../..",
                &[],
                plain,
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
        ),
    ] {
        assert_eq!(result, Ok(()), "{name}");
    }
}

#[test]
fn one_changed_bit_is_refused() {
    let wrong = published(
        "GET",
        "/",
        &[],
        "host;x-amz-date",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf30",
    );
    assert!(
        matches!(wrong, Err(SignatureProblem::Mismatch(_))),
        "{wrong:?}"
    );
}

#[test]
fn what_must_be_signed_is() {
    let loose = published(
        "GET",
        "/",
        &[("x-amz-target", "T.X")],
        "host;x-amz-date",
        "00",
    );
    let Err(SignatureProblem::Mismatch(sentence)) = loose else {
        panic!("{loose:?}")
    };
    assert!(sentence.contains("x-amz-target"), "{sentence}");
    let hostless = published("GET", "/", &[], "x-amz-date", "00");
    let Err(SignatureProblem::Mismatch(sentence)) = hostless else {
        panic!("{hostless:?}")
    };
    assert!(sentence.contains("Host"), "{sentence}");
}

fn head(service: &str, at: OffsetDateTime, hash: Option<&str>, body: &'static [u8]) -> Parts {
    let mut request = http::Request::builder()
        .method("POST")
        .uri("https://kms.example/");
    if let Some(hash) = hash {
        request = request.header("x-amz-content-sha256", hash);
    }
    let request = request.body(bytes::Bytes::from_static(body)).unwrap();
    testing::signed(request, "K", "s", "eu-west-1", service, at)
        .into_parts()
        .0
}

fn verify(head: &Parts, body: &[u8], now: OffsetDateTime) -> Result<(), SignatureProblem> {
    Authorization::read(&head.headers)
        .unwrap()
        .verify(head, body, "s", now)
}

#[test]
fn a_signature_lives_fifteen_minutes_in_both_directions() {
    let at = datetime!(2026-03-01 10:00 UTC);
    let head = head("kms", at, None, b"{}");
    for minutes in [-15, 0, 15] {
        assert_eq!(
            verify(&head, b"{}", at + Duration::minutes(minutes)),
            Ok(())
        );
    }
    for (minutes, words) in [(16, "Signature expired"), (-16, "not yet current")] {
        let refused = verify(&head, b"{}", at + Duration::minutes(minutes));
        let Err(SignatureProblem::Untimely(sentence)) = refused else {
            panic!("{refused:?}")
        };
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[test]
fn the_body_is_part_of_it() {
    let at = datetime!(2026-03-01 10:00 UTC);
    assert!(verify(&head("kms", at, None, b"{}"), b"{ }", at).is_err());
    let hash = sha256_hex(b"{}");
    assert_eq!(
        verify(&head("kms", at, Some(&hash), b"{}"), b"{}", at),
        Ok(())
    );
    assert!(verify(&head("kms", at, Some(&sha256_hex(b"")), b"{}"), b"{}", at).is_err());
    assert!(verify(&head("kms", at, Some("UNSIGNED-PAYLOAD"), b"{}"), b"{}", at).is_err());
}

#[test]
fn garbled_headers_are_incomplete() {
    for text in [
        "Basic abc",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=K/20260101/r/s/aws4_request, Signature=00",
        "AWS4-HMAC-SHA256 nonsense",
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", text.parse().unwrap());
        let read = Authorization::read(&headers);
        assert!(
            matches!(read, Err(SignatureProblem::Incomplete(_))),
            "{text}: {read:?}"
        );
    }
    assert_eq!(
        Authorization::read(&HeaderMap::new()),
        Err(SignatureProblem::Missing)
    );
}
