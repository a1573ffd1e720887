//! Requests without sense, signed and unsigned: any answer will do, but no panic.

use bytes::Bytes;
use http::Request;

use crate::random::Random;

#[tokio::test]
async fn garbage_never_panics() {
    let sandbox = super::company();
    let random = Random::seeded(42);
    let client = super::Client::new(&sandbox, "test");
    let grains: &[&[u8]] = &[
        b"Action=",
        b"AssumeRole",
        b"&",
        b"=",
        b"%",
        b"%zz",
        b"Version=2011-06-15",
        b"RoleArn=arn:",
        b"arn:aws:iam::",
        b"111111111111",
        b":role/",
        b"{",
        b"}",
        b"[",
        b"\"",
        b"KeyId",
        b"null",
        b"\xff\xfe",
        b"\0",
        b"../",
        b"//",
        b"?",
        b"TrentService.",
        b"ListKeys",
        b"Marker=",
        b"MaxItems=",
        b"-1",
        b"99999999999999999999",
        b"\xc3\xbc",
        b"AWS4-HMAC-SHA256 ",
        b"Credential=",
        b", ",
    ];
    let sand = |most: u8| {
        let [count] = random.bytes::<1>();
        let mut out = Vec::new();
        for _ in 0..count % most {
            let [pick, raw] = random.bytes::<2>();
            match grains.get(usize::from(pick) % (grains.len() + 8)) {
                Some(grain) => out.extend_from_slice(grain),
                None => out.push(raw),
            }
        }
        out
    };
    let services = ["kms", "sts", "iam", "ec2", "s3", "", "\u{fc}"];
    for turn in 0..4_000_usize {
        let path: String = sand(6)
            .into_iter()
            .map(char::from)
            .filter(char::is_ascii_graphic)
            .collect();
        let mut request = Request::builder()
            .method(["GET", "POST", "PUT", "HEAD", "X"][turn % 5])
            .uri(format!("http://127.0.0.1/{path}"));
        for name in [
            "authorization",
            "x-amz-target",
            "x-amz-date",
            "x-amz-content-sha256",
            "host",
        ] {
            let value = http::HeaderValue::from_bytes(&sand(5));
            if let (Ok(value), true) = (value, random.bytes::<1>()[0] < 128) {
                request = request.header(name, value);
            }
        }
        let Ok(request) = request.body(Bytes::from(sand(20))) else {
            continue;
        };
        if turn % 2 == 0 {
            // Signed garbage gets past the signature and into the services.
            let service = services[turn / 2 % services.len()];
            let _ = client.send(service, request).await;
        } else {
            let _ = sandbox.handle(request).await;
        }
    }
    let signed_garbage = sandbox
        .calls()
        .iter()
        .filter(|call| !call.principal.is_empty())
        .count();
    assert!(
        signed_garbage > 200,
        "{signed_garbage} requests reached a service"
    );
}
