//! Signature Version 4, the verifying side: what was signed, by which key id, and whether the
//! signature is that key's. Who the key belongs to is the business of `iam`; how a refusal looks
//! is the business of `protocol`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

pub(crate) mod chunked;
mod presigned;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use aws_lc_rs::{digest, hmac};
use http::HeaderMap;
use http::request::Parts;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use self::chunked::{SIGNED, SIGNED_WITH_TRAILER, Seed, UNSIGNED_WITH_TRAILER};
use self::presigned::Presigned;
use crate::encoding::{hex, percent_decode, percent_encode, unhex};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// How far the time of a signature may be from the real time.
const TOLERANCE: Duration = Duration::minutes(15);

/// What the `Authorization` header says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authorization {
    /// The access key id.
    pub(crate) key_id: String,
    /// The date of the scope, `YYYYMMDD`.
    date: String,
    /// The region of the scope.
    pub(crate) region: String,
    /// The signing name of the service.
    pub(crate) service: String,
    signed_headers: Vec<String>,
    signature: Vec<u8>,
    /// Present if the query says all this.
    presigned: Option<Presigned>,
}

/// Why a request is not taken for its sender's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignatureProblem {
    /// There is no `Authorization` header.
    Missing,
    /// The header, or what belongs to it, is not complete; the sentence is AWS's.
    Incomplete(String),
    /// The same of a query that stands in the header's place.
    IncompleteQuery(String),
    /// The signature is another one, or covers too little.
    Mismatch(String),
    /// The signature is too old or from the future.
    Untimely(String),
    /// The body of a request to S3 is not what its header says.
    WrongPayload,
    /// The time of an address that was signed beforehand is over, or has not come.
    Expired(String),
}

impl Authorization {
    /// Reads the header; says nothing yet about whether the signature is right.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, SignatureProblem> {
        let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
        let value = values.next().ok_or(SignatureProblem::Missing)?;
        let incomplete = |sentence: String| SignatureProblem::Incomplete(sentence);
        let text = value
            .to_str()
            .map_err(|_| incomplete("Authorization header is not in ASCII.".into()))?;
        if values.next().is_some() {
            return Err(incomplete(
                "Authorization header occurs more than once.".into(),
            ));
        }
        let Some(rest) = text.trim().strip_prefix(ALGORITHM) else {
            return Err(incomplete(format!(
                "Unsupported AWS 'algorithm': '{}'.",
                shown(text)
            )));
        };
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for part in rest.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                _ => {
                    return Err(incomplete(format!(
                        "'{}' not a valid key=value pair (missing equal-sign) in Authorization \
                         header: '{}'.",
                        shown(part),
                        shown(text)
                    )));
                }
            }
        }
        let lacking =
            |name: &str| incomplete(format!("Authorization header requires '{name}' parameter."));
        let credential = credential.ok_or_else(|| lacking("Credential"))?;
        let signed_headers = signed_headers.ok_or_else(|| lacking("SignedHeaders"))?;
        let signature = signature.ok_or_else(|| lacking("Signature"))?;
        Self::of_parts(credential, signed_headers, signature)
    }

    fn of_parts(
        credential: &str,
        signed_headers: &str,
        signature: &str,
    ) -> Result<Self, SignatureProblem> {
        let mut scope = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(key_id)) = (
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
            scope.next(),
        ) else {
            return Err(SignatureProblem::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{}'",
                shown(credential)
            )));
        };
        Ok(Self {
            key_id: key_id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
            // An unreadable signature is simply a wrong one.
            signature: unhex(signature).unwrap_or_default(),
            presigned: None,
        })
    }

    /// Whether `secret` made this signature over this request, at about `real_now`.
    pub(crate) fn verify(
        &self,
        head: &Parts,
        body: &[u8],
        secret: &str,
        real_now: OffsetDateTime,
    ) -> Result<(), SignatureProblem> {
        let signed_at = self.signed_at(head)?;
        self.covers_enough(&head.headers)?;
        let payload = self.payload_hash(&head.headers, body)?;
        let canonical = self.canonical_request(head, &payload)?;
        let signing_key = derive_signing_key(secret, &self.date, &self.region, &self.service);
        let to_sign = self.string_to_sign(&signed_at.text, &canonical);
        // `hmac::verify` compares in constant time.
        hmac::verify(&signing_key, to_sign.as_bytes(), &self.signature).map_err(|_| mismatch())?;
        if matches!(payload.as_str(), SIGNED | SIGNED_WITH_TRAILER) {
            let seed = Seed {
                key: &signing_key,
                signed_at: &signed_at.text,
                scope: &self.scope(),
                signature: hex(&self.signature),
            };
            let chunks = chunked::Body::read(body);
            if !chunks.is_some_and(|body| body.is_signed(&seed, payload == SIGNED_WITH_TRAILER)) {
                return Err(mismatch());
            }
        }
        match &self.presigned {
            Some(presigned) => presigned.timely(&signed_at, real_now),
            None => timely(&signed_at, real_now),
        }
    }

    fn signed_at(&self, head: &Parts) -> Result<SigningTime, SignatureProblem> {
        let text = match (&self.presigned, head.headers.get("x-amz-date")) {
            (Some(presigned), _) => presigned.signed_at.clone(),
            (None, Some(value)) => value.to_str().unwrap_or_default().to_owned(),
            (None, None) => {
                return Err(SignatureProblem::Incomplete(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a \
                     'Date' header."
                        .into(),
                ));
            }
        };
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let Ok(time) = PrimitiveDateTime::parse(&text, format) else {
            return Err(SignatureProblem::Incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{}'. See \
                 http://en.wikipedia.org/wiki/ISO_8601",
                shown(&text)
            )));
        };
        if !text.starts_with(&self.date) || self.date.len() != 8 {
            return Err(SignatureProblem::Mismatch(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{}', from '{text}'.",
                shown(&self.date),
                &text[..8]
            )));
        }
        Ok(SigningTime {
            text,
            time: time.assume_utc(),
        })
    }

    /// AWS requires `host` and every `x-amz-` header to be signed: else somebody in between could
    /// exchange them.
    fn covers_enough(&self, headers: &HeaderMap) -> Result<(), SignatureProblem> {
        let signed = |name: &str| self.signed_headers.iter().any(|signed| signed == name);
        if !signed("host") {
            return Err(SignatureProblem::Mismatch(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".into(),
            ));
        }
        match headers
            .keys()
            .find(|name| name.as_str().starts_with("x-amz-") && !signed(name.as_str()))
        {
            Some(name) => Err(SignatureProblem::Mismatch(format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            ))),
            None => Ok(()),
        }
    }

    /// The hash of the body as it is, whatever the header says, except that S3 lets a client leave
    /// the body out of the signature.
    fn payload_hash(&self, headers: &HeaderMap, body: &[u8]) -> Result<String, SignatureProblem> {
        const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
        let told = headers.get("x-amz-content-sha256");
        if self.service == "s3" {
            let told = told.and_then(|told| told.to_str().ok());
            match told {
                None if self.presigned.is_some() => return Ok(UNSIGNED.into()),
                Some(word @ (UNSIGNED | SIGNED | SIGNED_WITH_TRAILER | UNSIGNED_WITH_TRAILER)) => {
                    return Ok(word.into());
                }
                _ => {}
            }
        }
        let actual = sha256_hex(body);
        match told.map(http::HeaderValue::as_bytes) {
            None => Ok(actual),
            Some(told) if told.eq_ignore_ascii_case(actual.as_bytes()) => Ok(actual),
            Some(_) if self.service == "s3" => Err(SignatureProblem::WrongPayload),
            Some(_) => Err(mismatch()),
        }
    }

    fn canonical_request(&self, head: &Parts, payload: &str) -> Result<String, SignatureProblem> {
        let mut canonical = format!(
            "{}\n{}\n{}\n",
            head.method,
            canonical_path(head.uri.path(), self.service == "s3"),
            canonical_query(
                head.uri.query().unwrap_or_default(),
                self.presigned.is_some()
            ),
        );
        for name in &self.signed_headers {
            let value = canonical_header(head, name).ok_or_else(mismatch)?;
            canonical.push_str(name);
            canonical.push(':');
            canonical.push_str(&value);
            canonical.push('\n');
        }
        canonical.push('\n');
        canonical.push_str(&self.signed_headers.join(";"));
        canonical.push('\n');
        canonical.push_str(payload);
        Ok(canonical)
    }

    fn string_to_sign(&self, signed_at: &str, canonical: &str) -> String {
        format!(
            "{ALGORITHM}\n{signed_at}\n{}\n{}",
            self.scope(),
            sha256_hex(canonical.as_bytes())
        )
    }

    fn scope(&self) -> String {
        let Self {
            date,
            region,
            service,
            ..
        } = self;
        format!("{date}/{region}/{service}/aws4_request")
    }
}

struct SigningTime {
    text: String,
    time: OffsetDateTime,
}

fn timely(signed_at: &SigningTime, real_now: OffsetDateTime) -> Result<(), SignatureProblem> {
    let basic = |time: OffsetDateTime| {
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        time.format(format).unwrap_or_default()
    };
    let (told, now) = (&signed_at.text, basic(real_now));
    if signed_at.time < real_now - TOLERANCE {
        let limit = basic(real_now - TOLERANCE);
        return Err(SignatureProblem::Untimely(format!(
            "Signature expired: {told} is now earlier than {limit} ({now} - 15 min.)"
        )));
    }
    if signed_at.time > real_now + TOLERANCE {
        let limit = basic(real_now + TOLERANCE);
        return Err(SignatureProblem::Untimely(format!(
            "Signature not yet current: {told} is still later than {limit} ({now} + 15 min.)"
        )));
    }
    Ok(())
}

/// S3 takes the path as it was sent; everything else normalises it and encodes it once more.
fn canonical_path(path: &str, as_sent: bool) -> String {
    if as_sent {
        return path.to_owned();
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut canonical: String = segments
        .iter()
        .map(|segment| format!("/{}", percent_encode(segment.as_bytes())))
        .collect();
    if canonical.is_empty() || path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

fn canonical_query(query: &str, without_signature: bool) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter(|pair| !(without_signature && pair.starts_with("X-Amz-Signature=")))
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let again = |text: &str| percent_encode(&percent_decode(text.as_bytes()));
            (again(name), again(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// The header's values, trimmed, inner runs of spaces made one, several values joined by commas.
/// In process there is no `Host` header; the address says the same.
fn canonical_header(head: &Parts, name: &str) -> Option<String> {
    let values: Vec<String> = head
        .headers
        .get_all(name)
        .iter()
        .map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split(' ')
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    if !values.is_empty() {
        return Some(values.join(","));
    }
    if name == "host" {
        head.uri.authority().map(|host| host.as_str().to_owned())
    } else {
        None
    }
}

fn derive_signing_key(secret: &str, date: &str, region: &str, service: &str) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    [date, region, service, "aws4_request"]
        .iter()
        .fold(first, |key, part| {
            hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac::sign(&key, part.as_bytes()).as_ref(),
            )
        })
}

fn mismatch() -> SignatureProblem {
    SignatureProblem::Mismatch(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method. Consult the service documentation for \
         details."
            .into(),
    )
}

fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// What a client sent, short enough to be repeated in a sentence.
fn shown(text: &str) -> String {
    text.chars().take(200).collect()
}
