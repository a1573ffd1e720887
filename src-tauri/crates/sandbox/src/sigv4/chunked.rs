//! Bodies of S3 that are sent in chunks, each signed or none, perhaps with headers at the end.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use aws_lc_rs::hmac;
use http::HeaderMap;

use super::sha256_hex;
use crate::encoding::unhex;

/// Beginnings of `x-amz-content-sha256` for such a body.
const STREAMING: &str = "STREAMING-";

pub(super) const SIGNED: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
pub(super) const SIGNED_WITH_TRAILER: &str = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
pub(super) const UNSIGNED_WITH_TRAILER: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// Whether the body comes in chunks.
pub(crate) fn is_chunked(headers: &HeaderMap) -> bool {
    let told = headers.get("x-amz-content-sha256");
    told.is_some_and(|told| told.as_bytes().starts_with(STREAMING.as_bytes()))
}

/// A body, taken apart.
pub(crate) struct Body<'b> {
    chunks: Vec<Chunk<'b>>,
    trailers: Vec<(String, String)>,
    trailer_signature: Option<String>,
}

struct Chunk<'b> {
    bytes: &'b [u8],
    signature: Option<&'b str>,
}

/// What the signatures of chunks begin with.
pub(super) struct Seed<'a> {
    pub(super) key: &'a hmac::Key,
    pub(super) signed_at: &'a str,
    /// `date/region/service/aws4_request`.
    pub(super) scope: &'a str,
    /// That of the head, in hexadecimal.
    pub(super) signature: String,
}

impl<'b> Body<'b> {
    /// `None` if it is cut off or written otherwise.
    pub(crate) fn read(body: &'b [u8]) -> Option<Self> {
        let mut rest = body;
        let mut chunks = Vec::new();
        loop {
            let line = take_line(&mut rest)?;
            let (size, signature) = match line.split_once(';') {
                Some((size, extension)) => {
                    let signature = extension.trim().strip_prefix("chunk-signature=")?;
                    (size, Some(signature))
                }
                None => (line, None),
            };
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let bytes = rest.get(..size)?;
            rest = rest.get(size..)?;
            chunks.push(Chunk { bytes, signature });
            if size == 0 {
                break;
            }
            rest = rest.strip_prefix(b"\r\n")?;
        }
        let (mut trailers, mut trailer_signature) = (Vec::new(), None);
        while !rest.is_empty() {
            let line = take_line(&mut rest)?;
            if line.is_empty() {
                continue;
            }
            let (name, value) = line.split_once(':')?;
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().to_owned());
            if name == "x-amz-trailer-signature" {
                trailer_signature = Some(value);
            } else {
                trailers.push((name, value));
            }
        }
        Some(Self {
            chunks,
            trailers,
            trailer_signature,
        })
    }

    /// What is sent in the chunks.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let parts: Vec<_> = self.chunks.iter().map(|chunk| chunk.bytes).collect();
        parts.concat()
    }

    /// The headers at the end, with their names in lower case.
    pub(crate) fn trailers(self) -> Vec<(String, String)> {
        self.trailers
    }

    /// Whether every chunk, and what follows them, has its signature.
    pub(super) fn is_signed(&self, seed: &Seed<'_>, with_trailer: bool) -> bool {
        let mut last = seed.signature.clone();
        let none = sha256_hex(b"");
        for chunk in &self.chunks {
            let Some(signature) = chunk.signature else {
                return false;
            };
            let of_chunk = sha256_hex(chunk.bytes);
            let text = format!("{last}\n{none}\n{of_chunk}");
            if !seed.holds("AWS4-HMAC-SHA256-PAYLOAD", &text, signature) {
                return false;
            }
            last = signature.to_owned();
        }
        if !with_trailer {
            return self.trailers.is_empty() && self.trailer_signature.is_none();
        }
        let written: String = self
            .trailers
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let text = format!("{last}\n{}", sha256_hex(written.as_bytes()));
        let given = self.trailer_signature.as_deref();
        given.is_some_and(|given| seed.holds("AWS4-HMAC-SHA256-TRAILER", &text, given))
    }
}

impl Seed<'_> {
    fn holds(&self, kind: &str, text: &str, signature: &str) -> bool {
        let to_sign = format!("{kind}\n{}\n{}\n{text}", self.signed_at, self.scope);
        let signature = unhex(signature).unwrap_or_default();
        hmac::verify(self.key, to_sign.as_bytes(), &signature).is_ok()
    }
}

fn take_line<'b>(rest: &mut &'b [u8]) -> Option<&'b str> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    std::str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_and_what_follows_are_read() {
        let body =
            b"3\r\nabc\r\n2;chunk-signature=00\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let read = Body::read(body).unwrap();
        assert_eq!(read.bytes(), b"abcde");
        assert_eq!(
            read.trailers(),
            [("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())]
        );
        for wrong in [
            &b""[..],
            b"3\r\nab",
            b"3\r\nabc",
            b"zz\r\n",
            b"3\r\nabcd\r\n0\r\n\r\n",
            b"ffffffffffffffff\r\nabc\r\n",
            b"0\r\nno colon\r\n",
        ] {
            assert!(Body::read(wrong).is_none());
        }
    }

    /// The example of AWS's documentation: 66,560 letters `a` in two chunks.
    #[test]
    fn the_signatures_of_the_documented_example_hold() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let key = super::super::derive_signing_key(secret, "20130524", "us-east-1", "s3");
        let seed = Seed {
            key: &key,
            signed_at: "20130524T000000Z",
            scope: "20130524/us-east-1/s3/aws4_request",
            signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9".into(),
        };
        let chunks = [
            (
                65_536,
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            ),
            (
                1_024,
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            ),
            (
                0,
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ),
        ];
        let text: String = chunks
            .iter()
            .map(|(size, signature)| {
                let letters = "a".repeat(*size);
                format!("{size:x};chunk-signature={signature}\r\n{letters}\r\n")
            })
            .collect();
        assert!(Body::read(text.as_bytes()).unwrap().is_signed(&seed, false));
        let other = text.replacen("aaa", "aab", 1);
        assert!(
            !Body::read(other.as_bytes())
                .unwrap()
                .is_signed(&seed, false)
        );
        assert!(!Body::read(text.as_bytes()).unwrap().is_signed(&seed, true));
    }
}
