//! Faults as a program on the other side of a socket meets them.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::serve::Listener;

/// A sandbox that listens, asked over a new connection for each call.
struct Loopback {
    sandbox: Sandbox,
    address: std::net::SocketAddr,
}

impl Loopback {
    async fn new() -> Self {
        let sandbox = Sandbox::new(Options {
            seed: Seed::Empty,
            ..Options::default()
        });
        let listener = Listener::bind(sandbox.clone(), 0).await.unwrap();
        let address = listener.address().unwrap();
        tokio::spawn(listener.run(std::future::pending()));
        Self { sandbox, address }
    }

    async fn control(&self, method: &str, word: &str, body: &Value) -> String {
        let body = body.to_string();
        let head =
            format!("{method} /_sandbox/{word} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        let length = body.len();
        self.exchange(format!("{head}content-length: {length}\r\n\r\n{body}"))
            .await
    }

    async fn fault(&self, fault: Value) {
        let answer = self.control("POST", "faults", &fault).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The status line of a call to KMS; empty if the connection ended without an answer.
    async fn call(&self, operation: &str, input: Value) -> String {
        let answer = self.exchange(written(operation, &input)).await;
        answer.lines().next().unwrap_or_default().to_owned()
    }

    async fn exchange(&self, request: String) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A connection that ends hard is one that ends.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn keys(&self) -> usize {
        let client = Client {
            region: "us-east-1",
            ..Client::new(&self.sandbox, "test")
        };
        let (_, answer) = client.kms("ListKeys", "{}").await.unwrap();
        answer["Keys"].as_array().unwrap().len()
    }
}

fn written(operation: &str, input: &Value) -> String {
    let request = Request::post("http://localhost/")
        .header("host", "localhost")
        .header("connection", "close")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", format!("TrentService.{operation}"))
        .body(Bytes::from(input.to_string()))
        .unwrap();
    let now = OffsetDateTime::now_utc();
    let request = signed(request, "test", "test", "us-east-1", "kms", now);
    let headers: String = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    let body = std::str::from_utf8(request.body()).unwrap();
    let length = body.len();
    format!("POST / HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

const OK: &str = "HTTP/1.1 200 OK";

#[tokio::test]
async fn a_closed_call_is_not_carried_out_and_a_dropped_one_is() {
    let aws = Loopback::new().await;
    aws.fault(json!({"service": "kms", "operation": "CreateKey", "nth": 1, "kind": "close"}))
        .await;
    assert_eq!(aws.call("CreateKey", json!({})).await, "");
    assert_eq!(aws.keys().await, 0);
    aws.fault(json!({"service": "kms", "operation": "CreateKey", "nth": 1, "kind": "drop_answer"}))
        .await;
    assert_eq!(aws.call("CreateKey", json!({})).await, "");
    assert_eq!(aws.keys().await, 1);
    assert_eq!(aws.call("CreateKey", json!({})).await, OK);
    assert_eq!(aws.keys().await, 2);
}

#[tokio::test]
async fn refusals_do_nothing_and_end_with_the_faults() {
    let aws = Loopback::new().await;
    for (kind, status) in [
        ("throttle", "HTTP/1.1 400 Bad Request"),
        ("500", "HTTP/1.1 500 Internal Server Error"),
    ] {
        aws.fault(json!({"service": "kms", "operation": "*", "kind": kind}))
            .await;
        assert_eq!(aws.call("CreateKey", json!({})).await, status);
        assert_eq!(aws.call("ListAliases", json!({})).await, status);
        aws.control("DELETE", "faults", &json!({})).await;
    }
    assert_eq!(aws.keys().await, 0);
    assert_eq!(aws.call("CreateKey", json!({})).await, OK);
}

#[tokio::test]
async fn nth_counts_from_the_injection_and_only_what_matches() {
    let aws = Loopback::new().await;
    aws.call("CreateKey", json!({})).await;
    aws.fault(json!({"service": "kms", "operation": "CreateKey", "nth": 2, "kind": "close"}))
        .await;
    for (operation, expected) in [
        ("CreateKey", OK),
        ("ListKeys", OK),
        ("CreateKey", ""),
        ("CreateKey", OK),
    ] {
        assert_eq!(aws.call(operation, json!({})).await, expected);
    }
    aws.fault(json!({"service": "*", "operation": "*", "nth": 2, "kind": "close"}))
        .await;
    aws.fault(json!({"nth": 4, "kind": "close"})).await;
    for expected in [OK, "", OK, "", OK] {
        assert_eq!(aws.call("ListKeys", json!({})).await, expected);
    }
}

#[tokio::test]
async fn a_delayed_call_is_carried_out_after_the_delay_or_never_if_its_client_has_gone() {
    let aws = Loopback::new().await;
    let delay =
        json!({"service": "kms", "operation": "CreateKey", "kind": "delay_ms", "delay_ms": 1000});
    aws.fault(delay).await;
    let begun = tokio::time::Instant::now();
    let (answer, before) = tokio::join!(aws.call("CreateKey", json!({})), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        aws.keys().await
    });
    assert_eq!((answer.as_str(), before), (OK, 0));
    assert!(begun.elapsed() >= Duration::from_millis(1000));
    assert_eq!(aws.keys().await, 1);

    let mut stream = TcpStream::connect(aws.address).await.unwrap();
    let request = written("CreateKey", &json!({}));
    stream.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(1300)).await;
    assert_eq!(aws.keys().await, 1);
}
