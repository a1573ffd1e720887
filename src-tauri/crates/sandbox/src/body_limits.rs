//! How large a request may be, which is told from its head alone: the body of one that is too large is
//! not read.
//!
//! AWS documents that there is a limit (`RequestEntityTooLargeException`, 413) and for few services
//! which one. Where it is not known, it is above what the largest members of the service's model come
//! to when a client escapes all of them.

use http::request::Parts;

use crate::control;
use crate::protocol::Ask;
use crate::s3;
use crate::services::Service;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What every request may have, so that most of them need no closer look.
pub(crate) const LEAST_BODY: usize = 64 * KIB;

/// The most bytes that the body of a request may have.
pub(crate) fn largest_body(head: &Parts) -> usize {
    if control::is_meant(head) {
        return LEAST_BODY;
    }
    let ask = Ask::read(head, b"");
    match (ask.service, ask.operation.as_str()) {
        // An object, and what it needs to be sent in signed chunks.
        (Service::S3, "PutObject" | "UploadPart") => s3::LARGEST_OBJECT + 4 * MIB,
        // A thousand keys to delete, or ten thousand parts.
        (Service::S3, _) => 8 * MIB,
        // A batch of log events has up to 1 MiB of text, every byte of which may be escaped.
        (Service::Logs, _) => 8 * MIB,
        // The metadata of a SAML provider has up to 10,000,000 characters, each of which may be escaped.
        (Service::Iam, _) => 32 * MIB,
        // <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html>
        (Service::CloudWatch, _) => MIB,
        _ => 2 * MIB,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::{Options, Sandbox, Seed};

    fn limit(service: &str, path: &str) -> usize {
        let scope = format!("20260501/eu-west-1/{service}/aws4_request");
        let signed = format!(
            "AWS4-HMAC-SHA256 Credential=test/{scope}, SignedHeaders=host, Signature={}",
            "0".repeat(64)
        );
        let request = Request::put(path)
            .header("host", "x")
            .header("x-amz-date", "20260501T000000Z")
            .header("authorization", signed);
        largest_body(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn only_objects_may_be_large() {
        assert!(limit("s3", "/bucket/key") > s3::LARGEST_OBJECT);
        assert!(limit("s3", "/bucket/key?partNumber=1&uploadId=u") > s3::LARGEST_OBJECT);
        assert_eq!(limit("s3", "/bucket?policy"), 8 * MIB);
        assert_eq!(limit("iam", "/"), 32 * MIB);
        assert_eq!(limit("kms", "/"), 2 * MIB);
        assert_eq!(limit("s3", "/_sandbox/clock"), LEAST_BODY);
    }

    #[tokio::test]
    async fn who_is_asked_refuses_in_its_own_words() {
        let sandbox = Sandbox::new(Options {
            seed: Seed::Empty,
            ..Options::default()
        });
        let body = Bytes::from(vec![b' '; 68 * MIB + 1]);
        for (path, target, status, words) in [
            (
                "/",
                "TrentService.ListKeys",
                413,
                "\"RequestEntityTooLargeException\"",
            ),
            ("/bucket/key", "", 400, "<Code>EntityTooLarge</Code>"),
            (
                "/bucket?policy",
                "",
                400,
                "<Code>MaxMessageLengthExceeded</Code>",
            ),
            ("/", "", 413, "<Code>RequestEntityTooLarge</Code>"),
            ("/_sandbox/clock", "", 413, "\"the body is too large\""),
        ] {
            let mut request = Request::put(path);
            if !target.is_empty() {
                request = request.header("x-amz-target", target);
            }
            let answer = sandbox
                .handle(request.body(body.clone()).unwrap())
                .await
                .unwrap();
            let said = String::from_utf8_lossy(answer.body());
            assert_eq!(answer.status(), status, "{path} {said}");
            assert!(said.contains(words), "{path} {said}");
        }
        assert_eq!(sandbox.calls()[0].operation, "ListKeys");
        assert_eq!(sandbox.calls()[0].outcome, "RequestEntityTooLargeException");
    }

    #[tokio::test]
    async fn a_form_of_too_many_parameters_is_refused_unread() {
        let sandbox = Sandbox::new(Options {
            seed: Seed::Empty,
            ..Options::default()
        });
        for (path, parameters, status) in [
            ("/", 99_999, 403),
            ("/", 100_001, 413),
            // What is no form may have any bytes.
            ("/bucket/key", 100_001, 404),
        ] {
            let request = Request::put(path).body(Bytes::from("a&".repeat(parameters)));
            let answer = sandbox.handle(request.unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{path} {parameters}");
        }
    }
}
