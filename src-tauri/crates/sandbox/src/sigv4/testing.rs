//! The signing side, for tests of everything that stands behind a signature.

use super::*;

/// Signs `request` as a client would and answers it with its `Authorization` header.
pub(crate) fn signed(
    mut request: http::Request<bytes::Bytes>,
    key_id: &str,
    secret: &str,
    region: &str,
    service: &str,
    at: OffsetDateTime,
) -> http::Request<bytes::Bytes> {
    let stamp = stamp(at);
    request
        .headers_mut()
        .insert("x-amz-date", stamp.parse().unwrap());
    let mut names: Vec<String> = request
        .headers()
        .keys()
        .map(|name| name.as_str().to_owned())
        .collect();
    if !names.iter().any(|name| name == "host") {
        names.push("host".into());
    }
    names.sort();
    let mut authorization = Authorization {
        key_id: key_id.into(),
        date: stamp[..8].into(),
        region: region.into(),
        service: service.into(),
        signed_headers: names,
        signature: Vec::new(),
        presigned: None,
    };
    let (mut head, body) = request.into_parts();
    let payload = authorization
        .payload_hash(&head.headers, &body)
        .unwrap_or_else(|_| sha256_hex(&body));
    let canonical = authorization.canonical_request(&head, &payload).unwrap();
    let key = derive_signing_key(secret, &authorization.date, region, service);
    let to_sign = authorization.string_to_sign(&stamp, &canonical);
    authorization.signature = hmac::sign(&key, to_sign.as_bytes()).as_ref().to_vec();
    let value = format!(
        "{ALGORITHM} Credential={key_id}/{}/{region}/{service}/aws4_request, \
         SignedHeaders={}, Signature={}",
        authorization.date,
        authorization.signed_headers.join(";"),
        hex(&authorization.signature)
    );
    head.headers
        .insert(http::header::AUTHORIZATION, value.parse().unwrap());
    http::Request::from_parts(head, body)
}

/// An address that was signed beforehand, good for so many seconds.
pub(crate) fn presigned(
    uri: &str,
    key_id: &str,
    secret: &str,
    region: &str,
    at: OffsetDateTime,
    seconds: u32,
) -> String {
    let stamp = stamp(at);
    let date = &stamp[..8];
    let scope = percent_encode(format!("{key_id}/{date}/{region}/s3/aws4_request").as_bytes());
    let uri = format!(
        "{uri}?X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={scope}&X-Amz-Date={stamp}\
         &X-Amz-Expires={seconds}&X-Amz-SignedHeaders=host"
    );
    let unsigned = format!("{uri}&X-Amz-Signature=00");
    let (head, ()) = http::Request::get(unsigned).body(()).unwrap().into_parts();
    let authorization = Authorization::of(&head).unwrap();
    let canonical = authorization
        .canonical_request(&head, "UNSIGNED-PAYLOAD")
        .unwrap();
    let key = derive_signing_key(secret, date, region, "s3");
    let to_sign = authorization.string_to_sign(&stamp, &canonical);
    let signature = hex(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    format!("{uri}&X-Amz-Signature={signature}")
}

/// A request to put an object that comes in signed chunks, perhaps with a header at the end.
pub(crate) fn chunked(
    uri: &str,
    chunks: &[&[u8]],
    trailer: Option<(&str, &str)>,
    key_id: &str,
    secret: &str,
    region: &str,
    at: OffsetDateTime,
) -> http::Request<bytes::Bytes> {
    let kind = match trailer {
        Some(_) => SIGNED_WITH_TRAILER,
        None => SIGNED,
    };
    let size: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    let mut request = http::Request::put(uri)
        .header("x-amz-content-sha256", kind)
        .header("x-amz-decoded-content-length", size);
    if let Some((name, _)) = trailer {
        request = request.header("x-amz-trailer", name);
    }
    let request = request.body(bytes::Bytes::new()).unwrap();
    let request = signed(request, key_id, secret, region, "s3", at);
    let (head, _) = request.into_parts();
    let authorization = Authorization::of(&head).unwrap();
    let (stamp, scope) = (stamp(at), authorization.scope());
    let key = derive_signing_key(secret, &stamp[..8], region, "s3");
    let sign = |word: &str, text: String| {
        let to_sign = format!("AWS4-HMAC-SHA256-{word}\n{stamp}\n{scope}\n{text}");
        hex(hmac::sign(&key, to_sign.as_bytes()).as_ref())
    };
    let mut last = hex(&authorization.signature);
    let mut body = Vec::new();
    for chunk in chunks.iter().chain([&&b""[..]]) {
        let text = format!("{last}\n{}\n{}", sha256_hex(b""), sha256_hex(chunk));
        last = sign("PAYLOAD", text);
        body.extend(format!("{:x};chunk-signature={last}\r\n", chunk.len()).into_bytes());
        body.extend_from_slice(chunk);
        if !chunk.is_empty() {
            body.extend_from_slice(b"\r\n");
        }
    }
    if let Some((name, value)) = trailer {
        let text = format!(
            "{last}\n{}",
            sha256_hex(format!("{name}:{value}\n").as_bytes())
        );
        let signature = sign("TRAILER", text);
        body.extend(format!("{name}:{value}\r\n").into_bytes());
        body.extend(format!("x-amz-trailer-signature:{signature}\r\n").into_bytes());
    }
    body.extend_from_slice(b"\r\n");
    http::Request::from_parts(head, body.into())
}

fn stamp(at: OffsetDateTime) -> String {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    at.format(format).unwrap()
}
