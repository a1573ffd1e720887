//! The proof that a request comes from who holds a key (RFC 9449).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::{Duration, OffsetDateTime};

use crate::encoding::hex;

/// How old a proof may be, and how far ahead its clock.
const TOLERANCE: Duration = Duration::minutes(15);

#[derive(Deserialize)]
struct Header {
    typ: String,
    alg: String,
    jwk: Jwk,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct Payload {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
}

/// The public key, if the request's `DPoP` header proves it for this request.
pub(super) fn proved_key(head: &Parts, real_now: OffsetDateTime) -> Option<String> {
    let proof = head.headers.get("dpop")?.to_str().ok()?;
    let (message, signature) = proof.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: Header = part(header)?;
    let payload: Payload = part(payload)?;
    if header.typ != "dpop+jwt" || header.alg != "ES256" {
        return None;
    }
    if header.jwk.kty != "EC" || header.jwk.crv != "P-256" {
        return None;
    }
    let mut point = vec![4];
    point.extend(decoded(&header.jwk.x)?);
    point.extend(decoded(&header.jwk.y)?);
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point)
        .verify(message.as_bytes(), &decoded(signature)?)
        .ok()?;
    let made_at = OffsetDateTime::from_unix_timestamp(payload.iat).ok()?;
    // On loopback nothing says under which name the client knows the host.
    let is_for_this = payload.htm == head.method.as_str()
        && payload.htu.ends_with(head.uri.path())
        && !payload.jti.is_empty()
        && (real_now - made_at).abs() <= TOLERANCE;
    is_for_this.then(|| hex(&point))
}

fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&decoded(text)?).ok()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
