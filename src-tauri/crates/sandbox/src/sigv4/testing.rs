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
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let stamp = at.format(format).unwrap();
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
